"""The loops of coursework, written as students write them, and gradwalk: the same numbers."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes

import gradwalk as gw


def assert_same(params, theta):
    """To 1e-12 of the norm of theta."""
    theta = np.asarray(theta).reshape(np.shape(params))
    assert np.linalg.norm(params - theta) <= 1e-12 * np.linalg.norm(theta)


def geron():
    """The line y = 4 + 3x with noise, as in Géron's chapter 4."""
    rng = np.random.default_rng(42)
    X = 2 * rng.random((100, 1))
    return X, (4 + 3 * X + rng.normal(size=(100, 1))).ravel()


def diabetes():
    X, y = load_diabetes(return_X_y=True)
    return (X - X.mean(axis=0)) / X.std(axis=0), y


def random():
    rng = np.random.default_rng(8)
    X = rng.normal(size=(57, 19))
    return X, X @ rng.normal(size=19) + rng.normal(size=57)


every_data_set = pytest.mark.parametrize("data", [geron, diabetes, random])


def with_ones(X):
    return np.c_[np.ones((len(X), 1)), X]


# --- Batch gradient descent -------------------------------------------------------------------


@every_data_set
def test_batch_descent_after_1000_epochs(data):
    X, y = data()
    X_b, m, eta = with_ones(X), len(X), 0.1
    theta = start = np.random.default_rng(1).normal(size=X_b.shape[1])
    for _ in range(1000):
        theta = theta - eta * 2 / m * X_b.T @ (X_b @ theta - y)

    model = gw.BatchGD(learning_rate=eta, epochs=1000, fit_intercept=False)
    assert_same(model.fit(X_b, y, init=start).params_, theta)
    # Our own intercept is the column of ones.
    model = gw.BatchGD(learning_rate=eta, epochs=1000)
    assert_same(model.fit(X, y, init=start).params_, theta)


def test_one_epoch_less_would_be_noticed():
    """A walk over badly scaled columns is still on its way after 1000 epochs."""
    X, y = random()
    X_b, m, eta = with_ones(X * np.logspace(0, -2, 19)), len(X), 0.1
    theta = before = np.random.default_rng(1).normal(size=20)
    for _ in range(1000):
        before = theta
        theta = theta - eta * 2 / m * X_b.T @ (X_b @ theta - y)
    start = np.random.default_rng(1).normal(size=20)
    model = gw.BatchGD(learning_rate=eta, epochs=1000, fit_intercept=False)
    assert_same(model.fit(X_b, y, init=start).params_, theta)
    with pytest.raises(AssertionError):
        assert_same(model.params_, before)


def test_columns_of_shape_m_1():
    """Theta and y as columns, and one flat array of zeros to start from."""
    X, y = geron()
    X_b, y = with_ones(X), y.reshape(-1, 1)
    theta = np.zeros((2, 1))
    for _ in range(1000):
        gradients = 2 / 100 * X_b.T @ (X_b @ theta - y)
        theta = theta - 0.1 * gradients
    model = gw.BatchGD(learning_rate=0.1, epochs=1000, fit_intercept=False)
    assert_same(model.fit(X_b, y, init=np.zeros((2, 1))).params_, theta)
    assert_same(model.fit(X_b, y).params_, theta)


@every_data_set
def test_half_the_squared_error_with_a_penalty(data):
    """Ng's form: 1/m in the gradient, and the intercept free of the penalty."""
    X, y = data()
    m, alpha, penalty = len(X), 0.2, 0.3
    b, w = 0.0, np.zeros(X.shape[1])
    for _ in range(1000):
        error = X @ w + b - y
        b, w = b - alpha * error.mean(), w - alpha * (X.T @ error / m + penalty * w)
    model = gw.BatchGD("half_mse", learning_rate=alpha, epochs=1000, l2=penalty).fit(X, y)
    assert_same(model.params_, np.r_[b, w])
    assert_same(model.coef_, w)
    assert model.intercept_ == pytest.approx(b, rel=1e-12)


# --- Mini-batch and stochastic descent, replayed -----------------------------------------------


