"""Cells that were written after the reading of cells, and not looked at while it was made."""

import random
from functools import partial

import numpy as np

from .cell import HELD_OUT, binary, cell, column, line, table

held_out = partial(cell, HELD_OUT)


def frame():
    """A table with named columns."""
    import pandas as pd

    rng = np.random.default_rng(8)
    size = rng.uniform(0.5, 3, 50)
    return {"np": np, "df": pd.DataFrame({"size": size, "price": 3 * size + rng.normal(size=50)})}


def points():
    """Points in an array of two columns."""
    held = line()
    return {"np": np, "points": np.c_[held["x"], held["y"]]}


def pairs():
    """Points in a list of pairs."""
    held = line()
    return {
        "random": random,
        "data": list(zip(held["x"].tolist(), held["y"].tolist(), strict=False)),
    }


def with_gradient():
    """A gradient from an earlier cell."""

    def compute_gradient(x, y, w, b):
        m = x.shape[0]
        dj_dw = 0
        dj_db = 0
        for i in range(m):
            f_wb = w * x[i] + b
            dj_dw += (f_wb - y[i]) * x[i]
            dj_db += f_wb - y[i]
        return dj_dw / m, dj_db / m

    return line() | {"compute_gradient": compute_gradient}


def signs():
    """Two features, labels −1 and 1."""
    held = binary()
    return held | {"y": 2 * held["y"] - 1}


held_out(
    "columns_of_a_frame",
    frame,
    """
x = df['size']
y = df['price']
w = 0
b = 0
lr = 0.05
history = []
for epoch in range(100):
    y_pred = w * x + b
    error = y - y_pred
    mse = (error ** 2).mean()
    history.append(mse)
    w = w + lr * 2 * (error * x).mean()
    b = b + lr * 2 * error.mean()
print(f"w={w:.2f}, b={b:.2f}")
""",
    loss="mse",
)

held_out(
    "points_by_index",
    points,
    """
b_current = 0
m_current = 0
learningRate = 0.01
num_iterations = 60
for it in range(num_iterations):
    b_gradient = 0
    m_gradient = 0
    N = float(len(points))
    for i in range(0, len(points)):
        x = points[i, 0]
        y = points[i, 1]
        b_gradient += -(2/N) * (y - ((m_current * x) + b_current))
        m_gradient += -(2/N) * x * (y - ((m_current * x) + b_current))
    b_current = b_current - (learningRate * b_gradient)
    m_current = m_current - (learningRate * m_gradient)
""",
    loss="mse",
)

held_out(
    "shuffled_pairs",
    pairs,
    """
w, b = 0.0, 0.0
lr = 0.01
for epoch in range(20):
    random.shuffle(data)
    for x, y in data:
        y_hat = w * x + b
        grad_w = 2 * (y_hat - y) * x
        grad_b = 2 * (y_hat - y)
        w -= lr * grad_w
        b -= lr * grad_b
""",
    loss="mse",
)

held_out(
    "gradient_from_a_function",
    with_gradient,
    """
import math, copy
w_in, b_in = 0, 0
iterations = 120
tmp_alpha = 1.0e-2
w = copy.deepcopy(w_in)
b = b_in
J_history = []
p_history = []
for i in range(iterations):
    dj_dw, dj_db = compute_gradient(x, y, w, b)
    b = b - tmp_alpha * dj_db
    w = w - tmp_alpha * dj_dw
    p_history.append([w, b])
    if i % math.ceil(iterations/10) == 0:
        print(f"Iteration {i:4}: w: {w: 0.3e}, b:{b: 0.5e}")
""",
    loss="half_mse",
)

held_out(
    "path_kept_while_it_goes",
    column,
    """
from tqdm import tqdm
X_b = np.hstack((np.ones_like(X), X))
theta = np.array([[3.0], [-1.0]])
theta_path_bgd = [theta]
N = X_b.shape[0]
for epoch in tqdm(range(80)):
    prediction = np.matmul(X_b, theta)
    loss = 1/N * np.matmul((prediction - y).T, prediction - y)
    dl_dtheta = 2/N * np.matmul(X_b.T, prediction - y)
    theta = theta - 0.08 * dl_dtheta
    theta_path_bgd.append(theta)
""",
    loss="mse",
)

held_out(
    "dictionary_of_parameters",
    table,
    """
params = {'W': np.zeros((3, 1)), 'b': 0.0}
Y = y.reshape(-1, 1)
lr = 0.1
for epoch in range(50):
    out = X @ params['W'] + params['b']
    d = out - Y
    grads = {'W': X.T @ d / len(X), 'b': d.mean()}
    params['W'] -= lr * grads['W']
    params['b'] -= lr * grads['b']
""",
    loss="half_mse",
)

