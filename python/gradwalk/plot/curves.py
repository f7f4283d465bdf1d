"""Loss against epochs and against seconds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from . import style
from .language import word
from .walks import Walk, Walks, losses, named_walks

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

# A diverging walk may climb this many times its first loss before the picture lets it go.
_CLIMB, _CLIMB_LOG = 3.0, 1e4


def loss_curve(
    walks: Walks,
    *,
    ax: Axes | None = None,
    log: bool = False,
    updates: bool = True,
    full_loss: bool = False,
) -> Axes:
    """Loss against epochs, and faint dots behind it for the loss of every recorded update.

    Parameters
    ----------
    walks : model, list of models, or dict of name to model
        Fitted ``BatchGD``, ``SGD`` or ``MiniBatchGD``.
    ax : matplotlib.axes.Axes, optional
        Where to draw. New axes by default.
    log : bool, default False
        Logarithmic loss axis.
    updates : bool, default True
        Draw ``history_.update_loss``, the loss of each batch, where it was recorded. The loss of
        update u stands at u divided by the updates of an epoch. BatchGD makes one update an
        epoch, and has nothing to add.
    full_loss : bool, default False
        Draw ``history_.full_loss``, f(θ) on all rows before the first and after each epoch, in
        place of ``history_.loss``, the mean over the epoch's batches while θ moved.

    Returns
    -------
    matplotlib.axes.Axes
        One line for each walk, plus faint dots for each walk with update losses.

    Raises
    ------
    TypeError, ValueError
        If `walks` holds something other than fitted models, or `full_loss` was not recorded.

    Notes
    -----
    The loss axis fits the epochs: the wildest single updates may leave the picture. A walk that
    diverged is named so in the legend, and the axis stops short of its blow-up.
    """
    from matplotlib.ticker import MaxNLocator

    named = named_walks(walks)
    curves = [_epochs(walk, full_loss) for walk in named]
    ax = style.new_axes(ax)
    if updates:
        for walk in named:
            x, loss = _updates(walk)
            if loss.size:
                # Dots: joined up, the leaps of single rows would paint over everything else.
                ax.plot(
                    x,
                    loss,
                    ".",
                    color=walk.look.color,
                    ms=2.5,
                    mew=0,
                    alpha=0.35,
                    zorder=1,
                    label="_update",
                )
    for walk, (x, loss) in zip(named, curves, strict=True):
        _line(ax, walk, x, loss)
    ax.set_xlabel(word("epoch"))
    ax.xaxis.set_major_locator(MaxNLocator("auto", steps=[1, 2, 5, 10], integer=True))
    return _loss_axis(ax, named, [loss for _, loss in curves], log=log, full_loss=full_loss)


def loss_vs_time(
    walks: Walks,
    *,
    ax: Axes | None = None,
    log: bool = False,
    full_loss: bool = False,
) -> Axes:
    """Loss at the end of each epoch against the seconds walked so far, seconds on a log axis.

    Parameters
    ----------
    walks : model, list of models, or dict of name to model
        Fitted ``BatchGD``, ``SGD`` or ``MiniBatchGD``.
    ax : matplotlib.axes.Axes, optional
        Where to draw. New axes by default.
    log : bool, default False
        Logarithmic loss axis, too.
    full_loss : bool, default False
        Draw ``history_.full_loss`` in place of ``history_.loss``. Its first value, before any
        time has passed, has no place on a log axis.

    Returns
    -------
    matplotlib.axes.Axes
        One line for each walk, against ``history_.seconds``.

    Raises
    ------
    TypeError, ValueError
        If `walks` holds something other than fitted models, or `full_loss` was not recorded.
    """
    named = named_walks(walks)
    curves = []
    for walk in named:
        _, loss = _epochs(walk, full_loss)
        seconds = np.asarray(walk.model.history_.seconds)
        curves.append((seconds, loss[len(loss) - len(seconds) :]))
    ax = style.new_axes(ax)
    for walk, (seconds, loss) in zip(named, curves, strict=True):
        _line(ax, walk, seconds, loss)
    ax.set_xscale("log")
    ax.set_xlabel(word("seconds"))
    return _loss_axis(ax, named, [loss for _, loss in curves], log=log, full_loss=full_loss)


def _epochs(walk: Walk, full_loss: bool) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Epoch numbers and losses: from 1, or from 0 (the start) for the full loss."""
    history = walk.model.history_
    if not full_loss:
        return np.arange(1.0, len(history.loss) + 1), np.asarray(history.loss)
    if len(history.full_loss) == 0:
        raise ValueError(
            f"full_loss=True draws the loss on all rows, which {walk.name!r} did not record: "
            "fit it with fit(X, y, full_loss=True)"
        )
    return np.arange(0.0, len(history.full_loss)), np.asarray(history.full_loss)


def _updates(walk: Walk) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Where each recorded update stands between the epochs, and its loss."""
    model, history = walk.model, walk.model.history_
    if model.n_updates_ <= max(model.n_epochs_, 1):
        return np.empty(0), np.empty(0)
    # A walk that stopped inside an epoch has made part of its updates: half of them, at a guess.
    epochs = model.n_epochs_ + (0.5 if model.stop_reason_ in ("diverged", "interrupted") else 0.0)
    x = history.update_number.astype(np.float64) * (epochs / model.n_updates_)
    return x, history.update_loss


def _line(ax: Axes, walk: Walk, x: NDArray[np.float64], loss: NDArray[np.float64]) -> None:
    look = walk.look
    ax.plot(
        x,
        loss,
        color=look.color,
        linestyle=look.linestyle,
        lw=style.LINE,
        marker=look.marker,
        ms=4.5,
        # Markers tell lines apart in grey, and a dozen of them do.
        markevery=max(1, len(loss) // 12),
        label=walk.label,
        zorder=2,
    )


def _loss_axis(
    ax: Axes, walks: list[Walk], curves: list[NDArray[np.float64]], *, log: bool, full_loss: bool
) -> Axes:
    if log:
        ax.set_yscale("log")
    limits = _limits(walks, curves, log)
    if limits is not None:
        ax.set_ylim(*limits)
        if log:
            _plain_numbers(ax, *limits)
    ax.set_ylabel(word("loss on all rows" if full_loss else "loss as visited", loss=losses(walks)))
    ax.grid(True, color="#e6e6e6", lw=style.FAINT)
    ax.set_axisbelow(True)
    ax.legend(frameon=False)
    return style.finish(ax)


def _plain_numbers(ax: Axes, low: float, high: float) -> None:
    """Label a log axis of few decades 0.05, 0.1, 0.2, as one would say it."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    if high / low < 1e3:
        ax.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 3.0, 5.0)))
        ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,g}"))
        ax.yaxis.set_minor_formatter(NullFormatter())


def _limits(
    walks: list[Walk], curves: list[NDArray[np.float64]], log: bool
) -> tuple[float, float] | None:
    """Frame the lines, with some room; the wildest updates and a blow-up leave it."""
    calm = [loss[:1] if w.diverged else loss for w, loss in zip(walks, curves, strict=True)]
    values = np.concatenate(calm)
    values = values[np.isfinite(values) & ((values > 0) | (not log))]
    if not values.size:
        return None
    low, high = float(values.min()), float(values.max())
    climb = any(walk.diverged for walk in walks)
    if log:
        room = (high / low) ** 0.1 if high > low else 2.0
        return low / room, high * (_CLIMB_LOG if climb else room)
    room = 0.15 * (high - low) if high > low else 0.5 * max(abs(high), 1.0)
    return low - room, high * _CLIMB if climb else high + room
