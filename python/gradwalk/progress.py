"""How far a walk has come, while it goes: what ``fit(X, y, progress=…)`` shows.

``progress=True`` draws a bar with the epoch, the loss, η, samples a second and the time left, as
tqdm draws it; without tqdm it is a line of text. ``progress="live"`` draws the loss curve anew in
the cell of a notebook, a few times a second; elsewhere it is the bar.

The walk calls its display by the clock, about every 100 ms, in the middle of a long epoch too, and
not at every epoch: a display costs the same however short the epochs are. The curve rests until
all its drawings have taken less than a tenth of the time. If a display fails, one warning says so
and the walk goes on without it.

For a display of your own derive a class from `Display` and hand over an object of it:

>>> import numpy as np, gradwalk as gw
>>> class Dots(gw.progress.Display):
...     def show(self, standing):
...         pass  # print(".", end="") for a dot every 100 ms
...     def close(self, standing):
...         print(f"epoch {standing.epoch} of {standing.epochs}, {standing.rows} samples")
>>> X = np.array([[0.0], [1.0], [2.0]]); y = np.array([1.0, 3.0, 5.0])
>>> model = gw.SGD(learning_rate=0.1, epochs=200, random_state=0).fit(X, y, progress=Dots())
epoch 200 of 200, 600 samples
"""

from __future__ import annotations

import importlib.util
import math
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TextIO, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from gradwalk._core import GradientDescent

__all__ = ["Display", "Standing"]

#: What ``progress=`` may be.
Progress: TypeAlias = "bool | Literal['live'] | Display"

# Seconds between two lines where a line cannot be written over, and between two drawings of tqdm
# there: a file that is read later.
_BETWEEN_LINES, _BETWEEN_BARS = 5.0, 1.0

_clock = time.monotonic
_has_advised = False


class Standing(NamedTuple):
    """Where a walk stands.

    Losses are NaN where there is none yet.
    """

    epoch: int
    """The epoch under way, from 1; between two epochs the last one."""
    epochs: int
    """The epoch that is to be the last."""
    rows: int
    """Rows visited by this call of `fit`, each as often as it was."""
    all_rows: int
    """The same at the end, if nothing stops the walk before."""
    loss: float
    """Of the last epoch, as in ``history_.loss``; within the first the mean up to now."""
    validation_loss: float
    """Of the last epoch, on the validation data."""
    learning_rate: float
    """η of the last update; 0 before the first."""


class Display:
    """What is told of a walk while it goes; a base for displays of your own.

    Both methods run in the thread that fits, between two pieces of the walk. The model may be
    asked for what it knows. An exception ends the display, not the walk; KeyboardInterrupt ends
    the walk, too.
    """

    def show(self, standing: Standing) -> None:
        """Show where the walk stands: at its start, and then about every 100 ms."""

    def close(self, standing: Standing) -> None:
        """Show how the walk ended, for whatever reason; nothing is shown after that."""


def _display(progress: object, model: GradientDescent, unit: str) -> Display:
    """Make the display that `progress`, which is not False, asks for."""
    if isinstance(progress, Display):
        return progress
    if isinstance(progress, str) and progress == "live":
        return _Live(model, unit) if _in_notebook() else _Bar(model, unit)
    if isinstance(progress, bool | np.bool_) and progress:
        return _Bar(model, unit)
    expected = (
        'progress must be True for a bar, "live" for the loss curve in a notebook, False for '
        "nothing, or an object of a class derived from gradwalk.progress.Display; got "
        f"{progress!r:.60}"
    )
    raise (ValueError if isinstance(progress, str) else TypeError)(expected)


def _in_notebook() -> bool:
    """Whether what is printed goes to the cell of a notebook."""
    # Who runs in IPython has imported it.
    ipython = sys.modules.get("IPython")
    shell = None if ipython is None else ipython.get_ipython()
    kinds = [kind.__name__ for kind in type(shell).__mro__]
    return shell is not None and "TerminalInteractiveShell" not in kinds


def _stream() -> TextIO | None:
    """Where text goes: beside the results of a program, but in a notebook not on a red ground."""
    return sys.stdout if _in_notebook() else sys.stderr


def _can_overwrite(stream: TextIO) -> bool:
    return _in_notebook() or stream.isatty()


# --------------------------------------------------------------------------------------------------
# Words


class _Moment(NamedTuple):
    """What a bar shows of a moment: an epoch of a walk, or a run of a sweep."""

    place: str
    done: float
    total: float
    figures: dict[str, float]

    def words(self, stream: TextIO | None) -> list[str]:
        """Name the figures that are known, in letters that the stream can write."""
        eta = "η" if _can_write("η", stream) else "learning rate"
        return [
            f"{eta if name == 'η' else name}={value:.4g}"
            for name, value in self.figures.items()
            if not math.isnan(value)
        ]


