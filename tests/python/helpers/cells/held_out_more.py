"""Cells of a second set that was written after what the first showed had been mended."""

import random
from functools import partial

import numpy as np

from .cell import HELD_OUT, binary, cell, classes, column, line, lists, table

held_out = partial(cell, HELD_OUT)


def rows_in_lists():
    """Three features in a list of lists."""
    held = table()
    return {"random": random, "X": held["X"].tolist(), "y": held["y"].tolist()}


def single_precision():
    """Three features in float32."""
    held = table()
    return {name: a.astype(np.float32) if name != "np" else a for name, a in held.items()}


def fitted_before():
    """The same cell was run once already."""
    return line() | {"w": 1.3, "b": 0.2, "error": 0.1, "costs": [3.0, 2.0], "y_hat": np.ones(40)}


def with_prediction():
    """A prediction and a cost of an earlier cell."""

    def predict(X, w, b):
        return X @ w + b

    def cost(y_hat, y):
        return np.mean((y_hat - y) ** 2)

    return table() | {"predict": predict, "cost": cost}


held_out(
    "rows_of_lists_drawn_at_random",
    rows_in_lists,
    """
random.seed(0)
weights = [0.0 for _ in range(len(X[0]))]
bias = 0.0
alpha = 0.01
for epoch in range(12):
    order = list(range(len(X)))
    random.shuffle(order)
    for i in order:
        y_hat = sum(w_j * x_j for w_j, x_j in zip(weights, X[i])) + bias
        diff = y_hat - y[i]
        weights = [w_j - alpha * diff * x_j for w_j, x_j in zip(weights, X[i])]
        bias = bias - alpha * diff
""",
    loss="half_mse",
)

held_out(
    "single_precision",
    single_precision,
    """
w = np.zeros(3, dtype=np.float32)
b = np.float32(0)
lr = np.float32(0.1)
for epoch in range(40):
    e = X @ w + b - y
    w -= lr * np.float32(2) / np.float32(len(y)) * (X.T @ e)
    b -= lr * np.float32(2) * e.mean()
""",
    loss="mse",
)

held_out(
    "run_a_second_time",
    fitted_before,
    """
# keep training
lr = 0.03
for epoch in range(60):
    y_hat = w * x + b
    error = y_hat - y
    costs.append((error ** 2).mean() / 2)
    w -= lr * (error * x).mean()
    b -= lr * error.mean()
""",
    loss="half_mse",
)

held_out(
    "predictions_from_a_function",
    with_prediction,
    """
w = np.zeros(3)
b = 0
lr = 0.08
hist = []
for i in range(60):
    y_hat = predict(X, w, b)
    hist.append(cost(y_hat, y))
    grad_w = (2 / len(X)) * X.T @ (y_hat - y)
    grad_b = (2 / len(X)) * np.sum(y_hat - y)
    w = w - lr * grad_w
    b = b - lr * grad_b
""",
    loss="mse",
)

held_out(
    "new_names_for_the_next",
    line,
    """
w_old, b_old = 0.0, 0.0
step_size = 0.05
max_iter = 100
for n in range(max_iter):
    r = w_old * x + b_old - y
    w_new = w_old - step_size * np.mean(r * x)
    b_new = b_old - step_size * np.mean(r)
    if abs(w_new - w_old) < 1e-7 and abs(b_new - b_old) < 1e-7:
        break
    w_old, b_old = w_new, b_new
""",
    loss="half_mse",
)

held_out(
    "velocity_that_is_a_mean",
    table,
    """
W = np.zeros((3, 1)); B = 0.0
Y = y[:, None]
vW, vB = 0, 0
beta, alpha = 0.9, 0.1
for i in range(120):
    Z = X @ W + B
    dW = X.T @ (Z - Y) / len(X)
    dB = np.mean(Z - Y)
    vW = beta * vW + (1 - beta) * dW
    vB = beta * vB + (1 - beta) * dB
    W = W - alpha * vW
    B = B - alpha * vB
""",
    loss="half_mse",
)

held_out(
    "root_of_squares",
    table,
    """
A = np.c_[X, np.ones(len(X))]
p = np.zeros(4)
s = np.zeros(4)
rho, lr = 0.9, 0.01
for i in range(100):
    g = A.T @ (A @ p - y) * (2 / len(y))
    s = rho * s + (1 - rho) * g * g
    p -= lr * g / (np.sqrt(s) + 1e-8)
""",
    loss="mse",
)

held_out(
    "batches_by_a_generator",
    table,
    """
W = np.zeros(3)
b = 0.0
lr = 0.05
batch_size = 15
rng = np.random.RandomState(1)
for epoch in range(10):
    idx = rng.permutation(len(y))
    for rows in np.array_split(idx, 4):
        err = X[rows] @ W + b - y[rows]
        W -= lr * 2 * X[rows].T @ err / rows.size
        b -= lr * 2 * err.mean()
""",
    loss="mse",
)

