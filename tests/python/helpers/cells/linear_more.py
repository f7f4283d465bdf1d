"""More cells with straight lines and planes, all rows at every update; all of them right."""

from functools import partial

from .cell import BARE, cell, line, table

right = partial(cell, BARE)

right(
    "standardised_before",
    table,
    """
mu = X.mean(axis=0)
sigma = X.std(axis=0)
X_norm = (X - mu) / sigma
y_c = y - y.mean()
w = np.random.randn(X_norm.shape[1]) * 0.01
lr = 1e-1
for epoch in range(100):
    y_hat = X_norm @ w
    grad = -2/len(y_c) * X_norm.T @ (y_c - y_hat)
    w = w - lr*grad
    if (epoch+1) % 25 == 0:
        print(f'{epoch+1}: {np.mean((y_c - y_hat)**2):.3f}')
""",
    loss="mse",
)

right(
    "two_columns",
    table,
    """
x1 = X[:, 0]
x2 = X[:, 1]
w1 = 0
w2 = 0
b = 0
alpha = 0.1
for epoch in range(80):
    y_pred = w1*x1 + w2*x2 + b
    dw1 = 2*np.mean((y_pred - y)*x1)
    dw2 = 2*np.mean((y_pred - y)*x2)
    db = 2*np.mean(y_pred - y)
    w1 = w1 - alpha*dw1
    w2 = w2 - alpha*dw2
    b = b - alpha*db
""",
    loss="mse",
)

right(
    "theta_by_index",
    line,
    """
theta = [0.0, 0.0]
lr = 0.1
n = len(x)
for it in range(100):
    g0 = sum((theta[0] + theta[1]*x[i] - y[i]) for i in range(n)) / n
    g1 = sum((theta[0] + theta[1]*x[i] - y[i])*x[i] for i in range(n)) / n
    theta[0] = theta[0] - lr*g0
    theta[1] = theta[1] - lr*g1
""",
    loss="half_mse",
)

right(
    "training_half_and_its_test_loss",
    table,
    """
X_train, X_test = X[:45], X[45:]
y_train, y_test = y[:45], y[45:]
w = np.zeros(3)
b = 0.0
train_losses, test_losses = [], []
for epoch in range(60):
    pred = X_train @ w + b
    train_loss = np.mean((pred - y_train) ** 2)
    test_loss = np.mean((X_test @ w + b - y_test) ** 2)
    train_losses.append(train_loss)
    test_losses.append(test_loss)
    w -= 0.1 * (2 / len(y_train)) * X_train.T @ (pred - y_train)
    b -= 0.1 * (2 / len(y_train)) * np.sum(pred - y_train)
""",
    loss="mse",
)

right(
    "rates_compared",
    table,
    """
A = np.c_[np.ones(len(X)), X]
results = {}
for eta in [0.01, 0.05, 0.1]:
    theta = np.zeros(4)
    history = []
    for k in range(50):
        r = A @ theta - y
        history.append(r @ r / len(y))
        theta = theta - eta * 2 / len(y) * A.T @ r
    results[eta] = history
""",
    loss="mse",
)
