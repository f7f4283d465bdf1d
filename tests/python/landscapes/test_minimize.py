"""`minimize`: SciPy's words, and the numbers of the plain loop."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest
from scipy import optimize

import gradwalk as gw
from finite_sum import METHODS, A, every_method, mean_of, model_of, slope_of


def bowl(x):
    return float(np.sum((x - 1) ** 2))


def bowl_slope(x):
    return 2 * (x - 1)


# --- SciPy's words ----------------------------------------------------------------------------


@every_method
def test_the_result_speaks_as_scipy_does(name):
    model = model_of(name)
    result = model.minimize(bowl, [3.0, 0.0], jac=bowl_slope)
    theirs = optimize.minimize(bowl, [3.0, 0.0], jac=bowl_slope)
    assert isinstance(result, gw.DescentResult)
    assert set(result) - {"history", "path"} <= set(theirs)
    for word in ("x", "fun", "nit", "nfev", "njev", "status", "success", "message"):
        ours = getattr(result, word)
        assert type(ours) is type(theirs[word]) or word in ("fun", "success"), word
        assert result[word] is ours
        assert word in dir(result)
        assert f"{word}: " in repr(result)
    assert (result.nit, result.message) == (4, model.stop_reason_)
    np.testing.assert_array_equal(result.x, model.params_)
    np.testing.assert_array_equal(result.path, model.history_.path)
    np.testing.assert_array_equal(result.history.loss, model.history_.loss)
    assert result.fun == bowl(result.x)
    assert not hasattr(result, "hess_inv")
    result.x[:] = 0  # a copy
    assert model.params_.any()


@pytest.mark.parametrize(
    ("options", "arguments", "status", "success", "message"),
    [
        ({}, {}, 1, True, "epochs done"),
        ({"tol": 0}, {}, 1, False, "epochs done"),
        ({"gtol": 1e-9}, {}, 1, False, "epochs done"),
        ({"max_updates": 7}, {}, 1, True, "updates done"),
        # Met at once, and nothing is reached by then.
        ({"tol": 1e9, "patience": 1}, {}, 0, False, "tolerance met"),
        ({"epochs": 3000, "learning_rate": 0.05, "gtol": 1e-8}, {}, 0, True, "gradient small"),
        ({"epochs": 3000, "learning_rate": 0.05, "step_tol": 1e-9}, {}, 0, True, "steps small"),
        ({}, {"callback": lambda step: step.epoch == 2}, 4, False, "callback"),
        ({"learning_rate": 1e200}, {}, 2, False, "diverged"),
    ],
)
@every_method
def test_how_it_ended(name, options, arguments, status, success, message):
    model = model_of(name, **{"epochs": 10, **options})
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with np.errstate(over="ignore", invalid="ignore"):
            result = model.minimize(bowl, np.zeros(2), jac=bowl_slope, **arguments)
    assert [warning.category for warning in caught] == [gw.DivergenceWarning] * (status == 2)
    assert (result.status, result.success, result.message) == (status, success, message)
    assert (model.stop_reason_, model.converged_) == (message, status == 0 and success)
    assert result.nit == model.n_updates_ == len(result.path) - 1
    assert np.isfinite(result.x).all()


def test_the_warning_of_divergence_speaks_of_a_function():
    """There is no X whose columns could be scaled."""
    with pytest.warns(gw.DivergenceWarning) as caught, np.errstate(over="ignore"):
        gw.BatchGD(learning_rate=3.0, epochs=10_000).minimize(bowl, [0.0], jac=bowl_slope)
    assert Path(caught[0].filename).name == Path(__file__).name
    assert "learning rate was 3;" in str(caught[0].message)
    assert "columns of X" not in str(caught[0].message)


@every_method
def test_gtol_holds_the_full_gradient_against_the_tolerance(name):
    """BatchGD knows the norm before its update, the others look at the end of the epoch."""
    model = model_of(name, epochs=500, record="epoch", gtol=0.05)
    result = model.minimize(mean_of, np.zeros(3), jac=slope_of, n_terms=12)
    at = -2 if name == "BatchGD" else -1
    assert result.status == 0
    assert np.linalg.norm(slope_of(result.path[at])) <= 0.05
    assert np.linalg.norm(slope_of(result.path[at - 1])) > 0.05
    norms = [np.linalg.norm(slope_of(x)) for x in result.path]
    expected = norms[:-1] if name == "BatchGD" else norms[1:]
    np.testing.assert_allclose(result.history.grad_norm, expected, rtol=1e-12)
    full = [] if name == "BatchGD" else [mean_of(x) for x in result.path]
    np.testing.assert_allclose(result.history.full_loss, full)


@pytest.mark.parametrize("gtol", [None, 1e-3])
@pytest.mark.parametrize("jac", ["function", True, None, False])
@pytest.mark.parametrize("n_terms", [None, 12])
@every_method
def test_evaluations_are_counted_as_they_are_made(name, n_terms, jac, gtol):
    calls = {"fun": 0, "jac": 0}

    def fun(x, rows=slice(None)):
        calls["fun"] += 1
        value = mean_of(x, rows)
        return (value, slope_of(x, rows)) if jac is True else value

    def slope(x, rows=slice(None)):
        calls["jac"] += 1
        return slope_of(x, rows)

    given = slope if jac == "function" else jac
    model = model_of(name, epochs=3, gtol=gtol)
    result = model.minimize(fun, np.zeros(3), jac=given, n_terms=n_terms)
    per_epoch = -(-12 // METHODS[name][1]) if n_terms else 1
    assert result.nit == 3 * per_epoch
    assert result.nfev == calls["fun"]
    assert result.fun == pytest.approx(mean_of(result.x), rel=1e-15)  # on all terms: one more call
    if jac == "function":
        assert result.njev == calls["jac"]
    if gtol is None:
        of_update = {"function": (1, 1), True: (1, 1)}.get(jac, (2 * 3 + 1, 0))
        assert result.nfev == of_update[0] * result.nit + 1
        assert result.njev == of_update[1] * result.nit


# --- The numbers of the plain loop ------------------------------------------------------------


SAMPLINGS = [
    ("BatchGD", {}),
    *[
        (name, {"sampling": sampling})
        for name in ("SGD", "MiniBatchGD")
        for sampling in ("shuffle", "replace", "sequential")
    ],
]


@pytest.mark.parametrize("jac", ["function", True])
@pytest.mark.parametrize(("name", "options"), SAMPLINGS)
def test_a_finite_sum_walks_as_the_plain_loop_does(name, options, jac):
    """The rows that the function was given, walked again."""
    seen = []

    def fun(x, rows):
        seen.append(rows.copy())
        value, slope = mean_of(x, rows), slope_of(x, rows)
        if jac is True:
            return value, slope
        return value

    model = model_of(name, epochs=30, learning_rate=lambda t: 0.1 / (1 + t / 50), **options)
    given = True if jac is True else slope_of
    result = model.minimize(fun, [0.5, -0.5, 2.0], jac=given, n_terms=12)

    assert sorted(seen.pop()) == list(range(12))  # for the value at the end
    x, path, losses = np.array([0.5, -0.5, 2.0]), [], []
    for t, rows in enumerate(seen):
        path.append(x)
        losses.append(mean_of(x, rows))
        x = x - 0.1 / (1 + t / 50) * slope_of(x, rows)
    np.testing.assert_allclose(result.path, [*path, x], rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(result.history.update_loss, losses, rtol=1e-12)
    per_epoch = len(seen) // 30
    sizes = [len(rows) for rows in seen[:per_epoch]]
    means = np.average(np.reshape(losses, (30, per_epoch)), axis=1, weights=sizes)
    np.testing.assert_allclose(result.history.loss, means, rtol=1e-12)
    np.testing.assert_array_equal(result.history.updates_per_epoch, [per_epoch] * 30)

    # The rows are those of a fit of the same seed, batch by batch.
    taken = []

    def loss(params, X, rows):
        taken.append(list(rows))
        return 0.0, np.zeros(1)

    model_of(name, loss=loss, epochs=30, **options).fit(A, np.arange(12), init=[0.0])
    assert [list(rows) for rows in seen] == taken
    sizes = {"BatchGD": [12], "SGD": [1] * 12, "MiniBatchGD": [5, 5, 2]}[name]
    assert [len(rows) for rows in seen] == sizes * 30
    if options.get("sampling") != "replace":
        for epoch in np.reshape(np.concatenate(seen), (30, 12)):
            assert sorted(epoch) == list(range(12))


@every_method
def test_without_terms_all_methods_are_one(name):
    result = model_of(name, epochs=200).minimize(mean_of, np.ones(3), jac=slope_of)
    x, path = np.ones(3), []
    for _ in range(200):
        path.append(x)
        x = x - 0.1 * slope_of(x)
    np.testing.assert_allclose(result.path, [*path, x], rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("flat_slope", [False, True])
@pytest.mark.parametrize("shape", [(1,), (3,), (2, 3), (1, 1, 2), (4, 1), (2, 1, 3, 2)])
@every_method
def test_x_keeps_its_shape(name, shape, flat_slope):
    start = np.arange(np.prod(shape), dtype=float).reshape(shape)
    shapes = set()

    def fun(x):
        shapes.add((x.shape, x.dtype.str, x.flags.c_contiguous))
        return bowl(x)

    def slope(x):
        shapes.add((x.shape, x.dtype.str, x.flags.c_contiguous))
        return bowl_slope(x).ravel() if flat_slope else np.asfortranarray(bowl_slope(x))

    result = model_of(name).minimize(fun, np.asfortranarray(start), jac=slope)
    assert shapes == {(shape, "<f8", True)}
    assert result.x.shape == shape
    assert result.path.shape == (5, *shape)
    np.testing.assert_array_equal(result.path[0], start)
    np.testing.assert_allclose(result.x, 1 + 0.8**4 * (start - 1), rtol=1e-12)


@pytest.mark.parametrize("start", [2, 2.0, np.array(2.0), [2], (2,), np.float32(2)])
def test_a_number_to_start_from_is_one_parameter(start):
    """A number for a number, where SciPy's x is of shape (1,)."""
    result = gw.BatchGD(learning_rate=0.1, epochs=1).minimize(bowl, start, jac=bowl_slope)
    assert np.shape(result.x) == np.shape(start)
    np.testing.assert_allclose(result.x, np.full(np.shape(start), 1.8), rtol=1e-15)


