"""Values that a student, a notebook or another library may hand over by mistake, and worse ones."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any
from unittest import mock

import numpy as np

import gradwalk as gw
from source import Source
from tally import Odd

# No whole number between a hundred and 2**32 is here: it would be legal, and long to walk.
PLAIN: list[Any] = [
    *(None, True, False, ..., NotImplemented),
    *(0, 1, 2, 3, 7, -1, -(2**63) - 1, 2**61, 2**63 - 1, 2**63, 2**64 - 1, 2**64, 10**30),
    *(10**400, -(10**400), 0.0, -0.0, 0.5, 1.0, 3.0, 1e-320, 1e300, -1e300, 5e-324),
    *(math.nan, math.inf, -math.inf, 1j, complex("nan"), Fraction(1, 3), Fraction(3), Decimal(3)),
    *(Decimal("0.1"), Decimal("nan"), Decimal("sNaN"), Decimal("1e999")),
    *(
        "",
        "mse",
        "hinge",
        "cross_entropy",
        "shuffle",
        "auto",
        "3",
        "é",
        "\udcff",
        "a\0b",
        "x" * 500,
    ),
    *(b"", b"mse", bytearray(b"3"), [], [1], [[1.0]], [[]], [None], (), (1, 2), {}, {"a": 1}, {1}),
    *(range(3), range(10**18), slice(3), object, type, len, divmod, int, float, np.float64),
    *(np.int8(3), np.int64(3), np.uint64(2**63), np.float16(1), np.float32(0.5), np.float64(3)),
    *(np.longdouble(1), np.complex128(1j), np.bool_(True), np.str_("mse"), np.bytes_(b"mse")),
    *(np.datetime64("2020"), np.timedelta64(1, "s"), np.datetime64("NaT"), np.void(b"abc")),
    *(np.array(3), np.array(0.5), np.array([3]), np.array("a"), np.array(None), np.zeros(0)),
    *(np.zeros((6, 2)), np.zeros((0, 2)), np.zeros(6, complex), np.ma.zeros(6)),
    *(np.dtype(float), np.nan_to_num, np.random.default_rng, np.random.RandomState(0)),
    *(gw, gw.SGD, gw.SGD(), gw.rules.Momentum(0.9), gw.schedules.Constant(0.1), gw.landscapes.bowl),
    *(gw.rules.Rule, gw.schedules.Schedule, gw.rules.Adam, Exception("no"), memoryview(b"ab")),
]


class Index:
    """Stands for a whole number, or says so."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer

    def __index__(self) -> Any:
        return _answer(self.answer)


class Number(Index):
    """Stands for a real number, or says so."""

    def __float__(self) -> Any:
        return _answer(self.answer)


class Evil:
    """Raises at whatever it is asked; `__class__` is no exception."""

    def _refuse(self, *_: Any, **__: Any) -> Any:
        raise Odd("asked")

    __index__ = __float__ = __int__ = __bool__ = __len__ = __iter__ = __getitem__ = _refuse
    __eq__ = __lt__ = __gt__ = __repr__ = __str__ = __format__ = __array__ = __call__ = _refuse
    __getattr__ = _refuse
    __hash__ = None  # type: ignore[assignment]


class Pretender:
    """Says that it is of a class that it is not of."""

    def __init__(self, pretended: type) -> None:
        self.pretended = pretended

    @property
    def __class__(self) -> type:  # type: ignore[override]
        return self.pretended


class Unspeakable:
    """Has no words for itself."""

    def __repr__(self) -> str:
        raise Odd("no words")


class Sized:
    """Has a length that nothing has, and no entries."""

    def __init__(self, length: Any) -> None:
        self.length = length

    def __len__(self) -> Any:
        return _answer(self.length)

    def __getitem__(self, place: int) -> Any:
        raise IndexError(place)


class Worded(str):
    """A string that is equal to every other."""

    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = str.__hash__


class OwnRule(gw.rules.Rule):
    """A rule whose constants are none."""

    def __init__(self, spec: Any) -> None:
        self.spec = spec

    def _spec(self) -> Any:
        return _answer(self.spec)


class OwnSchedule(gw.schedules.Schedule):
    """A schedule whose constants are none."""

    def __init__(self, spec: Any) -> None:
        self.spec = spec

    def _spec(self) -> Any:
        return _answer(self.spec)


def _answer(answer: Any) -> Any:
    if isinstance(answer, Exception):
        raise answer
    return answer


