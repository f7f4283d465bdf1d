"""Wrong loops over one row at a time."""

import math

import numpy as np

from gradwalk import SGD
from loops.loop import WRONG, Data, loop


def wrong(expected, loss="mse", data=None, **words):
    words.setdefault("learning_rate", 0.03)
    words.setdefault("epochs", 4)
    return loop(WRONG, expected, SGD, loss, data or Data(n=17), **words)


@wrong("divided by n", returns="path")
def each_row_over_n(X, y, theta, lr, epochs, order):
    path = [theta]
    for rows in order:
        for i in rows:
            x = np.append(1, X[i])
            theta = theta - lr * 2 * (x @ theta - y[i]) * x / len(y)
            path.append(theta)
    return path


@wrong("divided by n", "log_loss", Data(n=13, d=1, kind="zero_one"), returns="pair")
def each_row_over_m(X, y, w, b, lr, epochs, order):
    m, w = len(y), float(w[0])
    for rows in order:
        for i in rows:
            p = 1 / (1 + math.exp(-(w * X[i, 0] + b)))
            w, b = w - lr * (p - y[i]) * X[i, 0] / m, b - lr * (p - y[i]) / m
    return w, b


@wrong({"factor ½", "another convention"}, data=Data(n=17, d=5))
def no_two_row_by_row(X, y, w, b, eta, n_epochs, order):
    for rows in order:
        for i in rows:
            e = X[i] @ w + b - y[i]
            w = w - eta * e * X[i]
            b = b - eta * e
    return [b, *w]


@wrong("wrong sign", "half_mse", Data(n=17, d=1), returns="pair")
def plus_the_gradient(x, y, w, b, alpha, epochs, order):
    w = float(w[0])
    for rows in order:
        for i in rows:
            e = w * x[i][0] + b - y[i]
            w += alpha * e * x[i][0]
            b += alpha * e
    return w, b


@wrong("wrong sign", "hinge", Data(n=17, kind="zero_one"), start=True)
def away_from_the_margin(X, y, theta, lr, epochs, order):
    t = 2 * y - 1
    for rows in order:
        for i in rows:
            x = np.r_[1, X[i]]
            if t[i] * (x @ theta) < 1:
                theta = theta - lr * t[i] * x
    return theta


@wrong("stale gradient", "half_mse", returns="path")
def slope_at_the_last_theta(X, y, theta, lr, epochs, order):
    before, path = theta, []
    for rows in order:
        for i in rows:
            x = np.r_[1, X[i]]
            g = (x @ before - y[i]) * x
            before, theta = theta, theta - lr * g
            path.append(theta)
    return np.array(path)


@wrong("stale gradient", returns="path")
def theta_of_the_epochs_start_row(X, y, theta, lr, epochs, order):
    old, path = theta.copy(), [theta.copy()]
    for rows in order:
        for i in rows:
            x = np.r_[1, X[i]]
            slope = 2 * (sum(a * c for a, c in zip(x, old, strict=True)) - y[i])
            old = theta.copy()
            theta -= lr * slope * x
            path.append(theta.copy())
    return path


@wrong("bias after weights", data=Data(n=17, d=2), returns="pair")
def bias_sees_the_new_w(X, y, w, b, lr, epochs, order):
    for rows in order:
        for i in rows:
            w = w - lr * 2 * (X[i] @ w + b - y[i]) * X[i]
            b = b - lr * 2 * (X[i] @ w + b - y[i])
    return w, b


@wrong("updated within the gradient", "half_mse", Data(n=17, d=5), returns="path")
def coordinates_in_turn(X, y, theta, lr, epochs, order):
    X_b, path = np.c_[np.ones(len(X)), X], []
    for rows in order:
        for i in rows:
            for j in range(X_b.shape[1]):
                theta[j] -= lr * (X_b[i] @ theta - y[i]) * X_b[i, j]
            path.append(theta.copy())
    return path


@wrong({"squared error as slope", "loss as slope"}, learning_rate=0.002)
def squared_error_row_by_row(X, y, theta, lr, epochs, order):
    for rows in order:
        for i in rows:
            x = np.r_[1, X[i]]
            theta = theta - lr * (x @ theta - y[i]) ** 2 * x
    return theta


@wrong("no sigmoid", "log_loss", Data(n=17, d=2, kind="zero_one"), returns="pair")
def no_sigmoid_row_by_row(X, y, w, b, lr, epochs, order):
    for rows in order:
        for i in rows:
            e = X[i] @ w + b - y[i]
            w, b = w - lr * e * X[i], b - lr * e
    return w, b


@wrong("labels −1 and 1", "log_loss", Data(n=17, d=1, kind="zero_one"), returns="pair")
def signs_row_by_row(X, y, w, b, lr, epochs, order):
    w = float(w[0])
    for rows in order:
        for i in rows:
            p = 1 / (1 + math.exp(-(w * X[i, 0] + b)))
            label = 1 if y[i] == 1 else -1
            w, b = w - lr * (p - label) * X[i, 0], b - lr * (p - label)
    return w, b


@wrong("bias not updated", "half_mse", returns="pair")
def no_step_of_the_bias(X, y, w, b, lr, epochs, order):
    for rows in order:
        for i in rows:
            w = w - lr * (X[i] @ w + b - y[i]) * X[i]
    return w, b


@wrong("bias stepped twice", returns="pair")
def two_steps_of_the_bias(X, y, w, b, lr, epochs, order):
    for rows in order:
        for i in rows:
            e = 2 * (X[i] @ w + b - y[i])
            w, b = w - lr * e * X[i], b - lr * e
            b -= lr * e
    return w, b


@wrong("bias penalised", "half_mse", l2=0.3)
def penalty_on_the_whole_theta(X, y, theta, lr, epochs, order, reg):
    for rows in order:
        for i in rows:
            x = np.r_[1, X[i]]
            theta = theta - lr * ((x @ theta - y[i]) * x + reg * theta)
    return theta


@wrong("probabilities as scores", "log_loss", Data(n=17, kind="zero_one"), returns="path")
def squashed_twice(X, y, theta, lr, epochs, order):
    path = []
    for rows in order:
        for i in rows:
            x = np.r_[1, X[i]]
            p = 1 / (1 + np.exp(-(x @ theta)))
            p = 1 / (1 + np.exp(-p))
            theta = theta - lr * (p - y[i]) * x
            path.append(theta)
    return path
