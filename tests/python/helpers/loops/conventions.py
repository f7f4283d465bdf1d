"""Loops right in another convention at the same rate: never to be called wrong."""

import numpy as np

from gradwalk import BatchGD, MiniBatchGD, rules
from loops.loop import CONVENTIONS, Data, loop


def convention(method=BatchGD, **words):
    return loop(CONVENTIONS, "another convention", method, "half_mse", Data(), **words)


def with_ones(X):
    return np.c_[np.ones(len(X)), X]


@convention(rule=rules.Momentum(0.9))
def velocity_is_a_mean(X, y, theta, lr, epochs, beta):
    A, v = with_ones(X), 0
    for _ in range(epochs):
        v = beta * v + (1 - beta) * A.T @ (A @ theta - y) / len(y)
        theta = theta - lr * v
    return theta


@convention(MiniBatchGD, batch_size=5, learning_rate=0.01, losses=True)
def batch_sum_and_its_sum_of_losses(X, y, theta, lr, epochs, batch_size, order):
    A, losses = with_ones(X), []
    for rows in order:
        for i in range(0, len(y), batch_size):
            k = rows[i : i + batch_size]
            e = A[k] @ theta - y[k]
            losses.append(e @ e / 2)
            theta = theta - lr * A[k].T @ e
    return theta, losses


@convention(losses=True)
def mean_without_the_half(X, y, theta, lr, epochs):
    A, losses = with_ones(X), []
    for _ in range(epochs):
        e = A @ theta - y
        losses.append((e**2).mean())
        theta = theta - lr * 2 * A.T @ e / len(y)
    return theta, losses


@convention(rule=rules.Momentum(0.9), learning_rate=lambda t: 0.1 / (1 + t), returns="path")
def falling_rate_inside_v(X, y, theta, lr, epochs, beta):
    A, v, path = with_ones(X), 0, []
    for t in range(epochs):
        v = beta * v + lr(t) * A.T @ (A @ theta - y) / len(y)
        theta = theta - v
        path.append(theta)
    return path


@convention(rule=rules.AdaGrad(1e-2), start=True)
def epsilon_inside_the_root(X, y, theta, lr, epochs):
    A, G = with_ones(X), 0
    for _ in range(epochs):
        g = A.T @ (A @ theta - y) / len(y)
        G = G + g * g
        theta = theta - lr * g / np.sqrt(G + 1e-2)
    return theta


@convention(l1=0.2)
def sign_in_the_gradient(X, y, w, b, lr, epochs):
    for _ in range(epochs):
        e = X @ w + b - y
        w, b = w - lr * (X.T @ e / len(y) + 0.2 * np.sign(w)), b - lr * e.mean()
    return np.r_[b, w]


@convention(l1=0.2, l1_step="subgradient")
def soft_threshold_after_the_step(X, y, w, b, lr, epochs):
    for _ in range(epochs):
        e = X @ w + b - y
        w, b = w - lr * X.T @ e / len(y), b - lr * e.mean()
        w = np.sign(w) * np.maximum(np.abs(w) - lr * 0.2, 0)
    return np.r_[b, w]
