"""Right loops, a function for each style, entered for several problems."""
# ruff: noqa: NPY002 - students draw from NumPy's global generator

import math

import numpy as np

from gradwalk import SGD, BatchGD, MiniBatchGD, rules
from loops.loop import RIGHT, Data, loop

ONE, TWO, FIVE = Data(n=23, d=1), Data(n=23, d=2), Data(n=31, d=5)
LABELS, LABELS_ONE = Data(n=23, d=2, kind="zero_one"), Data(n=19, d=1, kind="zero_one")
CLASSES = Data(n=25, d=2, kind="classes")


def right(method, loss, *problems, **words):
    def enter(student):
        for data in problems:
            loop(RIGHT, "", method, loss, data, **words)(student)
        return student

    return enter


def with_ones(X):
    return np.c_[np.ones(len(X)), X]


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def softmax(Z):
    E = np.exp(Z - Z.max(axis=-1, keepdims=True))
    return E / E.sum(axis=-1, keepdims=True)


def cut(rows, size):
    return [rows[i : i + size] for i in range(0, len(rows), size)]


@right(BatchGD, "mse", ONE, TWO, FIVE)
@right(BatchGD, "mse", TWO, learning_rate=1.5)  # above the limit, as gradwalk then is
def normal(X, y, theta, learning_rate, epochs):
    X_b = with_ones(X)
    for _ in range(epochs):
        theta = theta - learning_rate * 2 / len(y) * X_b.T @ (X_b @ theta - y)
    return theta


@right(BatchGD, "mse", Data(ones=True), Data(n=31, d=5, ones=True), fit_intercept=False)
def ones_are_there(X_b, y, eta, n_epochs):
    theta, m = np.zeros((X_b.shape[1], 1)), len(X_b)
    for _ in range(n_epochs):
        theta = theta - eta * 2 / m * X_b.T.dot(X_b.dot(theta) - y.reshape(-1, 1))
    return theta


@right(BatchGD, "half_mse", ONE, TWO, FIVE, returns="pair", losses=True)
def by_rows_with_costs(X, y, w_in, b_in, alpha, num_iters):
    w, b, m, costs = list(w_in), b_in, len(y), []
    for _ in range(num_iters):
        dw, db, cost = [0.0] * len(w), 0.0, 0.0
        for x, t in zip(X.tolist(), y.tolist(), strict=True):
            e = sum(a * c for a, c in zip(w, x, strict=True)) + b - t
            cost += e * e / (2 * m)
            db += e / m
            dw = [g + e * c / m for g, c in zip(dw, x, strict=True)]
        costs.append(cost)
        w, b = [a - alpha * g for a, g in zip(w, dw, strict=True)], b - alpha * db
    return w, b, costs


@right(BatchGD, "mse", ONE, TWO, FIVE, start=True, float32=True)
def single_precision(X, y, theta, lr, epochs):
    A, t, theta = with_ones(X).astype("f"), y.astype("f"), theta.astype("f")
    for _ in range(epochs):
        theta = theta - np.float32(lr * 2 / len(t)) * (A.T @ (A @ theta - t))
    return theta


@right(BatchGD, "half_mse", ONE, TWO, FIVE, returns="path", start=True)
def sums_backwards(X, y, theta, lr, epochs):
    X_b, path = with_ones(X), []
    for _ in range(epochs):
        e = X_b @ theta - y
        g = [math.fsum(X_b[::-1, j] * e[::-1]) / len(y) for j in range(len(theta))]
        theta = theta - lr * np.array(g)
        path.append(theta)
    return path


@right(BatchGD, "mse", ONE, TWO, FIVE, returns="pairs")
def pairs_of_each_update(X, y, w, b, lr, epochs):
    steps = [(w.copy(), b)]
    for _ in range(epochs):
        e = X @ w + b - y
        w, b = w - lr * 2 * (e[:, None] * X).mean(0), b - lr * 2 * e.mean()
        steps.append((w, b))
    return steps


@right(BatchGD, "mse", TWO, FIVE, learning_rate=0.1 / 23)
def sum_at_a_smaller_rate(X, y, theta, lr, epochs):
    X_b, rate = with_ones(X), lr / len(y)
    for _ in range(epochs):
        theta = theta - rate * 2 * X_b.T @ (X_b @ theta - y)
    return theta


@right(BatchGD, "log_loss", LABELS, LABELS_ONE, returns="path", losses=True)
def logistic_path_and_losses(X, y, theta, lr, max_iter):
    X_b, path, losses = with_ones(X), [theta], []
    for _ in range(max_iter):
        p = np.clip(sigmoid(X_b @ theta), 1e-15, 1 - 1e-15)
        losses.append(-np.mean(y * np.log(p) + (1 - y) * np.log(1 - p)))
        theta = theta - lr * ((p - y) @ X_b) / len(y)
        path.append(theta)
    return np.array(path), losses


