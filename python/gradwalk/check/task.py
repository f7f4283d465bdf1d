"""What a loop was to do: data, rate, rule, and the rows of each update."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from gradwalk.reference import Problem
from gradwalk.rules import Rule

from .returned import Floats, Rows

#: Rows of X and rows of y, of each batch of each epoch.
Plan: TypeAlias = list[list[tuple[Rows, Rows]]]


@dataclass(slots=True)
class Task:
    """What the loop was to do."""

    problem: Problem
    start: Floats
    size: int
    """Rows of a batch."""
    epochs: int
    rate: Callable[[int], float]
    has_schedule: bool
    rule: Rule | None
    l1: float
    order: list[Rows]
    """The rows of each epoch."""
    drop_last: bool
    loss: str
    sign_l1: float = 0.0
    """l1 where it is taken by its slope l1·sign(w), in the gradient."""
    drawn: Plan | None = None
    """The batches that the loop was seen to take."""
    planned: Plan | None = None
    jump: Callable[[Task, Floats, int, int, int], Floats] | None = None
    """θ after the epochs from one to another, given the number of updates before."""

    @property
    def n(self) -> int:
        """Return the number of rows."""
        return len(self.problem.X_b)

    @property
    def is_plain(self) -> bool:
        """Whether a step is −η times the gradient."""
        return self.rule is None and not self.l1

    def batches(self, rows: Rows, rows_of_y: Rows | None = None) -> list[tuple[Rows, Rows]]:
        """Cut the rows of an epoch."""
        others = rows if rows_of_y is None else rows_of_y
        cut = range(0, len(rows), self.size)
        whole = [(rows[k : k + self.size], others[k : k + self.size]) for k in cut]
        return whole[:-1] if self.drop_last and len(whole[-1][0]) < self.size else whole

    def plan(self) -> Plan:
        """Return the batches of the whole walk."""
        if self.drawn is not None:
            return self.drawn
        if self.planned is None:
            self.planned = [self.batches(rows) for rows in self.order]
        return self.planned

    def is_cut_from_order(self) -> bool:
        """Whether the batches are what the core would make of the order."""
        if self.drawn is None:
            return True
        if any(len(rows) == 0 for rows in self.order):
            return False
        ours = [[len(rows) for rows, _ in self.batches(rows)] for rows in self.order]
        sizes = [[len(rows) for rows, _ in epoch] for epoch in self.drawn]
        return ours == sizes and all(
            x is y or np.array_equal(x, y) for epoch in self.drawn for x, y in epoch
        )
