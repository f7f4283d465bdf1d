"""The objective in the formulas of a textbook, for other libraries to work on.

    f(theta) = sum(s * loss) / (m * mean_s) + l2/2 * |w|**2

over the m rows of a batch, mean_s being the mean weight of all rows and w the
parameters without the intercept. Written for autograd to differentiate, with no care
for overflow; nothing here imports gradwalk.
"""

import ast
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import autograd.numpy as anp
import numpy as np

Array = np.ndarray[Any, Any]


def sigma(z: Any) -> Any:
    return 1 / (1 + anp.exp(-z))


def sign(y: Any) -> Any:
    return np.where(y == 1, 1.0, -1.0)


SOURCE = Path(__file__).parents[2] / "python" / "gradwalk" / "reference.py"
# What the formulas of the docstrings are written in: NumPy's words, and these.
WORDS = {name: getattr(anp, name) for name in dir(anp)} | {"sigma": sigma, "ln": anp.log}


def formulas(docstring: str | None) -> dict[str, str]:
    """The ``name = expression`` lines of a docstring."""
    found = re.findall(r"``(\w+) = ([^`]+)``", docstring or "")
    return {name: " ".join(expression.split()) for name, expression in found}


def run(expression: str, **values: Any) -> Any:
    return eval(expression, {"__builtins__": {}}, WORDS | values)


def loss_by(said: dict[str, str]) -> Callable[[Any, Any], Any]:
    """The loss of each row by the formulas of a docstring, for scores z and targets y."""

    def of_score(z: Any, y: Any) -> Any:
        return run(said["loss"], z=z, y=y, s=sign(y))

    def of_scores(z: Any, y: Any) -> Any:
        Y = y if y.ndim == 2 else np.eye(z.shape[1])[y]
        rows = zip(z, Y, strict=True)
        return anp.array([run(said["loss"], P=run(said["P"], z=z), Y=Y) for z, Y in rows])

    return of_scores if "P" in said else of_score


# The formulas stand once, in the docstrings of the reference, whose code is not looked at.
LOSSES: dict[str, Callable[[Any, Any], Any]] = {
    node.name: loss_by(formulas(ast.get_docstring(node)))
    for node in ast.parse(SOURCE.read_text(encoding="utf-8")).body
    if isinstance(node, ast.FunctionDef) and "slope" in formulas(ast.get_docstring(node))
}


def objective(
    loss: str,
    X_b: Array,
    y: Array,
    theta: Any,
    weights: Array,
    l2: float,
    intercept: bool,
    rows: Any = slice(None),
) -> Any:
    losses = LOSSES[loss](anp.dot(X_b[rows], theta), y[rows])
    relative = (weights / weights.mean())[rows]
    w = theta[int(intercept) :]
    return anp.sum(relative * losses) / len(relative) + l2 / 2 * anp.sum(w**2)


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
        low: int = 0,
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
            scores = self.X @ rng.normal(size=(d, 3))
            self.y = (scores + rng.normal(size=scores.shape)).argmax(axis=1)
            self.y[:3] = np.arange(3)
        elif loss == "sigmoid_mse":
            self.y = sigma(score).round(3)
        elif loss == "poisson":
            self.y = np.exp(score / 2).round()
        elif loss == "tanh_mse":
            self.y = np.tanh(score).round(3)
        else:
            score[0] += 6  # an outlier, so that the robust losses have something to do
            self.y = score.round(3)
        self.X_b = np.column_stack([np.ones((n, int(intercept))), self.X])

    @property
    def weights(self) -> Array:
        return np.ones(len(self.X)) if self.s is None else self.s

    def objective(self, theta: Any) -> Any:
        return objective(self.loss, self.X_b, self.y, theta, self.weights, self.l2, self.intercept)

    def learning_rate(self) -> float:
        relative = self.weights / self.weights.sum()
        hessian = self.X_b.T @ (relative[:, None] * self.X_b)
        largest = CURVATURE[self.loss] * np.linalg.eigvalsh(hessian)[-1] + self.l2
        return float(f"{1 / largest:.2g}")
