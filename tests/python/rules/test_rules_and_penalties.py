"""Rules with penalties, weights, every loss and batches of noise: what `test_rules` leaves open."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import Lasso

import gradwalk as gw
from gradwalk import rules, schedules
from loss_kinds import COUNTS, TWO_CLASSES
from written_rules import DEFAULTS, RULES, formula

RNG = np.random.default_rng(5)
N, D = 60, 4
X = RNG.normal(size=(N, D)) * [1.0, 2.0, 0.5, 1.0]
Y = X @ [1.0, -0.5, 2.0, 0.0] + 0.3 + 0.1 * RNG.normal(size=N)
LABELS = (Y + RNG.normal(size=N) > 0).astype(float)
KINDS = RNG.integers(0, 3, N)
ORDER = RNG.integers(0, N, (2, N))
WEIGHTS = RNG.uniform(0.5, 2, N)
WITH_ONES = np.column_stack([np.ones(N), X])


def kind(rule):
    return type(rule).__name__


every_rule = pytest.mark.parametrize("rule", RULES, ids=kind)
every_default = pytest.mark.parametrize("rule", DEFAULTS, ids=kind)


def mse_grad(theta):
    return 2 / N * WITH_ONES.T @ (WITH_ONES @ theta - Y)


def assert_same_path(path, expected, tolerance=1e-12):
    """To a share of the largest coordinate on the way, or of 1 if that is more."""
    expected = np.array(expected)
    assert path.shape == expected.shape
    assert np.abs(path - expected).max() <= tolerance * max(1.0, np.abs(expected).max())


def labels_of(loss):
    if loss == "cross_entropy":
        return KINDS
    return LABELS if loss in (*TWO_CLASSES, *COUNTS) else Y


@every_rule
@pytest.mark.parametrize("loss", gw.LOSSES)
def test_rules_take_weighted_batches_of_every_loss(rule, loss):
    """Both penalties on, gradients by gw.loss_and_grad at the θ of the formula."""
    y, columns = labels_of(loss), 3 if loss == "cross_entropy" else 1
    options = {"learning_rate": 0.02, "epochs": 2, "rule": rule, "l1": 0.02, "l2": 0.1}
    model = gw.MiniBatchGD(loss, batch_size=7, **options)
    model.fit(X, y, order=ORDER, sample_weight=WEIGHTS)
    path = [np.zeros((D + 1) * columns)]
    step = formula(rule, path[0], 0.02, free=columns)
    for rows in [rows[start : start + 7] for rows in ORDER for start in range(0, N, 7)]:
        theta = path[-1].reshape(-1, columns) if columns > 1 else path[-1]
        options = {"loss": loss, "rows": rows, "sample_weight": WEIGHTS, "l2": 0.1}
        path.append(step(0.02, gw.loss_and_grad(X, y, theta, **options)[1].ravel()))
    assert_same_path(model.history_.path.reshape(len(path), -1), path)


@every_default
def test_with_its_default_constants_it_is_its_formula(rule):
    # RMSProp jumps about once it has arrived, left or right by the last bit of g: two walks of
    # it part there, both right. This one is still on its way.
    eta = 0.001 if isinstance(rule, rules.RMSProp) else 0.03
    path = [np.zeros(D + 1)]
    step = formula(rule, path[0], 0.05, free=1)
    for _ in range(200):
        path.append(step(eta, mse_grad(path[-1])))
    options = {"learning_rate": eta, "epochs": 200, "rule": rule, "l1": 0.05}
    assert_same_path(gw.BatchGD(**options).fit(X, Y).history_.path, path)


@every_default
def test_each_step_is_its_formula_after_arrival_too(rule):
    """The gradients of the walk itself, so that rounding has no 200 steps to grow in."""
    options = {"learning_rate": 0.05, "epochs": 200, "rule": rule, "l1": 0.05}
    path = gw.BatchGD(**options).fit(X, Y).history_.path
    step = formula(rule, path[0], 0.05, free=1)
    stepped = [path[0]] + [step(0.05, mse_grad(theta)) for theta in path[:-1]]
    assert_same_path(path, stepped, 1e-11)


def test_nesterov_is_the_momentum_form_at_a_constant_rate():
    beta, eta = 0.85, 0.03
    v, path = 0.0, [np.zeros(D + 1)]
    for _ in range(200):
        g = mse_grad(path[-1])
        v = beta * v + g
        path.append(path[-1] - eta * (g + beta * v))
    model = gw.BatchGD(learning_rate=eta, epochs=200, rule=rules.Nesterov(beta)).fit(X, Y)
    assert_same_path(model.history_.path, path)


def test_no_momentum_is_the_plain_rule():
    paths = [
        gw.BatchGD(epochs=50, l1=0.1, rule=rule).fit(X, Y).history_.path
        for rule in (None, rules.Momentum(0), rules.Nesterov(0.0))
    ]
    # The velocity is rounded once on its way through a quotient by η.
    np.testing.assert_allclose(paths[1], paths[0], rtol=0, atol=1e-15)
    np.testing.assert_array_equal(paths[2], paths[0])


# By its slopes it climbs, in the end.
@pytest.mark.filterwarnings("ignore:the walk diverges")
def test_the_velocity_of_momentum_dies_at_a_threshold():
    """A parameter held at zero gathers no speed: v is the displacement after the prox."""
    # g is 0.9 for 50 updates, within l1 = 1, then −3: from rest the next steps are known.
    slopes = iter([0.9] * 50 + [-3.0] * 2)
    model = gw.BatchGD(learning_rate=0.1, epochs=52, l1=1.0, rule=rules.Momentum(0.9))
    path = model.minimize(lambda x: float(x[0]), [0.0], jac=lambda x: np.array([next(slopes)])).path
    np.testing.assert_array_equal(path[:51], 0)
    # v = −3, θ = S(0.3, 0.1) = 0.2 and v ← −2; then v = −1.8 − 3, θ = S(0.2 + 0.48, 0.1).
    np.testing.assert_allclose(path[51:, 0], [0.2, 0.58], rtol=1e-12)


@pytest.mark.parametrize(
    "rule", [None, rules.Momentum(0.5), rules.Nesterov(0.5)], ids=lambda rule: type(rule).__name__
)
def test_mini_batches_reach_the_lasso(rule):
    rng = np.random.default_rng(9)
    X = rng.normal(size=(240, 8)) @ (np.eye(8) + 0.2 * rng.normal(size=(8, 8)))
    y = X @ [2.0, 0, -1.5, 0, 0, 0.8, 0, 0] + 0.7 + 0.001 * rng.normal(size=240)
    lasso = Lasso(alpha=0.01 / 2, tol=1e-14, max_iter=100_000).fit(X, y)
    assert 0 < (lasso.coef_ == 0).sum() < 8
    schedule = schedules.InverseScaling(0.05, tau=1000)
    options = {"learning_rate": schedule, "epochs": 40_000, "record": None, "random_state": 0}
    model = gw.MiniBatchGD(rule=rule, l1=0.01, batch_size=60, **options).fit(X, y)
    np.testing.assert_allclose(model.coef_, lasso.coef_, rtol=0, atol=1e-6)
    np.testing.assert_array_equal(model.coef_ == 0, lasso.coef_ == 0)


@every_rule
@pytest.mark.parametrize("method", [gw.BatchGD, gw.SGD, gw.MiniBatchGD])
def test_a_heavy_penalty_leaves_the_intercept_alone(rule, method):
    """With w at zero exactly the best intercept of mse is the mean of y."""
    is_adaptive = hasattr(rule, "epsilon")
    updates = {gw.BatchGD: 1, gw.SGD: N, gw.MiniBatchGD: -(-N // 32)}[method]
    decay = 0.998 ** (1 / updates)  # an epoch
    eta = schedules.Exponential(0.3 if is_adaptive else 0.02, decay=decay)
    options = {"learning_rate": eta, "epochs": 2000, "random_state": 0}
    model = method(rule=rule, l1=1e3, **options).fit(X, Y)
    np.testing.assert_array_equal(model.coef_, 0)
    assert model.intercept_ == pytest.approx(Y.mean(), abs=0.03)
    # Without an intercept there is nothing that is free.
    held = method(rule=rule, l1=1e3, fit_intercept=False, **options).fit(X, Y)
    np.testing.assert_array_equal(held.params_, np.zeros(D))


@every_rule
def test_a_walk_of_ten_partial_fits_has_the_bits_of_fit_with_a_penalty(rule):
    options = {"rule": rule, "l1": 0.05, "l2": 0.1, "learning_rate": 0.02, "random_state": 3}
    for dtype in (np.float32, np.float64):
        whole = gw.MiniBatchGD(epochs=10, **options).fit(X.astype(dtype), Y, sample_weight=WEIGHTS)
        parts = gw.MiniBatchGD(**options)
        for _ in range(10):
            parts.partial_fit(X.astype(dtype), Y, sample_weight=WEIGHTS)
        assert whole.params_.dtype == dtype
        np.testing.assert_array_equal(parts.history_.path, whole.history_.path)
        np.testing.assert_array_equal(parts.params_, whole.params_)
