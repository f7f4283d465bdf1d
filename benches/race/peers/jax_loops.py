"""JAX on the CPU: all epochs are one compiled loop, with the gradient by jax.grad or by hand.

The number of epochs is traced, so that one compilation does for all; the buffers of θ are donated.
Orders are drawn outside, by NumPy: jax.random.permutation sorts, and that is slow on a CPU.
"""

from __future__ import annotations

import functools
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from peers import Forms, Run, fused

jax.config.update("jax_enable_x64", True)


def forms(work: Any, X: np.ndarray, y: np.ndarray, options: dict[str, Any]) -> Forms:
    """Give the loops of a method, with gradients by hand and by jax.grad."""
    data = jnp.asarray(X), jnp.asarray(y)
    gradients = {"by hand": by_hand(work), "jax.grad": jax.grad(mean_loss(work))}
    if work.method == "batch":
        return {name: batch(work, *data, gradient) for name, gradient in gradients.items()}
    return {name: mini(work, *data, gradient) for name, gradient in gradients.items()}


def mean_loss(work: Any) -> Any:
    """Make the mean loss of a batch."""

    def loss(theta: Any, X: Any, y: Any) -> Any:
        z = X @ theta[1] + theta[0]
        if work.loss == "mse":
            return jnp.mean((z - y) ** 2)
        if work.loss == "log_loss":
            return jnp.mean(jnp.logaddexp(0, z) - y * z)
        right = jnp.take_along_axis(z, y[:, None], axis=1)[:, 0]
        return jnp.mean(jax.nn.logsumexp(z, axis=1) - right)

    return loss


def by_hand(work: Any) -> Any:
    """Make the gradient of a batch."""

    def gradient(theta: Any, X: Any, y: Any) -> Any:
        z = X @ theta[1] + theta[0]
        if work.loss == "mse":
            slope = 2 * (z - y)
        elif work.loss == "log_loss":
            slope = jax.nn.sigmoid(z) - y
        else:
            slope = jax.nn.softmax(z) - jax.nn.one_hot(y, z.shape[1], dtype=z.dtype)
        return slope.mean(axis=0), X.T @ slope / len(y)

    return gradient


def start(work: Any, X: Any) -> Any:
    """Make θ = 0."""
    outputs = (work.data.n_classes,) if work.data.n_classes else ()
    return jnp.zeros(outputs, X.dtype), jnp.zeros((X.shape[1], *outputs), X.dtype)


def moved(theta: Any, gradient: Any, rate: float) -> Any:
    """Take one step."""
    return jax.tree.map(lambda t, g: t - rate * g, theta, gradient)


def batch(work: Any, X: Any, y: Any, gradient: Any) -> Run:
    """Walk over all rows at once."""

    @functools.partial(jax.jit, donate_argnums=0)
    def walk(theta: Any, X: Any, y: Any, epochs: Any) -> Any:
        return lax.fori_loop(
            0, epochs, lambda _, t: moved(t, gradient(t, X, y), work.learning_rate), theta
        )

    return lambda epochs, seed: fused(*jax.block_until_ready(walk(start(work, X), X, y, epochs)))


def mini(work: Any, X: Any, y: Any, gradient: Any) -> Run:
    """Walk along batches, or along single rows; the short last batch is a step of its own."""
    n, size = len(X), work.batch_size or 1
    whole = n // size * size

    @functools.partial(jax.jit, donate_argnums=0)
    def epoch(theta: Any, X: Any, y: Any, order: Any) -> Any:
        def step(theta: Any, rows: Any) -> Any:
            return moved(theta, gradient(theta, X[rows], y[rows]), work.learning_rate), None

        theta, _ = lax.scan(step, theta, order[:whole].reshape(-1, size))
        return step(theta, order[whole:])[0] if whole < n else theta

    def run(epochs: int, seed: int) -> np.ndarray:
        rng = np.random.default_rng(seed)
        theta = start(work, X)
        for _ in range(epochs):
            theta = epoch(theta, X, y, rng.permutation(n).astype(np.int32))
        return fused(*jax.block_until_ready(theta))

    return run
