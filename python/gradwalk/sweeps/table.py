"""The table that a sweep gives: a row for each run."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, SupportsIndex, overload

from gradwalk._core import GradientDescent
from gradwalk._text import argument, table

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from gradwalk._core import _Kind

__all__ = ["Sweep", "SweepRun"]

# Longer tables are shown by their first and last rows.
_LONGEST = 60

#: Beside the settings that were varied.
COLUMNS = ("loss", "epochs", "updates", "seconds", "verdict", "stop_reason")


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
    verdict: _Kind | Literal["failed"]
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
        for name in COLUMNS:
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
        from gradwalk.plot._draw.sweep import draw

        return draw(self, ax)

    def __str__(self) -> str:
        names = [*self.varied, *COLUMNS]
        head = [name.replace("_", " ") if name in COLUMNS else name for name in names]
        lines = [head]
        for run in self._shown():
            if run is None:
                lines.append(["…"] * len(names))
                continue
            values = (*run.parameters.values(), *(getattr(run, name) for name in COLUMNS))
            lines.append([argument(value) for value in values])
        count = f"{len(self)} run{'' if len(self) == 1 else 's'}"
        laid_out = table(lines, lambda place: names[place] in ("verdict", "stop_reason"))
        return "\n".join([f"Sweep of {self.method}: {count}", *laid_out])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        """Return the table as a notebook shows it."""
        from gradwalk import display

        return display.sweep(self)

    def _shown(self) -> list[SweepRun | None]:
        """Return the rows that are printed; None stands for those left out of a long table."""
        if len(self) <= _LONGEST:
            return list(self.runs)
        half = _LONGEST // 2
        return [*self.runs[:half], None, *self.runs[-half:]]
