"""Loss against epochs and against seconds."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from . import canvas, frame, style
from .language import word
from .walks import Walk, Walks, loss_text, losses, named_walks

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

_Floats: TypeAlias = "NDArray[np.float64]"
_Curve: TypeAlias = "tuple[_Floats, _Floats]"

# This share of a curve may lie at 0 or below without a word on a log axis: rounding does that.
_A_FEW = 0.01


def loss_curve(
    walks: Walks,
    *,
    ax: Axes | None = None,
    log: bool = False,
    updates: bool = True,
    full_loss: bool = False,
    validation: bool = True,
) -> Axes:
    """Loss against epochs, and faint dots behind it for the loss of every recorded update.

    Parameters
    ----------
    walks : model, History, DescentResult, list of these, or dict of name to one of these
        Fitted models, their ``history_``, or results of ``minimize``.
    ax : matplotlib.axes.Axes, optional
        Where to draw. New axes by default.
    log : bool, default False
        Logarithmic loss axis. Losses of 0 and below have no place there: the picture says so, and
        where there are no others the axis stays linear.
    updates : bool, default True
        Draw ``history_.update_loss``, the loss of each batch, where it was recorded. An update
        stands at its place between the epochs. BatchGD makes one update an epoch, and has nothing
        to add.
    full_loss : bool, default False
        Draw ``history_.full_loss``, f(θ) on all rows before the first and after each epoch, in
        place of ``history_.loss``, the mean over the epoch's batches while θ moved.
    validation : bool, default True
        Draw ``history_.validation_loss``, a dashed line, where it was recorded.

    Returns
    -------
    matplotlib.axes.Axes
        One line for each walk, plus a dashed one for each walk with validation losses and faint
        dots for each walk with update losses.

    Raises
    ------
    TypeError, ValueError
        If `walks` holds something other than walks, or `full_loss` was not recorded.

    Notes
    -----
    The loss axis fits the epochs: the wildest single updates may leave the picture. A walk that
    diverged is named so in the legend. Its line ends in an arrow and a note where it leaves the
    picture, which stops short of the blow-up. Of long lines the lowest and the highest point of
    each run of neighbours are drawn.
    """
    named = named_walks(walks)
    curves = [epochs(walk, full_loss) for walk in named]
    checks = [_validation(walk) if validation else _nothing() for walk in named]
    ax = canvas.new_axes(ax)
    set_scales(ax, named, curves, [loss for _, loss in checks], xlog=False, ylog=log)
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
    for walk, (x, loss), check in zip(named, curves, checks, strict=True):
        frame.draw(ax, walk, x, loss, numbers=x, unit="epoch")
        if check[1].size:
            ax.plot(
                *frame.thin(*check),
                color=walk.look.color,
                **style.VALIDATION,
                zorder=2,
                label=word("validation", name=walk.name),
            )
    ax.set_xlabel(word("epoch"))
    canvas.whole_numbers(ax.xaxis)
    return finish_loss(ax, named, full_loss=full_loss)


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
    walks : model, History, DescentResult, list of these, or dict of name to one of these
        Fitted models, their ``history_``, or results of ``minimize``.
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
        If `walks` holds something other than walks, or `full_loss` was not recorded.
    """
    named = named_walks(walks)
    curves = []
    for walk in named:
        _, loss = epochs(walk, full_loss)
        seconds = np.asarray(walk.history.seconds)
        curves.append((seconds, loss[len(loss) - len(seconds) :]))
    ax = canvas.new_axes(ax)
    set_scales(ax, named, curves, [], xlog=True, ylog=log)
    for walk, (seconds, loss) in zip(named, curves, strict=True):
        frame.draw(ax, walk, seconds, loss, numbers=np.arange(1, len(loss) + 1), unit="epoch")
    ax.set_xlabel(word("seconds"))
    return finish_loss(ax, named, full_loss=full_loss)


def _nothing() -> _Curve:
    return np.empty(0), np.empty(0)


