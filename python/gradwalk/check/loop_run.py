"""Calling a loop as often as there is something to see, and always with the same draws."""

from __future__ import annotations

import random
import time
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import numpy as np

from gradwalk import GradientDescent

from .returned import Floats, Form, NothingReturned, read
from .student import Outcome, call
from .task import Task
from .watching import compact, generator, same_rows, watch

SEED = 0
#: Epochs that a loop is called with once more if it returns θ at the end alone.
SHORT_WALKS = (1, 2, 3)


@dataclass(slots=True)
class Calls:
    """A loop, and what it is handed."""

    student: Any
    X: Any
    y: Any
    optimizer: GradientDescent
    task: Task
    parameters: frozenset[str]
    """What its arguments mean."""

    @property
    def is_watched(self) -> bool:
        """Whether its rows are to be found by watching X and y."""
        is_stochastic = self.task.size < self.task.n
        return callable(self.student) and is_stochastic and "order" not in self.parameters

    def given(self, epochs: int, reads: list[Any]) -> dict[str, Any]:
        """Return what the loop is handed, by meaning."""
        task, start = self.task, self.task.start
        X, y = (
            array.copy(order="K") if isinstance(array, np.ndarray) else deepcopy(array)
            for array in (self.X, self.y)
        )
        if self.is_watched and isinstance(X, np.ndarray) and isinstance(y, np.ndarray):
            X, y = watch(X, "X", reads), watch(y, "y", reads)
        given: dict[str, Any] = {
            "X": X,
            "y": y,
            "theta": start.copy(),
            "w": start[task.problem.w].copy(),
            "b": start[0].copy() if start.ndim == 2 else float(start[0]),
            "learning_rate": self.optimizer.learning_rate,
            "epochs": epochs,
            "batch_size": task.size,
            "l2": task.problem.l2,
            "rng": generator(SEED) if self.is_watched else np.random.default_rng(SEED),
            "seed": SEED,
        }
        if "order" in self.parameters:
            order = task.order[:epochs]
            is_even = len({len(rows) for rows in order}) == 1
            given["order"] = np.array(order) if is_even else list(order)
        beta = getattr(task.rule, "beta", None)
        if beta is not None:
            given["momentum"] = beta
        return given

    def call(self, epochs: int, seconds: float) -> Outcome:
        """Call the loop, with NumPy's global generator seeded."""
        reads: list[Any] = []
        state, pythons = np.random.get_state(), random.getstate()  # noqa: NPY002
        np.random.seed(SEED)  # noqa: NPY002
        try:
            given = self.given(epochs, reads)
            return call(self.student, given, seconds, lambda: compact(reads))
        finally:
            np.random.set_state(state)  # noqa: NPY002
            random.setstate(pythons)

    def short_walks(self, form: Form, until: float, whole: Outcome) -> dict[int, Floats]:
        """Return θ after one epoch, two and three of what `whole` is the outcome of.

        Each call is made if the time is left that the whole one took. Where other rows are drawn,
        by a generator that the loop seeds by chance, there is nothing to be told.
        """
        found: dict[int, Floats] = {}
        if not {"epochs", "order"} & self.parameters:
            return found
        for epochs in SHORT_WALKS:
            left = until - time.monotonic()
            if epochs >= self.task.epochs or left < whole.seconds:
                break
            outcome = self.call(epochs, left)
            try:
                final = None if outcome.failure else read(outcome.value, form).final
            except NothingReturned:
                final = None
            if final is None or not same_rows(whole.watched, outcome.watched, self.task.n):
                break
            found[epochs] = final
        return found
