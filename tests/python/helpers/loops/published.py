"""Defects of published teaching code, in our own words: each before and after it was mended.

The source names the repository and the issue or pull request where the defect was told.
"""

import numpy as np

from gradwalk import SGD, BatchGD, MiniBatchGD
from loops.loop import PUBLISHED_AFTER, PUBLISHED_BEFORE, Data, bound, loop


def published(source, expected, method, loss, data=None, after=None, **words):
    """Enter both states of a student that takes `mended`; `after` are words of the second alone."""

    def enter(student):
        for group, names, mended in (
            (PUBLISHED_BEFORE, expected, False),
            (PUBLISHED_AFTER, "", True),
        ):
            more = {**words, **(after or {})} if mended else words
            function = bound(student, student.__name__, mended=mended)
            loop(group, names, method, loss, data or Data(), source=source, **more)(function)
        return student

    return enter


def with_ones(X):
    return np.c_[np.ones(len(X)), X]


def cut(rows, size):
    return [rows[i : i + size] for i in range(0, len(rows), size)]


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


@published("trekhleb/homemade-machine-learning #17", "bias stepped twice", BatchGD, "half_mse")
def intercept_in_its_own_line_too(X, y, theta, alpha, num_iters, *, mended):
    A = with_ones(X)
    for _ in range(num_iters):
        e = A @ theta - y
        theta = theta - alpha * A.T @ e / len(y)
        if not mended:
            theta[0] -= alpha * e.sum() / len(y)
    return theta


@published(
    "trekhleb/homemade-machine-learning PR #63", "bias penalised", BatchGD, "half_mse", l2=0.5
)
def comment_says_not_penalised(X, y, theta, alpha, num_iters, lambda_, *, mended):
    A = with_ones(X)
    for _ in range(num_iters):
        shrunk = theta * (1 - alpha * lambda_)
        if mended:
            shrunk[0] = theta[0]
        theta = shrunk - alpha / len(y) * A.T @ (A @ theta - y)
    return theta


@published(
    "trekhleb/homemade-machine-learning #57",
    "loss on another scale",
    BatchGD,
    "half_mse",
    losses=True,
    differs="loss",
)
def half_times_m_or_over(X, y, theta, alpha, num_iters, *, mended):
    A, m, costs = with_ones(X), len(y), []
    for _ in range(num_iters):
        e = A @ theta - y
        costs.append((1 / (2 * m) if mended else 1 / 2 * m) * (e @ e))
        theta = theta - alpha / m * A.T @ e
    return theta, costs


@published(
    "eriklindernoren/ML-From-Scratch #38",
    "not divided",
    BatchGD,
    "half_mse",
    losses=True,
    learning_rate=0.01,
)
def mean_loss_and_summed_gradient(X, y, theta, lr, n_iterations, *, mended):
    A, errors = with_ones(X), []
    for _ in range(n_iterations):
        e = y - A @ theta
        errors.append(np.mean(0.5 * e**2))
        theta = theta + lr * e @ A / (len(y) if mended else 1)
    return theta, errors


@published(
    "eriklindernoren/ML-From-Scratch #38, a proposed mend",
    "averaged over coordinates",
    BatchGD,
    "half_mse",
)
def mean_without_axis(X, y, theta, lr, n_iterations, *, mended):
    A = with_ones(X)
    for _ in range(n_iterations):
        terms = (A @ theta - y)[:, None] * A
        theta = theta - lr * (terms.mean(axis=0) if mended else np.mean(terms))
    return theta


@published(
    "ageron/handson-ml3 PR #192",
    "schedule restarted",
    MiniBatchGD,
    "mse",
    batch_size=5,
    learning_rate=lambda t: 2 / (t + 20),
    returns="path",
)
def iteration_as_t(X, y, theta, learning_rate, n_epochs, minibatch_size, order, *, mended):
    A, t, path = with_ones(X), 0, []
    for rows in order:
        for iteration, k in enumerate(cut(rows, minibatch_size)):
            g = 2 / len(k) * A[k].T @ (A[k] @ theta - y[k])
            theta = theta - learning_rate(t if mended else iteration) * g
            t += 1
            path.append(theta)
    return path


