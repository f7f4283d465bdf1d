"""Loops compiled by numba: fastmath, so that sums are vectorised, and prange where that pays.

Each loop reads X once an epoch: a row's score and its share of the gradient are computed together.
Two products by np.dot read it twice, and lost wherever they were tried. Batches of 256 rows are
shared among threads too, as one of two forms: on a busy machine that loses, on an idle one it may
not.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from numba import njit, prange

from peers import Forms


@njit(fastmath=True)
def dot(a, b):
    """Sum products."""
    total = a[0] * b[0]
    for j in range(1, a.size):
        total += a[j] * b[j]
    return total


@njit(fastmath=True)
def slope_of(z, y, is_logistic):
    """Give the slope of a loss."""
    if is_logistic:
        return 1 / (1 + np.exp(-z)) - y
    return 2 * (z - y)


@njit(fastmath=True, parallel=True)
def batch_threads(X, y, rate, epochs, is_logistic, n_threads):
    """Walk over all rows at once, each thread over its share."""
    n, d = X.shape
    w, b = np.zeros(d), 0.0
    grads = np.zeros((n_threads, d + 16))
    for _ in range(epochs):
        for t in prange(n_threads):
            grad = np.zeros(d)
            total = 0.0
            for i in range(t * n // n_threads, (t + 1) * n // n_threads):
                x = X[i]
                s = slope_of(dot(x, w) + b, y[i], is_logistic)
                for j in range(d):
                    grad[j] += s * x[j]
                total += s
            grads[t, :d] = grad
            grads[t, d] = total
        for t in range(n_threads):
            for j in range(d):
                w[j] -= rate / n * grads[t, j]
            b -= rate / n * grads[t, d]
    return w, b


@njit(fastmath=True)
def batch_alone(X, y, rate, epochs, is_logistic):
    """Walk over all rows at once in one thread: small data."""
    n, d = X.shape
    w, b = np.zeros(d), 0.0
    grad = np.zeros(d)
    for _ in range(epochs):
        grad[:] = 0
        total = 0.0
        for i in range(n):
            x = X[i]
            s = slope_of(dot(x, w) + b, y[i], is_logistic)
            for j in range(d):
                grad[j] += s * x[j]
            total += s
        for j in range(d):
            w[j] -= rate / n * grad[j]
        b -= rate / n * total
    return w, b


@njit(fastmath=True)
def stochastic(X, y, rate, epochs, is_logistic, seed):
    """Walk along one row at a time."""
    n, d = X.shape
    np.random.seed(seed)  # noqa: NPY002
    w, b = np.zeros(d), 0.0
    for _ in range(epochs):
        order = np.random.permutation(n)  # noqa: NPY002
        for i in order:
            x = X[i]
            step = rate * slope_of(dot(x, w) + b, y[i], is_logistic)
            for j in range(d):
                w[j] -= step * x[j]
            b -= step
    return w, b


@njit(fastmath=True)
def mini(X, y, rate, epochs, size, seed):
    """Walk along batches, gathering nothing."""
    n, d = X.shape
    np.random.seed(seed)  # noqa: NPY002
    w, b = np.zeros(d), 0.0
    grad = np.zeros(d)
    for _ in range(epochs):
        order = np.random.permutation(n)  # noqa: NPY002
        for start in range(0, n, size):
            m = min(size, n - start)
            grad[:] = 0
            total = 0.0
            for k in range(start, start + m):
                x = X[order[k]]
                r = dot(x, w) + b - y[order[k]]
                for j in range(d):
                    grad[j] += r * x[j]
                total += r
            scale = 2 * rate / m
            for j in range(d):
                w[j] -= scale * grad[j]
            b -= scale * total
    return w, b


@njit(fastmath=True, parallel=True)
def mini_threads(X, y, rate, epochs, size, seed, n_threads):
    """Walk along batches, each thread over its share of each batch."""
    n, d = X.shape
    np.random.seed(seed)  # noqa: NPY002
    w, b = np.zeros(d), 0.0
    grads = np.zeros((n_threads, d + 16))
    for _ in range(epochs):
        order = np.random.permutation(n)  # noqa: NPY002
        for start in range(0, n, size):
            m = min(size, n - start)
            for t in prange(n_threads):
                grad = np.zeros(d)
                total = 0.0
                for k in range(start + t * m // n_threads, start + (t + 1) * m // n_threads):
                    x = X[order[k]]
                    r = dot(x, w) + b - y[order[k]]
                    for j in range(d):
                        grad[j] += r * x[j]
                    total += r
                grads[t, :d] = grad
                grads[t, d] = total
            scale = 2 * rate / m
            for t in range(n_threads):
                for j in range(d):
                    w[j] -= scale * grads[t, j]
                b -= scale * grads[t, d]
    return w, b


def forms(work: Any, X: np.ndarray, y: np.ndarray, options: dict[str, Any]) -> Forms:
    """Give the loops of a method."""
    if work.loss == "cross_entropy":
        return {}
    eta, is_logistic = work.learning_rate, work.loss == "log_loss"

    size, n_threads = work.batch_size, numba.get_num_threads()

    def walk(function: Any) -> Any:
        def run(epochs: int, seed: int) -> np.ndarray:
            w, b = function(X, y, eta, epochs, seed)
            return np.concatenate([[b], w])

        return run

    if work.method == "sgd":
        return {"njit": walk(lambda *a: stochastic(*a[:4], is_logistic, a[4]))}
    if work.method == "mini":
        found = {"njit": walk(lambda *a: mini(*a[:4], size, a[4]))}
        if size >= 256:
            found["njit, prange"] = walk(lambda *a: mini_threads(*a[:4], size, a[4], n_threads))
        return found
    if X.size <= 100_000:
        return {"njit": walk(lambda *a: batch_alone(*a[:4], is_logistic))}
    return {"njit, prange": walk(lambda *a: batch_threads(*a[:4], is_logistic, n_threads))}
