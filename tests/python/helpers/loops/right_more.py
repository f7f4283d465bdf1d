"""More right loops, a style each."""

from functools import reduce

import numpy as np

from gradwalk import SGD, BatchGD, MiniBatchGD, rules, schedules
from loops.loop import RIGHT, Data, loop


def right(method, loss="mse", data=None, **words):
    return loop(RIGHT, "", method, loss, data or Data(n=23), **words)


def with_ones(X):
    return np.c_[np.ones(len(X)), X]


@right(BatchGD)
def with_einsum(X, y, theta, lr, epochs):
    A = with_ones(X)
    for _ in range(epochs):
        g = np.einsum("ij,i->j", A, np.einsum("ij,j->i", A, theta) - y)
        theta = theta - lr * 2 * g / len(y)
    return theta


@right(BatchGD)
def normal_matrices_made_once(X, y, theta, lr, epochs):
    A = with_ones(X)
    H, c = A.T @ A / len(y), A.T @ y / len(y)
    for _ in range(epochs):
        theta = theta - 2 * lr * (H @ theta - c)
    return theta


@right(BatchGD)
def step_in_a_nested_function(X, y, theta, lr, epochs):
    A = with_ones(X)

    def step(t, _):
        return t - lr * 2 * np.mean(A * (A @ t - y)[:, None], axis=0)

    return reduce(step, range(epochs), theta)


@right(BatchGD, "half_mse")
def in_place_on_theta(X, y, params, lr, epochs):
    A = with_ones(X)
    for _ in range(epochs):
        params -= lr * (A.T @ (A @ params - y)) / len(y)
    return params


@right(BatchGD, returns="path")
def one_growing_array(X, y, theta, lr, epochs):
    A, path = with_ones(X), np.empty((epochs + 1, X.shape[1] + 1))
    path[0] = theta
    for t in range(epochs):
        path[t + 1] = path[t] - lr * 2 / len(y) * A.T @ (A @ path[t] - y)
    return path


@right(BatchGD, "half_mse", losses=True)
def loss_after_each_update(X, y, theta, lr, epochs):
    A, losses = with_ones(X), []
    for _ in range(epochs):
        theta = theta - lr * A.T @ (A @ theta - y) / len(y)
        losses.append(((A @ theta - y) ** 2).sum() / (2 * len(y)))
    return theta, losses


@right(BatchGD, l2=0.4)
def penalty_with_a_mask(X, y, theta, lr, epochs, reg):
    A, mask = with_ones(X), np.r_[0, np.ones(X.shape[1])]
    for _ in range(epochs):
        theta = theta - lr * (2 / len(y) * A.T @ (A @ theta - y) + reg * mask * theta)
    return theta


@right(BatchGD, learning_rate=schedules.Exponential(0.1, 0.8), returns="path")
def a_falling_rate(X, y, theta, learning_rate, epochs):
    A, path = with_ones(X), []
    for t in range(epochs):
        theta = theta - learning_rate(t) * 2 / len(y) * A.T @ (A @ theta - y)
        path.append(theta)
    return path


@right(BatchGD, "log_loss", Data(kind="zero_one"))
def sigmoid_by_tanh(X, y, theta, lr, epochs):
    A = with_ones(X)
    for _ in range(epochs):
        theta = theta - lr * A.T @ (0.5 + 0.5 * np.tanh(A @ theta / 2) - y) / len(y)
    return theta


@right(BatchGD, rule=rules.AdaGrad(1e-8), start=True)
def adagrad(X, y, theta, lr, epochs):
    A, G = with_ones(X), np.zeros(X.shape[1] + 1)
    for _ in range(epochs):
        g = 2 / len(y) * A.T @ (A @ theta - y)
        G += g**2
        theta = theta - lr * g / (np.sqrt(G) + 1e-8)
    return theta


@right(SGD, learning_rate=0.02)
def a_while_loop(X, y, w, b, lr, epochs, order):
    e = 0
    while e < epochs:
        for x, t in zip(X[order[e]], y[order[e]], strict=True):
            r = 2 * (np.dot(x, w) + b - t)
            w, b = w - lr * r * x, b - lr * r
        e += 1
    return np.concatenate([[b], w])


@right(SGD, "hinge", Data(n=17, kind="zero_one"), start=True)
def hinge_rows(X, y, theta, lr, epochs, order):
    A, s = with_ones(X), np.where(y == 1, 1, -1)
    for i in np.concatenate(list(order)):
        if s[i] * (A[i] @ theta) < 1:
            theta = theta + lr * s[i] * A[i]
    return theta


@right(SGD, "half_mse", rule=rules.Momentum(0.5), learning_rate=0.02)
def momentum_rows(X, y, theta, lr, epochs, order, beta):
    A, v = with_ones(X), 0
    for rows in order:
        for i in rows:
            v = beta * v + (A[i] @ theta - y[i]) * A[i]
            theta = theta - lr * v
    return theta


@right(MiniBatchGD, batch_size=5, returns="path")
def array_split_by_hand(X, y, theta, lr, epochs, batch_size, order):
    A, path = with_ones(X), []
    for rows in order:
        for k in np.split(rows, range(batch_size, len(y), batch_size)):
            theta = theta - lr * 2 * np.average(A[k] * (A[k] @ theta - y[k])[:, None], axis=0)
        path.append(theta)
    return path


@right(MiniBatchGD, batch_size=5, learning_rate=0.02, l2=0.3, returns="pairs")
def generator_of_batches(X, y, w, b, lr, epochs, batch_size, order, l2):
    def batches():
        for rows in order:
            for i in range(0, len(rows), batch_size):
                k = rows[i : i + batch_size]
                yield X[k], y[k]

    steps = []
    for A, t in batches():
        r = 2 * (A @ w + b - t) / len(t)
        w, b = w - lr * (r @ A + l2 * w), b - lr * r.sum()
        steps.append((w.tolist(), float(b)))
    return steps


@right(
    MiniBatchGD, data=Data(n=28), batch_size=6, l1=0.3, l1_step="subgradient", returns="path"
)  # fmt: skip
def lasso_by_sign(X, y, theta, lr, epochs, batch_size, order):
    path = []
    for rows in order:
        for k in range(0, len(rows), batch_size):
            i = rows[k : k + batch_size]
            A = np.c_[np.ones(len(i)), X[i]]
            g = 2 / len(i) * A.T @ (A @ theta - y[i])
            theta = theta - lr * (g + 0.3 * np.sign(theta) * [0, 1, 1])
            path.append(theta)
    return path