@right(BatchGD, "log_loss", LABELS, Data(n=31, d=5, kind="zero_one"), l2=0.7, returns="pair")
def logistic_penalty(X, y, w, b, lr, epochs, lam):
    for _ in range(epochs):
        e = sigmoid(X @ w + b) - y
        w, b = w * (1 - lr * lam) - lr * X.T @ e / len(y), b - lr * np.mean(e)
    return w, b


@right(BatchGD, "log_loss", LABELS, LABELS_ONE, Data(n=31, d=5, kind="zero_one"), start=True)
def signs_with_their_own_slope(X, y, theta, lr, epochs):
    A, s = with_ones(X), 2 * y - 1
    for _ in range(epochs):
        theta = theta + lr * A.T @ (s * sigmoid(-s * (A @ theta))) / len(s)
    return theta


@right(BatchGD, "mse", TWO, FIVE, rule=rules.Momentum(0.9), learning_rate=0.02)
def momentum_rate_inside(X, y, theta, lr, epochs, momentum):
    A, v = with_ones(X), 0
    for _ in range(epochs):
        v = momentum * v - lr * 2 * A.T @ (A @ theta - y) / len(y)
        theta = theta + v
    return theta


@right(BatchGD, "half_mse", TWO, rule=rules.Momentum(0.8), learning_rate=0.05)
def momentum_of_means_rescaled(X, y, theta, lr, epochs, beta):
    A, v = with_ones(X), 0
    for _ in range(epochs):
        v = beta * v + (1 - beta) * A.T @ (A @ theta - y) / len(y)
        theta = theta - lr / (1 - beta) * v
    return theta


@right(BatchGD, "cross_entropy", CLASSES, Data(n=30, d=5, kind="classes"), losses=True)
def softmax_matrix(X, y, theta, lr, epochs):
    A, Y, losses = with_ones(X), np.eye(3)[y], []
    for _ in range(epochs):
        P = softmax(A @ theta)
        losses.append(-np.sum(Y * np.log(P)) / len(y))
        theta = theta - lr * A.T @ (P - Y) / len(y)
    return theta, losses


@right(BatchGD, "cross_entropy", CLASSES, returns="pair")
def softmax_classes_first(X, y, lr, epochs):
    W, b = np.zeros((3, X.shape[1])), np.zeros(3)
    for _ in range(epochs):
        P = softmax(X @ W.T + b)
        P[np.arange(len(y)), y] -= 1
        W, b = W - lr * P.T @ X / len(y), b - lr * P.mean(axis=0)
    return W, b


@right(SGD, "mse", ONE, TWO, FIVE, learning_rate=0.02, returns="path")
def row_after_row(X, y, theta, lr, epochs, order):
    A, path = with_ones(X), []
    for rows in order:
        for i in rows:
            theta = theta - lr * 2 * (A[i] @ theta - y[i]) * A[i]
            path.append(theta)
    return path


@right(SGD, "half_mse", ONE, TWO, FIVE, learning_rate=0.02, returns="pair", losses=True)
def python_rows(X, y, w, b, lr, epochs, order):
    w, losses = [float(v) for v in w], []
    for rows in order:
        total = 0.0
        for i in rows:
            e = sum(a * c for a, c in zip(w, X[i], strict=True)) + b - y[i]
            total += e * e / 2
            w, b = [a - lr * e * c for a, c in zip(w, X[i], strict=True)], b - lr * e
        losses.append(total / len(y))
    return w, b, losses


@right(SGD, "mse", ONE, TWO, learning_rate=0.02, returns="path", draws="permutation")
def draws_with_rng(X, y, theta, lr, epochs, rng):
    path = []
    for _ in range(epochs):
        for i in rng.permutation(len(y)):
            x = np.append(1, X[i])
            theta = theta - lr * 2 * (x @ theta - y[i]) * x
        path.append(theta)
    return path


@right(SGD, "log_loss", LABELS, LABELS_ONE, draws="shuffle on")
def draws_with_numpy(X, y, theta, lr, epochs):
    rows = np.arange(len(y))
    for _ in range(epochs):
        np.random.shuffle(rows)
        for i in rows:
            x = np.append(1, X[i])
            theta = theta - lr * (sigmoid(x @ theta) - y[i]) * x
    return theta


