"""`minimize` over one number: fun, jac, x and path are numbers."""

from __future__ import annotations

import copy
import math
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest

import gradwalk as gw
from gradwalk import plot

METHODS = (gw.BatchGD, gw.SGD, gw.MiniBatchGD)


def parabola(x: Any) -> Any:
    return (x - 3) ** 2


def slope(x: Any) -> Any:
    return 2 * (x - 3)


def both(x: Any) -> Any:
    return (x - 3) ** 2, 2 * (x - 3)


ZEROS = [0.0, 0, np.float64(0), np.float32(0), np.array(0.0), np.int8(0)]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("x0", ZEROS, ids=lambda x0: type(x0).__name__)
@pytest.mark.parametrize("jac", [None, slope, True], ids=["differences", "function", "both"])
def test_a_number_is_walked_as_a_number(method: Any, x0: Any, jac: Any) -> None:
    seen: list[Any] = []

    def fun(x: Any) -> Any:
        seen.append(x)
        return both(x) if jac is True else parabola(x)

    gd = method(learning_rate=0.1, epochs=60)
    result = gd.minimize(fun, x0, jac=jac)
    assert all(isinstance(x, float) for x in seen)
    assert type(result.x) is float
    assert result.x == pytest.approx(3, abs=1e-4)
    assert isinstance(result.fun, float)
    assert result.path.shape == (61,)
    assert result.history.path.shape == (61,)
    assert isinstance(gd.params_, float)
    # θ ← θ − η f'(θ), as a course writes it.
    theta, path = 0.0, [0.0]
    for _ in range(60):
        theta = theta - 0.1 * slope(theta)
        path.append(theta)
    np.testing.assert_allclose(result.path, path, rtol=1e-6 if jac is None else 1e-14)


@pytest.mark.parametrize("x0", [[0.0], np.zeros(1), np.zeros((1, 1)), (0,)], ids=str)
@pytest.mark.parametrize("jac", [None, slope, True], ids=["differences", "function", "both"])
def test_of_one_number_in_an_array_fun_may_return_an_array(x0: Any, jac: Any) -> None:
    result = gw.BatchGD(learning_rate=0.1, epochs=60).minimize(
        both if jac is True else parabola, x0, jac=jac
    )
    assert result.x.shape == np.shape(x0)
    assert result.x == pytest.approx(3, abs=1e-4)
    assert isinstance(result.fun, float)
    assert result.path.shape == (61, *np.shape(x0))


@pytest.mark.parametrize(
    "jac",
    [
        lambda x: np.array([2 * (float(np.squeeze(x)) - 3)]),
        lambda x: 2 * (float(np.squeeze(x)) - 3),
        lambda x: [2 * (float(np.squeeze(x)) - 3)],
        lambda x: np.full((1, 1), 2 * (float(np.squeeze(x)) - 3)),
        lambda x: np.float32(2) * (float(np.squeeze(x)) - 3),
    ],
)
@pytest.mark.parametrize("x0", [0.0, [0.0], [[0.0]]], ids=str)
def test_the_slope_may_be_a_number_or_an_array_of_one(x0: Any, jac: Any) -> None:
    result = gw.BatchGD(learning_rate=0.1, epochs=60).minimize(
        lambda x: float(np.squeeze((x - 3) ** 2)), x0, jac=jac
    )
    assert np.squeeze(result.x) == pytest.approx(3, abs=1e-4)


@pytest.mark.parametrize(
    ("fun", "x0"),
    [
        (lambda x: (x - 3) ** 2, [0.0, 1.0]),
        (lambda x: np.ones(1), [0.0, 1.0]),
        (lambda x: np.ones(2), 0.0),
        (lambda x: np.ones(0), 0.0),
        (lambda x: np.ones(2), [0.0]),
        (lambda x: "a", 0.0),
        (lambda x: [1.0], 0.0),
        (lambda x: np.array(["a"]), 0.0),
        (lambda x: np.array([1j]), [0.0]),
        (lambda x: np.array([True]), [0.0]),
    ],
)
def test_what_is_not_one_number_is_still_refused(fun: Callable[[Any], Any], x0: Any) -> None:
    with pytest.raises(TypeError, match="what fun returns must be one real number"):
        gw.BatchGD(epochs=2).minimize(fun, x0)


@pytest.mark.parametrize("x0", [0.0, [0.0]], ids=str)
def test_a_slope_of_two_is_still_refused(x0: Any) -> None:
    with pytest.raises(ValueError, match="the gradient of jac must be of the shape"):
        gw.BatchGD(epochs=2).minimize(parabola, x0, jac=lambda x: np.ones(2))


