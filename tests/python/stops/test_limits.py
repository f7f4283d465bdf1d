"""`max_learning_rate`: below it batch descent descends, above it least squares diverge."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pytest

import gradwalk as gw
from loss_kinds import NO_LIMIT


def problem(seed: int, loss: str):
    """Random data of random size and scale, with weights and l2 in every second one."""
    rng = np.random.default_rng(seed)
    n, d = int(rng.integers(5, 120)), int(rng.integers(1, 12))
    X = rng.normal(size=(n, d)) * 10 ** rng.uniform(-1, 1, size=d) + rng.normal(size=d)
    y = X @ rng.normal(size=d) + rng.normal(size=n)
    if loss == "log_loss":
        y = (y > np.median(y)).astype(float)
    weight = rng.uniform(0, 2, size=n) if seed % 2 else None
    l2 = float(rng.uniform(0, 0.5)) if seed % 3 == 0 else 0.0
    return X, y, {"sample_weight": weight}, {"l2": l2, "fit_intercept": bool(seed % 5)}


def walk(loss, X, y, fit, settings, rate, epochs):
    model = gw.BatchGD(loss, learning_rate=rate, epochs=epochs, record=None, **settings)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", gw.DivergenceWarning)
        return model.fit(X, y, full_loss=True, **fit)


@pytest.mark.parametrize("loss", ["mse", "half_mse", "log_loss"])
def test_just_below_the_limit_descent_descends(loss):
    for seed in range(50):
        X, y, fit, settings = problem(seed, loss)
        limit = gw.max_learning_rate(X, y, loss=loss, **fit, **settings)
        model = walk(loss, X, y, fit, settings, 0.99 * limit, 200)
        losses = model.history_.full_loss
        assert len(losses) == 201, seed
        assert losses[-1] < losses[0], seed
        assert (np.diff(losses) <= 1e-9 * losses[0]).all(), seed


@pytest.mark.parametrize("loss", ["mse", "half_mse"])
def test_just_above_the_limit_least_squares_diverge(loss):
    for seed in range(50):
        X, y, fit, settings = problem(seed, loss)
        limit = gw.max_learning_rate(X, y, loss=loss, **fit, **settings)
        model = walk(loss, X, y, fit, settings, 1.05 * limit, 4000)
        assert model.history_.full_loss.max() > 10 * model.history_.full_loss[0], seed


def test_the_limit_is_two_over_the_largest_eigenvalue():
    for seed in range(20):
        X, y, fit, settings = problem(seed, "mse")
        n, d = X.shape
        s = np.ones(n) if fit["sample_weight"] is None else fit["sample_weight"]
        b = int(settings["fit_intercept"])
        X_b = np.column_stack([np.ones((n, b)), X])
        hessian = 2 / s.sum() * X_b.T @ (s[:, None] * X_b)
        hessian += settings["l2"] * np.diag([0.0] * b + [1.0] * d)
        limit = gw.max_learning_rate(X, y, **fit, **settings)
        assert limit == pytest.approx(2 / np.linalg.eigvalsh(hessian)[-1], rel=1e-9)


def test_the_limit_is_the_same_in_every_form_and_at_any_number_of_threads(monkeypatch):
    rng = np.random.default_rng(3)
    X = rng.integers(-99, 100, size=(30_000, 20)) / 8
    y, weight = X[:, 0], rng.uniform(0, 2, size=30_000)
    wide = np.zeros((30_000, 40))
    wide[:, ::2] = X
    forms = [X, X.astype(np.float32), np.asfortranarray(X), X.astype(">f8"), wide[:, ::2]]
    for batch_size in (None, 1, 32):
        limits = set()
        for threads in ("1", "3"):
            monkeypatch.setenv("GRADWALK_NUM_THREADS", threads)
            for form in forms:
                limit = gw.max_learning_rate(form, y, batch_size=batch_size, sample_weight=weight)
                limits.add(limit)
        assert len(limits) == 1, limits


def test_one_row_at_a_time_goes_by_the_steepest_row():
    X, y, _, _ = problem(4, "mse")
    limit = gw.max_learning_rate(X, y, batch_size=1)
    assert limit == pytest.approx(1 / (1 + (X**2).sum(axis=1)).max(), rel=1e-12)
    between = gw.max_learning_rate(X, y, batch_size=8)
    assert limit < between < gw.max_learning_rate(X, y)
    assert gw.max_learning_rate(X, y, batch_size=10**9) == gw.max_learning_rate(X, y)


@pytest.mark.parametrize("loss", NO_LIMIT)
def test_a_loss_without_curvature_has_no_limit(loss):
    with pytest.raises(ValueError, match=f'loss must be one with a bound .*; got "{loss}"'):
        gw.max_learning_rate(np.eye(3), np.array([0.0, 1.0, 1.0]), loss=loss)


def test_wrong_words_and_values_are_named():
    X, y = np.eye(3), np.ones(3)
    with pytest.raises(TypeError, match='max_learning_rate has no argument "alpha"'):
        gw.max_learning_rate(X, y, alpha=1)
    with pytest.raises(ValueError, match="batch_size must be a whole number of at least 1; got 0"):
        gw.max_learning_rate(X, y, batch_size=0)
    bad = X.copy()
    bad[1, 2] = np.nan
    with pytest.raises(ValueError, match=r"X\[1, 2\]"):
        gw.max_learning_rate(bad, y)


def test_nothing_curved_at_all_is_no_limit():
    assert gw.max_learning_rate(np.zeros((3, 2)), np.ones(3), fit_intercept=False) == math.inf
