"""Wrong loops of softmax regression."""

import numpy as np

from gradwalk import SGD, BatchGD, MiniBatchGD
from loops.loop import WRONG, Data, loop


def wrong(expected, method=BatchGD, data=None, **words):
    return loop(
        WRONG, expected, method, "cross_entropy", data or Data(n=25, kind="classes"), **words
    )


def with_ones(X):
    return np.c_[np.ones(len(X)), X]


def softmax(Z, axis=1):
    E = np.exp(Z - Z.max(axis=axis, keepdims=True))
    return E / E.sum(axis=axis, keepdims=True)


@wrong("no softmax")
def raw_scores(X, y, theta, lr, epochs):
    X_b, Y = with_ones(X), np.eye(3)[y]
    for _ in range(epochs):
        theta = theta - lr * X_b.T @ (X_b @ theta - Y) / len(y)
    return theta


@wrong("no softmax", SGD, returns="pair")
def raw_scores_row_by_row(X, y, lr, epochs, order):
    W, b = np.zeros((X.shape[1], 3)), np.zeros(3)
    for rows in order:
        for i in rows:
            e = X[i] @ W + b
            e[y[i]] -= 1
            W, b = W - lr * np.outer(X[i], e), b - lr * e
    return W, b


@wrong("softmax over rows", start=True)
def normalised_downwards(X, y, Theta, lr, epochs):
    X_b, Y = with_ones(X), np.eye(3)[y]
    for _ in range(epochs):
        Theta = Theta - lr * X_b.T @ (softmax(X_b @ Theta, axis=0) - Y) / len(y)
    return Theta


@wrong("softmax over rows", MiniBatchGD, batch_size=6)
def batch_normalised_downwards(X, y, W, lr, epochs, batch_size, order):
    X_b, Y = with_ones(X), np.eye(3)[y]
    for rows in order:
        for i in range(0, len(y), batch_size):
            k = rows[i : i + batch_size]
            E = np.exp(X_b[k] @ W)
            W = W - lr * X_b[k].T @ (E / E.sum(axis=0) - Y[k]) / len(k)
    return W


@wrong("probabilities as scores", start=True)
def softmax_twice(X, y, theta, lr, epochs):
    X_b, Y = with_ones(X), np.eye(3)[y]
    for _ in range(epochs):
        P = softmax(X_b @ theta)
        theta = theta - lr * X_b.T @ (softmax(P) - Y) / len(y)
    return theta


@wrong("divided by classes", data=Data(n=25, d=5, kind="classes"), learning_rate=0.02)
def over_k(X, y, theta, lr, epochs):
    X_b, Y = with_ones(X), np.eye(3)[y]
    for _ in range(epochs):
        theta = theta - lr * X_b.T @ (softmax(X_b @ theta) - Y) / Y.shape[1]
    return theta


@wrong("divided by classes", MiniBatchGD, Data(n=25, d=5, kind="classes"), batch_size=7)
def mean_of_the_classes_too(X, y, theta, lr, epochs, batch_size, order):
    X_b, Y = with_ones(X), np.eye(3)[y]
    for rows in order:
        for i in range(0, len(y), batch_size):
            k = rows[i : i + batch_size]
            D = (softmax(X_b[k] @ theta) - Y[k]) / Y[k].size
            theta = theta - lr * X_b[k].T @ D
    return theta


@wrong(
    {"not divided", "another convention"},
    data=Data(n=25, d=5, kind="classes"),
    learning_rate=0.02,
)
def softmax_sum(X, y, theta, lr, epochs):
    X_b, Y = with_ones(X), np.eye(3)[y]
    for _ in range(epochs):
        theta = theta - lr * X_b.T @ (softmax(X_b @ theta) - Y)
    return theta.T


@wrong("log of another base", losses=True, differs="loss")
def cross_entropy_in_bits(X, y, theta, lr, epochs):
    X_b, Y, losses = with_ones(X), np.eye(3)[y], []
    for _ in range(epochs):
        P = softmax(X_b @ theta)
        losses.append(-np.log2(P[np.arange(len(y)), y]).mean())
        theta = theta - lr * X_b.T @ (P - Y) / len(y)
    return theta, losses


@wrong("bias not updated", returns="pair")
def softmax_bias_forgotten(X, y, lr, epochs):
    W, b, Y = np.zeros((X.shape[1], 3)), np.zeros(3), np.eye(3)[y]
    for _ in range(epochs):
        W = W - lr * X.T @ (softmax(X @ W + b) - Y) / len(y)
    return W.T, b


@wrong("wrong sign", SGD, learning_rate=0.05)
def softmax_uphill(X, y, theta, lr, epochs, order):
    for rows in order:
        for i in rows:
            x = np.r_[1, X[i]]
            p = softmax(x @ theta, axis=0)
            p[y[i]] -= 1
            theta = theta + lr * x[:, None] * p
    return theta


@wrong("bias penalised", l2=0.7, start=True)
def softmax_penalty_on_all(X, y, theta, lr, epochs, l2):
    X_b, Y = with_ones(X), np.eye(3)[y]
    for _ in range(epochs):
        theta = theta - lr * (X_b.T @ (softmax(X_b @ theta) - Y) / len(y) + l2 * theta)
    return theta
