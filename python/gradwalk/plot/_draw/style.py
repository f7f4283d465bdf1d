"""One style for every picture: a colour, a line and a marker for each role.

Classes have the colours of Paul Tol's *muted* set (technical note SRON/EPS/TN/09-002), so that a
class is not taken for a method, which has a colour of `gradwalk.plot._data.looks`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np

from .._data.looks import SWEEP, Look

if TYPE_CHECKING:
    from matplotlib.colors import Colormap

_Settings: TypeAlias = dict[str, Any]

#: Line widths in points, and the size of the notes' letters.
FAINT, THIN, LINE = 0.7, 1.1, 1.8
NOTE_SIZE = 8

INK = "#222222"  # text that is part of the picture, start and minimum marks
CONTOUR, CONTOUR_TEXT = "#a6a6a6", "#6b6b6b"
DARKEST = "#d9d9d9"  # the darkest grey behind a contour, far up the slope
GRID = "#e6e6e6"


# Marks and lines of one role, as settings of ax.plot.
START: Final[_Settings] = {"marker": "o", "color": "white", "mec": INK, "mew": 1.5, "ms": 9}
END: Final[_Settings] = {"marker": "D", "color": "#bbbbbb", "mec": INK, "ms": 7}
MINIMUM: Final[_Settings] = {"marker": "*", "color": "white", "mec": INK, "ms": 15}
LOCAL_MINIMUM: Final[_Settings] = {"marker": "*", "color": "#bbbbbb", "mec": INK, "ms": 10}
DATA: Final[_Settings] = {"marker": "o", "color": "#999999", "mec": "white", "mew": 0.4, "ms": 4.5}
TARGET: Final[_Settings] = {"marker": "x", "color": INK, "mew": 1.5, "ms": 7}
DOTS: Final[_Settings] = {"marker": ".", "mew": 0, "ms": 2.5, "alpha": 0.35, "zorder": 1}
for _mark in (START, END, MINIMUM, LOCAL_MINIMUM, DATA, DOTS, TARGET):
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


def classes(k: int) -> list[Look]:
    """Return the looks of k classes, at most 10: nobody tells more colours apart."""
    if k > len(_CLASSES):
        raise ValueError(f"a picture shows at most {len(_CLASSES)} classes, got {k}")
    return list(_CLASSES[:k])


def fading(color: str, count: int) -> list[str]:
    """Shades of a colour for early lines, from pale to nearly itself."""
    from matplotlib.colors import to_hex, to_rgb

    shares = np.linspace(0.35, 0.75, count) if count > 1 else np.array([0.5])
    strong = np.array(to_rgb(color))
    return [to_hex(1.0 - share * (1.0 - strong)) for share in shares]


def sweep_map() -> Colormap:
    """Return the colours of `sweep` as a colour map."""
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("gradwalk-sweep", list(SWEEP))


def grey_map() -> Colormap:
    """Return the greys behind contour lines: white in the valley."""
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("gradwalk-greys", ["#ffffff", DARKEST])
