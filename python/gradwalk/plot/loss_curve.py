"""Loss against epochs and against seconds."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from gradwalk._thinning import thin, thin_places
from gradwalk.language.pictures import word

from ._data.walks import Walk, Walks, named_walks
from ._draw import canvas, style
from ._draw.line import draw_line
from ._draw.losses import epochs, finish_loss, set_scales

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from gradwalk._types import Floats

_Curve: TypeAlias = "tuple[Floats, Floats]"


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
                ax.plot(x, loss, **style.DOTS, color=walk.look.color, label="_update")
    for walk, (x, loss), check in zip(named, curves, checks, strict=True):
        draw_line(ax, walk, x, loss, numbers=x, unit="epoch")
        if check[1].size:
            ax.plot(
                *thin(*check),
                color=walk.look.color,
                **style.VALIDATION,
                zorder=2,
                label=word("validation", name=walk.name),
            )
    ax.set_xlabel(word("epoch"))
    canvas.whole_numbers(ax.xaxis)
    return finish_loss(ax, named, full_loss=full_loss)


def _nothing() -> _Curve:
    return np.empty(0), np.empty(0)


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
        some = np.union1d(even, thin_places(numbers, loss))
        numbers, loss = numbers[some], loss[some]
    return walk.epoch_of(numbers), loss
