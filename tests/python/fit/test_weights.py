"""Sample weights: the weighted mean that all three methods find, zeros, and repetitions.

With a constant feature (or an intercept alone) and squared error the minimum is the weighted
mean, ``np.average(y, weights=s)``. An update moves θ by η g with g = (1/m) Σ (sᵢ/s̄) 2 (θ - yᵢ).
At the learning rate η = 1/(2 (t + 1)) this is the classic recursion of a running mean: after T
updates with independent draws the error is nearly normal, of variance σ²/(m T), where σ² is the
mean of ((sᵢ/s̄)(θ* - yᵢ))² (Robbins and Monro, 1951; Chung, 1954). That σ/√(rows visited) is the
noise of the method; the bounds below are five of it.
"""

from __future__ import annotations

import numpy as np
import pytest

import gradwalk as gw
from gradwalk._core import LOSS_FACTS
from random_problems import problem

N = 12
RNG = np.random.default_rng(10)
Y = RNG.normal(size=N) * 2 + 5
# Heavy weights where y is large: the weighted mean is far from the plain one.
WEIGHTS = np.exp(0.6 * (Y - Y.mean()))
WEIGHTS[[2, 7]] = 0.0
MEAN = np.average(Y, weights=WEIGHTS)
SIGMA = np.sqrt(np.mean((WEIGHTS / WEIGHTS.mean() * (MEAN - Y)) ** 2))

ONES, ZEROS = np.ones((N, 1)), np.zeros((N, 1))
CONSTANT_FEATURE = (ONES, {"fit_intercept": False})
INTERCEPT_ALONE = (ZEROS, {"fit_intercept": True})
either = pytest.mark.parametrize(
    ("X", "options"), [CONSTANT_FEATURE, INTERCEPT_ALONE], ids=["feature", "intercept"]
)


def running_mean(t):
    return 1 / (2 * (t + 1))


def found(model):
    """The one number that was learnt."""
    assert np.array_equal(model.params_[1:], np.zeros(len(model.params_) - 1))
    return float(model.params_[0])


def noise(epochs):
    return 5 * SIGMA / np.sqrt(epochs * N)


def test_the_bounds_tell_right_from_wrong():
    """Weights forgotten, or squared, lead many times farther than the noise."""
    for wrong in (np.mean(Y), np.average(Y, weights=WEIGHTS**2), Y[WEIGHTS > 0].mean()):
        assert abs(wrong - MEAN) > 5 * noise(4000)


@either
@pytest.mark.parametrize("sampling", ["shuffle", "replace"])
@pytest.mark.parametrize("batch_size", range(1, N + 1))
def test_mini_batches_of_every_size_find_the_weighted_mean(batch_size, sampling, X, options):
    model = gw.MiniBatchGD(
        batch_size=batch_size,
        sampling=sampling,
        learning_rate=running_mean,
        epochs=4000,
        random_state=batch_size,
        record=None,
        **options,
    )
    assert abs(found(model.fit(X, Y, sample_weight=WEIGHTS)) - MEAN) < noise(4000)


def test_weights_of_a_batch_are_not_divided_by_their_own_mean():
    """That would pull batches of a few rows towards the plain mean, and no bound would hold."""
    theta, t = 0.0, 0
    rng = np.random.default_rng(0)
    for _ in range(4000):
        for rows in rng.permutation(N).reshape(-1, 3):
            s = WEIGHTS[rows]
            if s.sum() > 0:
                theta -= running_mean(t) * 2 * np.average(theta - Y[rows], weights=s)
            t += 1
    assert abs(theta - MEAN) > 5 * noise(4000)


@either
@pytest.mark.parametrize("sampling", ["shuffle", "replace"])
def test_sgd_finds_the_weighted_mean(sampling, X, options):
    model = gw.SGD(
        sampling=sampling,
        learning_rate=running_mean,
        epochs=4000,
        random_state=1,
        record=None,
        **options,
    )
    assert abs(found(model.fit(X, Y, sample_weight=WEIGHTS)) - MEAN) < noise(4000)


@either
def test_the_noise_falls_with_the_square_root_of_the_rows_visited(X, options):
    """The mean square error of many walks is that of the theory, long and short walks alike."""
    for epochs in (50, 800):
        errors = []
        for seed in range(300):
            model = gw.MiniBatchGD(
                batch_size=4,
                sampling="replace",
                learning_rate=running_mean,
                epochs=epochs,
                random_state=seed,
                record=None,
                **options,
            )
            errors.append(found(model.fit(X, Y, sample_weight=WEIGHTS)) - MEAN)
        expected = SIGMA / np.sqrt(epochs * N)
        # 300 squares of normal numbers have a mean within 0.75 … 1.3 of what is expected.
        assert 0.75 < np.mean(np.square(errors)) / expected**2 < 1.3
        assert abs(np.mean(errors)) < 4 * expected / np.sqrt(300)


