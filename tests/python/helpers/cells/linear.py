"""Cells with straight lines and planes, all rows at every update; all of them right."""

from functools import partial

from .cell import BARE, cell, column, line, lists, table

right = partial(cell, BARE)

right(
    "scalars_and_sums_over_zip",
    lists,
    """
m = 0
c = 0
L = 0.01        # learning rate
epochs = 300
n = float(len(x))

for i in range(epochs):
    D_m = (-2/n) * sum(xi * (yi - (m*xi + c)) for xi, yi in zip(x, y))
    D_c = (-2/n) * sum(yi - (m*xi + c) for xi, yi in zip(x, y))
    m = m - L * D_m
    c = c - L * D_c

print(m, c)
""",
    loss="mse",
)

right(
    "scalars_over_arrays",
    line,
    """
m = 0
c = 0
L = 0.05
epochs = 200
n = float(len(x))
for i in range(epochs):
    Y_pred = m*x + c
    D_m = (-2/n) * sum(x * (y - Y_pred))
    D_c = (-2/n) * sum(y - Y_pred)
    m = m - L * D_m
    c = c - L * D_c
print (m, c)
""",
    loss="mse",
)

right(
    "normal_notebook_with_its_data",
    dict,
    """
%matplotlib inline
import numpy as np
import matplotlib.pyplot as plt

np.random.seed(7)
X = 2 * np.random.rand(100, 1)
y = 4 + 3 * X + np.random.randn(100, 1)
X_b = np.c_[np.ones((100, 1)), X]  # add x0 = 1 to each instance

eta = 0.1
n_iterations = 400
m = 100
theta = np.random.randn(2, 1)

for iteration in range(n_iterations):
    gradients = 2/m * X_b.T.dot(X_b.dot(theta) - y)
    theta = theta - eta * gradients

theta
""",
    loss="mse",
)

right(
    "cost_history_and_prints",
    table,
    """
m, n = X.shape
X_1 = np.hstack([np.ones((m, 1)), X])
theta = np.zeros(n + 1)
alpha = 0.1
num_iters = 250
J_history = np.zeros(num_iters)

for it in range(num_iters):
    h = X_1 @ theta
    error = h - y
    theta = theta - (alpha / m) * (X_1.T @ error)
    J_history[it] = (1 / (2 * m)) * np.sum((X_1 @ theta - y) ** 2)
    if it % 50 == 0:
        print(f"iteration {it}: cost {J_history[it]:.4f}")
""",
    loss="half_mse",
)

right(
    "weights_and_bias",
    table,
    """
learning_rate = 0.05
n_iters = 200
n_samples, n_features = X.shape
weights = np.zeros(n_features)
bias = 0

for _ in range(n_iters):
    y_predicted = np.dot(X, weights) + bias
    dw = (1 / n_samples) * np.dot(X.T, (y_predicted - y))
    db = (1 / n_samples) * np.sum(y_predicted - y)
    weights -= learning_rate * dw
    bias -= learning_rate * db
""",
    loss="half_mse",
)

right(
    "temporaries",
    line,
    """
theta0 = 0.0
theta1 = 0.0
alpha = 0.1
iterations = 150
N = len(y)
for k in range(iterations):
    hyp = theta0 + theta1 * x
    temp0 = theta0 - alpha * (1/N) * np.sum(hyp - y)
    temp1 = theta1 - alpha * (1/N) * np.sum((hyp - y) * x)
    theta0 = temp0
    theta1 = temp1
""",
    loss="half_mse",
)

right(
    "korean_comments_and_plots",
    line,
    """
import matplotlib.pyplot as plt
W = 0.0   # 기울기
b = 0.0   # 절편
lr = 0.05  # 학습률
손실 = []
for epoch in range(201):
    예측 = W * x + b
    오차 = 예측 - y
    손실.append(np.mean(오차 ** 2))
    dW = 2 * np.mean(오차 * x)
    db = 2 * np.mean(오차)
    W = W - lr * dW
    b = b - lr * db
    if epoch % 100 == 0:   # 100번마다 그림
        plt.scatter(x, y)
        plt.plot(x, W * x + b, color='r')
        plt.title('epoch %d' % epoch)
        plt.show()
        print('에폭:', epoch, '손실:', 손실[-1])
""",
    loss="mse",
)

