"""The names of a table's columns are remembered, and checked wherever another table comes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import gradwalk as gw

pandas = pytest.importorskip("pandas", reason="pandas is not installed")
polars = pytest.importorskip("polars", reason="polars is not installed")
try:
    import pyarrow
except ImportError:
    pyarrow = None

RNG = np.random.default_rng(51)
NUMBERS = RNG.normal(size=(24, 3))
LABELS = RNG.integers(0, 2, 24)
NAMES = ["height", "width", "depth"]
FRAME = pandas.DataFrame(NUMBERS, columns=NAMES)


def named_tables(numbers: Any, names: list[str]) -> list[Any]:
    tables = [pandas.DataFrame(numbers, columns=names), polars.DataFrame(numbers, schema=names)]
    if pyarrow is not None:
        columns = dict(zip(names, np.asarray(numbers).T, strict=True))
        tables += [pyarrow.table(columns), pyarrow.table(columns).to_batches()[0]]
    return tables


CALLS: dict[str, Callable[[Any, Any], Any]] = {
    "predict": lambda model, X: model.predict(X),
    "decision_function": lambda model, X: model.decision_function(X),
    "score": lambda model, X: model.score(X, LABELS),
    "partial_fit": lambda model, X: model.partial_fit(X, LABELS),
    "predict_proba": lambda model, X: model.predict_proba(X),
}


def fitted(X: Any, **given: Any) -> Any:
    return gw.SGD("log_loss", epochs=2, random_state=0).fit(X, LABELS, **given)


def test_the_names_of_a_table_are_remembered() -> None:
    for table in named_tables(NUMBERS, NAMES):
        names = fitted(table).feature_names_in_
        assert isinstance(names, np.ndarray)
        assert names.tolist() == NAMES
        assert all(type(name) is str for name in names)


@pytest.mark.parametrize("call", CALLS)
def test_a_table_of_the_same_names_passes_whoever_made_it(call: str) -> None:
    for first in named_tables(NUMBERS, NAMES):
        expected = CALLS[call](fitted(NUMBERS), NUMBERS)
        for other in [*named_tables(NUMBERS, NAMES), NUMBERS, NUMBERS.tolist()]:
            got = CALLS[call](fitted(first), other)
            if call == "partial_fit":
                got, expected_params = got.params_, expected.params_
                np.testing.assert_array_equal(got, expected_params)
            else:
                np.testing.assert_array_equal(got, expected)


@pytest.mark.parametrize("call", CALLS)
def test_other_names_and_another_order_are_refused(call: str) -> None:
    wrong = {
        "order": ["width", "height", "depth"],
        "weight": ["height", "width", "weight"],
        "Height": ["Height", "width", "depth"],
    }
    for first in named_tables(NUMBERS, NAMES):
        model = fitted(first)
        before = model.params_
        for word, names in wrong.items():
            for other in named_tables(NUMBERS, names):
                with pytest.raises(ValueError, match=r"X must .*columns") as caught:
                    CALLS[call](model, other)
                assert word in str(caught.value)
                assert "feature_names_in_" in str(caught.value)
        np.testing.assert_array_equal(model.params_, before)


def test_a_table_with_a_column_too_many_or_too_few_is_refused() -> None:
    model = fitted(FRAME)
    for frame, word in (
        (FRAME.assign(weight=1.0), "weight"),
        (FRAME[["height", "width"]], "depth"),
    ):
        with pytest.raises(ValueError, match=word):
            model.predict(frame)
    # What the message says works.
    more = FRAME.assign(weight=1.0)[list(model.feature_names_in_)]
    np.testing.assert_array_equal(model.predict(more), model.predict(NUMBERS))


@pytest.mark.parametrize(
    "table",
    [
        NUMBERS,
        NUMBERS.tolist(),
        FRAME.set_axis([0, 1, 2], axis=1),
        FRAME.set_axis(["height", "width", 3], axis=1),
        FRAME.set_axis(pandas.MultiIndex.from_tuples([("a", 1), ("a", 2), ("b", 1)]), axis=1),
    ],
    ids=["array", "list", "numbers", "one number", "tuples"],
)
def test_without_names_that_are_words_there_is_nothing_to_check(table: Any) -> None:
    model = fitted(table)
    assert not hasattr(model, "feature_names_in_")
    expected = model.predict(NUMBERS)
    for other in named_tables(NUMBERS, NAMES):
        np.testing.assert_array_equal(model.predict(other), expected)


def test_a_new_fit_forgets_the_names_and_partial_fit_does_not() -> None:
    model = fitted(FRAME)
    model.partial_fit(NUMBERS, LABELS)
    assert model.feature_names_in_.tolist() == NAMES
    model.fit(FRAME.set_axis(["a", "b", "c"], axis=1), LABELS)
    assert model.feature_names_in_.tolist() == ["a", "b", "c"]
    model.fit(NUMBERS, LABELS)
    assert not hasattr(model, "feature_names_in_")


def test_a_fit_that_is_refused_leaves_the_names() -> None:
    model = fitted(FRAME)
    with pytest.raises((TypeError, ValueError)):
        model.fit(FRAME.set_axis(["a", "b", "c"], axis=1), LABELS[:5])
    assert model.feature_names_in_.tolist() == NAMES


def test_the_first_partial_fit_remembers_the_names() -> None:
    model = gw.SGD("log_loss", random_state=0).partial_fit(FRAME, LABELS)
    assert model.feature_names_in_.tolist() == NAMES
    with pytest.raises(ValueError, match="order"):
        model.partial_fit(FRAME[NAMES[::-1]], LABELS)


def test_before_a_fit_there_are_no_names() -> None:
    with pytest.raises(AttributeError, match="feature_names_in_"):
        gw.SGD().feature_names_in_  # noqa: B018


def test_validation_data_must_have_the_names_too() -> None:
    with pytest.raises(ValueError, match="validation"):
        fitted(FRAME, validation=(FRAME[NAMES[::-1]], LABELS))
    fitted(FRAME, validation=(FRAME, LABELS))
    fitted(FRAME, validation=(NUMBERS, LABELS))


def test_names_in_every_script_are_kept() -> None:
    frame = FRAME.set_axis(["키", "무게", "x²"], axis=1)
    model = fitted(frame)
    assert model.feature_names_in_.tolist() == ["키", "무게", "x²"]
    with pytest.raises(ValueError, match="무게"):
        model.predict(frame.rename(columns={"무게": "weight"}))


def test_the_names_are_a_copy() -> None:
    model = fitted(FRAME)
    model.feature_names_in_[0] = "changed"
    assert model.feature_names_in_.tolist() == NAMES