MADE: list[Callable[[], Any]] = [
    *(lambda: Index(3), lambda: Index(-1), lambda: Index(2**63), lambda: Index(10**30)),
    *(lambda: Index("3"), lambda: Index(None), lambda: Index(Odd("no index"))),
    *(lambda: Index(3.0), lambda: Index(Index(3)), lambda: Index(np.int64(3))),
    *(lambda: Number(0.5), lambda: Number("0.5"), lambda: Number(Odd("no float"))),
    *(lambda: Number(math.nan), lambda: Number(None), lambda: Number(10**400)),
    *(Evil, Unspeakable, object, mock.Mock, mock.MagicMock, lambda: Pretender(int)),
    *(lambda: Pretender(str), lambda: Pretender(np.ndarray), lambda: Pretender(gw.rules.Momentum)),
    *(lambda: Pretender(gw.schedules.Constant), lambda: Pretender(np.random.Generator)),
    *(lambda: Pretender(type(gw.landscapes.bowl)), lambda: Pretender(tuple)),
    *(lambda: Sized(-1), lambda: Sized(10**30), lambda: Sized("3"), lambda: Sized(5)),
    *(lambda: Sized(Odd("no length")), lambda: Worded("hinge"), lambda: iter([1, 2])),
    *(lambda: (i for i in range(3)), lambda: np.random.default_rng(0)),
]
# What a rule or a schedule of one's own may claim to be.
SPECS: list[Any] = [
    *((), ("Momentum",), ("Momentum", "0.9"), ("Momentum", math.nan), ("Momentum", 1e300), None),
    *(("Adam", 0.9), ("Adam", 2.0, -1.0, 0.0), ("AdaGrad", 0.0), ("RMSProp", 0.5, math.inf)),
    *(("nothing",), (3,), "Momentum", ["Momentum", 0.9], Odd("no constants"), ("plain",)),
    *(("Constant", -1.0), ("Constant", math.inf), ("StepDecay", 0.1, 0.5, 0), ("Constant", None)),
    *(
        ("StepDecay", 0.1, 0.5, -1),
        ("Cosine", 0.1, 0, 0.0, 1, 1),
        ("Cosine", 0.1, 2**64, 0.0, 1, 1),
    ),
    *(("Warmup", 1), ("Warmup", 1, ("Constant", 0.1)), ("Warmup", 1, OwnSchedule(()))),
    *(("InverseScaling", 0.1, 0.0, 2.0), ("Exponential", 0.1, -3.0), ("Warmup", 3, "constant")),
]


def deep(depth: int) -> tuple[Any, ...]:
    """A warm-up of a warm-up of … a constant."""
    spec: tuple[Any, ...] = ("Constant", 0.1)
    for _ in range(depth):
        spec = ("Warmup", 1, spec)
    return spec


def odd_value(source: Source) -> Any:
    """Any of them."""
    kind = source.below(4)
    if kind == 0:
        return source.pick(MADE)()
    if kind == 1 and source.once_in(3):
        spec = deep(100_000) if source.once_in(40) else source.pick(SPECS)
        return source.pick([OwnRule, OwnSchedule])(spec)
    return source.pick(PLAIN)


# --- Functions ------------------------------------------------------------------------------

ANSWERS: list[Any] = [
    *(None, True, False, np.True_, 0, 1, 0.5, -1.0, math.nan, math.inf, 1j, "0.5", b"1", [], [1.0]),
    *((0.5, [0.5]), (0.5, [0.5, 0.5]), (0.5, np.zeros(2)), (0.5, np.zeros(3)), (math.nan, [0.5])),
    *((0.5, None), (None, [0.5]), (0.5, [math.nan, 1.0]), (0.5, np.full(2, np.inf)), (0.5,)),
    *((0.5, "ab"), (0.5, np.zeros((2, 1))), (0.5, 1, 2), ((), ()), (1e308, [1e308, -1e308])),
    *(np.float32(0.5), np.array(0.5), np.array([0.5]), np.zeros(2), np.zeros((3, 2)), 10**400),
    *(np.array([0.5, 0.5], ">f4"), np.zeros(2, complex), np.array(["a", "b"]), Fraction(1, 2)),
    *(np.longdouble(0.5), np.ma.zeros(2), Decimal("0.5"), object(), Evil(), Unspeakable()),
]


def odd_function(source: Source) -> Callable[..., Any]:
    """A function that gives odd answers, one after the other, or raises."""
    answers = [source.pick(ANSWERS) for _ in range(source.between(1, 3))]
    if source.once_in(8):
        answers.append(Odd("the function raised"))
    calls = 0

    def odd_function(*given: Any, **_: Any) -> Any:
        nonlocal calls
        calls += 1
        answer = answers[(calls - 1) % len(answers)]
        if isinstance(answer, Exception):
            raise answer
        return answer

    return odd_function
