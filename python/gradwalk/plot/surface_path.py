"""Walks on the loss as a surface in space."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from gradwalk._thinning import thin
from gradwalk.language.pictures import word

from ._data.find_terrain import find_terrain
from ._data.parameters import Feature
from ._data.terrain import Terrain
from ._data.walks import Walk, Walks, loss_text, named_walks
from ._draw import canvas, frame, style
from ._draw.map import map_frame, map_levels, marked_minima

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from gradwalk._types import Floats


_SIDE = 61  # points along each side of the surface
_MOST_POINTS = 1500  # of one walk on it
_LIFT = 0.015  # how far above it a walk is drawn, in heights of the picture
_STEEP = 8.0  # walls this many times as high as the ground within the middle are cut


def surface_path(
    walks: Walks,
    X: ArrayLike | None = None,
    y: ArrayLike | None = None,
    *,
    ax: Any = None,
    fun: Any = None,
    jac: Any = None,
    features: tuple[Feature, Feature] | None = None,
    feature_names: Sequence[str] | None = None,
    sample_weight: ArrayLike | None = None,
    others: ArrayLike | str = "end",
    view: tuple[float, float] = (38.0, -60.0),
) -> Any:
    """Draw walks on the loss over two parameters, as a surface in space.

    The height is f on all rows of X, or the function that ``minimize`` walked on, over the two
    parameters named by `features`; the others are held. The walks lie a little above the surface
    and are drawn over it, so that no hill hides them. On the floor are the contour lines of
    `contour_paths`. Where there are more than those two parameters, a walk is its projection on
    this surface: it need not run downhill there.

    Parameters
    ----------
    walks : model, History, DescentResult, list of these, or dict of name to one of these
        Fitted on X and y with one loss, l1, l2 and `fit_intercept`, or results of ``minimize`` on
        `fun`; with a recorded path. A History needs a model beside it, or `fun`.
    X : array of shape (n, d), optional
    y : array of shape (n,), or (n, K) one-hot, optional
        The data of fitted models.
    ax : mpl_toolkits.mplot3d.axes3d.Axes3D, optional
        Where to draw: axes made with ``projection="3d"``. New ones by default.
    fun : landscape or callable f(x), optional
        In place of X and y what ``minimize`` walked on.
    jac : True, optional
        If fun returns (value, gradient), as for ``minimize``.
    features : pair, optional
        The two parameters, each a feature's number, its name or ``"intercept"``; for cross_entropy
        a tuple of that and the class; with `fun` coordinates. The first two by default.
    feature_names : sequence of str, optional
        Names of all features; by default those of the columns, where X has any.
    sample_weight : array of shape (n,), optional
        The weights given to ``fit``.
    others : "end", "optimum" or array, default "end"
        Where the other parameters are held: at the end of the walk that reached the lowest f, at
        the minimum of f, or at the entries of this θ.
    view : pair of float, default (38, −60)
        Degrees from which the surface is seen: above its floor, and around it.

    Returns
    -------
    mpl_toolkits.mplot3d.axes3d.Axes3D
        The surface, and a line for each walk; starts, ends and the minima are marked.

    Raises
    ------
    TypeError, ValueError
        `ax` is flat; something in `walks` is no walk or has no path; or what it walked on is
        missing.

    Notes
    -----
    A walk that diverged ends in an arrow and a note where it leaves the surface. Walls that are
    far higher than anything the walks saw are cut off.

    Examples
    --------
    >>> import gradwalk as gw
    >>> bowl = gw.landscapes.bowl
    >>> walk = gw.BatchGD(learning_rate=0.2, epochs=20).minimize(bowl, [2.0, 1.0])
    >>> ax = gw.plot.surface_path(walk, fun=bowl)
    >>> ax.get_zlabel()
    'f(x)'
    """
    named = named_walks(walks)
    for walk in named:
        walk.need_path("surface_path")
    terrain = find_terrain(named, X, y, fun, jac, features, feature_names, sample_weight, others)
    paths = [terrain.projection(walk) for walk in named]
    ends = map_frame(terrain, named, paths)
    ax = canvas.new_axes_3d(ax, width=6.4, height=5.6)
    # Matplotlib sorts by depth and would hide what lies just above the surface.
    ax.computed_zorder = False
    seen = [_on_surface(terrain, walk, path, ends) for walk, path in zip(named, paths, strict=True)]
    grid = terrain.grid(ends, _SIDE)
    low, high = _draw_surface(ax, *grid, seen)
    lift = _LIFT * (high - low)
    for walk, path, places in zip(named, paths, seen, strict=True):
        _draw_walk(ax, walk, path, places, ends, lift)
    starts = np.array([places[0] for places in seen if len(places)])
    if len(starts):
        ax.plot(*starts.T[:2], starts[:, 2] + lift, **style.START, zorder=8, label=word("start"))
    if not all(walk.diverged for walk in named):
        ax.plot([], [], [], **style.END, label=word("end"))
    for points, mark in marked_minima(terrain, grid):
        heights = terrain.values(points)
        shown = heights <= high
        ax.plot(*points[shown].T, heights[shown] + lift, **mark, zorder=6)
    ax.set_xlabel(terrain.names[0])
    ax.set_ylabel(terrain.names[1])
    name = loss_text(named) or f" ({terrain.loss_name})"
    ax.set_zlabel(word("value") if terrain.loss_name == "f" else word("loss", loss=name))
    ax.view_init(*view)
    canvas.legend(ax, loc="upper left", frameon=True, framealpha=0.9)
    return canvas.finish(ax)


def _on_surface(terrain: Terrain, walk: Walk, path: Floats, ends: Floats) -> Floats:
    """Places of a walk on the surface, (k, 3): thinned, and up to where it leaves the frame."""
    finite = path[np.all(np.isfinite(path), axis=1)]
    part = frame.cut(finite[:, 0], finite[:, 1], _pair(ends[0]), _pair(ends[1]))
    a, b = (part.x, part.y) if walk.diverged else finite.T
    most = int(min(_MOST_POINTS, max(200, terrain.resolution() ** 2)))
    a, b = thin(a, b, most=most)
    with np.errstate(all="ignore"):
        heights = terrain.values(np.column_stack([a, b]))
    return np.column_stack([a, b, heights])


def _pair(ends: Floats) -> tuple[float, float]:
    return float(ends[0]), float(ends[1])


def _draw_surface(
    ax: Any, a: Floats, b: Floats, values: Floats, seen: list[Floats]
) -> tuple[float, float]:
    """Draw f within the frame and its contour lines on the floor; return the ends of the z axis."""
    finite = values[np.isfinite(values)]
    if not finite.size:
        raise ValueError("f is finite nowhere in this picture: choose other features")
    floor, top = float(finite.min()), float(finite.max())
    middle = float(np.median(finite))
    heights = np.concatenate([places[:, 2] for places in seen] or [finite[:1]])
    heights = heights[np.isfinite(heights)]
    wall = max(floor + _STEEP * (middle - floor), 1.1 * heights.max(initial=floor) - 0.1 * floor)
    if floor < wall < top:
        values, top = _cut_off(values, wall), wall
    size = top - floor if top > floor else abs(top) or 1.0
    base = floor - 0.35 * size
    greys = style.grey_map()
    ax.plot_surface(
        *np.meshgrid(a, b),
        values,
        cmap=greys,
        vmin=floor - 0.3 * size,
        vmax=floor + size,
        rcount=len(b),
        ccount=len(a),
        edgecolor=style.CONTOUR,
        linewidth=0.15,
        alpha=0.9,
        antialiased=True,
        zorder=2,
    )
    levels = map_levels(values)
    if levels.size:
        ax.contour(
            a,
            b,
            np.ma.masked_invalid(values),
            levels=levels,
            zdir="z",
            offset=base,
            colors=style.CONTOUR,
            linewidths=style.FAINT,
            linestyles="solid",
            zorder=1,
        )
    ax.set_xlim(a[0], a[-1])
    ax.set_ylim(b[0], b[-1])
    ax.set_zlim(base, floor + 1.02 * size)
    # The floor of the picture is no height of f.
    ax.set_zticks([tick for tick in ax.get_zticks() if floor - 0.05 * size <= tick <= top])
    ax.set_zlim(base, floor + 1.02 * size)
    ax.grid(False)
    for axis in (ax.xaxis, ax.yaxis, ax.zaxis):
        axis.set_pane_color((1.0, 1.0, 1.0, 0.0))
        axis.labelpad = 8
    ax.zaxis.labelpad = 14
    # Room for the labels, which the layout does not see.
    ax.set_box_aspect(None, zoom=0.88)
    return base, floor + size


def _cut_off(values: Floats, wall: float) -> Floats:
    """Leave out what is above the wall, but for a rim at its height, which gives a clean edge."""
    above = np.pad(~(values <= wall), 1, constant_values=True)
    rows, columns = values.shape
    inner = np.all(
        [above[i : i + rows, j : j + columns] for i in range(3) for j in range(3)], axis=0
    )
    return np.where(inner, np.nan, np.minimum(np.where(np.isfinite(values), values, wall), wall))


def _draw_walk(
    ax: Any, walk: Walk, path: Floats, places: Floats, ends: Floats, lift: float
) -> None:
    if not len(places):
        return
    look = walk.look
    a, b, heights = places.T
    crowded = len(path) > 400
    ax.plot(
        a,
        b,
        heights + lift,
        color=look.color,
        linestyle="-" if crowded else look.linestyle,
        lw=style.THIN if crowded else style.LINE,
        marker=look.marker,
        ms=4,
        markevery=max(1, len(a) // 15),
        label=walk.label,
        zorder=5,
    )
    if not walk.diverged:
        ax.plot(
            *places[-1:].T[:2],
            heights[-1:] + lift,
            color=look.color,
            marker=look.marker,
            ms=9,
            mec=style.INK,
            ls="",
            zorder=7,
            label="_end",
        )
        return
    finite = np.flatnonzero(np.all(np.isfinite(path), axis=1))
    far = path[finite]
    part = frame.cut(far[:, 0], far[:, 1], _pair(ends[0]), _pair(ends[1]))
    if part.left is None:
        text = word("diverged at update", number=int(walk.path_update[finite[-1]]))
        ax.plot(a[-1:], b[-1:], heights[-1:] + lift, "X", color=look.color, mec=style.INK, zorder=8)
    else:
        text = word("leaves at update", number=int(walk.path_update[finite[part.left]]))
        shaft = _arrow(np.array(part.direction)) * (ends[:, 1] - ends[:, 0]) + places[-1, :2]
        height = np.full(len(shaft), heights[-1] + lift)
        ax.plot(*shaft.T, height, color=look.color, lw=style.LINE, zorder=8, label="_leaves")
    # Not at the arrow, where it would hide the surface.
    ax.text2D(
        1.0,
        0.99 - 0.12 * len(ax.texts),
        f"{walk.name}\n{text}",
        transform=ax.transAxes,
        ha="right",
        va="top",
        fontsize=style.NOTE_SIZE,
        color=style.INK,
        zorder=9,
    )


def _arrow(way: Floats) -> Floats:
    """Return the corners of a line that draws an arrow from (0, 0), in shares of the frame."""
    tip = 0.1 * way
    turned = np.array([-way[1], way[0]])
    left, right = tip - 0.05 * way + 0.03 * turned, tip - 0.05 * way - 0.03 * turned
    return np.array([[0.0, 0.0], tip, left, tip, right])
