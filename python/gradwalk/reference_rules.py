"""The update rules of `gradwalk.reference`: how theta moves once the gradient g is known.

Each is a function of one step, element by element. It gets theta, g and eta, what the step
has to mind of the penalty, what it remembers, and the constants of the rule of the same name
in `gradwalk.rules`, where the sources stand.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["RULES", "Step"]

Array = NDArray[np.floating[Any]]


@dataclass
class Step:
    """What a step is made of beside theta and g."""

    l1: Array  # strength of the l1 penalty on each parameter: 0 on the intercept
    is_w: Array  # 1 for each parameter but the intercept, which is 0
    kept: dict[str, Array] = field(default_factory=dict)  # what the rule remembers
    k: int = 0  # the number of the step, from 1
    eta: Any = 0.0

    def last(self, name: str, theta: Array) -> Array:
        """Give what was kept under this name, 0 at the start."""
        return self.kept.get(name, np.zeros_like(theta))

    def shrink(self, u: Array, scale: Any = 1) -> Array:
        """Soft thresholding of u by ``eta*l1*scale``: the l1 penalty, for steps of that scale."""
        shrunk: Array = np.sign(u) * np.maximum(np.abs(u) - self.eta * self.l1 * scale, 0)
        return shrunk


def plain(theta: Array, g: Array, step: Step) -> Array:
    """``theta - eta*g``."""
    return step.shrink(theta - step.eta * g)


def momentum(theta: Array, g: Array, step: Step, beta: float) -> Array:
    """``v = beta*v + g``, ``theta - eta*v``; with l1, v becomes what was moved."""
    v = beta * step.last("v", theta) + g
    moved = step.shrink(theta - step.eta * v)
    eta = step.eta if step.eta > 0 else 1
    step.kept["v"] = np.where((step.l1 > 0) & (step.eta > 0), (theta - moved) / eta, v)
    return moved


def nesterov(theta: Array, g: Array, step: Step, beta: float) -> Array:
    """``q = theta - eta*g``, ``q + beta*(q - q_before)``."""
    before = step.kept.get("q", theta)
    q = step.kept["q"] = step.shrink(theta - step.eta * g)
    return q + beta * (q - before)


def root(v: Array, epsilon: float, epsilon_at: str) -> Array:
    """``sqrt(v) + epsilon``, or with epsilon "inside" ``sqrt(v + epsilon)``."""
    return np.sqrt(v + epsilon) if epsilon_at == "inside" else np.sqrt(v) + epsilon


def adagrad(theta: Array, g: Array, step: Step, epsilon: float, epsilon_at: str) -> Array:
    """``G = G + g**2``, ``theta - eta*g / root(G)``."""
    G = step.kept["G"] = step.last("G", theta) + g**2
    scale = 1 / root(G, epsilon, epsilon_at)
    return step.shrink(theta - step.eta * g * scale, scale)


def rmsprop(
    theta: Array, g: Array, step: Step, rho: float, epsilon: float, epsilon_at: str
) -> Array:
    """``E = rho*E + (1 - rho)*g**2``, ``theta - eta*g / root(E)``."""
    E = step.kept["E"] = rho * step.last("E", theta) + (1 - rho) * g**2
    scale = 1 / root(E, epsilon, epsilon_at)
    return step.shrink(theta - step.eta * g * scale, scale)


def adadelta(theta: Array, g: Array, step: Step, rho: float, epsilon: float) -> Array:
    """``E = rho*E + (1 - rho)*g**2``, ``D = rho*D + (1 - rho)*delta**2``, ``theta - eta*delta``.

    ``delta = g * sqrt(D + epsilon)/sqrt(E + epsilon)``, with the D of the step before.
    """
    E = step.kept["E"] = rho * step.last("E", theta) + (1 - rho) * g**2
    D = step.last("D", theta)
    scale = np.sqrt(D + epsilon) / np.sqrt(E + epsilon)
    step.kept["D"] = rho * D + (1 - rho) * (scale * g) ** 2
    return step.shrink(theta - step.eta * scale * g, scale)


def adam(
    theta: Array,
    g: Array,
    step: Step,
    beta1: float,
    beta2: float,
    epsilon: float,
    epsilon_at: str,
    amsgrad: bool,
) -> Array:
    """``m = beta1*m + (1 - beta1)*g``, ``v = beta2*v + (1 - beta2)*g**2``, and both corrected.

    ``theta - eta * m/(1 - beta1**k) / root(v/(1 - beta2**k))``, with amsgrad the largest v so far,
    and with epsilon "uncorrected" ``(sqrt(v) + epsilon)/sqrt(1 - beta2**k)`` instead of the root.
    """
    m = step.kept["m"] = beta1 * step.last("m", theta) + (1 - beta1) * g
    v = step.kept["v"] = beta2 * step.last("v", theta) + (1 - beta2) * g**2
    if amsgrad:
        v = step.kept["largest v"] = np.maximum(step.last("largest v", theta), v)
    whole = 1 - beta2**step.k
    if epsilon_at == "uncorrected":
        scale = np.sqrt(whole) / (np.sqrt(v) + epsilon)
    else:
        scale = 1 / root(v / whole, epsilon, epsilon_at)
    return step.shrink(theta - step.eta * m / (1 - beta1**step.k) * scale, scale)


def adamw(
    theta: Array,
    g: Array,
    step: Step,
    beta1: float,
    beta2: float,
    epsilon: float,
    weight_decay: float,
    epsilon_at: str,
) -> Array:
    """Adam's step from ``theta - eta*weight_decay*w_or_0``, whose intercept is 0."""
    decayed = theta - step.eta * weight_decay * theta * step.is_w
    return adam(decayed, g, step, beta1, beta2, epsilon, epsilon_at, amsgrad=False)


RULES: dict[str, Callable[..., Array]] = {
    "Momentum": momentum,
    "Nesterov": nesterov,
    "AdaGrad": adagrad,
    "RMSProp": rmsprop,
    "Adadelta": adadelta,
    "Adam": adam,
    "AdamW": adamw,
}