@either
def test_batch_descent_finds_the_weighted_mean_without_noise(X, options):
    for model in (
        gw.BatchGD(learning_rate=0.3, epochs=100, **options),
        gw.MiniBatchGD(learning_rate=0.3, epochs=100, batch_size=N, **options),
    ):
        assert found(model.fit(X, Y, sample_weight=WEIGHTS)) == pytest.approx(MEAN, rel=1e-13)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_real_numbers_of_any_scale_are_weights(dtype):
    """Only their ratios count: a power of two changes no bit, any other factor only the last."""
    X, y, _ = problem("mse", 30)
    X = X.astype(dtype)
    weights = np.random.default_rng(11).uniform(0, 2, 12)
    for make in (gw.BatchGD, gw.SGD, gw.MiniBatchGD):
        one = make(epochs=5, random_state=1).fit(X, y, sample_weight=weights).params_
        for scale in (2.0**-40, 2.0**300):
            same = make(epochs=5, random_state=1).fit(X, y, sample_weight=scale * weights).params_
            assert np.array_equal(same, one)
        near = make(epochs=5, random_state=1).fit(X, y, sample_weight=1e-3 * weights).params_
        np.testing.assert_allclose(near, one, rtol=1e-5 if dtype == np.float32 else 1e-12)
        plain = make(epochs=5, random_state=1).fit(X, y).params_
        ones = make(epochs=5, random_state=1).fit(X, y, sample_weight=np.full(12, 7.0)).params_
        assert np.array_equal(ones, plain)
        assert not np.allclose(one, plain, rtol=1e-3)


@pytest.mark.parametrize("loss", gw.LOSSES)
def test_whole_weights_are_repetitions(loss):
    X, y, theta = problem(loss, 31)
    times = np.array([1, 0, 2, 3, 1, 0, 4, 1, 1, 2, 1, 2])
    options = {"loss": loss, "learning_rate": 0.05, "epochs": 60, "l2": 0.2}
    if loss == "cross_entropy":
        options["n_classes"] = 3
    weighted = gw.BatchGD(**options).fit(X, y, sample_weight=times, init=theta)
    repeated = gw.BatchGD(**options).fit(np.repeat(X, times, 0), np.repeat(y, times), init=theta)
    np.testing.assert_allclose(weighted.params_, repeated.params_, rtol=0, atol=1e-12)
    np.testing.assert_allclose(weighted.history_.loss, repeated.history_.loss, rtol=1e-12)
    plain = gw.BatchGD(**options).fit(X, y, init=theta)
    assert np.linalg.norm(plain.params_ - weighted.params_) > 1e-3


@pytest.mark.parametrize("loss", gw.LOSSES)
def test_a_row_of_weight_zero_is_visited_and_moves_nothing(loss):
    X, y, theta = problem(loss, 32)
    weights = np.arange(12.0) % 4  # rows 0, 4 and 8 weigh nothing
    options = {"loss": loss, "epochs": 2, "sampling": "sequential", "record": "update"}
    if loss == "cross_entropy":
        options["n_classes"] = 3
    history = gw.SGD(**options).fit(X, y, sample_weight=weights, init=theta).history_
    moved = np.abs(np.diff(history.path, axis=0)).reshape(24, -1).max(axis=1) > 0
    assert len(history.update_loss) == 24, "such a row is an update all the same"
    assert not moved[weights[np.arange(24) % 12] == 0].any()
    assert not history.update_loss[weights[np.arange(24) % 12] == 0].any()
    assert moved.sum() >= (18 if LOSS_FACTS[loss].margin_of_bend is None else 6)
    # What these rows hold is of no importance, as long as they are numbers.
    other = X.copy()
    other[[0, 4, 8]] = 99.0
    replaced = gw.SGD(**options).fit(other, y, sample_weight=weights, init=theta).history_
    assert np.array_equal(replaced.path, history.path)


def test_a_batch_that_weighs_nothing_feels_the_penalty_alone():
    X, y, theta = problem("mse", 33)
    weights = np.ones(12)
    weights[4:8] = 0
    model = gw.MiniBatchGD(epochs=1, batch_size=4, sampling="sequential", l2=0.5, learning_rate=0.1)
    history = model.fit(X, y, sample_weight=weights, init=theta).history_
    before, after = history.path[1:3]
    np.testing.assert_allclose(after, before - 0.1 * 0.5 * np.r_[0, before[1:]], rtol=1e-14)
    assert history.update_loss[1] == pytest.approx(0.25 * before[1:] @ before[1:], rel=1e-14)


def test_the_weights_of_a_batch_are_divided_by_the_mean_of_all():
    X, y, theta = problem("half_mse", 34)
    weights = np.arange(1.0, 13.0)
    model = gw.MiniBatchGD(
        "half_mse", epochs=1, batch_size=5, sampling="sequential", learning_rate=0.1
    )
    history = model.fit(X, y, sample_weight=weights, init=theta).history_
    for update, rows in enumerate((slice(0, 5), slice(5, 10), slice(10, 12))):
        before, after = history.path[update : update + 2]
        s, r = weights[rows] / 6.5, X[rows] @ before[1:] + before[0] - y[rows]
        assert history.update_loss[update] == pytest.approx(np.mean(s * r**2 / 2), rel=1e-13)
        grad = np.r_[np.mean(s * r), X[rows].T @ (s * r) / len(r)]
        np.testing.assert_allclose(after, before - 0.1 * grad, rtol=1e-12)
