"""The gradient of every loss against differences of its value."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import gradwalk as gw
from gradwalk import reference
from loss_kinds import COUNTS, TWO_CLASSES
from random_problems import central_differences, problem

Array = NDArray[Any]

every_loss = pytest.mark.parametrize("loss", gw.LOSSES)


@every_loss
@pytest.mark.parametrize("seed", range(12))
def test_a_gradient_is_what_differences_of_the_value_say(loss: str, seed: int) -> None:
    rng = np.random.default_rng([seed, gw.LOSSES.index(loss)])
    intercept = bool(seed % 2)
    size = {"n": int(rng.integers(1, 40)), "d": int(rng.integers(1, 6))}
    # Steps of 2h times entries of X of at most 5 stay within what `problem` keeps from a kink.
    X, y, theta = problem(loss, seed, **size, intercept=intercept, K=int(rng.integers(2, 6)))
    n = len(X)
    if loss in TWO_CLASSES and seed % 3 == 0:
        y = 2 * y - 1
    weights = rng.uniform(0, 3, n) * (rng.random(n) < 0.8)
    weights[rng.integers(n)] = 1.0
    settings = {
        "loss": loss,
        "fit_intercept": intercept,
        "l2": float(rng.choice([0.0, 0.3, 2.0])),
        "sample_weight": weights,
        "rows": rng.integers(0, n, int(rng.integers(1, 2 * n + 1))),
    }
    for without in [(), ("rows",), ("sample_weight",), ("rows", "sample_weight", "l2")]:
        used = {name: value for name, value in settings.items() if name not in without}
        value, grad = gw.loss_and_grad(X, y, theta, **used)
        expected = central_differences(
            lambda theta, used=used: gw.loss_and_grad(X, y, theta, **used)[0], theta
        )
        assert grad.shape == theta.shape
        # Where the loss is flat, as hinge may be at these rows, the differences are rounding alone.
        scale = max(float(np.linalg.norm(expected)), 1e-7 * abs(value))
        assert np.linalg.norm(grad - expected) <= 5e-6 * scale
        oracle_value, oracle_grad = reference.loss_and_grad(X, y, theta, **used)
        assert value == pytest.approx(oracle_value, rel=1e-12)
        np.testing.assert_allclose(grad, oracle_grad, rtol=1e-9, atol=1e-12)


def test_differences_find_a_wrong_gradient() -> None:
    """The yardstick itself: a sum, whose gradient is known, and one that is off by 1e-5."""
    theta = np.array([0.3, -2.0, 0.7])
    exact = np.cos(theta)
    found = central_differences(lambda theta: float(np.sin(theta).sum()), theta)
    assert np.linalg.norm(found - exact) < 1e-11
    assert np.linalg.norm(found - exact * (1 + 1e-5)) > 5e-6 * np.linalg.norm(exact)


@every_loss
def test_gradients_of_equal_batches_average_to_the_whole(loss: str) -> None:
    X, y, theta = problem(loss, 1, n=24)
    weights = np.random.default_rng(0).uniform(0, 2, 24)
    settings = {"loss": loss, "sample_weight": weights, "l2": 0.4}
    whole, grad = gw.loss_and_grad(X, y, theta, **settings)
    batches = np.random.default_rng(1).permutation(24).reshape(6, 4)
    parts = [gw.loss_and_grad(X, y, theta, rows=rows, **settings) for rows in batches]
    assert np.mean([value for value, _ in parts]) == pytest.approx(whole, rel=1e-13)
    np.testing.assert_allclose(np.mean([part for _, part in parts], axis=0), grad, rtol=1e-11)


@every_loss
def test_float32_agrees_with_float64_to_its_precision(loss: str) -> None:
    X, y, theta = problem(loss, 5, n=30)
    value, grad = gw.loss_and_grad(X, y, theta, loss=loss, l2=0.1)
    single_value, single_grad = gw.loss_and_grad(X.astype("f4"), y, theta, loss=loss, l2=0.1)
    assert single_grad.dtype == np.float32
    assert single_value == pytest.approx(value, rel=1e-5)
    assert np.linalg.norm(single_grad - grad) <= 1e-5 * np.linalg.norm(grad)


# At the kink itself the slope is the one that the design names.
@pytest.mark.parametrize(
    ("loss", "y", "z", "value", "slope"),
    [
        ("mae", 2.0, 2.0, 0.0, 0.0),
        ("huber", 2.0, 3.0, 0.5, 1.0),
        ("huber", 2.0, 1.0, 0.5, -1.0),
        ("hinge", 1, 1.0, 0.0, 0.0),
        ("hinge", 0, -1.0, 0.0, 0.0),
        ("squared_hinge", 1, 1.0, 0.0, 0.0),
        ("perceptron", 1, 0.0, 0.0, -1.0),
        ("perceptron", 0, 0.0, 0.0, 1.0),
    ],
)
def test_the_slope_at_a_kink(loss: str, y: float, z: float, value: float, slope: float) -> None:
    found, grad = gw.loss_and_grad([[0.0]], [y], [z, 0.0], loss=loss)
    assert (found, grad[0]) == (value, slope)


FAR = 1e4
# loss, y, z, ℓ, slope: with σ(±1e4) and tanh(±1e4) equal to 0, 1 and ±1 in double precision.
FAR_AWAY: list[tuple[str, float, float, float, float]] = [
    ("mse", 0.0, FAR, 1e8, 2e4),
    ("mse", 0.0, -FAR, 1e8, -2e4),
    ("half_mse", 0.0, FAR, 5e7, 1e4),
    ("half_mse", 0.0, -FAR, 5e7, -1e4),
    ("mae", 0.0, FAR, 1e4, 1.0),
    ("mae", 0.0, -FAR, 1e4, -1.0),
    ("huber", 0.0, FAR, 9999.5, 1.0),
    ("huber", 0.0, -FAR, 9999.5, -1.0),
    ("log_loss", 0.0, FAR, 1e4, 1.0),
    ("log_loss", 1.0, -FAR, 1e4, -1.0),
    ("log_loss", 1.0, FAR, 0.0, 0.0),
    ("log_loss", 0.0, -FAR, 0.0, 0.0),
    ("hinge", 0.0, FAR, 10001.0, 1.0),
    ("hinge", 1.0, -FAR, 10001.0, -1.0),
    ("hinge", 1.0, FAR, 0.0, 0.0),
    ("squared_hinge", 0.0, FAR, 10001.0**2, 20002.0),
    ("squared_hinge", 1.0, -FAR, 10001.0**2, -20002.0),
    ("squared_hinge", 0.0, -FAR, 0.0, 0.0),
    ("poisson", 2.0, -FAR, 2e4, -2.0),
    ("perceptron", 0.0, FAR, 1e4, 1.0),
    ("perceptron", 1.0, -FAR, 1e4, -1.0),
    ("perceptron", 1.0, FAR, 0.0, 0.0),
    ("sigmoid_mse", 0.25, FAR, 0.5625, 0.0),
    ("sigmoid_mse", 0.25, -FAR, 0.0625, 0.0),
    ("tanh_mse", 0.5, FAR, 0.25, 0.0),
    ("tanh_mse", 0.5, -FAR, 2.25, 0.0),
]


@pytest.mark.parametrize("y", [0.0, 1.0])
@pytest.mark.parametrize("z", [FAR, -FAR])
@pytest.mark.parametrize("loss", [loss for loss in gw.LOSSES if loss != "cross_entropy"])
def test_far_away_it_is_the_reference(loss: str, z: float, y: float) -> None:
    if loss in COUNTS and z > 0:
        z = 700.0  # beyond e^z is no number
    found, grad = gw.loss_and_grad([[0.0]], [y], [z, 0.0], loss=loss)
    value, slope = reference.LOSSES[loss](np.array([z]), np.array([y]))
    assert np.isfinite(found)
    assert (found, grad[0]) == pytest.approx((value[0], slope[0]), rel=1e-12)


@pytest.mark.parametrize("dtype", ["f8", "f4"])
@pytest.mark.parametrize(("loss", "y", "z", "value", "slope"), FAR_AWAY)
def test_far_away_the_loss_is_finite_and_right(
    loss: str, y: float, z: float, value: float, slope: float, dtype: str
) -> None:
    # The score comes from the feature, then from the intercept.
    for X, theta in ([[z / 100]], [0.0, 100.0]), ([[0.0]], [z, 0.0]):
        row = np.array(X, dtype)
        found, grad = gw.loss_and_grad(row, [y], theta, loss=loss)
        assert found == pytest.approx(value, rel=1e-15 if dtype == "f8" else 1e-7)
        np.testing.assert_allclose(grad, [slope, slope * X[0][0]], rtol=1e-7)
        # A step from there does not blow up either.
        model = gw.BatchGD(loss, epochs=1, learning_rate=1e-6).fit(row, [y], init=theta)
        assert model.stop_reason_ == "epochs done"
        assert np.all(np.isfinite(model.params_))


@pytest.mark.parametrize("dtype", ["f8", "f4"])
@pytest.mark.parametrize("label", [0, 1, 2])
@pytest.mark.parametrize("scores", [(FAR, 0, -FAR), (-FAR, -FAR, -FAR), (FAR, FAR, FAR)])
def test_cross_entropy_far_away(scores: tuple[float, ...], label: int, dtype: str) -> None:
    theta = np.array([scores, np.zeros(3)])
    value, grad = gw.loss_and_grad(np.zeros((1, 1), dtype), [label], theta, loss="cross_entropy")
    winners = np.flatnonzero(np.array(scores) == max(scores))
    P = np.isin(np.arange(3), winners) / len(winners)
    assert value == pytest.approx(max(scores) - scores[label] + np.log(len(winners)), rel=1e-7)
    np.testing.assert_allclose(grad[0], P - np.eye(3)[label], atol=1e-7)
    model = gw.BatchGD("cross_entropy", epochs=1).fit(
        np.zeros((1, 1), dtype), [label], init=theta, full_loss=True
    )
    assert np.all(np.isfinite(model.history_.full_loss))
    assert np.all(np.isfinite(model.predict_proba(np.zeros((1, 1), dtype))))


@pytest.mark.parametrize("n", [1, 7, 8, 9])
def test_a_large_intercept_that_the_features_take_back_leaves_the_loss_finite(n: int) -> None:
    """Also where rows do not fill the kernel's groups of eight."""
    X, theta = np.full((n, 1), 1.0), [1e3, -1e3]
    value, grad = gw.loss_and_grad(X, np.full(n, 2.0), theta, loss="poisson")
    assert (value, *grad) == (1.0, -1.0, -1.0)
    value, grad = gw.loss_and_grad(X, np.full(n, 2.0), [1e200, -1e200], loss="mse")
    assert (value, *grad) == (4.0, -4.0, -4.0)


def test_small_losses_keep_their_digits() -> None:
    """ln(1 + e⁻ᶻ) of a score far on the right side is e⁻ᶻ, not 0."""
    for z in (20.0, 40.0, 500.0):
        for y, score in ((1, z), (0, -z)):
            value, _ = gw.loss_and_grad([[0.0]], [y], [score, 0.0], loss="log_loss")
            assert value == pytest.approx(np.exp(-z), rel=1e-8)
