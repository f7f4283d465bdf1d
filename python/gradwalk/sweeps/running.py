"""The runs of a sweep, under way in threads."""

from __future__ import annotations

import contextlib
import math
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from gradwalk._core import GradientDescent
from gradwalk.errors import DivergenceWarning
from gradwalk.progress import Display, Standing
from gradwalk.progress.meter import Meter, Moment

from .table import SweepRun

if TYPE_CHECKING:
    from concurrent.futures import Future

    from gradwalk._core import _Kind

_Warnings: TypeAlias = dict[int, list[str]]


class Job(Display):
    """A run: it is told of its own walk, and ends it when all are to end."""

    def __init__(self, parameters: dict[str, Any], model: GradientDescent) -> None:
        self.parameters, self.model = parameters, model
        self.share = 0.0
        self.row: SweepRun | None = None
        self.error: Exception | None = None
        self.stop: threading.Event | None = None

    def show(self, standing: Standing) -> None:
        """Take note of the share that is done, and end the walk if all are to end."""
        self.share = standing.rows / max(standing.all_rows, 1)
        if self.stop is not None and self.stop.is_set():
            raise KeyboardInterrupt


class Runs:
    """The runs of a sweep, under way."""

    def __init__(self, jobs: list[Job], X: Any, y: Any, arguments: dict[str, Any]) -> None:
        self.jobs, self.X, self.y, self.arguments = jobs, X, y, arguments
        self.stop = threading.Event()
        self.warnings: _Warnings = {}
        self.hints: dict[str, None] = {}

    def run(self, at_once: int, *, has_bar: bool) -> tuple[SweepRun, ...]:
        """Make all the runs, so many at once; return the rows of those that began."""
        # With all that it imports in turn, it would take a tenth of the import of gradwalk.
        from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait

        bar = _RunsBar(self.jobs) if has_bar else None
        is_interrupted = False
        with self._collected_warnings(), ThreadPoolExecutor(at_once, "gradwalk-sweep") as pool:
            futures: list[Future[None]] = [pool.submit(self._walk, job) for job in self.jobs]
            waiting = set(futures)
            try:
                while waiting and not self.stop.is_set():
                    # The stop button is looked at between two waits, on every system.
                    _, waiting = wait(waiting, timeout=0.1, return_when=FIRST_COMPLETED)
                    if bar is not None:
                        bar.show()
                is_interrupted = self.stop.is_set()
            except KeyboardInterrupt:
                is_interrupted = True
            finally:
                self.stop.set()
                pool.shutdown(wait=True, cancel_futures=True)
        if bar is not None:
            bar.close()
        for future in futures:
            if not future.cancelled():
                future.result()  # SystemExit, for one
        for hint in self.hints:
            # Of the data, which all the runs share.
            warnings.warn(hint, UserWarning, stacklevel=3)
        return self._rows(is_interrupted=is_interrupted)

    def _rows(self, *, is_interrupted: bool) -> tuple[SweepRun, ...]:
        rows = tuple(job.row for job in self.jobs if job.row is not None)
        errors = [job.error for job in self.jobs if job.error is not None]
        if errors and len(errors) == len(self.jobs):
            raise errors[0]
        if is_interrupted:
            warnings.warn(
                f"the sweep was interrupted: {len(rows)} of {len(self.jobs)} runs had begun",
                RuntimeWarning,
                stacklevel=4,
            )
        return rows

    def _walk(self, job: Job) -> None:
        if self.stop.is_set():
            return
        job.stop = self.stop
        messages = self.warnings[threading.get_ident()] = []
        began = time.perf_counter()
        try:
            job.model.fit(self.X, self.y, progress=job, **self.arguments)
        except KeyboardInterrupt:
            self.stop.set()
        except Exception as error:
            job.error = error
        except BaseException:
            self.stop.set()
            raise
        seconds = time.perf_counter() - began
        job.row = _row(job, seconds, messages)
        if job.row.stop_reason != "interrupted":
            job.share = 1.0

    @contextlib.contextmanager
    def _collected_warnings(self) -> Iterator[None]:
        """Keep the DivergenceWarnings of the runs, and hints about X and y; let others pass."""
        with warnings.catch_warnings():
            passed_on = warnings.showwarning

            def showwarning(
                message: Warning | str, category: type[Warning], *place: Any, **more: Any
            ) -> None:
                messages = self.warnings.get(threading.get_ident())
                if messages is not None and issubclass(category, DivergenceWarning):
                    messages.append(str(message))
                elif messages is not None and category is UserWarning and place[0] == __file__:
                    self.hints[str(message)] = None
                else:
                    passed_on(message, category, *place, **more)

            warnings.showwarning = showwarning
            warnings.simplefilter("always", DivergenceWarning)
            warnings.filterwarnings(
                "always", category=UserWarning, module=r"gradwalk\.sweeps\.running$"
            )
            yield


def _row(job: Job, seconds: float, messages: list[str]) -> SweepRun:
    model, error = job.model, job.error
    try:
        history = model.history_
    except AttributeError:  # it failed before the walk began
        history = None
    stop_reason, message = "failed", "" if error is None else f"{type(error).__name__}: {error}"
    kind: _Kind | Literal["failed"] = "failed"
    if history is not None and error is None:
        verdict = history.verdict
        stop_reason, kind = model.stop_reason_, verdict.kind
        message = messages[-1] if messages else verdict.sentence
    return SweepRun(
        parameters=job.parameters,
        model=model,
        loss=_last_loss(model, stop_reason),
        epochs=0 if history is None else model.n_epochs_,
        updates=0 if history is None else model.n_updates_,
        seconds=seconds,
        verdict=kind,
        stop_reason=stop_reason,
        message=message,
    )


def _last_loss(model: GradientDescent, stop_reason: str) -> float:
    if stop_reason == "diverged":
        return math.inf
    if stop_reason == "failed":
        return math.nan
    history, n_epochs = model.history_, model.n_epochs_
    place = (model.best_epoch_ or n_epochs) - 1
    losses = history.loss
    if len(history.validation_loss) > 0:
        losses = history.validation_loss
    elif len(history.full_loss) > 0:
        losses = history.full_loss[1:]  # the first is that of the start
    return float(losses[place]) if 0 <= place < len(losses) else math.nan


class _RunsBar:
    """One bar for all the runs, in which a run counts by the share of it that is done."""

    def __init__(self, jobs: list[Job]) -> None:
        self.jobs = jobs
        self.meter: Meter | None = Meter("sweep", "runs")

    def show(self) -> None:
        self._survive(lambda meter: meter.show(self._moment()))

    def close(self) -> None:
        rows = [job.row for job in self.jobs if job.row is not None]
        counts = {
            word: sum(row.stop_reason == word for row in rows)
            for word in ("diverged", "failed", "interrupted")
        }
        ending = ", ".join(f"{count} {word}" for word, count in counts.items() if count) or "done"
        self._survive(lambda meter: meter.close(self._moment(), ending))

    def _moment(self) -> Moment:
        losses = [job.row.loss for job in self.jobs if job.row is not None]
        lowest = min((loss for loss in losses if math.isfinite(loss)), default=math.nan)
        shares = sum(job.share for job in self.jobs)
        place = f"run {len(losses)}/{len(self.jobs)}"
        return Moment(place, shares, len(self.jobs), {"lowest loss": lowest})

    def _survive(self, show: Callable[[Meter], None]) -> None:
        if self.meter is None:
            return
        try:
            show(self.meter)
        except Exception as error:
            self.meter = None
            warnings.warn(
                f"the display of progress failed, and is off now: {error}",
                RuntimeWarning,
                stacklevel=5,
            )
