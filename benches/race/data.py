"""The data of the race: normal features, and targets that a linear model can nearly tell."""

from __future__ import annotations

import numpy as np
from works import Data


def make(data: Data) -> tuple[np.ndarray, np.ndarray]:
    """Make X and y: the same numbers in every process."""
    rng = np.random.default_rng(20)
    X = rng.standard_normal((data.n, data.d), dtype=data.dtype)
    w = rng.standard_normal(data.d, dtype=data.dtype) / np.asarray(data.d**0.5, data.dtype)
    if data.kind == "regression":
        noise = rng.standard_normal(data.n, dtype=data.dtype)
        return X, X @ w + 0.5 * noise + np.asarray(0.5, data.dtype)
    if data.kind == "labels":
        return X, (rng.random(data.n) < 1 / (1 + np.exp(-2 * (X @ w) - 0.5))).astype(data.dtype)
    W = rng.standard_normal((data.d, data.n_classes), dtype=data.dtype) / data.d**0.5
    return X, np.argmax(2 * (X @ W) + rng.gumbel(size=(data.n, data.n_classes)), axis=1)


def version(array: str, X: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give X as an entry wants it, and y in the same type."""
    if array == "F":
        return np.asfortranarray(X), y
    if array == "float32":
        return X.astype(np.float32), y.astype(np.float32)
    return X, y


def mean_loss(loss: str, X: np.ndarray, y: np.ndarray, params: np.ndarray) -> float:
    """Mean loss over all rows, in float64, block by block."""
    total = 0.0
    for start in range(0, len(X), 65_536):
        rows = slice(start, start + 65_536)
        z = X[rows].astype(np.float64, copy=False) @ params[1:] + params[0]
        target = y[rows]
        if loss == "mse":
            total += float(np.sum((z - target) ** 2))
        elif loss == "log_loss":
            total += float(np.sum(np.logaddexp(0, z) - target * z))
        else:
            right = np.take_along_axis(z, target[:, None], axis=1)[:, 0]
            total += float(np.sum(np.logaddexp.reduce(z, axis=1) - right))
    return total / len(X)
