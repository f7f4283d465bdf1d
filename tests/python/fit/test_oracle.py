"""Both twins against answers that came from elsewhere.

Gradients come from the textbook formula of the loss by automatic differentiation. Optima and
walks are stored in tests/oracle/cases.json, written by tests/oracle/make_cases.py with
scikit-learn and SciPy: nothing that computes them knows gradwalk.
"""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from typing import Any

import autograd
import numpy as np
import pytest
from numpy.typing import NDArray

import gradwalk as gw
import textbook
from gradwalk import reference
from loss_kinds import TWO_CLASSES
from paths import ROOT
from random_problems import problem

ORACLE = ROOT / "tests" / "oracle"
Case = dict[str, Any]
Array = NDArray[Any]
LossAndGrad = Callable[..., tuple[float, Array]]

CASES: list[Case] = json.loads((ORACLE / "cases.json").read_text(encoding="utf-8"))


def cases(*, kind: str, key: str | None = None) -> list[Any]:
    """Cases of a kind, those that have a certain key, as parameters of a test."""
    chosen = [case for case in CASES if case["kind"] == kind]
    if key is not None:
        chosen = [case for case in chosen if key in case]
    return [pytest.param(case, id=case["name"]) for case in chosen]


either = pytest.mark.parametrize(
    "loss_and_grad",
    [gw.loss_and_grad, reference.loss_and_grad],
    ids=["core", "reference"],
)


def evaluate(
    loss_and_grad: LossAndGrad,
    case: Case,
    params: Array | None = None,
    dtype: Any = np.float64,
    **changes: Any,
) -> tuple[float, Array]:
    """Objective and gradient of a case, at its own parameters unless others are given."""
    given = {
        "loss": case["loss"],
        "sample_weight": case["sample_weight"],
        "l2": case["l2"],
        "fit_intercept": case["fit_intercept"],
    }
    if case["sample_weight"] is not None:
        given["sample_weight"] = np.array(case["sample_weight"])
    X, y = np.array(case["X"], dtype), np.array(case["y"])
    theta = np.array(case["params"] if params is None else params, dtype)
    return loss_and_grad(X, y, theta, **{**given, **changes})


@either
@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float64, 1e-12), (np.float32, 5e-6)])
@pytest.mark.parametrize("variant", ["plain", "batch, weights, l2", "weights, l2, no intercept"])
@pytest.mark.parametrize("loss", gw.LOSSES)
def test_automatic_differentiation_gives_the_same_gradient(
    loss: str, variant: str, dtype: Any, tolerance: float, loss_and_grad: LossAndGrad
) -> None:
    """The textbook formula of the loss, which autograd knows how to differentiate."""
    intercept, l2 = "no intercept" not in variant, 0.3 * ("l2" in variant)
    X, y, theta = problem(loss, 7, n=9, intercept=intercept)
    X, theta = X.astype(np.float32), theta.astype(np.float32)
    y = y.astype(np.float32).astype(y.dtype)
    rows = np.array([7, 2, 2, 4, 8]) if "batch" in variant else np.arange(9)
    weights = np.linspace(0, 3, 9) if "weights" in variant else np.ones(9)
    if "batch" in variant:
        y = 2 * y - 1 if loss in TWO_CLASSES else np.eye(3)[y] if loss == "cross_entropy" else y

    # The textbook's log_loss is that of labels 0 and 1.
    labels = (y > 0).astype(float) if loss == "log_loss" else y

    def objective(theta: Any) -> Any:
        X_b = np.column_stack([np.ones((9, int(intercept))), X])
        return textbook.objective(loss, X_b, labels, theta, weights, l2, intercept, rows)

    expected = autograd.grad(objective)(theta.astype(float))
    given = {"loss": loss, "rows": rows, "sample_weight": weights, "l2": l2}
    value, grad = loss_and_grad(
        X.astype(dtype), y, theta.astype(dtype), fit_intercept=intercept, **given
    )
    assert grad.dtype == dtype
    assert grad.shape == expected.shape
    assert value == pytest.approx(objective(theta.astype(float)), rel=tolerance)
    assert np.linalg.norm(grad - expected) <= tolerance * np.linalg.norm(expected)


@either
@pytest.mark.parametrize("case", cases(kind="optimum"))
def test_the_objective_at_an_optimum_is_the_stored_one(
    case: Case, loss_and_grad: LossAndGrad
) -> None:
    value, _ = evaluate(loss_and_grad, case)
    assert value == pytest.approx(case["value"], rel=1e-12)


@either
@pytest.mark.parametrize(
    "case", [one for one in cases(kind="optimum") if "kinks" not in one.values[0]]
)
def test_the_gradient_at_a_smooth_optimum_is_zero(case: Case, loss_and_grad: LossAndGrad) -> None:
    _, grad = evaluate(loss_and_grad, case)
    _, elsewhere = evaluate(loss_and_grad, case, np.array(case["params"]) + 0.1)
    assert np.linalg.norm(grad) < 1e-8
    assert np.linalg.norm(elsewhere) > 1e-3, "the gradient is small everywhere"


