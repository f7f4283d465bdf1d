"""Cells with a mistake that is to be named."""

from functools import partial

from .cell import BARE, binary, cell, classes, column, line, lists, table

wrong = partial(cell, BARE)

wrong(
    "sum_where_a_mean_is_meant",
    line,
    """
w, b = 0.0, 0.0
lr = 0.001
losses = []
for epoch in range(50):
    pred = w * x + b
    losses.append(np.mean((pred - y) ** 2))
    w = w - lr * 2 * np.sum((pred - y) * x)
    b = b - lr * 2 * np.sum(pred - y)
""",
    "not divided",
)

wrong(
    "uphill",
    column,
    """
X_b = np.c_[np.ones(len(X)), X]
theta = np.zeros((2, 1))
eta = 0.01
for i in range(40):
    gradients = 2 / len(X_b) * X_b.T @ (X_b @ theta - y)
    theta = theta + eta * gradients
""",
    "wrong sign",
)

wrong(
    "bias_with_the_new_weight",
    line,
    """
m = 0.0
b = 0.0
L = 0.05
for epoch in range(60):
    m = m - L * (2/len(x)) * sum(x * (m*x + b - y))
    b = b - L * (2/len(x)) * sum(m*x + b - y)
""",
    "bias after weights",
)

wrong(
    "bias_left_alone",
    table,
    """
w = np.zeros(3)
b = 1.0
lr = 0.1
for epoch in range(60):
    err = X @ w + b - y
    w -= lr * 2 * X.T @ err / len(y)
    b -= lr * 0 * err.mean()
""",
    "bias not updated",
)

wrong(
    "gradient_never_reset",
    lists,
    """
w = 0.0
b = 0.0
lr = 0.001
dw = 0.0
db = 0.0
for epoch in range(40):
    for xi, yi in zip(x, y):
        err = w * xi + b - yi
        dw += 2 * err * xi / len(x)
        db += 2 * err / len(x)
    w -= lr * dw
    b -= lr * db
""",
    "gradient not reset",
)

wrong(
    "first_row_left_out",
    lists,
    """
a = 0.0
b = 0.0
alpha = 0.01
n = len(x)
for epoch in range(60):
    ga, gb = 0, 0
    for i in range(1, n):
        e = a * x[i] + b - y[i]
        ga += 2 * e * x[i] / n
        gb += 2 * e / n
    a -= alpha * ga
    b -= alpha * gb
""",
    "first row skipped",
)

wrong(
    "batch_divided_by_n",
    table,
    """
w = np.zeros(3)
b = 0.0
lr = 0.5
batch_size = 10
n = len(X)
for epoch in range(10):
    perm = np.random.permutation(n)
    for k in range(0, n, batch_size):
        rows = perm[k:k + batch_size]
        err = X[rows] @ w + b - y[rows]
        w -= lr * X[rows].T @ err / n
        b -= lr * err.sum() / n
""",
    "divided by n",
)

wrong(
    "short_batch_divided_by_the_batch_size",
    table,
    """
batch_size = 20
lr = 0.1
W = np.zeros(3)
b = 0.0
for epoch in range(12):
    order = np.random.permutation(len(X))
    for s in range(0, len(X), batch_size):
        xb = X[order[s:s+batch_size]]
        yb = y[order[s:s+batch_size]]
        d = xb @ W + b - yb
        W = W - lr * (xb.T @ d) / batch_size
        b = b - lr * d.sum() / batch_size
""",
    "short batch divided by batch_size",
)

wrong(
    "shuffled_once",
    table,
    """
idx = np.random.permutation(len(X))
w = np.zeros(3)
b = 0.0
lr = 0.02
for epoch in range(10):
    for i in idx:
        err = X[i] @ w + b - y[i]
        w -= lr * err * X[i]
        b -= lr * err
""",
    "shuffled once",
)

wrong(
    "last_batch_dropped",
    table,
    """
w = np.zeros(3); b = 0.0
bs = 16
lr = 0.05
for epoch in range(10):
    p = np.random.permutation(len(X))
    for k in range(len(X) // bs):
        rows = p[k*bs:(k+1)*bs]
        err = X[rows].dot(w) + b - y[rows]
        w -= lr * 2 * X[rows].T.dot(err) / len(rows)
        b -= lr * 2 * err.mean()
""",
    "last batch dropped",
)

wrong(
    "no_sigmoid",
    binary,
    """
w = np.zeros(2)
b = 0.0
lr = 0.1
J = []
for it in range(50):
    z = X @ w + b
    h = 1 / (1 + np.exp(-z))
    J.append(-np.mean(y*np.log(h) + (1-y)*np.log(1-h)))
    w = w - lr * X.T @ (z - y) / len(y)
    b = b - lr * np.mean(z - y)
""",
    "no sigmoid",
)

wrong(
    "softmax_over_the_rows",
    classes,
    """
Y = np.eye(3)[y]
W = np.zeros((2, 3))
b = np.zeros(3)
lr = 0.1
for epoch in range(30):
    Z = X @ W + b
    P = np.exp(Z) / np.exp(Z).sum(axis=0)
    W -= lr * X.T @ (P - Y) / len(X)
    b -= lr * (P - Y).mean(axis=0)
""",
    "softmax over rows",
)

wrong(
    "penalised_bias",
    table,
    """
X1 = np.c_[np.ones(len(X)), X]
theta = np.zeros(4)
lam = 0.3
lr = 0.1
for i in range(80):
    grad = X1.T @ (X1 @ theta - y) / len(y) + lam * theta
    theta -= lr * grad
""",
    "bias penalised",
)

wrong(
    "column_against_row",
    line,
    """
X = x.reshape(-1, 1)
w = np.zeros((1, 1))
b = 0.0
lr = 0.05
for epoch in range(30):
    pred = X @ w + b
    err = pred - y
    w = w - lr * 2 * np.mean(err * X)
    b = b - lr * 2 * np.mean(err)
""",
    "column against row",
)

wrong(
    "rate_above_the_limit",
    column,
    """
Xb = np.c_[np.ones(len(X)), X]
t = [0.0, 0.0]
lr = 1.5
for it in range(600):
    g = [0.0, 0.0]
    for r in range(len(Xb)):
        e = t[0] * float(Xb[r][0]) + t[1] * float(Xb[r][1]) - float(y[r][0])
        e2 = e ** 2
        g[0] += 2 * e * float(Xb[r][0]) / len(Xb)
        g[1] += 2 * e * float(Xb[r][1]) / len(Xb)
    t[0] -= lr * g[0]
    t[1] -= lr * g[1]
""",
    "rate above the limit",
)

wrong(
    "squared_error_in_the_gradient",
    line,
    """
w = 0.2
b = 0.1
eta = 0.001
cost = []
for i in range(25):
    yhat = w * x + b
    sq = (yhat - y) ** 2
    cost.append(sq.mean())
    w -= eta * (2 / len(x)) * np.sum(sq * x)
    b -= eta * (2 / len(x)) * np.sum(sq)
""",
    "squared error as slope",
)