def batch_steps(X, y, theta, lr, order, size, divide, losses=None):
    A, path = with_ones(X), []
    for rows in order:
        for k in cut(rows, size):
            theta = theta - lr * 2 * A[k].T @ (A[k] @ theta - y[k]) / divide(len(k))
            path.append(theta)
    return path


@published(
    "ageron/handson-ml #73",
    {"not divided", "another convention"},
    MiniBatchGD,
    "mse",
    batch_size=5,
    returns="path",
    learning_rate=0.01,
)
def size_missing(X, y, theta, eta, n_epochs, minibatch_size, order, *, mended):
    return batch_steps(X, y, theta, eta, order, minibatch_size, lambda b: b if mended else 1)


@published(
    "d2l-ai/d2l-en PR #1000", "divided twice", MiniBatchGD, "mse", batch_size=5, returns="path"
)
def mean_then_over_b(X, y, theta, lr, num_epochs, batch_size, order, *, mended):
    return batch_steps(X, y, theta, lr, order, batch_size, lambda b: b if mended else b * b)


@published(
    "patrickloeber/pytorchTutorial PR #10",
    {"not divided", "another convention"},
    BatchGD,
    "mse",
    Data(d=1),
    returns="pair",
    learning_rate=0.01,
)
def mean_of_a_dot(X, y, w, b, lr, n_iter, *, mended):
    for _ in range(n_iter):
        e = X @ w + b - y
        g = np.dot(2 * X.T, e)
        db = 2 * e.sum()
        w, b = (
            (w - lr * g / len(y), b - lr * db / len(y))
            if mended
            else (w - lr * g.mean(), b - lr * db)
        )
    return w, b


@published("Open-Deep-ML #54", {"factor ½", "another convention"}, BatchGD, "mse")
def one_over_n(X, y, theta, lr, epochs, *, mended):
    A = with_ones(X)
    for _ in range(epochs):
        theta = theta - lr * (2 if mended else 1) / len(y) * A.T @ (A @ theta - y)
    return theta


@published(
    "aymericdamien/TensorFlow-Examples #253",
    "divided by classes",
    BatchGD,
    "cross_entropy",
    Data(n=25, d=5, kind="classes"),
    learning_rate=0.02,
)
def over_the_classes(X, y, W, lr, epochs, *, mended):
    A, Y = with_ones(X), np.eye(3)[y]
    for _ in range(epochs):
        E = np.exp(A @ W)
        D = E / E.sum(axis=1, keepdims=True) - Y
        W = W - lr * A.T @ D / (len(y) if mended else Y.shape[1])
    return W


@published(
    "Stack Overflow 17784587",
    "divided by features",
    BatchGD,
    "half_mse",
    Data(d=5),
    learning_rate=0.01,
)
def m_is_the_columns(X, y, theta, alpha, num_iters, *, mended):
    A = with_ones(X)
    m = X.shape[0 if mended else 1]
    for _ in range(num_iters):
        theta = theta - alpha / m * A.T @ (A @ theta - y)
    return theta


@published(
    "Stack Overflow 56052457",
    {"squared error as slope", "loss as slope"},
    BatchGD,
    "half_mse",
    Data(d=1),
    learning_rate=0.01,
)
def square_in_the_slope(X, y, theta, lr, epochs, *, mended):
    A = with_ones(X)
    for _ in range(epochs):
        e = A @ theta - y
        theta = theta - lr * A.T @ (e if mended else e**2) / len(y)
    return theta