@either
@pytest.mark.parametrize("case", cases(kind="optimum", key="kinks"))
def test_subgradients_balance_at_an_optimum_on_kinks(
    case: Case, loss_and_grad: LossAndGrad
) -> None:
    """Rows off the kink pull with their gradient, rows on it with the stored slope."""
    X, y, n = np.array(case["X"]), np.array(case["y"]), len(case["X"])
    params, first = np.array(case["params"]), int(case["fit_intercept"])
    weights = np.ones(n)
    if case["sample_weight"] is not None:
        weights = np.array(case["sample_weight"])
    kinks = {int(row): slope for row, slope in case["kinks"].items()}

    off = np.array([row for row in range(n) if row not in kinks])
    _, pull = evaluate(loss_and_grad, case, rows=off, l2=0.0)
    total = pull * len(off) / n
    for row, slope in kinks.items():
        # The slopes of |z - y| on either side, or those of the hinge: 0 and minus the sign.
        steep = -1 if y[row] == 1 else 1
        low, high = (-1, 1) if case["loss"] == "mae" else sorted((0, steep))
        x = np.concatenate([np.ones(first), X[row]])
        total += weights[row] / weights.mean() * slope * x / n
        assert low <= slope <= high
    total[first:] += case["l2"] * params[first:]
    assert np.linalg.norm(total) < 1e-8


@either
@pytest.mark.parametrize("case", cases(kind="optimum", key="kinks"))
def test_no_way_leads_down_from_an_optimum_on_kinks(case: Case, loss_and_grad: LossAndGrad) -> None:
    rng = np.random.default_rng(0)
    best, _ = evaluate(loss_and_grad, case)
    params = np.array(case["params"])
    for length in (1e-6, 1e-3, 1.0):
        for direction in rng.normal(size=(50, params.size)):
            value, _ = evaluate(loss_and_grad, case, params + length * direction)
            assert value >= best - 1e-12


def core_walk(X: Array, y: Array, **options: Any) -> Array:
    weights = options.pop("sample_weight")
    return gw.BatchGD(**options).fit(X, y, sample_weight=weights).params_


def reference_walk(X: Array, y: Array, **options: Any) -> Array:
    return reference.batch_gd(X, y, **options).params


@pytest.mark.parametrize("walk", [core_walk, reference_walk], ids=["core", "reference"])
@pytest.mark.parametrize("case", cases(kind="optimum", key="descent"))
def test_batch_gradient_descent_arrives_at_the_optimum(
    case: Case, walk: Callable[..., Array]
) -> None:
    weights = case["sample_weight"]
    params = walk(
        np.array(case["X"]),
        np.array(case["y"]),
        loss=case["loss"],
        l2=case["l2"],
        fit_intercept=case["fit_intercept"],
        sample_weight=None if weights is None else np.array(weights),
        **case["descent"],
    )
    expected = np.array(case["params"])
    assert np.linalg.norm(params - expected) <= 1e-7 * np.linalg.norm(expected)


@pytest.mark.parametrize("case", cases(kind="optimum", key="score"))
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_the_score_is_the_same(case: Case, dtype: Any) -> None:
    X, y = np.array(case["X"], dtype), np.array(case["y"])
    settings = {"loss": case["loss"], "fit_intercept": case["fit_intercept"]}
    model = gw.BatchGD(learning_rate=1e-12, epochs=1, **settings).fit(X, y, init=case["params"])
    assert model.score(X, y) == pytest.approx(case["score"], rel=1e-5)


@pytest.mark.parametrize("walk", [gw.SGD, reference.sgd], ids=["core", "reference"])
@pytest.mark.parametrize("case", cases(kind="walk"))
def test_a_walk_one_row_after_another_ends_at_the_same_place(case: Case, walk: Any) -> None:
    X, y, weights = np.array(case["X"]), np.array(case["y"]), case["sample_weight"]
    settings = {"loss": case["loss"], "fit_intercept": case["fit_intercept"], **case["walk"]}
    given = {"sample_weight": weights, "order": [np.arange(len(X))] * settings["epochs"]}
    if walk is gw.SGD:
        params = gw.SGD(**settings).fit(X, y, **given).params_
    else:
        params = reference.sgd(X, y, **settings, **given).params
    np.testing.assert_allclose(params, case["params"], rtol=1e-12, atol=1e-12)
    value, _ = evaluate(gw.loss_and_grad, case)
    assert value == pytest.approx(case["value"], rel=1e-12)


def test_the_stored_cases_say_where_they_come_from() -> None:
    assert len(CASES) >= 24
    assert len({case["name"] for case in CASES}) == len(CASES)
    for case in CASES:
        assert case["library"]
        assert case["how"].endswith(".")
        assert case["sample_weight"] is None or 0 in case["sample_weight"]
    # A loss that none of the libraries has is held to its formula alone.
    counts = Counter(case["loss"] for case in CASES)
    assert set(counts) <= set(gw.LOSSES)
    assert len(counts) >= 12
    assert min(counts.values()) >= 2


def test_the_stored_cases_are_what_the_libraries_say_today() -> None:
    script = ORACLE / "make_cases.py"
    done = subprocess.run(
        [sys.executable, str(script), "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout == f"{len(CASES)} cases are as stored\n"
