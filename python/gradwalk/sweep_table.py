"""The table that a sweep gives: a row for each run."""

from __future__ import annotations

import contextlib
import inspect
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, SupportsIndex, overload

import numpy as np

from gradwalk._core import GradientDescent

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Sweep", "SweepRun"]

# Longer tables are shown by their first and last rows.
_LONGEST = 60

_COLUMNS = ("loss", "epochs", "updates", "seconds", "verdict", "stop_reason")


@dataclass(frozen=True, slots=True)
class SweepRun:
    """One row of a sweep: a setting, and how the walk went at it."""

    parameters: dict[str, Any]
    """The varied arguments, by name."""
    model: GradientDescent
    """The fitted model."""
    loss: float
    """The last loss: on the validation data where `fit` was given any, else on all rows where
    ``full_loss`` was asked for, else the mean over the last epoch; that of the θ gone back to
    with ``restore_best``. Infinite if the walk diverged, NaN if there is none."""
    epochs: int
    """Epochs completed."""
    updates: int
    """Updates made."""
    seconds: float
    """Seconds in `fit`, with the other runs beside it."""
    verdict: str
    """The kind of ``history_.verdict``; "failed" if there is no history."""
    stop_reason: str
    """As ``stop_reason_``; "failed" if `fit` raised an exception."""
    message: str
    """The text of the exception, or of the DivergenceWarning; else the verdict's sentence."""

    @property
    def diverged(self) -> bool:
        """Whether the loss grew: beyond all numbers, or as far as the epochs went."""
        return self.verdict == "diverging"


@dataclass(frozen=True, slots=True, repr=False)
class Sweep:
    """The table of a sweep: print it, iterate over it, or take a row by its number."""

    method: str
    """Name of the class, ``"SGD"`` for example."""
    varied: tuple[str, ...]
    """The arguments that were varied."""
    runs: tuple[SweepRun, ...]
    """The rows, the last argument varying fastest."""

    def __len__(self) -> int:
        return len(self.runs)

    def __iter__(self) -> Iterator[SweepRun]:
        return iter(self.runs)

    @overload
    def __getitem__(self, place: SupportsIndex) -> SweepRun: ...
    @overload
    def __getitem__(self, place: slice) -> Sweep: ...
    def __getitem__(self, place: SupportsIndex | slice) -> SweepRun | Sweep:
        if isinstance(place, slice):
            return Sweep(self.method, self.varied, self.runs[place])
        return self.runs[place]

    @property
    def models(self) -> dict[Any, GradientDescent]:
        """The fitted models by the value of the varied argument, or by the tuple of values."""
        keys = [tuple(run.parameters.values()) for run in self.runs]
        is_single = len(self.varied) == 1
        models = [run.model for run in self.runs]
        return dict(zip([key[0] if is_single else key for key in keys], models, strict=True))

    def best(self) -> SweepRun:
        """Return the row of the lowest loss, of those that neither diverge nor failed.

        Raises
        ------
        ValueError
            There is none.
        """
        legal = [run for run in self.runs if math.isfinite(run.loss) and not run.diverged]
        if not legal:
            raise ValueError(
                "no run came to an end without diverging, so none is the best: try smaller "
                "learning rates"
            )
        return min(legal, key=lambda run: run.loss)

    def to_dict(self) -> dict[str, list[Any]]:
        """Columns by name, for pandas or polars; the models are left out."""
        columns = {name: [run.parameters[name] for run in self.runs] for name in self.varied}
        for name in _COLUMNS:
            columns[name] = [getattr(run, name) for run in self.runs]
        return columns

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the loss against the varied argument, or over the two that were varied.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw. New axes by default.

        Returns
        -------
        matplotlib.axes.Axes
            One argument gives a curve, on which crosses at the upper edge stand for walks that
            diverge. Two give a map in colours, on which the cells of these are hatched.

        See Also
        --------
        gradwalk.plot.learning_rate_sweep, gradwalk.plot.batch_size_sweep :
            Draw the walks themselves: ``plot.learning_rate_sweep(sweep.models)``.

        Raises
        ------
        ValueError
            More than two arguments were varied, or none.
        """
        from gradwalk.plot._draw.sweeps import draw

        return draw(self, ax)

    def __str__(self) -> str:
        lines = self._lines()
        widths = [max(len(line[place]) for line in lines) for place in range(len(lines[0]))]
        words = ("verdict", "stop reason")
        aligned = [
            "  ".join(
                cell.ljust(width) if name in words else cell.rjust(width)
                for name, cell, width in zip(lines[0], line, widths, strict=True)
            ).rstrip()
            for line in lines
        ]
        rule = "  ".join("-" * width for width in widths)
        head = f"Sweep of {self.method}: {len(self)} run{'' if len(self) == 1 else 's'}"
        return "\n".join([head, aligned[0], rule, *aligned[1:]])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        import html

        lines = self._lines()
        best = None
        with contextlib.suppress(ValueError):
            best = self.runs.index(self.best())
        head, *rows = (
            "".join(f"<{tag}>{html.escape(cell)}</{tag}>" for cell in line)
            for tag, line in [("th", lines[0]), *(("td", line) for line in lines[1:])]
        )
        places = self._places()
        bold = ' style="font-weight: bold"'
        body = "".join(
            f"<tr{bold if place is not None and place == best else ''}>{row}</tr>"
            for place, row in zip(places, rows, strict=True)
        )
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"

    def _places(self) -> list[int | None]:
        """Which rows are shown; None stands for those left out."""
        if len(self) <= _LONGEST:
            return list(range(len(self)))
        half = _LONGEST // 2
        return [*range(half), None, *range(len(self) - half, len(self))]

    def _lines(self) -> list[list[str]]:
        """Head and rows, as texts."""
        names = [*self.varied, *_COLUMNS]
        lines = [[name.replace("_", " ") if name in _COLUMNS else name for name in names]]
        for place in self._places():
            if place is None:
                lines.append(["…"] * len(names))
                continue
            run = self.runs[place]
            values = [*(run.parameters[name] for name in self.varied)]
            values += [getattr(run, name) for name in _COLUMNS]
            lines.append([text_of(value) for value in values])
        return lines


def text_of(value: object) -> str:
    """Write a value of the table."""
    if isinstance(value, float | np.floating):
        return f"{value:.4g}"
    if isinstance(value, str):
        return value
    if inspect.isroutine(value):
        return value.__name__
    return repr(value)
