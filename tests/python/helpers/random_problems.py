"""Random problems of every loss, small enough to check by hand, and gradients by differences."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import gradwalk as gw
from loss_kinds import COUNTS, TWO_CLASSES, to_bend

Array = NDArray[Any]

METHODS = [
    (gw.BatchGD, {}),
    (gw.SGD, {"random_state": 1}),
    (gw.MiniBatchGD, {"random_state": 1, "batch_size": 5}),
]
every_method = pytest.mark.parametrize(
    ("method", "options"), METHODS, ids=lambda value: getattr(value, "__name__", "")
)
#: In an epoch over 23 rows.
UPDATES = {gw.BatchGD: 1, gw.SGD: 23, gw.MiniBatchGD: 5}


def targets(loss: str, z: Array, rng: np.random.Generator) -> Array:
    """Array that suit the loss, for samples whose scores are z."""
    n = len(z)
    if loss == "cross_entropy":
        y = rng.integers(0, z.shape[1], n)
        y[0] = z.shape[1] - 1  # so that the labels tell how many classes there are
        return y
    if loss in TWO_CLASSES:
        return rng.integers(0, 2, n)
    if loss in COUNTS:
        return rng.poisson(2.0, n).astype(float)
    return rng.normal(size=n)


def problem(
    loss: str, seed: int, *, n: int = 12, d: int = 3, intercept: bool = True, K: int = 3
) -> tuple[Array, Array, Array]:
    """Random X, y and theta, no sample near a kink."""
    rng = np.random.default_rng(seed)
    while True:
        X = rng.normal(size=(n, d))
        p = d + intercept
        theta = rng.normal(size=(p, K) if loss == "cross_entropy" else p)
        z = X @ theta[int(intercept) :] + (theta[0] if intercept else 0)
        y = targets(loss, z, rng)
        if to_bend(loss, z, y) > 0.02:
            return X, y, theta


def central_differences(f: Callable[[Array], float], theta: Array, h: float = 1e-3) -> Array:
    """The gradient of f by fourth-order central differences, with an error of order h⁴."""
    grad = np.zeros_like(theta)
    for place in np.ndindex(theta.shape):
        step = np.zeros_like(theta)
        step[place] = h
        near = f(theta + step) - f(theta - step)
        far = f(theta + 2 * step) - f(theta - 2 * step)
        grad[place] = (8 * near - far) / (12 * h)
    return grad
