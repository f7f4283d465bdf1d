"""The loop of a cell against gradwalk, on the same work."""

from __future__ import annotations

import contextlib
import time
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from gradwalk._text import rounded, table
from gradwalk.check import LoopReport
from gradwalk.check.student import Outcome
from gradwalk.display import page
from gradwalk.language.magics import told as say

from .cells import CellLoop, read_and_check
from .run import END, ENTRY, PASS, call_seeded, instrumented, names_for, used_names

#: Runs of either at most, and seconds after which no other one begins.
ROUNDS, ENOUGH = 5, 2.0


@dataclass(frozen=True, slots=True, repr=False)
class Race:
    """The times of a cell's loop and of gradwalk, where both do the same work."""

    report: LoopReport
    """What the check says: without its consent there is no race."""
    cell_seconds: float | None = None
    """The loop of the cell, the best of `rounds`."""
    seconds: float | None = None
    """gradwalk, the best of `rounds`."""
    rounds: int = 0
    rows: int = 0
    epochs: int = 0
    updates: int = 0
    has_own_draws: bool = False
    """Whether gradwalk drew rows of its own, as many as the cell."""
    with_full_loss: bool = False
    """Whether both take the loss on all rows after each epoch."""
    language: str | None = None

    @property
    def ratio(self) -> float | None:
        """How many times as fast gradwalk is."""
        if self.cell_seconds is None or not self.seconds:
            return None
        return self.cell_seconds / self.seconds

    def headline(self) -> str:
        """Say in a line who won."""
        if self.ratio is None:
            return say("no race", self.language)
        name, ratio = ("race", self.ratio) if self.ratio >= 1 else ("lost race", 1 / self.ratio)
        return say(name, self.language, ratio=rounded(ratio, 2))

    def lines(self) -> list[str]:
        """Return what is said below the times."""
        if self.ratio is None:
            return []
        figures: dict[str, object] = {
            "n": page.whole(self.rows),
            "epochs": page.whole(self.epochs),
            "updates": page.whole(self.updates),
            "compared": page.whole(self.report.compared),
        }
        said = [say("same work", self.language, **figures)]
        if self.has_own_draws:
            said.append(say("own draws", self.language))
        full = say("full", self.language) if self.with_full_loss else ""
        said.append(say("rounds", self.language, count=self.rounds, full=full))
        return said

    def rows_of_table(self) -> list[list[str]]:
        """Return both times, in all and of an update."""
        names = (say("the cell", self.language), "gradwalk")
        both = zip(names, (self.cell_seconds or 0.0, self.seconds or 0.0), strict=True)
        return [
            [name, page.duration(one), f"{rounded(1e6 * one / max(self.updates, 1), 3)} µs"]
            for name, one in both
        ]

    def columns(self) -> list[str]:
        """Return the heads of the table."""
        return say("columns of a race", self.language).split("|")

    def __str__(self) -> str:
        if self.ratio is None:
            return f"{self.headline()}\n{self.report}"
        rows = table([self.columns(), *self.rows_of_table()], lambda place: place == 0)
        return "\n".join([self.headline(), *rows, *self.lines()])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        """Return the race as a notebook shows it."""
        if self.ratio is None:
            report: str = self.report._repr_html_()
            return (
                page.card("%%gd_race", "%%gd_race", mark=page.badge(self.headline(), "warn"))
                + report
            )
        rows = [(name, map(page.text, cells)) for name, *cells in self.rows_of_table()]
        grid = page.grid(self.headline(), self.columns(), rows, is_headed=False)
        pieces = [page.paragraph(page.lines(line)) for line in self.lines()]
        look = "good" if self.ratio >= 1 else "warn"
        mark = page.badge(self.headline(), look)
        return page.card("%%gd_race", "%%gd_race", grid, *pieces, mark=mark)


def race_cell(
    source: str,
    namespace: Mapping[str, object],
    told: Mapping[str, str] | None = None,
    *,
    time_limit: float = 20,
    language: str | None = None,
) -> Race:
    """Time the loop of a cell beside gradwalk, if the check finds their walks the same.

    The parameters are those of `check_cell`; what comes before the loop and after it is not timed.
    """
    words: dict[str, Any] = {"time_limit": time_limit, "language": language}
    report, cell = read_and_check(source, namespace, told, **words)
    if cell is None or not report.passed:
        return Race(report, language=language)
    # A list of losses is taken on all rows at the most; a full batch has seen them in any case.
    with_full_loss = cell.losses is not None and _draws(cell)
    walk = walk_of(cell, with_full_loss)
    model = walk()
    loop = _loop(cell)
    cell_seconds, rounds = _best(lambda: _seconds(loop(time_limit)), ROUNDS)
    if cell_seconds is None:
        return Race(report, language=language)
    ours, _ = _best(lambda: _timed(walk), rounds)
    return Race(
        report, cell_seconds, ours, rounds, len(cell.X), int(model.n_epochs_),
        int(model.n_updates_), cell.order is None and _draws(cell), with_full_loss, language,
    )  # fmt: skip


def best_of_three(walk: Callable[[], object]) -> float:
    """Return the shortest time that a walk takes, in seconds."""
    return min(_timed(walk) for _ in range(3))


def _draws(cell: CellLoop) -> bool:
    return cell.draws.size < len(cell.X)


def walk_of(cell: CellLoop, with_full_loss: bool = False) -> Callable[[], Any]:
    """Return gradwalk's walk from the cell's start."""
    order: dict[str, Any] = {} if cell.order is None else {"order": cell.order}

    def walk() -> Any:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return cell.optimizer.fit(
                cell.X, cell.y, init=cell.start, full_loss=with_full_loss, **order
            )

    return walk


def _loop(cell: CellLoop) -> Callable[[float], Outcome]:
    """Return what runs the cell's own code, once, in a process of its own."""
    code, used = instrumented(cell.tree, cell.loop, set()), used_names(cell.tree)

    def student(X: Any, y: Any) -> float:
        names, times = names_for(cell.namespace, used), []

        def at_end() -> None:
            times.append(time.perf_counter())
            raise _Ended

        def at_entry() -> None:
            times.append(time.perf_counter())

        names |= {ENTRY: at_entry, PASS: lambda: None, END: at_end, "__name__": "__main__"}
        with contextlib.suppress(_Ended):
            exec(code, names)
        return times[-1] - times[0]

    return lambda limit: call_seeded(student, cell.X, cell.y, limit)


class _Ended(Exception):
    """The loop is done."""


def _seconds(outcome: Outcome) -> float | None:
    return float(outcome.value) if isinstance(outcome.value, float) else None


def _timed(walk: Callable[[], object]) -> float:
    begin = time.perf_counter()
    walk()
    return time.perf_counter() - begin


def _best(run: Callable[[], float | None], rounds: int) -> tuple[float | None, int]:
    """Return the shortest of several times, and of how many."""
    begin = time.perf_counter()
    times: list[float] = []
    while len(times) < rounds and (not times or time.perf_counter() - begin < ENOUGH):
        one = run()
        if one is None:
            return None, 0
        times.append(one)
    return min(times), len(times)
