"""The reference: its formulas, its gradients, and what may be handed to it."""

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from gradwalk import reference
from loss_kinds import TWO_CLASSES
from random_problems import central_differences, problem, targets
from textbook import formulas, run

Array = NDArray[Any]

every_loss = pytest.mark.parametrize("loss", list(reference.LOSSES))
every_method = pytest.mark.parametrize(
    "method", [reference.batch_gd, reference.sgd, reference.mini_batch_gd]
)


# --- The formulas -------------------------------------------------------------------------


def said_of(documented: Any) -> dict[str, str]:
    return formulas(documented.__doc__)


@every_loss
def test_the_code_of_a_loss_is_the_formula_of_its_docstring(loss: str) -> None:
    rng = np.random.default_rng(1)
    z = 3 * rng.normal(size=(200, 3) if loss == "cross_entropy" else 200)
    y = targets(loss, z, rng)
    function = reference.LOSSES[loss]
    said = said_of(function)
    assert {"loss", "slope"} <= set(said)
    if loss == "cross_entropy":
        Y = np.eye(3)[y]
        values, slopes = function(z, Y)
        for i in range(len(z)):
            P = run(said["P"], z=z[i])
            np.testing.assert_allclose(values[i], run(said["loss"], P=P, Y=Y[i]), rtol=1e-10)
            np.testing.assert_allclose(slopes[i], run(said["slope"], P=P, Y=Y[i]), atol=1e-12)
    else:
        values, slopes = function(z, y.astype(float))
        names = {"z": z, "y": y, "s": np.where(y == 1, 1, -1)}
        np.testing.assert_allclose(values, run(said["loss"], **names), rtol=1e-10, atol=1e-15)
        np.testing.assert_allclose(slopes, run(said["slope"], **names), rtol=1e-10, atol=1e-15)


def test_the_code_of_sigmoid_and_softplus_is_the_formula_of_their_docstrings() -> None:
    z = np.linspace(-20, 20, 201)
    for function in (reference.sigmoid, reference.softplus):
        (formula,) = re.findall(r"``([^`]+)``", str(function.__doc__))
        np.testing.assert_allclose(function(z), run(formula, z=z), rtol=1e-7)


@pytest.mark.parametrize("intercept", [True, False])
@pytest.mark.parametrize("loss", ["huber", "cross_entropy"])
def test_the_code_of_the_objective_is_the_formula_of_its_docstring(
    loss: str, intercept: bool
) -> None:
    X, y, theta = problem(loss, 2, intercept=intercept)
    rows = np.array([3, 5, 5, 0])
    weights = np.random.default_rng(3).uniform(0, 2, len(X))
    value, grad = reference.loss_and_grad(
        X, y, theta, loss=loss, rows=rows, sample_weight=weights, l2=0.7, fit_intercept=intercept
    )

    X_b = np.column_stack([np.ones(len(X)), X])[rows] if intercept else X[rows]
    target = np.eye(3)[y] if loss == "cross_entropy" else y
    losses, slopes = reference.LOSSES[loss](X_b @ theta, target[rows])
    s = weights[rows]
    w_or_0 = theta.copy()
    if intercept:
        w_or_0[0] = 0
    names = {"X_b": X_b, "mean_s": weights.mean(), "m": 4, "l2": 0.7, "w_or_0": w_or_0}
    said = said_of(reference.Problem.objective)
    f = run(said["f"], s=s, loss=losses, w=theta[int(intercept) :], **names)
    assert value == pytest.approx(f, rel=1e-13)
    columns = s[:, None] if loss == "cross_entropy" else s
    expected = run(said["grad"], s=columns, slope=slopes, **names)
    np.testing.assert_allclose(grad, expected, rtol=1e-12, atol=1e-14)


def test_a_step_is_the_formula_in_the_docstring_of_descend() -> None:
    X, y, theta = problem("mse", 4)
    walk = reference.batch_gd(X, y, init=theta, learning_rate=0.05, epochs=1)
    _, grad = reference.loss_and_grad(X, y, theta)
    step = said_of(reference.descend)["theta_next"]
    np.testing.assert_array_equal(walk.params, run(step, theta=theta, eta=0.05, grad=grad))


