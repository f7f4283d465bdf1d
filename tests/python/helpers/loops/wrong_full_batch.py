"""Wrong loops over all rows at once."""

import math

import numpy as np

from gradwalk import BatchGD
from loops.loop import WRONG, Data, loop


def wrong(expected, loss="mse", data=None, **words):
    return loop(WRONG, expected, BatchGD, loss, data or Data(), **words)


def with_ones(X):
    return np.c_[np.ones(len(X)), X]


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


@wrong({"not divided", "another convention"}, "half_mse", learning_rate=0.01)
def summed_gradient(X, y, theta, learning_rate, epochs):
    X_b = with_ones(X)
    for _ in range(epochs):
        theta = theta - learning_rate * X_b.T @ (X_b @ theta - y)
    return theta


@wrong("not divided", "half_mse", Data(d=1), learning_rate=0.01, returns="pair", losses=True)
def summed_gradient_mean_loss(x, y, w, b, alpha, num_iters):
    costs = []
    for _ in range(num_iters):
        dw, db, cost = 0.0, 0.0, 0.0
        for xi, yi in zip(x[:, 0], y, strict=True):
            e = w[0] * xi + b - yi
            dw += e * xi
            db += e
            cost += e * e / 2
        costs.append(cost / len(y))
        w, b = [w[0] - alpha * dw], b - alpha * db
    return w, b, costs


@wrong("not divided", "log_loss", Data(n=31, kind="zero_one"), returns="path", losses=True)
def logistic_not_divided(X, y, lr, n_iter):
    X_b, t, path, costs = with_ones(X), np.zeros(X.shape[1] + 1), [], []
    for _ in range(n_iter):
        p = sigmoid(X_b.dot(t))
        costs.append(-np.mean(y * np.log(p) + (1 - y) * np.log(1 - p)))
        t = t - lr * X_b.T.dot(p - y)
        path.append(t)
    return path, costs


@wrong("divided twice", data=Data(n=20))
def mean_divided_again(X, y, lr, epochs, theta):
    X_b, m = with_ones(X), len(X)
    for _ in range(epochs):
        g = 2 * np.mean(X_b * (X_b @ theta - y)[:, None], axis=0)
        theta = theta - lr * g / m
    return theta


@wrong("divided by features", data=Data(d=5), learning_rate=0.01, start=True)
def divided_by_columns(X, y, theta, lr, epochs):
    X_b = with_ones(X)
    for _ in range(epochs):
        theta = theta - lr * 2 / X.shape[1] * X_b.T @ (X_b @ theta - y)
    return theta


@wrong("divided by features", "half_mse", Data(d=2), learning_rate=0.01, returns="pair")
def length_of_a_row(X, y, w, b, alpha, iterations):
    m = len(X[0])
    for _ in range(iterations):
        e = X @ w + b - y
        w, b = w - alpha * (X.T @ e) / m, b - alpha * e.sum() / m
    return w, b


@wrong({"factor ½", "another convention"}, data=Data(d=2))
def forgot_the_two(X, y, theta, eta, n_epochs):
    X_b = with_ones(X)
    for _ in range(n_epochs):
        theta = theta - eta / len(y) * X_b.T @ (X_b @ theta - y)
    return theta


@wrong("factor ½", data=Data(d=5), losses=True)
def forgot_the_two_with_its_loss(X, y, theta, eta, n_epochs):
    X_b, history = with_ones(X), []
    for _ in range(n_epochs):
        r = X_b @ theta - y
        history.append((r**2).mean())
        theta = theta - eta * (X_b.T @ r) / len(y)
    return theta, history


@wrong({"factor 2", "another convention"}, "half_mse", Data(d=1), returns="pairs")
def a_two_too_many(X, y, w, b, alpha, num_iters):
    steps, x, w = [], X.ravel().tolist(), float(w[0])
    for _ in range(num_iters):
        e = [w * xi + b - yi for xi, yi in zip(x, y, strict=True)]
        dw = 2 * sum(ei * xi for ei, xi in zip(e, x, strict=True)) / len(x)
        db = 2 * sum(e) / len(x)
        w -= alpha * dw
        b -= alpha * db
        steps.append((w, b))
    return steps


@wrong("factor 2", "log_loss", Data(kind="zero_one"))
def logistic_with_a_two(X, y, theta, lr, epochs):
    X_b = with_ones(X)
    for _ in range(epochs):
        theta = theta - lr * (2 / len(y)) * X_b.T @ (sigmoid(X_b @ theta) - y)
    return theta


@wrong("averaged over coordinates", data=Data(d=5))
def one_mean_for_all(X, y, theta, lr, epochs):
    X_b = with_ones(X)
    for _ in range(epochs):
        theta = theta - lr * 2 * np.mean(X_b * (X_b @ theta - y)[:, None])
    return theta


