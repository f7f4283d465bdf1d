"""The line of a walk, and the notes beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from gradwalk._thinning import thin
from gradwalk.language.pictures import word

from . import style
from .frame import cut

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D
    from matplotlib.text import Annotation
    from numpy.typing import ArrayLike

    from .._data.walks import Walk

_Ends: TypeAlias = tuple[float, float]

# Room that a note takes beside its place, in points.
_NOTE_WIDTH, _NOTE_HEIGHT = 130.0, 34.0
# Markers on a line: they tell lines apart in grey, and a dozen of them do.
_MARKERS = 12
# A path of more points is drawn thin and unbroken: dots and dashes of short steps only blur.
_CROWD = 400


def draw_line(
    ax: Axes,
    walk: Walk,
    x: ArrayLike,
    y: ArrayLike,
    *,
    numbers: ArrayLike | None = None,
    unit: str = "update",
    path: bool = False,
    **line: Any,
) -> Line2D:
    """Draw the line of a walk in its look, thinned; of one that diverged, as far as the frame.

    Call it when the limits and the scales of `ax` are set. Points that are not finite are left out.
    `numbers` are the updates, or epochs (`unit`), of the points, for the note: 0, 1, 2, … by
    default. Of a `path` over a plane many points are drawn thin and unbroken. `line` are settings
    of ``ax.plot`` in place of those of the walk's look.
    """
    xs, ys = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    counts = np.arange(xs.size) if numbers is None else np.asarray(numbers)
    finite = np.isfinite(xs) & np.isfinite(ys)
    xs, ys, counts = xs[finite], ys[finite], counts[finite]
    if walk.diverged and xs.size:
        xlog, ylog = ax.get_xscale() == "log", ax.get_yscale() == "log"
        part = cut(xs, ys, ax.get_xlim(), ax.get_ylim(), xlog=xlog, ylog=ylog)
        xs, ys = part.x, part.y
        if part.left is not None:
            number = int(counts[part.left])
            text = word(f"leaves at {unit}", number=number)
            start = (float(xs[0]), float(ys[0]))
            way = part.direction
            draw_note(ax, xs[-1], ys[-1], text, color=walk.look.color, direction=way, spare=start)
        elif walk.stop_reason == "diverged":
            ax.plot(xs[-1], ys[-1], "X", color=walk.look.color, mec=style.INK, ms=8, zorder=8)
            draw_note(ax, xs[-1], ys[-1], word(f"diverged at {unit}", number=int(counts[-1])))
    xs, ys = thin(xs, ys)
    look = walk.look
    crowded = path and len(xs) > _CROWD
    settings: dict[str, Any] = {
        "color": look.color,
        "linestyle": "-" if crowded else look.linestyle,
        "lw": style.FAINT if crowded else style.LINE,
        "marker": look.marker,
        "ms": 4.5,
        "markevery": max(1, len(xs) // _MARKERS),
        "label": walk.label,
        "zorder": 3,
    }
    return ax.plot(xs, ys, **{**settings, **line})[0]


def draw_note(
    ax: Axes,
    x: float,
    y: float,
    text: str,
    *,
    color: str = style.INK,
    direction: _Ends = (0.0, 0.0),
    spare: _Ends | None = None,
) -> list[Annotation]:
    """Write a short note inside the frame about (x, y); with a direction, draw an arrow there.

    It keeps clear of the point `spare`.
    """
    drawn = []
    right, up = direction
    if right or up:
        # The head alone: its tail is the line that ends here.
        head = ax.annotate(
            "",
            xy=(x, y),
            xytext=(-14 * right, -14 * up),
            textcoords="offset points",
            arrowprops={
                "arrowstyle": "-|>",
                "color": color,
                "lw": style.LINE,
                "shrinkA": 0,
                "shrinkB": 0,
                "mutation_scale": 14,
            },
            annotation_clip=False,
            zorder=9,
        )
        drawn.append(head)
    place = ax.transAxes.inverted().transform(ax.transData.transform((x, y)))
    before = sum(text_of.get_gid() == "gradwalk-note" for text_of in ax.texts)
    left_half, lower_half = place[0] < 0.55, place[1] < 0.5
    sideways = 10 if left_half else -10
    # Further notes go below each other, or above, with a line to their places.
    upwards = (10 if lower_half else -6) + before * (26 if lower_half else -26)
    if spare is not None:
        here, there = ax.transData.transform([(x, y), spare]) * 72 / ax.figure.dpi
        right, up = np.abs(there - here)
        if right < _NOTE_WIDTH and abs(upwards) - 8 < up < abs(upwards) + _NOTE_HEIGHT:
            sideways = np.copysign(right + 16, sideways)
    words = ax.annotate(
        text,
        xy=(x, y),
        xytext=(sideways, upwards),
        textcoords="offset points",
        ha="left" if left_half else "right",
        va="bottom" if lower_half else "top",
        fontsize=style.NOTE_SIZE,
        color=style.INK,
        bbox={"boxstyle": "round,pad=0.2", "fc": "white", "ec": "none", "alpha": 0.85},
        arrowprops={"arrowstyle": "-", "color": color, "lw": style.FAINT} if before else None,
        annotation_clip=False,
        zorder=9,
        gid="gradwalk-note",
    )
    drawn.append(words)
    for artist in drawn:
        artist.set_in_layout(False)
    return drawn
