"""What the value objects, `gradwalk.rules` and `gradwalk.schedules`, have in common, and checks."""

from __future__ import annotations

import inspect
import operator
from typing import ClassVar, Self, TypeGuard

import numpy as np

from gradwalk import _core


class Value:
    """A name and constants, of which the core has the formula and says what they may be."""

    _name: ClassVar[str]
    _kind: ClassVar[str]

    def __init_subclass__(cls) -> None:
        # A class of the user's goes by the name of the one that it comes from.
        if cls.__module__ == f"gradwalk.{cls._kind}s":
            cls._name = cls.__name__

    def __new__(cls, *_constants: object, **named: object) -> Self:
        """Refuse constants that there are none of."""
        _refuse_unknown(cls._kind, cls, named)
        return super().__new__(cls)

    def __post_init__(self) -> None:
        _core.check_constants(self._spec())

    def _spec(self) -> tuple[object, ...]:
        """Name and constants, for the core."""
        return (self._name, *(getattr(self, name) for name in self.__dataclass_fields__))  # type: ignore[attr-defined]


def is_whole(value: object) -> TypeGuard[int]:
    """Whether `value` is a whole number, which True is not; an array of no dimension may be one."""
    if isinstance(value, bool | np.bool_):
        return False
    try:
        operator.index(value)  # type: ignore[arg-type]
    except TypeError:
        return False
    return True


def check_whole(argument: str, value: object, least: int = 1, most: int | None = None) -> int:
    """Return `value` as an int; refuse anything but a whole number from `least` to `most`."""
    range_ = f"of at least {least}" if most is None else f"from {least} to {most}"
    message = f"{argument} must be a whole number {range_}; got {value!r}"
    if not is_whole(value):
        raise TypeError(message)
    number = operator.index(value)
    if number < least or (most is not None and number > most):
        raise ValueError(message)
    return number


def _refuse_unknown(kind: str, cls: type, named: dict[str, object]) -> None:
    """Say what to write instead of a constant that a rule or a schedule has not."""
    if named.keys() <= getattr(cls, "__dataclass_fields__", named).keys():
        return
    from gradwalk import _words

    # A class of the user's may have an __init__ of its own.
    known = [*inspect.signature(cls).parameters.values()]
    if all(parameter.kind is not parameter.VAR_KEYWORD for parameter in known):
        _words.refuse_unknown(cls.__name__, kind, [parameter.name for parameter in known], named)