@wrong("averaged over coordinates", "log_loss", Data(kind="zero_one"), start=True)
def logistic_one_mean(X, y, theta, lr, epochs):
    X_b = with_ones(X)
    for _ in range(epochs):
        g = X_b.T @ (sigmoid(X_b @ theta) - y) / len(y)
        theta = theta - lr * g.mean()
    return theta


@wrong("wrong sign", data=Data(d=2))
def uphill(X, y, theta, lr, epochs):
    X_b = with_ones(X)
    for _ in range(epochs):
        theta = theta + lr * 2 / len(y) * X_b.T @ (X_b @ theta - y)
    return theta.reshape(-1, 1)


@wrong("wrong sign", "log_loss", Data(kind="zero_one"), returns="pair")
def logistic_uphill(X, y, lr, epochs):
    w, b = np.zeros(X.shape[1]), 0.0
    for _ in range(epochs):
        e = y - sigmoid(X @ w + b)
        w, b = w - lr * X.T @ e / len(y), b - lr * e.mean()
    return w, b


@wrong("stale gradient", data=Data(d=2), returns="path")
def gradient_of_before(X, y, theta, lr, epochs):
    X_b, before, path = with_ones(X), theta.copy(), [theta.copy()]
    for _ in range(epochs):
        g = 2 / len(y) * X_b.T @ (X_b @ before - y)
        before = theta
        theta = theta - lr * g
        path.append(theta)
    return np.array(path)


@wrong("stale gradient", "half_mse", Data(d=1), returns="path", start=True)
def residual_computed_at_the_end(X, y, theta, alpha, num_iters):
    X_b, path = with_ones(X), []
    e = X_b @ theta - y
    for _ in range(num_iters):
        new = theta - alpha * X_b.T @ e / len(y)
        e = X_b @ theta - y
        theta = new
        path.append(theta.tolist())
    return path


@wrong("updated within the gradient", "half_mse", Data(d=2), returns="path")
def coordinate_by_coordinate(X, y, theta, lr, epochs):
    X_b, path = with_ones(X), []
    for _ in range(epochs):
        for j in range(len(theta)):
            theta[j] -= lr * np.mean((X_b @ theta - y) * X_b[:, j])
        path.append(theta.copy())
    return path


@wrong("updated within the gradient", "mse", Data(n=11, d=1), returns="pair")
def row_by_row(X, y, w, b, lr, epochs):
    m, w = len(y), w[0]
    for _ in range(epochs):
        for i in range(m):
            e = w * X[i, 0] + b - y[i]
            w -= lr * 2 * e * X[i, 0] / m
            b -= lr * 2 * e / m
    return w, b


@wrong("bias after weights", "log_loss", Data(kind="zero_one"), returns="pair", start=True)
def logistic_bias_with_new_weights(X, y, w, b, alpha, num_iters):
    for _ in range(num_iters):
        w = w - alpha * X.T @ (sigmoid(X @ w + b) - y) / len(y)
        b = b - alpha * np.mean(sigmoid(X @ w + b) - y)
    return w, b


@wrong({"squared error as slope", "loss as slope"}, data=Data(d=2), learning_rate=0.01)
def squared_error_times_x(X, y, theta, lr, epochs):
    X_b = with_ones(X)
    for _ in range(epochs):
        theta = theta - lr / len(y) * X_b.T @ (X_b @ theta - y) ** 2
    return theta


@wrong({"squared error as slope", "loss as slope"}, "half_mse", Data(d=1), learning_rate=0.01)
def half_squared_error_times_x(X, y, theta, lr, epochs):
    X_b = with_ones(X)
    for _ in range(epochs):
        loss = (X_b @ theta - y) ** 2 / 2
        theta = theta - lr * X_b.T @ loss / len(y)
    return theta


@wrong("loss as slope", "log_loss", Data(kind="zero_one"), returns="path")
def log_loss_times_x(X, y, theta, lr, epochs):
    X_b, path = with_ones(X), []
    for _ in range(epochs):
        p = sigmoid(X_b @ theta)
        loss = -(y * np.log(p) + (1 - y) * np.log(1 - p))
        theta = theta - lr * X_b.T @ loss / len(y)
        path.append(theta)
    return path


@wrong("no sigmoid", "log_loss", Data(kind="zero_one"))
def scores_minus_labels(X, y, theta, lr, epochs):
    X_b = with_ones(X)
    for _ in range(epochs):
        theta = theta - lr / len(y) * X_b.T @ (X_b @ theta - y)
    return theta


@wrong("no sigmoid", "log_loss", Data(d=1, kind="zero_one"), returns="pair")
def line_through_labels(X, y, w, b, lr, epochs):
    w = float(w[0])
    for _ in range(epochs):
        dw = db = 0.0
        for (xi,), yi in zip(X.tolist(), y.tolist(), strict=True):
            dw += (w * xi + b - yi) * xi
            db += w * xi + b - yi
        w -= lr * dw / len(y)
        b -= lr * db / len(y)
    return w, b


