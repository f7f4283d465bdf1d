"""The same walk at many settings, side by side: ``gradwalk.sweep``."""

from __future__ import annotations

import contextlib
import itertools
import math
import operator
import os
import threading
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, SupportsIndex, TypeAlias

import numpy as np

from gradwalk._core import GradientDescent
from gradwalk.errors import DivergenceWarning
from gradwalk.progress import Display, Standing, _Meter, _Moment
from gradwalk.sweep_table import Sweep, SweepRun

if TYPE_CHECKING:
    from concurrent.futures import Future

    from numpy.typing import ArrayLike

__all__ = ["sweep"]

_Warnings: TypeAlias = dict[int, list[str]]


def sweep(
    optimizer: GradientDescent | type[GradientDescent],
    X: ArrayLike,
    y: ArrayLike,
    *,
    fit_params: Mapping[str, Any] | None = None,
    n_workers: SupportsIndex | None = None,
    progress: bool = False,
    **grid: Any,
) -> Sweep:
    """Fit one model for each combination of settings, side by side over the processors.

    Every run is a `fit` of its own on the same X and y, which are not copied. The results do not
    depend on how many run at once, and all runs see the rows in the same order, so that they differ
    by their settings alone: a ``random_state`` of None is drawn once for the sweep.

    Parameters
    ----------
    optimizer : model or class
        ``BatchGD``, ``SGD`` or ``MiniBatchGD``, or an object of one, whose arguments hold for all
        runs. The object itself is not fitted.
    X, y : array_like
        As in `fit`.
    fit_params : dict, optional
        Further arguments of `fit`: ``{"validation": 0.2, "full_loss": True}``. A callback is called
        in the threads of the runs.
    n_workers : int, optional
        Runs at once. By default what the environment variable GRADWALK_NUM_THREADS says, else
        OMP_NUM_THREADS, else the processors that this process may use. Each run has one thread,
        unless ``n_threads`` says otherwise.
    progress : bool, default False
        Draw one bar for all the runs.
    **grid
        Arguments of the constructor. A list, tuple, range or 1-D array is varied, every
        combination of all of them; another value holds for all runs.

    Returns
    -------
    Sweep
        One row for each combination: ``sweep.best().model`` is the fitted model of the lowest loss,
        ``pandas.DataFrame(sweep.to_dict())`` the table, ``sweep.plot()`` its picture.

    Raises
    ------
    TypeError, ValueError
        An argument is not what it must be. An exception in `fit` is raised if every run had one;
        else it is the message of its row, whose stop reason is "failed".

    Warns
    -----
    RuntimeWarning
        The stop button was pressed: the table has the runs that had begun, and "interrupted" as
        the stop reason of those that were not done. Press it twice for KeyboardInterrupt.

    Notes
    -----
    A walk that diverges is a row like the others; its DivergenceWarning is the row's message.
    Each model keeps its record, up to ``path_bytes``; ``record="epoch"`` keeps less.

    Examples
    --------
    >>> import numpy as np, gradwalk as gw
    >>> X = np.array([[0.0], [1.0], [2.0]]); y = np.array([1.0, 3.0, 5.0])
    >>> sweep = gw.sweep(gw.BatchGD(epochs=200), X, y, learning_rate=[0.01, 0.1, 1.0])
    >>> [run.diverged for run in sweep]
    [False, False, True]
    >>> sweep.best().parameters
    {'learning_rate': 0.1}
    """
    if not isinstance(progress, bool | np.bool_):
        raise TypeError(f"progress must be True or False for a sweep; got {progress!r}")
    class_, given = _taken_apart(optimizer)
    arguments = _fit_arguments(fit_params)
    varied = {name: _values(name, value) for name, value in grid.items() if _is_list(value)}
    given |= {name: value for name, value in grid.items() if name not in varied}
    given.setdefault("n_threads", 1)
    _fix_seeds(given, varied)
    jobs = []
    for values in itertools.product(*varied.values()):
        setting = dict(zip(varied, values, strict=True))
        seeded = {
            name: value.seed if isinstance(value, _Seed) else value
            for name, value in setting.items()
        }
        shown = {
            name: value.given if isinstance(value, _Seed) else value
            for name, value in setting.items()
        }
        jobs.append(_Job(shown, class_(**{**given, **seeded})))
    at_once = min(_workers(n_workers), len(jobs))
    runs = _Crew(jobs, X, y, arguments).run(at_once, has_bar=bool(progress))
    return Sweep(class_.__name__, tuple(varied), runs)


def _taken_apart(optimizer: object) -> tuple[Callable[..., GradientDescent], dict[str, Any]]:
    """Return the class and the arguments that were given to it."""
    if isinstance(optimizer, GradientDescent):
        _, (class_, arguments, _), *_ = optimizer.__reduce__()
        return class_, dict(arguments)
    if isinstance(optimizer, type) and issubclass(optimizer, GradientDescent):
        return optimizer, {}
    raise TypeError(
        "optimizer must be BatchGD, SGD or MiniBatchGD, or an object of one such as "
        f"SGD(epochs=20); got {optimizer!r:.60}"
    )