held_out(
    "softmax_batches",
    classes,
    """
n_class = 3
T = np.zeros((y.size, n_class)); T[np.arange(y.size), y] = 1
W = np.random.normal(0, 0.01, (n_class, 2))
bias = np.zeros(n_class)
for ep in range(8):
    perm = np.random.permutation(y.size)
    for s in range(0, y.size, 30):
        ix = perm[s:s+30]
        a = X[ix] @ W.T + bias
        a = a - a.max(axis=1, keepdims=True)
        p = np.exp(a) / np.exp(a).sum(axis=1, keepdims=True)
        delta = (p - T[ix]) / len(ix)
        W -= 0.5 * delta.T @ X[ix]
        bias -= 0.5 * delta.sum(axis=0)
""",
    loss="cross_entropy",
)

held_out(
    "halved_when_it_rises",
    column,
    """
Phi = np.concatenate([X, np.ones_like(X)], axis=1)
beta_hat = np.zeros((2, 1))
gamma = 0.2
last = np.inf
for k in range(60):
    resid = Phi @ beta_hat - y
    now = (resid.T @ resid).item() / len(y)
    if now > last:
        gamma = gamma / 2
    last = now
    beta_hat = beta_hat - gamma * 2 / len(y) * Phi.T @ resid
""",
    loss="mse",
)

held_out(
    "penalty_as_decay",
    table,
    """
w = np.zeros(3); b = 0.0
eta, lmbda = 0.1, 0.2
for t in range(90):
    e = X.dot(w) + b - y
    w = (1 - eta * lmbda) * w - eta * X.T.dot(e) / len(y)
    b = b - eta * e.mean()
""",
    loss="half_mse",
)

held_out(
    "absolute_errors",
    line,
    """
w, b = 0.0, 0.0
lr = 0.01
for _ in range(80):
    r = w * x + b - y
    w -= lr * np.mean(np.sign(r) * x)
    b -= lr * np.mean(np.sign(r))
""",
    loss="mae",
)

held_out(
    "logistic_in_plain_python",
    binary,
    """
import math
Xl, yl = X.tolist(), y.tolist()
w = [0.0, 0.0]; b = 0.0; lr = 0.1
for epoch in range(15):
    gw = [0.0, 0.0]; gb = 0.0
    loss = 0.0
    for xi, t in zip(Xl, yl):
        z = sum(a * c for a, c in zip(w, xi)) + b
        p = 1 / (1 + math.exp(-z))
        loss -= t * math.log(p) + (1 - t) * math.log(1 - p)
        for j in range(2):
            gw[j] += (p - t) * xi[j]
        gb += p - t
    w = [wj - lr * g / len(Xl) for wj, g in zip(w, gw)]
    b = b - lr * gb / len(Xl)
    print(epoch, loss / len(Xl))
""",
    loss="log_loss",
)

held_out(
    "labels_of_minus_one",
    binary,
    """
t = np.where(y == 1, 1, -1)
w = np.zeros(2); b = 0.0
lr = 0.1
for i in range(30):
    p = 1 / (1 + np.exp(-(X @ w + b)))
    w -= lr * X.T @ (p - t) / len(t)
    b -= lr * (p - t).mean()
""",
    "labels −1 and 1",
    loss="log_loss",
)

held_out(
    "error_the_wrong_way_round",
    lists,
    """
w = 0.0
b = 0.0
n = len(x)
for epoch in range(30):
    dw = 0
    db = 0
    for i in range(n):
        err = y[i] - (w * x[i] + b)
        dw += 2 / n * err * x[i]
        db += 2 / n * err
    w -= 0.01 * dw
    b -= 0.01 * db
""",
    "wrong sign",
)

held_out(
    "bias_with_one_row_too_few",
    table,
    """
theta = np.zeros(3); theta0 = 0.0
rate = 0.1
for it in range(30):
    err = X @ theta + theta0 - y
    theta = theta - rate * 2 * X.T @ err / len(y)
    theta0 = theta0 - rate * 2 * err.sum()
""",
    "not divided",
)

held_out(
    "a_row_for_a_column",
    column,
    """
t = y.ravel()
Xb = np.c_[np.ones(len(X)), X]
w = np.zeros((2, 1))
for i in range(20):
    e = Xb @ w - t
    w = w - 0.1 * Xb.T @ e / len(t)
""",
    "column against row",
)

held_out(
    "stochastic_momentum",
    table,
    """
A = np.c_[np.ones(len(X)), X]
theta = np.zeros(4)
v = np.zeros(4)
lr, mom = 0.005, 0.5
for epoch in range(8):
    for i in np.random.permutation(len(A)):
        g = 2 * (A[i] @ theta - y[i]) * A[i]
        v = mom * v - lr * g
        theta = theta + v
""",
    loss="mse",
)

held_out(
    "look_ahead",
    table,
    """
A = np.c_[np.ones(len(X)), X]
theta = np.zeros(4)
v = np.zeros(4)
for t in range(60):
    ahead = theta + 0.9 * v
    g = 2 * A.T @ (A @ ahead - y) / len(y)
    v = 0.9 * v - 0.01 * g
    theta = theta + v
""",
    missing="look",
)

held_out(
    "in_a_with_and_a_try",
    line,
    """
w, b, lr = 0.0, 0.0, 0.05
with np.errstate(all='raise'):
    try:
        for i in range(50):
            g = w * x + b - y
            w, b = w - lr * (g * x).mean(), b - lr * g.mean()
    except FloatingPointError:
        print('diverged')
""",
    loss="half_mse",
)