def test_terms_of_one_number() -> None:
    centres = np.array([1.0, 2.0, 6.0])

    def fun(x: float, rows: Any) -> float:
        assert isinstance(x, float)
        return float(np.mean((x - centres[rows]) ** 2))

    gd = gw.SGD(learning_rate=gw.schedules.InverseScaling(0.2, tau=20), epochs=300, random_state=0)
    result = gd.minimize(fun, 0.0, n_terms=3)
    assert result.x == pytest.approx(3, abs=0.2)
    assert result.path.ndim == 1


@pytest.mark.parametrize("penalty", [{"l2": 1.0}, {"l1": 0.5}, {"rule": gw.rules.Momentum(0.5)}])
def test_penalties_and_rules_of_one_number(penalty: dict[str, Any]) -> None:
    gd = gw.BatchGD(learning_rate=0.1, epochs=200, **penalty)
    as_number = gd.minimize(parabola, 0.5, jac=slope)
    as_array = gd.minimize(parabola, [0.5], jac=slope)
    np.testing.assert_array_equal(as_number.path, as_array.path[:, 0])
    assert as_number.x == as_array.x[0]


def test_a_landscape_of_one_number() -> None:
    well = gw.landscapes.double_well
    gd = gw.BatchGD(learning_rate=0.05, epochs=30)
    as_number, as_array = gd.minimize(well, 0.3), gd.minimize(well, [0.3])
    assert type(as_number.x) is float
    np.testing.assert_array_equal(as_number.path, as_array.path[:, 0])


def test_the_functions_of_math_take_the_number() -> None:
    result = gw.BatchGD(learning_rate=0.1, epochs=200).minimize(lambda x: math.cosh(x - 1), 0.0)
    assert result.x == pytest.approx(1, abs=1e-4)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_number_that_diverges_ends_as_an_array_does() -> None:
    gd = gw.BatchGD(learning_rate=3.0, epochs=3000)
    with pytest.warns(gw.DivergenceWarning):
        result = gd.minimize(lambda x: x**4, 1.0, jac=lambda x: 4 * x**3)
    assert (result.status, result.success) == (2, False)


def test_a_callback_sees_the_number() -> None:
    seen = []
    gd = gw.BatchGD(learning_rate=0.1, epochs=3)
    gd.minimize(parabola, 0.0, jac=slope, callback=lambda step: seen.append(step))
    assert [isinstance(step.params, float) for step in seen] == [True] * 3
    assert pickle.loads(pickle.dumps(seen[-1])).params == seen[-1].params


def test_it_is_kept_like_any_other(tmp_path: Path) -> None:
    gd = gw.BatchGD(learning_rate=0.1, epochs=5)
    result = gd.minimize(parabola, 0.0, jac=slope)
    gd.save(tmp_path / "walk.npz")
    for twin in (
        copy.copy(gd),
        copy.deepcopy(gd),
        pickle.loads(pickle.dumps(gd)),
        gw.load(tmp_path / "walk.npz"),
    ):
        assert isinstance(twin.params_, float)
        assert twin.params_ == gd.params_
        np.testing.assert_array_equal(twin.history_.path, result.path)
    again = pickle.loads(pickle.dumps(result))
    assert (again.x, again.path.shape) == (result.x, (6,))
    assert "x:" in repr(result).replace(" ", "")
    assert 'aria-label="result of minimize"' in result._repr_html_()


@pytest.mark.filterwarnings("error")
def test_pictures_take_it() -> None:
    def fun(x: float) -> float:
        assert np.ndim(x) == 0
        return (x - 3) ** 2

    gd = gw.BatchGD(learning_rate=0.9, epochs=8)
    result, array = gd.minimize(fun, 0.0), gd.minimize(parabola, [0.0])
    ax = plot.trace_1d(result, fun=fun)
    drawn = [line.get_xydata() for line in ax.get_lines()]
    other = [line.get_xydata() for line in plot.trace_1d(array, fun=parabola).get_lines()]
    assert len(drawn) == len(other)
    for points, others in zip(drawn, other, strict=True):
        np.testing.assert_allclose(points, others, rtol=1e-6, atol=1e-9)
    plot.tangents(result, fun=fun)
    plot.loss_curve(result)
    plot.plateau(result, fun=fun)
    plot.animate(result, kind="loss", frames=3)
    plt.close("all")
