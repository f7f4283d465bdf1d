"""Cells of a third set, after the manner of courses and tutorials that are widely read."""

from functools import partial

import numpy as np

from .cell import HELD_OUT, binary, cell, line, table

held_out = partial(cell, HELD_OUT)


def exam():
    """A matrix whose last column is the target."""
    held = table()
    return {"np": np, "data": np.c_[held["X"], held["y"]]}


def with_batches():
    """A generator of batches of an earlier cell."""
    held = table()

    def data_iter(batch_size, features, labels):
        num_examples = len(features)
        indices = np.random.permutation(num_examples)  # noqa: NPY002
        for i in range(0, num_examples, batch_size):
            batch = indices[i : i + batch_size]
            yield features[batch], labels[batch]

    return {"np": np, "features": held["X"], "labels": held["y"][:, None], "data_iter": data_iter}


held_out(
    "parabola_and_cubic",
    line,
    """
import math
x = np.linspace(-math.pi, math.pi, 200)
y = np.sin(x)
a = np.random.randn()
b = np.random.randn()
c = np.random.randn()
d = np.random.randn()
learning_rate = 1e-6
for t in range(300):
    y_pred = a + b * x + c * x ** 2 + d * x ** 3
    loss = np.square(y_pred - y).sum()
    if t % 100 == 99:
        print(t, loss)
    grad_y_pred = 2.0 * (y_pred - y)
    grad_a = grad_y_pred.sum()
    grad_b = (grad_y_pred * x).sum()
    grad_c = (grad_y_pred * x ** 2).sum()
    grad_d = (grad_y_pred * x ** 3).sum()
    a -= learning_rate * grad_a
    b -= learning_rate * grad_b
    c -= learning_rate * grad_c
    d -= learning_rate * grad_d
print(f'Result: y = {a} + {b} x + {c} x^2 + {d} x^3')
""",
    loss="mse",
)

held_out(
    "an_iterator_of_batches",
    with_batches,
    """
w = np.random.normal(0, 0.01, (3, 1))
b = np.zeros(1)
lr, num_epochs, batch_size = 0.03, 6, 10
for epoch in range(num_epochs):
    for Xb, yb in data_iter(batch_size, features, labels):
        y_hat = Xb @ w + b
        grad = (y_hat - yb) / len(yb)
        w -= lr * Xb.T @ grad
        b -= lr * grad.sum()
    print(f'epoch {epoch + 1}, loss {float((((features @ w + b) - labels) ** 2 / 2).mean()):f}')
""",
    loss="half_mse",
)

held_out(
    "columns_of_a_matrix",
    exam,
    """
X = data[:, :-1]
y = data[:, -1]
m = len(y)
X = (X - np.mean(X, axis=0)) / np.std(X, axis=0)
X = np.concatenate([np.ones((m, 1)), X], axis=1)
theta = np.zeros(X.shape[1])
alpha, num_iters = 0.03, 200
J_history = []
for i in range(num_iters):
    theta = theta - (alpha / m) * (np.dot(X, theta) - y).dot(X)
    J_history.append(np.sum((X.dot(theta) - y) ** 2) / (2 * m))
""",
    loss="half_mse",
)

held_out(
    "weights_in_a_row",
    table,
    """
d = X.shape[1]
W = np.zeros((1, d))
b = np.zeros((1, 1))
Yt = y.reshape(1, -1)
Xt = X.T
N = Xt.shape[1]
for i in range(80):
    Y_hat = W @ Xt + b
    dY = 2 * (Y_hat - Yt) / N
    W = W - 0.1 * dY @ Xt.T
    b = b - 0.1 * dY.sum(axis=1, keepdims=True)
""",
    loss="mse",
)

held_out(
    "scaled_by_scikit_learn",
    table,
    """
from sklearn.preprocessing import StandardScaler
scaler = StandardScaler()
X_scaled = scaler.fit_transform(X)
N, D = X_scaled.shape
coef_, intercept_ = np.zeros(D), 0
LEARNING_RATE = 0.1
MAX_ITER = 150
loss_history = []
for iteration in range(MAX_ITER):
    residuals = y - (X_scaled @ coef_ + intercept_)
    loss_history.append(np.mean(residuals ** 2))
    grad_coef = -2 * (X_scaled.T @ residuals) / N
    grad_int = -2 * residuals.mean()
    coef_ -= LEARNING_RATE * grad_coef
    intercept_ -= LEARNING_RATE * grad_int
""",
    loss="mse",
)