@published(
    "Stack Overflow 56052457", "gradient not reset", BatchGD, "half_mse", Data(d=1), returns="path"
)
def sums_never_cleared(X, y, theta, lr, epochs, *, mended):
    A, g, path = with_ones(X), np.zeros(2), []
    for _ in range(epochs):
        g = (0 if mended else g) + A.T @ (A @ theta - y) / len(y)
        theta = theta - lr * g
        path.append(theta)
    return path


@published(
    "nlintz/TensorFlow-Tutorials PR #49; Lasagne/Lasagne PR #683",
    "last batch dropped",
    MiniBatchGD,
    "mse",
    batch_size=5,
    returns="path",
)
def zip_of_two_ranges(X, y, theta, lr, epochs, batch_size, order, *, mended):
    A, n, path = with_ones(X), len(y), []
    for rows in order:
        for i in range(0, n if mended else n - batch_size + 1, batch_size):
            k = rows[i : i + batch_size]
            theta = theta - lr * 2 / len(k) * A[k].T @ (A[k] @ theta - y[k])
            path.append(theta)
    return path


@published(
    "WegraLee/deep-learning-from-scratch, common/trainer.py",
    "with replacement",
    MiniBatchGD,
    "mse",
    Data(n=20),
    batch_size=5,
    differs="rows",
    returns="path",
    draws="permutation",
)
def choice_while_counting_epochs(X, y, theta, lr, epochs, batch_size, rng, *, mended):
    path = []
    for _ in range(epochs):
        rows = rng.permutation(len(y)) if mended else rng.choice(len(y), len(y))
        for k in cut(rows, batch_size):
            A, t = with_ones(X[k]), y[k]
            theta = theta - lr * 2 / len(k) * A.T @ (A @ theta - t)
            path.append(theta)
    return path


@published(
    "WegraLee/deep-learning-from-scratch, common/trainer.py",
    "epoch never fires",
    MiniBatchGD,
    "mse",
    batch_size=5,
    losses=True,
    differs="loss",
)
def a_float_epoch(X, y, theta, lr, epochs, batch_size, order, *, mended):
    A, n, losses, i = with_ones(X), len(y), [], 0
    per_epoch = -(-n // batch_size) if mended else n / batch_size
    for rows in order:
        for k in cut(rows, batch_size):
            theta = theta - lr * 2 / len(k) * A[k].T @ (A[k] @ theta - y[k])
            i += 1
            if i % per_epoch == 0:
                losses.append(((A @ theta - y) ** 2).mean())
    return theta, losses


@published(
    "tensorflow/playground", "rows carried over", MiniBatchGD, "mse", batch_size=5, returns="path"
)
def left_over_rows(X, y, theta, lr, epochs, batch_size, order, *, mended):
    A, g, m, path = with_ones(X), 0, 0, []
    for rows in order:
        for j, i in enumerate(rows):
            g, m = g + 2 * (A[i] @ theta - y[i]) * A[i], m + 1
            if m == batch_size or (mended and j == len(rows) - 1):
                theta, g, m = theta - lr * g / m, 0, 0
                path.append(theta)
    return path


@published("tensorflow/playground", "shuffled once", SGD, "mse", learning_rate=0.02, returns="path")
def shuffled_when_made(X, y, theta, lr, epochs, order, *, mended):
    A, path = with_ones(X), []
    for e in range(epochs):
        for i in order[e if mended else 0]:
            theta = theta - lr * 2 * (A[i] @ theta - y[i]) * A[i]
            path.append(theta)
    return path


@published(
    "rasbt/mlxtend, linear_regression.py",
    {"not divided", "another convention"},
    MiniBatchGD,
    "half_mse",
    batch_size=5,
    learning_rate=0.01,
)
def step_of_a_sum(X, y, w, b, eta, epochs, minibatch_size, order, *, mended):
    for rows in order:
        for k in cut(rows, minibatch_size):
            e = y[k] - X[k] @ w - b
            rate = eta / len(k) if mended else eta
            w, b = w + rate * X[k].T @ e, b + rate * e.sum()
    return np.r_[b, w]
