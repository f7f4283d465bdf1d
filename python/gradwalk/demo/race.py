"""The same walk twice, by gradwalk and by the NumPy loop: time, memory, and where it ends."""

from __future__ import annotations

import dataclasses
import statistics
import time
import tracemalloc
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

import gradwalk

from . import numpy_loop
from .real_data import LOSSES, SETTINGS, load, make, standardise

if TYPE_CHECKING:
    from numpy.typing import NDArray

T = TypeVar("T")

RUNS = 5
#: Two ends count as the same where their losses on all rows differ by less, relatively.
SAME = 1e-9


@dataclasses.dataclass(frozen=True)
class Result:
    """One line of the table."""

    dataset: str
    method: str
    loss: float  # f(θ) on all rows, at the end
    epochs: int
    updates: int
    seconds: float
    samples_per_second: float
    memory: int  # bytes beyond X and y
    numpy_seconds: float
    numpy_memory: int
    difference: float  # of the two losses reached, relative

    @property
    def ratio(self) -> float:
        """How many times as long the NumPy loop takes."""
        return self.numpy_seconds / self.seconds

    @property
    def same_loss(self) -> bool:
        """Whether both ended at the same loss, to `SAME`."""
        return self.difference < SAME


def race(dataset: str, method: str, *, runs: int = RUNS, **settings: Any) -> Result:
    """Walk `dataset` by `method`, both ways, over the same rows in the same order.

    Times are medians of `runs`, both from X and y to the last θ, with nothing recorded but the
    loss of each epoch. Memory is measured in a run of its own, for watching it costs time.
    """
    X, y = load(dataset)
    X = standardise(X)
    chosen = {**SETTINGS[dataset][method], **settings}
    epochs = chosen["epochs"]
    order = None if method == "BatchGD" else _orders(len(X), epochs)
    loop = _numpy_loop(dataset, method, X, y, chosen, order)

    def fit() -> gradwalk.GradientDescent:
        return make(dataset, method, **settings, record=None).fit(X, y, order=order)

    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    times, numpy_times = [], []
    # gradwalk walks on one thread. On data of this size NumPy is quicker on one, too: starting
    # others for so short a product costs more than it saves.
    with threadpool_limits(limits=1):
        for _ in range(runs):  # in turns, so that whatever else the machine does slows both
            taken, model = _timed(fit)
            times.append(taken)
            taken, theta = _timed(loop)
            numpy_times.append(taken)
    seconds, numpy_seconds = statistics.median(times), statistics.median(numpy_times)
    loss = LOSSES[dataset]
    reached, _ = gradwalk.loss_and_grad(X, y, model.params_, loss=loss)
    numpy_reached, _ = gradwalk.loss_and_grad(X, y, theta, loss=loss)
    return Result(
        dataset=dataset,
        method=method,
        loss=reached,
        epochs=model.n_epochs_,
        updates=model.n_updates_,
        seconds=seconds,
        samples_per_second=epochs * len(X) / seconds,
        # What Rust allocated, which the model counts, and what Python and NumPy did around it.
        memory=model.memory_ + _peak(fit),
        numpy_seconds=numpy_seconds,
        numpy_memory=_peak(loop),
        difference=abs(reached - numpy_reached) / abs(numpy_reached),
    )


def _orders(n: int, epochs: int) -> NDArray[np.int64]:
    """Draw a fresh permutation of the rows for each epoch, for both to follow."""
    generator = np.random.default_rng(0)
    return np.array([generator.permutation(n) for _ in range(epochs)])


def _numpy_loop(
    dataset: str,
    method: str,
    X: NDArray[np.float64],
    y: NDArray[Any],
    settings: dict[str, Any],
    order: NDArray[np.int64] | None,
) -> Callable[[], NDArray[np.float64]]:
    point_loss = numpy_loop.POINT_LOSSES[LOSSES[dataset]]
    if LOSSES[dataset] == "cross_entropy":
        y = np.eye(y.max() + 1)[y]
    if order is None:
        return lambda: numpy_loop.batch_gd(X, y, point_loss, **settings)[0]
    walk: Callable[..., Any] = numpy_loop.sgd if method == "SGD" else numpy_loop.mini_batch_gd
    settings = {name: value for name, value in settings.items() if name != "epochs"}
    return lambda: walk(X, y, point_loss, order=order, **settings)[0]


def _timed(work: Callable[[], T]) -> tuple[float, T]:
    begin = time.perf_counter()
    result = work()
    return time.perf_counter() - begin, result


def _peak(work: Callable[[], object]) -> int:
    """Measure the most bytes that Python and NumPy held at once, above where `work` began."""
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        tracemalloc.reset_peak()
        work()
        return tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()
