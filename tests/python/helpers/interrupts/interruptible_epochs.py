"""Fits of many short epochs, and functions to minimise, until the stop button is pressed."""

from __future__ import annotations

import numpy as np
from interruptible import RNG, SMALL_X, SMALL_Y, Work, after_three, is_begun, kind

import gradwalk as gw
from gradwalk import landscapes


class ShortEpochs(Work):
    def prepare(self) -> None:
        self.X, self.y = SMALL_X, SMALL_Y

    def turn(self) -> None:
        self.model.fit(self.X, self.y)

    def wrong(self) -> list[str]:
        """Also: an interrupted walk is the beginning of one that nobody stopped."""
        if not is_begun(self.model):
            return super().wrong()
        epochs = min(self.model.n_epochs_, 20)
        losses, params = self.model.history_.loss[:epochs], self.model.params_.tobytes()
        free = self.make()
        free.fit(self.X, self.y, callback=lambda step: step.epoch >= max(epochs, 1))
        wrong = []
        if losses.tobytes() != free.history_.loss[:epochs].tobytes():
            wrong.append("other losses than those of a walk that was not interrupted")
        # An update is an epoch there, so that nothing was walked beyond the last epoch.
        is_whole = isinstance(self.model, gw.BatchGD) and epochs == self.model.n_epochs_ > 0
        if is_whole and params != free.params_.tobytes():
            wrong.append("other parameters than those of a walk that was not interrupted")
        return wrong + super().wrong()


@kind
class ShortBatchEpochs(ShortEpochs):
    """BatchGD, epochs of microseconds"""


@kind
class ThreadedBatchEpochs(ShortEpochs):
    """BatchGD, epochs of about a millisecond"""

    def prepare(self) -> None:
        self.X = RNG.normal(size=(100_000, 50))
        self.y = self.X @ RNG.normal(size=50)


@kind
class ShortSgdEpochs(ShortEpochs):
    """SGD, epochs of microseconds"""

    def make(self):
        return gw.SGD(learning_rate=1e-3, epochs=10**12, random_state=1)


@kind
class ShortMiniBatchEpochs(ShortEpochs):
    """MiniBatchGD, a learning rate function and a callback"""

    def make(self):
        rate = {"learning_rate": lambda t: 1e-3 / (1 + 1e-3 * t)}
        return gw.MiniBatchGD(epochs=10**12, random_state=1, batch_size=20, **rate)

    def turn(self) -> None:
        self.model.fit(self.X, self.y, callback=lambda step: False)


@kind
class FitsInTurn(Work):
    """fits of a few epochs one after the other"""

    reasons = ("interrupted", "epochs done")

    def make(self):
        return gw.MiniBatchGD(learning_rate=1e-3, epochs=3, random_state=1)

    def prepare(self) -> None:
        self.X, self.y = SMALL_X.tolist(), SMALL_Y.tolist()

    def turn(self) -> None:
        while True:
            self.model.fit(self.X, self.y, validation=0.2)


class Minimizing(Work):
    x0 = np.array([3.0, -4.0])

    def make(self):
        return gw.BatchGD(learning_rate=1e-3, epochs=10**12)

    def fun(self, x: np.ndarray) -> float:
        return float(x @ x)

    def jac(self, x: np.ndarray) -> np.ndarray:
        return 2 * x

    def turn(self) -> None:
        self.model.minimize(self.fun, self.x0, jac=self.jac)

    def short_fit(self, model) -> bytes:
        result = model.minimize(self.fun, self.x0, jac=self.jac, callback=after_three)
        return result.x.tobytes() + super().short_fit(model)


@kind
class MinimizingWithGradient(Minimizing):
    """minimize, a Python function and its gradient"""


@kind
class MinimizingByDifferences(Minimizing):
    """minimize, a Python function alone"""

    x0 = np.linspace(-1, 1, 40)
    jac = None


@kind
class MinimizingASlowFunction(Minimizing):
    """minimize, a function of milliseconds"""

    def fun(self, x: np.ndarray) -> float:
        return float(sum(value * value for _ in range(10_000) for value in x))


@kind
class MinimizingASum(Minimizing):
    """minimize, a sum of terms by SGD"""

    def make(self):
        return gw.SGD(learning_rate=1e-3, epochs=10**12, random_state=1)

    def fun(self, x: np.ndarray, rows: np.ndarray | None = None) -> float:
        return float(x @ x)

    def jac(self, x: np.ndarray, rows: np.ndarray | None = None) -> np.ndarray:
        return 2 * x

    def turn(self) -> None:
        self.model.minimize(self.fun, self.x0, jac=self.jac, n_terms=100)


@kind
class MinimizingALandscape(Minimizing):
    """minimize, a landscape"""

    def turn(self) -> None:
        self.model.minimize(landscapes.rosenbrock, self.x0 / 10)


@kind
class OwnLoss(ShortEpochs):
    """fit, a loss of one's own"""

    def make(self):
        def loss(theta, X_batch, y_batch):
            residual = X_batch @ theta - y_batch
            return residual @ residual / len(residual), 2 / len(residual) * X_batch.T @ residual

        return gw.MiniBatchGD(loss, learning_rate=1e-3, epochs=10**12, random_state=1)

    def turn(self) -> None:
        self.model.fit(self.X, self.y, init=np.zeros(3))

    def short_fit(self, model) -> bytes:
        model.fit(SMALL_X, SMALL_Y, init=np.zeros(3), callback=after_three)
        return model.params_.tobytes()

    def wrong(self) -> list[str]:
        return Work.wrong(self)