@wrong("probabilities as scores", "log_loss", Data(kind="zero_one"), start=True)
def sigmoid_twice(X, y, theta, lr, epochs):
    X_b = with_ones(X)
    for _ in range(epochs):
        p = sigmoid(X_b @ theta)
        theta = theta - lr * X_b.T @ (sigmoid(p) - y) / len(y)
    return theta


@wrong("log of another base", "log_loss", Data(kind="zero_one"), losses=True, differs="loss")
def log_to_base_ten(X, y, theta, lr, epochs):
    X_b, costs = with_ones(X), []
    for _ in range(epochs):
        p = sigmoid(X_b @ theta)
        costs.append(-np.mean(y * np.log10(p) + (1 - y) * np.log10(1 - p)))
        theta = theta - lr * X_b.T @ (p - y) / len(y)
    return theta, costs


@wrong(
    "log of another base",
    "log_loss",
    Data(d=1, kind="zero_one"),
    losses=True,
    differs="loss",
    returns="pair",
)
def log_to_base_two(X, y, w, b, lr, epochs):
    w, costs = float(w[0]), []
    for _ in range(epochs):
        p = [1 / (1 + math.exp(-(w * x + b))) for (x,) in X]
        pairs = list(zip(p, y, strict=True))
        costs.append(-sum(math.log2(q if t else 1 - q) for q, t in pairs) / len(y))
        db = sum(q - t for q, t in pairs) / len(y)
        w -= lr * sum((q - t) * x for (q, t), (x,) in zip(pairs, X, strict=True)) / len(y)
        b -= lr * db
    return w, b, costs


@wrong("labels −1 and 1", "log_loss", Data(kind="zero_one"))
def signs_as_labels(X, y, theta, lr, epochs):
    X_b, signs = with_ones(X), np.where(y > 0, 1, -1)
    for _ in range(epochs):
        theta = theta - lr * X_b.T @ (sigmoid(X_b @ theta) - signs) / len(y)
    return theta


@wrong("bias not updated", data=Data(d=2), returns="pair")
def bias_forgotten(X, y, w, b, lr, epochs):
    for _ in range(epochs):
        w = w - lr * 2 / len(y) * X.T @ (X @ w + b - y)
    return w, b


@wrong("bias not updated", "log_loss", Data(d=5, kind="zero_one"), start=True)
def intercept_left_alone(X, y, theta, lr, epochs):
    X_b = with_ones(X)
    for _ in range(epochs):
        g = X_b.T @ (sigmoid(X_b @ theta) - y) / len(y)
        theta[1:] -= lr * g[1:]
    return theta


@wrong("bias stepped twice", "half_mse", Data(d=2))
def intercept_in_both_lines(X, y, theta, alpha, num_iters):
    X_b, m = with_ones(X), len(y)
    for _ in range(num_iters):
        e = X_b @ theta - y
        theta = theta - alpha * X_b.T @ e / m
        theta[0] -= alpha * e.mean()
    return theta


@wrong("bias penalised", data=Data(d=2), l2=0.5)
def penalty_on_all(X, y, theta, lr, epochs, l2):
    X_b = with_ones(X)
    for _ in range(epochs):
        theta = theta - lr * (2 / len(y) * X_b.T @ (X_b @ theta - y) + l2 * theta)
    return theta


@wrong("bias penalised", "log_loss", Data(d=5, kind="zero_one"), l2=0.8, returns="pair", start=True)
def bias_shrunk_too(X, y, w, b, lr, epochs, lambda_):
    for _ in range(epochs):
        e = sigmoid(X @ w + b) - y
        dw, db = X.T @ e / len(y) + lambda_ * w, e.mean() + lambda_ * b
        w, b = w - lr * dw, b - lr * db
    return w, b


@wrong("one epoch too few", data=Data(d=2), returns="path")
def range_from_one(X, y, theta, lr, epochs):
    X_b, path = with_ones(X), [theta]
    for _ in range(1, epochs):
        theta = theta - lr * 2 / len(y) * X_b.T @ (X_b @ theta - y)
        path.append(theta)
    return path


@wrong("one epoch too many", "half_mse", Data(d=1), returns="pair")
def range_plus_one(X, y, w, b, alpha, num_iters):
    for _ in range(num_iters + 1):
        e = X @ w + b - y
        w, b = w - alpha * X.T @ e / len(y), b - alpha * e.mean()
    return w, b


@wrong("first row skipped", data=Data(n=12, d=2))
def rows_from_one(X, y, theta, lr, epochs):
    m = len(y)
    for _ in range(epochs):
        g = np.zeros(len(theta))
        for i in range(1, m):
            row = np.r_[1.0, X[i]]
            g += 2 * (row @ theta - y[i]) * row / m
        theta = theta - lr * g
    return theta
