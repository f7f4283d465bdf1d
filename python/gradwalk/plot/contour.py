"""Several walks on one map of the loss."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from . import canvas, frame, style
from .language import word
from .parameters import Feature
from .terrain import Terrain, find_terrain
from .walks import Walk, Walks, loss_text, losses, named_walks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from numpy.typing import ArrayLike, NDArray

_Floats: TypeAlias = "NDArray[np.float64]"

# Where each method's line lies: a noisy path below, so that it cannot hide the calm ones.
_DEPTH = {"stochastic": 3.0, "walk": 3.5, "mini-batch": 4.0, "batch": 5.0}
# How far a diverging walk is followed out of the bounds of a landscape, in sizes of these.
_REACH_OF_BOUNDS = 1.0


def contour_paths(
    walks: Walks,
    X: ArrayLike | None = None,
    y: ArrayLike | None = None,
    *,
    ax: Axes | None = None,
    fun: Any = None,
    jac: Any = None,
    features: tuple[Feature, Feature] | None = None,
    feature_names: Sequence[str] | None = None,
    sample_weight: ArrayLike | None = None,
    others: ArrayLike | str = "end",
    n_levels: int = 12,
) -> Axes:
    """Draw recorded paths of θ on the contour lines of the loss over two parameters.

    The map shows f on all rows of X, or the function that ``minimize`` walked on, over the two
    parameters named by `features`; the others are held. Where there are more than those two
    parameters, a path is its shadow on the map: it need not run downhill there.

    Parameters
    ----------
    walks : model, History, DescentResult, list of these, or dict of name to one of these
        Fitted on X and y with one loss, l1, l2 and `fit_intercept`, or results of ``minimize`` on
        `fun`; with a recorded path. A History needs a model beside it, or `fun`.
    X : array of shape (n, d), optional
    y : array of shape (n,), or (n, K) one-hot, optional
        The data of the map.
    ax : matplotlib.axes.Axes, optional
        Where to draw. New axes by default.
    fun : landscape or callable f(x), optional
        In place of X and y what ``minimize`` walked on. A landscape is shown within its bounds,
        with the minima it knows.
    jac : True, optional
        As in ``minimize``: `fun` returns (value, gradient).
    features : pair, optional
        The two parameters: each a feature's number, its name or ``"intercept"``; for cross_entropy
        a tuple of that and the class, as in ``((20, 3), (21, 3))``; with `fun` coordinates.
        By default the first two, or the intercept and the only feature; of class 0.
    feature_names : sequence of str, optional
        Names of all d features, or coordinates; by default those of the columns, where X, or the
        data of the fit, has any.
    sample_weight : array of shape (n,), optional
        The weights given to ``fit``.
    others : "end", "optimum" or array of the shape of θ, default "end"
        Where the other parameters are held: at the end of the walk that reached the lowest f; at
        the minimum of f over all of θ; or at the entries of this θ.
    n_levels : int, default 12
        Contour lines. They stand at f_min + (f_max − f_min)·(k / n_levels)ᵖ. p is 2, which gives a
        round valley evenly spaced rings down to its floor, or more, up to 8, where most of the map
        lies low between steep walls: half of the lines then share the lower half of the map.

    Returns
    -------
    matplotlib.axes.Axes
        A line for each walk; its last point, the starts and the minimum of the map are marked
        (the minimum only if it lies on the map). Of a walk that diverged the map shows the first
        updates, until they leap so far that nothing else could be seen; there it ends in an arrow
        and a note.

    Raises
    ------
    TypeError, ValueError
        If `walks` holds something other than walks, no path was recorded, the walks differ in
        loss, penalties or parameters, or `features` names something that is not there.
    """
    named = named_walks(walks)
    for walk in named:
        walk.need_path("contour_paths")
    terrain = find_terrain(
        named,
        X,
        y,
        fun=fun,
        jac=jac,
        features=features,
        feature_names=feature_names,
        sample_weight=sample_weight,
        others=others,
    )
    paths = [terrain.shadow(walk) for walk in named]
    ax = canvas.new_axes(ax, width=6.4, height=5.2)
    draw_ground(ax, terrain, map_frame(terrain, named, paths), n_levels=n_levels)
    for walk, path in zip(named, paths, strict=True):
        draw_path(ax, walk, path)
    starts = np.unique([path[0] for path in paths], axis=0)
    ax.plot(*starts.T, **style.START, zorder=8, label=word("start"))
    if not all(walk.diverged for walk in named):
        ax.plot([], [], **style.END, label=word("end"))
    draw_minima(ax, terrain)
    if losses(named) == "f" and terrain.loss_name == "f":
        label = word("contour of values")
    else:
        label = word("contour", loss=loss_text(named))
    ax.plot([], [], color=style.CONTOUR, lw=style.THIN, label=label)
    canvas.legend(ax, loc="best", frameon=True, framealpha=0.9)
    return canvas.finish(ax)


def map_frame(terrain: Terrain, walks: list[Walk], paths: list[_Floats]) -> _Floats:
    """Frame the paths, and what is worth showing about them: [[a_low, a_high], [b_low, b_high]]."""
    diverged = [walk.diverged for walk in walks]
    if terrain.bounds is None:
        goals = [point for point, _ in terrain.minima]
        if all(diverged):
            goals = [point for path in paths for point in terrain.dip(path)]
        paths = [
            _with_heights(terrain, path) if wild else path
            for path, wild in zip(paths, diverged, strict=True)
        ]
        return frame.path_limits(paths, diverged=diverged, goals=goals)
    # What the landscape wants to show, and more only where a walk went further.
    shown = terrain.bounds
    paths = [
        frame.near(path, shown.T, _REACH_OF_BOUNDS) if wild else path
        for path, wild in zip(paths, diverged, strict=True)
    ]
    if all(np.all((path >= shown[:, 0]) & (path <= shown[:, 1])) for path in paths):
        return shown.copy()
    wide = frame.path_limits(paths)
    return np.column_stack(
        [np.minimum(shown[:, 0], wide[:, 0]), np.maximum(shown[:, 1], wide[:, 1])]
    )


def _with_heights(terrain: Terrain, path: _Floats) -> _Floats:
    """Cut a diverging path before f is no number any more: of that there is no map."""
    first = path[: frame.HANDFUL + 1]
    with np.errstate(all="ignore"):
        lost = ~np.isfinite(terrain.values(first))
    return path[: int(np.argmax(lost))] if lost.any() else path


def draw_ground(ax: Axes, terrain: Terrain, ends: _Floats, *, n_levels: int = 12) -> None:
    """Draw the map of `terrain` within `ends`, and set limits and labels to it."""
    count = terrain.resolution()
    a, b = (np.linspace(low, high, count) for low, high in ends.tolist())
    with np.errstate(all="ignore"):
        values = terrain.grid(a, b)
    draw_map(ax, a, b, values, n_levels=n_levels)
    ax.set_xlim(*ends[0])
    ax.set_ylim(*ends[1])
    ax.set_xlabel(terrain.names[0])
    ax.set_ylabel(terrain.names[1])


def map_levels(values: _Floats, n_levels: int = 12) -> _Floats:
    """Choose heights for contour lines so that the valley shows; empty for a flat map."""
    seen = values[np.isfinite(values)]
    if not seen.size:
        return np.empty(0)
    floor, top = float(seen.min()), float(seen.max())
    if not top - floor > 1e-12 * max(abs(floor), abs(top)):
        return np.empty(0)
    middle = (float(np.median(seen)) - floor) / (top - floor)
    power = np.clip(np.log(max(middle, 1e-6)) / np.log(0.5), 2.0, 8.0)
    return np.asarray(floor + (top - floor) * (np.arange(1, n_levels + 1) / n_levels) ** power)


def draw_map(ax: Axes, a: _Floats, b: _Floats, values: _Floats, *, n_levels: int = 12) -> None:
    """Draw contour lines with their heights on a quiet grey ground, white in the valley."""
    levels = map_levels(values, n_levels)
    if not levels.size:
        return
    values = np.ma.masked_invalid(values)
    floor = float(values.min())
    # One grey step a level, however unevenly these stand.
    shades = style.ground_map()(np.linspace(0.0, 1.0, n_levels))
    ax.contourf(
        a, b, values, levels=[floor, *levels], colors=list(shades), zorder=0, extend="neither"
    )
    lines = ax.contour(
        a, b, values, levels=levels, colors=style.CONTOUR, linewidths=style.FAINT, zorder=1
    )
    ax.clabel(lines, levels[3::3], fmt=_height, colors=style.CONTOUR_TEXT, fontsize=7, inline=True)


def _height(level: float) -> str:
    return f"{level:,.0f}" if abs(level) >= 100 else f"{level:.3g}"


def draw_path(ax: Axes, walk: Walk, path: _Floats, **line: Any) -> None:
    """Draw a path over the map that is there, and its last point, if it has not left it."""
    batch = walk.method == "batch"
    settings = {"lw": style.LINE if batch else style.THIN, "ms": 4, "zorder": _DEPTH[walk.method]}
    if len(path) > 400:
        settings["lw"] = style.FAINT
    frame.draw(
        ax,
        walk,
        path[:, 0],
        path[:, 1],
        numbers=walk.path_update,
        path=True,
        **{**settings, **line},
    )
    if not walk.diverged:
        look = walk.look
        ax.plot(
            *path[-1],
            color=look.color,
            marker=look.marker,
            ms=9,
            mec=style.INK,
            ls="",
            zorder=7,
            label="_end",
        )


def draw_minima(ax: Axes, terrain: Terrain) -> None:
    """Mark the minima that lie on the map; those of a landscape apart as global and local."""
    (left, right), (low, high) = ax.get_xlim(), ax.get_ylim()
    if terrain.landscape is None:
        count = terrain.resolution()
        a, b = np.linspace(left, right, count), np.linspace(low, high, count)
        with np.errstate(all="ignore"):
            point = terrain.minimum(a, b, terrain.grid(a, b))
        if point is not None:
            ax.plot(*point, **style.MINIMUM, zorder=6.5, label=word("minimum"))
        return
    for found, mark, key in (
        (True, style.MINIMUM, "global minimum"),
        (False, style.LOCAL_MINIMUM, "local minimum"),
    ):
        points = np.array(
            [
                point
                for point, is_global in terrain.minima
                if is_global == found and left <= point[0] <= right and low <= point[1] <= high
            ]
        ).reshape(-1, 2)
        if len(points):
            ax.plot(*points.T, **mark, zorder=6.5, label=word(key))
