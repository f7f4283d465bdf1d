"""Checks of numbers, shared by all that takes arguments in Python."""

from __future__ import annotations

import inspect
import math
import operator
from collections.abc import Callable
from typing import TypeGuard

import numpy as np

# They turn into numbers, but whoever gives one means something else.
NO_NUMBERS = (bool, np.bool_, complex, str, bytes, np.ndarray, type)


def check_number(
    argument: str, value: object, expected: str, is_legal: Callable[[float], bool]
) -> None:
    """Refuse anything but a finite real number for which `is_legal` holds."""
    message = f"{argument} must be {expected}; got {value!r}"
    if isinstance(value, NO_NUMBERS) or not hasattr(value, "__float__"):
        raise TypeError(message)
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not (math.isfinite(number) and is_legal(number)):
        raise ValueError(message)


def is_whole(value: object) -> TypeGuard[int]:
    """Whether `value` is a whole number, which True is not."""
    return hasattr(value, "__index__") and not isinstance(value, NO_NUMBERS)


def check_whole(argument: str, value: object, least: int = 1, most: int | None = None) -> int:
    """Return `value` as an int; refuse anything but a whole number from `least` to `most`."""
    range_ = f"of at least {least}" if most is None else f"from {least} to {most}"
    message = f"{argument} must be a whole number {range_}; got {value!r}"
    if not is_whole(value):
        raise TypeError(message)
    number = operator.index(value)
    if not least <= number <= (2**63 - 1 if most is None else most):
        raise ValueError(message)
    return number


def refuse_unknown(kind: str, cls: type, named: dict[str, object]) -> None:
    """Say what to write instead of a constant that a rule or a schedule has not."""
    if named.keys() <= getattr(cls, "__dataclass_fields__", named).keys():
        return
    from gradwalk import _words

    # A class of the user's may have an __init__ of its own.
    known = [*inspect.signature(cls).parameters.values()]
    if all(parameter.kind is not parameter.VAR_KEYWORD for parameter in known):
        _words.refuse_unknown(cls.__name__, kind, [parameter.name for parameter in known], named)
