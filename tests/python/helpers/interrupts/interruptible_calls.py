"""What else reads large arrays, until the stop button is pressed."""

from __future__ import annotations

import numpy as np
from interruptible import RNG, Work, kind, rows_for, same_numbers, same_rows

import gradwalk as gw


class Reading(Work):
    """A call that walks nowhere: the model is as it was afterwards."""

    n_features = 2000
    seconds = 4.0

    def make(self):
        return gw.BatchGD(learning_rate=1e-3, epochs=2)

    def prepare(self) -> None:
        row = RNG.normal(size=self.n_features) / self.n_features
        self.model = self.make().fit(same_rows(row, 2), np.array([0.0, 1.0]))
        self.before = self.model.params_.tobytes()

        def few(n: int) -> None:
            self.X, self.y = same_rows(row, n), same_numbers(1.0, n)
            self.read()

        n = rows_for(self.seconds, few, most=60_000_000)
        self.X, self.y = same_rows(row, n), same_numbers(1.0, n)

    def read(self) -> None:
        raise NotImplementedError

    def begin(self) -> None:
        pass

    def turn(self) -> None:
        while True:
            self.read()

    def wrong(self) -> list[str]:
        if self.model.params_.tobytes() != self.before:
            return ["the model changed"]
        return []


@kind
class Predicting(Reading):
    """predict"""

    def read(self) -> None:
        self.model.predict(self.X)


@kind
class PredictingProbabilities(Reading):
    """predict_proba of 50 classes"""

    seconds = 2.0

    def make(self):
        return gw.BatchGD("cross_entropy", n_classes=50, learning_rate=1e-3, epochs=2)

    def read(self) -> None:
        self.model.predict_proba(self.X)


@kind
class Scoring(Reading):
    """score"""

    def read(self) -> None:
        self.model.score(self.X, self.y)


@kind
class LossAndGrad(Reading):
    """loss_and_grad"""

    def read(self) -> None:
        gw.loss_and_grad(self.X, self.y, np.zeros(self.n_features + 1))


@kind
class LargestLearningRate(Reading):
    """max_learning_rate"""

    def read(self) -> None:
        gw.max_learning_rate(self.X, self.y)


@kind
class LargestLearningRateOfARow(Reading):
    """max_learning_rate of single rows"""

    def read(self) -> None:
        gw.max_learning_rate(self.X, self.y, batch_size=1)


@kind
class PlainPython(Work):
    """plain Python"""

    def turn(self) -> None:
        while True:
            pass
