"""Walks that did not arrive say so: by `converged_`, the stop reason, the status and a warning."""

from __future__ import annotations

import numpy as np
import pytest

import gradwalk as gw

X = np.random.default_rng(0).normal(size=(50, 2))
Y = X @ [1.0, 2.0]
YEARS = np.arange(1990.0, 2021)[:, None]
TREND = 3 * (YEARS[:, 0] - 1990) + 5


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("arguments", [{}, {"full_loss": True}, {"validation": 0.2}])
def test_a_rise_is_no_convergence(arguments, dtype):
    model = gw.BatchGD(learning_rate=5.0, epochs=2000, tol=1e-4)
    with pytest.warns(gw.DivergenceWarning, match="max_learning_rate gives 0"):
        model.fit(X.astype(dtype), Y, **arguments)
    assert (model.stop_reason_, model.converged_) == ("no improvement", False)
    assert model.history_.verdict.kind == "diverging"


@pytest.mark.parametrize(
    ("rate", "jac"), [(1.1, None), (0.1, lambda x: -2 * x)], ids=["steps too large", "wrong sign"]
)
@pytest.mark.parametrize("tol", [None, 1e-6])
def test_minimize_that_ends_above_its_start_has_no_success(rate, jac, tol):
    model = gw.BatchGD(learning_rate=rate, epochs=50, tol=tol)
    with pytest.warns(gw.DivergenceWarning, match="the loss was 1 at first"):
        result = model.minimize(lambda x: float(x[0] ** 2), [1.0], jac=jac)
    assert (result.success, result.status, result.message) == (False, 2, "diverged")
    assert result.fun > 1
    assert not model.converged_


def test_an_overfitting_walk_has_not_converged():
    rng = np.random.default_rng(1)
    wide, target = rng.normal(size=(12, 10)), rng.normal(size=12)
    other = (rng.normal(size=(40, 10)), rng.normal(size=40))
    model = gw.BatchGD(learning_rate=0.05, epochs=3000, tol=0.0)
    model.fit(wide, target, validation=other)
    assert (model.stop_reason_, model.converged_) == ("no improvement", False)


@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e3])
def test_a_rate_too_small_has_not_converged(scale):
    model = gw.BatchGD(learning_rate=1e-7, epochs=200, tol=1e-4 * scale**2).fit(X, scale * Y)
    assert (model.stop_reason_, model.converged_) == ("tolerance met", False)
    assert model.history_.verdict.kind == "still descending"
    died = gw.BatchGD(learning_rate=gw.schedules.Exponential(0.1, 0.5), epochs=200, tol=1e-9)
    assert not died.fit(X, scale * Y).converged_


@pytest.mark.parametrize(
    ("method", "options"),
    [
        (gw.BatchGD, {}),
        (gw.BatchGD, {"loss": "half_mse"}),
        (gw.BatchGD, {"loss": "huber"}),
        (gw.BatchGD, {"rule": gw.rules.Momentum(0.5)}),
        (gw.MiniBatchGD, {}),
    ],
)
def test_a_narrow_valley_is_no_minimum(method, options):
    limit = gw.max_learning_rate(YEARS, TREND, loss=options.get("loss", "mse"))
    share = 0.9 if method is gw.BatchGD else 0.4
    model = method(**options, learning_rate=share * limit, epochs=2000).fit(YEARS, TREND)
    verdict = model.history_.verdict
    assert verdict.kind == "narrow valley"
    assert verdict.clauses[-1] == "standardise"
    assert "Standardise the columns" in verdict.sentence
    assert model.score(YEARS, TREND) < 0.1


def test_a_narrow_valley_names_its_condition_number():
    x = 300 + np.random.default_rng(1).normal(size=(80, 1))
    y = 2 * (x[:, 0] - 300) + 1
    x_b = np.column_stack([np.ones(80), x])
    values = np.linalg.eigvalsh(x_b.T @ x_b)
    model = gw.BatchGD(learning_rate=0.5 * gw.max_learning_rate(x, y), epochs=500).fit(x, y)
    told = model.history_.verdict.figures["condition_number"]
    assert values[-1] / values[0] / 3 < told < 3 * values[-1] / values[0]


@pytest.mark.parametrize("method", [gw.BatchGD, gw.MiniBatchGD])
def test_a_walk_that_only_grew_warns_though_it_is_finite(method):
    size = {} if method is gw.BatchGD else {"batch_size": 50}
    limit = gw.max_learning_rate(X, Y)
    with pytest.warns(gw.DivergenceWarning, match=f"max_learning_rate gives {limit:.6g}"):
        model = method(learning_rate=1.05 * limit, epochs=300, **size).fit(X, Y)
    assert model.stop_reason_ == "epochs done"
    assert np.isfinite(model.params_).all()


@pytest.mark.parametrize("added", [0.0, 1.0, -3.0])
def test_a_maximum_is_no_minimum_whatever_is_added(added):
    walk = gw.BatchGD(learning_rate=0.1, epochs=100)
    result = walk.minimize(lambda x: float(x[0] ** 4 - x[0] ** 2 + added), [0.0])
    assert result.history.verdict.kind == "stationary point"
    result = walk.minimize(lambda x: float(x[0] ** 4 - x[0] ** 2 + added), [0.1])
    assert result.history.verdict.kind == "converged"


def test_what_has_no_lowest_value_is_told():
    with pytest.warns(gw.DivergenceWarning, match="no lowest value"):
        result = gw.BatchGD(learning_rate=0.1, epochs=100).minimize(
            lambda x: float(-(x[0] ** 2)), [1.0]
        )
    assert (result.success, result.status) == (False, 2)
    assert "no lowest value" in result.history.verdict.clauses


@pytest.mark.parametrize("case", ["init", "target", "function"])
def test_a_start_beyond_all_numbers_is_not_blamed_on_the_rate(case):
    model = gw.BatchGD(epochs=3)
    calls = {
        "init": lambda: model.fit(X, Y, init=[1e200, 0, 0]),
        "target": lambda: model.fit(X, Y * 1e160),
        "function": lambda: model.minimize(lambda x: float(np.nan * x[0]), [-1.0]),
    }
    with pytest.warns(gw.DivergenceWarning, match="No step has been made") as caught:
        calls[case]()
    assert "tenth" not in str(caught[0].message)