def test_x_is_a_fresh_array_in_every_call():
    """Whatever the functions do to it, the walk goes on from its own."""
    kept = []

    def fun(x):
        kept.append((x, x.copy()))
        value = bowl(x)
        x[:] = np.nan
        return value

    def slope(x):
        slopes = bowl_slope(x)
        x *= 1e9
        return slopes

    for jac, epochs in ((slope, 50), (None, 5)):
        kept.clear()
        result = gw.BatchGD(learning_rate=0.1, epochs=epochs).minimize(fun, [0.0, 3.0], jac=jac)
        np.testing.assert_allclose(result.x, 1 + 0.8**epochs * np.array([-1, 2]), rtol=1e-6)
        assert len({id(x) for x, _ in kept}) == len(kept)


def wavy(x):
    return float(np.sum(np.sin(x) + 0.5 * x**2) + x[0] * x[-1])


def wavy_slope(x):
    slope = np.cos(x) + x
    slope[0] += x[-1]
    slope[-1] += x[0]
    return slope


def test_central_differences_are_as_good_as_they_can_be():
    """Off by about h² f‴/6 + ε |f| / h, with h = ∛ε · max(1, |xⱼ|); probed at x ± h eⱼ."""
    rng = np.random.default_rng(5)
    for size in (0.1, 1.0, 30.0, 1000.0):
        for _ in range(25):
            start = rng.normal(size=4, scale=size)
            asked = []

            def fun(x, asked=asked):
                asked.append(x)
                return wavy(x)

            result = gw.BatchGD(learning_rate=0.5, epochs=1).minimize(fun, start)
            slope = (start - result.x) / 0.5
            h = np.cbrt(np.finfo(float).eps) * np.maximum(1, np.abs(start))
            bound = h**2 + 4 * np.finfo(float).eps * (1 + abs(wavy(start))) / h
            assert (np.abs(slope - wavy_slope(start)) <= bound).all()
            assert result.nfev == len(asked) == 10
            np.testing.assert_array_equal(asked.pop(), result.x)
            moved = sorted(tuple(x - start) for x in asked)
            expected = [(0.0,) * 4, *map(tuple, np.diag(h)), *map(tuple, np.diag(-h))]
            np.testing.assert_allclose(moved, sorted(expected), atol=1e-12)


