"""Rows that come later, by partial_fit: weights, labels and classes go by the first call's."""

from __future__ import annotations

import copy
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gradwalk as gw
from layout_walks import assert_same_bits
from random_walks import METHODS

RNG = np.random.default_rng(12)
X = RNG.normal(size=(50, 2))
Y = X @ [1.0, 2.0]
CLASSES = (Y > 0).astype(int)
FIRST, THEN = slice(0, 25), slice(25, 50)
W = np.r_[np.full(25, 10.0), np.ones(25)]


def by_parts(model: Any, y: Any = Y, weights: Any = W, parts: Any = (FIRST, THEN)) -> Any:
    for rows in parts:
        model.partial_fit(
            X[rows], y[rows], sample_weight=None if weights is None else weights[rows]
        )
    return model


@pytest.mark.parametrize("loss", ["mse", "log_loss", "cross_entropy"])
def test_later_rows_weigh_against_the_first(loss: str) -> None:
    """Two updates by hand, the second with a tenth of the weight."""
    y = Y if loss == "mse" else CLASSES
    model = by_parts(gw.BatchGD(loss, learning_rate=0.1), y)
    theta = np.zeros_like(model.params_)
    for rows, factor in ((FIRST, 1.0), (THEN, 0.1)):
        grad = gw.loss_and_grad(X[rows], y[rows], theta, loss=loss)[1]
        theta = theta - 0.1 * factor * grad
    np.testing.assert_allclose(model.params_, theta, rtol=1e-12)
    assert not np.array_equal(
        model.params_, by_parts(gw.BatchGD(loss, learning_rate=0.1), y, None).params_
    )


@pytest.mark.parametrize("dtype", ["f8", "f4", "i8", "u1", "O"])
def test_parts_are_the_batches_of_a_fit_where_the_means_agree(dtype: str) -> None:
    weights = (np.arange(50) % 5 + 1).astype(dtype)
    whole = gw.MiniBatchGD(batch_size=25, sampling="sequential", learning_rate=0.1, epochs=1)
    whole.fit(X, Y, sample_weight=weights)
    parts = by_parts(gw.BatchGD(learning_rate=0.1), weights=weights)
    np.testing.assert_array_equal(parts.params_, whole.params_)
    rows = [slice(k, k + 1) for k in range(50)]
    single = by_parts(gw.SGD(learning_rate=0.1), weights=weights, parts=rows)
    # The mean of the first row alone: its weight is 1.
    sequential = gw.SGD(sampling="sequential", learning_rate=0.3, epochs=1)
    sequential.fit(X, Y, sample_weight=weights)
    np.testing.assert_allclose(single.params_, sequential.params_, rtol=1e-12)


@pytest.mark.parametrize("method", METHODS)
def test_no_weights_are_weights_of_one(method: str) -> None:
    ones = np.ones(50)
    options = {"learning_rate": 0.1, "epochs": 2, "random_state": 1}
    for first in (None, W, W / 7):
        model, twin = (METHODS[method](**options).fit(X, Y, sample_weight=first) for _ in range(2))
        for _ in range(2):
            model.partial_fit(X[THEN], Y[THEN])
            twin.partial_fit(X[THEN], Y[THEN], sample_weight=ones[THEN])
            assert_same_bits(model, twin)
    # fit begins anew.
    model.fit(X, Y)
    fresh = METHODS[method](**options).fit(X, Y)
    assert_same_bits(
        model.partial_fit(X, Y, sample_weight=W), fresh.partial_fit(X, Y, sample_weight=W)
    )


def test_rows_that_weigh_nothing_change_nothing() -> None:
    model = gw.BatchGD(learning_rate=0.1, epochs=1).fit(X, Y, sample_weight=W)
    before = model.params_
    model.partial_fit(X, Y, sample_weight=np.zeros(50))
    np.testing.assert_array_equal(model.params_, before)
    assert model.history_.loss[-1] == 0
    for bad in (-W, W * np.nan):
        with pytest.raises(ValueError, match=r"^sample_weight must be of finite numbers"):
            model.partial_fit(X, Y, sample_weight=bad)


