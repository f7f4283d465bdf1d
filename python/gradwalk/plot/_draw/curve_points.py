"""The points of walks on the curve of f over one parameter."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gradwalk.language.pictures import word

from . import frame, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from .._data.terrain import Terrain
    from .curve import Trace

_MOST_POINTS = 300  # of one walk in the picture


def budget(terrain: Terrain) -> int:
    """Return how many points of a walk may be put on the curve: each costs a pass over the data."""
    return int(min(_MOST_POINTS, max(60, terrain.resolution() ** 2 // 8)))


def inside(ax: Axes, trace: Trace) -> int:
    """How many points there are before the walk first leaves the picture for good."""
    part = frame.cut(trace.a, trace.f, ax.get_xlim(), ax.get_ylim())
    diverged = trace.walk.diverged and part.left is not None
    return part.left if diverged and part.left is not None else len(trace.a)


def draw_points(ax: Axes, trace: Trace) -> None:
    """Draw the points of a walk, pale at the start and full at the end."""
    from matplotlib.colors import to_rgb

    count = inside(ax, trace)
    if count == 0:
        return
    strong = np.array(to_rgb(trace.walk.look.color))
    share = np.linspace(0.3, 1.0, count)[:, np.newaxis]
    crowded = count > 60
    ax.scatter(
        trace.a[:count],
        trace.f[:count],
        s=14 if crowded else 30,
        c=1.0 - share * (1.0 - strong),
        marker=trace.walk.look.marker,
        edgecolors="white",
        linewidths=0.3,
        zorder=5,
        label="_points",
    )
    ax.plot(
        [],
        [],
        color=trace.walk.look.color,
        lw=style.FAINT,
        marker=trace.walk.look.marker,
        ms=5,
        label=trace.walk.label,
    )


def draw_ends(ax: Axes, trace: Trace, *, first: bool) -> None:
    """Mark where a walk starts and, unless it diverged, where it ends."""
    ax.plot(
        trace.a[0],
        trace.f[0],
        **style.START,
        zorder=7,
        label=word("start") if first else "_start",
    )
    if trace.walk.diverged or len(trace.a) < 2:
        return
    ax.plot(
        trace.a[-1],
        trace.f[-1],
        **{**style.END, "color": trace.walk.look.color},
        zorder=8,
        label="_end",
    )
    if not any(line.get_label() == word("end") for line in ax.lines):
        ax.plot([], [], **style.END, label=word("end"))