def test_differences_beside_the_edge_of_the_domain_are_no_divergence():
    """√x at 0: the value is a number, the one at −h is not. The student has to hear of that."""
    model = gw.BatchGD(learning_rate=0.1)
    with pytest.raises(ValueError, match="NaN"), np.errstate(invalid="ignore"):
        model.minimize(lambda x: float(np.sqrt(x[0])), [0.0])
    assert model.stop_reason_ == "failed"


def test_penalties_act_on_all_of_x():
    """(l2/2)‖x‖² in value and gradient; l1‖x‖₁ by its threshold, with exact zeros."""
    x, l2, path, values = np.array([1.0, -2.0, 0.5]), 0.3, [], []
    for _ in range(50):
        path.append(x)
        values.append(mean_of(x) + l2 / 2 * x @ x)
        x = x - 0.1 * (slope_of(x) + l2 * x)
    result = gw.BatchGD(learning_rate=0.1, epochs=50, l2=l2).minimize(
        mean_of, path[0], jac=slope_of
    )
    np.testing.assert_allclose(result.path, [*path, x], rtol=1e-12)
    np.testing.assert_allclose(result.history.loss, values, rtol=1e-12)

    target = np.array([[0.3, -2.0, 0.1], [3.0, -0.4, 0.0]])
    result = gw.BatchGD(learning_rate=0.5, epochs=200, l1=0.5).minimize(
        lambda x: (float(0.5 * np.sum((x - target) ** 2)), x - target), np.ones((2, 3)), jac=True
    )
    expected = np.sign(target) * np.maximum(np.abs(target) - 0.5, 0)
    np.testing.assert_allclose(result.x, expected, rtol=1e-12)
    assert ((result.x == 0) == (expected == 0)).all()
    value = 0.5 * np.sum((expected - target) ** 2) + 0.5 * np.abs(expected).sum()
    assert result.fun == pytest.approx(value, rel=1e-12)


