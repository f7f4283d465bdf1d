"""How far the gradient of a batch is from that of all rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradwalk._core import GradientDescent, History, loss_and_grad
from gradwalk._values import check_whole
from gradwalk.language.pictures import word
from gradwalk.result import DescentResult

from ._data import looks
from ._data.runs import numbers
from ._data.walks import OneWalk, Walk, named_walks
from ._draw import canvas, style
from ._draw.canvas import panels

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from numpy.typing import ArrayLike

    from gradwalk._types import Floats


_HELPER = "gradient_noise"
_LARGEST = 4096  # of the default sizes


def gradient_noise(
    walk: OneWalk | ArrayLike,
    X: ArrayLike,
    y: ArrayLike,
    batch_sizes: Sequence[int] | None = None,
    *,
    update: int | None = 0,
    loss: str | None = None,
    fit_intercept: bool | None = None,
    l2: float | None = None,
    sample_weight: ArrayLike | None = None,
    n_draws: int = 200,
    sampling: str = "shuffle",
    random_state: int | None = 0,
    ax: Any = None,
) -> Any:
    """Draw how the gradients of random batches scatter about the gradient of all rows.

    At one θ the gradient ĝ of a batch is a draw whose mean is g, that of all rows: right on
    average, wrong each time. Left the angle between the two for many draws of each batch size:
    below 90° a small step along −ĝ goes downhill. Right the size of the error, which falls like
    1/√b: four times the rows halve it, which is why small batches are a bargain. Near a minimum g
    is small and the noise is not: there the angles gather about 90°, and SGD rattles about.

    Parameters
    ----------
    walk : model, History, result of minimize, or array θ
        Where to look: a walk, at the point `update`, or the point itself.
    X : array of shape (n, d)
    y : array of shape (n,), or (n, K) one-hot
        The data.
    batch_sizes : sequence of int, optional
        By default 1, 4, 16, … up to n/2, at most 4096.
    update : int or None, default 0
        After how many updates of the walk to look; the last recorded point up to there is taken.
        None is the end.
    loss, fit_intercept, l2 : optional
        Those of the model. Without one the loss must be given, the intercept is there where θ has
        one row more than X has columns, and l2 is 0.
    sample_weight : array of shape (n,), optional
        The weights given to ``fit``.
    n_draws : int, default 200
        Batches of each size.
    sampling : {"shuffle", "replace"}
        Batches without a row twice, as walks draw them by default, or of independent draws. With
        ``"replace"`` the mean square error is exactly σ²/b; without, it is smaller by the factor
        (n − b)/(n − 1), and ends at 0 for a batch of all rows.
    random_state : int, optional
        Seed of the draws.
    ax : array of two matplotlib.axes.Axes, or one of them, optional
        Where to draw; with one the angles only. New ones by default.

    Returns
    -------
    array of two matplotlib.axes.Axes, or the one given
        Left for each size the single angles, their middle half, 5 to 95 % and the median; right
        the root of the mean square error over ‖g‖, its 5 to 95 %, and the guide σ/√b.

    Raises
    ------
    TypeError, ValueError
        If the point has no gradient to compare with (it is 0, or not finite), no path was
        recorded, or nothing tells the loss.

    Examples
    --------
    >>> import numpy as np, gradwalk as gw
    >>> X = np.random.default_rng(0).normal(size=(500, 3))
    >>> y = X @ [1.0, 2.0, 3.0]
    >>> axes = gw.plot.gradient_noise(np.zeros(4), X, y, loss="mse")  # doctest: +SKIP
    """
    theta, place, settings = _point(walk, update, loss, fit_intercept, l2, np.shape(X))
    settings["sample_weight"] = sample_weight
    n_rows = int(np.shape(X)[0])
    sizes = _sizes(batch_sizes, n_rows)
    if sampling not in ("shuffle", "replace"):
        raise ValueError(f'sampling must be "shuffle" or "replace", got {sampling!r}')
    n_draws = check_whole("n_draws", n_draws, 2)
    rng = np.random.default_rng(random_state)
    full = _full_gradient(X, y, theta, settings, place)
    angles, errors = [], []
    for size in sizes:
        gradients = _draws(X, y, theta, settings, size, n_draws, sampling, rng)
        angles.append(_angles(gradients, full))
        errors.append(np.linalg.norm(gradients - full, axis=1) / np.linalg.norm(full))
    axes = panels(ax, 2, width=10.4, height=4.2)
    _draw_angles(axes[0], sizes, angles, n_rows)
    where = word("at theta") if place is None else word("at update", number=place)
    axes[0].set_title(
        word("draws", where=where, draws=n_draws),
        loc="left",
        fontsize=style.NOTE_SIZE,
        color=style.INK,
    )
    if len(axes) > 1:
        _draw_errors(axes[1], sizes, errors, n_rows, sampling)
    canvas.finish(axes)
    return axes if len(axes) > 1 else axes[0]


# --- Where to look --------------------------------------------------------------------


def _point(
    walk: Any,
    update: int | None,
    loss: str | None,
    fit_intercept: bool | None,
    l2: float | None,
    shape: tuple[int, ...],
) -> tuple[Floats, int | None, dict[str, Any]]:
    """θ, the update it stands at (None for θ itself), and what ``loss_and_grad`` is to be told."""
    if len(shape) != 2:
        raise ValueError(f"X must be an array of shape (n, d), got shape {shape}")
    model = None
    place: int | None = None
    if isinstance(walk, (GradientDescent, History, DescentResult)):
        (named,) = named_walks(walk)
        model = named.model
        theta, place = _along(named, update)
    else:
        theta = _as_theta(walk)
    if loss is None and model is not None and isinstance(model.loss, str):
        loss = model.loss
    if loss is None:
        raise ValueError(
            f"nothing tells {_HELPER} the loss: give its name, as in "
            f'{_HELPER}(theta, X, y, loss="mse")'
        )
    if fit_intercept is None:
        fit_intercept = model.fit_intercept if model is not None else len(theta) == shape[1] + 1
    if l2 is None:
        l2 = model.l2 if model is not None else 0.0
    return theta, place, {"loss": loss, "fit_intercept": fit_intercept, "l2": l2}


def _as_theta(given: Any) -> Floats:
    try:
        theta = np.asarray(given, dtype=np.float64)
    except (TypeError, ValueError):
        theta = np.empty(())
    if theta.ndim == 0:
        raise TypeError(
            f"{_HELPER} looks at one point: hand over a fitted model, its history_, a result of "
            f"minimize, or an array θ, got a {type(given).__name__}"
        )
    return theta


def _along(walk: Walk, update: int | None) -> tuple[Floats, int]:
    if update is None and len(walk.path) == 0 and walk.model is not None:
        return np.asarray(walk.model.params_, dtype=np.float64), walk.n_updates
    walk.need_path(_HELPER)
    if update is None:
        return walk.path[-1], int(walk.path_update[-1])
    update = check_whole("update", update, 0, walk.n_updates)
    place = int(np.searchsorted(walk.path_update, update, side="right")) - 1
    return walk.path[place], int(walk.path_update[place])


def _sizes(given: Any, n_rows: int) -> list[int]:
    if given is None:
        if n_rows < 2:
            raise ValueError(f"batches of {n_rows} rows cannot differ: {_HELPER} needs more data")
        return [b for b in (4**k for k in range(10)) if b == 1 or b <= min(n_rows / 2, _LARGEST)]
    values = numbers(given, "batch_sizes")
    if any(value != int(value) or value > n_rows for value in values):
        raise ValueError(
            f"batch_sizes must hold whole numbers from 1 to the {n_rows} rows of X, got {values}"
        )
    return [int(value) for value in values]


# --- The numbers ----------------------------------------------------------------------


def _full_gradient(
    X: ArrayLike, y: ArrayLike, theta: Floats, settings: dict[str, Any], place: int | None
) -> Floats:
    full = np.asarray(loss_and_grad(X, y, theta, **settings)[1], dtype=np.float64).ravel()
    with np.errstate(over="ignore", invalid="ignore"):
        size = float(np.linalg.norm(full))
    if size > 0.0 and np.isfinite(size):
        return full
    where = "at this θ" if place is None else f"after update {place}"
    what = "zero" if size == 0.0 else "not finite, for the walk diverged"
    raise ValueError(
        f"the gradient of all rows {where} is {what}: there is nothing to compare with. Look at "
        "another point, as with update=0"
    )


def _draws(
    X: ArrayLike,
    y: ArrayLike,
    theta: Floats,
    settings: dict[str, Any],
    size: int,
    n_draws: int,
    sampling: str,
    rng: np.random.Generator,
) -> Floats:
    """Gradients of random batches, a row each."""
    n_rows = int(np.shape(X)[0])
    gradients = np.empty((n_draws, theta.size))
    for gradient in gradients:
        rows = rng.choice(n_rows, size, replace=sampling == "replace")
        gradient[:] = np.ravel(loss_and_grad(X, y, theta, rows=rows, **settings)[1])
    return gradients


def _angles(gradients: Floats, full: Floats) -> Floats:
    """Angles to the full gradient in degrees; a gradient of 0 points nowhere and is left out."""
    sizes = np.linalg.norm(gradients, axis=1)
    kept = sizes > 0.0
    cosines = gradients[kept] @ full / (sizes[kept] * np.linalg.norm(full))
    return np.asarray(np.degrees(np.arccos(np.clip(cosines, -1.0, 1.0))))


# --- The picture ----------------------------------------------------------------------


def _look(size: int, n_rows: int) -> looks.Look:
    """One row and all rows look like their methods, everything between like mini-batches."""
    if size >= n_rows:
        return looks.METHODS["batch"]
    return looks.METHODS["stochastic" if size == 1 else "mini-batch"]


def _draw_angles(ax: Axes, sizes: list[int], angles: list[Floats], n_rows: int) -> None:
    rng = np.random.default_rng(0)
    _size_axis(ax, sizes)
    ax.set_ylim(-4, 184)
    ax.set_yticks(range(0, 181, 30), [f"{angle}°" for angle in range(0, 181, 30)])
    ax.axhline(90, **style.LIMIT, label=word("uphill from here"))
    for number, (size, values) in enumerate(zip(sizes, angles, strict=True)):
        if not len(values):
            continue
        color = _look(size, n_rows).color
        # A log axis: equal shares to both sides.
        x = size * np.exp(rng.uniform(-0.22, 0.22, len(values)))
        names = ["one batch", "5 to 95 %", "middle half", "median"]
        labels = [word(name) if number == len(sizes) - 1 else "_" + name for name in names]
        ax.plot(x, values, ".", color=color, ms=4, mew=0, alpha=0.5, zorder=1, label=labels[0])
        low, left, middle, right, high = np.quantile(values, [0.05, 0.25, 0.5, 0.75, 0.95])
        ax.plot([size] * 2, [low, high], color=style.INK, lw=style.THIN, label=labels[1])
        ax.plot(
            [size] * 2, [left, right], color=style.INK, lw=5, solid_capstyle="butt", label=labels[2]
        )
        ax.plot(
            [size], [middle], "o", color="white", mec=style.INK, ms=5.5, zorder=4, label=labels[3]
        )
    ax.set_ylabel(word("angle to the full gradient"))
    canvas.grid(ax)
    canvas.legend(ax, loc="upper right", frameon=True, framealpha=0.85, edgecolor="none")


def _draw_errors(
    ax: Axes, sizes: list[int], errors: list[Floats], n_rows: int, sampling: str
) -> None:
    _size_axis(ax, sizes)
    ax.set_yscale("log")
    rms = np.array([float(np.sqrt(np.mean(values**2))) for values in errors])
    b = np.array(sizes, dtype=np.float64)
    # What is left of the variance when no row comes twice.
    left = (n_rows - b) / max(n_rows - 1, 1) if sampling == "shuffle" else np.ones(len(b))
    seen = (left > 0.0) & (rms > 0.0)
    if seen.any():
        sigma = float(np.sqrt(np.mean(rms[seen] ** 2 * b[seen] / left[seen])))
        ends = np.array(ax.get_xlim())
        ax.plot(ends, sigma / np.sqrt(ends), **style.LIMIT, label=word("guide"), zorder=1)
    for size, values, mean, shown in zip(sizes, errors, rms, seen, strict=True):
        if not shown:
            ax.annotate(
                word("no error"),
                xy=(size, 0.02),
                xycoords=("data", "axes fraction"),
                ha="right",
                fontsize=style.NOTE_SIZE,
                color=style.INK,
            )
            continue
        look = _look(size, n_rows)
        low, high = np.quantile(values, [0.05, 0.95])
        ax.plot([size] * 2, [low, high], color=look.color, lw=style.THIN, label="_range")
        ax.plot(
            [size],
            [mean],
            look.marker,
            color=look.color,
            mec=style.INK,
            ms=8,
            zorder=3,
            label="_rms",
        )
    ax.plot([], [], "s", color="white", mec=style.INK, ms=7, label=word("root mean square"))
    ax.plot([], [], color=style.INK, lw=style.THIN, label=word("5 to 95 %"))
    ax.set_ylabel(word("relative error"))
    canvas.plain_log(ax.yaxis)
    canvas.grid(ax)
    canvas.legend(ax, loc="best", frameon=True, framealpha=0.85, edgecolor="none")


def _size_axis(ax: Axes, sizes: list[int]) -> None:
    from matplotlib.ticker import NullLocator

    ax.set_xscale("log")
    ax.set_xlim(min(sizes) / 1.6, max(sizes) * 1.6)
    ax.set_xticks(sizes, [f"{size:,}" for size in sizes])
    ax.xaxis.set_minor_locator(NullLocator())
    ax.set_xlabel(word("batch size"))