@pytest.mark.parametrize("intercept", [True, False])
@pytest.mark.parametrize("seed", range(6))
@every_loss
def test_the_gradient_agrees_with_central_differences_of_fourth_order(
    loss: str, seed: int, intercept: bool
) -> None:
    X, y, theta = problem(loss, seed, intercept=intercept)
    rng = np.random.default_rng(seed + 100)
    options: dict[str, Any] = {
        "loss": loss,
        "sample_weight": rng.uniform(0, 2, len(X)) if seed % 2 else None,
        "rows": rng.integers(0, len(X), 7) if seed % 3 else None,
        "l2": 0.3 if seed > 2 else 0.0,
        "fit_intercept": intercept,
    }

    def f(at: Array) -> float:
        return reference.loss_and_grad(X, y, at, **options)[0]

    numeric = central_differences(f, theta)
    _, grad = reference.loss_and_grad(X, y, theta, **options)
    assert np.linalg.norm(grad - numeric) <= 5e-6 * np.linalg.norm(numeric)


def test_the_slopes_at_a_kink_are_the_ones_agreed_on() -> None:
    zero, one = np.zeros(1), np.ones(1)
    assert reference.mae(one, one) == (0, 0)
    assert reference.huber(2 * one, one) == (0.5, 1)
    assert reference.hinge(one, one) == (0, 0)
    assert reference.hinge(-one, zero) == (0, 0)
    assert reference.squared_hinge(one, one) == (0, 0)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_far_scores_overflow_nothing(dtype: Any) -> None:
    z = np.array([1e4, 1e4, -1e4, -1e4], dtype)
    y = np.array([1, 0, 1, 0], dtype)
    value, slope = reference.log_loss(z, y)
    np.testing.assert_array_equal(value, [0, 1e4, 1e4, 0])
    np.testing.assert_array_equal(slope, [0, 1, -1, 0])

    Z, Y = np.column_stack([np.zeros_like(z), z]), np.eye(2, dtype=dtype)[y.astype(int)]
    value, slope = reference.cross_entropy(Z, Y)
    np.testing.assert_array_equal(value, [0, 1e4, 1e4, 0])
    np.testing.assert_array_equal(slope, [[0, 0], [-1, 1], [1, -1], [0, 0]])

    for loss in (reference.sigmoid_mse, reference.tanh_mse):
        value, slope = loss(z, y)
        assert np.isfinite(value).all()
        np.testing.assert_array_equal(slope, 0)


def test_the_slope_of_log_loss_keeps_its_digits_far_from_the_boundary() -> None:
    """1 - sigma(50) is 2e-22: sigma(z) - y, evaluated as written, would give 0."""
    _, slope = reference.log_loss(np.array([50.0]), np.array([1.0]))
    assert slope[0] == pytest.approx(-np.exp(-50), rel=1e-12, abs=0)


# --- What may be handed in ----------------------------------------------------------------


def test_one_hot_labels_and_class_numbers_mean_the_same() -> None:
    X, y, theta = problem("cross_entropy", 5)
    by_number = reference.loss_and_grad(X, y, theta, loss="cross_entropy")
    by_row = reference.loss_and_grad(X, np.eye(3)[y], theta, loss="cross_entropy")
    assert by_number[0] == by_row[0]
    np.testing.assert_array_equal(by_number[1], by_row[1])


@pytest.mark.parametrize("loss", TWO_CLASSES)
def test_the_label_0_reads_as_minus_1(loss: str) -> None:
    X, y, theta = problem(loss, 6)
    with_0 = reference.loss_and_grad(X, y, theta, loss=loss)
    with_minus_1 = reference.loss_and_grad(X, 2 * y - 1, theta, loss=loss)
    assert with_0[0] == with_minus_1[0]
    np.testing.assert_array_equal(with_0[1], with_minus_1[1])


def test_a_column_of_targets_is_read_as_a_vector() -> None:
    X, y, theta = problem("mse", 7)
    as_vector = reference.loss_and_grad(X, y, theta)
    as_column = reference.loss_and_grad(X, y[:, None], theta)
    assert as_column[0] == as_vector[0]
    np.testing.assert_array_equal(as_column[1], as_vector[1])


def test_the_parameters_of_cross_entropy_may_come_flat() -> None:
    X, y, theta = problem("cross_entropy", 8)
    _, grad = reference.loss_and_grad(X, y, theta, loss="cross_entropy")
    _, from_flat = reference.loss_and_grad(X, y, theta.ravel(), loss="cross_entropy")
    assert grad.shape == (4, 3)
    np.testing.assert_array_equal(from_flat, grad)
    settings: dict[str, Any] = {"loss": "cross_entropy", "epochs": 3}
    shaped = reference.batch_gd(X, y, init=theta, **settings)
    np.testing.assert_array_equal(
        reference.batch_gd(X, y, init=theta.ravel(), **settings).path, shaped.path
    )


