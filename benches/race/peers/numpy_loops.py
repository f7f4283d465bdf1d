"""Loops in NumPy: as textbooks write them, and tuned as far as NumPy allows.

The textbook's is what gradwalk takes the place of: a column of ones for the intercept, one line for
the gradient, one for the step. The tuned ones keep the intercept apart or not, write in place,
allocate nothing they can keep, and take batches in three ways. All hold BLAS to one thread where
that is quicker, and none computes the loss, unless history is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from peers import Forms, Run, fused

Batches = Iterator[tuple[np.ndarray, np.ndarray]]


def forms(work: Any, X: np.ndarray, y: np.ndarray, options: dict[str, Any]) -> Forms:
    """Give the loops of a method."""
    if work.method == "batch":
        history = options.get("history", False)
        found = textbook_batch(work, X, y, history) | tuned_batch(work, X, y, history)
    elif work.method == "sgd":
        found = textbook_stochastic(work, X, y) | tuned_stochastic(work, X, y)
    elif work.loss == "cross_entropy":
        found = textbook_softmax(work, X, y) | tuned_mini(work, X, y)
    else:
        found = textbook_mini(work, X, y) | tuned_mini(work, X, y)
    limited = {
        f"{name}, 1 BLAS thread": with_one_thread(run)
        for name, run in found.items()
        # Single rows are too short for BLAS to start threads.
        if work.method != "sgd"
    }
    return found | limited


def with_one_thread(run: Run) -> Run:
    """Make a run with BLAS held to one thread: for small products, threads do not pay."""

    def limited(epochs: int, seed: int) -> np.ndarray:
        with threadpool_limits(1):
            return run(epochs, seed)

    return limited


# --- As textbooks have it ------------------------------------------------------------
# X_b is made when a form is first run, which is not timed: a form left alone costs no memory.


def with_ones(X: np.ndarray) -> Callable[[], np.ndarray]:
    """Put a column of ones before X, once, when asked."""
    made: list[np.ndarray] = []

    def X_b() -> np.ndarray:
        if not made:
            made.append(np.column_stack([np.ones(len(X), X.dtype), X]))
        return made[0]

    return X_b


def textbook_batch(work: Any, X: np.ndarray, y: np.ndarray, history: bool) -> Forms:
    """Walk over all rows at once."""
    make, n, eta = with_ones(X), len(X), work.learning_rate

    def mse(epochs: int, seed: int) -> np.ndarray:
        X_b, theta = make(), np.zeros(X.shape[1] + 1)
        losses, path = [], []
        for _ in range(epochs):
            error = X_b @ theta - y
            theta = theta - eta * (2 / n * (X_b.T @ error))
            if history:
                losses.append(np.mean(error**2))
                path.append(theta)
        return theta

    def log_loss(epochs: int, seed: int) -> np.ndarray:
        X_b, theta = make(), np.zeros(X.shape[1] + 1)
        for _ in range(epochs):
            p = 1 / (1 + np.exp(-(X_b @ theta)))
            theta = theta - eta * (X_b.T @ (p - y) / n)
        return theta

    return {"textbook": mse if work.loss == "mse" else log_loss}


def textbook_stochastic(work: Any, X: np.ndarray, y: np.ndarray) -> Forms:
    """Walk along one row at a time."""
    make, eta = with_ones(X), work.learning_rate

    def run(epochs: int, seed: int) -> np.ndarray:
        rng = np.random.default_rng(seed)
        X_b, theta = make(), np.zeros(X.shape[1] + 1)
        for _ in range(epochs):
            for i in rng.permutation(len(X_b)):
                gradient = 2 * (X_b[i] @ theta - y[i]) * X_b[i]
                theta = theta - eta * gradient
        return theta

    return {"textbook": run} if work.loss == "mse" else {}


def textbook_mini(work: Any, X: np.ndarray, y: np.ndarray) -> Forms:
    """Walk along batches."""
    make, eta, size = with_ones(X), work.learning_rate, work.batch_size

    def run(epochs: int, seed: int) -> np.ndarray:
        rng = np.random.default_rng(seed)
        X_b, theta = make(), np.zeros(X.shape[1] + 1)
        for _ in range(epochs):
            order = rng.permutation(len(X_b))
            for start in range(0, len(X_b), size):
                idx = order[start : start + size]
                X_batch, y_batch = X_b[idx], y[idx]
                error = X_batch @ theta - y_batch
                theta = theta - eta * (2 / len(idx) * (X_batch.T @ error))
        return theta

    return {"textbook": run}


def textbook_softmax(work: Any, X: np.ndarray, y: np.ndarray) -> Forms:
    """Walk along batches of several classes, with one-hot labels."""
    make, eta, size = with_ones(X), np.float32(work.learning_rate), work.batch_size
    Y = np.eye(work.data.n_classes, dtype=X.dtype)[y]

    def run(epochs: int, seed: int) -> np.ndarray:
        rng = np.random.default_rng(seed)
        X_b, theta = make(), np.zeros((X.shape[1] + 1, work.data.n_classes), X.dtype)
        for _ in range(epochs):
            order = rng.permutation(len(X_b))
            for start in range(0, len(X_b), size):
                idx = order[start : start + size]
                X_batch, Y_batch = X_b[idx], Y[idx]
                z = X_batch @ theta
                e = np.exp(z - z.max(axis=1, keepdims=True))
                P = e / e.sum(axis=1, keepdims=True)
                theta = theta - eta * (X_batch.T @ (P - Y_batch) / len(idx))
        return theta

    return {"textbook": run}


# --- Tuned ---------------------------------------------------------------------------


def slopes(loss: str) -> Callable[[np.ndarray, np.ndarray], None]:
    """Turn scores into half the slopes of mse, or into the slopes of log_loss, in place."""

    def mse(z: np.ndarray, y: np.ndarray) -> None:
        z -= y

    def log_loss(z: np.ndarray, y: np.ndarray) -> None:
        np.negative(z, out=z)
        np.exp(z, out=z)
        z += 1
        np.reciprocal(z, out=z)
        z -= y

    return mse if loss == "mse" else log_loss


def tuned_batch(work: Any, X: np.ndarray, y: np.ndarray, history: bool) -> Forms:
    """Walk over all rows at once."""
    n, d = X.shape
    slope = slopes(work.loss)
    rate = (2 if work.loss == "mse" else 1) * work.learning_rate / n

    def apart(epochs: int, seed: int) -> np.ndarray:
        w, b, r = np.zeros(d), 0.0, np.empty(n)
        losses, path = room_for_history(epochs, d, history)
        for epoch in range(epochs):
            np.dot(X, w, out=r)
            r += b
            slope(r, y)
            if history:
                losses[epoch] = r @ r / n
            w -= rate * (r @ X)
            b -= rate * r.sum()
            if history:
                path[epoch, 0] = b
                path[epoch, 1:] = w
        return fused(b, w)

    # What is gained on small data is lost on large ones: X would be there twice.
    if n * d > 100_000:
        return {"tuned, intercept apart": apart}
    X_b = np.column_stack([np.ones(n), X])

    def together(epochs: int, seed: int) -> np.ndarray:
        theta, r = np.zeros(d + 1), np.empty(n)
        losses, path = room_for_history(epochs, d, history)
        for epoch in range(epochs):
            np.dot(X_b, theta, out=r)
            slope(r, y)
            if history:
                losses[epoch] = r @ r / n
            theta -= rate * (r @ X_b)
            if history:
                path[epoch] = theta
        return theta

    return {"tuned, intercept apart": apart, "tuned, column of ones": together}


def room_for_history(epochs: int, d: int, history: bool) -> tuple[np.ndarray, np.ndarray]:
    """Allocate losses and path at once."""
    length = epochs if history else 0
    return np.empty(length), np.empty((length, d + 1))


def tuned_stochastic(work: Any, X: np.ndarray, y: np.ndarray) -> Forms:
    """Walk along one row at a time. Python's own numbers are quicker than NumPy's scalars."""
    n, d = X.shape
    rate = 2 * work.learning_rate

    def apart(epochs: int, seed: int) -> np.ndarray:
        rng = np.random.default_rng(seed)
        w, b = np.zeros(d), 0.0
        for _ in range(epochs):
            order = rng.permutation(n)
            for i, target in zip(order.tolist(), y[order].tolist(), strict=True):
                x = X[i]
                step = rate * (float(x.dot(w)) + b - target)
                w -= step * x
                b -= step
        return fused(b, w)

    return {"tuned, intercept apart": apart} if work.loss == "mse" else {}


def tuned_mini(work: Any, X: np.ndarray, y: np.ndarray) -> Forms:
    """Walk along batches, taken by X[idx], by np.take, or as slices of rows shuffled as a whole."""
    n, d = X.shape
    size, rate = work.batch_size, work.learning_rate
    is_softmax = work.loss == "cross_entropy"
    step = softmax_step(work, X.dtype) if is_softmax else linear_step
    shape = (d, work.data.n_classes) if is_softmax else (d,)

    def walk(batches: Callable[[np.ndarray], Batches]) -> Run:
        def run(epochs: int, seed: int) -> np.ndarray:
            rng = np.random.default_rng(seed)
            w, b = np.zeros(shape, X.dtype), np.zeros(shape[1:], X.dtype)
            for _ in range(epochs):
                for X_batch, y_batch in batches(rng.permutation(n)):
                    b = step(w, b, X_batch, y_batch, rate)
            return fused(b, w)

        return run

    def by_index(order: np.ndarray) -> Batches:
        for start in range(0, n, size):
            idx = order[start : start + size]
            yield X[idx], y[idx]

    room = np.empty((size, d), X.dtype)

    def by_take(order: np.ndarray) -> Batches:
        targets = y[order]
        for start in range(0, n, size):
            idx = order[start : start + size]
            np.take(X, idx, axis=0, out=room[: len(idx)], mode="clip")
            yield room[: len(idx)], targets[start : start + size]

    def by_slice(order: np.ndarray) -> Batches:
        shuffled, targets = X[order], y[order]
        for start in range(0, n, size):
            yield shuffled[start : start + size], targets[start : start + size]

    ways = {"X[idx]": by_index, "np.take": by_take, "shuffled copy": by_slice}
    return {f"tuned, {name}": walk(way) for name, way in ways.items()}


def linear_step(w: np.ndarray, b: Any, X: np.ndarray, y: np.ndarray, rate: float) -> Any:
    """Make one update for mse: w in place, b returned."""
    r = X.dot(w)
    r += b
    r -= y
    scale = 2 * rate / len(y)
    w -= scale * r.dot(X)
    return b - scale * r.sum()


def softmax_step(work: Any, dtype: np.dtype) -> Callable[..., Any]:
    """Make the update for cross_entropy, in the data's own type."""
    rows = np.arange(work.batch_size)

    def step(w: np.ndarray, b: Any, X: np.ndarray, y: np.ndarray, rate: float) -> Any:
        z = X @ w
        z += b
        z -= z.max(axis=1, keepdims=True)
        np.exp(z, out=z)
        z /= z.sum(axis=1, keepdims=True)
        z[rows[: len(y)], y] -= 1
        scale = dtype.type(rate / len(y))
        w -= scale * (X.T @ z)
        return b - scale * z.sum(axis=0)

    return step
