"""The losses of walks along an axis of epochs or of seconds."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from gradwalk.language.pictures import word

from .._data.walks import Walk, loss_text, losses
from . import canvas, frame, style

if TYPE_CHECKING:
    from collections.abc import Iterable

    from matplotlib.axes import Axes

    from gradwalk._types import Floats

    from .._data.runs import Run

_Curve: TypeAlias = "tuple[Floats, Floats]"
# This share of a curve may lie at 0 or below without a word on a log axis: rounding does that.
_A_FEW = 0.01
_DECADES = 1e-8  # how far down the log axis of a sweep goes, of its upper end
_CLIMB = 100.0  # how far up a walk that diverges can be seen there, above all the others


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


def set_scales(
    ax: Axes,
    walks: list[Walk],
    curves: list[_Curve],
    checks: list[Floats],
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


def log_scale(ax: Axes, heights: list[Floats]) -> bool:
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


def loss_axis(ax: Axes, found: list[Run], heights: list[Floats]) -> None:
    """Set scale and limits of the loss axis: logarithmic where it can be, and never exploding."""
    log = positive(heights)
    limits = frame.limits(heights, diverged=[run.walk.diverged for run in found], log=log)
    if log:
        ax.set_yscale("log")
    if limits is None:
        return
    low, high = limits
    if log:
        if any(run.walk.diverged for run in found):
            pairs = zip(found, heights, strict=False)
            calm = [loss[:1] if run.walk.diverged else loss for run, loss in pairs]
            high = min(high, _CLIMB * float(np.nanmax(np.concatenate(calm))))
        low = max(low, _DECADES * high)
    ax.set_ylim(low, high)
    if log:
        canvas.plain_log(ax.yaxis)


def positive(curves: Iterable[Floats]) -> bool:
    """Whether a log axis can show the curves."""
    seen = np.concatenate([np.empty(0), *(curve[np.isfinite(curve)] for curve in curves)])
    return bool(seen.size and seen.min() > 0)
