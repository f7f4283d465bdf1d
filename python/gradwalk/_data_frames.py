"""What came as an argument, as an array of real numbers; or the sentence for what it is instead.

`numpy.asarray` takes too much and too little. A table with a column of a nullable type, or with
Booleans beside numbers, becomes an array of objects, and so do times with a zone, categories and
words; `dtype=float` takes any word that spells a number. So it is the entries that are looked at,
in one way, whatever they came in.
"""

from __future__ import annotations

import datetime
import decimal
import numbers
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

_NUMBERS = "fiub"
_OBJECTS = np.dtype(object)
_REAL = (numbers.Real, decimal.Decimal, np.bool_)
_TIMES: dict[Any, str] = {
    (datetime.timedelta, np.timedelta64): (
        "np.asarray({}, dtype='m8[s]') / np.timedelta64(1, 'D') are days"
    ),
    (datetime.date, np.datetime64): (
        "(np.asarray({}, dtype='M8[s]') - np.datetime64('2000-01-01')) / np.timedelta64(1, 'D') "
        "are days since then"
    ),
    (datetime.time,): "[time.hour + time.minute / 60 for time in {}] are hours",
}
# Entries between two looks at the stop button.
_PIECE = 1 << 13


def as_array(argument: str, value: Any, *, keep_objects: bool = False) -> NDArray[Any]:
    """Return `value`, given as `argument`, as an array of real numbers.

    It may be an array, a list, or a table of pandas, polars or Arrow or one of its columns. Missing
    values in columns of a type of numbers become NaN. Objects that are all real numbers (mixed
    ones, `Decimal`, `Fraction`) become doubles, unless they are kept. TypeError names the first
    entry that is no real number.
    """
    if hasattr(type(value), "collect") and not hasattr(type(value), "__array__"):
        raise TypeError(
            f"{argument} must be an array of numbers; got a {type(value).__name__}, which holds "
            f"none yet. Write {argument}.collect()"
        )
    for name, dtype, column in _columns(value):
        if not _is_of_numbers(dtype):
            _look(argument, np.asarray(column()), dtype, column=name)
    array = np.asarray(value)
    if array.dtype.kind in _NUMBERS or (array.dtype.kind == "O" and array.ndim == 0):
        return array
    dtype = getattr(value, "dtype", array.dtype)
    if isinstance(value, (list, tuple)):
        # Numbers beside words have become words.
        array = np.asarray(value, dtype=object)
    if not (hasattr(type(value), "columns") or _is_of_numbers(dtype)):
        _look(argument, array, dtype)
    if type(value).__module__.partition(".")[0] == "pandas" and not _is_of_objects(value):
        # Numbers all of them, but of types that have no common one in NumPy.
        return np.asarray(value.to_numpy(dtype=float, na_value=np.nan))
    _look(argument, array, dtype)
    return array if keep_objects else _as_doubles(array)


def _columns(table: Any) -> Iterator[tuple[Any, Any, Callable[[], Any]]]:
    """Name and dtype of each column of a table, and what returns it."""
    if not hasattr(type(table), "columns"):
        return
    is_of_arrow = hasattr(type(table), "column_names")
    names = table.column_names if is_of_arrow else table.columns
    dtypes = table.schema.types if is_of_arrow else getattr(table, "dtypes", ())
    if is_of_arrow:
        column = table.column
    else:
        rows = getattr(table, "iloc", table)
        column = lambda k: rows[:, k]  # noqa: E731
    for k, (name, dtype) in enumerate(zip(names, dtypes, strict=True)):
        yield name, dtype, partial(column, k)


def _is_of_objects(value: Any) -> bool:
    """Whether NumPy has the objects themselves, and not new ones made for it."""
    if not hasattr(type(value), "columns"):
        return getattr(value, "dtype", None) == _OBJECTS
    return all(dtype == _OBJECTS for dtype in getattr(value, "dtypes", ()))


def _is_of_numbers(dtype: Any) -> bool:
    if hasattr(dtype, "to_pandas_dtype"):
        # Of Arrow: a class of NumPy's, for numbers.
        dtype = dtype.to_pandas_dtype()
        return isinstance(dtype, type) and np.dtype(dtype).kind in _NUMBERS
    kind = getattr(dtype, "kind", None)
    if kind is not None:
        return kind in _NUMBERS
    is_numeric = getattr(dtype, "is_numeric", None)
    return is_numeric is not None and (bool(is_numeric()) or str(dtype) == "Boolean")


