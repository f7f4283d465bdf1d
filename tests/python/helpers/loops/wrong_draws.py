"""Wrong loops whose mistake is in which rows they take."""
# ruff: noqa: NPY002 - students draw from NumPy's global generator

import random

import numpy as np

from gradwalk import SGD, MiniBatchGD
from loops.loop import WRONG, Data, loop


def wrong(expected, method=SGD, loss="mse", data=None, **words):
    words.setdefault("learning_rate", 0.03)
    words.setdefault("epochs", 4)
    return loop(WRONG, expected, method, loss, data or Data(n=17), **words)


def with_ones(X):
    return np.c_[np.ones(len(X)), X]


def step(X_b, y, theta, k, lr):
    return theta - lr * 2 / len(k) * X_b[k].T @ (X_b[k] @ theta - y[k])


@wrong("not shuffled", returns="path")
def rows_as_they_lie(X, y, theta, lr, epochs, order):
    path = []
    for _ in range(epochs):
        for xi, yi in zip(with_ones(X), y, strict=True):
            theta = theta - lr * 2 * (xi @ theta - yi) * xi
            path.append(theta)
    return path


@wrong("not shuffled", MiniBatchGD, batch_size=5, differs="rows")
def batches_as_they_lie(X, y, theta, lr, epochs, batch_size, rng=None):
    for _ in range(epochs):
        for i in range(0, len(y), batch_size):
            A = with_ones(X[i : i + batch_size])
            theta = theta - lr * 2 / len(A) * A.T @ (A @ theta - y[i : i + batch_size])
    return theta


@wrong("shuffled once", returns="path")
def first_order_again(X, y, theta, lr, epochs, order):
    path, X_b = [theta], with_ones(X)
    for _ in range(epochs):
        for i in order[0]:
            theta = step(X_b, y, theta, [i], lr)
            path.append(theta)
    return path


@wrong("shuffled once", MiniBatchGD, batch_size=4, differs="rows", returns="pair")
def shuffled_before_the_loop(X, y, w, b, lr, epochs, batch_size, rng):
    p = rng.permutation(len(y))
    X, y = X[p], y[p]
    for _ in range(epochs):
        for i in range(0, len(y), batch_size):
            A, t = X[i : i + batch_size], y[i : i + batch_size]
            e = A @ w + b - t
            w, b = w - lr * 2 * A.T @ e / len(t), b - lr * 2 * e.mean()
    return w, b


@wrong("X and y shuffled apart", differs="rows", returns="path")
def two_shuffles(X, y, theta, lr, epochs, rng):
    path = []
    for _ in range(epochs):
        A, t = rng.permutation(with_ones(X)), rng.permutation(y)
        for xi, yi in zip(A, t, strict=True):
            theta = theta - lr * 2 * (xi @ theta - yi) * xi
            path.append(theta)
    return path


@wrong("X and y shuffled apart", MiniBatchGD, "half_mse", Data(n=18), batch_size=6, returns="path")
def y_stays_behind(X, y, theta, lr, epochs, batch_size, order):
    X_b, path = with_ones(X), []
    for rows in order:
        A = X_b[rows]
        for i in range(0, len(y), batch_size):
            a, t = A[i : i + batch_size], y[i : i + batch_size]
            theta = theta - lr / len(t) * a.T @ (a @ theta - t)
            path.append(theta)
    return path


@wrong("with replacement", differs="rows", returns="path")
def a_random_row_each_time(X, y, theta, lr, epochs, rng):
    X_b, path = with_ones(X), []
    for _ in range(epochs):
        for _ in range(len(y)):
            i = rng.integers(len(y))
            x, t = X[i], y[i]
            theta = theta - lr * 2 * (theta[0] + x @ theta[1:] - t) * X_b[i]
            path.append(theta)
    return path


@wrong("with replacement", MiniBatchGD, data=Data(n=20), batch_size=5, differs="rows")
def choice_of_a_batch(X, y, theta, lr, epochs, batch_size):
    for _ in range(epochs * (len(y) // batch_size)):
        k = np.random.choice(len(y), batch_size)
        A, t = with_ones(X[k]), y[k]
        theta = theta - lr * 2 / len(k) * A.T @ (A @ theta - t)
    return theta


@wrong("with replacement", differs="rows", returns="pair", data=Data(n=16, d=1))
def random_randrange(X, y, w, b, lr, epochs, seed):
    draw, w = random.Random(seed), float(w[0])
    for _ in range(epochs * len(y)):
        i = draw.randrange(len(y))
        e = w * X[i, 0] + b - y[i]
        w, b = w - lr * 2 * e * X[i, 0], b - lr * 2 * e
    return w, b


@wrong("last batch dropped", MiniBatchGD, batch_size=5, returns="path")
def whole_batches_alone(X, y, theta, lr, epochs, batch_size, order):
    X_b, path = with_ones(X), []
    for rows in order:
        for j in range(len(y) // batch_size):
            theta = step(X_b, y, theta, rows[j * batch_size : (j + 1) * batch_size], lr)
            path.append(theta)
    return path


@wrong("last batch dropped", MiniBatchGD, data=Data(n=22, d=5), batch_size=4)
def stops_before_the_end(X, y, theta, lr, epochs, minibatch_size, order):
    X_b = with_ones(X)
    for e in range(epochs):
        for i in range(0, len(y) - minibatch_size, minibatch_size):
            theta = step(X_b, y, theta, order[e, i : i + minibatch_size], lr)
    return theta


@wrong("rows carried over", MiniBatchGD, batch_size=5, returns="path")
def left_overs_wait(X, y, theta, lr, epochs, batch_size, order):
    X_b, waiting, path = with_ones(X), [], []
    for rows in order:
        waiting.extend(rows)
        while len(waiting) >= batch_size:
            k, waiting = waiting[:batch_size], waiting[batch_size:]
            theta = step(X_b, y, theta, k, lr)
            path.append(theta)
    return path


@wrong("rows carried over", MiniBatchGD, data=Data(n=19), batch_size=8, returns="path")
def one_long_stream(X, y, theta, lr, epochs, batch_size, order):
    X_b, stream, path = with_ones(X), np.concatenate(list(order)), []
    for i in range(0, len(stream), batch_size):
        theta = step(X_b, y, theta, stream[i : i + batch_size], lr)
        path.append(theta)
    return path


@wrong("first row skipped", returns="path")
def from_the_second_draw(X, y, theta, lr, epochs, order):
    X_b, path = with_ones(X), []
    for rows in order:
        for j in range(1, len(rows)):
            theta = step(X_b, y, theta, rows[j : j + 1], lr)
            path.append(theta)
    return path


@wrong("one epoch too few", returns="path")
def an_epoch_short(X, y, theta, lr, epochs, order):
    X_b, path = with_ones(X), []
    for e in range(epochs - 1):
        for i in order[e]:
            theta = step(X_b, y, theta, [i], lr)
            path.append(theta)
    return path


@wrong("one epoch too many", SGD, differs="rows", returns="path")
def an_epoch_long(X, y, theta, lr, epochs, rng):
    X_b, path, e = with_ones(X), [], 0
    while e <= epochs:
        for i in rng.permutation(len(y)):
            theta = step(X_b, y, theta, [i], lr)
            path.append(theta)
        e += 1
    return path