right(
    "while_with_tolerance",
    column,
    """
X_b = np.concatenate((np.ones((len(X), 1)), X), axis=1)
theta = np.zeros((2, 1))
lr = 0.1
tol = 1e-3
max_steps = 5000
step = 0
while step < max_steps:
    grad = (2 / len(X_b)) * X_b.T @ (X_b @ theta - y)
    if np.linalg.norm(grad) < tol:
        print("converged after", step)
        break
    theta -= lr * grad
    step += 1
""",
    loss="mse",
)

right(
    "while_true_on_the_cost",
    line,
    """
b0, b1 = 0.0, 0.0
lr = 0.1
old_cost = float("inf")
while True:
    res = b0 + b1 * x - y
    cost = (res ** 2).mean()
    if abs(old_cost - cost) < 1e-6:
        break
    old_cost = cost
    b0 = b0 - lr * 2 * res.mean()
    b1 = b1 - lr * 2 * (res * x).mean()
print(b0, b1, cost)
""",
    loss="mse",
)

right(
    "pure_python_rows_and_columns",
    table,
    """
data = X.tolist()
target = y.tolist()
w = [0.0] * len(data[0])
b = 0.0
lr = 0.02
for epoch in range(30):
    grad_w = [0.0] * len(w)
    grad_b = 0.0
    for i in range(len(data)):
        pred = b
        for j in range(len(w)):
            pred += w[j] * data[i][j]
        err = pred - target[i]
        for j in range(len(w)):
            grad_w[j] += 2 * err * data[i][j]
        grad_b += 2 * err
    for j in range(len(w)):
        w[j] -= lr * grad_w[j] / len(data)
    b -= lr * grad_b / len(data)
""",
    loss="mse",
)

right(
    "list_comprehensions",
    lists,
    """
w, b = 0.5, 0.5
eta = 0.02
for epoch in range(100):
    preds = [w * xi + b for xi in x]
    errors = [p - t for p, t in zip(preds, y)]
    grad_w = 2 * sum([e * xi for e, xi in zip(errors, x)]) / len(x)
    grad_b = 2 * sum(errors) / len(x)
    w, b = w - eta * grad_w, b - eta * grad_b
    if epoch % 20 == 0: print(epoch, w, b)
""",
    loss="mse",
)

right(
    "literals_only",
    line,
    """
w = 1.0
c = 0.0
for i in range(100):
    y_hat = w*x + c
    w = w - 0.05*(2*x*(y_hat - y)).mean()
    c = c - 0.05*(2*(y_hat - y)).mean()
""",
    loss="mse",
)

right(
    "ridge",
    table,
    """
m = len(y)
lam = 0.5
alpha = 0.1
w = np.zeros(3)
b = 0.0
costs = []
for it in range(300):
    err = X @ w + b - y
    cost = np.sum(err**2) / (2*m) + lam / (2*m) * np.sum(w**2)
    costs.append(cost)
    dj_dw = X.T @ err / m + lam / m * w
    dj_db = np.sum(err) / m
    w = w - alpha * dj_dw
    b = b - alpha * dj_db
""",
    loss="half_mse",
)

right(
    "momentum",
    table,
    """
Xb = np.insert(X, 0, 1, axis=1)
theta = np.zeros(Xb.shape[1])
v = np.zeros_like(theta)
beta = 0.9
lr = 0.01
for t in range(150):
    g = 2 * Xb.T @ (Xb @ theta - y) / len(y)
    v = beta * v + g
    theta = theta - lr * v
""",
    loss="mse",
)

right(
    "decaying_rate",
    table,
    """
w = np.zeros(X.shape[1]); b = 0
lr0 = 0.2
decay = 0.01
loss_list = []
for epoch in range(120):
    lr = lr0 / (1 + decay * epoch)
    resid = X.dot(w) + b - y
    loss_list.append((resid**2).mean())
    w = w - lr * 2 * X.T.dot(resid) / len(y)
    b = b - lr * 2 * resid.mean()
""",
    loss="mse",
)
