"""The way downhill at every point of a map."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from gradwalk._core import LandscapeSum
from gradwalk._values import check_whole
from gradwalk.language.pictures import word

from ._data.find_terrain import find_terrain
from ._data.parameters import Feature
from ._data.terrain import Terrain
from ._data.walks import Walk, Walks, named_walks
from ._draw import canvas, style
from ._draw.map import draw_minima, draw_paths, map_frame, map_levels

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import ArrayLike

    from gradwalk._types import Floats


_PALE = "#c4c4c4"  # the flattest arrows; the steepest are ink
_SHORTEST = 0.4  # their length, in lengths of the longest
_DECADES = 6.0  # below the steepest that are told apart


def gradient_field(
    walks: Walks | None = None,
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
    bounds: ArrayLike | None = None,
    n_arrows: int = 19,
    paths: bool = True,
    colorbar: bool = True,
) -> Axes:
    """Draw the negative gradient −∇f over two parameters as arrows, with the walks through them.

    Every arrow shows the way that a step of plain descent takes from its place. The norm of the
    gradient runs over many powers of ten, so arrows grow with its logarithm, and darken with it.
    On axes of equal scale the arrows cross the contour lines at right angles.

    Parameters
    ----------
    walks : model, History, DescentResult, list of these, or dict of name to one of these, optional
        Models fitted on X and y, or results of ``minimize`` on `fun`. Not needed with `fun`.
    X : array of shape (n, d), optional
    y : array of shape (n,), or (n, K) one-hot, optional
        The data of fitted models: f is then the loss on all rows.
    ax : matplotlib.axes.Axes, optional
        Where to draw. New axes by default.
    fun : landscape or callable f(x), optional
        In place of X and y the function itself.
    jac : callable or True, optional
        Gradient of a `fun` of your own, or True if fun returns (value, gradient); central
        differences by default. Landscapes and losses bring their own.
    features : pair, optional
        The two parameters, each a feature's number, its name or ``"intercept"``; for cross_entropy
        a tuple of that and the class; with `fun` coordinates. The first two by default.
    feature_names : sequence of str, optional
        Names of all features; by default those of the columns, where X has any.
    sample_weight : array of shape (n,), optional
        The weights given to ``fit``.
    others : "end", "optimum" or array, default "end"
        Where the other parameters are held: at the end of the walk that reached the lowest f, at
        the minimum of f, or at the entries of this θ. For a `fun` of your own without walks, an
        array of the shape that it takes.
    bounds : array of shape (2, 2), optional
        [[a_low, a_high], [b_low, b_high]], the ends of both axes. By default what shows the
        walks, or the bounds of a landscape; ±3 for a function of your own without walks.
    n_arrows : int, default 19
        Arrows along each side.
    paths : bool, default True
        Draw the recorded paths of the walks.
    colorbar : bool, default True
        Draw the scale of the norm beside the axes.

    Returns
    -------
    matplotlib.axes.Axes
        Arrows over faint contour lines; a line for each walk, starts, ends and minima marked.

    Raises
    ------
    TypeError, ValueError
        There is neither a model with X and y nor a `fun`; or a walk has no path to draw.

    Examples
    --------
    >>> import gradwalk as gw
    >>> ax = gw.plot.gradient_field(fun=gw.landscapes.himmelblau)
    >>> ax.get_xlabel(), ax.get_ylabel()
    ('x', 'y')
    """
    if walks is None and fun is None:
        raise ValueError(
            "gradient_field needs something with a gradient: a model with the X and y it was "
            "fitted on, or fun, a landscape or a function f(x)"
        )
    named = [] if walks is None else named_walks(walks)
    n_arrows = check_whole("n_arrows", n_arrows, 2)
    if paths:
        for walk in named:
            walk.need_path("gradient_field with paths=True")
    if not named and isinstance(others, str) and not hasattr(fun, "bounds"):
        others = others if isinstance(fun, LandscapeSum) else np.zeros(2)
    terrain = find_terrain(named, X, y, fun, jac, features, feature_names, sample_weight, others)
    drawn = named if paths else []
    ends = _ends(terrain, named, bounds)
    own = ax is None
    ax = canvas.new_axes(ax, width=6.8 if colorbar else 6.0, height=5.2)
    ax.set_xlim(*ends[0])
    ax.set_ylim(*ends[1])
    width, height = ends[:, 1] - ends[:, 0]
    if own and 0.6 < width / height < 1.7:
        ax.set_aspect("equal")
    grid = terrain.grid(ends, 121)
    _draw_contours(ax, *grid)
    arrows = _draw_arrows(ax, terrain, ends, int(n_arrows))
    if drawn:
        draw_paths(ax, drawn, [terrain.projection(walk) for walk in drawn])
    draw_minima(ax, terrain, grid)
    ax.plot([], [], color=style.INK, marker="$→$", ms=11, ls="", label=word("downhill"))
    ax.set_xlabel(terrain.names[0])
    ax.set_ylabel(terrain.names[1])
    if colorbar:
        bar = ax.figure.colorbar(arrows, ax=ax, fraction=0.05, pad=0.03)
        bar.set_label(word("gradient norm axis"))
        bar.outline.set_visible(False)
        canvas.plain_log(bar.ax.yaxis)
        canvas.finish(bar.ax)
    # Above the picture: everywhere in it are arrows.
    canvas.legend(ax, loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=3)
    return canvas.finish(ax)


def _ends(terrain: Terrain, named: list[Walk], bounds: ArrayLike | None) -> Floats:
    if bounds is not None:
        ends = np.asarray(bounds, dtype=np.float64)
        if (
            ends.shape != (2, 2)
            or not np.all(np.isfinite(ends))
            or np.any(ends[:, 0] >= ends[:, 1])
        ):
            raise ValueError(
                "bounds must be the ends of both axes, [[a_low, a_high], [b_low, b_high]], got "
                f"{bounds!r}"
            )
        return ends
    if terrain.bounds is None and not named:
        return np.array([[-3.0, 3.0], [-3.0, 3.0]])
    standing = [_at_its_end(walk) for walk in named]
    return map_frame(terrain, standing, [terrain.projection(walk) for walk in standing])


def _at_its_end(walk: Walk) -> Walk:
    """Return a walk without a path as one that stands where it ended."""
    if len(walk.path):
        return walk
    if walk.model is None and walk.result is None:
        walk.need_path("gradient_field, to know where to look,")
    end = walk.result["x"] if walk.model is None and walk.result is not None else None
    point = np.asarray(walk.model.params_ if walk.model is not None else end, dtype=np.float64)
    return dataclasses.replace(
        walk, path=point[np.newaxis], path_update=np.array([walk.n_updates], dtype=np.int64)
    )


def _draw_contours(ax: Axes, a: Floats, b: Floats, values: Floats) -> None:
    levels = map_levels(values)
    if levels.size:
        ax.contour(
            a,
            b,
            np.ma.masked_invalid(values),
            levels=levels,
            colors=style.DARKEST,
            linewidths=style.FAINT,
            linestyles="solid",
            zorder=1,
        )


def _draw_arrows(ax: Axes, terrain: Terrain, ends: Floats, count: int) -> Any:
    from matplotlib.colors import LinearSegmentedColormap, LogNorm

    # Half a step from the frame, so that no arrow crosses it.
    margin = (ends[:, 1] - ends[:, 0]) / (2 * count)
    a, b = (
        np.linspace(low + edge, high - edge, count)
        for (low, high), edge in zip(ends.tolist(), margin, strict=True)
    )
    places = np.stack(np.meshgrid(a, b), axis=-1)
    with np.errstate(all="ignore"):
        slopes = terrain.gradient(places)
        norms = np.linalg.norm(slopes, axis=-1)
    usable = np.isfinite(norms)
    if not usable.any():
        raise ValueError("the gradient is finite nowhere in this picture: choose other bounds")
    top = float(norms[usable].max())
    if top == 0.0:
        raise ValueError("the gradient is 0 everywhere in this picture: f is flat there")
    low = max(float(norms[usable].min()), top * 10.0**-_DECADES)
    if low > 0.5 * top:
        low = 0.1 * top
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.clip(np.log(norms / low) / np.log(top / low), 0.0, 1.0)
        # Where f is as good as flat there is no way to point.
        way = np.where((norms > 0)[..., np.newaxis], -slopes / norms[..., np.newaxis], 0.0)
    # Directions in shares of the frame are those in the picture, whatever the axes measure.
    sizes = (_SHORTEST + (1.0 - _SHORTEST) * share)[..., np.newaxis] * way
    return ax.quiver(
        places[..., 0],
        places[..., 1],
        sizes[..., 0],
        sizes[..., 1],
        np.where(usable, np.clip(norms, low, top), np.nan),
        angles="xy",
        scale_units="width",
        scale=1.15 * count,
        pivot="mid",
        width=0.0032,
        cmap=LinearSegmentedColormap.from_list("gradwalk-steep", [_PALE, style.INK]),
        norm=LogNorm(low, top),
        zorder=2,
    )
