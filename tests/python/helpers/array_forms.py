"""Arrays of real numbers in every layout and dtype, and arrays of what is no real number.

`lay` puts given numbers into a layout. What lies between and around them is made of NaN, or of the
largest whole numbers, so that whoever reads a neighbour by mistake gets something else.
`matrices` and `vectors` are hypothesis strategies of such arrays; `plain` is the C-ordered copy
that must give the same bits.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays, from_dtype
from numpy.lib.stride_tricks import as_strided, sliding_window_view
from numpy.typing import NDArray

Array = NDArray[Any]

NATIVE = ("?", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8")
# The other byte order: ">f8" on most machines.
SWAPPED = tuple(
    np.dtype(code).newbyteorder("S").str for code in NATIVE if np.dtype(code).itemsize > 1
)
# Objects that are numbers, of several classes.
OBJECTS = "|O"
DTYPES = (*NATIVE, *SWAPPED, OBJECTS)
FLOATS = tuple(code for code in DTYPES if np.dtype(code).kind == "f")
INTEGERS = tuple(code for code in DTYPES if np.dtype(code).kind in "iu")
SIGNED = tuple(code for code in DTYPES if np.dtype(code).kind in "fi")


def junk(dtype: Any) -> Any:
    """What no case holds on purpose."""
    dtype = np.dtype(dtype)
    if dtype.kind == "O":
        return "junk"
    if dtype.kind == "f":
        return np.nan
    return True if dtype.kind == "b" else np.iinfo(dtype).max


# --- Layouts ----------------------------------------------------------------------------------
# Each takes a matrix and returns one of the same shape and dtype; those that repeat or overlap
# themselves keep only as many of its numbers as they have room for.


def inside(values: Array, *steps: int) -> Array:
    """Every steps[k]-th entry of a larger array along axis k; backwards where that is negative."""
    larger = [abs(step) * length + 3 for step, length in zip(steps, values.shape, strict=True)]
    whole = np.full(larger, junk(values.dtype), values.dtype)
    part = whole[
        tuple(slice(2, 2 + abs(s) * n, abs(s)) for s, n in zip(steps, values.shape, strict=True))
    ]
    part = part[tuple(slice(None, None, -1 if step < 0 else 1) for step in steps)]
    part[...] = values
    return part


def plane(values: Array) -> Array:
    """The middle of three planes that alternate in memory."""
    whole = np.full((len(values), 3, values.shape[1]), junk(values.dtype), values.dtype)
    whole[:, 1, :] = values
    return whole[:, 1, :]


def field(values: Array, align: bool) -> Array:
    """A field of records, with a byte before it: packed, its steps are no multiple of its size."""
    record = np.dtype([("before", "u1"), ("x", values.dtype), ("after", "u1")], align=align)
    if values.dtype.hasobject:
        records = np.zeros(values.shape, record)
        records["x"] = values
        return records["x"]
    memory = np.full(values.size * record.itemsize, 255, np.uint8)
    records = memory.view(record).reshape(values.shape)
    records["x"] = values
    return records["x"]


def misaligned(values: Array) -> Array:
    """One byte off the address that the dtype wants."""
    if values.dtype.hasobject:
        return field(values, align=False)
    memory = np.full(values.nbytes + 1, 255, np.uint8)[1:]
    copy = memory.view(values.dtype).reshape(values.shape)
    copy[...] = values
    return copy


def read_only(values: Array) -> Array:
    copy = values.copy()
    copy.flags.writeable = False
    return copy


def memory_map(values: Array, order: str = "C") -> Array:
    """Of a file, for reading only: whoever writes to it crashes."""
    if values.dtype.hasobject:
        return read_only(np.array(values, order=order))  # no file holds objects
    header = 64
    with tempfile.TemporaryFile() as file:
        file.write(b"\xff" * header)
        file.write(values.tobytes(order))
        file.flush()
        return np.memmap(file, values.dtype, "r", header, values.shape, order)


def window(values: Array) -> Array:
    """Rows that overlap, each one place further along a series."""
    n, d = values.shape
    if values.size == 0:
        return values.copy()
    return sliding_window_view(values.ravel()[: n + d - 1].copy(), d)


def lonely_steps(values: Array) -> Array:
    """Steps that lead nowhere, along axes of length 1, where NumPy does not care."""
    copy = values.copy()
    odd = (-(2**40) - 1, 13)
    steps = [odd[k] if copy.shape[k] == 1 else copy.strides[k] for k in range(2)]
    return as_strided(copy, copy.shape, steps)


LAYOUTS: dict[str, Callable[[Array], Array]] = {
    "C": np.copy,
    "F": np.asfortranarray,
    "every other row": lambda values: inside(values, 2, 1),
    "every other column": lambda values: inside(values, 1, 2),
    "every third of both": lambda values: inside(values, 3, 3),
    "backwards rows": lambda values: inside(values, -1, 1),
    "backwards columns": lambda values: inside(values, 1, -1),
    "backwards both": lambda values: inside(values, -2, -3),
    "column slice": lambda values: inside(values, 1, 1),
    "transposed": lambda values: np.ascontiguousarray(values.T).T,
    "transposed slice": lambda values: inside(values.T, -1, 2).T,
    "broadcast rows": lambda values: np.broadcast_to(values[:1].copy(), values.shape),
    "broadcast columns": lambda values: np.broadcast_to(values[:, :1].copy(), values.shape),
    "broadcast number": lambda values: np.broadcast_to(values[:1, :1].copy(), values.shape),
    "plane": plane,
    "aligned field": lambda values: field(values, align=True),
    "packed field": lambda values: field(values, align=False),
    "misaligned": misaligned,
    "misaligned F": lambda values: misaligned(np.ascontiguousarray(values.T)).T,
    "read-only": read_only,
    "memmap": memory_map,
    "memmap F": lambda values: memory_map(values, "F"),
    "window": window,
    "lonely steps": lonely_steps,
}
# Those that keep each number at its place.
FAITHFUL = tuple(name for name in LAYOUTS if "broadcast" not in name and name != "window")


def lay(values: Array, layout: str) -> Array:
    """`values`, a matrix or one column, in the layout of this name."""
    if values.ndim == 1:
        return LAYOUTS[layout](values[:, None])[:, 0]
    return LAYOUTS[layout](values)


def plain(array: Any) -> Array:
    """The same numbers in C order: single precision if they are, else double."""
    return np.array(array, np.float32 if array.dtype == np.float32 else np.float64, order="C")


# --- Numbers ----------------------------------------------------------------------------------


def as_objects(values: Array, rng: np.random.Generator) -> Array:
    """The same doubles, each as an object of one class or another."""
    kinds: list[Callable[[float], Any]] = [
        *(float, np.float64, Fraction, Decimal, np.longdouble),
        lambda number: int(number) if number == int(number) else number,
        lambda number: bool(number) if number in (0, 1) else number,
    ]
    objects = np.empty(values.shape, object)
    chosen = rng.integers(0, len(kinds), values.shape)
    for place, number in np.ndenumerate(values):
        objects[place] = kinds[chosen[place]](float(number))
    return objects


def small_numbers(dtype: Any, shape: Any, rng: np.random.Generator) -> Array:
    """Numbers of order 1: normal ones, or whole ones where the dtype has no others."""
    dtype = np.dtype(dtype)
    if dtype.kind == "O":
        return as_objects(np.where(rng.random(shape) < 0.3, 1, rng.normal(size=shape)), rng)
    if dtype.kind == "f":
        return rng.normal(size=shape).astype(dtype)
    low, high = {"b": (0, 2), "u": (0, 5), "i": (-2, 3)}[dtype.kind]
    return rng.integers(low, high, shape).astype(dtype)


def any_numbers(dtype: Any, shape: Any, rng: np.random.Generator) -> Array:
    """Finite numbers from the whole range of the dtype, its ends among them."""
    dtype = np.dtype(dtype)
    if dtype.kind == "O":
        return as_objects(any_numbers(float, shape, rng), rng)
    if dtype.kind == "b":
        return rng.integers(0, 2, shape).astype(dtype)
    if dtype.kind == "f":
        limits = np.finfo(dtype)
        ends = [limits.max, limits.min, limits.tiny, limits.smallest_subnormal, -0.0]
        # Any bits at all, so any exponent; what is not finite is drawn from the ends.
        bits = rng.integers(0, 256, (*np.atleast_1d(shape), dtype.itemsize), np.uint8)
        values = bits.view(dtype)[..., 0].reshape(shape)
        return np.where(np.isfinite(values), values, rng.choice(ends, shape)).astype(dtype)
    limits = np.iinfo(dtype)
    native = dtype.newbyteorder("=")
    values = rng.integers(limits.min, limits.max, shape, native, endpoint=True)
    ends = np.array([limits.min, limits.max, limits.max - 1], native)
    return np.where(rng.random(shape) < 0.2, rng.choice(ends, shape), values).astype(dtype)


# --- What is no real number -------------------------------------------------------------------

# On some platforms a long double is a double, and then it is one of the legal dtypes.
HAS_LONG_DOUBLE = np.dtype(np.longdouble) != np.dtype(np.float64)

# For each what the message must say of it.
REFUSED: dict[str, tuple[Callable[[Array], Any], type[Exception], str]] = {
    "complex64": (lambda a: a.astype("c8"), TypeError, "complex64"),
    "complex128": (lambda a: a * 1j, TypeError, "complex128"),
    "datetime": (lambda a: a.astype("i8").astype("M8[D]"), TypeError, "datetime64"),
    "timedelta": (lambda a: a.astype("i8").astype("m8[s]"), TypeError, "timedelta64"),
    "str": (lambda a: a.astype(str), TypeError, "<U"),
    "bytes": (lambda a: a.astype(bytes), TypeError, "S"),
    "objects of words": (lambda a: a.astype(str).astype(object), TypeError, "dtype object"),
    "objects of nothing": (lambda a: np.full(a.shape, None), TypeError, "dtype object, with None"),
    "structured": (lambda a: np.zeros(a.shape, [("p", "f8"), ("q", "i4")]), TypeError, "'p'"),
    "void": (lambda a: a.astype("f8").view("V8"), TypeError, "V8"),
    "masked": (lambda a: np.ma.array(a, mask=a > 0), TypeError, "masked"),
}
if HAS_LONG_DOUBLE:
    REFUSED["long double"] = (
        lambda a: a.astype(np.longdouble),
        TypeError,
        str(np.dtype(np.longdouble)),
    )


# --- Strategies -------------------------------------------------------------------------------

dtypes = st.sampled_from(DTYPES)
layouts = st.sampled_from(list(LAYOUTS))


def elements(dtype: Any, largest: float = 1e3) -> st.SearchStrategy[Any]:
    """Finite numbers of the dtype, none beyond `largest`."""
    dtype = np.dtype(dtype)
    if dtype.kind == "O":
        kinds = [elements(float, largest), elements(int, largest), st.booleans()]
        return st.one_of(*kinds, elements(float, largest).map(Fraction))
    if dtype.kind == "f":
        return from_dtype(dtype, allow_nan=False, min_value=-largest, max_value=largest)
    if dtype.kind == "b":
        return st.booleans()
    limits = np.iinfo(dtype)
    return st.integers(max(limits.min, -int(largest)), min(limits.max, int(largest)))


@st.composite
def matrices(
    draw: st.DrawFn,
    most_rows: int = 12,
    most_columns: int = 6,
    dtypes: st.SearchStrategy[str] = dtypes,
    layouts: st.SearchStrategy[str] = layouts,
    largest: float = 1e3,
) -> Array:
    """A matrix of any legal layout and dtype."""
    dtype = np.dtype(draw(dtypes))
    # Hypothesis makes arrays of native byte order.
    native = dtype.newbyteorder("=")
    shape = (draw(st.integers(1, most_rows)), draw(st.integers(1, most_columns)))
    values = draw(arrays(native, shape, elements=elements(native, largest)))
    return lay(values.astype(dtype), draw(layouts))


@st.composite
def vectors(
    draw: st.DrawFn,
    n: int,
    dtypes: st.SearchStrategy[str] = dtypes,
    lowest: float = -1e3,
    largest: float = 1e3,
) -> Array:
    """`n` numbers of any legal layout and dtype."""
    dtype = np.dtype(draw(dtypes))
    native = dtype.newbyteorder("=")
    numbers = elements(native, largest).filter(lambda number: number >= lowest)
    return lay(draw(arrays(native, n, elements=numbers)).astype(dtype), draw(layouts))
