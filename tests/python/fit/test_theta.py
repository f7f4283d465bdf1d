"""θ as a course has it: w and b apart at the start and along the walk; other θ to predict by."""

import pickle

import numpy as np
import pytest

import gradwalk as gw
from random_problems import every_method, problem

LOSSES = ("mse", "log_loss", "poisson", "cross_entropy")
every_loss = pytest.mark.parametrize("loss", LOSSES)


def apart(theta):
    return theta[1:], theta[0]


@every_loss
@every_method
def test_a_walk_from_w_and_b_is_that_from_theta(method, options, loss):
    X, y, theta = problem(loss, seed=1)
    w, b = apart(theta)
    model = method(loss, epochs=3, **options).fit(X, y, init=theta)
    for pair in ((w, b), (b, w), (w.tolist(), b.tolist())):
        other = method(loss, epochs=3, **options).fit(X, y, init=pair)
        np.testing.assert_array_equal(other.history_.path, model.history_.path)


def test_pairs_in_the_shapes_of_courses():
    X, y, theta = problem("mse", seed=2)
    w, b = apart(theta)
    for pair in ((w[:, None], b), (w, [b]), (w[None], np.array([[b]])), (list(w), b)):
        path = gw.BatchGD(epochs=1).fit(X, y, init=pair).history_.path
        np.testing.assert_array_equal(path[0], theta)


def test_one_feature_reads_two_numbers_as_theta_and_a_pair_as_w_and_b():
    X, y = np.arange(4.0)[:, None], np.ones(4)
    paths = [
        gw.BatchGD(epochs=1).fit(X, y, init=init).history_.path[0].tolist()
        for init in ((3.0, 5.0), ([3.0], 5.0), ([3.0], [5.0]), ([[3.0], [5.0]]))
    ]
    assert paths == [[3, 5], [5, 3], [5, 3], [3, 5]]


def test_two_rows_of_theta_are_theta():
    X, y, theta = problem("cross_entropy", seed=3, d=1)
    model = gw.BatchGD("cross_entropy", epochs=1).fit(X, y, init=tuple(map(tuple, theta)))
    np.testing.assert_array_equal(model.history_.path[0], theta)


@every_loss
def test_the_gradient_takes_a_pair(loss):
    X, y, theta = problem(loss, seed=4)
    one = gw.loss_and_grad(X, y, theta, loss=loss)
    other = gw.loss_and_grad(X, y, apart(theta), loss=loss)
    assert one[0] == other[0]
    np.testing.assert_array_equal(one[1], other[1])


@every_loss
@pytest.mark.parametrize("intercept", [True, False])
@every_method
def test_w_and_b_along_the_walk(method, options, intercept, loss):
    X, y, theta = problem(loss, seed=5, intercept=intercept)
    model = method(loss, epochs=3, fit_intercept=intercept, **options).fit(X, y, init=theta)
    for history in (model.history_, pickle.loads(pickle.dumps(model.history_))):
        path, w, b = history.path, history.coef_path, history.intercept_path
        rest = path[:, int(intercept) :]
        np.testing.assert_array_equal(w, rest.swapaxes(1, 2) if path.ndim == 3 else rest)
        np.testing.assert_array_equal(b, path[:, 0] if intercept else np.zeros_like(path[:, 0]))
        np.testing.assert_array_equal(w[-1], model.coef_)
        np.testing.assert_array_equal(b[-1], model.intercept_)


def test_the_theta_of_a_function_is_not_taken_apart():
    result = gw.BatchGD(epochs=3).minimize(lambda x: x @ x, [1.0, 2.0], jac=lambda x: 2 * x)
    for name in ("coef_path", "intercept_path"):
        with pytest.raises(AttributeError, match=f"there is no {name}: .*its θ is in path"):
            getattr(result.history, name)
        assert not hasattr(pickle.loads(pickle.dumps(result.history)), name)


@every_loss
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_predictions_of_an_earlier_moment(loss, dtype):
    X, y, theta = problem(loss, seed=6)
    X = X.astype(dtype)
    model = gw.BatchGD(loss, epochs=5, learning_rate=0.1).fit(X, y, init=theta)
    short = gw.BatchGD(loss, epochs=2, learning_rate=0.1).fit(X, y, init=theta)
    then = model.history_.path[2]
    names = ["predict", "decision_function"] + ["predict_proba"] * ("lo" in loss or loss[0] == "c")
    for name in names:
        expected = getattr(short, name)(X)
        for params in (then, apart(then)):
            np.testing.assert_array_equal(getattr(model, name)(X, params=params), expected)
    assert model.score(X, y, params=then) == short.score(X, y)
    np.testing.assert_array_equal(model.predict(X, params=model.params_), model.predict(X))


@pytest.mark.parametrize("name", ["predict", "decision_function", "score"])
def test_params_that_do_not_fit_are_refused(name):
    X, y, _ = problem("mse", seed=7)
    model = gw.BatchGD(epochs=2).fit(X, y)
    arguments = (X, y) if name == "score" else (X,)
    for params, said in (
        (np.zeros(3), r"\(4,\)"),
        (([1, 2], 0), "w of shape"),
        ([np.nan] * 4, "NaN"),
    ):
        with pytest.raises(ValueError, match=f"params must be .*{said}"):
            getattr(model, name)(*arguments, params=params)
