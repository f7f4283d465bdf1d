"""Checks shared by the value objects, `gradwalk.rules` and `gradwalk.schedules`."""

from __future__ import annotations

import inspect
import math
import operator
from collections.abc import Callable

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


def check_whole(argument: str, value: object, least: int = 1) -> None:
    """Refuse anything but a whole number of at least `least`."""
    message = f"{argument} must be a whole number of at least {least}; got {value!r}"
    if isinstance(value, NO_NUMBERS) or not hasattr(value, "__index__"):
        raise TypeError(message)
    if not least <= operator.index(value) < 2**63:
        raise ValueError(message)


def refuse_unknown(kind: str, cls: type, named: dict[str, object]) -> None:
    """Say what to write instead of a constant that a rule or a schedule has not."""
    if named.keys() <= getattr(cls, "__dataclass_fields__", named).keys():
        return
    from gradwalk import _words

    # A class of the user's may have an __init__ of its own.
    known = [*inspect.signature(cls).parameters.values()]
    if all(parameter.kind is not parameter.VAR_KEYWORD for parameter in known):
        _words.refuse_unknown(cls.__name__, kind, [parameter.name for parameter in known], named)
