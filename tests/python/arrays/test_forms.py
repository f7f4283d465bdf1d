"""Data in every form that a user may bring: the same numbers come out."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import gradwalk as gw
from gradwalk import reference
from loss_kinds import TWO_CLASSES
from wrong.calls import X, fitted, targets, y

# Small whole numbers: the same in every dtype.
counts = np.random.default_rng(3).integers(0, 2, size=(20, 3)).astype(float)
sums = counts.sum(axis=1)


def walk(X: Any, y: Any, **arguments: Any) -> gw.MiniBatchGD:
    model = gw.MiniBatchGD(learning_rate=0.1, epochs=3, batch_size=6, random_state=4)
    return model.fit(X, y, full_loss=True, **arguments)


def assert_same_walk(model: gw.GradientDescent, other: gw.GradientDescent) -> None:
    np.testing.assert_array_equal(model.history_.path, other.history_.path, strict=True)
    np.testing.assert_array_equal(model.history_.full_loss, other.history_.full_loss)


# --- Data in every form ---------------------------------------------------------------------

# Arrays of every layout and dtype are in test_layouts, tables in test_tables.
FORMS: dict[str, Callable[[Any], Any]] = {
    "list": lambda array: array.tolist(),
    "tuple": lambda array: tuple(array.tolist()),
    "list-of-rows": list,
    "memoryview": memoryview,
    "array-protocol": lambda array: type("Own", (), {"__array__": lambda self, *a, **k: array})(),
}
every_form = pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)


@every_form
def test_features_in_any_form_give_the_same_numbers(form: Callable[[Any], Any]) -> None:
    expected = walk(counts, sums)
    assert_same_walk(walk(form(counts), sums), expected)
    model = walk(counts, sums)
    np.testing.assert_array_equal(model.predict(form(counts)), expected.predict(counts))
    assert model.score(form(counts), sums) == expected.score(counts, sums)
    loss, grad = gw.loss_and_grad(form(counts), sums, np.ones(4))
    expected_loss, expected_grad = gw.loss_and_grad(counts, sums, np.ones(4))
    assert loss == expected_loss
    np.testing.assert_array_equal(grad, expected_grad, strict=True)


@every_form
def test_targets_and_weights_in_any_form_give_the_same_numbers(form: Callable[[Any], Any]) -> None:
    weights = sums + 1
    expected = walk(counts, sums, sample_weight=weights)
    assert_same_walk(walk(counts, form(sums), sample_weight=form(weights)), expected)
    assert expected.score(counts, form(sums)) == expected.score(counts, sums)


def test_float32_features_give_float32_parameters_and_float64_losses() -> None:
    single = X.astype(np.float32)
    for loss in gw.LOSSES:
        model = gw.SGD(loss, epochs=2).fit(single, targets(loss), full_loss=True)
        history = model.history_
        assert {model.params_.dtype, model.coef_.dtype, history.path.dtype} == {np.dtype("f4")}
        assert {history.loss.dtype, history.update_loss.dtype} == {np.dtype("f8")}
        assert model.decision_function(X).dtype == np.float32
        value, grad = gw.loss_and_grad(single, targets(loss), model.params_, loss=loss)
        assert isinstance(value, float)
        assert grad.dtype == np.float32


@pytest.mark.parametrize("intercept", [True, False])
def test_intercepts_of_classes_have_the_dtype_of_the_weights(intercept: bool) -> None:
    model = gw.SGD("cross_entropy", epochs=2, fit_intercept=intercept)
    model.fit(X.astype(np.float32), y)
    assert model.intercept_.shape == (3,)
    assert model.intercept_.dtype == model.coef_.dtype == np.float32


def test_one_column_of_targets_reads_as_one_number_a_row() -> None:
    assert_same_walk(walk(counts, sums.reshape(-1, 1)), walk(counts, sums))
    weights = np.ones((20, 1))
    assert_same_walk(walk(counts, sums, sample_weight=weights), walk(counts, sums))


def test_the_caller_s_arrays_stay_as_they_are() -> None:
    data = [counts.copy(), sums.copy(), sums + 1, np.ones(4)]
    copies = [array.copy() for array in data]
    walk(data[0], data[1], sample_weight=data[2], init=data[3])
    for array, copy in zip(data, copies, strict=True):
        np.testing.assert_array_equal(array, copy)


def test_results_are_copies() -> None:
    model = fitted()
    for name in ("params_", "coef_"):
        getattr(model, name)[:] = 77
        assert not np.any(getattr(model, name) == 77)
    model.history_.path[:] = 77
    assert not np.any(model.history_.path == 77)


# --- Labels ---------------------------------------------------------------------------------

classes = np.tile([0, 1], 10)


@pytest.mark.parametrize("loss", TWO_CLASSES)
def test_labels_come_back_as_they_were_given(loss: str) -> None:
    features = np.column_stack([classes, counts[:, 0]])
    for given in (classes, classes.astype(bool), classes.astype(np.float32), 2 * classes - 1):
        model = gw.BatchGD(loss, learning_rate=1.0, epochs=300).fit(features, given)
        assert model.classes_.tolist() == sorted({int(label) for label in given})
        assert model.predict(features).dtype == np.int64
        np.testing.assert_array_equal(model.predict(features), given.astype(int))
        assert model.score(features, given) == 1.0


@pytest.mark.parametrize("loss", ["log_loss", "hinge", "squared_hinge", "perceptron"])
@pytest.mark.parametrize("negative", [0, -1])
def test_a_score_of_0_is_of_the_negative_class(loss: str, negative: int) -> None:
    X, y = np.array([[1.0], [-1.0]]), np.array([1, negative])
    model = gw.SGD(loss, epochs=1, fit_intercept=False).fit(X, y)
    assert model.predict([[0.0], [1.0]]).tolist() == [negative, 1]


@pytest.mark.parametrize(
    ("loss", "label", "expected"),
    [
        ("log_loss", 0, [0, 1]),
        ("log_loss", 1, [0, 1]),
        ("hinge", 0, [0, 1]),
        ("hinge", -1, [-1, 1]),
        ("squared_hinge", 1, [0, 1]),
        ("cross_entropy", 0, [0]),
        ("cross_entropy", 2, [0, 1, 2]),
    ],
)
def test_one_class_alone(loss: str, label: int, expected: list[int]) -> None:
    model = gw.BatchGD(loss, learning_rate=0.5, epochs=20)
    with pytest.warns(UserWarning, match="y holds one class alone"):
        model.fit(X, np.full(6, label))
    assert model.classes_.tolist() == expected
    assert model.predict(X).tolist() == [label] * 6
    assert model.score(X, np.full(6, label)) == 1.0


@pytest.mark.parametrize("dtype", [float, np.float32, int, bool, ">f8"])
def test_one_hot_targets_are_class_numbers(dtype: Any) -> None:
    one_hot = np.eye(3, dtype=dtype)[y.astype(int)]
    model = gw.SGD("cross_entropy", epochs=5, random_state=0)
    expected = model.fit(X, y).history_.path
    np.testing.assert_array_equal(model.fit(X, one_hot).history_.path, expected)
    assert model.score(X, one_hot) == model.score(X, y)
    for form in (one_hot.tolist(), np.asfortranarray(one_hot), one_hot[::-1].copy()[::-1]):
        np.testing.assert_array_equal(model.fit(X, form).history_.path, expected)


def test_one_hot_columns_without_a_sample_are_classes() -> None:
    model = gw.BatchGD("cross_entropy", epochs=2).fit(X, np.eye(5)[y.astype(int)])
    assert model.classes_.tolist() == [0, 1, 2, 3, 4]


def test_n_classes_may_be_more_than_the_labels_show() -> None:
    model = gw.BatchGD("cross_entropy", n_classes=5, epochs=10).fit(X, y)
    assert model.params_.shape == (3, 5)
    assert (model.coef_.shape, model.intercept_.shape) == ((5, 2), (5,))
    probabilities = model.predict_proba(X)
    assert probabilities.shape == (6, 5)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-14)
    assert np.all(probabilities[:, 3:] < probabilities[:, :3].max(axis=1, keepdims=True))
    assert model.partial_fit(X, y + 2).classes_.tolist() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("form", [np.asarray, np.ndarray.tolist, np.ravel])
def test_init_decides_how_many_classes_there_are(form: Callable[[Any], Any]) -> None:
    init = np.zeros((3, 4))
    model = gw.BatchGD("cross_entropy", epochs=2).fit(X, y, init=form(init))
    assert model.params_.shape == (3, 4)
    expected = reference.batch_gd(X, y, loss="cross_entropy", epochs=2, init=form(init))
    np.testing.assert_allclose(model.params_, expected.params.reshape(3, 4), atol=1e-14)
    loss, _ = gw.loss_and_grad(X, y, form(init), loss="cross_entropy")
    assert loss == pytest.approx(np.log(4), rel=1e-14)


def test_a_flat_init_fits_when_the_number_of_classes_is_known() -> None:
    init = np.arange(9.0).reshape(3, 3) / 10
    model = gw.BatchGD("cross_entropy", epochs=3, n_classes=3)
    flat = model.fit(X, y, init=init.ravel()).params_
    np.testing.assert_array_equal(model.fit(X, y, init=init).params_, flat)
