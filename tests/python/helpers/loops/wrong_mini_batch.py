"""Wrong loops over mini-batches."""

import numpy as np

from gradwalk import MiniBatchGD
from loops.loop import WRONG, Data, loop


def wrong(expected, loss="mse", data=None, **words):
    words.setdefault("batch_size", 5)
    words.setdefault("learning_rate", 0.03)
    words.setdefault("epochs", 4)
    return loop(WRONG, expected, MiniBatchGD, loss, data or Data(n=23), **words)


def with_ones(X):
    return np.c_[np.ones(len(X)), X]


def cut(rows, size):
    return [rows[i : i + size] for i in range(0, len(rows), size)]


@wrong("not divided", losses=True)
def batch_sum_with_mean_loss(X, y, theta, lr, epochs, batch_size, order):
    X_b, losses = with_ones(X), []
    for rows in order:
        for k in cut(rows, batch_size):
            r = X_b[k] @ theta - y[k]
            losses.append(np.mean(r**2))
            theta = theta - lr * 2 * X_b[k].T @ r
    return theta, losses


@wrong({"not divided", "another convention"}, "log_loss", Data(n=23, kind="zero_one"))
def batch_sum(X, y, theta, lr, epochs, batch_size, order):
    X_b = with_ones(X)
    for rows in order:
        for k in cut(rows, batch_size):
            theta = theta - lr * X_b[k].T @ (1 / (1 + np.exp(-X_b[k] @ theta)) - y[k])
    return theta


@wrong("divided twice", returns="pair")
def mean_and_then_a_rate_over_b(X, y, w, b, lr, epochs, batch_size, order):
    for rows in order:
        for k in cut(rows, batch_size):
            e = X[k] @ w + b - y[k]
            dw, db = 2 * X[k].T @ e / len(k), 2 * e.mean()
            w, b = w - lr / len(k) * dw, b - lr / len(k) * db
    return w, b


@wrong("divided by n", returns="path")
def batch_over_n(X, y, theta, lr, epochs, batch_size, order):
    X_b, m, path = with_ones(X), len(X), []
    for rows in order:
        for k in cut(rows, batch_size):
            theta = theta - lr * 2 / m * X_b[k].T @ (X_b[k] @ theta - y[k])
            path.append(theta)
    return path


@wrong("divided by n", "log_loss", Data(n=22, d=1, kind="zero_one"), returns="pair")
def logistic_batch_over_n(X, y, w, b, lr, epochs, batch_size, order):
    n, w = len(y), float(w[0])
    for rows in order:
        for k in cut(rows, batch_size):
            dw = db = 0.0
            for i in k:
                p = 1 / (1 + np.exp(-(w * X[i, 0] + b)))
                dw += (p - y[i]) * X[i, 0]
                db += p - y[i]
            w, b = w - lr * dw / n, b - lr * db / n
    return w, b


@wrong("short batch divided by batch_size", returns="path")
def all_batches_over_b(X, y, theta, lr, epochs, batch_size, order):
    X_b, path = with_ones(X), [theta]
    for rows in order:
        for k in cut(rows, batch_size):
            theta = theta - lr * 2 / batch_size * X_b[k].T @ (X_b[k] @ theta - y[k])
            path.append(theta)
    return path


@wrong("short batch divided by batch_size", "half_mse", Data(n=22, d=5), batch_size=4)
def python_sums_over_b(X, y, theta, lr, epochs, batch_size, order):
    X_b, d = with_ones(X).tolist(), len(theta)
    theta = theta.tolist()
    for rows in order:
        for k in cut(list(rows), batch_size):
            g = [0.0] * d
            for i in k:
                e = sum(t * x for t, x in zip(theta, X_b[i], strict=True)) - y[i]
                g = [gj + e * x for gj, x in zip(g, X_b[i], strict=True)]
            theta = [t - lr * gj / batch_size for t, gj in zip(theta, g, strict=True)]
    return theta


@wrong("summed over batches", returns="path", learning_rate=0.02)
def one_update_an_epoch(X, y, theta, lr, epochs, batch_size, order):
    X_b, path = with_ones(X), []
    for rows in order:
        g = 0
        for k in cut(rows, batch_size):
            g = g + 2 / len(k) * X_b[k].T @ (X_b[k] @ theta - y[k])
        theta = theta - lr * g
        path.append(theta)
    return path


@wrong("divided by features", "half_mse", Data(n=24, d=5), batch_size=8)
def batch_over_d(X, y, theta, lr, epochs, batch_size, order):
    X_b = with_ones(X)
    for rows in order:
        for k in cut(rows, batch_size):
            theta = theta - lr / X.shape[1] * X_b[k].T @ (X_b[k] @ theta - y[k])
    return theta


@wrong("averaged over coordinates", "half_mse", Data(n=23, d=2), returns="path")
def scalar_gradient_of_a_batch(X, y, theta, lr, epochs, batch_size, order):
    X_b, path = with_ones(X), []
    for rows in order:
        for k in cut(rows, batch_size):
            theta = theta - lr * np.mean((X_b[k] @ theta - y[k])[:, None] * X_b[k])
            path.append(theta)
    return path


@wrong("stale gradient", returns="path")
def one_batch_behind(X, y, theta, lr, epochs, batch_size, order):
    X_b, path, old = with_ones(X), [], theta
    for rows in order:
        for k in cut(rows, batch_size):
            g = 2 / len(k) * X_b[k].T @ (X_b[k] @ old - y[k])
            old = theta
            theta = theta - lr * g
            path.append(theta)
    return path


@wrong("updated within the gradient", "half_mse", returns="path")
def rows_of_a_batch_in_turn(X, y, theta, lr, epochs, batch_size, order):
    X_b, path = with_ones(X), []
    for rows in order:
        for k in cut(rows, batch_size):
            for i in k:
                theta = theta - lr / len(k) * (X_b[i] @ theta - y[i]) * X_b[i]
            path.append(theta)
    return path


@wrong("bias after weights", returns="pair")
def batch_bias_sees_new_w(X, y, w, b, lr, epochs, batch_size, order):
    for rows in order:
        for k in cut(rows, batch_size):
            w = w - lr * 2 * X[k].T @ (X[k] @ w + b - y[k]) / len(k)
            b = b - lr * 2 * np.mean(X[k] @ w + b - y[k])
    return w, b


@wrong("bias stepped twice", "log_loss", Data(n=23, kind="zero_one"))
def batch_bias_twice(X, y, theta, lr, epochs, batch_size, order):
    X_b = with_ones(X)
    for rows in order:
        for k in cut(rows, batch_size):
            g = X_b[k].T @ (1 / (1 + np.exp(-X_b[k] @ theta)) - y[k]) / len(k)
            theta = theta - lr * g
            theta[0] = theta[0] - lr * g[0]
    return theta


@wrong("l2 on another scale", "half_mse", l2=0.6)
def batch_penalty_over_b(X, y, theta, lr, epochs, batch_size, order, l2):
    X_b = with_ones(X)
    for rows in order:
        for k in cut(rows, batch_size):
            g = X_b[k].T @ (X_b[k] @ theta - y[k])
            g[1:] += l2 * theta[1:]
            theta = theta - lr * g / len(k)
    return theta