def _fit_arguments(fit_params: Mapping[str, Any] | None) -> dict[str, Any]:
    if fit_params is None:
        return {}
    if not isinstance(fit_params, Mapping):
        raise TypeError(
            'fit_params must be a dict of arguments of fit, such as {"full_loss": True}; got '
            f"{fit_params!r:.60}"
        )
    if "progress" in fit_params:
        raise TypeError(
            "write sweep(…, progress=True), not progress in fit_params: there is one bar"
        )
    return dict(fit_params)


def _is_list(value: object) -> bool:
    return isinstance(value, list | tuple | range) or (
        isinstance(value, np.ndarray) and value.ndim > 0
    )


def _values(name: str, values: Any) -> list[Any]:
    if isinstance(values, np.ndarray):
        if values.ndim != 1:
            raise ValueError(f"{name} must be a list or a 1-D array; got shape {values.shape}")
        values = values.tolist()
    if len(values) == 0:
        raise ValueError(f"{name} must have at least one value to try; got an empty list")
    return list(values)


@dataclass(frozen=True)
class _Seed:
    """What stands for a random_state that would be another one at every fit."""

    given: object
    seed: int


def _fix_seeds(given: dict[str, Any], varied: dict[str, list[Any]]) -> None:
    import secrets

    def fixed(value: object) -> object:
        if value is None:
            return _Seed(value, secrets.randbits(64))
        if isinstance(value, np.random.Generator):
            return _Seed(value, int.from_bytes(value.bytes(8), "little"))
        return value

    if "random_state" in varied:
        varied["random_state"] = [fixed(value) for value in varied["random_state"]]
    else:
        seed = fixed(given.get("random_state"))
        given["random_state"] = seed.seed if isinstance(seed, _Seed) else seed


def _workers(n_workers: SupportsIndex | None) -> int:
    if n_workers is None:
        for name in ("GRADWALK_NUM_THREADS", "OMP_NUM_THREADS"):
            word = os.environ.get(name, "").split(",")[0].strip()
            if word.isdecimal() and int(word) > 0:
                return int(word)
        if hasattr(os, "sched_getaffinity"):
            return len(os.sched_getaffinity(0))
        return os.cpu_count() or 1
    expected = f"n_workers must be a whole number of at least 1; got {n_workers!r}"
    if isinstance(n_workers, bool):
        raise TypeError(expected)
    try:
        number = operator.index(n_workers)
    except TypeError:
        raise TypeError(expected) from None
    if number < 1:
        raise ValueError(expected)
    return number


# --------------------------------------------------------------------------------------------------


class _Job(Display):
    """A run: it is told of its own walk, and ends it when all are to end."""

    def __init__(self, parameters: dict[str, Any], model: GradientDescent) -> None:
        self.parameters, self.model = parameters, model
        self.share = 0.0
        self.row: SweepRun | None = None
        self.error: Exception | None = None
        self.stop: threading.Event | None = None

    def show(self, standing: Standing) -> None:
        self.share = standing.rows / max(standing.all_rows, 1)
        if self.stop is not None and self.stop.is_set():
            raise KeyboardInterrupt


class _Crew:
    """The runs of a sweep, under way."""

    def __init__(self, jobs: list[_Job], X: Any, y: Any, arguments: dict[str, Any]) -> None:
        self.jobs, self.X, self.y, self.arguments = jobs, X, y, arguments
        self.stop = threading.Event()
        self.warnings: _Warnings = {}
        self.hints: dict[str, None] = {}

    def run(self, at_once: int, *, has_bar: bool) -> tuple[SweepRun, ...]:
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

    def _walk(self, job: _Job) -> None:
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
            warnings.filterwarnings("always", category=UserWarning, module=r"gradwalk\.sweeps$")
            yield


def _row(job: _Job, seconds: float, messages: list[str]) -> SweepRun:
    model, error = job.model, job.error
    try:
        history = model.history_
    except AttributeError:  # it failed before the walk began
        history = None
    if history is None or error is not None:
        stop_reason, verdict = "failed", "failed"
        message = f"{type(error).__name__}: {error}" if error is not None else ""
    else:
        stop_reason, verdict = model.stop_reason_, history.verdict.kind
        message = messages[-1] if messages else history.verdict.sentence
    return SweepRun(
        parameters=job.parameters,
        model=model,
        loss=_last_loss(model, stop_reason),
        epochs=0 if history is None else model.n_epochs_,
        updates=0 if history is None else model.n_updates_,
        seconds=seconds,
        verdict=verdict,
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

    def __init__(self, jobs: list[_Job]) -> None:
        self.jobs = jobs
        self.meter: _Meter | None = _Meter("sweep", "runs")

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

    def _moment(self) -> _Moment:
        losses = [job.row.loss for job in self.jobs if job.row is not None]
        lowest = min((loss for loss in losses if math.isfinite(loss)), default=math.nan)
        shares = sum(job.share for job in self.jobs)
        place = f"run {len(losses)}/{len(self.jobs)}"
        return _Moment(place, shares, len(self.jobs), {"lowest loss": lowest})

    def _survive(self, show: Callable[[_Meter], None]) -> None:
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