held_out(
    "update_in_a_loop_over_coordinates",
    table,
    """
m, n = X.shape
X_aug = np.column_stack((np.ones(m), X))
theta = np.zeros(n + 1)
alpha = 0.05
for iteration in range(40):
    gradient = np.zeros(n + 1)
    for j in range(n + 1):
        total = 0
        for i in range(m):
            total += (np.dot(theta, X_aug[i]) - y[i]) * X_aug[i, j]
        gradient[j] = total / m
    for j in range(n + 1):
        theta[j] = theta[j] - alpha * gradient[j]
""",
    loss="half_mse",
)

held_out(
    "coordinates_one_after_the_other",
    table,
    """
A = np.c_[np.ones(len(X)), X]
th = np.zeros(4)
al = 0.05
for it in range(40):
    for j in range(4):
        th[j] = th[j] - al * np.mean((A @ th - y) * A[:, j])
""",
    "updated within the gradient",
)

held_out(
    "cubic_features",
    line,
    """
X_poly = np.stack([np.ones_like(x), x, x**2, x**3], axis=1)
X_poly[:, 1:] = (X_poly[:, 1:] - X_poly[:, 1:].mean(0)) / X_poly[:, 1:].std(0)
coef = np.zeros(4)
prev = np.inf
epoch = 0
while epoch < 400:
    r = y - X_poly @ coef
    sse = np.dot(r, r) / r.size
    if prev - sse < 1e-9:
        break
    prev = sse
    coef += 0.05 * 2 * X_poly.T @ r / r.size
    epoch += 1
""",
    loss="mse",
)

held_out(
    "logistic_batches",
    binary,
    """
from math import ceil
params_w = np.zeros((2, 1)); params_b = np.zeros(1)
target = y.reshape(-1, 1)
BATCH = 32; EPOCHS = 12; LR = 0.3
for e in range(EPOCHS):
    shuffle_ix = np.random.permutation(len(X))
    X_s, t_s = X[shuffle_ix], target[shuffle_ix]
    running = 0.0
    for k in range(ceil(len(X) / BATCH)):
        xb = X_s[k*BATCH:(k+1)*BATCH]; tb = t_s[k*BATCH:(k+1)*BATCH]
        logits = xb @ params_w + params_b
        prob = np.reciprocal(1 + np.exp(-logits))
        running += float(-np.sum(tb*np.log(prob) + (1-tb)*np.log(1-prob)))
        delta = (prob - tb) / xb.shape[0]
        params_w -= LR * (xb.T @ delta)
        params_b -= LR * delta.sum(axis=0)
    print(e, running / len(X))
""",
    loss="log_loss",
)

held_out(
    "support_vectors",
    signs,
    """
w = np.zeros(2)
b = 0.0
lr = 0.05
lam = 0.01
for epoch in range(60):
    margin = y * (X @ w + b)
    mask = margin < 1
    dw = lam * w - (y[mask] @ X[mask]) / len(X)
    db = -np.sum(y[mask]) / len(X)
    w -= lr * dw
    b -= lr * db
""",
    loss="hinge",
)

held_out(
    "momentum_of_two",
    line,
    """
w = b = 0.0
vw = vb = 0.0
mu, lr = 0.8, 0.01
for i in range(100):
    e = w * x + b - y
    vw = mu * vw - lr * 2 * (e * x).mean()
    vb = mu * vb - lr * 2 * e.mean()
    w += vw
    b += vb
""",
    loss="mse",
)

held_out(
    "no_rate_and_the_half_missing",
    table,
    """
w = np.zeros(3); b = 0
N = len(y)
costs = []
eta = 0.1
for n in range(50):
    f = X @ w + b
    costs.append(((f - y)**2).sum() / (2*N))
    w = w - eta * X.T @ (f - y) / (2*N)
    b = b - eta * (f - y).sum() / (2*N)
""",
    "factor ½",
    loss="half_mse",
)

held_out(
    "x_shuffled_without_its_y",
    table,
    """
w = np.zeros(3)
b = 0.0
for epoch in range(8):
    Xs = X[np.random.permutation(len(X))]
    for i in range(0, len(X), 10):
        e = Xs[i:i+10] @ w + b - y[i:i+10]
        w -= 0.05 * 2 * Xs[i:i+10].T @ e / len(e)
        b -= 0.05 * 2 * e.mean()
""",
    "X and y shuffled apart",
)

held_out(
    "adaptive_moments",
    table,
    """
A = np.c_[np.ones(len(X)), X]
theta = np.zeros(4)
m, v = np.zeros(4), np.zeros(4)
b1, b2, eps, lr = 0.9, 0.999, 1e-8, 0.05
for t in range(1, 101):
    g = 2 * A.T @ (A @ theta - y) / len(y)
    m = b1 * m + (1 - b1) * g
    v = b2 * v + (1 - b2) * g**2
    m_hat = m / (1 - b1**t)
    v_hat = v / (1 - b2**t)
    theta -= lr * m_hat / (np.sqrt(v_hat) + eps)
""",
    loss="mse",
)
