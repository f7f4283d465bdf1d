"""Loops that were written before the hypotheses were read, and told something new."""

import os
import sys
from itertools import pairwise

import numpy as np

from gradwalk import SGD, BatchGD, MiniBatchGD, rules
from loops.loop import CONVENTIONS, HOSTILE, RIGHT, WRONG, Data, loop


def with_ones(X):
    return np.c_[np.ones(len(X)), X]


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def softmax(Z):
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    return E / E.sum(axis=1, keepdims=True)


CLASSES = Data(n=26, d=3, kind="classes")
LABELS = Data(n=29, d=3, kind="zero_one")


@loop(WRONG, "another factor", BatchGD, "half_mse", Data())
def sample_variance_divisor(X, y, theta, alpha, num_iters):
    A = with_ones(X)
    for _ in range(num_iters):
        theta = theta - alpha / (len(y) - 1) * A.T @ (A @ theta - y)
    return theta


@loop(WRONG, "another factor", MiniBatchGD, "mse", Data(n=28), batch_size=6, returns="pair")
def rate_of_its_own(X, y, w, b, epochs, batch_size, order):
    for rows in order:
        for k in range(0, len(rows), batch_size):
            i = rows[k : k + batch_size]
            e = X[i] @ w + b - y[i]
            w = w - 0.003 * 2 * X[i].T @ e / len(i)
            b = b - 0.003 * 2 * e.mean()
    return w, b


@loop(
    WRONG, "another factor", MiniBatchGD, "mse", Data(n=28), batch_size=6, l2=0.3, returns="path"
)  # fmt: skip
def halved_and_divided_again(X, y, theta, lr, epochs, batch_size, order, lam):
    A, path = with_ones(X), []
    for rows in order:
        for k in range(0, len(rows), batch_size):
            i = rows[k : k + batch_size]
            g = A[i].T @ (A[i] @ theta - y[i]) / (2 * len(i)) + lam * np.r_[0, theta[1:]]
            theta = theta - lr * g
            path.append(theta)
    return path


@loop(WRONG, "divided by classes", BatchGD, "cross_entropy", CLASSES, returns="pair")
def as_many_classes_as_features(X, y, w, b, lr, epochs):
    Y = np.eye(3)[y]
    for _ in range(epochs):
        G = (softmax(X @ w + b) - Y) / Y.shape[1]
        w, b = w - lr * X.T @ G, b - lr * G.sum(axis=0)
    return w, b


@loop(WRONG, "wrong sign", SGD, "mse", Data(), learning_rate=0.02, returns="pair")
def bias_alone_goes_uphill(X, y, w, b, lr, epochs, order):
    for rows in order:
        for i in rows:
            e = y[i] - X[i] @ w - b
            w, b = w + lr * 2 * e * X[i], b - lr * 2 * e
    return w, b


@loop(WRONG, "divided by n", MiniBatchGD, "log_loss", LABELS, batch_size=6, returns="pairs")
def weights_alone_divided_by_all_rows(X, y, w, b, lr, epochs, batch_size, order):
    path = []
    for rows in order:
        for k in range(0, len(rows), batch_size):
            i = rows[k : k + batch_size]
            d = sigmoid(X[i] @ w + b) - y[i]
            w, b = w - lr * X[i].T @ d / len(X), b - lr * d.mean()
            path.append((w, b))
    return path


@loop(WRONG, "labels −1 and 1", BatchGD, "log_loss", LABELS, returns="pair")
def margins_of_zeros(X, y, w, b, lr, epochs):
    for _ in range(epochs):
        c = -y / (1 + np.exp(y * (X @ w + b)))
        w, b = w - lr * X.T @ c / len(y), b - lr * c.mean()
    return w, b


@loop(WRONG, "column against row", MiniBatchGD, "log_loss", LABELS, batch_size=6)
def columns_summed_for_w_averaged_for_b(X, y, lr, epochs, batch_size, order):
    w, b = np.zeros((X.shape[1], 1)), 0.0
    for rows in order:
        for k in range(0, len(rows), batch_size):
            i = rows[k : k + batch_size]
            d = sigmoid(X[i] @ w + b) - y[i]
            w = w - lr * (X[i].T @ d).sum(axis=1, keepdims=True) / len(i)
            b = b - lr * d.mean()
    return np.r_[b, w[:, 0]]


@loop(
    WRONG, "loss on another scale", MiniBatchGD, "cross_entropy", CLASSES,
    batch_size=8, losses=True, returns="pair", differs="loss",
)  # fmt: skip
def losses_summed_over_short_batches(X, y, w, b, lr, epochs, batch_size, order):
    losses = []
    for rows in order:
        for k in range(0, len(rows), batch_size):
            i = rows[k : k + batch_size]
            P = softmax(X[i] @ w + b)
            losses.append(-np.log(P[np.arange(len(i)), y[i]]).sum())
            P[np.arange(len(i)), y[i]] -= 1
            w, b = w - lr * X[i].T @ P / len(i), b - lr * P.mean(axis=0)
    return w, b, losses


