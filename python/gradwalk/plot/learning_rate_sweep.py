"""Too small, good, oscillating, diverging: one walk for each learning rate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from gradwalk._core import SGD, GradientDescent, Landscape
from gradwalk.language import word_of
from gradwalk.language.fonts import shown_language
from gradwalk.language.pictures import word

from ._data.runs import (
    Run,
    all_have_full_loss,
    divergence_expected,
    limit_of,
    model_of,
    numbers,
    runs,
)
from ._data.walks import Walk, loss_text
from ._draw import canvas, style
from ._draw.canvas import legend_outside, panels
from ._draw.line import draw_line
from ._draw.losses import loss_axis

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from numpy.typing import ArrayLike

#: Shares of the stability limit that show what a learning rate does, on a quadratic loss.
SHARES = (0.003, 0.3, 0.99, 1.05)
#: Where there is no limit, as for losses with a kink.
_PLAIN = (0.001, 0.01, 0.1, 1.0)


def learning_rate_sweep(
    X: Any,
    y: ArrayLike | None = None,
    learning_rates: Sequence[float] | Mapping[float, Any] | None = None,
    *,
    loss: Any = "mse",
    epochs: int = 50,
    batch_size: int | None = None,
    l2: float = 0.0,
    fit_intercept: bool = True,
    jac: Any = None,
    random_state: int | None = 0,
    limit: float | None = None,
    ax: Any = None,
) -> Any:
    """Draw one walk for each learning rate, and the loss each of them ends with.

    On a quadratic loss with largest curvature L a step multiplies the error along that direction
    by 1 − ηL. With η far below 1/L the walk creeps; about 1/L it is quick; from 1/L to 2/L it
    jumps from side to side and still comes closer; beyond 2/L, the stability limit, each jump is
    larger than the one before. Each line says in a word how it went (``history_.verdict``). For
    ``log_loss`` and other losses that are not quadratic 2/L is a bound: below it no walk diverges,
    above it one may still arrive.

    Parameters
    ----------
    X : array of shape (n, d), or a Landscape, or a function; or mapping of η to a fitted model
        The data; or what to walk down with ``minimize``; or walks that have been made already.
    y : array of shape (n,), or (n, K) one-hot
        The targets. Of a landscape or function: the start x₀ (a landscape has one of its own).
    learning_rates : sequence of float, or mapping of η to a fitted model, optional
        The learning rates to try; by default 0.003, 0.3, 0.99 and 1.05 times the limit, or 0.001,
        0.01, 0.1 and 1 for losses that have none, as those with a kink. Or walks made already.
    loss, epochs, l2, fit_intercept, random_state
        As of ``BatchGD``; 50 epochs and seed 0 by default.
    batch_size : int, optional
        Rows of a batch: None walks with ``BatchGD``, 1 with ``SGD``.
    jac : callable or bool, optional
        The gradient of a function of your own, as ``minimize`` takes it.
    limit : float, optional
        The stability limit to mark. By default ``max_learning_rate(X, y)``; of a landscape
        2/λ, λ the largest curvature at its nearest global minimum.
    ax : array of two matplotlib.axes.Axes, or one of them, optional
        Where to draw; with one the left panel only. New ones by default.

    Returns
    -------
    array of two matplotlib.axes.Axes, or the one given
        Left the loss against epochs, right the last loss against η. A walk that diverged ends in
        an arrow at the frame, in the right panel in one at the top.

    Raises
    ------
    TypeError, ValueError
        If a learning rate is not a number above 0, or a function has no learning rates to try.

    Examples
    --------
    >>> import numpy as np, gradwalk as gw
    >>> X = np.linspace(0, 2, 50).reshape(-1, 1)
    >>> axes = gw.plot.learning_rate_sweep(X, 4 + 3 * X[:, 0])  # doctest: +SKIP
    """
    if isinstance(X, Mapping):
        made: Mapping[Any, Any] = X
    elif isinstance(learning_rates, Mapping):
        made = learning_rates
        limit = _limit_of_models(X, y, made) if limit is None else limit
    else:
        data = not callable(X)
        if data and y is None:
            raise ValueError("learning_rate_sweep needs y beside X: the targets of the data")
        settings = {"loss": loss, "l2": l2, "fit_intercept": fit_intercept}
        start = None if data else _start(X, y)
        if limit is None:
            limit = limit_of(X, y, batch_size, settings) if data else _limit_of_surface(X, start)
        rates = _rates(learning_rates, limit, has_default=data or limit is not None)
        made = {}
        with divergence_expected():
            for rate in rates:
                common = {"learning_rate": rate, "epochs": epochs, "random_state": random_state}
                model: Any = model_of(batch_size, {**common, **(settings if data else {})})
                if data:
                    made[rate] = model.fit(X, y, full_loss=True)
                else:
                    made[rate] = model.minimize(X, start, jac=jac)
    found = runs(made, "learning_rates", _name)
    axes = panels(ax, 2, width=10.4, height=4.4)
    full = all_have_full_loss(found)
    _draw_curves(axes[0], found, full)
    if len(axes) > 1:
        _draw_ends(axes[1], found, full, limit)
    canvas.finish(axes)
    return axes if len(axes) > 1 else axes[0]


# --- What to walk with ----------------------------------------------------------------


def _rates(given: Any, limit: float | None, *, has_default: bool) -> list[float]:
    if given is not None:
        return numbers(given, "learning_rates")
    if not has_default:
        raise ValueError(
            "nothing tells which learning rates suit this function: give some, as in "
            "learning_rates=[0.01, 0.1, 1]"
        )
    return [share * limit for share in SHARES] if limit is not None else list(_PLAIN)


def _limit_of_models(X: Any, y: Any, made: Mapping[Any, Any]) -> float | None:
    """Compute the same for models that were fitted to X and y."""
    model = next(iter(made.values()), None)
    if X is None or y is None or not isinstance(model, GradientDescent):
        return None
    batch_size = 1 if isinstance(model, SGD) else getattr(model, "batch_size", None)
    settings = {"loss": model.loss, "l2": model.l2, "fit_intercept": model.fit_intercept}
    return limit_of(X, y, batch_size, settings)


def _start(surface: Any, given: Any) -> Any:
    if given is not None:
        return given
    if hasattr(surface, "start"):
        return surface.start
    raise ValueError("a function needs a start: learning_rate_sweep(fun, x0, learning_rates=…)")


def _limit_of_surface(surface: Any, start: Any) -> float | None:
    if not isinstance(surface, Landscape):
        return None
    size = np.size(start)
    fixed = surface if surface.n_params is not None else surface.at_dimension(size)
    goals = [np.asarray(goal.point) for goal in fixed.minima if goal.is_global]
    if not goals:
        return None
    nearest = min(goals, key=lambda point: float(np.linalg.norm(point - np.ravel(start))))
    steepest = float(np.linalg.eigvalsh(np.atleast_2d(fixed.hessian(nearest)))[-1])
    return 2.0 / steepest if steepest > 0 else None


# --- The picture ----------------------------------------------------------------------


def _name(rate: float, walk: Walk) -> str:
    blown_up = walk.stop_reason == "diverged"
    verdict = word("verdict diverged") if blown_up else word_of(walk.verdict, shown_language())
    return word("rate and verdict", rate=f"{rate:.3g}", verdict=verdict)


def _draw_curves(ax: Axes, found: list[Run], full: bool) -> None:
    curves = [run.losses(full) for run in found]
    heights = [loss for _, loss in curves]
    loss_axis(ax, found, heights)
    end = max([float(x[-1]) for x, _ in curves if len(x)], default=0.0) or 1.0
    ax.set_xlim(-0.02 * end, 1.02 * end)
    for run, (x, loss) in zip(found, curves, strict=True):
        # The name tells how the walk went; the shades tell the rates apart.
        draw_line(ax, run.walk, x, loss, numbers=np.ceil(x), unit="epoch", label=run.walk.name)
    ax.set_xlabel(word("epoch"))
    ax.set_ylabel(_loss_label(found, full))
    canvas.whole_numbers(ax.xaxis)
    canvas.grid(ax)
    legend_outside(ax, loc="upper center", bbox_to_anchor=(0.5, -0.15), ncols=2)


def _draw_ends(ax: Axes, found: list[Run], full: bool, limit: float | None) -> None:
    rates = [run.value for run in found] + ([] if limit is None else [limit])
    ax.set_xscale("log")
    ax.set_xlim(min(rates) / 2, max(rates) * 2)
    calm = [run for run in found if np.isfinite(run.end(full)) and not run.walk.diverged]
    # The start belongs to the picture: an end above it is worse than no walk.
    start = [loss[:1] for _, loss in (run.losses(full) for run in found[:1])]
    loss_axis(ax, calm, [np.array([run.end(full)]) for run in calm] + start)
    low = ax.get_ylim()[0]
    if limit is not None:
        ax.axvline(limit, **style.LIMIT, label=word("stability limit", rate=f"{limit:.3g}"))
    ends = [max(run.end(full), low) for run in calm]
    ax.plot([run.value for run in calm], ends, color=style.CONTOUR, lw=style.THIN, label="_ends")
    for run, end in zip(calm, ends, strict=True):
        look = run.walk.look
        ax.plot(run.value, end, look.marker, color=look.color, mec=style.INK, ms=8, label="_end")
    lost = [run for run in found if run not in calm]
    for run in lost:
        ax.annotate(
            "",
            xy=(run.value, 1.0),
            xytext=(run.value, 0.86),
            xycoords=("data", "axes fraction"),
            textcoords=("data", "axes fraction"),
            arrowprops={"arrowstyle": "-|>", "color": run.walk.look.color, "lw": style.LINE},
            zorder=4,
        )
    if lost:
        arrow: dict[str, Any] = {"marker": r"$\uparrow$", "color": style.INK, "ms": 9, "ls": ""}
        ax.plot([], [], **arrow, label=word("verdict diverged"))
    ax.set_xlabel(word("learning rate"))
    key = "value after the last epoch" if _on_function(found) else "loss after the last epoch"
    ax.set_ylabel(word(key, loss=loss_text([run.walk for run in found])))
    canvas.grid(ax)
    legend_outside(ax, loc="upper center", bbox_to_anchor=(0.5, -0.15), ncols=2)


def _on_function(found: list[Run]) -> bool:
    return all(run.walk.result is not None for run in found)


def _loss_label(found: list[Run], full: bool) -> str:
    if _on_function(found):
        return word("value")
    key = "loss on all rows" if full else "loss as visited"
    return word(key, loss=loss_text([run.walk for run in found]))
