"""The tangents that a walk follows: the gradient is the slope."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from gradwalk._text import three_digits
from gradwalk._values import is_whole
from gradwalk.language.pictures import word

from ._data.find_terrain import find_terrain
from ._data.parameters import Feature
from ._data.terrain import Terrain
from ._data.walks import Walk, Walks, named_walks
from ._draw import canvas, curve, style
from ._draw.curve_points import budget, draw_ends, draw_points

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import ArrayLike, NDArray

_TANGENT = 0.11  # half of a tangent, in shares of the picture


def tangents(
    walks: Walks,
    X: ArrayLike | None = None,
    y: ArrayLike | None = None,
    *,
    ax: Axes | None = None,
    fun: Any = None,
    jac: Any = None,
    updates: int | Sequence[int] = 4,
    feature: Feature | None = None,
    feature_names: Sequence[str] | None = None,
    sample_weight: ArrayLike | None = None,
    others: ArrayLike | str = "end",
    bounds: ArrayLike | None = None,
) -> Axes:
    """Draw the tangent to the curve of f at some points of a walk, with its slope.

    The picture of "the gradient is the slope": where the curve falls the slope is negative and
    the step goes to the right, where it rises the step goes to the left; the steeper, the longer.
    At the minimum the tangent is level.

    Parameters
    ----------
    walks : model, History, DescentResult, list of these, or dict of name to one of these
        With a recorded path.
    X, y, ax, fun, feature, feature_names, sample_weight, others, bounds
        As in `trace_1d`.
    jac : callable or True, optional
        Gradient of a `fun` of your own, or True if fun returns (value, gradient); central
        differences by default. Landscapes and losses bring their own.
    updates : int or sequence of int, default 4
        How many tangents, the start's first and the others well apart from each other (fewer, if
        the walk is too short for that); or after which updates: 0 is the start.

    Returns
    -------
    matplotlib.axes.Axes
        The curve, faint dots for the walk, and for each tangent a line of one length about its
        point with the slope written beside it.

    Raises
    ------
    TypeError, ValueError
        As in `trace_1d`; or `updates` names one that is not on record or not in the picture.

    Examples
    --------
    >>> import gradwalk as gw
    >>> def f(x): return (x[0] - 3.0) ** 2
    >>> walk = gw.BatchGD(learning_rate=0.2, epochs=20).minimize(f, [0.0])
    >>> ax = gw.plot.tangents(walk, fun=f, updates=[0, 1, 20])
    >>> [text.get_text() for text in ax.texts]
    ['slope −6', 'slope −3.6', 'slope −0.000219']
    """
    named = named_walks(walks)
    for walk in named:
        walk.need_path("tangents")
    asked = (fun, jac, feature, feature_names, sample_weight, others)
    terrain = find_terrain(named, X, y, *asked, axes=1)
    traces = curve.find_traces(terrain, named, budget(terrain))
    several, count = _wanted(updates)
    ax = canvas.new_axes(ax)
    a, f = curve.draw_curve(ax, terrain, traces, bounds, color=style.INK)
    curve.draw_minima(ax, curve.find_minima(terrain, a, f))
    drawn = False
    for trace in traces:
        draw_points(ax, trace)
        walk = trace.walk
        places = (
            _spread(ax, terrain, walk, count)
            if several is None
            else _places(ax, terrain, walk, several)
        )
        for place in places:
            _draw_tangent(ax, terrain, place, "_tangent" if drawn else None)
            drawn = True
    for number, trace in enumerate(traces):
        draw_ends(ax, trace, first=number == 0)
    canvas.legend(ax, loc="best", frameon=True, framealpha=0.9)
    return canvas.finish(ax)


def _wanted(updates: object) -> tuple[list[int] | None, int]:
    """Return the updates that are named, or None and how many tangents to draw."""
    if isinstance(updates, (list, tuple, np.ndarray, range)):
        named = list(updates)
        if not named or not all(is_whole(update) and update >= 0 for update in named):
            raise ValueError(
                f"updates must name updates by whole numbers, 0 for the start, got {updates!r}"
            )
        return named, len(named)
    if not is_whole(updates) or updates < 1:
        raise ValueError(
            "updates must be how many tangents to draw, at least 1, or a list of updates, as "
            f"in updates=[0, 1, 5], got {updates!r}"
        )
    return None, int(updates)


def _places(ax: Axes, terrain: Terrain, walk: Walk, updates: list[int]) -> list[float]:
    """Find the parameter after each of the updates asked for."""
    left, right = ax.get_xlim()
    path = terrain.projection(walk)[:, 0]
    places = []
    for update in updates:
        (found,) = np.nonzero(walk.path_update == update)
        if not found.size:
            raise ValueError(
                f"{walk.name!r} has no update {update} on record: it has {_some(walk.path_update)}"
            )
        place = float(path[found[0]])
        if not left <= place <= right:
            raise ValueError(
                f"update {update} of {walk.name!r} lies outside the picture, at {place:.6g}: "
                "leave it out, or choose wider bounds"
            )
        places.append(place)
    return places


def _spread(ax: Axes, terrain: Terrain, walk: Walk, count: int) -> list[float]:
    """Find some points of the walk that are well apart in the picture, the start first."""
    left, right = ax.get_xlim()
    path = terrain.projection(walk)[:, 0]
    seen = path[np.isfinite(path)]
    out = np.flatnonzero((seen < left) | (seen > right))
    seen = seen[: out[0]] if walk.diverged and out.size else seen
    seen = seen[(seen >= left) & (seen <= right)]
    chosen: list[float] = []
    for apart in (0.16, 0.1):
        chosen = []
        rest = seen
        while rest.size and len(chosen) < count:
            chosen.append(float(rest[0]))
            far = np.min([np.abs(rest - other) for other in chosen], axis=0)
            beyond = np.flatnonzero(far > apart * (right - left))
            rest = rest[beyond[0] :] if beyond.size else rest[:0]
        if len(chosen) == count:
            break
    return chosen


def _some(numbers: NDArray[np.int64]) -> str:
    texts = [f"{number}" for number in numbers[:5]]
    return ", ".join(texts) + (f", … {numbers[-1]}" if len(numbers) > 5 else "")


def _draw_tangent(ax: Axes, terrain: Terrain, place: float, label: str | None) -> None:
    height, slopes = terrain.at(place)
    slope = float(slopes[0])
    (left, right), (low, high) = ax.get_xlim(), ax.get_ylim()
    # One length in the picture, however steep.
    rise = slope * (right - left) / (high - low)
    half = _TANGENT / np.hypot(1.0, rise) * (right - left)
    ends = place + half * np.array([-1.0, 1.0])
    ax.plot(
        ends,
        height + slope * (ends - place),
        # Wider than the curve, from which grey print would not tell it.
        **{**style.TANGENT, "lw": 1.6 * style.LINE},
        zorder=5.5,
        label=word("tangent is the slope") if label is None else label,
    )
    ax.plot(place, height, "o", color=style.TANGENT["color"], mec=style.INK, ms=6, zorder=6.5)
    level = abs(rise) < 0.15
    sideways = 0 if level else 10 if slope < 0 else -10
    ax.annotate(
        word("slope", slope=three_digits(slope)),
        xy=(place, height),
        xytext=(sideways, -12 if level else 4),
        textcoords="offset points",
        ha="center" if level else "left" if slope < 0 else "right",
        va="top" if level else "bottom",
        fontsize=style.NOTE_SIZE + 1,
        color=style.INK,
        bbox={"boxstyle": "round,pad=0.15", "fc": "white", "ec": "none", "alpha": 0.8},
        zorder=9,
    ).set_in_layout(False)
