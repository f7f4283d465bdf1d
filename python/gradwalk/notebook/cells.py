"""The loop of a bare notebook cell: its own code run again, and each of its updates checked."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from gradwalk._text import rounded
from gradwalk.check import Diagnosis, LoopReport, check_loop
from gradwalk.check.loop import task_of
from gradwalk.check.loop_judge import times_above_limit
from gradwalk.language.cells import said

from .choice import with_epochs
from .reading import FEW, CellError, CellFailed, CellLoop, read_cell

__all__ = ["CellError", "CellLoop", "check_cell", "read_and_check", "read_cell"]


def check_cell(
    source: str,
    namespace: Mapping[str, object],
    told: Mapping[str, str] | None = None,
    *,
    time_limit: float = 20,
    language: str | None = None,
) -> LoopReport:
    """Check the training loop of a cell, update by update, and name its mistake.

    The parameters are those of `read_cell`. The report's first note says which name was read as
    what, and by which loss the cell was judged.

    Returns
    -------
    LoopReport
        As `check_loop` gives it.

    Raises
    ------
    CellError
        If there is no loop, or one of its names is not found; the message says how to tell it.
    """
    return read_and_check(source, namespace, told, time_limit=time_limit, language=language)[0]


def read_and_check(
    source: str,
    namespace: Mapping[str, object],
    told: Mapping[str, str] | None = None,
    *,
    time_limit: float = 20,
    language: str | None = None,
) -> tuple[LoopReport, CellLoop | None]:
    """Check the loop of a cell as `check_cell` does; and return what was read, if anything was."""
    begin = time.monotonic()
    try:
        cell = read_cell(source, namespace, told, time_limit=time_limit, language=language)
    except CellFailed as error:
        return _failed(error, time_limit, language), None
    left = max(begin + time_limit - time.monotonic(), 0.1)
    report = _checked(cell, cell.student(), left, language)
    if not (report.passed or report.diagnosis or report.first_difference) and cell.losses:
        # Its list may hold something else than the loss; its θ are judged all the same.
        again = _checked(cell, cell.student(with_losses=False), left, language)
        report = replace(again, notes=(*again.notes, *report.notes))
    if report.diagnosis and report.diagnosis[0].name == "raises":
        report = _above_limit(cell, report, language)
    notes = [_told(cell, language)]
    if not report.passed and not report.diagnosis and "loss" not in (told or {}):
        notes.append(said("unsure", language, loss=cell.optimizer.loss))
    if cell.others:
        notes.append(said("others", language, lines=", ".join(map(str, cell.others))))
    return replace(report, notes=tuple(dict.fromkeys([*notes, *report.notes]))), cell


def _above_limit(cell: CellLoop, report: LoopReport, language: str | None) -> LoopReport:
    """Say that the rate is to blame, if a loop raises that began right, and it is."""
    for few in (FEW, 1):
        found = _began_right(cell, min(few, cell.passes), language)
        if found:
            figures = {"times": rounded(found[0])}
            seen = Diagnosis("rate above the limit", 1.0, figures, language, True)
            return replace(report, diagnosis=(seen, *report.diagnosis), compared=found[1])
    return report


def _began_right(cell: CellLoop, few: int, language: str | None) -> tuple[float, int] | None:
    """Return by how many times the rate is above its limit, if the first passes are right."""
    optimizer = with_epochs(cell.optimizer, few * cell.draws.epochs // cell.passes)
    order = cell.draws.order(optimizer.epochs)
    first = check_loop(
        cell.student(few), cell.X, cell.y, optimizer, init=cell.start, order=order,
        language=language,
    )  # fmt: skip
    times = times_above_limit(
        task_of(cell.X, cell.y, optimizer, cell.start, order)[0], cell.X, cell.y
    )
    return (times, first.compared) if first.passed and times else None


def _checked(
    cell: CellLoop, student: Callable[..., object], time_limit: float, language: str | None
) -> LoopReport:
    return check_loop(
        student, cell.X, cell.y, cell.optimizer, init=cell.start, order=cell.order,
        time_limit=time_limit, language=language,
    )  # fmt: skip


def _failed(error: CellFailed, time_limit: float, language: str | None) -> LoopReport:
    """Report a cell that gave nothing to compare."""
    outcome = error.outcome
    name = outcome.failure or "no result"
    figures: dict[str, object] = {
        "error": outcome.error,
        "seconds": rounded(time_limit),
        "got": "-",
        "expected": "-",
    }
    figures |= error.figures
    seen = Diagnosis(name, 1.0, figures, language, True)
    return LoopReport(False, (seen,), None, 0.0, 0, outcome.seconds, (), outcome.printed, language)


def _told(cell: CellLoop, language: str | None) -> str:
    """Say which names were read as what."""
    optimizer = cell.optimizer
    rate: Any = optimizer.learning_rate
    value = (
        f"{rounded(rate(0) / cell.choice.by)} …"
        if callable(rate)
        else rounded(rate / cell.choice.by)
    )
    return said(
        "read", language,
        theta=", ".join(cell.layout.names),
        X=", ".join(map(str, cell.data.X_from)), y=str(cell.data.y_from),
        rate=value if value == cell.rate else f"{cell.rate} = {value}",
        method=type(optimizer).__name__, epochs=cell.passes,
        loss=f"{'Σ ' if cell.choice.scale > 1 else ''}{optimizer.loss}",
        more="".join(
            [
                f", l2 = {rounded(optimizer.l2)}" if optimizer.l2 else "",
                f", l1 = {rounded(optimizer.l1)}" if optimizer.l1 else "",
                f", {optimizer.rule}" if optimizer.rule is not None else "",
                f", batch_size = {cell.draws.size}"
                if 1 < cell.draws.size < len(cell.X) else "",
            ]
        ),
    )  # fmt: skip
