"""How walks are told apart: a colour, a line and a marker for each method.

The three colours of the methods are Paul Tol's *high-contrast* set (technical note
SRON/EPS/TN/09-002): they stay apart for colour-blind readers, and their greys stay apart in a
black-and-white print. Line style and marker say the same once more.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Final, TypeAlias

Line: TypeAlias = str | tuple[int, tuple[int, ...]]


@dataclasses.dataclass(frozen=True)
class Look:
    """How one walk is drawn."""

    color: str
    linestyle: Line
    marker: str


#: One meaning, one colour, throughout.
METHODS: Final = {
    "batch": Look("#004488", "-", "o"),
    "stochastic": Look("#DDAA33", (0, (1, 1)), "^"),
    "mini-batch": Look("#BB5566", (0, (5, 1)), "s"),
}
#: A walk that does not say its method.
WALK: Final = Look("#6F4C9B", (0, (5, 1, 1, 1)), "D")

# Several walks of one method keep its hue and differ in lightness, line and marker.
_LINES: Final[tuple[Line, ...]] = ("-", (0, (5, 1)), (0, (1, 1)), (0, (5, 1, 1, 1)))
_MARKERS: Final = ("o", "s", "^", "D", "v", "P")

# From small to large: lightness falls evenly.
SWEEP: Final = ("#A9D8A0", "#5FB07F", "#2F8270", "#185560", "#0C2C42")


def look(method: str, number: int, of: int) -> Look:
    """Choose the look of the `number`-th of `of` walks by one method."""
    base = METHODS.get(method, WALK)
    if of == 1:
        return base
    lightness = 0.5 * number / (of - 1)
    return Look(
        _mix(base.color, "#ffffff", lightness),
        _LINES[number % len(_LINES)],
        _MARKERS[number % len(_MARKERS)],
    )


def sweep(n: int) -> list[Look]:
    """Return the looks of n values of one setting, light for the smallest to dark."""
    looks = []
    for number in range(n):
        place = (len(SWEEP) - 1) * (number / (n - 1) if n > 1 else 0.5)
        left = min(int(place), len(SWEEP) - 2)
        color = _mix(SWEEP[left], SWEEP[left + 1], place - left)
        looks.append(Look(color, _LINES[number % len(_LINES)], _MARKERS[number % len(_MARKERS)]))
    return looks


def _mix(first: str, second: str, share: float) -> str:
    pairs: Iterable[tuple[int, int]] = (
        (int(first[i : i + 2], 16), int(second[i : i + 2], 16)) for i in (1, 3, 5)
    )
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)
