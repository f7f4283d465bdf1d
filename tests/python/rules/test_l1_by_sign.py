"""``l1_step="subgradient"``: l1·sign(w) in the gradient, as courses write it."""

import numpy as np
import pytest

import gradwalk as gw
from gradwalk import reference
from random_problems import every_method, problem
from written_rules import DEFAULTS


@pytest.mark.filterwarnings("ignore::gradwalk.DivergenceWarning")
@pytest.mark.parametrize("rule", DEFAULTS, ids=repr)
@pytest.mark.parametrize("loss", ["mse", "log_loss", "cross_entropy"])
@every_method
def test_the_sign_is_in_the_gradient(method, options, loss, rule):
    X, y, theta = problem(loss, seed=11)
    theta.flat[-1] = 0.0
    order = [np.random.default_rng(epoch).permutation(len(X)) for epoch in range(4)]
    given = {} if method is gw.BatchGD else {"order": order}
    settings = {"loss": loss, "learning_rate": 0.05, "epochs": 4, "l1": 0.3, "l2": 0.1}
    settings |= {"l1_step": "subgradient", "rule": rule}
    model = method(**settings, **options).fit(X, y, init=theta, **given)
    size = {gw.BatchGD: None, gw.SGD: 1, gw.MiniBatchGD: 5}[method]
    expected = reference.descend(X, y, batch_size=size, init=theta, **settings, **given)
    np.testing.assert_allclose(model.history_.path, expected.path, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(model.history_.update_loss, expected.update_loss, rtol=1e-10)


def test_the_loop_of_a_course_that_writes_the_sign():
    X, y, _ = problem("mse", seed=12)
    X_b, theta, lasso, eta = np.c_[np.ones(len(X)), X], np.zeros(4), 0.1, 0.05
    for _ in range(50):
        signs = np.r_[0, np.sign(theta[1:])]
        theta = theta - eta * (2 / len(y) * X_b.T @ (X_b @ theta - y) + lasso * signs)
    model = gw.BatchGD(learning_rate=eta, epochs=50, l1=lasso, l1_step="subgradient").fit(X, y)
    np.testing.assert_allclose(model.params_, theta, rtol=1e-12)


def test_the_sign_of_a_function_of_ones_own():
    def bowl(x):
        return ((x - 1) ** 2).sum()

    def slope(x):
        return 2 * (x - 1)

    model = gw.BatchGD(learning_rate=0.1, epochs=3, l1=0.5, l1_step="subgradient")
    x = np.array([-1.0, 0.0, 3.0])
    result = model.minimize(bowl, x, jac=slope)
    for _ in range(3):
        x = x - 0.1 * (slope(x) + 0.5 * np.sign(x))
    np.testing.assert_allclose(result.x, x, rtol=1e-14)


@every_method
def test_steps_and_files_know_how_l1_is_taken(method, options, tmp_path):
    X, y, theta = problem("mse", seed=13)
    settings = {"learning_rate": 0.05, "epochs": 2, "l1": 0.3, "l1_step": "subgradient"}
    model = method(**settings, **options)
    step = next(iter(model.steps(X, y, init=theta)))
    rows = np.arange(len(X)) if step.rows is None else step.rows
    _, slope = gw.loss_and_grad(X, y, theta, rows=rows)
    np.testing.assert_allclose(step.grad, slope + 0.3 * np.r_[0, np.sign(theta[1:])], rtol=1e-12)
    model = method(**settings, **options).fit(X, y)
    model.save(tmp_path / "model.npz")
    loaded = gw.load(tmp_path / "model.npz")
    assert loaded.l1_step == "subgradient"
    np.testing.assert_array_equal(loaded.partial_fit(X, y).params_, model.partial_fit(X, y).params_)