def test_the_weight_is_kept_with_the_model(tmp_path: Path) -> None:
    model = gw.SGD(learning_rate=0.1, epochs=1, random_state=0).fit(X, Y, sample_weight=W)
    model.save(tmp_path / "model.npz")
    others = [
        pickle.loads(pickle.dumps(model)),
        copy.deepcopy(model),
        gw.load(tmp_path / "model.npz"),
    ]
    model.partial_fit(X[THEN], Y[THEN], sample_weight=W[THEN])
    for other in others:
        assert_same_bits(other.partial_fit(X[THEN], Y[THEN], sample_weight=W[THEN]), model)


def test_validation_rows_count_for_nothing() -> None:
    model = gw.BatchGD(learning_rate=0.1, epochs=1)
    held = (X[THEN], Y[THEN])
    model.fit(X[FIRST], Y[FIRST], sample_weight=W[FIRST], validation=held)
    twin = gw.BatchGD(learning_rate=0.1, epochs=1).fit(X[FIRST], Y[FIRST], sample_weight=W[FIRST])
    for each in (model, twin):
        each.partial_fit(X[THEN], Y[THEN], sample_weight=W[THEN])
    np.testing.assert_array_equal(model.params_, twin.params_)


# --- Labels -----------------------------------------------------------------------------------

SIGNS = 2 * CLASSES - 1


@pytest.mark.parametrize("loss", ["hinge", "squared_hinge"])
@pytest.mark.parametrize("dtype", [int, float, np.int8, object])
def test_the_labels_of_the_first_call_stay(loss: str, dtype: Any) -> None:
    for first, then, expected, write in (
        (CLASSES, SIGNS, "0 or 1", "(y > 0).astype(int)"),
        (SIGNS, CLASSES, "−1 or 1", "np.where(y > 0, 1, -1)"),
    ):
        first, then = first.astype(dtype), then.astype(dtype)
        for begin in ("fit", "partial_fit"):
            model = gw.SGD(loss, epochs=1)
            getattr(model, begin)(X, first)
            before, classes = model.params_, model.classes_
            with pytest.raises(
                ValueError, match=rf"^y must hold the labels .*{expected}; got"
            ) as e:
                model.partial_fit(X, then)
            assert write in str(e.value)
            np.testing.assert_array_equal(model.classes_, classes)
            np.testing.assert_array_equal(model.params_, before)
            y = eval(write, {"np": np, "y": then})
            assert model.partial_fit(X, y).classes_.tolist() == classes.tolist()


def test_labels_of_one_class_leave_the_other_open() -> None:
    ones = np.ones(5, int)
    for other in (0, -1):
        model = gw.SGD("hinge").partial_fit(X[:5], ones)
        assert model.classes_.tolist() == [0, 1]
        model = pickle.loads(pickle.dumps(model))
        model.partial_fit(X[5:10], np.where(np.arange(5) > 2, 1, other))
        assert model.classes_.tolist() == [other, 1]
        with pytest.raises(ValueError, match=r"^y must hold the labels of the first fit"):
            model.partial_fit(X[:5], np.full(5, -1 - other))


# --- Classes ----------------------------------------------------------------------------------


def test_a_class_that_is_new_is_no_reason_to_number_a_part_by_itself() -> None:
    first, then = np.array([0, 1, 0, 1, 0]), np.array([2, 2, 2])
    model = gw.SGD("cross_entropy").partial_fit(X[:5], first)
    calls = [
        lambda: model.partial_fit(X[5:8], then),
        lambda: gw.BatchGD("cross_entropy").fit(X[:5], first, validation=(X[5:8], then)),
        lambda: gw.SGD("cross_entropy", n_classes=2).fit(X[5:8], then),
    ]
    for call in calls:
        with pytest.raises(ValueError, match=r"y must hold class numbers from 0 to 1") as caught:
            call()
        message = str(caught.value)
        assert "give n_classes=3 to the constructor" in message
        assert "for all the data together" in message
    wide = gw.SGD("cross_entropy", n_classes=3).partial_fit(X[:5], first)
    assert wide.partial_fit(X[5:8], then).classes_.tolist() == [0, 1, 2]
    for call in (lambda y: model.score(X[:5], y), lambda y: model.partial_fit(X[:5], y)):
        for y in (np.full(5, -1), np.full(5, 0.5)):
            with pytest.raises(ValueError, match=r"y must hold class numbers") as caught:
                call(y)
            assert "for all the data together" in str(caught.value)
            assert "n_classes=" not in str(caught.value)
