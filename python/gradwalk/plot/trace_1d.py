"""A walk on the curve of f."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ._data.find_terrain import find_terrain
from ._data.parameters import Feature
from ._data.walks import Walks, named_walks
from ._draw import canvas, curve, style
from ._draw.curve import Trace
from ._draw.curve_points import budget, draw_ends, draw_points, inside
from ._draw.line import draw_line

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import ArrayLike

    from gradwalk._types import Floats


_MOST_ARROWS, _MOST_NUMBERS = 14, 9
_SHORT = 0.035  # an arrow this short, in shares of the picture, is only its head
_APART = 0.055  # numbers closer to each other than this cannot be read


def trace_1d(
    walks: Walks,
    X: ArrayLike | None = None,
    y: ArrayLike | None = None,
    *,
    ax: Axes | None = None,
    fun: Any = None,
    jac: Any = None,
    feature: Feature | None = None,
    feature_names: Sequence[str] | None = None,
    sample_weight: ArrayLike | None = None,
    others: ArrayLike | str = "end",
    bounds: ArrayLike | None = None,
) -> Axes:
    """Draw a walk over one parameter on the curve of f.

    Each point is where the walk stood, at the height of f there: pale at the start, full at the
    end, the first ones with the number of their update and an arrow for each step between. The
    arrows are long where the slope is steep, short where it is flat, and jump from side to side
    where the learning rate is too large.

    Parameters
    ----------
    walks : model, History, DescentResult, list of these, or dict of name to one of these
        With a recorded path: results of ``minimize`` on `fun`, or models fitted on X and y.
    X : array of shape (n, d), optional
    y : array of shape (n,), or (n, K) one-hot, optional
        The data of fitted models: the curve is then the loss on all rows over one parameter. If
        the model has more than one, the others are held (see `others`), and a walk is its
        projection on the curve: it need not run downhill there.
    ax : matplotlib.axes.Axes, optional
        Where to draw. New axes by default.
    fun : landscape or callable f(x), optional
        In place of X and y what ``minimize`` walked on: ``gw.landscapes.double_well``,
        ``plateau``, ``x_cos()`` or a function of your own.
    jac : True, optional
        If fun returns (value, gradient), as for ``minimize``.
    feature : int, str or tuple, optional
        The parameter: a feature's number, its name or ``"intercept"``, for cross_entropy a tuple
        of that and the class; with `fun` a coordinate. The first by default.
    feature_names : sequence of str, optional
        Names of all features; by default those of the columns, where X has any.
    sample_weight : array of shape (n,), optional
        The weights given to ``fit``.
    others : "end", "optimum" or array, default "end"
        Where the other parameters are held: at the end of the walk that reached the lowest f, at
        the minimum of f, or at the entries of this θ.
    bounds : pair of float, optional
        Ends of the axis of the parameter. By default the bounds of a landscape, or what shows the
        walks.

    Returns
    -------
    matplotlib.axes.Axes
        The curve; for each walk a line over its points, with start and end; the minima, those
        that a landscape knows, else those in the picture, of which the lowest is the global one.

    Raises
    ------
    TypeError, ValueError
        Something in `walks` is no walk or has no path, or what it walked on is missing.

    Notes
    -----
    A walk that diverged is drawn up to the frame, with an arrow and a note. At most some hundred
    points of a long walk are drawn, the farthest ones among them.

    Examples
    --------
    >>> import gradwalk as gw
    >>> well = gw.landscapes.double_well
    >>> walk = gw.BatchGD(learning_rate=0.05, epochs=30).minimize(well, well.start)
    >>> ax = gw.plot.trace_1d(walk, fun=well)
    >>> ax.get_xlabel(), ax.get_ylabel()
    ('x', 'f(x)')
    """
    named = named_walks(walks)
    for walk in named:
        walk.need_path("trace_1d")
    asked = (fun, jac, feature, feature_names, sample_weight, others)
    terrain = find_terrain(named, X, y, *asked, axes=1)
    traces = curve.find_traces(terrain, named, budget(terrain))
    ax = canvas.new_axes(ax)
    a, f = curve.draw_curve(ax, terrain, traces, bounds)
    curve.draw_minima(ax, curve.find_minima(terrain, a, f))
    for trace in traces:
        _draw_steps(ax, trace)
        draw_points(ax, trace)
    for number, trace in enumerate(traces):
        draw_ends(ax, trace, first=number == 0)
    taken: list[Floats] = []
    for trace in traces:
        _draw_numbers(ax, trace, taken)
    canvas.legend(ax, loc="best", frameon=True, framealpha=0.9)
    return canvas.finish(ax)


def _shares(ax: Axes, a: ArrayLike, f: ArrayLike) -> Floats:
    """Places in shares of the picture, shape (k, 2)."""
    (left, right), (low, high) = ax.get_xlim(), ax.get_ylim()
    across = (np.asarray(a) - left) / (right - left)
    return np.column_stack([across, (np.asarray(f) - low) / (high - low)])


def _draw_steps(ax: Axes, trace: Trace) -> None:
    """Join the points, and put an arrow on each of the first steps that are long enough."""
    walk = trace.walk
    draw_line(
        ax,
        walk,
        trace.a,
        trace.f,
        numbers=trace.updates,
        path=True,
        lw=style.FAINT,
        linestyle="-",
        marker="",
        zorder=3,
        label="_steps",
    )
    count = inside(ax, trace)
    places = _shares(ax, trace.a[:count], trace.f[:count])
    lengths = np.linalg.norm(np.diff(places, axis=0), axis=1)
    steps = np.flatnonzero((lengths > _SHORT) & trace.joined[: len(lengths)])
    for step in steps[:_MOST_ARROWS]:
        ax.annotate(
            "",
            xy=(trace.a[step + 1], trace.f[step + 1]),
            xytext=(trace.a[step], trace.f[step]),
            arrowprops={
                "arrowstyle": "-|>",
                "color": walk.look.color,
                "lw": style.THIN,
                "mutation_scale": 9,
                "shrinkA": 3,
                "shrinkB": 3,
            },
            zorder=4,
        ).set_in_layout(False)


def _draw_numbers(ax: Axes, trace: Trace, taken: list[Floats]) -> None:
    """Write numbers at the first points that are far enough from all numbers that are there."""
    count = inside(ax, trace)
    written = 0
    for update, place, a, f in zip(
        trace.updates[:count],
        _shares(ax, trace.a[:count], trace.f[:count]),
        trace.a,
        trace.f,
        strict=False,
    ):
        if written == _MOST_NUMBERS:
            return
        if not np.all((place >= 0) & (place <= 1)):
            continue
        text = f"{update:,}"
        gap = _APART * np.array([0.4 + 0.32 * len(text), 1.0])
        if any(np.all(np.abs(place - other) < gap) for other in taken):
            continue
        ax.annotate(
            text,
            xy=(a, f),
            xytext=(0, 7),
            textcoords="offset points",
            ha="center",
            va="bottom",
            fontsize=style.NOTE_SIZE,
            color=style.INK,
            zorder=9,
        ).set_in_layout(False)
        taken.append(place)
        written += 1
