"""The demo's two tables, as text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from gradwalk._text import amount, table

from .race import SAME, Result
from .real_data import SEEDS, HeldOut, Promise

RACE_COLUMNS = (
    "data set",
    "method",
    "loss",
    "epochs",
    "updates",
    "samples/s",
    "memory",
    "NumPy loop",
    "its memory",
    "ratio",
    "same loss",
)


def race_table(results: Iterable[Result]) -> str:
    """Write a line for each walk, and what the columns mean."""
    lines = [
        (
            result.dataset,
            result.method,
            f"{result.loss:.6g}",
            f"{result.epochs:,}",
            f"{result.updates:,}",
            amount(result.samples_per_second, " "),
            f"{amount(result.memory, ' ')}B",
            _seconds(result.numpy_seconds),
            f"{amount(result.numpy_memory, ' ')}B",
            f"{result.ratio:.1f}×",
            "yes" if result.same_loss else f"NO ({result.difference:.0e})",
        )
        for result in results
    ]
    note = (
        "Both walk over the same rows in the same order, with the same learning rates, on one\n"
        "thread. Loss: f(θ) on all rows, at the end. Memory: extra, beyond X and y. Times:\n"
        "medians, from X and y to the last θ, recording the loss of each epoch. Ratio: the NumPy\n"
        f"loop's time over gradwalk's. Same loss: to {SAME:.0e} of it."
    )
    return f"{_layout(RACE_COLUMNS, lines, left=2)}\n\n{note}"


def held_out_table(scores: Iterable[tuple[Promise, Sequence[HeldOut]]]) -> str:
    """Write a line for each promise: the score on the held-out third for every seed."""
    columns = (
        "data set",
        "method",
        "measure",
        *(f"seed {seed}" for seed in SEEDS),
        "promised",
        "kept",
    )
    lines = []
    for promise, by_seed in scores:
        if promise.least is None:
            measure, promised = "R²", f"within {promise.within} of least squares"
        else:
            measure, promised = "accuracy", f"at least {promise.least}"
        kept = "yes" if all(score.kept for score in by_seed) else "NO"
        values = (f"{score.score:.3f}" for score in by_seed)
        lines.append((promise.dataset, promise.method, measure, *values, promised, kept))
    return _layout(columns, lines, left=3)


def _layout(columns: Sequence[str], lines: Sequence[Sequence[str]], *, left: int) -> str:
    """Lay out columns as wide as they need; the first `left` of them set to the left."""
    head, rule, *rows = table([columns, *lines], lambda place: place < left, "─")
    out, previous = [head, rule], lines[0][0] if lines else ""
    for line, row in zip(lines, rows, strict=True):
        if line[0] != previous:
            out.append("")
        previous = line[0]
        out.append(row)
    return "\n".join(out)


def _seconds(seconds: float) -> str:
    return f"{seconds * 1e3:.3g} ms" if seconds < 0.9995 else f"{seconds:.3g} s"
