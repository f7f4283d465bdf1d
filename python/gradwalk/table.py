"""How many updates an epoch makes, and what each method holds at once."""

from __future__ import annotations

import operator
from collections.abc import Iterator
from dataclasses import dataclass
from typing import SupportsIndex

import numpy as np

from gradwalk._text import table
from gradwalk._values import check_whole, is_whole

__all__ = ["MethodRow", "ScheduleTable", "schedule_table"]


@dataclass(frozen=True, slots=True)
class MethodRow:
    """One line of the table."""

    method: str
    """``"BatchGD"``, ``"MiniBatchGD"`` or ``"SGD"``."""
    batch_size: int
    """Rows an update."""
    updates_per_epoch: int
    """Updates an epoch."""
    last_batch: int
    """Rows of the epoch's last batch."""
    updates: int
    """Updates in all epochs."""
    samples_seen: int
    """Rows visited in all epochs, each as often as it was."""
    rows_in_memory: int
    """Rows that one update needs at once."""


@dataclass(frozen=True, slots=True)
class ScheduleTable:
    """The three methods side by side; iterate over it or print it."""

    n_samples: int
    batch_size: int
    epochs: int
    rows: tuple[MethodRow, ...]

    def __iter__(self) -> Iterator[MethodRow]:
        return iter(self.rows)

    def __getitem__(self, method: str) -> MethodRow:
        for row in self.rows:
            if row.method == method:
                return row
        raise KeyError(method)

    def to_dict(self) -> dict[str, list[object]]:
        """Columns by name, for pandas or polars."""
        names = list(MethodRow.__dataclass_fields__)
        return {name: [getattr(row, name) for row in self.rows] for name in names}

    def __str__(self) -> str:
        columns = self.to_dict()
        cells = [[name.replace("_", " "), *map(str, values)] for name, values in columns.items()]
        return "\n".join(table([*zip(*cells, strict=True)], lambda place: place == 0))

    __repr__ = __str__

    def _repr_html_(self) -> str:
        """Return the table as a notebook shows it."""
        from gradwalk import display

        return display.schedule_table(self)


def schedule_table(
    n_samples: SupportsIndex = 1000,
    batch_size: SupportsIndex = 100,
    epochs: SupportsIndex = 1,
    *,
    drop_last: bool = False,
) -> ScheduleTable:
    """Count the updates of batch, mini-batch and stochastic descent.

    An epoch is one pass over the n rows. Mini-batches of b rows make ⌈n/b⌉ updates an epoch, or
    ⌊n/b⌋ if the short last batch is dropped; batch descent makes 1 and stochastic descent n.

    Parameters
    ----------
    n_samples : int, default 1000
        Rows, n.
    batch_size : int, default 100
        Rows of a mini-batch, b; one larger than n is n.
    epochs : int, default 1
        Passes over the rows.
    drop_last : bool, default False
        Leave out a mini-batch that is shorter than the others.

    Returns
    -------
    ScheduleTable
        One row for each method; ``table["MiniBatchGD"].updates_per_epoch`` and the like.

    Raises
    ------
    TypeError, ValueError
        An argument is not a whole number of at least 1.

    Examples
    --------
    >>> import gradwalk as gw
    >>> gw.schedule_table(n_samples=1005, batch_size=100)["MiniBatchGD"].updates_per_epoch
    11
    """
    n = check_whole("n_samples", n_samples)
    # One that is larger than n is n, however large.
    is_larger = is_whole(batch_size) and operator.index(batch_size) > n
    b = n if is_larger else check_whole("batch_size", batch_size)
    passes = check_whole("epochs", epochs)
    if not isinstance(drop_last, bool | np.bool_):
        raise TypeError(f"drop_last must be True or False; got {drop_last!r}")
    rows = (
        _row("BatchGD", n, n, passes, drop_last=False),
        _row("MiniBatchGD", n, b, passes, drop_last=bool(drop_last)),
        _row("SGD", n, 1, passes, drop_last=False),
    )
    return ScheduleTable(n_samples=n, batch_size=b, epochs=passes, rows=rows)


def _row(method: str, n: int, batch_size: int, epochs: int, *, drop_last: bool) -> MethodRow:
    short = n % batch_size
    whole = n // batch_size
    keeps_short = short > 0 and not drop_last
    updates = whole + keeps_short
    return MethodRow(
        method=method,
        batch_size=batch_size,
        updates_per_epoch=updates,
        last_batch=short if keeps_short else batch_size,
        updates=updates * epochs,
        samples_seen=(n - short * (not keeps_short)) * epochs,
        rows_in_memory=batch_size,
    )