def _moment(standing: Standing) -> _Moment:
    place = f"epoch {standing.epoch:,}/{standing.epochs:,}"
    figures = {
        "loss": standing.loss,
        "validation": standing.validation_loss,
        "η": standing.learning_rate or math.nan,
    }
    return _Moment(place, standing.rows, standing.all_rows, figures)


def _can_write(text: str, stream: TextIO | None) -> bool:
    try:
        text.encode(getattr(stream, "encoding", None) or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def _ending(model: GradientDescent) -> str:
    """Say in a word or two how the walk ended."""
    reason = model.stop_reason_
    if reason in ("diverged", "interrupted", "failed"):
        return reason
    verdict = model.history_.verdict.word
    return {
        "epochs done": verdict,
        "tolerance met": f"tolerance met, {verdict}",
        "no improvement": f"no improvement, {verdict}",
        "callback": f"stopped by the callback, {verdict}",
    }.get(reason, reason)


def _amount(number: float) -> str:
    """Write a large number short: 33.4k."""
    for sign in ("", "k", "M", "G"):
        if abs(number) < 999.5:
            return f"{number:.3g}{sign}"
        number /= 1000
    return f"{number:.3g}T"


def _duration(seconds: float) -> str:
    whole = math.ceil(seconds)
    hours, rest = divmod(whole, 3600)
    minutes, rest = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


class _Pace:
    """How many a second, and the time left."""

    def __init__(self, unit: str) -> None:
        self.unit = unit
        self.began = _clock()

    def words(self, moment: _Moment) -> list[str]:
        elapsed = _clock() - self.began
        if moment.done <= 0 or elapsed <= 0:
            return []
        rate = moment.done / elapsed
        left = max(moment.total - moment.done, 0) / rate
        return [f"{_amount(rate)} {self.unit}/s", f"{_duration(left)} left"]


# --------------------------------------------------------------------------------------------------
# The bar


class _Bar(Display):
    """A bar for a walk."""

    def __init__(self, model: GradientDescent, unit: str) -> None:
        self.model = model
        self.meter = _Meter(type(model).__name__, unit)

    def show(self, standing: Standing) -> None:
        self.meter.show(_moment(standing))

    def close(self, standing: Standing) -> None:
        is_done = self.model.stop_reason_ in ("tolerance met", "no improvement", "callback")
        self.meter.close(_moment(standing), _ending(self.model), is_done=is_done)


class _Meter:
    """The bar of tqdm, or a line of text where it is not installed."""

    def __init__(self, name: str, unit: str) -> None:
        self.name, self.unit = name, unit
        self.bar: Any = None
        self.line: _Line | None = None

    def show(self, moment: _Moment) -> None:
        self._open(moment)
        if self.line is not None:
            self.line.show(moment)
        else:
            self._draw(moment, [])

    def close(self, moment: _Moment, ending: str, *, is_done: bool = False) -> None:
        """Close the bar; as one of 100 %, if the walk `is_done` before its last epoch."""
        self._open(moment)
        if self.line is not None:
            self.line.close(moment, ending)
            return
        if is_done:
            _set_total(self.bar, moment.done)
        self._draw(moment, [ending])
        self.bar.close()

    def _open(self, moment: _Moment) -> None:
        if self.bar is not None or self.line is not None:
            return
        stream = _stream()
        tqdm = None if stream is None else _tqdm()
        if stream is None or tqdm is None:
            if stream is not None:
                _advise(stream)
            self.line = _Line(stream, self.name, self.unit)
            return
        self.bar = tqdm(
            total=moment.total,
            desc=self.name,
            unit=f" {self.unit}",
            unit_scale=True,
            # The walk calls by the clock already.
            miniters=0,
            mininterval=0 if _can_overwrite(stream) else _BETWEEN_BARS,
            dynamic_ncols=True,
            file=stream,
        )

    def _draw(self, moment: _Moment, more: list[str]) -> None:
        bar = self.bar
        try:
            bar.set_description_str(f"{self.name} {moment.place}", refresh=False)
            words = moment.words(getattr(bar, "fp", None))
            bar.set_postfix_str(", ".join(words + more), refresh=False)
            bar.update(moment.done - bar.n)
            if more:
                bar.refresh()
        except BaseException:
            # It would try once more when it is thrown away.
            bar.disable = True
            raise


def _tqdm() -> Any:
    """Find the class of bars that suits where this runs; None without tqdm."""
    try:
        # In a notebook that has no ipywidgets tqdm.auto would warn, and then take this one.
        if _in_notebook() and importlib.util.find_spec("ipywidgets") is None:
            from tqdm.std import tqdm
        else:
            from tqdm.auto import tqdm
    except ImportError:
        return None

    class Bar(tqdm):  # type: ignore[misc]
        # No thread that looks after bars: it would outlive the fit.
        monitor_interval = 0

    return Bar


def _set_total(bar: Any, total: float) -> None:
    bar.total = total
    container = getattr(bar, "container", None)
    if container is not None:  # the widget of a notebook has a copy
        for child in container.children:
            if hasattr(child, "max"):
                child.max = total


def _advise(stream: TextIO) -> None:
    global _has_advised
    if not _has_advised:
        _has_advised = True
        stream.write("progress is shown as text; for a bar install tqdm: pip install tqdm\n")


class _Line:
    """A line of text, written over where that can be done, else one now and then."""

    def __init__(self, stream: TextIO | None, name: str, unit: str) -> None:
        self.stream, self.name = stream, name  # no stream: a program without a console
        self.pace = _Pace(unit)
        self.length = 0
        self.due = _clock() + _BETWEEN_LINES

    def show(self, moment: _Moment) -> None:
        if self.stream is None:
            return
        if _can_overwrite(self.stream):
            self._write(self.stream, self._text(moment, self.pace.words(moment)), "")
        elif _clock() >= self.due:
            self.due = _clock() + _BETWEEN_LINES
            self._write(self.stream, self._text(moment, self.pace.words(moment)), "\n")

    def close(self, moment: _Moment, ending: str) -> None:
        if self.stream is not None:
            more = [*self.pace.words(moment)[:1], ending]
            self._write(self.stream, self._text(moment, more), "\n")

    def _text(self, moment: _Moment, more: list[str]) -> str:
        share = moment.done / moment.total if moment.total else 1.0
        head = f"{self.name} {moment.place} {share:4.0%}"
        return ", ".join([head, *moment.words(self.stream), *more])

    def _write(self, stream: TextIO, text: str, end: str) -> None:
        start = "\r" if _can_overwrite(stream) else ""
        stream.write(start + text.ljust(self.length) + end)
        stream.flush()
        self.length = len(text) if start and not end else 0


# --------------------------------------------------------------------------------------------------
# The curve


class _Live(Display):
    """The loss curve, drawn anew in the cell of a notebook."""

    def __init__(self, model: GradientDescent, unit: str) -> None:
        self.model = model
        self.pace = _Pace(unit)
        self.throttle = _Throttle()
        self.curve: Any = None
        self.handle: Any = None
        self.bar = _Bar(model, unit)
        self.has_matplotlib = importlib.util.find_spec("matplotlib") is not None

    def show(self, standing: Standing) -> None:
        if not self.has_matplotlib:
            self.bar.show(standing)
        elif self.curve is None:
            self._open()
        elif self.throttle.is_due():
            moment = _moment(standing)
            self.throttle.run(lambda: self._draw(moment, self.pace.words(moment)))

    def close(self, standing: Standing) -> None:
        if not self.has_matplotlib:
            self.bar.close(standing)
            return
        if self.curve is None:  # interrupted at once
            self._open()
        moment = _moment(standing)
        self._draw(moment, [*self.pace.words(moment)[:1], _ending(self.model)])

    def _open(self) -> None:
        # Before the walk begins, for the import takes longer than ten drawings.
        from gradwalk.plot._draw.live import LiveCurve

        self.curve = LiveCurve(self.model)
        self.pace = _Pace(self.pace.unit)
        self.throttle = _Throttle()

    def _draw(self, moment: _Moment, more: list[str]) -> None:
        from IPython.display import display

        title = ", ".join([moment.place, *moment.words(None), *more])
        data, metadata = self.curve.draw(title)
        if self.handle is None:
            show: Any = display  # without types
            self.handle = show(data, metadata=metadata, raw=True, display_id=True)
        else:
            self.handle.update(data, metadata=metadata, raw=True)


class _Throttle:
    """Lets something be done a few times a second, and for a tenth of the time at the most."""

    LEAST, SHARE = 0.25, 0.08  # with what a notebook needs to take the picture in: a tenth

    def __init__(self) -> None:
        self.began = _clock()
        self.spent = 0.0
        self.due = self.began + self.LEAST

    def is_due(self) -> bool:
        return _clock() >= self.due

    def run(self, work: Callable[[], None]) -> None:
        began = _clock()
        work()
        ended = _clock()
        cost = ended - began
        self.spent += cost
        # Room for the next one, and for the last of all, which does not ask.
        affordable = self.began + (self.spent + 2 * cost) / self.SHARE
        self.due = max(ended + self.LEAST, affordable)