@right(SGD, "mse", TWO, sampling="replace", learning_rate=0.02, draws="randint")
def replacement_as_asked(X, y, theta, lr, epochs):
    for _ in range(epochs):
        for _ in range(len(y)):
            i = np.random.randint(len(y))
            x = np.append(1, X[i])
            theta = theta - lr * 2 * (x @ theta - y[i]) * x
    return theta


@right(SGD, "mse", TWO, FIVE, sampling="sequential", learning_rate=0.02, draws="sequential")
def sequence_as_asked(X, y, theta, lr, epochs, rng=None):
    for _ in range(epochs):
        for x, t in zip(with_ones(X), y, strict=True):
            theta = theta - lr * 2 * (x @ theta - t) * x
    return theta.tolist()


# (d + 1, K) is not square, or nobody could tell θ from its transpose
@right(SGD, "cross_entropy", Data(n=30, d=5, kind="classes"), Data(n=25, d=1, kind="classes"))
def softmax_rows(X, y, W, lr, epochs, order):
    for rows in order:
        for i in rows:
            x = np.append(1, X[i])
            p = softmax(x @ W)
            p[y[i]] -= 1
            W = W - lr * np.outer(x, p)
    return W.T


@right(SGD, "half_mse", TWO, learning_rate=lambda t: 1 / (t + 20), returns="path")
def schedule_counts_updates(X, y, theta, eta, epochs, order):
    A, t, path = with_ones(X), 0, []
    for rows in order:
        for i in rows:
            theta = theta - eta(t) * (A[i] @ theta - y[i]) * A[i]
            t += 1
        path.append(theta)
    return path


@right(MiniBatchGD, "mse", ONE, TWO, FIVE, batch_size=5, returns="path", losses=True)
def batches_of_order(X, y, theta, lr, epochs, batch_size, order):
    A, path, losses = with_ones(X), [theta], []
    for rows in order:
        for k in cut(rows, batch_size):
            r = A[k] @ theta - y[k]
            losses.append((r**2).mean())
            theta = theta - lr * 2 / len(k) * A[k].T @ r
            path.append(theta)
    return path, losses


@right(MiniBatchGD, "half_mse", ONE, TWO, FIVE, batch_size=4, returns="pair", losses=True)
def batches_loss_after_epoch(X, y, w, b, lr, epochs, minibatch_size, order):
    losses = []
    for rows in order:
        A, t = X[rows], y[rows]
        for i in range(0, len(t), minibatch_size):
            e = A[i : i + minibatch_size] @ w + b - t[i : i + minibatch_size]
            w, b = w - lr * A[i : i + minibatch_size].T @ e / len(e), b - lr * e.mean()
        losses.append(np.mean((X @ w + b - y) ** 2) / 2)
    return w, b, losses


@right(MiniBatchGD, "log_loss", LABELS, LABELS_ONE, batch_size=6, draws="permutation")
def batches_with_seed(X, y, theta, lr, epochs, batch_size, seed):
    rng, A = np.random.default_rng(seed), with_ones(X)
    for _ in range(epochs):
        for k in cut(rng.permutation(len(y)), batch_size):
            theta = theta - lr * A[k].T @ (sigmoid(A[k] @ theta) - y[k]) / len(k)
    return theta


@right(MiniBatchGD, "cross_entropy", CLASSES, Data(n=31, d=5, kind="classes"), batch_size=7)
def softmax_batches(X, y, theta, lr, epochs, batch_size, order):
    A, Y = with_ones(X), np.eye(3)[y]
    for rows in order:
        for k in cut(rows, batch_size):
            theta = theta - lr * A[k].T @ (softmax(A[k] @ theta) - Y[k]) / len(k)
    return theta


@right(MiniBatchGD, "mse", TWO, FIVE, batch_size=5, drop_last=True)
def dropped_as_asked(X, y, theta, lr, epochs, batch_size, order):
    A = with_ones(X)
    for rows in order:
        for j in range(len(y) // batch_size):
            k = rows[j * batch_size : (j + 1) * batch_size]
            theta = theta - lr * 2 / len(k) * A[k].T @ (A[k] @ theta - y[k])
    return theta


@right(MiniBatchGD, "mse", TWO, FIVE, batch_size=5, float32=True, returns="pair")
def batches_single_precision(X, y, lr, epochs, batch_size, order):
    X, y = X.astype("f"), y.astype("f")
    w, b = np.zeros(X.shape[1], "f"), np.float32(0)
    for rows in order:
        for k in cut(rows, batch_size):
            e = X[k] @ w + b - y[k]
            w, b = w - np.float32(2 * lr) * (X[k].T @ e / len(k)), b - np.float32(2 * lr) * e.mean()
    return w, b
