"""The picture of a sweep: its losses against one setting, or over two."""

from __future__ import annotations

import math
import numbers
from typing import TYPE_CHECKING, Any

import numpy as np

from gradwalk._text import argument
from gradwalk.language.pictures import word

from .._data import looks
from .._data.walks import method_of
from . import canvas, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from gradwalk import Sweep

# A range of losses, or of values of a setting, that is wider than this is drawn on a log scale.
_WIDE = 30.0
# Up to so many cells have their numbers written in them.
_MOST_NUMBERS = 64
_HATCH = "////"


def draw(sweep: Sweep, ax: Axes | None) -> Axes:
    """Draw a sweep of one setting as a curve, and one of two as a map."""
    if not 1 <= len(sweep.varied) <= 2:
        names = ", ".join(sweep.varied) or "nothing"
        raise ValueError(
            f"a picture has room for one or two settings, and this sweep varied {names}. Vary "
            "fewer, or draw sweep.to_dict() yourself"
        )
    return _curve(sweep, ax) if len(sweep.varied) == 1 else _map(sweep, ax)


def _curve(sweep: Sweep, ax: Axes | None) -> Axes:
    (name,) = sweep.varied
    values = [run.parameters[name] for run in sweep.runs]
    losses = _losses(sweep)
    ax = canvas.new_axes(ax)
    if all(_is_number(value) for value in values):
        x = np.array(values, dtype=float)
        order = np.argsort(x, kind="stable")
        if len(x) > 0 and x.min() > 0 and x.max() >= _WIDE * x.min():
            ax.set_xscale("log")
    else:
        x, order = np.arange(len(values), dtype=float), np.arange(len(values))
        ax.set_xticks(x, [argument(value) for value in values])
    look = looks.look(_method(sweep), 0, 1)
    is_drawn = np.isfinite(losses[order])
    shown = np.where(is_drawn, losses[order], np.nan)
    ax.plot(x[order], shown, color=look.color, ls=look.linestyle, marker=look.marker, lw=style.LINE)
    if _is_wide(losses):
        ax.set_yscale("log")
    diverged = [place for place in order if sweep.runs[place].diverged]
    if diverged:
        # At the upper edge, for there is no loss to place them at.
        ax.plot(
            x[diverged],
            np.ones(len(diverged)),
            "x",
            color=style.INK,
            mew=1.5,
            ms=8,
            transform=ax.get_xaxis_transform(),
            clip_on=False,
            label=word("verdict diverged"),
        )
    _mark_best(ax, sweep, lambda run: (x[sweep.runs.index(run)], run.loss))
    ax.set_xlabel(_axis_name(name))
    ax.set_ylabel(_loss_name(sweep))
    canvas.grid(ax)
    canvas.legend(ax)
    return canvas.finish(ax)


def _map(sweep: Sweep, ax: Axes | None) -> Axes:
    from matplotlib.colors import LogNorm, Normalize
    from matplotlib.patches import Rectangle

    columns, rows = (_distinct(sweep, name) for name in sweep.varied)
    losses = np.full((len(rows), len(columns)), np.nan)
    places = {}
    for run in sweep.runs:
        a, b = run.parameters.values()
        place = (_place(rows, b), _place(columns, a))
        losses[place] = np.nan if run.diverged else run.loss
        places[place] = run
    ax = canvas.new_axes(ax, width=6.4, height=4.4)
    shown = np.ma.masked_invalid(losses)
    norm: Normalize | None = None
    if shown.count():
        norm = (LogNorm if _is_wide(losses) else Normalize)(shown.min(), shown.max())
    mesh = ax.pcolormesh(
        np.arange(len(columns) + 1) - 0.5,
        np.arange(len(rows) + 1) - 0.5,
        shown,
        cmap=style.sweep_map(),
        norm=norm,
        edgecolors="white",
        linewidth=style.THIN,
    )
    label: str | None = word("verdict diverged")
    for (row, column), run in places.items():
        if run.diverged:
            ax.add_patch(
                Rectangle(
                    (column - 0.5, row - 0.5),
                    1,
                    1,
                    facecolor="white",
                    edgecolor=style.CONTOUR_TEXT,
                    hatch=_HATCH,
                    lw=style.FAINT,
                    label=label,
                )
            )
            label = None
    if norm is not None:
        ax.figure.colorbar(mesh, ax=ax, label=_loss_name(sweep))
        if losses.size <= _MOST_NUMBERS:
            _write_numbers(ax, shown, norm)
    _mark_best(
        ax,
        sweep,
        lambda run: next((c, r - 0.25) for (r, c), other in places.items() if other is run),
    )
    ax.set_xticks(np.arange(len(columns)), [argument(value) for value in columns])
    ax.set_yticks(np.arange(len(rows)), [argument(value) for value in rows])
    ax.set_xlim(-0.5, len(columns) - 0.5)
    ax.set_ylim(-0.5, len(rows) - 0.5)
    ax.set_xlabel(_axis_name(sweep.varied[0]))
    ax.set_ylabel(_axis_name(sweep.varied[1]))
    canvas.legend(ax, loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=2)
    return canvas.finish(ax)


def _write_numbers(ax: Axes, shown: Any, norm: Any) -> None:
    for row, column in np.argwhere(~np.ma.getmaskarray(shown)):
        loss = float(shown[row, column])
        ax.text(
            column,
            row + 0.05,
            f"{loss:.3g}",
            ha="center",
            va="bottom",
            fontsize=style.NOTE_SIZE,
            color="white" if norm(loss) > 0.35 else style.INK,
        )


def _mark_best(ax: Axes, sweep: Sweep, place_of: Any) -> None:
    if any(math.isfinite(run.loss) and not run.diverged for run in sweep.runs):
        x, y = place_of(sweep.best())
        ax.plot([x], [y], **style.MINIMUM, label=word("lowest loss"), zorder=5)


def _losses(sweep: Sweep) -> NDArray[np.float64]:
    return np.array([np.nan if run.diverged else run.loss for run in sweep.runs], dtype=float)


def _is_wide(losses: NDArray[np.float64]) -> bool:
    finite = losses[np.isfinite(losses)]
    return finite.size > 0 and 0 < finite.min() < finite.max() / _WIDE


def _is_number(value: object) -> bool:
    return isinstance(value, numbers.Real) and not isinstance(value, bool)


def _distinct(sweep: Sweep, name: str) -> list[Any]:
    values: list[Any] = []
    for run in sweep.runs:
        value = run.parameters[name]
        if not any(_is_same(value, other) for other in values):
            values.append(value)
    # Numbers rise from left to right, whatever their order in the list.
    return sorted(values) if all(_is_number(value) for value in values) else values


def _place(values: list[Any], value: object) -> int:
    return next(place for place, other in enumerate(values) if _is_same(value, other))


def _is_same(value: object, other: object) -> bool:
    return value is other or (type(value) is type(other) and bool(value == other))


def _axis_name(name: str) -> str:
    return word(name.replace("_", " ")) if name in ("learning_rate", "batch_size") else name


def _loss_name(sweep: Sweep) -> str:
    named = {getattr(run.model.loss, "__name__", run.model.loss) for run in sweep.runs}
    return word("loss after the last epoch", loss=f" ({named.pop()})" if len(named) == 1 else "")


def _method(sweep: Sweep) -> str:
    return method_of(sweep.runs[0].model) if sweep.runs else "walk"
