"""Where ε stands, and the largest mean square: each as a course or a library writes its loop."""

from __future__ import annotations

import numpy as np
import pytest

import gradwalk as gw
from gradwalk import rules

RNG = np.random.default_rng(12)
X = RNG.normal(size=(30, 3))
ONES = np.column_stack([np.ones(30), X])
Y = X @ [1.0, -2.0, 0.5] + 1 + 0.1 * RNG.normal(size=30)
KIND = (Y > 1).astype(float)


def of_mse(theta):
    return 2 / 30 * ONES.T @ (ONES @ theta - Y)


def of_log_loss(theta):
    return ONES.T @ (1 / (1 + np.exp(-ONES @ theta)) - KIND) / 30


def d2l_adagrad(theta, grad, lr, state, eps):
    state["s"] = state.get("s", 0) + np.square(grad)
    return theta - lr * grad / np.sqrt(state["s"] + eps)


def d2l_rmsprop(theta, grad, lr, state, eps):
    state["s"] = 0.9 * state.get("s", 0) + 0.1 * np.square(grad)
    return theta - lr * grad / np.sqrt(state["s"] + eps)


def means(grad, state):
    """Adam's two means and its count."""
    state["t"] = state.get("t", 0) + 1
    state["m"] = 0.9 * state.get("m", 0) + 0.1 * grad
    state["v"] = 0.999 * state.get("v", 0) + 0.001 * grad**2
    return state["m"], state["v"], state["t"]


def corrected_rate(theta, grad, lr, state, eps):
    """Keras, and Deep Learning from Scratch."""
    m, v, t = means(grad, state)
    lr_t = lr * np.sqrt(1 - 0.999**t) / (1 - 0.9**t)
    return theta - lr_t * m / (np.sqrt(v) + eps)


def inside(theta, grad, lr, state, eps):
    m, v, t = means(grad, state)
    return theta - lr * (m / (1 - 0.9**t)) / np.sqrt(v / (1 - 0.999**t) + eps)


def torch_amsgrad(theta, grad, lr, state, eps):
    """PyTorch, one tensor at a time: the largest v, corrected by the root beside it."""
    m, v, t = means(grad, state)
    state["max"] = np.maximum(state.get("max", np.zeros_like(v)), v)
    denom = np.sqrt(state["max"]) / np.sqrt(1 - 0.999**t) + eps
    return theta - lr / (1 - 0.9**t) * m / denom


def keras_amsgrad(theta, grad, lr, state, eps):
    m, v, t = means(grad, state)
    state["hat"] = np.maximum(state.get("hat", np.zeros_like(v)), v)
    alpha = lr * np.sqrt(1 - 0.999**t) / (1 - 0.9**t)
    return theta - m * alpha / (np.sqrt(state["hat"]) + eps)


def torch_amsgrad_inside(theta, grad, lr, state, eps):
    m, v, t = means(grad, state)
    state["max"] = np.maximum(state.get("max", np.zeros_like(v)), v)
    return theta - lr * m / (1 - 0.9**t) / np.sqrt(state["max"] / (1 - 0.999**t) + eps)


def decayed(theta, grad, lr, state, eps):
    """AdamW with the corrected rate; a landscape has no intercept, and data have one."""
    kept = np.ones_like(theta)
    kept[: state["free"]] = 0
    return corrected_rate(theta * (1 - lr * 0.1 * kept), grad, lr, state, eps)


# ε is large enough to be seen in the last digits and in the first.
CASES = [
    (rules.AdaGrad, {"epsilon_at": "inside"}, d2l_adagrad),
    (rules.RMSProp, {"epsilon_at": "inside"}, d2l_rmsprop),
    (rules.Adam, {"epsilon_at": "uncorrected"}, corrected_rate),
    (rules.Adam, {"epsilon_at": "inside"}, inside),
    (rules.Adam, {"amsgrad": True}, torch_amsgrad),
    (rules.Adam, {"amsgrad": True, "epsilon_at": "uncorrected"}, keras_amsgrad),
    (rules.Adam, {"amsgrad": True, "epsilon_at": "inside"}, torch_amsgrad_inside),
    (rules.AdamW, {"epsilon_at": "uncorrected", "weight_decay": 0.1}, decayed),
]
LANDSCAPES = {"bowl": 0.05, "ravine": 0.01, "beale": 0.01}


