"""The promises on real data: the very numbers that ``python -m gradwalk demo`` prints."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression

from gradwalk.demo import real_data
from gradwalk.demo.real_data import METHODS, PROMISES, SEEDS, Promise


def test_the_promises_are_those_of_the_readme():
    assert list(SEEDS) == [0, 1, 2, 3, 4]
    promised = {(promise.dataset, promise.method): promise for promise in PROMISES}
    for method in METHODS:
        assert promised["digits", method].least == 0.94
        assert promised["breast cancer", method].least == 0.95
    assert promised["diabetes", "BatchGD"].least is None
    assert promised["diabetes", "BatchGD"].within == 0.005


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("promise", PROMISES, ids=lambda p: f"{p.dataset}-{p.method}")
def test_promise_is_kept_on_the_held_out_third(promise: Promise, seed: int):
    held_out = real_data.held_out(promise, seed)
    assert held_out.kept, held_out
    if promise.least is not None:
        assert held_out.score >= promise.least
    else:
        assert held_out.most - held_out.least == pytest.approx(2 * 0.005)


@pytest.mark.parametrize("dataset", real_data.LOSSES)
def test_a_third_is_held_out_and_the_scale_comes_from_the_rest(dataset, monkeypatch):
    """Watch what it trains and scores on: no row in both, nothing of the test in the scale."""
    seen = {}

    class Spy:
        def __init__(self, loss, **settings):
            seen["loss"] = loss

        def fit(self, X, y):
            seen["train"] = X, y
            return self

        def score(self, X, y):
            seen["test"] = X, y
            return 0.0

    monkeypatch.setitem(METHODS, "BatchGD", Spy)
    promise = next(p for p in PROMISES if p.dataset == dataset and p.method == "BatchGD")
    assert not real_data.held_out(promise, 0).kept
    X, y = real_data.load(dataset)
    (X_train, y_train), (X_test, y_test) = seen["train"], seen["test"]
    assert len(X_train) + len(X_test) == len(X)
    assert len(X_test) == pytest.approx(len(X) / 3, abs=1)
    np.testing.assert_array_equal(np.sort(np.concatenate([y_train, y_test])), np.sort(y))
    np.testing.assert_allclose(X_train.mean(axis=0), 0.0, atol=1e-12)
    spread = X_train.std(axis=0)
    np.testing.assert_allclose(spread[spread > 0], 1.0)
    assert np.abs(X_test.mean(axis=0)).max() > 1e-3
    if dataset != "diabetes":
        shares = [np.bincount(labels) / len(labels) for labels in (y_train, y_test)]
        np.testing.assert_allclose(*shares, atol=0.01)


def test_least_squares_bound_is_that_of_scikit_learn():
    """On the whole data set, standardising changes nothing for least squares."""
    X, y = real_data.load("diabetes")
    walk = real_data.make("diabetes", "BatchGD").fit(real_data.standardise(X), y)
    exact = LinearRegression().fit(X, y).score(X, y)
    assert walk.score(real_data.standardise(X), y) == pytest.approx(exact, abs=1e-4)


def test_a_column_that_never_changes_becomes_zeros():
    X, _ = real_data.load("digits")
    still = X.std(axis=0) == 0
    assert still.any()
    scaled = real_data.standardise(X)
    assert np.isfinite(scaled).all()
    assert not scaled[:, still].any()