def _look(argument: str, array: NDArray[Any], dtype: Any, column: object = None) -> None:
    """Refuse an array of anything but real numbers by its first entry that is none."""
    kind = array.dtype.kind
    if kind in _NUMBERS:
        return
    if array.size == 0 and kind == "O":
        return
    if array.size == 0:
        raise TypeError(f"{argument} must hold real numbers; got dtype {dtype} and no rows")
    first = _first_other(array) if kind == "O" else (0,) * array.ndim
    if first is None:
        return
    entry = array[first]
    shown = repr(entry)
    shown = shown if len(shown) <= 60 else shown[:59] + "…"
    index = ", ".join(map(str, first))
    place = f"row {index}" if array.ndim == 1 else f"place [{index}]"
    name = argument
    if column is not None:
        place, name = f"column {column!r}, {place}", f"{argument}[{column!r}]"
    raise TypeError(
        f"{argument} must hold real numbers; got dtype {dtype}, with {shown} in {place}. "
        f"{_what_to_do(name, entry, is_label=argument != 'X')}"
    )


def _first_other(array: NDArray[Any]) -> tuple[int, ...] | None:
    """Where the first object is that is no real number; one that is missing, if nothing else is."""
    missing = None
    for start, piece in _pieces(array):
        others = {kind for kind in set(map(type, piece)) if not _is_number(kind)}
        found = (k for k, entry in enumerate(piece) if type(entry) in others)
        for k in found if others else ():
            place = tuple(int(index) for index in np.unravel_index(start + k, array.shape))
            if not _is_missing(piece[k]):
                return place
            missing = missing or place
    return missing


def _pieces(array: NDArray[Any]) -> Iterator[tuple[int, list[Any]]]:
    """Yield the entries in C order, some at a time, each time with the number of the first."""
    for start in range(0, array.size, _PIECE):
        yield start, array.flat[start : start + _PIECE].tolist()


def _is_number(kind: type) -> bool:
    return issubclass(kind, _REAL) and not issubclass(kind, np.timedelta64)


def _is_missing(entry: Any) -> bool:
    return entry is None or type(entry).__name__ in ("NAType", "NaTType")


def _as_doubles(array: NDArray[Any]) -> NDArray[np.float64]:
    """Numbers that are objects, each as the nearest double."""
    doubles = np.empty(array.shape)
    for start, piece in _pieces(array):
        try:
            doubles.flat[start : start + len(piece)] = piece
        except OverflowError:
            # Whole numbers that no double comes near.
            doubles.flat[start : start + len(piece)] = [_as_double(entry) for entry in piece]
    return doubles


def _as_double(number: Any) -> float:
    try:
        return float(number)
    except OverflowError:
        return np.inf if number > 0 else -np.inf


def _what_to_do(name: str, entry: Any, *, is_label: bool) -> str:
    """Return the advice for an entry that is no real number."""
    if isinstance(entry, (str, bytes)):
        labels = f"np.unique({name}, return_inverse=True)[1], once for all the labels there are"
        flags = "a column of zeros and ones for each word (pandas.get_dummies)"
        return (
            f"Encode words as numbers first: np.asarray({name}, dtype=float) where they spell "
            f"numbers, else {labels if is_label else flags}"
        )
    if _is_missing(entry):
        return "Fill in what is missing, or drop such rows"
    if getattr(entry, "tzinfo", None) is not None and hasattr(entry, "timestamp"):
        days = f"[moment.timestamp() / 86400 for moment in {name}] are days"
        return "Turn times into numbers first: " + days
    for kind, numbers_of in _TIMES.items():
        if isinstance(entry, kind):
            return "Turn times into numbers first: " + numbers_of.format(name)
    if isinstance(entry, numbers.Complex):
        return f"Take np.asarray({name}, dtype=complex).real, or both parts as columns"
    if isinstance(entry, np.void):
        return f"Take its fields as columns: np.column_stack([{name}[name] …])"
    for attribute, what in (("ordinal", "numbers"), ("mid", "middles")):
        if hasattr(entry, attribute):
            return f"Take their {what}: [entry.{attribute} for entry in {name}]"
    if hasattr(entry, "__len__"):
        return "Take what is inside of each entry as columns of their own"
    return "Convert each entry to a number first"
