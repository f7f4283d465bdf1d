"""What a loop returned: θ, the path to it, losses; in whichever of the usual forms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[Any]
Rows: TypeAlias = NDArray[Any]


class NothingReturned(Exception):
    """What was returned is none of the forms."""

    def __init__(self, name: str, got: str, shape: tuple[int, ...] = ()) -> None:
        super().__init__(name)
        self.name, self.got, self.shape = name, got, shape


@dataclass(slots=True)
class Returned:
    """What a loop returned, in one form."""

    path: Floats | None = None
    """(k, *shape of θ), of every update or epoch, with or without the start."""
    final: Floats | None = None
    losses: Floats | None = None
    is_single: bool = False
    """Whether it is of the precision of float32."""
    shape: tuple[int, ...] = ()
    """Of the array, if it is one."""


@dataclass(frozen=True, slots=True)
class Form:
    """The shape of θ, and whether it starts with an intercept."""

    shape: tuple[int, ...]
    has_intercept: bool

    @property
    def classes(self) -> int:
        """Return the columns of θ."""
        return self.shape[1] if len(self.shape) == 2 else 1

    @property
    def features(self) -> int:
        """Return d."""
        return self.shape[0] - int(self.has_intercept)

    def theta(self, value: object) -> Floats | None:
        """Read θ."""
        return self._shaped(_numbers(value), self.shape[0])

    def pair(self, w: object, b: object) -> Floats | None:
        """Read (w, b)."""
        if not self.has_intercept:
            return None
        weights, bias = _numbers(w), _numbers(b)
        if weights is None or bias is None or bias.size != self.classes:
            return None
        matrix = self._shaped(weights, self.features)
        if matrix is None:
            return None
        return np.concatenate([bias.reshape(1, *self.shape[1:]), matrix])

    def _shaped(self, numbers: Floats | None, rows: int) -> Floats | None:
        if numbers is None or numbers.size != rows * self.classes:
            return None
        if len(self.shape) == 1:
            is_flat = numbers.ndim == 1 or (numbers.ndim == 2 and 1 in numbers.shape)
            return numbers.reshape(rows) if is_flat or numbers.size == 1 else None
        if numbers.shape == (rows, self.classes):
            return numbers
        return numbers.T if numbers.shape == (self.classes, rows) else None

    def pairs(self, ws: object, bs: object) -> Floats | None:
        """Read a path of w beside one of b."""
        weights, biases = _numbers(ws), _numbers(bs)
        if weights is None or biases is None or not self.has_intercept or not weights.ndim:
            return None
        k, K, d = len(weights), self.classes, self.features
        if not biases.ndim or len(biases) != k or biases.size != k * K or weights.size != k * K * d:
            return None
        if K > 1 and weights.shape[1:] == (K, d) != (d, K):
            weights = weights.transpose(0, 2, 1)
        whole = np.concatenate([biases.reshape(k, 1, K), weights.reshape(k, d, K)], axis=1)
        return whole.reshape(k, *self.shape)

    def path(self, value: object) -> Floats | None:
        """Read a path of θ, or of (w, b)."""
        if isinstance(value, np.ndarray) and value.ndim < 2:
            return None
        if not isinstance(value, list | tuple | np.ndarray) or len(value) == 0:
            return None
        if isinstance(value, np.ndarray) and value.shape[1:] == self.shape:
            return value.astype(np.float64)
        if all(isinstance(part, tuple) and len(part) == 2 for part in value):
            pairs = self.pairs(*zip(*value, strict=True))
            if pairs is not None:
                return pairs
        read = [
            found if (found := self.theta(part)) is not None or not isinstance(part, tuple | list)
            else self.pair(*part) if len(part) == 2 else None
            for part in value
        ]  # fmt: skip
        # A path in columns is turned.
        if any(part is None for part in read):
            if isinstance(value, np.ndarray) and value.ndim == 2 and len(value) == self.shape[0]:
                return self.path(np.ascontiguousarray(value.T))
            return None
        return np.array(read)


def read(value: object, form: Form) -> Returned:
    """Read what a loop returned."""
    if value is None:
        raise NothingReturned("no result", "None")
    parts: Sequence[object]
    found = Returned(shape=value.shape if isinstance(value, np.ndarray) else ())
    if isinstance(value, Mapping):
        parts = _of_names(value)
    elif isinstance(value, tuple) and not (len(value) > 2 and form.theta(value) is not None):
        parts = value
    else:
        parts = (value,)
        # A list of parts, and not a path: [θ, losses].
        if isinstance(value, list) and form.theta(value) is None:
            found.path = form.path(value)
            parts = value if found.path is None else ()
    left = list(parts)
    while left:
        taken = _take(left, form, found, isinstance(value, tuple))
        if not taken:
            break
        left = left[taken:]
    if found.path is None and found.final is None:
        raise NothingReturned(*_what_else(value))
    if found.final is None and found.path is not None:
        found.final = found.path[-1]
    elif found.path is not None and found.final is not None:
        # The path may hold θ before each update.
        is_last = np.array_equal(found.path[-1], found.final, equal_nan=True)
        if not is_last:
            found.path = np.concatenate([found.path, found.final[None]])
    whole = found.path if found.path is not None else found.final
    assert whole is not None
    numbers = whole[np.isfinite(whole)]
    with np.errstate(all="ignore"):
        single = numbers.astype(np.float32).astype(np.float64)
    found.is_single = bool(np.any(numbers != np.rint(numbers))) and np.array_equal(single, numbers)
    return found


def _take(left: list[object], form: Form, found: Returned, may_begin_with_losses: bool) -> int:
    """Read the next part or two; return how many were read."""
    has_theta = found.final is not None
    if len(left) > 1 and not has_theta and found.path is None:
        pair = form.pair(left[0], left[1])
        if pair is not None:
            found.final = pair
            return 2
    if not has_theta and found.path is None:
        theta = form.theta(left[0])
        if theta is None and isinstance(left[0], tuple) and len(left[0]) == 2:
            theta = form.pair(*left[0])
        if theta is not None:
            found.final = theta
            return 1
    if len(left) > 1 and found.path is None:
        found.path = form.pairs(left[0], left[1])
        if found.path is not None:
            return 2
    if found.path is None:
        path = form.path(left[0])
        if path is not None:
            found.path = path
            return 1
    if found.final is None and found.path is not None:
        theta = form.theta(left[0])
        numbers = _numbers(left[0])
        is_last = theta is not None and np.array_equal(theta, found.path[-1], equal_nan=True)
        if theta is not None and (is_last or (numbers is not None and numbers.ndim > 1)):
            found.final = theta
            return 1
    numbers = _numbers(left[0])
    if numbers is not None and numbers.ndim == 2 and 1 in numbers.shape:
        numbers = numbers.ravel()
    if numbers is not None and numbers.ndim == 1 and found.losses is None:
        if not has_theta and found.path is None and not may_begin_with_losses:
            return 0
        found.losses = numbers
        return 1
    # What is nothing of these, a flag or a count, is passed over once θ is there.
    return 1 if has_theta or found.path is not None else 0


def _of_names(value: Mapping[Any, object]) -> list[object]:
    """Return the parts of a dictionary in the order that tuples have them."""
    by_name = {str(name).lower(): part for name, part in value.items()}
    kinds = (
        ("theta", "params"),
        ("w", "weights", "coef"),
        ("b", "bias", "intercept"),
        ("path", "history", "thetas"),
        ("losses", "loss", "costs", "cost"),
    )
    found = [next((by_name[name] for name in names if name in by_name), None) for names in kinds]
    return [part for part in found if part is not None]


def _numbers(value: object) -> Floats | None:
    """Return `value` as an array, if it is made of real numbers."""
    if value is None or isinstance(value, str | Mapping):
        return None
    try:
        array = np.asarray(value)
        return array.astype(np.float64) if array.dtype.kind in "fiubO" else None
    except (TypeError, ValueError, OverflowError):
        return None


def _what_else(value: object) -> tuple[str, str, tuple[int, ...]]:
    numbers = _numbers(value)
    if numbers is not None and numbers.size:
        return "another shape", str(numbers.shape), numbers.shape
    if isinstance(value, tuple):
        first = next((_numbers(part) for part in value if _numbers(part) is not None), None)
        if first is not None and first.ndim:
            return "another shape", str(first.shape), first.shape
    return "no result", f"{type(value).__name__} {value!r:.60}", ()
