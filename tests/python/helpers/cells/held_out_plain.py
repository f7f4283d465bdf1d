"""Cells of a fourth set, as students write them."""

from functools import partial

from .cell import HELD_OUT, binary, cell, classes, line, lists, table

held_out = partial(cell, HELD_OUT)

held_out(
    "a_row_a_time_with_its_data",
    dict,
    """
from sklearn.datasets import load_diabetes
import numpy as np
diabetes = load_diabetes()
x = diabetes.data[:, 2]
y = diabetes.target
w, b = 1.0, 1.0
for i in range(1, 20):
    for x_i, y_i in zip(x, y):
        y_hat = x_i * w + b
        err = y_i - y_hat
        w_rate = x_i
        w = w + w_rate * err * 0.1
        b = b + 1 * err * 0.1
print(w, b)
""",
)

held_out(
    "a_neuron_without_a_rate",
    binary,
    """
x_train, y_train = X, y
n = x_train.shape[1]
w = np.ones(n)
b = 0
for epoch in range(10):
    for xi, yi in zip(x_train, y_train):
        z = np.sum(xi * w) + b
        a = 1 / (1 + np.exp(-np.clip(z, -100, None)))
        err = -(yi - a)
        w_grad = xi * err
        b_grad = 1 * err
        w -= w_grad
        b -= b_grad
""",
)

held_out(
    "one_weight_and_no_bias",
    lists,
    """
W = 5.0
learning_rate = 0.01
x_data = x
y_data = y
for step in range(50):
    gradient = sum((W*a - t)*a for a, t in zip(x_data, y_data)) / len(x_data)
    W = W - learning_rate * gradient
    if step % 10 == 0: print(step, W)
""",
)

held_out(
    "lists_until_the_cost_stands_still",
    line,
    """
theta_0, theta_1 = 0, 0
alpha, m = 0.05, len(x)
J0 = 1e10
for it in range(1000):
    h = [theta_0 + theta_1*xx for xx in x]
    J = 1/(2*m)*sum([(h[k]-y[k])**2 for k in range(m)])
    if abs(J0 - J) < 1e-5: break
    J0 = J
    d0 = 1/m*sum([h[k]-y[k] for k in range(m)])
    d1 = 1/m*sum([(h[k]-y[k])*x[k] for k in range(m)])
    theta_0 = theta_0 - alpha*d0
    theta_1 = theta_1 - alpha*d1
print(theta_0, theta_1, it)
""",
)

held_out(
    "losses_in_a_dictionary",
    table,
    """
np.random.seed(0)
idx = np.random.permutation(len(X)); tr, te = idx[:40], idx[40:]
Xtr, ytr, Xte, yte = X[tr], y[tr], X[te], y[te]
w = np.random.normal(scale=0.1, size=Xtr.shape[1]); bias = 0.
history = {'train': [], 'test': []}
for e in range(30):
    yhat = Xtr.dot(w) + bias
    e_tr = yhat - ytr
    history['train'].append((e_tr**2).mean()/2)
    history['test'].append(((Xte.dot(w)+bias - yte)**2).mean()/2)
    w -= .1 * Xtr.T.dot(e_tr)/Xtr.shape[0]
    bias -= .1 * e_tr.mean()
""",
)

held_out(
    "batches_by_a_counter",
    table,
    """
B = 8; lr = 0.05; steps = 200
w = np.zeros(3); c = 0.0
start = 0
for s in range(steps):
    if start + B > len(X):
        start = 0
    xb, yb = X[start:start+B], y[start:start+B]
    start += B
    g = xb @ w + c - yb
    w -= lr * xb.T @ g / B
    c -= lr * g.mean()
""",
)

held_out(
    "stopped_by_patience",
    table,
    """
A = np.c_[np.ones(len(X)), X]; t = y
w = np.zeros(4)
best, wait = np.inf, 0
for epoch in range(500):
    r = A @ w - t
    loss = r @ r / len(t)
    if loss < best - 1e-6:
        best = loss; wait = 0; best_w = w.copy()
    else:
        wait += 1
    if wait >= 5: break
    w = w - 0.2 * (2/len(t)) * A.T @ r
""",
)

held_out(
    "squares_in_plain_python",
    lists,
    """
w = 0.1; b = 0.1; lr = 0.0001
for epoch in range(30):
    s_w = 0; s_b = 0
    for i in range(len(x)):
        err = (w*x[i] + b - y[i])**2
        s_w += err * x[i]
        s_b += err
    w -= lr * s_w / len(x)
    b -= lr * s_b / len(x)
""",
    "squared error as slope",
)

held_out(
    "a_bias_that_is_a_sum",
    table,
    """
w = np.zeros((3,1)); b = 0.0; Y = y.reshape(-1,1); m = len(Y)
for i in range(40):
    A = X @ w + b
    dw = (1/m) * X.T @ (A - Y)
    db = np.sum(A - Y)
    w -= 0.01*dw; b -= 0.01*db
""",
    "not divided",
)

held_out(
    "logistic_rows_at_random",
    binary,
    """
rng = np.random.default_rng(3)
theta = np.zeros(3); Xb = np.column_stack([np.ones(80), X])
for k in range(400):
    i = rng.integers(80)
    h = 1/(1+np.exp(-theta @ Xb[i]))
    theta += 0.1 * (y[i]-h) * Xb[i]
""",
)

held_out(
    "softmax_over_all",
    classes,
    """
Yh = np.zeros((90,3)); Yh[range(90), y] = 1
W = np.zeros((3,3)); Xb = np.hstack([np.ones((90,1)), X])
for i in range(20):
    S = np.exp(Xb @ W)
    P = S / S.sum()
    W -= 0.5 * Xb.T @ (P - Yh) / 90
""",
    "softmax over rows",
)

held_out(
    "theta_in_a_row",
    line,
    """
X = np.vstack((np.ones(len(x)), x))   # 2 x n
theta = np.zeros((1, 2))
for i in range(100):
    h = theta @ X
    theta = theta - 0.05 * (h - y) @ X.T / len(x)
""",
)
