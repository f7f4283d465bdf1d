"""θ of a cell, in whichever names it is kept, as one array with the intercept first; and X."""

from __future__ import annotations

import ast
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradwalk.check.watching import Watched, watch

from .lists import WatchedList
from .roles import Missing, Names, Source, whole_number


def held_by(names: dict[str, Any], name: str) -> Any:
    """Return what a name holds, which may be one of a dictionary's."""
    return names[name] if name in names else eval(name, names)


class Changed(Exception):
    """A parameter has another shape than it began with."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the coordinates of θ are kept."""

    names: tuple[str, ...]
    """The intercept's first, if there is one."""
    shapes: tuple[tuple[int, ...], ...]
    has_intercept: bool
    order: tuple[int, ...] | None = None
    """Places of the coordinates, where they are not kept in θ's order."""
    classes: int = 1
    is_turned: bool = False
    """Whether W is (K, d)."""
    subtracted: tuple[str, ...] = ()
    """The intercept, if the score is w·x − b."""

    def with_intercept(self, place: int) -> Layout:
        """Take the weight of a column of ones, at `place`, for the intercept."""
        size = sum(math.prod(shape) for shape in self.shapes) // self.classes
        order = (place, *(k for k in range(size) if k != place))
        before = self.order or tuple(range(size))
        return replace(self, has_intercept=True, order=tuple(before[k] for k in order))

    def now(self, names: dict[str, Any]) -> list[Any]:
        """Return copies of what the parameters are at this moment."""
        values = [names[name] if name in names else held_by(names, name) for name in self.names]
        return [value if np.isscalar(value) else np.array(value) for value in values]

    def path(self, moments: list[list[Any]]) -> NDArray[np.float64]:
        """Return θ at each moment.

        Raises
        ------
        Changed
            A parameter has not the number of coordinates any more that it began with.
        """
        parts = []
        for name, shape, values in zip(
            self.names, self.shapes, zip(*moments, strict=False), strict=True
        ):
            size = math.prod(shape)
            for value in values:
                if np.size(value) != size:
                    raise Changed(name, shape, np.shape(value))
            part: Any = np.array(values, dtype=np.float64).reshape(len(moments), -1)
            part = -part if name in self.subtracted else part
            if self.classes > 1:
                is_turned = self.is_turned and size > self.classes
                part = part.reshape(len(moments), *shape[-2:]) if size > self.classes else part
                part = part.transpose(0, 2, 1) if is_turned else part
                part = part.reshape(len(moments), -1, self.classes)
            parts.append(part)
        whole: NDArray[np.float64] = np.concatenate(parts, axis=1)
        return whole if self.order is None else whole[:, list(self.order)]


@dataclass(frozen=True, slots=True)
class Rows:
    """X and y of a cell as (n, d) and (n,), and how they are handed back to it."""

    X: NDArray[Any]
    y: NDArray[Any]
    X_from: tuple[Source, ...]
    y_from: Source
    ones: int | None
    """Which column of the cell's X is of ones."""
    is_without_ones: bool = False
    """Whether X here has it not."""

    def without_ones(self) -> Rows:
        """Leave the column of ones out of X."""
        assert self.ones is not None
        return replace(self, X=np.delete(self.X, self.ones, axis=1), is_without_ones=True)

    def hand_over(self, names: dict[str, Any], X: Any, y: Any) -> None:
        """Put X and y, which may be watched, where the cell reads them."""
        if not isinstance(X, Watched):
            return
        if self.is_without_ones and self.ones is not None:
            X = np.insert(X, self.ones, 1, axis=1)
        for k, source in enumerate(self.X_from):
            array = X if len(self.X_from) == 1 else watch(np.asarray(X)[:, k], "X", X.reads)
            self._put(names, source, array, X.reads)
        self._put(names, self.y_from, y, X.reads)

    def _put(self, names: dict[str, Any], source: Source, array: Any, reads: list[Any]) -> None:
        own = names.get(source.name)
        name = "y" if source == self.y_from else "X"
        if isinstance(own, list):
            names[source.name] = WatchedList(own, name, reads)
        elif isinstance(own, Watched) or not isinstance(own, np.ndarray):
            return
        elif source.column is not None:
            names[source.name] = watch(own, name, reads)
        elif len(own) == len(array):
            names[source.name] = array.reshape(own.shape).astype(own.dtype)


def rows_of(names: Names) -> Rows:
    """Return X and y, each row a sample."""
    y, n = names.array(names.y), names.rows()
    if y.ndim > 1 and (len(y) == 1 or (len(y) != n and y.shape[1] == n)):
        y = y.T
    y = y.reshape(-1) if y.size == n else y
    columns = []
    for source in names.X:
        part = names.array(source)
        if part.ndim > 1 and len(part) != n and part.shape[1] == n:
            part = part.T
        if len(part) != n:
            raise Missing("X", name=str(source))
        columns.append(part.reshape(n, -1))
    X = np.concatenate(columns, axis=1)
    X = X if X.dtype == np.float32 else X.astype(np.float64)
    if n == X.shape[1] and n > 1 and np.allclose(X, X.T):
        # X'X in place of X.
        raise Missing("X", name=", ".join(map(str, names.X)))
    ones = np.flatnonzero(np.all(X == 1, axis=0))
    return Rows(X, y, tuple(names.X), names.y, int(ones[0]) if ones.size else None)


