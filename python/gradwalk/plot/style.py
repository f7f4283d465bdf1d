"""One style for every picture: a colour, a line and a marker for each method.

The three colours are Paul Tol's *high-contrast* set (technical note SRON/EPS/TN/09-002): they stay
apart for colour-blind readers, and their greys stay apart in a black-and-white print. Line style
and marker say the same once more.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from .language import families, has_hangul

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Line widths in points.
FAINT, THIN, LINE = 0.7, 1.1, 1.8

INK = "#222222"  # text that is part of the picture, start and minimum marks
CONTOUR, CONTOUR_TEXT = "#a6a6a6", "#6b6b6b"
GROUND = "#d9d9d9"  # the darkest grey behind a contour, far up the slope


@dataclasses.dataclass(frozen=True)
class Look:
    """How one walk is drawn."""

    color: str
    linestyle: str | tuple[int, tuple[int, ...]]
    marker: str


#: One meaning, one colour, throughout.
METHODS = {
    "batch": Look("#004488", "-", "o"),
    "stochastic": Look("#DDAA33", (0, (1, 1)), "^"),
    "mini-batch": Look("#BB5566", (0, (5, 1)), "s"),
}

# Several walks of one method keep its hue and differ in lightness, line and marker.
_LINES: tuple[str | tuple[int, tuple[int, ...]], ...] = (
    "-",
    (0, (5, 1)),
    (0, (1, 1)),
    (0, (5, 1, 1, 1)),
)
_MARKERS = ("o", "s", "^", "D", "v", "P")


def look(method: str, number: int, of: int) -> Look:
    """Choose the look of the `number`-th of `of` walks by one method."""
    base = METHODS[method]
    if of == 1:
        return base
    lightness = 0.5 * number / (of - 1)
    return Look(
        _lighten(base.color, lightness),
        _LINES[number % len(_LINES)],
        _MARKERS[number % len(_MARKERS)],
    )


def _lighten(color: str, amount: float) -> str:
    channels = (int(color[i : i + 2], 16) for i in (1, 3, 5))
    return "#" + "".join(f"{round(c + (255 - c) * amount):02x}" for c in channels)


def new_axes(ax: Axes | None, *, width: float = 6.4, height: float = 4.0) -> Axes:
    """Return the caller's axes, or the only axes of a new figure (sizes in inches)."""
    if ax is not None:
        return ax
    from matplotlib import pyplot

    return pyplot.subplots(figsize=(width, height), layout="constrained")[1]


def finish(ax: Axes) -> Axes:
    """Quiet frame, and a font that can write it for each text in Korean."""
    from matplotlib.text import Text

    ax.spines[["top", "right"]].set_visible(False)
    chosen = families()
    if chosen is not None:
        for text in ax.findobj(Text):
            # Tick labels, 10⁻³ among them, stay as they are.
            if has_hangul(text.get_text()):
                text.set_fontfamily(chosen)
    return ax
