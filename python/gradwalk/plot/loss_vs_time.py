"""Loss against seconds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gradwalk.language.pictures import word

from ._data.walks import Walks, named_walks
from ._draw import canvas
from ._draw.line import draw_line
from ._draw.losses import epochs, finish_loss, set_scales

if TYPE_CHECKING:
    from matplotlib.axes import Axes


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
        draw_line(ax, walk, seconds, loss, numbers=np.arange(1, len(loss) + 1), unit="epoch")
    ax.set_xlabel(word("seconds"))
    return finish_loss(ax, named, full_loss=full_loss)