def layout_of(names: Names, rows: Rows, intercept: list[str]) -> Layout:
    """Return how θ is kept; `intercept` are the names that were told to be it."""
    d = rows.X.shape[1]
    held = {name: names.held[name] for name in names.theta}
    matrices = [a.shape for a in held.values() if a.ndim == 2 and min(a.shape) > 1]
    if rows.y.ndim == 2 or matrices:
        is_real = rows.y.ndim == 1 and bool(np.any(rows.y != np.rint(rows.y)))
        shape = matrices[0] if matrices else (d, rows.y.shape[-1])
        is_turned = shape[0] not in (d, d + 1) or shape[1] == d != shape[0]
        features, classes = shape[::-1] if is_turned else shape
        if is_real or features not in (d, d + 1):
            raise Missing("theta", names=", ".join(held))
        return _matrix(held, features, classes, is_turned, features == d + 1)
    vectors = [name for name in held if held[name].size > 1]
    singles = [name for name in held if held[name].size == 1]
    if len(vectors) == 1:
        return _vector(names, vectors[0], singles, rows)
    if vectors:
        raise Missing("theta", names=", ".join(names.theta))
    return _scalars(names, singles, rows, intercept)


def _matrix(
    held: Mapping[str, NDArray[Any]], rows: int, classes: int, is_turned: bool, has_intercept: bool
) -> Layout:
    weights = [name for name in held if held[name].size == rows * classes]
    bias = [name for name in held if held[name].size == classes and name not in weights]
    if len(weights) != 1 or len(bias) > 1 or len(held) > len(weights + bias):
        raise Missing("theta", names=", ".join(held))
    order = (*bias, *weights)
    shapes = tuple(held[name].shape for name in order)
    return Layout(order, shapes, has_intercept or bool(bias), None, classes, is_turned)


def _vector(names: Names, name: str, singles: list[str], rows: Rows) -> Layout:
    d, array = rows.X.shape[1], names.held[name]
    shapes = (array.shape,)
    if len(singles) > 1:
        raise Missing("theta", names=", ".join(names.theta))
    if array.size == d and not singles:
        return Layout((name,), shapes, False)
    if array.size == d and singles:
        bias = names.held[singles[0]]
        return Layout((singles[0], name), (bias.shape, *shapes), True)
    if array.size == d + 1 and not singles:
        # θ₀ + θ₁x: the place that nothing of X is multiplied with.
        places = set(range(d + 1))
        taken = {
            place if place >= 0 else place + d + 1
            for part, other in names.flow.products(names.flow.closure({name}))
            if isinstance(part, ast.Subscript)
            and isinstance(part.value, ast.Name)
            and part.value.id == name
            and (place := whole_number(part.slice)) is not None
            and names.source(other) in names.X
        }
        left = sorted(places - taken)
        first = left[0] if len(left) == 1 else 0
        order = (first, *(k for k in range(d + 1) if k != first))
        return Layout((name,), shapes, True, order)
    raise Missing("theta shape", name=name, shape=array.shape, features=d)


def _scalars(names: Names, singles: list[str], rows: Rows, told: list[str]) -> Layout:
    """Tell the weights of the columns from the intercept: what X is multiplied with."""
    closure = names.flow.closure(set(singles))
    bias = ("b", "bias", "c", "intercept", "const", "b_")
    of_column: dict[int, str] = {}
    d = rows.X.shape[1]
    for one, other in names.flow.products(closure, of_any_call=False):
        base: ast.expr = one
        while isinstance(base, ast.Subscript | ast.Attribute):
            base = base.value
        if not (isinstance(base, ast.Name) and base.id in singles) or base.id in told:
            continue
        source = names.source(other)
        if source in names.X:
            of_column[names.X.index(source)] = base.id
        elif source and len(names.X) == 1 and source.name == names.X[0].name and source.column:
            of_column[int(source.column)] = base.id
    rest = [name for name in singles if name not in of_column.values()]
    if len(of_column) < d and len(rest) == d - len(of_column) + (len(singles) > d):
        guessed = [n for n in rest if n.lower() not in bias and not n.endswith("0")]
        for column in range(d):
            if column not in of_column and guessed:
                of_column[column] = guessed.pop(0)
        rest = [name for name in singles if name not in of_column.values()]
    if len(of_column) != d or len(rest) > 1:
        raise Missing("theta", names=", ".join(singles))
    order = (*rest, *(of_column[k] for k in range(d)))
    return Layout(order, tuple(names.held[name].shape for name in order), bool(rest))
