"""A list that notes which of its rows are read, as arrays are watched by `gradwalk.check`."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np


class WatchedList(list[Any]):
    """A list whose rows know where they come from."""

    def __init__(self, values: Iterable[Any], name: str, reads: list[Any]) -> None:
        super().__init__(values)
        self.name, self.reads = name, reads
        self.rows = np.arange(len(self))

    def __getitem__(self, key: Any) -> Any:
        if len(self.rows) == len(self):
            rows = np.atleast_1d(self.rows[key])
            if rows.size:
                self.reads.append((self.name, 0, rows))
        return super().__getitem__(key)

    def __iter__(self) -> Iterator[Any]:
        return (self[k] for k in range(len(self)))

    def shuffle(self, order: list[int]) -> None:
        """Put the rows in another order."""
        self[:] = [list.__getitem__(self, k) for k in order]
        self.rows = self.rows[order]


@contextlib.contextmanager
def shuffling() -> Iterator[None]:
    """Let `random.shuffle` take such lists, with the draws that it takes for any other."""
    usual = random.shuffle

    def shuffle(x: Any) -> None:
        if not isinstance(x, WatchedList):
            usual(x)
            return
        order = list(range(len(x)))
        usual(order)
        x.shuffle(order)

    random.shuffle = shuffle
    try:
        yield
    finally:
        random.shuffle = usual
