"""Arrays of any layout and dtype, and the plain arrays of the same numbers.

Each comes from a `Source`, and lies in a buffer that is exactly as long as it needs, so that a read
beyond it is one that AddressSanitizer sees.
"""

from __future__ import annotations

import array
from dataclasses import dataclass
from typing import Any

import numpy as np

from source import Source
from tally import Odd

REALS = [
    *("=f8", "=f4", ">f8", ">f4", "=f2", ">f2"),
    *("=i1", "=i2", "=i4", "=i8", ">i2", ">i4", ">i8"),
    *("=u1", "=u2", "=u4", "=u8", ">u2", ">u4", ">u8", "?"),
]
INTEGERS = [name for name in REALS if name[1:2] in ("i", "u")]
# Refused, whatever is in them.
REFUSED = ["=c8", "=c16", ">c16", "M8[s]", "m8[us]", "U2", "S2", "V3", "f4,i4"]
if np.dtype("longdouble").itemsize > 8:
    REFUSED.append("longdouble")

SHAPES = [(), (0,), (1,), (3,), (6,), (0, 3), (3, 0), (1, 1), (2, 3), (6, 2), (2, 1, 3), (1,) * 5]


@dataclass
class Argument:
    """An array-like, and what it stands for."""

    value: Any
    # The same numbers as a C-ordered array of the precision that they are worked on in; None where
    # the value does not stand for real numbers, and must be refused.
    plain: np.ndarray[Any, Any] | None
    # The memory below the value, and a copy: nothing may write to it.
    memory: Any = b""
    before: bytes = b""

    def is_untouched(self) -> bool:
        """Whether the memory is as it was."""
        return bytes(self.memory) == self.before


def endless(source: Source) -> Argument:
    """An X that takes no memory and has more rows, or more columns, than can be worked on."""
    one = np.zeros((), source.pick(["f8", "f4", "i1", "u2", ">f8"]))
    return Argument(np.broadcast_to(one, source.pick([(2**32, 1), (1, 2**45)])), None)


def argument(
    source: Source, shape: tuple[int, ...], *, numbers: str = "real", single: bool = False
) -> Argument:
    """An argument that is mostly of this shape.

    `numbers` is "real", "labels" (0 and 1), "weights" (not negative) or "indices" (whole, and at
    most 5). `single` keeps native float32 as it is in the plain twin, as X is.
    """
    kind = source.below(16)
    if kind == 15:
        return _refused(source, shape)
    if kind == 14:
        shape = source.pick(SHAPES)
    dtypes = INTEGERS if numbers == "indices" else REALS
    made = _strided(source, np.dtype(source.pick(dtypes)), shape, numbers)
    # Row numbers come as an array or a list: another thing with an array in it is refused.
    return _wrapped(source, made, single, source.below(2 if numbers == "indices" else 24))


