"""The losses that a loop reports, beside all that may be meant by them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from .replay import Floats, Plan, Task

#: What a loss may differ by for a clipped logarithm, and for rounding.
CLIPPED, ROUNDED = 1e-4, 1e-7


@dataclass(frozen=True, slots=True)
class LossesFound:
    """What a list of losses is."""

    kind: str
    """right, length, other base, scale, or unknown."""
    note: str | None = None
    ratio: float = 1.0


def judge_losses(
    task: Task,
    plan: Plan,
    thetas: list[Floats],
    losses: Floats,
    times: Callable[[int], float] = lambda _: 1.0,
) -> LossesFound:
    """Look for what `losses` are; `times` gives by what the loss of m rows may be multiplied."""
    epochs, updates = len(plan), len(thetas) - 1
    if len(losses) not in (epochs, epochs + 1, updates, updates + 1):
        return LossesFound("length")
    best = LossesFound("unknown")
    for theirs, is_penalised in _candidates(task, plan, thetas, len(losses), times):
        with np.errstate(all="ignore"):
            usable = np.isfinite(theirs) & (np.abs(theirs) < 1e100)
            if not usable.any():
                return LossesFound("right")
            gap = np.abs(theirs - losses)[usable]
            size = np.abs(theirs)[usable]
            largest = float(np.max(size))
            if np.all(gap <= ROUNDED * (size + 1e-6 * largest) + 1e-12):
                l2 = task.problem.l2 > 0
                return LossesFound("right", None if is_penalised or not l2 else "without penalty")
            if np.all(gap <= CLIPPED * np.maximum(size, 1e-3)):
                best = LossesFound("right", "clipped")
                continue
            ratios = (losses / theirs)[usable & (np.abs(theirs) > 1e-6 * largest)]
        if best.kind != "unknown" or not ratios.size or not np.isfinite(ratios).all():
            continue
        ratio = float(np.median(ratios))
        if ratio and np.all(np.abs(ratios / ratio - 1) < 1e-6):
            bases = (1 / np.log(2), 1 / np.log(10))
            is_log = task.loss in ("log_loss", "cross_entropy")
            is_base = is_log and any(abs(ratio / base - 1) < 1e-5 for base in bases)
            best = LossesFound("other base" if is_base else "scale", None, ratio)
    return best


def _candidates(
    task: Task, plan: Plan, thetas: list[Floats], count: int, times: Callable[[int], float]
) -> Iterator[tuple[Floats, bool]]:
    epochs, updates = len(plan), len(thetas) - 1
    ends = [0, *(int(end) for end in np.cumsum([len(epoch) for epoch in plan]))]
    all_rows = np.arange(task.n)

    def value(theta: Floats, rows: Floats | np.ndarray, rows_of_y: np.ndarray) -> tuple[float, float]:
        problem = task.problem
        with np.errstate(all="ignore"):
            losses = problem.loss(problem.X_b[rows] @ theta, problem.y[rows_of_y])[0]
            w = theta[problem.w]
            penalty = problem.l2 / 2 * np.sum(w**2) + task.l1 * np.sum(np.abs(w))
            return float(np.mean(losses)) * times(len(rows)), float(penalty)

    def both(pairs: list[tuple[float, float]]) -> Iterator[tuple[Floats, bool]]:
        table = np.array(pairs).reshape(-1, 2)
        yield table.sum(axis=1), True
        if task.problem.l2 or task.l1:
            yield table[:, 0], False

    if count in (epochs, epochs + 1):
        full = [value(thetas[end], all_rows, all_rows) for end in ends]
        if count == epochs + 1:
            yield from both(full)
        else:
            yield from both(full[1:])
            yield from both(full[:-1])
    if count == epochs + 1 and count not in (updates, updates + 1):
        return
    batches = [batch for epoch in plan for batch in epoch]
    before = [value(theta, *batch) for theta, batch in zip(thetas, batches, strict=False)]
    after = [value(theta, *batch) for theta, batch in zip(thetas[1:], batches, strict=False)]
    if count == updates:
        yield from both(before)
        yield from both(after)
        yield from both([value(theta, all_rows, all_rows) for theta in thetas[1:]])
        yield from both([value(theta, all_rows, all_rows) for theta in thetas[:-1]])
    if count == updates + 1:
        yield from both([value(theta, all_rows, all_rows) for theta in thetas])
    if count == epochs:
        sizes = np.array([len(rows) for rows, _ in batches], float)
        for each in (before, after):
            for weights in (sizes, np.ones_like(sizes)):
                means = []
                for begin, end in zip(ends, ends[1:], strict=False):
                    part = np.array(each[begin:end]).reshape(-1, 2)
                    share = weights[begin:end] / weights[begin:end].sum()
                    means.append(tuple(share @ part))
                yield from both(means)
        yield from both([before[end - 1] for end in ends[1:]])
        yield from both([after[end - 1] for end in ends[1:]])