held_out(
    "several_rates_and_their_curves",
    line,
    """
import matplotlib.pyplot as plt
fig, ax = plt.subplots()
for alpha in (0.001, 0.01, 0.1):
    w, b = 0.0, 0.0
    J = []
    for i in range(60):
        f = w * x + b
        J.append(((f - y) ** 2).sum() / (2 * len(x)))
        dw = ((f - y) * x).sum() / len(x)
        db = (f - y).sum() / len(x)
        w -= alpha * dw
        b -= alpha * db
    ax.plot(J, label=str(alpha))
ax.legend()
plt.show()
""",
    loss="half_mse",
)

held_out(
    "clipped_probabilities",
    binary,
    """
Xb = np.hstack([X, np.ones((X.shape[0], 1))])
w = np.random.rand(3)
lr = 0.3
log = []
for epoch in range(100):
    z = Xb.dot(w)
    yhat = np.exp(z) / (1 + np.exp(z))
    yhat = np.clip(yhat, 1e-12, 1 - 1e-12)
    loss = -(y * np.log(yhat) + (1 - y) * np.log(1 - yhat)).mean()
    log.append(loss)
    gradient = np.dot(Xb.T, yhat - y) / y.size
    w -= lr * gradient
""",
    loss="log_loss",
)

held_out(
    "until_it_stands_still",
    table,
    """
A = np.c_[np.ones(len(X)), X]
b_k = np.ones(4)
diff = 1
it = 0
while diff > 1e-5 and it < 2000:
    b_next = b_k - 0.1 * (1 / len(y)) * (A.T @ (A @ b_k - y))
    diff = np.max(np.abs(b_next - b_k))
    b_k = b_next
    it = it + 1
print(it, b_k)
""",
    loss="half_mse",
)

held_out(
    "ordered_epochs_with_momentum",
    table,
    """
w = np.zeros(3); bias = 0.0
vw = np.zeros(3); vb = 0.0
batch = 12
for epoch in range(8):
    perm = np.random.permutation(61)
    Xp, yp = X[perm], y[perm]
    for start in range(0, 61, batch):
        xb, yb = Xp[start:start+batch], yp[start:start+batch]
        pred = xb @ w + bias
        gw = 2 * xb.T @ (pred - yb) / len(yb)
        gb = 2 * (pred - yb).mean()
        vw = 0.9 * vw + gw
        vb = 0.9 * vb + gb
        w -= 0.01 * vw
        bias -= 0.01 * vb
""",
    loss="mse",
)

held_out(
    "lasso_by_its_sign",
    table,
    """
w = np.zeros(3)
b = 0.0
lam = 0.1
for i in range(40):
    r = X @ w + b - y
    w = w - 0.1 * (X.T @ r / len(y) + lam * np.sign(w))
    b = b - 0.1 * r.mean()
""",
    loss="half_mse",
)

held_out(
    "ridge_with_ones",
    table,
    """
Xb = np.c_[np.ones(len(X)), X]
lmbd = 0.01
beta = np.random.randn(4)
eta = 0.05
n = len(y)
I = np.eye(4); I[0, 0] = 0
for it in range(100):
    g = (2.0 / n) * Xb.T @ (Xb @ beta - y) + 2 * lmbd * I @ beta
    beta -= eta * g
""",
    loss="mse",
)

held_out(
    "epochs_with_a_zip_of_batches",
    line,
    """
n_batches = 5
xs, ys = np.split(x, n_batches), np.split(y, n_batches)
w, b = 0.0, 0.0
for epoch in range(20):
    for xb, yb in zip(xs, ys):
        err = (w * xb + b) - yb
        w -= 0.05 * 2 * (err * xb).mean()
        b -= 0.05 * 2 * err.mean()
""",
    missing="theta",
)

held_out(
    "the_slope_of_the_wrong_prediction",
    line,
    """
w, b = 0.0, 0.0
lr = 0.02
for i in range(30):
    w_grad = sum(-2 * x * (y - w * x + b)) / len(x)
    b_grad = sum(-2 * (y - w * x + b)) / len(x)
    w = w - lr * w_grad
    b = b - lr * b_grad
""",
    "unrecognised",
    loss="mse",
)

held_out(
    "rows_and_columns_mixed_up",
    table,
    """
m, n = X.shape
A = np.c_[np.ones(m), X]
theta = np.zeros(4)
alpha = 0.001
for i in range(30):
    theta -= alpha * (1 / n) * A.T @ (A @ theta - y)
""",
    "divided by features",
    loss="half_mse",
)

held_out(
    "probabilities_before_the_logs",
    binary,
    """
w = np.zeros(2)
b = 0.0
lr = 0.1
sigmoid = lambda z: 1 / (1 + np.exp(-z))
for i in range(40):
    a = sigmoid(X @ w + b)
    w -= lr * X.T @ (sigmoid(a) - y) / len(y)
    b -= lr * (sigmoid(a) - y).mean()
""",
    "probabilities as scores",
    loss="log_loss",
)
