"""A bar, or a line of text, that says how far a walk or a sweep has come."""

from __future__ import annotations

import importlib.util
import math
import sys
import time
from typing import Any, NamedTuple, TextIO

from gradwalk._text import amount

# Seconds between two lines where a line cannot be written over, and between two drawings of tqdm
# there: a file that is read later.
_BETWEEN_LINES, _BETWEEN_BARS = 5.0, 1.0

clock = time.monotonic
_has_advised = False


def in_notebook() -> bool:
    """Whether what is printed goes to the cell of a notebook."""
    # Who runs in IPython has imported it.
    ipython = sys.modules.get("IPython")
    shell = None if ipython is None else ipython.get_ipython()
    kinds = [kind.__name__ for kind in type(shell).__mro__]
    return shell is not None and "TerminalInteractiveShell" not in kinds


def _stream() -> TextIO | None:
    """Where text goes: beside the results of a program, but in a notebook not on red."""
    return sys.stdout if in_notebook() else sys.stderr


def _can_overwrite(stream: TextIO) -> bool:
    return in_notebook() or stream.isatty()


class Moment(NamedTuple):
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


def _can_write(text: str, stream: TextIO | None) -> bool:
    try:
        text.encode(getattr(stream, "encoding", None) or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def _duration(seconds: float) -> str:
    whole = math.ceil(seconds)
    hours, rest = divmod(whole, 3600)
    minutes, rest = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


class Pace:
    """How many a second, and the time left."""

    def __init__(self, unit: str) -> None:
        self.unit = unit
        self.began = clock()

    def words(self, moment: Moment) -> list[str]:
        """Write both, once they are known."""
        elapsed = clock() - self.began
        if moment.done <= 0 or elapsed <= 0:
            return []
        rate = moment.done / elapsed
        left = max(moment.total - moment.done, 0) / rate
        return [f"{amount(rate)} {self.unit}/s", f"{_duration(left)} left"]


class Meter:
    """The bar of tqdm, or a line of text where it is not installed."""

    def __init__(self, name: str, unit: str) -> None:
        self.name, self.unit = name, unit
        self.bar: Any = None
        self.line: Line | None = None

    def show(self, moment: Moment) -> None:
        """Draw the bar, or write the line."""
        self._open(moment)
        if self.line is not None:
            self.line.show(moment)
        else:
            self._draw(moment, [])

    def close(self, moment: Moment, ending: str, *, is_done: bool = False) -> None:
        """Close the bar; as one of 100 %, if the walk `is_done` before its last epoch."""
        self._open(moment)
        if self.line is not None:
            self.line.close(moment, ending)
            return
        if is_done:
            _set_total(self.bar, moment.done)
        self._draw(moment, [ending])
        self.bar.close()

    def _open(self, moment: Moment) -> None:
        if self.bar is not None or self.line is not None:
            return
        stream = _stream()
        tqdm = None if stream is None else _tqdm()
        if stream is None or tqdm is None:
            if stream is not None:
                _advise(stream)
            self.line = Line(stream, self.name, self.unit)
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

    def _draw(self, moment: Moment, more: list[str]) -> None:
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
        if in_notebook() and importlib.util.find_spec("ipywidgets") is None:
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


class Line:
    """A line of text, written over where that can be done, else one now and then."""

    def __init__(self, stream: TextIO | None, name: str, unit: str) -> None:
        self.stream, self.name = stream, name  # no stream: a program without a console
        self.pace = Pace(unit)
        self.length = 0
        self.due = clock() + _BETWEEN_LINES

    def show(self, moment: Moment) -> None:
        """Write the line, where it is due."""
        if self.stream is None:
            return
        if _can_overwrite(self.stream):
            self._write(self.stream, self._text(moment, self.pace.words(moment)), "")
        elif clock() >= self.due:
            self.due = clock() + _BETWEEN_LINES
            self._write(self.stream, self._text(moment, self.pace.words(moment)), "\n")

    def close(self, moment: Moment, ending: str) -> None:
        """Write the last line."""
        if self.stream is not None:
            more = [*self.pace.words(moment)[:1], ending]
            self._write(self.stream, self._text(moment, more), "\n")

    def _text(self, moment: Moment, more: list[str]) -> str:
        share = moment.done / moment.total if moment.total else 1.0
        head = f"{self.name} {moment.place} {share:4.0%}"
        return ", ".join([head, *moment.words(self.stream), *more])

    def _write(self, stream: TextIO, text: str, end: str) -> None:
        start = "\r" if _can_overwrite(stream) else ""
        stream.write(start + text.ljust(self.length) + end)
        stream.flush()
        self.length = len(text) if start and not end else 0
