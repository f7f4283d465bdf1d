"""Wrong loops whose mistake is in what they keep, in their numbers or in the loss they report."""

import numpy as np

from gradwalk import SGD, BatchGD, MiniBatchGD, rules, schedules
from loops.loop import WRONG, Data, loop


def wrong(expected, method=BatchGD, loss="mse", data=None, **words):
    return loop(WRONG, expected, method, loss, data or Data(), **words)


def with_ones(X):
    return np.c_[np.ones(len(X)), X]


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


@wrong("gradient not reset", returns="path", learning_rate=0.02)
def gradient_adds_up(X, y, theta, lr, epochs):
    X_b, g, path = with_ones(X), np.zeros(len(theta)), []
    for _ in range(epochs):
        g += 2 / len(y) * X_b.T @ (X_b @ theta - y)
        theta = theta - lr * g
        path.append(theta)
    return path


@wrong("gradient not reset", MiniBatchGD, "half_mse", batch_size=5, learning_rate=0.01)
def sums_outside_the_loop(X, y, theta, lr, epochs, batch_size, order):
    X_b, g = with_ones(X), 0.0
    for e in range(epochs):
        for i in range(0, len(y), batch_size):
            k = order[e][i : i + batch_size]
            g = g + X_b[k].T @ (X_b[k] @ theta - y[k]) / len(k)
            theta = theta - lr * g
    return theta


@wrong("gradient not reset in an epoch", MiniBatchGD, batch_size=6, learning_rate=0.02)
def reset_each_epoch_alone(X, y, theta, lr, epochs, batch_size, order):
    X_b = with_ones(X)
    for rows in order:
        g = np.zeros(len(theta))
        for i in range(0, len(y), batch_size):
            k = rows[i : i + batch_size]
            g += 2 * X_b[k].T @ (X_b[k] @ theta - y[k]) / len(k)
            theta = theta - lr * g
    return theta


@wrong("gradient not reset in an epoch", SGD, "log_loss", Data(n=9, kind="zero_one"))
def stochastic_reset_each_epoch(X, y, w, b, lr, epochs, order):
    for e in range(epochs):
        dw, db = np.zeros(len(w)), 0.0
        for i in order[e]:
            p = sigmoid(X[i] @ w + b)
            dw, db = dw + (p - y[i]) * X[i], db + (p - y[i])
            w, b = w - lr * dw, b - lr * db
    return np.r_[b, w]


@wrong(
    "schedule restarted",
    MiniBatchGD,
    batch_size=5,
    learning_rate=schedules.InverseScaling(0.1, 0.5),
    returns="path",
)
def batches_as_t(X, y, theta, learning_rate, epochs, batch_size, order):
    X_b, path = with_ones(X), []
    for e in range(epochs):
        for t, i in enumerate(range(0, len(y), batch_size)):
            k = order[e][i : i + batch_size]
            g = 2 / len(k) * X_b[k].T @ (X_b[k] @ theta - y[k])
            theta = theta - learning_rate(t) * g
            path.append(theta)
    return path


@wrong("schedule restarted", SGD, "half_mse", Data(n=14), learning_rate=lambda t: 1 / (t + 10))
def row_number_as_t(X, y, theta, eta, n_epochs, order):
    X_b = with_ones(X)
    for rows in order:
        for t in range(len(y)):
            i = rows[t]
            theta = theta - eta(t) * (X_b[i] @ theta - y[i]) * X_b[i]
    return theta


@wrong("schedule off by one", learning_rate=lambda t: 0.3 / (1 + t), returns="path")
def t_from_one(X, y, theta, learning_rate, epochs):
    X_b, path = with_ones(X), [theta]
    for t in range(1, epochs + 1):
        theta = theta - learning_rate(t) * 2 / len(y) * X_b.T @ (X_b @ theta - y)
        path.append(theta)
    return path


@wrong(
    "schedule off by one",
    SGD,
    "log_loss",
    Data(n=12, kind="zero_one"),
    learning_rate=schedules.Exponential(0.3, 0.9),
)
def stochastic_t_from_one(X, y, theta, learning_rate, epochs, order):
    X_b = with_ones(X)
    for t, i in enumerate(np.ravel(order), start=1):
        theta = theta - learning_rate(t) * (sigmoid(X_b[i] @ theta) - y[i]) * X_b[i]
    return theta


@wrong(
    "epoch never fires",
    MiniBatchGD,
    data=Data(n=23),
    batch_size=5,
    epochs=4,
    losses=True,
    differs="loss",
)
def a_float_of_updates_an_epoch(X, y, theta, lr, epochs, batch_size, order):
    X_b, n, losses, step = with_ones(X), len(y), [], 0
    for rows in order:
        for i in range(0, n, batch_size):
            k = rows[i : i + batch_size]
            r = X_b[k] @ theta - y[k]
            theta = theta - lr * 2 / len(k) * X_b[k].T @ r
            step += 1
            if step % (n / batch_size) == 0:
                losses.append(((X_b @ theta - y) ** 2).mean())
    return theta, losses


