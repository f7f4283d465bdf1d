"""Cells that take a row or a batch at a time, all of them right."""

from functools import partial

from .cell import BARE, binary, cell, column, line, lists, table

right = partial(cell, BARE)

right(
    "random_row_and_schedule",
    column,
    """
n_epochs = 20
t0, t1 = 5, 50  # learning schedule hyperparameters
X_b = np.c_[np.ones((len(X), 1)), X]
m = len(X_b)

def learning_schedule(t):
    return t0 / (t + t1)

theta = np.random.randn(2,1)

for epoch in range(n_epochs):
    for i in range(m):
        random_index = np.random.randint(m)
        xi = X_b[random_index:random_index+1]
        yi = y[random_index:random_index+1]
        gradients = 2 * xi.T.dot(xi.dot(theta) - yi)
        eta = learning_schedule(epoch * m + i)
        theta = theta - eta * gradients
""",
    loss="mse",
)

right(
    "row_by_row_over_zip",
    lists,
    """
w = 0.0
b = 0.0
lr = 0.01
for epoch in range(50):
    for x_i, y_i in zip(x, y):
        y_hat = x_i * w + b
        err = -(y_i - y_hat)
        w = w - lr * err * x_i
        b = b - lr * err
""",
    loss="half_mse",
)

right(
    "permuted_epochs",
    table,
    """
rng = np.random.default_rng(0)
w = np.zeros(3)
b = 0.0
eta = 0.01
for epoch in range(15):
    for i in rng.permutation(len(X)):
        error = X[i] @ w + b - y[i]
        w -= eta * 2 * error * X[i]
        b -= eta * 2 * error
""",
    loss="mse",
)

right(
    "shuffled_copies_in_slices",
    table,
    """
batch_size = 16
n_epochs = 25
lr = 0.05
m = X.shape[0]
X_b = np.c_[np.ones((m, 1)), X]
theta = np.zeros(4)
for epoch in range(n_epochs):
    shuffled_indices = np.random.permutation(m)
    X_shuffled = X_b[shuffled_indices]
    y_shuffled = y[shuffled_indices]
    for i in range(0, m, batch_size):
        xi = X_shuffled[i:i+batch_size]
        yi = y_shuffled[i:i+batch_size]
        gradients = 2/len(xi) * xi.T.dot(xi.dot(theta) - yi)
        theta = theta - lr * gradients
""",
    loss="mse",
)

right(
    "batches_of_an_index",
    table,
    """
w = np.zeros(X.shape[1])
b = 0.
lr, bs = 0.1, 10
idx = np.arange(len(X))
losses = []
for epoch in range(20):
    np.random.shuffle(idx)
    for start in range(0, len(X), bs):
        batch = idx[start:start+bs]
        xb, yb = X[batch], y[batch]
        err = xb @ w + b - yb
        w -= lr * xb.T @ err / len(batch)
        b -= lr * err.mean()
    losses.append(0.5*np.mean((X @ w + b - y)**2))
    print(epoch, losses[-1])
""",
    loss="half_mse",
)

right(
    "random_batches",
    table,
    """
W = np.zeros(3)
b = 0.0
learning_rate = 0.05
iters_num = 300
batch_size = 8
for i in range(iters_num):
    batch_mask = np.random.choice(len(X), batch_size)
    x_batch = X[batch_mask]
    t_batch = y[batch_mask]
    diff = np.dot(x_batch, W) + b - t_batch
    W -= learning_rate * np.dot(x_batch.T, diff) / batch_size
    b -= learning_rate * np.sum(diff) / batch_size
""",
    loss="half_mse",
)

right(
    "one_random_row_an_iteration",
    line,
    """
a, b = 0.0, 0.0
lr = 0.02
for step in range(500):
    i = np.random.randint(0, len(x))
    e = a * x[i] + b - y[i]
    a -= lr * 2 * e * x[i]
    b -= lr * 2 * e
""",
    loss="mse",
)

right(
    "logistic_row_by_row",
    binary,
    """
w = np.zeros(2)
b = 0.0
lr = 0.1
for epoch in range(10):
    for i in range(len(X)):
        z = np.dot(w, X[i]) + b
        p = 1 / (1 + np.exp(-z))
        w = w + lr * (y[i] - p) * X[i]
        b = b + lr * (y[i] - p)
""",
    loss="log_loss",
)
