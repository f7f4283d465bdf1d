"""Several walks on one map of the loss."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradwalk.language.pictures import word

from ._data.find_terrain import find_terrain
from ._data.parameters import Feature
from ._data.walks import Walks, loss_text, losses, named_walks
from ._draw import canvas, style
from ._draw.map import draw_map, draw_minima, draw_paths, map_frame

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from numpy.typing import ArrayLike


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
    parameters, a path is its projection on the map: it need not run downhill there.

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
    terrain = find_terrain(named, X, y, fun, jac, features, feature_names, sample_weight, others)
    paths = [terrain.projection(walk) for walk in named]
    ax = canvas.new_axes(ax, width=6.4, height=5.2)
    grid = draw_map(ax, terrain, map_frame(terrain, named, paths), n_levels=n_levels)
    draw_paths(ax, named, paths)
    draw_minima(ax, terrain, grid)
    if losses(named) == "f" and terrain.loss_name == "f":
        label = word("contour of values")
    else:
        label = word("contour", loss=loss_text(named))
    ax.plot([], [], color=style.CONTOUR, lw=style.THIN, label=label)
    canvas.legend(ax, loc="best", frameon=True, framealpha=0.9)
    return canvas.finish(ax)
