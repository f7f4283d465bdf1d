"""Which rows a loop takes, seen by an array that notes what is read of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from .returned import Rows
from .task import Plan, Task

#: What was read: "X" or "y", how many selections deep, and the rows.
Read = tuple[str, int, Rows]
#: What a single row is asked for by.
ROW_NUMBERS = frozenset((int, np.int64, np.int32))
#: Reads that are kept.
MOST_READS = 2_000_000
#: Functions of NumPy that keep the rows of what they are given.
BESIDE = (np.concatenate, np.hstack, np.column_stack, np.insert, np.append, np.copy, np.asarray)


class Watched(np.ndarray):
    """An array whose rows know where they come from."""

    rows: Rows | None
    level: int
    name: str
    reads: list[Read]
    plain: np.ndarray[Any, Any]

    def __array_finalize__(self, source: object) -> None:
        # What is made of it is watched only where it is said so.
        self.rows = None
        if isinstance(source, Watched):
            self.level, self.name, self.reads = source.level, source.name, source.reads

    def __getitem__(self, key: Any) -> Any:
        if self.rows is None:
            return _plain(self)[key]
        if type(key) in ROW_NUMBERS:
            # A loop over single rows does nothing else, tens of thousands of times.
            row = self.plain[key]
            if len(self.reads) < MOST_READS:
                self.reads.append((self.name, self.level, self.rows[key : key + 1 or None]))
            return row
        got = _plain(self)[key]
        by = key[0] if isinstance(key, tuple) and key else key
        if by is Ellipsis or by is None or (isinstance(by, slice) and by == slice(None)):
            return got
        try:
            rows = np.atleast_1d(self.rows[np.asarray(by) if isinstance(by, Watched) else by])
        except (IndexError, TypeError):
            return got
        if rows.ndim != 1:
            return got
        if len(self.reads) < MOST_READS and rows.size:
            self.reads.append((self.name, self.level, rows))
        is_array = isinstance(got, np.ndarray) and not isinstance(key, tuple) and rows.size > 1
        if is_array and got.ndim == self.ndim and len(got) == len(rows):
            return watch(got, self.name, self.reads, rows, self.level + 1)
        return got

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **words: Any) -> Any:
        if "out" in words:
            words["out"] = tuple(_plain(one) for one in words["out"])
        got = getattr(ufunc, method)(*map(_plain, inputs), **words)
        keeps = self.rows is not None and self.ndim == 2 and isinstance(got, np.ndarray)
        if keeps and got.shape == self.shape and method == "__call__" and ufunc is not np.matmul:
            return watch(got, self.name, self.reads, self.rows, self.level)
        return got

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        got = func(*_deep(args), **{name: _deep(one) for name, one in kwargs.items()})
        is_array = self.rows is not None and func in BESIDE and isinstance(got, np.ndarray)
        if is_array and got.ndim == self.ndim == 2 and len(got) == len(self):
            return watch(got, self.name, self.reads, self.rows, self.level)
        return got

    def reshape(self, *shape: Any, **words: Any) -> Any:
        """Reshape, and stay watched where the rows stay."""
        return self._again(_plain(self).reshape(*shape, **words))

    def copy(self, order: Any = "C") -> Any:
        """Copy, watched."""
        return self._again(_plain(self).copy(order))

    def astype(self, *args: Any, **words: Any) -> Any:
        """Convert, watched."""
        return self._again(_plain(self).astype(*args, **words))

    def _again(self, got: Any) -> Any:
        if self.rows is not None and got.ndim and len(got) == len(self.rows):
            return watch(got, self.name, self.reads, self.rows, self.level)
        return got

    @property
    def T(self) -> Any:
        """Return the transposed array, plain."""
        return _plain(self).T


def watch(array: Any, name: str, reads: list[Read], rows: Any = None, level: int = 0) -> Watched:
    """Return a view of `array` that notes what is read of it."""
    seen = np.asarray(array).view(Watched)
    seen.rows = np.arange(len(seen)) if rows is None else rows
    seen.level, seen.name, seen.reads = level, name, reads
    seen.plain = seen.view(np.ndarray)
    return seen


def _plain(value: Any) -> Any:
    return value.view(np.ndarray) if isinstance(value, Watched) else value


def _deep(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return type(value)(_deep(one) for one in value)
    return _plain(value)


class WatchedGenerator(np.random.Generator):
    """A generator that shuffles watched arrays with their rows."""

    def permutation(self, x: Any, axis: int = 0) -> Any:
        """Draw a permutation."""
        if isinstance(x, Watched) and axis == 0:
            return x[super().permutation(len(x))]
        return super().permutation(x, axis)

    def shuffle(self, x: Any, axis: int = 0) -> None:
        """Shuffle in place."""
        if isinstance(x, Watched) and axis == 0 and x.rows is not None:
            at = super().permutation(len(x))
            _plain(x)[...] = _plain(x)[at]
            x.rows = x.rows[at]
        else:
            super().shuffle(_plain(x), axis)


def generator(seed: int) -> WatchedGenerator:
    """Return the generator that `numpy.random.default_rng` gives, watching."""
    return WatchedGenerator(np.random.PCG64(seed))


@dataclass(frozen=True, slots=True)
class Stream:
    """Rows that were read one after the other, of X or of y, at one level."""

    name: str
    level: int
    rows: Rows
    lengths: Rows

    def parts(self) -> list[Rows]:
        """Return the rows of each read."""
        ends = np.cumsum(self.lengths).tolist()
        return [self.rows[a:b] for a, b in zip([0, *ends], ends, strict=False)]


def compact(reads: list[Read]) -> list[Stream]:
    """Return what was read, in few arrays, the deepest first."""
    found = []
    for name, level in sorted({read[:2] for read in reads}, key=lambda key: -key[1]):
        kept = [rows for what, at, rows in reads if what == name and at == level]
        lengths = np.array([len(rows) for rows in kept])
        found.append(Stream(name, level, np.concatenate(kept), lengths))
    return found


def same_rows(one: Any, other: Any, count: int) -> bool:
    """Whether two calls read the same at the beginning, as far as they were seen."""
    by_key = {(stream.name, stream.level): stream.rows[:count] for stream in one or ()}
    return all(
        np.array_equal(by_key.get((stream.name, stream.level), ()), stream.rows[:count])
        for stream in other or ()
    )


def plans(task: Task, streams: Any) -> Iterator[Plan]:
    """Give the batches that a loop may have taken, by what it read, the likeliest first."""
    cut: dict[str, list[list[Rows]]] = {"X": [], "y": []}
    for stream in streams or ():
        every = stream.parts()
        once = _once(every)
        cut[stream.name].append(_cut(task, once))
        if len(once) != len(every):
            cut[stream.name].append(_cut(task, every))
        whole = _without_passes(task, once)
        if len(whole) != len(once):
            cut[stream.name].append(_cut(task, whole))
    for of_x in cut["X"][:4]:
        for of_y in cut["y"][:4]:
            if len(of_x) == len(of_y) and list(map(len, of_x)) == list(map(len, of_y)):
                is_same = np.array_equal(np.concatenate(of_x), np.concatenate(of_y))
                yield _by_epochs(task, list(zip(of_x, of_x if is_same else of_y, strict=True)))
    for one in [*cut["X"], *cut["y"]]:
        yield _by_epochs(task, [(rows, rows) for rows in one])


def _without_passes(task: Task, stream: list[Rows]) -> list[Rows]:
    """Leave out passes over all rows in order, as for a loss after each epoch."""
    if len(stream) <= task.epochs * task.n or any(len(rows) != 1 for rows in stream):
        return stream
    numbers = np.concatenate(stream)
    kept, k = [], 0
    while k < len(stream):
        if numbers[k] == 0 and np.array_equal(numbers[k : k + task.n], np.arange(task.n)):
            k += task.n
        else:
            kept.append(stream[k])
            k += 1
    return kept


def _once(every: list[Rows]) -> list[Rows]:
    """Leave out what is read again at once."""
    kept: list[Rows] = []
    before = b""
    for rows in every:
        now = rows.tobytes()
        if now != before:
            kept.append(rows)
        before = now
    return kept


def _cut(task: Task, stream: list[Rows]) -> list[Rows]:
    cut = []
    for rows in stream:
        if len(rows) <= task.size:
            cut.append(rows)
            continue
        cut += [rows[k : k + task.size] for k in range(0, len(rows), task.size)]
    return cut


def _by_epochs(task: Task, batches: list[tuple[Rows, Rows]]) -> Plan:
    if not batches:
        return []
    if len(batches) % task.epochs == 0:
        each = len(batches) // task.epochs
        return [batches[k * each : (k + 1) * each] for k in range(task.epochs)]
    plan: Plan = [[]]
    count = 0
    for batch in batches:
        if count >= len(plan) * task.n:
            plan.append([])
        plan[-1].append(batch)
        count += len(batch[0])
    return plan