@wrong({"epoch never fires", "shuffled once"}, MiniBatchGD, data=Data(n=22), batch_size=5, epochs=4)
def a_shuffle_that_never_comes(X, y, theta, lr, epochs, batch_size, order):
    X_b, n, e = with_ones(X), len(y), 0
    per_epoch = n / batch_size
    per_walk = epochs * -(-n // batch_size)
    i = 0
    for step in range(per_walk):
        if step and step % per_epoch == 0:
            e += 1
        k = order[e][i : i + batch_size]
        theta = theta - lr * 2 / len(k) * X_b[k].T @ (X_b[k] @ theta - y[k])
        i = i + batch_size if i + batch_size < n else 0
    return theta


@wrong("truncated to integers", learning_rate=0.3)
def an_array_of_whole_numbers(X, y, lr, epochs):
    X_b = with_ones(X)
    theta = np.array([0] * X_b.shape[1])
    for _ in range(epochs):
        g = 2 / len(y) * X_b.T @ (X_b @ theta - y)
        for j in range(len(theta)):
            theta[j] = theta[j] - lr * g[j]
    return theta


@wrong("truncated to integers", SGD, "half_mse", Data(n=15, d=1), learning_rate=0.5, returns="pair")
def int_of_the_step(X, y, w, b, lr, epochs, order):
    w, b = int(w[0]), int(b)
    for rows in order:
        for i in rows:
            e = w * X[i, 0] + b - y[i]
            w, b = int(w - lr * e * X[i, 0]), int(b - lr * e)
    return w, b


@wrong("column against row", data=Data(d=1), returns="pair")
def one_column_against_a_row(X, y, lr, epochs):
    w, b = 0.0, 0.0
    for _ in range(epochs):
        r = w * X + b - y
        w, b = w - lr * 2 * (X * r).mean(), b - lr * 2 * r.mean()
    return w, b


@wrong("column against row", BatchGD, "log_loss", Data(d=2, kind="zero_one"))
def a_column_of_probabilities(X, y, lr, epochs):
    X_b = with_ones(X)
    theta = np.zeros((X_b.shape[1], 1))
    for _ in range(epochs):
        error = sigmoid(X_b @ theta) - y
        theta = theta - lr * (X_b.T @ error).mean(axis=1, keepdims=True) / len(y)
    return theta


@wrong("l2 on another scale", data=Data(d=2), l2=0.6)
def penalty_with_a_two(X, y, theta, lr, epochs, l2):
    X_b = with_ones(X)
    for _ in range(epochs):
        g = 2 / len(y) * X_b.T @ (X_b @ theta - y)
        g[1:] += 2 * l2 * theta[1:]
        theta = theta - lr * g
    return theta


@wrong(
    "l2 on another scale",
    BatchGD,
    "log_loss",
    Data(d=5, kind="zero_one"),
    l2=1.5,
    returns="pair",
    start=True,
)
def penalty_over_m(X, y, w, b, lr, epochs, lam):
    m = len(y)
    for _ in range(epochs):
        e = sigmoid(X @ w + b) - y
        w, b = w - lr * (X.T @ e / m + lam / m * w), b - lr * e.mean()
    return w, b


@wrong("loss on another scale", losses=True, differs="loss")
def half_of_the_loss(X, y, theta, lr, epochs):
    X_b, m, costs = with_ones(X), len(y), []
    for _ in range(epochs):
        r = X_b @ theta - y
        costs.append(r @ r / (2 * m))
        theta = theta - lr * 2 / m * X_b.T @ r
    return theta, costs


@wrong(
    "loss on another scale",
    BatchGD,
    "half_mse",
    Data(d=1),
    losses=True,
    differs="loss",
    returns="pair",
)
def half_times_m(X, y, w, b, alpha, num_iters):
    m, costs = len(y), []
    for _ in range(num_iters):
        e = X @ w + b - y
        costs.append((1 / 2 * m) * np.sum(e**2))
        w, b = w - alpha * X.T @ e / m, b - alpha * e.mean()
    return w, b, costs


@wrong(
    "loss on another scale",
    BatchGD,
    "log_loss",
    Data(kind="zero_one"),
    losses=True,
    differs="loss",
    returns="path",
)
def sum_of_the_log_loss(X, y, theta, lr, epochs):
    X_b, costs, path = with_ones(X), [], []
    for _ in range(epochs):
        p = sigmoid(X_b @ theta)
        costs.append(-np.sum(y * np.log(p) + (1 - y) * np.log(1 - p)))
        theta = theta - lr * X_b.T @ (p - y) / len(y)
        path.append(theta)
    return np.array(path), costs


@wrong(
    "rate above the limit",
    data=Data(d=1),
    learning_rate=40.0,
    epochs=400,
    returns="pair",
    differs="raises",
)
def a_right_loop_that_overflows(X, y, w, b, lr, epochs):
    x, t, w = X[:, 0].tolist(), y.tolist(), float(w[0])
    for _ in range(epochs):
        e = [w * xi + b - yi for xi, yi in zip(x, t, strict=True)]
        if sum(ei**2 for ei in e) / len(e) < 1e-12:
            break
        w -= lr * 2 * sum(ei * xi for ei, xi in zip(e, x, strict=True)) / len(x)
        b -= lr * 2 * sum(e) / len(x)
    return w, b


@wrong(
    "stale gradient",
    BatchGD,
    rule=rules.Momentum(0.8),
    start=True,
    returns="path",
    learning_rate=0.05,
)
def velocity_of_the_update_before(X, y, theta, lr, epochs, beta):
    X_b, v, g, path = with_ones(X), np.zeros(len(theta)), None, []
    for _ in range(epochs):
        new = 2 / len(y) * X_b.T @ (X_b @ theta - y)
        v = beta * v + (new if g is None else g)
        g = new
        theta = theta - lr * v
        path.append(theta)
    return path
