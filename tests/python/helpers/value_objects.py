"""Rules and schedules as the tables of the core have them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from gradwalk import _core, rules, schedules

#: By class, what each constant is expected to be and its default.
TABLE: dict[type, dict[str, tuple[str, float | str | bool | None]]] = {
    getattr(module, name): constants
    for module, table in ((rules, _core.RULES), (schedules, _core.SCHEDULES))
    for name, constants in table.items()
}

COUNT, SCHEDULE = "a whole number of at least 1", "a schedule of gradwalk.schedules"
#: What makes a number legal, by what is said to be expected.
RANGES: dict[str, Callable[[float], bool]] = {
    "a number of at least 0 and below 1": lambda x: 0 <= x < 1,
    "a number above 0 and up to 1": lambda x: 0 < x <= 1,
    "a finite number above 0": lambda x: 0 < x < np.inf,
    "a finite number of at least 0": lambda x: 0 <= x < np.inf,
}
#: What else there is, by what is said to be expected: what is legal, the default first.
CHOICES: dict[str, tuple[str | bool, ...]] = {
    'one of "outside", "inside"': ("outside", "inside"),
    'one of "outside", "inside", "uncorrected"': ("outside", "inside", "uncorrected"),
    "True or False": (False, True),
}
#: One that is legal, and no default.
SAMPLES: dict[str, Any] = {
    **dict(zip(RANGES, (0.5, 0.75, 0.1, 0.3), strict=True)),
    **{expected: choices[-1] for expected, choices in CHOICES.items()},
    COUNT: 9,
    SCHEDULE: schedules.Exponential(0.2, 0.9),
}


def needed(cls: type) -> dict[str, Any]:
    """The constants that have no default, with a sample of each."""
    constants = TABLE[cls].items()
    return {name: SAMPLES[expected] for name, (expected, default) in constants if default is None}


#: One of each.
EVERY: list[Any] = [cls(**needed(cls)) for cls in TABLE]
