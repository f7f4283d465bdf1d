"""What a user is told of data that are legal, and hardly meant."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

import gradwalk as gw
from array_forms import lay
from random_walks import METHODS

RNG = np.random.default_rng(5)
X = RNG.normal(size=(600, 3)).round(3)
WITH_ONES = np.insert(X, 1, 1, axis=1)
Y = X @ [1.0, 2.0, 0.0] + 4
LABELS = np.arange(600) % 3


def hints_of(call: Any) -> list[str]:
    """What a call warns of, by default's filter: each place once."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("default")
        call()
    assert all(warning.category is UserWarning for warning in caught)
    assert all(warning.filename == __file__ for warning in caught)
    return [str(warning.message) for warning in caught]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("dtype", ["f8", "f4", "i8", "?", "O", ">f2"])
def test_a_column_of_ones_beside_the_intercept(method: str, dtype: str) -> None:
    make = METHODS[method]
    options: dict[str, Any] = {"epochs": 1, "learning_rate": 1e-3}
    numbers = (WITH_ONES > 0.5).astype(float) if dtype in ("?", "i8") else WITH_ONES
    for layout in ("C", "F", "backwards both", "every other column"):
        if dtype == "O" and layout != "C":
            continue
        form = lay(numbers.astype(dtype), layout)
        (hint,) = hints_of(lambda form=form: make(**options).fit(form, Y))
        assert "X[:, 1] is a column of ones" in hint
        assert f"{method}(…, fit_intercept=False)" in hint
    # What it says helps.
    assert not hints_of(lambda: make(fit_intercept=False, **options).fit(WITH_ONES, Y))
    assert not hints_of(lambda: make(**options).fit(np.delete(numbers, 1, axis=1), Y))


def test_a_column_that_is_almost_one_of_ones_is_none() -> None:
    model = gw.BatchGD(epochs=1)
    for row in (0, 1, 255, 256, 599):
        almost = WITH_ONES.copy()
        almost[row, 1] = 0.999
        assert not hints_of(lambda almost=almost: model.fit(almost, Y))
    for constant in (0, 2, -1, 1.0000001):
        other = WITH_ONES.copy()
        other[:, 1] = constant
        assert not hints_of(lambda other=other: model.fit(other, Y))
    assert not hints_of(lambda: model.fit([[1.0, 1.0]], [2.0]))  # one row is no column


def test_one_class_alone() -> None:
    for loss, y in (
        ("log_loss", np.zeros(600)),
        ("log_loss", np.full(600, False)),
        ("hinge", np.full(600, -1)),
        ("squared_hinge", np.ones(600, np.uint8)),
        ("cross_entropy", np.zeros(600)),
        ("cross_entropy", np.full(600, 2)),
        ("cross_entropy", np.eye(3)[np.full(600, 2)]),
    ):
        (hint,) = hints_of(lambda loss=loss, y=y: gw.SGD(loss, epochs=1).fit(X, y))
        assert "y holds one class alone" in hint
    assert not hints_of(lambda: gw.SGD(epochs=1).fit(X, np.zeros(600)))  # numbers, not classes
    two = np.r_[np.zeros(599), 1]
    for loss in ("log_loss", "hinge", "cross_entropy"):
        assert not hints_of(lambda loss=loss: gw.SGD(loss, epochs=1).fit(X, two))


def test_a_class_without_rows() -> None:
    (hint,) = hints_of(lambda: gw.BatchGD("cross_entropy", epochs=1).fit(X, LABELS + 1))
    assert "no row of class 0" in hint
    assert "y - 1" in hint
    (hint,) = hints_of(
        lambda: gw.BatchGD("cross_entropy", epochs=1).fit(X, np.array([0, 1, 3])[LABELS])
    )
    assert "no row of class 2" in hint
    assert "np.unique(y, return_inverse=True)[1]" in hint
    for y in (LABELS, np.unique(LABELS + 1, return_inverse=True)[1], np.eye(4)[LABELS]):
        assert not hints_of(lambda y=y: gw.BatchGD("cross_entropy", epochs=1).fit(X, y))
    named = gw.BatchGD("cross_entropy", n_classes=4, epochs=1)
    assert not hints_of(lambda: named.fit(X, LABELS + 1))
    assert not hints_of(
        lambda: gw.SGD("cross_entropy", epochs=1).fit(X, LABELS, init=np.zeros((4, 5)))
    )


def test_a_place_is_told_once_and_a_stream_of_its_columns_alone() -> None:
    model = gw.SGD(epochs=1)

    def again() -> None:
        for _ in range(5):
            model.fit(WITH_ONES, Y)

    assert len(hints_of(again)) == 1

    def stream() -> None:
        model = gw.SGD("cross_entropy", epochs=1)
        for start in range(0, 600, 50):
            rows = slice(start, start + 50)
            model.partial_fit(WITH_ONES[rows], np.full(50, 2))

    # More classes may come.
    (hint,) = hints_of(stream)
    assert "column of ones" in hint

    def steps() -> None:
        for step in gw.MiniBatchGD(epochs=2, batch_size=200).steps(WITH_ONES, Y):
            assert step.update > 0

    assert len(hints_of(steps)) == 1


def test_a_sweep_tells_of_its_data_once_at_the_users_line() -> None:
    def sweep() -> None:
        runs = gw.sweep(gw.BatchGD(epochs=2), WITH_ONES, Y, learning_rate=[0.1, 0.01, 0.001])
        assert [run.stop_reason for run in runs] == ["epochs done"] * 3

    (hint,) = hints_of(sweep)
    assert "column of ones" in hint


def test_everything_is_stored_before_a_hint_that_is_an_error() -> None:
    model = gw.BatchGD(epochs=7)
    with pytest.raises(UserWarning, match="column of ones"):
        model.fit(WITH_ONES, Y)
    assert model.n_epochs_ == 7
    twin = gw.BatchGD(epochs=7)
    with pytest.warns(UserWarning, match="column of ones"):
        twin.fit(WITH_ONES, Y)
    np.testing.assert_array_equal(model.params_, twin.params_)
