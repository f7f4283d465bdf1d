"""Update rules: each is its formula, and each ends at the Lasso's minimum."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from sklearn.linear_model import Lasso

import gradwalk as gw
from gradwalk import rules
from random_problems import problem
from written_rules import RULES, formula, still

by_name = pytest.mark.parametrize("rule", RULES, ids=lambda rule: type(rule).__name__)


def close(ours, theirs, tolerance=1e-12):
    assert np.abs(ours - theirs).max() <= tolerance * max(1, np.abs(theirs).max())


SURFACES = {"bowl": 0.05, "ravine": 0.002, "beale": 0.002}


@by_name
@pytest.mark.parametrize("name", SURFACES)
def test_on_a_landscape_it_is_its_formula(rule, name):
    surface = getattr(gw.landscapes, name)
    eta = SURFACES[name]
    result = gw.BatchGD(learning_rate=eta, epochs=200, rule=rule).minimize(surface, surface.start)
    theta = np.array(surface.start, float)
    step = formula(rule, theta)
    path = [theta := step(eta, surface.grad(theta)) for _ in range(200)]
    close(result.path[1:], np.array(path))


@by_name
@pytest.mark.parametrize("loss", ["mse", "log_loss"])
@pytest.mark.parametrize("l1", [0.0, 0.03])
def test_on_data_it_is_its_formula(rule, loss, l1):
    rng = np.random.default_rng(3)
    X = rng.normal(size=(40, 4))
    y = X @ [1.0, -2.0, 0.0, 0.5] + 0.1 * rng.normal(size=40)
    y = (y > 0).astype(float) if loss == "log_loss" else y
    order = [rng.permutation(40) for _ in range(40)]
    model = gw.MiniBatchGD(
        loss, learning_rate=lambda t: 0.05 / (1 + t / 50), epochs=40, batch_size=8, rule=rule, l1=l1
    ).fit(X, y, order=order)
    theta = np.zeros(5)
    step = formula(rule, theta, l1, free=1)
    path = []
    for t, rows in enumerate(np.concatenate(order).reshape(-1, 8)):
        _, g = gw.reference.loss_and_grad(X, y, theta, loss=loss, rows=rows)
        path.append(theta := step(0.05 / (1 + t / 50), g))
    assert len(path) == 200
    close(model.history_.path[1:], np.array(path))


@by_name
@pytest.mark.parametrize("seed", range(6))
def test_a_walk_on_random_data_is_that_of_the_reference(rule, seed):
    loss = ["mse", "huber", "log_loss", "squared_hinge", "tanh_mse", "cross_entropy"][seed]
    X, y, theta = problem(loss, seed, n=20, intercept=bool(seed % 2))
    settings = {"loss": loss, "epochs": 6, "learning_rate": 0.01, "fit_intercept": bool(seed % 2)}
    settings |= {"rule": rule, "l1": 0.02 * (seed % 3), "l2": 0.1}
    rng = np.random.default_rng(seed)
    given = {"order": [rng.permutation(20) for _ in range(6)], "init": theta}
    ours = gw.MiniBatchGD(batch_size=6, **settings).fit(X, y, **given).history_
    theirs = gw.reference.mini_batch_gd(X, y, batch_size=6, **settings, **given)
    close(ours.path, theirs.path, 1e-10)
    close(ours.update_loss, theirs.update_loss, 1e-10)


@by_name
def test_every_rule_ends_at_the_lasso_with_its_exact_zeros(rule):
    rng = np.random.default_rng(8)
    X = rng.normal(size=(60, 6))
    y = X @ [2.0, 0, -1.0, 0, 0.5, 0] + 0.3 * rng.normal(size=60) + 1
    l1 = 0.4
    # Ours is the mean square, theirs half of it.
    lasso = Lasso(alpha=l1 / 2, tol=1e-14, max_iter=100_000).fit(X, y)
    assert 0 < (lasso.coef_ == 0).sum() < 6
    settings = {"rule": still(rule), "l1": l1, "record": None, "epochs": 30_000}
    # For steps that stay as large as the rate, and for those that shrink by themselves.
    rates = gw.schedules.Exponential(0.05, 0.9993), gw.schedules.InverseScaling(0.5, tau=1e5)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", gw.DivergenceWarning)
        models = [gw.BatchGD(learning_rate=rate, **settings).fit(X, y) for rate in rates]
    ends = np.array([lasso.intercept_, *lasso.coef_])
    model = min(models, key=lambda model: np.abs(model.params_ - ends).max())
    np.testing.assert_allclose(model.params_, ends, atol=1e-6)
    np.testing.assert_array_equal(model.coef_ == 0, lasso.coef_ == 0)


@by_name
@pytest.mark.parametrize("loss", gw.LOSSES)
def test_every_loss_takes_every_rule_in_either_precision(rule, loss):
    rng = np.random.default_rng(5)
    X = rng.normal(size=(30, 3))
    y = rng.integers(0, 2, size=30).astype(float)
    settings = {"learning_rate": 0.01, "epochs": 5, "rule": rule, "l1": 0.01, "random_state": 0}
    double = gw.SGD(loss, **settings).fit(X, y)
    single = gw.SGD(loss, **settings).fit(X.astype(np.float32), y)
    assert single.params_.dtype == np.float32
    np.testing.assert_allclose(single.params_, double.params_, atol=2e-3)


@pytest.mark.parametrize("rule", ["adam", rules.Adam, 0.9, object()])
def test_what_is_no_rule_is_refused_with_what_to_write(rule):
    with pytest.raises(TypeError, match=r"rule must be None, an object of gradwalk\.rules, such"):
        gw.BatchGD(rule=rule)