# --- The model before and after ---------------------------------------------------------------

X, Y = np.random.default_rng(7).normal(size=(9, 2)), np.random.default_rng(8).integers(0, 2, 9)


@pytest.mark.parametrize("loss", ["mse", "log_loss", "cross_entropy"])
@every_method
def test_there_is_nothing_to_predict_by(name, loss):
    model = model_of(name, loss=loss)
    model.minimize(bowl, [3.0, 0.0], jac=bowl_slope)
    for attribute in ("coef_", "intercept_", "classes_"):
        with pytest.raises(AttributeError, match=attribute):
            getattr(model, attribute)
    for method in ("predict", "predict_proba", "decision_function"):
        with pytest.raises(TypeError, match=r"nothing to predict.* walked down a function"):
            getattr(model, method)(X)
    with pytest.raises(TypeError, match=r"nothing to predict.* walked down a function"):
        model.score(X, Y)
    with pytest.raises(ValueError, match=r"partial_fit must be called after fit.*a function"):
        model.partial_fit(X, Y)
    assert model.n_epochs_ == 4  # none of this has moved it


@every_method
def test_fit_and_minimize_take_turns(name):
    """Each begins anew, with the bits of an object of its own, and leaves the other's record."""
    fitted, minimised = model_of(name).fit(X, Y), model_of(name)
    expected = minimised.minimize(mean_of, np.ones(3), jac=slope_of)
    model = model_of(name)
    records = []
    for _ in range(2):
        result = model.minimize(mean_of, np.ones(3), jac=slope_of)
        np.testing.assert_array_equal(result.path, expected.path)
        records.append((result.history, expected.history))
        model.fit(X, Y)
        np.testing.assert_array_equal(model.params_, fitted.params_)
        np.testing.assert_array_equal(model.predict(X), fitted.predict(X))
        assert model.n_updates_ == fitted.n_updates_
        records.append((model.history_, fitted.history_))
    for ours, theirs in records:
        np.testing.assert_array_equal(ours.path, theirs.path)
        np.testing.assert_array_equal(ours.loss, theirs.loss)


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"fun": 3.0}, TypeError, r"^fun must be a function of x, or a landscape; got 3\.0"),
        ({"x0": None}, TypeError, "^x0 must be an array of numbers; got None"),
        ({"x0": []}, ValueError, "^x0 must be of at least one number"),
        ({"x0": [1.0, np.nan]}, ValueError, "^x0 must be of finite numbers; got NaN at place 1"),
        ({"x0": [1j]}, TypeError, "^x0 must hold real numbers; got dtype complex"),
        ({"x0": ["1"]}, TypeError, "^x0 must hold real numbers"),
        ({"jac": "2-point"}, TypeError, "^jac must be a function of x, True .*None; got '2-point'"),
        ({"jac": 1}, TypeError, "^jac must be .*; got 1"),
        ({"n_terms": 0}, ValueError, "^n_terms must be a whole number from 1 .*; got 0"),
        ({"n_terms": 2.5}, TypeError, "^n_terms must be a whole number"),
        ({"n_terms": True}, TypeError, "^n_terms must be a whole number"),
        ({"gtol": 1e-3}, TypeError, r'no argument "gtol": write it in the constructor'),
        ({"callback": 3}, TypeError, "^callback must be a function"),
        (
            {"tol": 1e-3},
            TypeError,
            r'no argument "tol": write it in the constructor, BatchGD\(tol=',
        ),
        ({"method": "BFGS"}, TypeError, 'no argument "method": the class is the method'),
    ],
)
def test_wrong_arguments_are_named(arguments, error, words):
    model = gw.BatchGD()
    with pytest.raises(error, match=words):
        model.minimize(**{"fun": bowl, "x0": [1.0], "jac": bowl_slope, **arguments})
    with pytest.raises(gw.NotFittedError):
        model.params_  # noqa: B018
