"""Cells that tell classes apart, all of them right."""

from functools import partial

import numpy as np

from .cell import BARE, binary, cell, classes

right = partial(cell, BARE)


def with_functions():
    """Functions of an earlier cell."""
    held = binary()

    def sigmoid(z):
        return 1 / (1 + np.exp(-z))

    return held | {"sigmoid": sigmoid}


def as_columns():
    """Features in rows and samples in columns."""
    held = binary()
    return {"np": np, "X": held["X"].T, "Y": held["y"].reshape(1, -1)}


right(
    "logistic",
    binary,
    """
alpha = 0.5
num_iters = 200
m = y.size
Xb = np.c_[np.ones(m), X]
theta = np.zeros(Xb.shape[1])
J = []
for _ in range(num_iters):
    h = 1.0 / (1.0 + np.exp(-Xb @ theta))
    J.append(-np.mean(y*np.log(h) + (1 - y)*np.log(1 - h)))
    theta -= alpha * Xb.T @ (h - y) / m
""",
    loss="log_loss",
)

right(
    "logistic_with_a_function",
    with_functions,
    """
w = np.zeros(X.shape[1])
b = 0
lr = 0.1
costs = []
for i in range(150):
    A = sigmoid(np.dot(X, w) + b)
    cost = -np.mean(y * np.log(A) + (1 - y) * np.log(1 - A))
    dw = np.dot(X.T, (A - y)) / len(y)
    db = np.sum(A - y) / len(y)
    w = w - lr * dw
    b = b - lr * db
    if i % 10 == 0:
        costs.append(cost)
""",
    loss="log_loss",
)

right(
    "samples_in_columns",
    as_columns,
    """
n, m = X.shape
w = np.zeros((n, 1))
b = 0.0
learning_rate = 0.2
for i in range(100):
    Z = np.dot(w.T, X) + b
    A = 1 / (1 + np.exp(-Z))
    dZ = A - Y
    dw = (1 / m) * np.dot(X, dZ.T)
    db = (1 / m) * np.sum(dZ)
    w = w - learning_rate * dw
    b = b - learning_rate * db
""",
    loss="log_loss",
)

right(
    "logistic_with_penalty",
    binary,
    """
lambda_ = 0.1
w = np.zeros(2); b = 0.0
for epoch in range(100):
    p = 1/(1+np.exp(-(X@w + b)))
    w = w - 0.3 * (X.T@(p - y)/len(y) + lambda_*w)
    b = b - 0.3 * np.mean(p - y)
""",
    loss="log_loss",
)

right(
    "softmax_with_one_hot",
    classes,
    """
K = 3
Y = np.eye(K)[y]
W = np.zeros((X.shape[1], K))
b = np.zeros(K)
lr = 0.2
losses = []
for epoch in range(100):
    scores = X @ W + b
    exp_scores = np.exp(scores - scores.max(axis=1, keepdims=True))
    probs = exp_scores / exp_scores.sum(axis=1, keepdims=True)
    losses.append(-np.mean(np.sum(Y * np.log(probs), axis=1)))
    dscores = (probs - Y) / len(X)
    W -= lr * X.T @ dscores
    b -= lr * dscores.sum(axis=0)
""",
    loss="cross_entropy",
)

right(
    "softmax_by_labels",
    classes,
    """
N, D = X.shape
W = 0.01 * np.random.randn(D, 3)
b = np.zeros((1, 3))
step_size = 1e-0
reg = 1e-3
for i in range(100):
    scores = np.dot(X, W) + b
    exp_scores = np.exp(scores)
    probs = exp_scores / np.sum(exp_scores, axis=1, keepdims=True)
    correct_logprobs = -np.log(probs[range(N), y])
    data_loss = np.sum(correct_logprobs)/N
    reg_loss = 0.5*reg*np.sum(W*W)
    loss = data_loss + reg_loss
    if i % 10 == 0:
        print("iteration %d: loss %f" % (i, loss))
    dscores = probs
    dscores[range(N), y] -= 1
    dscores /= N
    dW = np.dot(X.T, dscores)
    db = np.sum(dscores, axis=0, keepdims=True)
    dW += reg*W
    W += -step_size * dW
    b += -step_size * db
""",
    loss="cross_entropy",
)