def epochs(walk: Walk, full_loss: bool) -> _Curve:
    """Epoch numbers and losses: from 1, or from 0 (the start) for the full loss."""
    history = walk.history
    if not full_loss:
        return np.arange(1.0, len(history.loss) + 1), np.asarray(history.loss)
    if len(history.full_loss) == 0:
        raise ValueError(
            f"full_loss=True draws the loss on all rows, which {walk.name!r} did not record: "
            "fit it with fit(X, y, full_loss=True)"
        )
    return np.arange(0.0, len(history.full_loss)), np.asarray(history.full_loss)


def _validation(walk: Walk) -> _Curve:
    loss = np.asarray(walk.history.validation_loss)
    return np.arange(1.0, len(loss) + 1), loss


def _updates(walk: Walk) -> _Curve:
    """Where each recorded update stands between the epochs, and its loss; some of very many."""
    history = walk.history
    numbers, loss = history.update_number, history.update_loss
    if walk.n_updates <= max(walk.n_epochs, 1):
        return _nothing()
    if len(loss) > 8000:
        even = np.arange(0, len(loss), len(loss) // 4000)
        some = np.union1d(even, frame.thin_places(numbers, loss))
        numbers, loss = numbers[some], loss[some]
    return walk.epoch_of(numbers), loss


def set_scales(
    ax: Axes,
    walks: list[Walk],
    curves: list[_Curve],
    checks: list[_Floats],
    *,
    xlog: bool,
    ylog: bool,
) -> None:
    """Set limits: a diverging walk is followed as far as it is seen, the others to their end."""
    diverged = [walk.diverged for walk in walks]
    if ylog:
        ylog = log_scale(ax, [loss for _, loss in curves] + checks)
    if xlog:
        ax.set_xscale("log")
    heights = [loss for _, loss in curves] + checks
    # A validation loss blows up with its walk.
    ends = frame.limits(heights, diverged=diverged + diverged[: len(checks)], log=ylog)
    if ends is not None:
        ax.set_ylim(*ends)
    seen = []
    for (x, loss), wild in zip(curves, diverged, strict=True):
        if wild and ends is not None:
            with np.errstate(invalid="ignore"):
                far = ~((loss >= ends[0]) & (loss <= ends[1]))
            x = x[: int(np.argmax(far)) + 1] if far.any() else x
        seen.append(x[(x > 0) | (not xlog)])
    x = np.concatenate(seen)
    if not x.size:
        return
    low, high = float(x.min()), float(x.max())
    if xlog:
        room = (high / low) ** 0.04 if high > low else 2.0
        ax.set_xlim(low / room, high * room)
    else:
        room = 0.04 * (high - low) if high > low else 0.5
        ax.set_xlim(low - max(room, 0.15), high + max(room, 0.15))


def log_scale(ax: Axes, heights: list[_Floats]) -> bool:
    """Make the vertical axis logarithmic where it can be; say above the picture what is missing."""
    curves = [curve[np.isfinite(curve)] for curve in heights]
    can = any(bool(np.any(curve > 0)) for curve in curves)
    missing = any(len(curve) and np.mean(curve <= 0) > _A_FEW for curve in curves)
    if can:
        ax.set_yscale("log")
    if missing:
        key = "not on a log axis" if can else "no log axis"
        ax.set_title(word(key), loc="right", fontsize=style.NOTE_SIZE, color=style.INK)
    return can


def finish_loss(ax: Axes, walks: list[Walk], *, full_loss: bool) -> Axes:
    """Label the loss axis, and draw grid and legend."""
    if ax.get_yscale() == "log":
        canvas.plain_log(ax.yaxis)
    if losses(walks) == "f":
        label = word("value" if full_loss else "value as visited")
    else:
        label = word("loss on all rows" if full_loss else "loss as visited", loss=loss_text(walks))
    ax.set_ylabel(label)
    canvas.grid(ax)
    canvas.legend(ax, fontsize=None)
    return canvas.finish(ax)
