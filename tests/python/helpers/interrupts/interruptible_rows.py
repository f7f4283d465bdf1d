"""Fits of one long epoch, or of very many rows, until the stop button is pressed."""

from __future__ import annotations

import numpy as np
from interruptible import LONG, RNG, Work, kind, rows_for, same_numbers, same_rows

import gradwalk as gw


class LongEpoch(Work):
    n_features = 500
    target = 1.0

    def prepare(self) -> None:
        row = RNG.normal(size=self.n_features) / self.n_features

        def few(n: int) -> None:
            model = self.make()
            X, y = same_rows(row, n), same_numbers(self.target, n)
            model.fit(X, y, callback=lambda step: True)

        n = rows_for(LONG, few)
        self.X, self.y = same_rows(row, n), same_numbers(self.target, n)

    def turn(self) -> None:
        self.model.fit(self.X, self.y)


@kind
class LongBatchEpoch(LongEpoch):
    """BatchGD, one long epoch"""


@kind
class LongSgdEpoch(LongEpoch):
    """SGD, one long epoch"""

    def make(self):
        return gw.SGD(learning_rate=1e-3, epochs=3, sampling="sequential")


@kind
class LongMiniBatchEpoch(LongEpoch):
    """MiniBatchGD, one long epoch"""

    def make(self):
        return gw.MiniBatchGD(learning_rate=1e-3, epochs=3, batch_size=1000, sampling="sequential")


@kind
class WideRows(LongEpoch):
    """BatchGD, one long epoch of wide rows"""

    n_features = 50_000


@kind
class NarrowRows(LongEpoch):
    """BatchGD of log_loss, one long epoch of a billion labels"""

    n_features = 1

    def make(self):
        return gw.BatchGD("log_loss", learning_rate=1e-3, epochs=10**12)


@kind
class BytesOfPixels(LongEpoch):
    """BatchGD, one long epoch of converted rows"""

    def prepare(self) -> None:
        super().prepare()
        row = RNG.integers(0, 255, size=self.n_features, dtype=np.uint8)
        self.X = same_rows(row, len(self.X))

    def make(self):
        return gw.BatchGD(learning_rate=1e-9, epochs=10**12)


@kind
class ManyClasses(Work):
    """BatchGD of cross_entropy, one long epoch"""

    n_classes = 1000

    def make(self):
        return gw.BatchGD("cross_entropy", learning_rate=1e-3, epochs=10**12)

    def prepare(self) -> None:
        # Real data: of rows that repeat, a kernel could make one.
        self.X = RNG.normal(size=(200_000, 100))
        self.y = RNG.integers(0, self.n_classes, size=200_000)
        self.y[0] = self.n_classes - 1

    def turn(self) -> None:
        self.model.fit(self.X, self.y)


@kind
class LongPartialFit(LongEpoch):
    """partial_fit, one long epoch"""

    def turn(self) -> None:
        self.model.partial_fit(self.X, self.y)


@kind
class LongStep(LongEpoch):
    """steps, one long update"""

    def turn(self) -> None:
        next(self.model.steps(self.X, self.y))


@kind
class LongFullLoss(LongEpoch):
    """fit, a long look at the loss on all rows"""

    def make(self):
        return gw.SGD(learning_rate=1e-3, epochs=10**12, sampling="sequential")

    def turn(self) -> None:
        # The first look comes before the first update.
        self.model.fit(self.X, self.y, full_loss=True)


@kind
class LongValidation(LongEpoch):
    """fit, a long look at the validation data"""

    def turn(self) -> None:
        few = self.X[:100], self.y[:100]
        self.model.fit(*few, validation=(self.X, self.y))


class ManyRows(Work):
    """40 million rows of one feature: what is done to each of them, and not to its features."""

    n_rows = 40_000_000

    def make(self):
        return gw.SGD(learning_rate=1e-6, epochs=10**12, random_state=1, record=None)

    def prepare(self) -> None:
        self.X, self.y = same_rows(np.array([0.5]), self.n_rows), same_numbers(1.0, self.n_rows)

    def turn(self) -> None:
        self.model.fit(self.X, self.y)


@kind
class ManyRowsShuffled(ManyRows):
    """SGD, the order of 40 million rows"""


@kind
class ManyRowsDrawn(ManyRows):
    """SGD, 40 million rows drawn with replacement"""

    def make(self):
        settings = {"epochs": 10**12, "random_state": 1, "record": None}
        return gw.SGD(learning_rate=1e-6, sampling="replace", **settings)


@kind
class ManyRowsHeldOut(ManyRows):
    """SGD, a half of 40 million rows held out"""

    def turn(self) -> None:
        self.model.fit(self.X, self.y, validation=0.5)


@kind
class ManyRowsReplayed(ManyRows):
    """SGD, 40 million rows replayed"""

    def make(self):
        return gw.SGD(learning_rate=1e-6, epochs=3, random_state=1, record=None)

    def turn(self) -> None:
        self.model.fit(self.X, self.y, order=[same_numbers(np.int64(7), self.n_rows)] * 3)


class BlowUp(LongEpoch):
    """What follows on a blow-up: was it the data, and which learning rate would have done?"""

    reasons = ("interrupted", "diverged")

    def turn(self) -> None:
        while True:
            self.model.fit(self.X, self.y, init=np.full(self.n_features + 1, 1e200))


@kind
class BlowUpOfARow(BlowUp):
    """fit, the learning rate that a warning quotes"""

    def make(self):
        return gw.SGD(learning_rate=1e-3, epochs=10**12, sampling="sequential")


@kind
class BlowUpOfAll(BlowUp):
    """fit, the rows of a long epoch that blew up"""

    def prepare(self) -> None:
        super().prepare()
        n = len(self.X) // 40
        self.X, self.y = self.X[:n], self.y[:n]
