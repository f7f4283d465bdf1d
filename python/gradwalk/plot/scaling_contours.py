"""The same data raw and standardised: the shape of the valley, and the walk in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradwalk._core import BatchGD, max_learning_rate
from gradwalk._data_frames import as_array
from gradwalk.language.pictures import word

from ._data.find_terrain import find_terrain
from ._data.outputs import NO_CURVATURE, QUADRATIC
from ._data.parameters import find_coordinates, find_names
from ._data.section import optimum
from ._data.walks import named_walks
from ._draw import canvas, frame, style
from ._draw.map import draw_map, draw_minima, draw_path

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from gradwalk._types import Floats


# Axes whose spans differ by more than this are not drawn to one scale.
_SQUARE = 25.0


def scaling_contours(
    X: ArrayLike,
    y: ArrayLike,
    *,
    ax: Any = None,
    features: tuple[int | str, int | str] | None = None,
    feature_names: Sequence[str] | None = None,
    loss: Any = "mse",
    updates: int = 40,
) -> NDArray[np.object_]:
    """Draw the loss over two weights and a batch walk on it, for raw and for standardised features.

    The two walks start at zero and make the same number of updates, each at the learning rate that
    suits its own valley: η = min(2/(L + μ), 0.9 · 2/L), with μ and L the least and the largest
    curvature. Their ratio κ = L/μ, the condition number of the Hessian at the minimum, is in the
    titles: the larger it is, the more updates a walk needs.

    Parameters
    ----------
    X : array of shape (n, d)
    y : array of shape (n,)
        Targets; 0 and 1 for the losses of two classes.
    ax : array of 2 axes, optional
        Where to draw. A new figure by default.
    features : pair of int or str, optional
        The two columns of X whose weights are walked over, and no others; the first two by
        default. Where X has one column, the walk is over the intercept and its weight.
    feature_names : sequence of str, optional
        Names of all d features; by default those of the columns, where X has any.
    loss : str, default "mse"
        One of ``gradwalk.LOSSES`` with a curvature, and with one output.
    updates : int, default 40
        Updates of each walk.

    Returns
    -------
    ndarray of 2 matplotlib.axes.Axes
        Raw, standardised.

    Raises
    ------
    TypeError, ValueError
        X or y is not what it must be, or the loss has no curvature or several outputs.

    Notes
    -----
    Two columns are taken less their means, and so are the targets of a squared error: the
    intercept, which is then walked over by nobody, would drop out anyway. What is compared is the
    effect of scale alone. One column is left as it is, with its mean.
    """
    rows, targets, names, pair = _columns(X, y, features, feature_names, loss)
    panels = canvas.new_panels(ax, 1, 2, width=10.0, height=4.6)
    spread = rows.std(axis=0)
    if np.any(spread == 0.0):
        raise ValueError(
            "a feature with one value in all rows cannot be standardised: choose other features"
        )
    standard = (rows - rows.mean(axis=0)) / spread
    for panel, key, data in zip(
        panels.flat, ("raw", "standardised"), (rows, standard), strict=True
    ):
        _panel(panel, word(key), data, targets, names, loss, updates, lone=pair is None)
    panels.flat[0].plot([], [], **style.START, label=word("start"))
    canvas.legend(panels.flat[0], loc="best", frameon=True, framealpha=0.9)
    canvas.finish(panels)
    return panels.ravel()


def _columns(
    X: ArrayLike,
    y: ArrayLike,
    features: object,
    feature_names: Sequence[str] | None,
    loss: Any,
) -> tuple[Floats, Floats, list[str], tuple[int, int] | None]:
    """Pick the columns to walk over, the targets, the columns' names, and which they are."""
    table = X
    X, y = as_array("X", X), np.ravel(as_array("y", y))
    if X.ndim != 2 or not X.size or len(X) != len(y):
        raise ValueError(
            f"X must have a row for each of the {len(y)} targets in y, and columns, got shape "
            f"{X.shape}"
        )
    if loss in ("cross_entropy", *NO_CURVATURE) or not isinstance(loss, str):
        raise ValueError(
            "scaling_contours needs a loss with a curvature and with one output, as mse or "
            f"log_loss, got {loss!r}"
        )
    d = X.shape[1]
    given = find_names(feature_names, d, table)
    targets = np.asarray(y, dtype=np.float64)
    pair: tuple[int, ...] | None = (
        None if d == 1 else find_coordinates(features, d, 2, given, "feature")
    )
    places = list(pair) if pair is not None else [0]
    names = [word("feature", number=k) if given is None else given[k] for k in places]
    rows = np.asarray(X[:, places], dtype=np.float64)
    if pair is None:
        return rows, targets, names, None
    if loss in QUADRATIC:
        targets = targets - targets.mean()
    return rows - rows.mean(axis=0), targets, names, (pair[0], pair[1])


def _panel(
    ax: Any,
    title: str,
    rows: Floats,
    y: Floats,
    names: list[str],
    loss: Any,
    updates: int,
    *,
    lone: bool,
) -> None:
    settings: dict[str, Any] = {"loss": loss, "fit_intercept": lone}
    limit = max_learning_rate(rows, y, **settings)
    model = BatchGD(learning_rate=0.5 * limit, epochs=updates, **settings)
    model.fit(rows, y)
    terrain = find_terrain(named_walks(model), rows, y, feature_names=names)
    lowest = optimum(model, rows, y)
    ends = _curvatures(terrain.gradient, lowest)
    rate = 0.9 * limit
    if ends[0] > 0.0:
        rate = min(rate, 2.0 / (ends[0] + ends[1]))
    model = BatchGD(learning_rate=rate, epochs=updates, **settings).fit(rows, y)
    (walk,) = named_walks(model)
    path = terrain.projection(walk)
    grid = draw_map(ax, terrain, _square(frame.path_limits([path], extra=[lowest])))
    if np.isclose(np.ptp(ax.get_xlim()), np.ptp(ax.get_ylim())):
        ax.set_aspect("equal")
    draw_path(ax, walk, path)
    ax.plot(*path[0], **style.START, zorder=8)
    draw_minima(ax, terrain, grid)
    number = f"{ends[1] / ends[0]:,.3g}" if ends[0] > 0.0 else "∞"
    end = f"{terrain.at(*path[-1])[0]:.4g}"
    more = word("after updates", rate=f"{rate:.3g}", updates=updates, loss=end)
    lines = (title, word("condition", number=number), more)
    ax.set_title("\n".join(lines), fontsize="medium", loc="left")


def _square(ends: Floats) -> Floats:
    """Widen the shorter axis to the length of the other: a narrow valley has to look narrow."""
    spans = ends[:, 1] - ends[:, 0]
    if spans.max() > _SQUARE * spans.min():
        return ends  # it would be a line
    middle, half = ends.mean(axis=1), 0.5 * spans.max()
    return np.column_stack([middle - half, middle + half])


def _curvatures(gradient: Any, point: Floats) -> tuple[float, float]:
    """Find the least and the largest curvature at a point, by differences of the gradient."""
    # The gradient of squares is linear, so that the width of the differences does not matter.
    steps = 1e-4 * np.maximum(np.abs(point), 1e-4)
    bends = [
        (gradient(point + unit) - gradient(point - unit)) / (2.0 * step)
        for unit, step in zip(np.diag(steps), steps, strict=True)
    ]
    hessian = np.array(bends)
    low, high = np.linalg.eigvalsh(0.5 * (hessian + hessian.T))
    return (float(low) if low > 1e-12 * high else 0.0), float(high)
