"""The bar of a walk."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from .meter import Meter, Moment
from .standing import Display, Standing

if TYPE_CHECKING:
    from gradwalk._core import GradientDescent


class Bar(Display):
    """A bar for a walk."""

    def __init__(self, model: GradientDescent, unit: str) -> None:
        self.model = model
        self.meter = Meter(type(model).__name__, unit)

    def show(self, standing: Standing) -> None:
        """Show the epoch and the losses."""
        self.meter.show(moment_of(standing))

    def close(self, standing: Standing) -> None:
        """Show how the walk ended."""
        is_done = self.model.stop_reason_ not in ("diverged", "interrupted", "failed")
        self.meter.close(moment_of(standing), ending_of(self.model), is_done=is_done)


def moment_of(standing: Standing) -> Moment:
    """Pick what a bar shows."""
    place = f"epoch {standing.epoch:,}/{standing.epochs:,}"
    figures = {
        "loss": standing.loss,
        "validation": standing.validation_loss,
        "η": standing.learning_rate or math.nan,
    }
    return Moment(place, standing.rows, standing.all_rows, figures)


def ending_of(model: GradientDescent) -> str:
    """Say in a word or two how the walk ended."""
    reason = model.stop_reason_
    if reason in ("diverged", "interrupted", "failed"):
        return reason
    told = {"epochs done": "", "callback": "stopped by the callback, "}.get(reason, f"{reason}, ")
    return told + model.history_.verdict.word
