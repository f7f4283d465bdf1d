"""`clip_norm`: the gradient is scaled to at most that norm before the rule."""

from __future__ import annotations

import numpy as np
import pytest

import gradwalk as gw
from gradwalk import rules
from written_rules import RULES, formula

RNG = np.random.default_rng(4)
X = RNG.normal(size=(40, 3))
Y = X @ [3.0, -4.0, 0.5] + 2 + 0.1 * RNG.normal(size=40)
KIND = (Y > 1).astype(float)
ORDER = [RNG.permutation(40) for _ in range(6)]


def clipped(g, most):
    return g * min(1.0, most / np.linalg.norm(g))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: type(rule).__name__)
@pytest.mark.parametrize("name", ["bowl", "ravine", "beale"])
def test_on_a_landscape_the_rule_gets_the_clipped_gradient(rule, name):
    surface = getattr(gw.landscapes, name)
    model = gw.BatchGD(learning_rate=0.005, epochs=60, rule=rule, clip_norm=0.7)
    path = model.minimize(surface, surface.start).path
    theta = np.array(surface.start, float)
    step = formula(rule, theta)
    written = [theta]
    for _ in range(60):
        written.append(theta := step(0.005, clipped(surface.grad(theta), 0.7)))
    assert np.abs(path - written).max() <= 1e-12 * max(1, np.abs(written).max())


@pytest.mark.parametrize("size", [1, 7, 40])
@pytest.mark.parametrize("loss", ["mse", "log_loss"])
@pytest.mark.parametrize("rule", [None, rules.Momentum(0.9), rules.Adam()], ids=repr)
@pytest.mark.parametrize("l1", [0.0, 0.03])
def test_on_data_each_batch_is_clipped(rule, loss, size, l1):
    y = KIND if loss == "log_loss" else Y
    settings = {"learning_rate": 0.02, "epochs": 6, "rule": rule, "l1": l1, "l2": 0.1}
    model = gw.MiniBatchGD(loss, batch_size=size, clip_norm=0.4, **settings)
    model.fit(X, y, order=ORDER)
    path = [np.zeros(4)]
    step = formula(rule, path[0], l1, free=1)
    for order in ORDER:
        for start in range(0, 40, size):
            rows = order[start : start + size]
            g = gw.reference.loss_and_grad(X, y, path[-1], loss=loss, rows=rows, l2=0.1)[1]
            path.append(step(0.02, clipped(g, 0.4)))
    assert np.abs(model.history_.path - path).max() <= 1e-12


def test_a_norm_that_is_never_reached_changes_no_bit():
    settings = {"learning_rate": 0.02, "epochs": 5, "random_state": 0}
    for method in (gw.BatchGD, gw.MiniBatchGD):
        free = method(**settings).fit(X, Y)
        held = method(clip_norm=1e6, **settings).fit(X, Y)
        np.testing.assert_array_equal(held.history_.path, free.history_.path)
        np.testing.assert_array_equal(held.history_.grad_norm, free.history_.grad_norm)


@pytest.mark.parametrize("method", [gw.BatchGD, gw.SGD, gw.MiniBatchGD])
def test_steps_fit_and_partial_fit_have_the_same_bits_and_steps_the_whole_gradient(method):
    settings = {"learning_rate": 0.05, "epochs": 3, "random_state": 1, "clip_norm": 0.5}
    whole = method(**settings).fit(X, Y)
    parts = method(**settings)
    for _ in range(3):
        parts.partial_fit(X, Y)
    np.testing.assert_array_equal(parts.history_.path, whole.history_.path)
    walk = method(**settings)
    before = np.zeros(4)
    for place, step in enumerate(walk.steps(X, Y, full_loss=True)):
        g = gw.loss_and_grad(X, Y, before, rows=step.rows)[1]
        np.testing.assert_allclose(step.grad, g, rtol=1e-12, atol=1e-12)
        np.testing.assert_array_equal(step.params, whole.history_.path[place + 1])
        before = step.params
    np.testing.assert_array_equal(walk.params_, whole.params_)


def test_the_norm_on_record_is_that_of_the_objective():
    model = gw.BatchGD(learning_rate=0.01, epochs=4, clip_norm=0.1).fit(X, Y)
    norms = [np.linalg.norm(gw.loss_and_grad(X, Y, p)[1]) for p in model.history_.path[:-1]]
    np.testing.assert_allclose(model.history_.grad_norm, norms)
    steps = np.linalg.norm(np.diff(model.history_.path, axis=0), axis=1)
    np.testing.assert_allclose(steps, 0.01 * 0.1)


def test_slopes_whose_squares_are_beyond_the_numbers_are_clipped_too():
    jac = lambda x: np.array([3e200, -4e200])  # noqa: E731
    model = gw.BatchGD(learning_rate=1.0, epochs=1, clip_norm=5.0)
    result = model.minimize(lambda x: 0.0, [0.0, 0.0], jac=jac)
    np.testing.assert_allclose(result.x, [-3.0, 4.0])


def test_a_clipped_walk_is_saved_whole(tmp_path):
    model = gw.SGD(learning_rate=0.05, clip_norm=0.5, random_state=1).fit(X, Y)
    model.save(tmp_path / "model.npz")
    again = gw.load(tmp_path / "model.npz")
    assert again.clip_norm == 0.5
    for one in (model, again):
        one.partial_fit(X, Y)
    np.testing.assert_array_equal(model.history_.path, again.history_.path)
    assert str(again.history_.verdict) == str(model.history_.verdict)


@pytest.mark.parametrize("method", [gw.BatchGD, gw.SGD, gw.MiniBatchGD])
@pytest.mark.parametrize("wrong", [0, -1.0, np.nan, np.inf, "1", True, [1.0]])
def test_what_is_no_number_above_0_is_refused(method, wrong):
    with pytest.raises(
        (TypeError, ValueError), match=r"^clip_norm must be a finite number above 0"
    ):
        method(clip_norm=wrong)
    assert method(clip_norm=None).clip_norm is None
