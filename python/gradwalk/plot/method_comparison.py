"""Batch, stochastic and mini-batch descent in one figure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from gradwalk._core import SGD, BatchGD, MiniBatchGD
from gradwalk.language.pictures import word

from ._data.parameters import Feature
from ._data.runs import limit_of
from ._data.walks import Walk, Walks, named_walks
from ._draw import canvas, style
from .contour_paths import contour_paths
from .loss_curve import loss_curve
from .loss_vs_time import loss_vs_time

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from numpy.typing import ArrayLike, NDArray

_Bars: TypeAlias = "list[tuple[Walk, float | None]]"


def method_comparison(
    walks: Walks | None = None,
    X: ArrayLike | None = None,
    y: ArrayLike | None = None,
    *,
    ax: Any = None,
    fun: Any = None,
    features: tuple[Feature, Feature] | None = None,
    feature_names: Sequence[str] | None = None,
    loss: Any = "mse",
    epochs: int = 20,
    batch_size: int = 32,
    random_state: int = 0,
    log: bool = False,
) -> NDArray[np.object_]:
    """Draw what sets the methods apart: paths, loss per epoch and per second, updates and memory.

    Parameters
    ----------
    walks : model, History, DescentResult, list of these, or dict of name to one, optional
        The walks to compare. By default ``BatchGD``, ``SGD`` and ``MiniBatchGD`` are fitted to X
        and y here, from zeros, with η a fifth, a fiftieth and a tenth of
        ``gradwalk.max_learning_rate`` for their batches. Standardise the features beforehand.
    X : array of shape (n, d), optional
    y : array of shape (n,), or (n, K) one-hot, optional
        The data that the walks were, or are to be, fitted to.
    ax : array of 4 axes, optional
        Where to draw. A new figure of 2 × 2 by default.
    fun, features, feature_names
        Of the map, as in `contour_paths`.
    loss : str, default "mse"
    epochs : int, default 20
    batch_size : int, default 32
    random_state : int, default 0
        Of the walks that are made here.
    log : bool, default False
        Logarithmic loss axes.

    Returns
    -------
    ndarray of 4 matplotlib.axes.Axes
        Paths on the contour lines; loss against epochs; loss against seconds; updates an epoch and
        rows in memory as bars.

    Raises
    ------
    TypeError, ValueError
        If `walks` holds something other than walks, or if neither walks nor data are there.

    Notes
    -----
    The loss is that on all rows where each walk recorded it, else the mean over the epoch's
    batches. Where there is no map to draw (a single parameter, no recorded path, no data), its
    panel says so. Rows in memory are those of one update.
    """
    if walks is None:
        if X is None or y is None:
            raise ValueError(
                "method_comparison needs something to compare: hand over fitted models, or X and y "
                "to fit them to"
            )
        walks = _fit(X, y, loss, epochs, batch_size, random_state)
    if isinstance(walks, Iterator):  # it is gone through three times
        walks = [*walks]
    named = named_walks(walks)
    panels = canvas.new_panels(ax, 2, 2, width=10.5, height=8.0)
    first, second, third, fourth = panels.flat
    reason = _no_map(named, X, y, fun)
    if reason:
        _say(first, reason)
    else:
        contour_paths(
            walks, X, y, ax=first, fun=fun, features=features, feature_names=feature_names
        )
    full = all(len(walk.history.full_loss) for walk in named)
    loss_curve(walks, ax=second, log=log, full_loss=full, validation=False)
    loss_vs_time(walks, ax=third, log=log, full_loss=full)
    n = len(np.asarray(y)) if y is not None else None
    _bars(fourth, [(walk, _updates(walk)) for walk in named], [(w, _rows(w, n)) for w in named])
    for panel, key in zip(
        panels.flat, ("title paths", "title epochs", "title seconds", "title work"), strict=True
    ):
        panel.set_title(word(key), loc="left", fontsize="medium")
    canvas.finish(panels)
    return panels.ravel()


def _fit(
    X: ArrayLike, y: ArrayLike, loss: Any, epochs: int, batch_size: int, random_state: int
) -> list[Any]:
    n = len(np.asarray(y))
    common: dict[str, Any] = {"loss": loss, "epochs": epochs, "random_state": random_state}
    models: list[Any] = []
    methods: list[tuple[Any, int, float, dict[str, Any]]] = [
        (BatchGD, n, 0.2, {}),
        (SGD, 1, 0.02, {}),
        (MiniBatchGD, min(batch_size, n), 0.1, {"batch_size": batch_size}),
    ]
    for method, rows, share, more in methods:
        limit = limit_of(X, y, rows, {"loss": loss})
        rate = share if limit is None else share * limit
        models.append(method(learning_rate=rate, **common, **more).fit(X, y, full_loss=True))
    return models


def _no_map(walks: list[Walk], X: object, y: object, fun: object) -> str:
    """Why there is no map to draw; nothing if there is one."""
    if any(len(walk.path) == 0 for walk in walks):
        return word("no path")
    if walks[0].flat_path.shape[1] < 2:
        return word("one parameter")
    if fun is None and (X is None or y is None or all(walk.model is None for walk in walks)):
        return word("no data")
    return ""


def _say(ax: Axes, text: str) -> None:
    ax.text(0.5, 0.5, text, ha="center", va="center", transform=ax.transAxes, color=style.INK)
    ax.set_xticks([])
    ax.set_yticks([])


def _updates(walk: Walk) -> float | None:
    updates = walk.history.updates_per_epoch
    return float(updates.max()) if len(updates) else None


def _rows(walk: Walk, n: int | None) -> float | None:
    """Rows of one update, as far as the method and the record tell."""
    if walk.method == "stochastic":
        return 1.0
    size = getattr(walk.model, "batch_size", None)
    if size is not None:
        return float(size if n is None else min(size, n))
    return float(n) if walk.method == "batch" and n is not None else None


def _bars(ax: Axes, updates: _Bars, rows: _Bars) -> None:
    """Two groups of horizontal bars on one log axis, their numbers behind them."""
    place = 0.0
    ticks, names = [], []
    most = max((value for _, value in updates + rows if value is not None), default=1.0)
    for key, bars in (("updates an epoch", updates), ("rows in memory", rows)):
        ax.text(
            0.0,
            place - 0.72,
            word(key),
            fontsize="small",
            color=style.INK,
            transform=ax.get_yaxis_transform(),
        )
        for walk, value in bars:
            ticks.append(place)
            names.append(walk.name)
            if value is None:
                ax.text(0.75, place, "?", va="center", fontsize="small")
            else:
                ax.barh(place, value - 0.5, left=0.5, height=0.7, color=walk.look.color)
                ax.text(value * 1.12, place, f"{value:,.0f}", va="center", fontsize="small")
            place += 1.0
        place += 1.0
    ax.set_yticks(ticks, names)
    ax.set_ylim(place - 1.2, -1.4)
    ax.set_xscale("log")
    ax.set_xlim(0.5, most * 4.0)
    ax.set_xlabel(word("count (log)"))
    ax.tick_params(axis="y", length=0)