@pytest.mark.parametrize(
    ("given", "K"),
    [({}, 3), ({"n_classes": 5}, 5), ({"init": np.zeros((4, 4))}, 4), ({"init": np.zeros(16)}, 4)],
)
def test_the_number_of_classes(given: dict[str, Any], K: int) -> None:
    X, y, _ = problem("cross_entropy", 9)
    walk = reference.batch_gd(X, y, loss="cross_entropy", epochs=2, **given)
    assert walk.params.shape == (4, K)
    assert walk.path.shape == (3, 4, K)


def test_one_hot_rows_tell_the_number_of_classes() -> None:
    X, y, _ = problem("cross_entropy", 9)
    walk = reference.batch_gd(X, np.eye(6)[y], loss="cross_entropy", epochs=1)
    assert walk.params.shape == (4, 6)


@every_method
@every_loss
def test_float32_stays_float32_and_losses_are_float64(
    loss: str, method: Callable[..., reference.Walk]
) -> None:
    X, y, _ = problem(loss, 10)
    weights = np.random.default_rng(0).uniform(0.5, 2, len(X))
    narrow, wide = (
        method(
            X.astype(dtype),
            y,
            loss=loss,
            sample_weight=weights,
            l2=np.float64(0.1),
            learning_rate=lambda t: np.float64(0.05) / (1 + t),
            epochs=3,
            order=[np.arange(len(X))] * 3,
        )
        for dtype in (np.float32, np.float64)
    )
    assert narrow.params.dtype == narrow.path.dtype == np.float32
    assert narrow.loss.dtype == narrow.update_loss.dtype == np.float64
    assert wide.params.dtype == np.float64
    assert np.linalg.norm(narrow.params - wide.params) <= 1e-5 * np.linalg.norm(wide.params)


def test_whole_numbers_are_read_as_float64() -> None:
    X = np.array([[1], [2], [3]], dtype=np.uint8)
    walk = reference.batch_gd(X, [1, 2, 3], epochs=1, learning_rate=1.0)
    np.testing.assert_allclose(walk.params, [4, 28 / 3], rtol=1e-15)
    assert walk.params.dtype == np.float64


def test_nothing_that_was_handed_in_is_changed() -> None:
    X, y, theta = problem("mse", 11)
    given = (X, y, theta, np.ones(len(X)))
    copies = [array.copy() for array in given]
    reference.batch_gd(X, y, init=theta, sample_weight=given[3], l2=0.1, epochs=3)
    for array, copy in zip(given, copies, strict=True):
        np.testing.assert_array_equal(array, copy)


X5 = np.arange(10.0).reshape(5, 2)
Y5 = np.array([0, 1, 0, 1, 1])


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("X", {"X": np.arange(5.0)}),
        ("X", {"X": np.empty((0, 2)), "y": []}),
        ("X", {"X": np.empty((5, 0))}),
        ("y", {"y": Y5[:4]}),
        ("y", {"y": np.ones((5, 2))}),
        ("y", {"y": Y5 + 1, "loss": "log_loss"}),
        ("y", {"y": [0, 1, -1, 1, 1], "loss": "hinge"}),
        ("y", {"y": Y5 - 1, "loss": "cross_entropy"}),
        ("y", {"y": Y5 + 0.5, "loss": "cross_entropy"}),
        ("y", {"y": np.ones((5, 2)), "loss": "cross_entropy"}),
        ("y", {"y": np.eye(5), "loss": "cross_entropy", "n_classes": 3}),
        ("y", {"y": Y5, "loss": "cross_entropy", "n_classes": 1}),
        ("loss", {"loss": "squared_error"}),
        ("sample_weight", {"sample_weight": [1, 1]}),
        ("sample_weight", {"sample_weight": [1, 1, 1, 1, -1]}),
        ("sample_weight", {"sample_weight": np.zeros(5)}),
        ("theta", {"init": [0.0, 0.0]}),
        ("theta", {"init": np.zeros((2, 3)), "loss": "cross_entropy"}),
        ("order", {"order": [[0, 1]]}),
        ("rows", {"order": [[0, 1], [0, 5]]}),
        ("rows", {"order": [[0, 1], [0, -1]]}),
        ("rows", {"order": [[0, 1], []]}),
        ("rows", {"order": np.zeros((2, 3))}),
    ],
)
def test_what_does_not_fit_is_refused_by_name(name: str, changes: dict[str, Any]) -> None:
    arguments = {"X": X5, "y": Y5, "epochs": 2, **changes}
    with pytest.raises(ValueError, match=f"^{name}: expected .*; got "):
        reference.batch_gd(arguments.pop("X"), arguments.pop("y"), **arguments)