@loop(WRONG, "loss as slope", BatchGD, "poisson", Data(kind="counts"), learning_rate=0.05)
def likelihood_as_slope(X, y, theta, lr, epochs):
    A = with_ones(X)
    for _ in range(epochs):
        z = A @ theta
        theta = theta - lr * A.T @ (np.exp(z) - y * z) / len(y)
    return theta


@loop(WRONG, "l2 on another scale", BatchGD, "log_loss", LABELS, l2=0.4)
def a_third_of_the_penalty(X, y, theta, lr, epochs, lam):
    A = with_ones(X)
    for _ in range(epochs):
        g = A.T @ (sigmoid(A @ theta) - y) / len(y)
        g[1:] += lam / 3 * theta[1:]
        theta = theta - lr * g
    return theta


@loop(WRONG, "rows carried over", MiniBatchGD, "mse", Data(n=28), batch_size=6)
def one_stream_to_its_end(X, y, theta, lr, epochs, batch_size, order):
    A, stream = with_ones(X), np.concatenate(list(order))
    for k in range(0, len(stream), batch_size):
        i = stream[k : k + batch_size]
        theta = theta - lr * 2 / len(i) * A[i].T @ (A[i] @ theta - y[i])
    return theta


@loop(
    WRONG,
    "truncated to integers",
    MiniBatchGD,
    "half_mse",
    Data(),
    batch_size=6,
    learning_rate=0.4,
    returns="pair",
)
def whole_weights_beside_a_bias(X, y, lr, epochs, batch_size, order):
    w, b = np.array([0] * X.shape[1]), 0.0
    for rows in order:
        for k in range(0, len(rows), batch_size):
            i = rows[k : k + batch_size]
            e = X[i] @ w + b - y[i]
            w[:] = w - lr * X[i].T @ e / len(i)
            b = b - lr * e.mean()
    return w, b


@loop(CONVENTIONS, "another convention", BatchGD, "mse", Data(), rule=rules.Nesterov(0.8))
def position_and_not_the_point_ahead(X, y, theta, lr, epochs, momentum):
    A, v = with_ones(X), 0
    for _ in range(epochs):
        v = momentum * v - lr * 2 / len(y) * A.T @ (A @ (theta + momentum * v) - y)
        theta = theta + v
    return theta


@loop(RIGHT, "", BatchGD, "mse", Data())
def number_of_epochs_not_heeded(X, y, lr, n_iters=6):
    A, theta = with_ones(X), np.zeros(3)
    for _ in range(6):
        theta = theta - lr * 2 / len(y) * A.T @ (A @ theta - y)
    return theta


@loop(RIGHT, "", BatchGD, "half_mse", Data(d=1), returns="path")
def intercept_and_slope_in_tuples(X, y, eta, epochs):
    a, c, path = 0.0, 0.0, []
    for _ in range(epochs):
        e = c * X[:, 0] + a - y
        a, c = a - eta * e.mean(), c - eta * (e * X[:, 0]).mean()
        path.append((a, c))
    return path


@loop(RIGHT, "", MiniBatchGD, "mse", Data(n=28), batch_size=6, returns="pair")
def batches_from_a_function(X, y, lr, num_iterations, batch_size, order):
    def batches(rows):
        cuts = [*range(0, len(rows), batch_size), len(rows)]
        yield from ((X[rows[a:b]], y[rows[a:b]]) for a, b in pairwise(cuts))

    w, b = np.zeros(X.shape[1]), 0.0
    for rows in order:
        for x, t in batches(rows):
            e = np.einsum("ij,j->i", x, w) + b - t
            w -= lr * 2 * np.einsum("ij,i->j", x, e) / len(t)
            b -= lr * 2 * e.mean()
    return w, b


def hostile(expected):
    return loop(HOSTILE, expected, BatchGD, "mse", Data())


@hostile("column against row")
def columns_for_the_rows(X, y, lr, epochs):
    A, theta = with_ones(X), np.zeros((3, 1))
    for _ in range(epochs):
        theta = theta - lr * 2 / len(y) * A.T @ (A @ theta - y)
    return theta


@hostile("raises")
def leaves_without_a_word(X, y, lr, epochs):
    os._exit(0)


@hostile("raises")
def array_that_is_none(X, y, lr, epochs):
    class Odd:
        def __array__(self, *_, **__):
            raise RuntimeError("no numbers")

    return Odd()


@hostile("no result")
def numbers_beyond_floats(X, y, lr, epochs):
    return [10**400] * 3


@hostile("")
def closes_its_output(X, y, theta, lr, epochs):
    print("goodbye")
    sys.stdout.close()
    return number_of_epochs_not_heeded(X, y, lr)