def _strided(
    source: Source, dtype: np.dtype[Any], shape: tuple[int, ...], numbers: str
) -> Argument:
    """An array of that dtype and shape, with strides of any kind, over a buffer that just fits."""
    strides = _strides(source, dtype.itemsize, shape)
    reach = [stride * (n - 1) for stride, n in zip(strides, shape, strict=True) if n > 0]
    below, above = -sum(min(0, r) for r in reach), sum(max(0, r) for r in reach)
    # A few bytes in front make it misaligned.
    front = source.pick([0, 0, 0, dtype.itemsize, 1, 3])
    memory = array.array("B", bytes(front + below + above + dtype.itemsize))
    view = np.ndarray(shape, dtype, memory, front + below, strides)
    if numbers == "real" and source.once_in(6):
        # Bits as they come: NaN, infinities, subnormal numbers, and bools that are neither 0 nor 1.
        memory[:] = array.array("B", (source.bytes(32) * (len(memory) // 32 + 1))[: len(memory)])
    else:
        _fill(source, view, numbers)
    if source.once_in(3):
        view.flags.writeable = False
    return Argument(view, None, memory, bytes(memory))


def _strides(source: Source, itemsize: int, shape: tuple[int, ...]) -> tuple[int, ...]:
    """Bytes from one entry to the next, along each axis."""
    layout = source.below(6)
    packed, size = [], itemsize
    for n in reversed(shape) if layout != 1 else shape:
        packed.append(size)
        size *= max(n, 1)
    in_order = packed if layout == 1 else packed[::-1]  # of Fortran, of C
    if layout <= 1:
        return tuple(in_order)
    if layout == 2:  # every other one, some of them backwards
        return tuple(stride * source.pick([1, 2, 3, -1, -2]) for stride in in_order)
    if layout == 3:  # one number for many
        return tuple(stride * source.below(2) for stride in in_order)
    if layout == 4:  # the fields of packed records: no multiple of the item
        return tuple(stride * source.pick([1, -1]) + source.below(5) for stride in in_order)
    return tuple(source.between(-40, 40) for _ in shape)


def _fill(source: Source, view: np.ndarray[Any, Any], numbers: str) -> None:
    """Small numbers into every entry. Where entries share bytes, the last one wins."""
    palette = np.frombuffer(source.bytes(8), np.uint8).astype(np.int64)
    small = palette[(np.arange(view.size) * 5 + np.arange(view.size) // 8) % 8].reshape(view.shape)
    if numbers == "labels":
        small = small % 2
    elif numbers == "indices":
        small = small % 6 if view.dtype.kind in "iub" else small % 2
    elif numbers == "weights" or view.dtype.kind in "ub":
        small = small % 5
    else:
        small = small % 13 - 6
    if numbers in ("real", "weights") and view.dtype.kind == "f":
        small = small / 4
    with np.errstate(all="ignore"):
        view[...] = small.astype(view.dtype)


def plain(value: np.ndarray[Any, Any], single: bool = False) -> np.ndarray[Any, Any]:
    """The numbers of `value`, C-ordered, in float64; or in float32, if they are and `single`."""
    is_single = single and value.dtype == np.float32 and value.dtype.isnative
    with np.errstate(all="ignore"):
        return np.array(value, np.float32 if is_single else np.float64, order="C", ndmin=0)


def _wrapped(source: Source, made: Argument, single: bool, kind: int) -> Argument:
    """The array as it is, or as a user may hand it over."""
    view = made.value
    made.plain = plain(view, single)
    if kind == 0 and view.dtype.isnative and view.dtype.kind != "b" and view.ndim > 0:
        made.value = view.tolist()
        made.plain = plain(np.asarray(made.value), single)
    elif kind == 1 and view.ndim == 2:
        made.value = view.view(np.matrix)
    elif kind == 2:
        made.value = ThroughMethod(view)
    elif kind == 3:
        made.value = ThroughInterface(view)
    elif kind == 4:
        made.value = view.view(Stubborn)
    elif kind == 5 and view.ndim == 2:
        made.value = list(view)
        made.plain = plain(np.asarray(made.value), single)
    elif kind == 6 and view.ndim == 2:
        made.value = view.T.copy().T
    elif kind == 7 and view.ndim > 0:
        made.value = view.astype(object)
        made.plain = plain(np.asarray(made.value, np.float64))
    return made


class ThroughMethod:
    """Something that NumPy asks for an array, as frames are."""

    def __init__(self, view: np.ndarray[Any, Any]) -> None:
        self.view = view

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray[Any, Any]:
        return self.view


class ThroughInterface:
    """Something that tells NumPy where its numbers are."""

    def __init__(self, view: np.ndarray[Any, Any]) -> None:
        self.view = view
        self.__array_interface__ = view.__array_interface__


class Stubborn(np.ndarray):  # type: ignore[type-arg]
    """An array whose methods do not do what those of an array do."""

    def view(self, *_: Any, **__: Any) -> Any:
        raise Odd("no view")

    def reshape(self, *_: Any, **__: Any) -> Any:
        return "reshaped"


class Lying:
    """Something whose arrays are of another shape each time, or none at all."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        answer = self.answers[0]
        self.answers.append(self.answers.pop(0))
        if isinstance(answer, Exception):
            raise answer
        return answer


def _refused(source: Source, shape: tuple[int, ...]) -> Argument:
    """Something that does not stand for real numbers."""
    kind = source.below(8)
    if kind == 4:
        return Argument(np.full(shape, source.pick([None, "1", 1j]), object), None)
    if kind <= 3:
        dtype = np.dtype(source.pick(REFUSED))
        return Argument(np.zeros(shape, dtype), None)
    if kind == 5:
        return Argument(np.ma.masked_array(np.zeros(shape), np.zeros(shape, bool)), None)
    if kind == 6:
        return Argument(source.pick([[[1.0], [1.0, 2.0]], [[1], 2], [[[1]], [[2, 3]]]]), None)
    odd = [
        *("X", b"1", {}, {1}, object(), 1j, [None], [["1"]], [[object()]], print),
        *(
            Lying("none"),
            Lying(Odd("no array")),
            Lying(MemoryError("none left")),
            Lying(np.full(shape, None)),
        ),
    ]
    return Argument(source.pick(odd), None)
