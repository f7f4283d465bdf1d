"""The objective in the formulas of a textbook, for other libraries to work on.

    f(theta) = sum(s * loss) / (m * mean_s) + l2/2 * |w|**2

over the m rows of a batch, mean_s being the mean weight of all rows and w the
parameters without the intercept. Written for autograd to differentiate, with no care
for overflow; nothing here imports gradwalk.
"""

from collections.abc import Callable
from typing import Any

import autograd.numpy as anp
import numpy as np

Array = np.ndarray[Any, Any]


def sigma(z: Any) -> Any:
    return 1 / (1 + anp.exp(-z))


def sign(y: Any) -> Any:
    return np.where(y == 1, 1.0, -1.0)


def cross_entropy(z: Any, y: Any) -> Any:
    P = anp.exp(z) / anp.sum(anp.exp(z), axis=1, keepdims=True)
    Y = y if y.ndim == 2 else np.eye(z.shape[1])[y]
    return -anp.sum(Y * anp.log(P), axis=1)


LOSSES: dict[str, Callable[..., Any]] = {
    "mse": lambda z, y: (z - y) ** 2,
    "half_mse": lambda z, y: (z - y) ** 2 / 2,
    "mae": lambda z, y: anp.abs(z - y),
    "huber": lambda z, y: anp.where(anp.abs(z - y) <= 1, (z - y) ** 2 / 2, anp.abs(z - y) - 0.5),
    "log_loss": lambda z, y: -y * anp.log(sigma(z)) - (1 - y) * anp.log(1 - sigma(z)),
    "hinge": lambda z, y: anp.maximum(0, 1 - sign(y) * z),
    "squared_hinge": lambda z, y: anp.maximum(0, 1 - sign(y) * z) ** 2,
    "cross_entropy": cross_entropy,
    "sigmoid_mse": lambda z, y: (sigma(z) - y) ** 2,
    "tanh_mse": lambda z, y: (anp.tanh(z) - y) ** 2,
    "perceptron": lambda z, y: anp.maximum(0, -sign(y) * z),
    "poisson": lambda z, y: anp.exp(z) - y * z,
}

SIGNED = ("hinge", "squared_hinge", "perceptron")

# The largest second derivative of each smooth convex loss by z, for a learning rate of
# 1/L at which batch gradient descent is sure to go down.
CURVATURE = {
    "mse": 2.0,
    "half_mse": 1.0,
    "huber": 1.0,
    "log_loss": 0.25,
    "squared_hinge": 2.0,
    "cross_entropy": 0.5,
}


class Data:
    """The inputs of one case, with the objective as plain formulas."""

    def __init__(
        self,
        seed: int,
        loss: str,
        shape: tuple[int, int],
        *,
        intercept: bool = True,
        weighted: bool = False,
        l2: float = 0.0,
        rows: list[int] | None = None,
        low: int = 0,
        n_classes: int = 3,
        one_hot: bool = False,
    ) -> None:
        n, d = shape
        rng = np.random.default_rng(seed)
        self.loss, self.l2, self.intercept = loss, l2, intercept
        # Three decimals, so that the file can be read and loses nothing.
        self.X = rng.normal(size=(n, d)).round(3)
        self.s = rng.uniform(0.2, 3, size=n).round(2) if weighted else None
        if self.s is not None:
            self.s[n // 2] = 0.0
        truth = rng.normal(size=d)
        score = self.X @ truth + 0.5 + rng.normal(size=n)
        if loss in ("log_loss", *SIGNED):
            self.y = np.where(score > 0.3, 1, low)
        elif loss == "cross_entropy":
            scores = self.X @ rng.normal(size=(d, n_classes))
            self.y = (scores + rng.normal(size=scores.shape)).argmax(axis=1)
            self.y[:n_classes] = np.arange(n_classes)
            self.y = np.eye(n_classes, dtype=int)[self.y] if one_hot else self.y
        elif loss == "sigmoid_mse":
            self.y = sigma(score).round(3)
        elif loss == "poisson":
            self.y = np.exp(score / 2).round()
        elif loss == "tanh_mse":
            self.y = np.tanh(score).round(3)
        else:
            score[0] += 6  # an outlier, so that the robust losses have something to do
            self.y = score.round(3)
        self.rows = rows
        self.X_b = np.column_stack([np.ones((n, int(intercept))), self.X])
        self.rng = rng
        self.n_classes = n_classes

    @property
    def weights(self) -> Array:
        return np.ones(len(self.X)) if self.s is None else self.s

    def objective(self, theta: Any) -> Any:
        rows = np.arange(len(self.X)) if self.rows is None else np.array(self.rows)
        losses = LOSSES[self.loss](anp.dot(self.X_b[rows], theta), self.y[rows])
        relative = (self.weights / self.weights.mean())[rows]
        w = theta[int(self.intercept) :]
        return anp.sum(relative * losses) / len(rows) + self.l2 / 2 * anp.sum(w**2)

    def learning_rate(self) -> float:
        relative = self.weights / self.weights.sum()
        hessian = self.X_b.T @ (relative[:, None] * self.X_b)
        largest = CURVATURE[self.loss] * np.linalg.eigvalsh(hessian)[-1] + self.l2
        return float(f"{1 / largest:.2g}")
