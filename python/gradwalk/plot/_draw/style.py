"""One style for every picture: a colour, a line and a marker for each method and each role.

The three colours of the methods are Paul Tol's *high-contrast* set (technical note
SRON/EPS/TN/09-002): they stay apart for colour-blind readers, and their greys stay apart in a
black-and-white print. Line style and marker say the same once more. Classes have the colours of
his *muted* set, so that a class is not taken for a method.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from matplotlib.colors import Colormap

Line: TypeAlias = str | tuple[int, tuple[int, ...]]
_Settings: TypeAlias = dict[str, Any]

#: Line widths in points, and the size of the notes' letters.
FAINT, THIN, LINE = 0.7, 1.1, 1.8
NOTE_SIZE = 8

INK = "#222222"  # text that is part of the picture, start and minimum marks
CONTOUR, CONTOUR_TEXT = "#a6a6a6", "#6b6b6b"
GROUND = "#d9d9d9"  # the darkest grey behind a contour, far up the slope
GRID = "#e6e6e6"


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

# Marks and lines of one role, as settings of ax.plot.
START: Final[_Settings] = {"marker": "o", "color": "white", "mec": INK, "mew": 1.5, "ms": 9}
END: Final[_Settings] = {"marker": "D", "color": "#bbbbbb", "mec": INK, "ms": 7}
MINIMUM: Final[_Settings] = {"marker": "*", "color": "white", "mec": INK, "ms": 15}
LOCAL_MINIMUM: Final[_Settings] = {"marker": "*", "color": "#bbbbbb", "mec": INK, "ms": 10}
DATA: Final[_Settings] = {"marker": "o", "color": "#999999", "mec": "white", "mew": 0.4, "ms": 4.5}
TARGET: Final[_Settings] = {"marker": "x", "color": INK, "mew": 1.5, "ms": 7}
for _mark in (START, END, MINIMUM, LOCAL_MINIMUM, DATA, TARGET):
    _mark["ls"] = ""
TANGENT: Final[_Settings] = {"color": "#009988", "ls": "-", "lw": LINE}
LIMIT: Final[_Settings] = {"color": "#555555", "ls": (0, (5, 2, 1, 2)), "lw": THIN}
FIT: Final[_Settings] = {"color": INK, "ls": "-", "lw": LINE}
VALIDATION: Final[_Settings] = {"ls": (0, (4, 2)), "lw": THIN, "marker": ""}

# Neighbours differ in lightness, too.
_CLASSES: Final = (
    Look("#882255", "-", "o"),
    Look("#88CCEE", (0, (5, 1)), "s"),
    Look("#117733", (0, (1, 1)), "^"),
    Look("#DDCC77", (0, (5, 1, 1, 1)), "D"),
    Look("#332288", (0, (3, 2)), "v"),
    Look("#44AA99", "-", "P"),
    Look("#AA4499", (0, (5, 1)), "X"),
    Look("#999933", (0, (1, 1)), "<"),
    Look("#666666", (0, (5, 1, 1, 1)), ">"),
    Look("#CC6677", (0, (3, 2)), "p"),
)

# Several walks of one method keep its hue and differ in lightness, line and marker.
_LINES: Final[tuple[Line, ...]] = ("-", (0, (5, 1)), (0, (1, 1)), (0, (5, 1, 1, 1)))
_MARKERS: Final = ("o", "s", "^", "D", "v", "P")

# From small to large: lightness falls evenly.
_SWEEP: Final = ("#A9D8A0", "#5FB07F", "#2F8270", "#185560", "#0C2C42")


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


def classes(k: int) -> list[Look]:
    """Return the looks of k classes.

    Raises
    ------
    ValueError
        If k is more than 10: nobody tells more colours apart.
    """
    if k > len(_CLASSES):
        raise ValueError(f"a picture shows at most {len(_CLASSES)} classes, got {k}")
    return list(_CLASSES[:k])


def sweep(n: int) -> list[Look]:
    """Return the looks of n values of one setting, light for the smallest to dark."""
    looks = []
    for number in range(n):
        place = (len(_SWEEP) - 1) * (number / (n - 1) if n > 1 else 0.5)
        left = min(int(place), len(_SWEEP) - 2)
        color = _mix(_SWEEP[left], _SWEEP[left + 1], place - left)
        looks.append(Look(color, _LINES[number % len(_LINES)], _MARKERS[number % len(_MARKERS)]))
    return looks


def fading(color: str, count: int) -> list[str]:
    """Shades of a colour for early lines, from pale to nearly itself."""
    from matplotlib.colors import to_hex, to_rgb

    shares = np.linspace(0.35, 0.75, count) if count > 1 else np.array([0.5])
    strong = np.array(to_rgb(color))
    return [to_hex(1.0 - share * (1.0 - strong)) for share in shares]


def sweep_map() -> Colormap:
    """Return the colours of `sweep` as a colour map."""
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("gradwalk-sweep", list(_SWEEP))


def ground_map() -> Colormap:
    """Return the greys behind contour lines: white in the valley."""
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("gradwalk-ground", ["#ffffff", GROUND])


def _mix(first: str, second: str, share: float) -> str:
    pairs: Iterable[tuple[int, int]] = (
        (int(first[i : i + 2], 16), int(second[i : i + 2], 16)) for i in (1, 3, 5)
    )
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)
