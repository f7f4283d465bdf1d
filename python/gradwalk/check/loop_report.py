"""What the check of a loop found, as data and in words."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from gradwalk._text import rounded
from gradwalk.language.checks import sentence

from .loop_paths import Paths
from .report import Diagnosis


@dataclass(frozen=True, slots=True)
class FirstDifference:
    """The first θ that is not what the reference has in its place."""

    update: int
    """How many updates were made, from 1."""
    epoch: int
    """In which epoch, from 1."""
    expected: NDArray[np.float64]
    got: NDArray[np.float64]

    @property
    def distance(self) -> float:
        """The largest difference of a coordinate."""
        with np.errstate(all="ignore"):
            return float(np.max(np.abs(self.expected - self.got)))


@dataclass(frozen=True, slots=True, repr=False)
class LoopReport:
    """What `check_loop` found; print it, or read it."""

    passed: bool
    """Whether every update that could be compared is the reference's, and the losses, too."""
    diagnosis: tuple[Diagnosis, ...]
    """Mistakes that explain all that differs, the likeliest first; none where nothing does."""
    first_difference: FirstDifference | None
    """The first update that differs."""
    score: float
    """The share of what was compared that is right, from 0 to 1."""
    compared: int
    """How many θ were compared with the reference's."""
    seconds: float
    """How long the loop took."""
    notes: tuple[str, ...] = ()
    """What else was noticed, in words."""
    printed: str = field(default="")
    """The beginning of what the loop printed."""
    language: str | None = field(default=None)
    paths: Paths | None = None
    """θ of the loop beside the reference's, as far as a moment's walk shows them."""

    def headline(self) -> str:
        """Say in a line whether the loop is right."""
        said: dict[str, object] = {"count": self.compared}
        if self.passed:
            return sentence("loop right", said, self.language)
        first = self.first_difference
        if first is None:
            name = "losses differ" if self.compared else "loop not told"
            return sentence(name, said, self.language)
        said |= {"update": first.update, "epoch": first.epoch, "gap": _shown(first.distance)}
        return sentence("loop differs", said, self.language)

    def lines(self) -> list[str]:
        """Return what is said below the headline."""
        said = [seen.message for seen in self.diagnosis[:2]]
        if not self.passed and not self.diagnosis:
            said.append(sentence("loop not recognised", {}, self.language))
        return [*said, *self.notes]

    def rows(self) -> list[list[str]]:
        """Return the coordinates of the first difference: place, expected, got."""
        first = self.first_difference
        if first is None or first.expected.shape != first.got.shape:
            return []
        pairs = zip(first.expected.ravel(), first.got.ravel(), strict=True)
        return [[f"θ[{k}]", _shown(a), _shown(b)] for k, (a, b) in enumerate(pairs) if k < 10]

    def columns(self) -> list[str]:
        """Return the heads of the table."""
        return sentence("columns of a loop", {}, self.language).split("|")

    def __str__(self) -> str:
        from gradwalk._text import table

        lines = [self.headline(), *self.lines()]
        if self.rows():
            lines += ["", *table([self.columns(), *self.rows()], lambda place: place == 0)]
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        """Return the report as a notebook shows it."""
        from gradwalk import display

        return display.loop_report(self)


def _shown(value: float) -> str:
    return rounded(float(value)) if np.isfinite(value) else str(value)
