"""The update rules written out in NumPy."""

from __future__ import annotations

import numpy as np

from gradwalk import rules

RULES = [
    None,
    rules.Momentum(0.8),
    rules.Nesterov(0.8),
    rules.AdaGrad(1e-9),
    rules.RMSProp(0.9, 1e-7),
    rules.Adam(0.8, 0.99, 1e-7),
]


def soft(u, tau):
    return np.sign(u) * np.maximum(np.abs(u) - tau, 0)


def formula(rule, theta, l1=0.0, free=0):
    """The rule written out: a function (η, g) -> θ that remembers."""
    l1 = np.where(np.arange(theta.size) < free, 0.0, l1)
    first = second = np.zeros_like(theta)
    before, k = theta, 0

    def step(eta, g):
        nonlocal theta, first, second, before, k
        k += 1
        match rule:
            case None:
                theta = soft(theta - eta * g, eta * l1)
            case rules.Momentum(beta):
                v = beta * first + g
                moved = soft(theta - eta * v, eta * l1)
                first = np.where(l1 > 0, (theta - moved) / eta, v)
                theta = moved
            case rules.Nesterov(beta):
                q = soft(theta - eta * g, eta * l1)
                theta, before = q + beta * (q - before), q
            case rules.AdaGrad(epsilon):
                second = second + g**2
                scale = np.sqrt(second) + epsilon
                theta = soft(theta - eta * g / scale, eta * l1 / scale)
            case rules.RMSProp(rho, epsilon):
                second = rho * second + (1 - rho) * g**2
                scale = np.sqrt(second) + epsilon
                theta = soft(theta - eta * g / scale, eta * l1 / scale)
            case rules.Adam(beta1, beta2, epsilon):
                first = beta1 * first + (1 - beta1) * g
                second = beta2 * second + (1 - beta2) * g**2
                scale = np.sqrt(second / (1 - beta2**k)) + epsilon
                theta = soft(theta - eta * first / (1 - beta1**k) / scale, eta * l1 / scale)
        return theta

    return step
