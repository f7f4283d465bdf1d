"""One walk for each batch size: against epochs, against updates, against seconds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

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
from ._data.view import MOST_DOTS
from ._data.walks import Walk, loss_text
from ._draw import canvas, style
from ._draw.canvas import legend_outside, panels
from ._draw.line import draw_line
from ._draw.losses import loss_axis

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from numpy.typing import ArrayLike

# Of the stability limit for single rows, so that the smallest batch is well on the safe side.
_SHARE = 0.1


def batch_size_sweep(
    X: Any,
    y: ArrayLike | None = None,
    batch_sizes: Sequence[int] | Mapping[int, Any] | None = None,
    *,
    loss: Any = "mse",
    learning_rate: Any = None,
    epochs: int = 20,
    l2: float = 0.0,
    fit_intercept: bool = True,
    random_state: int | None = 0,
    ax: Any = None,
) -> Any:
    """Draw the loss of one walk for each batch size, against epochs, updates and seconds.

    The same walks three times, in the same colours, and each panel has another winner. An epoch
    looks at every row once, however it is cut into batches: against epochs small batches win, for
    they make n/b updates meanwhile. Against updates large batches win, or tie: each update then
    follows a better gradient; the dots, the loss of each batch when it was visited, show how much
    noise a small one has to live with. Against seconds it is the machine that decides, which
    handles a few large batches faster than many small ones.

    Parameters
    ----------
    X : array of shape (n, d), or mapping of batch size to a fitted model
        The data, or walks that have been made already.
    y : array of shape (n,), or (n, K) one-hot, optional
        The targets.
    batch_sizes : sequence of int, or mapping of batch size to a fitted model, optional
        The sizes to try; by default 1, n and two powers of 2 between them. A batch larger than n
        is n.
    loss, epochs, l2, fit_intercept, random_state
        As of ``MiniBatchGD``; 20 epochs and seed 0 by default.
    learning_rate : float, optional
        One for all, since it is the batch size that is to be seen. By default a tenth of
        ``max_learning_rate(X, y, batch_size=1)`` (or of the smallest size given); 0.01 for losses
        without one, as those with a kink.
    ax : array of three matplotlib.axes.Axes, or one of them, optional
        Where to draw; with one the panel against epochs only. New ones by default.

    Returns
    -------
    array of three matplotlib.axes.Axes, or the one given
        A line for each walk in each of them: f on all rows where every walk knows it
        (``fit(…, full_loss=True)``), else the mean over the epoch.

    Raises
    ------
    TypeError, ValueError
        If a batch size is not a whole number from 1 on, or there are no targets to X.

    Examples
    --------
    >>> import numpy as np, gradwalk as gw
    >>> X = np.random.default_rng(0).normal(size=(500, 3))
    >>> axes = gw.plot.batch_size_sweep(X, X @ [1.0, 2.0, 3.0])  # doctest: +SKIP
    """
    if isinstance(X, Mapping):
        made: Mapping[Any, Any] = X
    elif isinstance(batch_sizes, Mapping):
        made = batch_sizes
    else:
        if y is None:
            raise ValueError("batch_size_sweep needs y beside X: the targets of the data")
        n_rows = np.shape(X)[0] if np.ndim(X) else 0
        sizes = _sizes(batch_sizes, n_rows)
        settings = {"loss": loss, "l2": l2, "fit_intercept": fit_intercept}
        rate = _rate(X, y, sizes[0], settings) if learning_rate is None else learning_rate
        made = {}
        with divergence_expected():
            for size in sizes:
                common = {"learning_rate": rate, "epochs": epochs, "random_state": random_state}
                model = model_of(size if size < n_rows else None, {**common, **settings})
                made[size] = model.fit(X, y, full_loss=True)
    found = runs(made, "batch_sizes", _name)
    axes = panels(ax, 3, width=12.0, height=4.4)
    full = all_have_full_loss(found)
    curves = [run.losses(full) for run in found]
    for number, panel in enumerate(axes):
        _draw(panel, found, curves, full, number)
    legend_outside(
        axes[len(axes) // 2],
        loc="upper center",
        bbox_to_anchor=(0.5, -0.15),
        ncols=2,  # no wider than the panel, or the layout would make room for it
    )
    canvas.finish(axes)
    return axes if len(axes) > 1 else axes[0]


def _sizes(given: Any, n_rows: int) -> list[int]:
    if given is None:
        between = [2 ** round(np.log2(max(n_rows, 1)) * share) for share in (1 / 3, 2 / 3)]
        return sorted({1, *(min(size, n_rows) for size in between), n_rows})
    values = numbers(given, "batch_sizes")
    if any(value != int(value) for value in values):
        raise ValueError(f"batch_sizes must hold whole numbers from 1 on, got {values}")
    return [int(value) for value in values]


def _rate(X: Any, y: Any, smallest: int, settings: Mapping[str, Any]) -> float:
    limit = limit_of(X, y, smallest, settings)
    return 0.01 if limit is None else _SHARE * limit


def _name(size: float, walk: Walk) -> str:
    name = word("batch of", rows=int(size))
    return word("diverged", name=name) if walk.diverged else name


def _draw(
    ax: Axes, found: list[Run], curves: list[tuple[Any, Any]], full: bool, number: int
) -> None:
    loss_axis(ax, found, [loss for _, loss in curves])
    places = [_places(run, epochs, number) for run, (epochs, _) in zip(found, curves, strict=True)]
    seen = np.concatenate([x for x in places if len(x)] or [np.ones(1)])
    if number:
        ax.set_xscale("log")
        seen = seen[seen > 0] if (seen > 0).any() else np.ones(1)
        ax.set_xlim(seen.min() / 1.3, seen.max() * 1.3)
    else:
        end = float(seen.max()) or 1.0
        ax.set_xlim(-0.02 * end, 1.02 * end)
        canvas.whole_numbers(ax.xaxis)
    for run, x, (epochs, loss) in zip(found, places, curves, strict=True):
        loss = loss[len(loss) - len(x) :]
        if number == 1:
            _draw_noise(ax, run)
        kept = x > 0 if number else np.ones(len(x), dtype=bool)
        draw_line(
            ax,
            run.walk,
            x[kept],
            loss[kept],
            numbers=np.ceil(epochs[len(epochs) - len(x) :])[kept],
            unit="epoch",
            label=run.walk.name,
        )
    ax.set_xlabel(word(("epoch", "updates, log", "seconds")[number]))
    label = "loss on all rows" if full else "loss as visited"
    ax.set_ylabel(word(label, loss=loss_text([run.walk for run in found])) if number == 0 else "")
    canvas.grid(ax)


def _places(run: Run, epochs: Any, number: int) -> Any:
    """Where the losses of a run stand: epochs, updates or seconds. Time has none for the start."""
    history = run.walk.history
    if number == 0:
        return epochs
    if number == 2:
        return np.asarray(history.seconds)
    if len(epochs) and not float(epochs[0]).is_integer():
        return np.asarray(history.update_number, dtype=np.float64)
    ends = np.concatenate([[0.0], np.cumsum(history.updates_per_epoch)])
    return ends[len(ends) - len(epochs) :]


def _draw_noise(ax: Axes, run: Run) -> None:
    """Faint dots: the losses of single batches as they were visited."""
    history = run.walk.history
    x, loss = np.asarray(history.update_number), np.asarray(history.update_loss)
    if len(loss) <= run.walk.n_epochs:
        return
    if len(loss) > MOST_DOTS:
        # Even on the log axis, where the last updates lie close.
        places = np.geomspace(1, len(loss), MOST_DOTS).astype(np.int64) - 1
        x, loss = x[np.unique(places)], loss[np.unique(places)]
    ax.plot(x, loss, **{**style.DOTS, "alpha": 0.5}, color=run.walk.look.color, label="_update")
