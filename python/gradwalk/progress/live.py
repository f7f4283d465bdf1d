"""The loss curve of a walk under way."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from . import meter
from .bar import Bar, ending_of, moment_of
from .meter import Moment, Pace
from .standing import Display, Standing

if TYPE_CHECKING:
    from gradwalk._core import GradientDescent


class Live(Display):
    """The loss curve, drawn anew in the cell of a notebook."""

    def __init__(self, model: GradientDescent, unit: str) -> None:
        self.model = model
        self.pace = Pace(unit)
        self.throttle = Throttle()
        self.curve: Any = None
        self.handle: Any = None
        self.bar = Bar(model, unit)
        self.has_matplotlib = importlib.util.find_spec("matplotlib") is not None

    def show(self, standing: Standing) -> None:
        """Draw the curve, if there is time for it."""
        if not self.has_matplotlib:
            self.bar.show(standing)
        elif self.curve is None:
            self._open()
        elif self.throttle.is_due():
            moment = moment_of(standing)
            self.throttle.run(lambda: self._draw(moment, self.pace.words(moment)))

    def close(self, standing: Standing) -> None:
        """Draw the curve for the last time."""
        if not self.has_matplotlib:
            self.bar.close(standing)
            return
        if self.curve is None:  # interrupted at once
            self._open()
        moment = moment_of(standing)
        self._draw(moment, [*self.pace.words(moment)[:1], ending_of(self.model)])

    def _open(self) -> None:
        # Before the walk begins, for the import takes longer than ten drawings.
        from gradwalk.plot._draw.live import LiveCurve

        self.curve = LiveCurve(self.model)
        self.pace = Pace(self.pace.unit)
        self.throttle = Throttle()

    def _draw(self, moment: Moment, more: list[str]) -> None:
        from IPython.display import display

        title = ", ".join([moment.place, *moment.words(None), *more])
        data, metadata = self.curve.draw(title)
        if self.handle is None:
            show: Any = display  # without types
            self.handle = show(data, metadata=metadata, raw=True, display_id=True)
        else:
            self.handle.update(data, metadata=metadata, raw=True)


class Throttle:
    """Lets something be done a few times a second, and for a tenth of the time at the most."""

    LEAST, SHARE = 0.25, 0.08  # with what a notebook needs to take the picture in: a tenth

    def __init__(self) -> None:
        self.began = meter.clock()
        self.spent = 0.0
        self.due = self.began + self.LEAST

    def is_due(self) -> bool:
        """Whether it may be done now."""
        return meter.clock() >= self.due

    def run(self, work: Callable[[], None]) -> None:
        """Do it, and measure what it takes."""
        began = meter.clock()
        work()
        ended = meter.clock()
        cost = ended - began
        self.spent += cost
        # Room for the next one, and for the last of all, which does not ask.
        affordable = self.began + (self.spent + 2 * cost) / self.SHARE
        self.due = max(ended + self.LEAST, affordable)
