"""Several walks on one map of the loss."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from . import style
from .language import word
from .section import Axis, Parameter, Section, find_parameters
from .walks import Walk, Walks, losses, named_walks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from numpy.typing import ArrayLike, NDArray

#: The limits of both axes.
Frame: TypeAlias = tuple[tuple[float, float], tuple[float, float]]

# Where each method's line lies: a noisy path below, so that it cannot hide the calm ones.
_DEPTH = {"stochastic": 3.0, "mini-batch": 4.0, "batch": 5.0}


def contour_paths(
    walks: Walks,
    X: ArrayLike,
    y: ArrayLike,
    *,
    ax: Axes | None = None,
    features: tuple[Axis, Axis] | None = None,
    feature_names: Sequence[str] | None = None,
    sample_weight: ArrayLike | None = None,
    n_levels: int = 12,
) -> Axes:
    """Draw recorded paths of θ on the contour lines of the loss over two parameters.

    The map shows f on all rows of X over the two parameters named by `features`; the others are
    held at the end point of the walk that reached the lowest f. Where the model has more than
    those two parameters, a path is its shadow on the map: it need not run downhill there.

    Parameters
    ----------
    walks : model, list of models, or dict of name to model
        Fitted on X and y, with one loss, `l2` and `fit_intercept`, and with a recorded path.
    X : array of shape (n, d)
    y : array of shape (n,), or (n, K) one-hot
        The data of the map.
    ax : matplotlib.axes.Axes, optional
        Where to draw. New axes by default.
    features : pair, optional
        The two parameters: each a feature's number or ``"intercept"``; for cross_entropy a tuple
        of that and the class, as in ``((20, 3), (21, 3))``. By default features 0 and 1, or the
        intercept and the only feature; of class 0.
    feature_names : sequence of str, optional
        Names of all d features, for the axis labels.
    sample_weight : array of shape (n,), optional
        The weights given to ``fit``.
    n_levels : int, default 12
        Contour lines. They stand at f_min + (f_max − f_min)·(k / n_levels)², so that a
        round valley has evenly spaced rings down to its floor.

    Returns
    -------
    matplotlib.axes.Axes
        A line for each walk; its last point, the starts and the minimum of the map are marked
        (the minimum only if it lies on the map).

    Raises
    ------
    TypeError, ValueError
        If `walks` holds something other than fitted models, no path was recorded, the models
        differ in loss, l2 or parameters, or `features` names something that is not there.
    """
    named = named_walks(walks)
    _check(named, X)
    best = min(named, key=lambda walk: _loss_of(walk, X, y, sample_weight))
    pair = find_parameters(best.model, features)
    section = Section(best.model, X, y, pair, sample_weight)
    paths = [_shadow(walk, pair) for walk in named]

    a_limits, b_limits = _limits(named, paths, section.quadratic_minimum())
    count = section.resolution()
    a, b = np.linspace(*a_limits, count), np.linspace(*b_limits, count)
    values = section.grid(a, b)
    minimum = section.minimum(a, b, values)
    floor = section.at(*minimum)[0] if minimum is not None else float(values.min())

    ax = style.new_axes(ax, width=6.4, height=5.2)
    _draw_map(ax, a, b, values, floor, n_levels)
    for walk, path in zip(named, paths, strict=True):
        _draw_path(ax, walk, path, (a_limits, b_limits))
    _draw_marks(ax, paths, minimum)
    ax.plot([], [], color=style.CONTOUR, lw=style.THIN, label=word("contour", loss=losses(named)))
    ax.set_xlim(*a_limits)
    ax.set_ylim(*b_limits)
    ax.set_xlabel(pair[0].text(feature_names, best.model.fit_intercept))
    ax.set_ylabel(pair[1].text(feature_names, best.model.fit_intercept))
    ax.legend(loc="best", fontsize="small", framealpha=0.9)
    return style.finish(ax)


def _check(walks: list[Walk], X: ArrayLike) -> None:
    first = walks[0].model
    shape = np.shape(first.params_)
    for walk in walks:
        model = walk.model
        ours, theirs = (
            (m.loss, m.l2, m.fit_intercept, np.shape(m.params_)) for m in (model, first)
        )
        if ours != theirs:
            raise ValueError(
                "walks on one map must share loss, l2, fit_intercept and the shape of params_: "
                f"{walk.name!r} has {ours}, {walks[0].name!r} has {theirs}"
            )
        if len(model.history_.path) == 0:
            raise ValueError(
                f'{walk.name!r} recorded no path to draw: make the model with record="auto" (the '
                "default) and fit it again"
            )
    columns = shape[0] - int(first.fit_intercept)
    if np.ndim(X) != 2 or np.shape(X)[1] != columns:
        raise ValueError(
            f"X must be the data of the walks, with {columns} columns, got shape {np.shape(X)}"
        )


def _loss_of(walk: Walk, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None) -> float:
    from gradwalk import loss_and_grad

    model = walk.model
    name: Any = model.loss
    loss, _ = loss_and_grad(
        X,
        y,
        model.params_,
        loss=name,
        l2=model.l2,
        fit_intercept=model.fit_intercept,
        sample_weight=sample_weight,
    )
    return loss if np.isfinite(loss) else np.inf


def _shadow(walk: Walk, pair: tuple[Parameter, Parameter]) -> NDArray[np.float64]:
    """Pick the recorded path over the two parameters, shape (k, 2)."""
    path = np.asarray(walk.model.history_.path, dtype=np.float64)
    columns = [path[:, p.row] if p.label is None else path[:, p.row, p.label] for p in pair]
    return np.column_stack(columns)


def _limits(
    walks: list[Walk], paths: list[NDArray[np.float64]], minimum: tuple[float, float] | None
) -> Frame:
    """Frame the paths; of a walk that diverged, the start alone."""
    seen = np.concatenate(
        [path[:1] if w.diverged else path for w, path in zip(walks, paths, strict=True)]
    )
    low, high = seen.min(axis=0), seen.max(axis=0)
    # A still point gets a frame of its own size, or of 1 at the origin.
    size = np.where(high > low, high - low, np.maximum(np.abs(high), 1.0))
    if minimum is not None and np.all(minimum > low - size) and np.all(minimum < high + size):
        # Not far beyond where the paths end: worth showing what they walk towards.
        low, high = np.minimum(low, minimum), np.maximum(high, minimum)
        size = np.maximum(size, high - low)
    low, high = low - 0.1 * size, high + 0.1 * size
    return (float(low[0]), float(high[0])), (float(low[1]), float(high[1]))


def _draw_map(
    ax: Axes,
    a: NDArray[np.float64],
    b: NDArray[np.float64],
    values: NDArray[np.float64],
    floor: float,
    n_levels: int,
) -> None:
    from matplotlib.colors import LinearSegmentedColormap

    steps = np.arange(1, n_levels + 1) / n_levels
    levels = floor + (float(values.max()) - floor) * steps**2
    if not levels[-1] > levels[0]:
        return  # a flat map has no lines
    greys = LinearSegmentedColormap.from_list("gradwalk", ["#ffffff", style.GROUND])
    ax.contourf(
        a, b, values, levels=np.concatenate([[floor], levels]), cmap=greys, zorder=0, extend="min"
    )
    lines = ax.contour(
        a, b, values, levels=levels, colors=style.CONTOUR, linewidths=style.FAINT, zorder=1
    )
    step = (levels[-1] - levels[0]) / n_levels
    digits = max(0, int(np.ceil(-np.log10(step))))
    ax.clabel(
        lines, levels[3::3], fmt=f"%.{digits}f", colors=style.CONTOUR_TEXT, fontsize=7, inline=True
    )


def _draw_path(ax: Axes, walk: Walk, path: NDArray[np.float64], frame: Frame) -> None:
    if walk.diverged:
        low, high = np.transpose(frame)
        outside = np.flatnonzero(np.any((path < low) | (path > high), axis=1))
        path = path[: outside[0] + 1] if outside.size else path  # what follows is far away
    look = walk.look
    crowded = len(path) > 400
    ax.plot(
        path[:, 0],
        path[:, 1],
        color=look.color,
        # Dots and dashes of a thousand short steps would only blur.
        linestyle="-" if crowded else look.linestyle,
        lw=style.FAINT if crowded else style.LINE if walk.method == "batch" else style.THIN,
        marker=look.marker,
        ms=4,
        markevery=max(1, len(path) // 15),
        label=walk.label,
        zorder=_DEPTH[walk.method],
    )
    if not walk.diverged:
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


def _draw_marks(
    ax: Axes, paths: list[NDArray[np.float64]], minimum: tuple[float, float] | None
) -> None:
    starts = np.unique([path[0] for path in paths], axis=0)
    ax.plot(
        *starts.T, "o", color="white", mec=style.INK, mew=1.5, ms=9, zorder=8, label=word("start")
    )
    ax.plot([], [], "D", color="#bbbbbb", mec=style.INK, ms=7, label=word("end"))
    if minimum is not None:
        ax.plot(*minimum, "*", color="white", mec=style.INK, ms=15, zorder=8, label=word("minimum"))