@pytest.mark.parametrize(("cls", "constants", "formula"), CASES)
@pytest.mark.parametrize("epsilon", [1e-7, 0.05])
@pytest.mark.parametrize("problem", [*LANDSCAPES, "mse", "log_loss"])
def test_a_convention_is_the_loop_that_is_written_so(cls, constants, formula, epsilon, problem):
    # Without noise these rules jump about once they have arrived, left or right by the last bit
    # of g; 60 updates are on the way.
    settings = {"epochs": 60, "rule": cls(epsilon=epsilon, **constants)}
    if problem in LANDSCAPES:
        surface = getattr(gw.landscapes, problem)
        lr, grad, theta = LANDSCAPES[problem], surface.grad, np.array(surface.start, float)
        path = gw.BatchGD(learning_rate=lr, **settings).minimize(surface, surface.start).path
    else:
        lr, theta, y = 0.01, np.zeros(4), {"mse": Y, "log_loss": KIND}[problem]
        grad = {"mse": of_mse, "log_loss": of_log_loss}[problem]
        path = gw.BatchGD(problem, learning_rate=lr, **settings).fit(X, y).history_.path
    state = {"free": 0 if problem in LANDSCAPES else 1}
    written = [theta]
    for _ in range(60):
        written.append(theta := formula(theta, grad(theta), lr, state, epsilon))
    assert np.abs(path - written).max() <= 1e-12 * max(1, np.abs(written).max())


@pytest.mark.parametrize("rule", [rules.Adam(amsgrad=True), rules.Adam(amsgrad=True, epsilon=0.1)])
def test_amsgrad_does_not_grow_its_steps_when_a_large_slope_is_forgotten(rule):
    """The slope is 100 once and 1 from then on: only the mean m decides, and that settles at 1."""
    slopes = iter([100.0] + [1.0] * 3000)
    jac = lambda x: np.array([next(slopes)])  # noqa: E731
    model = gw.BatchGD(learning_rate=0.1, epochs=3000, rule=rule)
    path = model.minimize(lambda x: float(x[0]), [0.0], jac=jac).path.ravel()
    steps = -np.diff(path)
    # v = 0.001 · 100² stays the largest: √(10/(1 − 0.999ᵏ)) shrinks to √10.
    assert steps[2000] == pytest.approx(0.1 / (np.sqrt(10 / (1 - 0.999**2001)) + rule.epsilon))
    assert (np.diff(steps[200:]) >= 0).all()
    assert steps.max() < 0.11


def test_the_loop_checker_says_which_epsilon_at_a_loop_has():
    def loop(X, y):
        theta, state = np.zeros(4), {}
        path = [theta]
        for _ in range(30):
            path.append(theta := d2l_rmsprop(theta, of_mse(theta), 0.05, state, 1e-6))
        return np.array(path)

    settings = {"learning_rate": 0.05, "epochs": 30}
    report = gw.check_loop(loop, X, Y, gw.BatchGD(rule=rules.RMSProp(epsilon=1e-6), **settings))
    assert report.diagnosis[0].name == "another convention"
    assert "epsilon_at='inside'" in str(report)
    inside = rules.RMSProp(epsilon=1e-6, epsilon_at="inside")
    assert gw.check_loop(loop, X, Y, gw.BatchGD(rule=inside, **settings)).passed
    with pytest.raises(ValueError, match="check_loop knows loops without clip_norm"):
        gw.check_loop(loop, X, Y, gw.BatchGD(rule=inside, clip_norm=1.0, **settings))
