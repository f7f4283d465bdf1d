"""The three methods as a student writes them with NumPy: what gradwalk is measured against.

Vectorised where the method allows it: the whole matrix, a slice of rows, one row. Each function
takes the X and y that gradwalk takes, adds its column of ones, and returns θ and the mean loss of
each epoch.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array: TypeAlias = NDArray[Any]
    #: (z, y) -> the loss of each row, and its slope with respect to z.
    PointLoss: TypeAlias = Callable[[Array, Array], tuple[Array, Array]]


def mse(z: Array, y: Array) -> tuple[Array, Array]:
    """(z − y)² and 2(z − y)."""
    error = z - y
    return error**2, 2 * error


def log_loss(z: Array, y: Array) -> tuple[Array, Array]:
    """−y ln σ(z) − (1 − y) ln(1 − σ(z)), written without overflow, and σ(z) − y."""
    return np.logaddexp(0, z) - y * z, 1 / (1 + np.exp(-z)) - y


def cross_entropy(z: Array, y: Array) -> tuple[Array, Array]:
    """−Σ y ln softmax(z) for one-hot y, and softmax(z) − y."""
    z = z - z.max(axis=-1, keepdims=True)
    exp = np.exp(z)
    total = exp.sum(axis=-1, keepdims=True)
    return (np.log(total) - z)[y == 1], exp / total - y


POINT_LOSSES: dict[str, PointLoss] = {
    "mse": mse,
    "log_loss": log_loss,
    "cross_entropy": cross_entropy,
}


def with_ones(X: Array) -> Array:
    """X with a first column of ones for the intercept."""
    return np.column_stack([np.ones(len(X)), X])


def start(X_b: Array, y: Array) -> Array:
    """θ = 0: a vector, or a column for each class of a one-hot y."""
    return np.zeros(X_b.shape[1]) if y.ndim == 1 else np.zeros((X_b.shape[1], y.shape[1]))


def batch_gd(
    X: Array, y: Array, point_loss: PointLoss, *, learning_rate: float, epochs: int
) -> tuple[Array, list[float]]:
    """One update an epoch, from all rows."""
    X_b = with_ones(X)
    theta, losses = start(X_b, y), []
    for _ in range(epochs):
        loss, slope = point_loss(X_b @ theta, y)
        losses.append(float(loss.mean()))
        theta = theta - learning_rate / len(X_b) * (X_b.T @ slope)
    return theta, losses


def mini_batch_gd(
    X: Array,
    y: Array,
    point_loss: PointLoss,
    *,
    learning_rate: float,
    batch_size: int,
    order: Sequence[Array],
) -> tuple[Array, list[float]]:
    """One update for every `batch_size` rows of the epoch's order."""
    X_b = with_ones(X)
    theta, losses = start(X_b, y), []
    for rows in order:
        batch_losses = []
        for first in range(0, len(rows), batch_size):
            batch = rows[first : first + batch_size]
            X_batch = X_b[batch]
            loss, slope = point_loss(X_batch @ theta, y[batch])
            batch_losses.append(float(loss.sum()))
            theta = theta - learning_rate / len(batch) * (X_batch.T @ slope)
        losses.append(sum(batch_losses) / len(rows))
    return theta, losses


def sgd(
    X: Array, y: Array, point_loss: PointLoss, *, learning_rate: float, order: Sequence[Array]
) -> tuple[Array, list[float]]:
    """One update for every row of the epoch's order."""
    X_b = with_ones(X)
    theta, losses = start(X_b, y), []
    for rows in order:
        row_losses = []
        for row in rows:
            x = X_b[row]
            loss, slope = point_loss(x @ theta, y[row])
            row_losses.append(loss)
            theta = theta - learning_rate * (np.outer(x, slope) if y.ndim == 2 else slope * x)
        losses.append(float(np.mean(row_losses)))
    return theta, losses