@every_data_set
@pytest.mark.parametrize("in_one_array", [True, False])
@pytest.mark.parametrize("b", [1, 20, 32])
def test_mini_batches_drawn_with_numpy(data, b, in_one_array):
    X, y = data()
    X_b, m = with_ones(X), len(X)
    t0, t1 = 200, 4000
    rng = np.random.default_rng(3)
    theta = start = rng.normal(size=X_b.shape[1])
    t, order = 0, []
    for _ in range(20):
        shuffled = rng.permutation(m)
        order.append(shuffled)
        for i in range(0, m, b):
            xi, yi = X_b[shuffled[i : i + b]], y[shuffled[i : i + b]]
            theta = theta - t0 / (t + t1) * 2 / len(xi) * xi.T @ (xi @ theta - yi)
            t += 1

    options = {"learning_rate": lambda t: t0 / (t + t1), "epochs": 20, "fit_intercept": False}
    given = {"init": start, "order": np.array(order) if in_one_array else order}
    model = gw.MiniBatchGD(batch_size=b, **options).fit(X_b, y, **given)
    assert model.n_updates_ == t
    assert_same(model.params_, theta)
    if b == 1:
        assert_same(gw.SGD(**options).fit(X_b, y, **given).params_, theta)


def test_stochastic_descent_as_geron_writes_it():
    """50 epochs of m draws with repetition, learning rate t0 / (t + t1)."""
    X, y = geron()
    X_b, m, n_epochs, t0, t1 = with_ones(X), 100, 50, 5, 50

    def learning_schedule(t):
        return t0 / (t + t1)

    rng = np.random.default_rng(42)
    theta = start = rng.normal(size=2)
    drawn = np.empty((n_epochs, m), dtype=int)
    for epoch in range(n_epochs):
        for iteration in range(m):
            random_index = drawn[epoch, iteration] = rng.integers(m)
            xi, yi = X_b[random_index : random_index + 1], y[random_index : random_index + 1]
            gradients = 2 * xi.T @ (xi @ theta - yi)
            theta = theta - learning_schedule(epoch * m + iteration) * gradients

    model = gw.SGD(learning_rate=learning_schedule, epochs=n_epochs, fit_intercept=False)
    assert_same(model.fit(X_b, y, init=start, order=drawn).params_, theta)
    assert len(np.unique(drawn[0])) < m, "the draws repeat rows"


# --- Logistic regression ----------------------------------------------------------------------


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def breast_cancer():
    X, y = load_breast_cancer(return_X_y=True)
    return (X - X.mean(axis=0)) / X.std(axis=0), y


def test_a_logistic_loop_after_1000_epochs():
    X, y = breast_cancer()
    X_b, m, eta = with_ones(X), len(X), 0.3
    theta = np.zeros(31)
    losses = []
    for _ in range(1000):
        p = sigmoid(X_b @ theta)
        losses.append(-np.mean(y * np.log(p) + (1 - y) * np.log(1 - p)))
        theta = theta - eta / m * X_b.T @ (p - y)
    model = gw.BatchGD("log_loss", learning_rate=eta, epochs=1000, fit_intercept=False)
    model.fit(X_b, y)
    assert_same(model.params_, theta)
    np.testing.assert_allclose(model.history_.loss, losses, rtol=1e-10)
    np.testing.assert_allclose(model.predict_proba(X_b)[:, 1], sigmoid(X_b @ theta), rtol=1e-10)


@pytest.mark.parametrize("b", [1, 50])
def test_a_logistic_loop_with_mini_batches(b):
    X, y = breast_cancer()
    m, eta = len(X), 0.05
    rng = np.random.default_rng(4)
    order = np.array([rng.permutation(m) for _ in range(5)])
    w, bias = np.zeros(30), 0.0
    for shuffled in order:
        for i in range(0, m, b):
            xi, yi = X[shuffled[i : i + b]], y[shuffled[i : i + b]]
            error = sigmoid(xi @ w + bias) - yi
            w, bias = w - eta * xi.T @ error / len(xi), bias - eta * error.mean()
    model = gw.MiniBatchGD("log_loss", learning_rate=eta, epochs=5, batch_size=b)
    assert_same(model.fit(X, y, order=order).params_, np.r_[bias, w])


def test_a_softmax_loop():
    """Theta is (d + 1, K): scores are X_b @ Theta."""
    rng = np.random.default_rng(5)
    X, y, K = rng.normal(size=(90, 6)), rng.integers(0, 4, 90), 4
    X_b, Y = with_ones(X), np.eye(K)[y]
    Theta = start = rng.normal(size=(7, K))
    for _ in range(1000):
        exps = np.exp(X_b @ Theta)
        P = exps / exps.sum(axis=1, keepdims=True)
        Theta = Theta - 0.5 * (1 / 90 * X_b.T @ (P - Y))
    for target in (y, Y):
        model = gw.BatchGD("cross_entropy", learning_rate=0.5, epochs=1000)
        assert_same(model.fit(X, target, init=start).params_, Theta)
    model = gw.BatchGD("cross_entropy", learning_rate=0.5, epochs=1000, fit_intercept=False)
    assert_same(model.fit(X_b, y, init=start.ravel(), order=None).params_, Theta)
