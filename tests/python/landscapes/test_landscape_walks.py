"""Walks on landscapes: where each method ends, and what noise and momentum change about it."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pytest

import gradwalk as gw
from all_landscapes import OTHERS, READY
from gradwalk import landscapes
from gradwalk.landscapes import Landscape, Minimum

# Where plain descent arrives from the documented start, if there is more than one place.
ARRIVALS = {
    "himmelblau": [3, 2],
    "three_hump_camel": [1.7475523458302888, -0.8737761729151444],
    "rastrigin": [0.9949586376523348, 0],
    "double_well": [0.8375654352833231],
    "x_cos": [3.4256184594817283 / (0.15 * np.pi)],
}


def descend(landscape: Landscape, epochs: int, **settings: Any) -> gw.DescentResult:
    """A walk of BatchGD from the documented start, with the documented η unless told."""
    settings = {"learning_rate": landscape.learning_rate, **settings}
    return gw.BatchGD(epochs=epochs, **settings).minimize(landscape, x0=landscape.start)


def nearest(landscape: Landscape, x: Any) -> tuple[Minimum, float]:
    """The listed minimum that x is nearest to, and its distance."""
    distances = [np.linalg.norm(minimum.point - x) for minimum in landscape.minima]
    place = int(np.argmin(distances))
    return landscape.minima[place], float(distances[place])


@pytest.mark.parametrize("landscape", [*READY.values(), *OTHERS], ids=repr)
def test_plain_descent_reaches_a_minimum_from_the_start(landscape: Landscape) -> None:
    if not landscape.minima:
        return
    result = descend(landscape, 50_000)
    minimum, distance = nearest(landscape, result.x)
    assert distance < 1e-6
    if landscape == READY[landscape.name]:
        end = ARRIVALS.get(landscape.name, minimum.point)
        np.testing.assert_allclose(minimum.point, end, atol=1e-12)
    assert (result.nit, result.status, result.message) == (50_000, 1, "epochs done")
    assert result.success
    # It descends all the way, as far as f can be told apart.
    loss = result.history.loss
    assert (np.diff(loss) <= 1e-14 * np.maximum(np.abs(loss[:-1]), 1e-9)).all()
    assert landscape(result.x) == pytest.approx(minimum.value, abs=1e-9)


@pytest.mark.parametrize("landscape", READY.values(), ids=READY)
def test_the_walk_is_the_one_that_a_loop_in_python_makes(landscape: Landscape) -> None:
    result = descend(landscape, 30)
    x, path, loss = landscape.start, [landscape.start], []
    for _ in range(30):
        loss.append(landscape(x))
        x = x - landscape.learning_rate * landscape.grad(x)
        path.append(x)
    np.testing.assert_array_equal(result.path, path, strict=True)
    np.testing.assert_array_equal(result.history.loss, loss, strict=True)
    np.testing.assert_array_equal(result.x, x, strict=True)


def test_the_saddle_holds_a_walk_and_then_lets_go() -> None:
    path = descend(landscapes.saddle, 60).path
    assert np.linalg.norm(path, axis=1).min() < 0.04
    assert landscapes.saddle(path[-1]) < -100
    ridge = gw.BatchGD(learning_rate=0.1, epochs=1000).minimize(landscapes.saddle, [1.5, 0.0])
    np.testing.assert_allclose(ridge.x, 0, atol=1e-12)


def test_a_large_learning_rate_jumps_over_hills_into_a_poorer_minimum() -> None:
    x_cos = landscapes.x_cos()
    minimum, distance = nearest(x_cos, descend(x_cos, 2000, learning_rate=2.0).x)
    assert distance < 1e-6
    assert minimum.value == max(minimum.value for minimum in x_cos.minima)


def test_momentum_rolls_over_the_hump_of_the_camel() -> None:
    camel = landscapes.three_hump_camel
    result = descend(camel, 2000, rule=gw.rules.Momentum(0.9))
    assert nearest(camel, result.x)[0].is_global
    np.testing.assert_allclose(result.x, 0, atol=1e-9)


# --- Sums of tilted terms ---------------------------------------------------------------------


@pytest.mark.parametrize("landscape", READY.values(), ids=READY)
def test_a_full_batch_walks_on_f_itself(landscape: Landscape) -> None:
    alone = descend(landscape, 30)
    terms = landscape.as_sum(100, 5.5, random_state=0)
    settings: dict[str, Any] = {"learning_rate": landscape.learning_rate, "epochs": 30}
    for method in (
        gw.BatchGD(**settings),
        gw.MiniBatchGD(**settings, batch_size=100, random_state=1),
    ):
        result = method.minimize(terms, landscape.start)
        np.testing.assert_array_equal(result.path, alone.path, strict=True)
        np.testing.assert_array_equal(result.history.loss, alone.history.loss, strict=True)


@pytest.mark.parametrize("landscape", READY.values(), ids=READY)
def test_each_step_of_sgd_has_the_tilt_of_one_term(landscape: Landscape) -> None:
    terms = landscape.as_sum(20, 0.5, random_state=0)
    eta = landscape.learning_rate / 10
    model = gw.SGD(learning_rate=eta, epochs=1, random_state=2)
    path = model.minimize(terms, landscape.start).path
    tilts = (path[:-1] - path[1:]) / eta - landscape.grad(path[:-1])
    drawn = [int(np.abs(terms.tilts - tilt).sum(axis=1).argmin()) for tilt in tilts]
    assert sorted(drawn) == list(range(20))
    np.testing.assert_allclose(tilts, terms.tilts[drawn], atol=1e-9)
    losses = [terms(x, [row]) for x, row in zip(path[:-1], drawn, strict=True)]
    np.testing.assert_allclose(model.history_.update_loss, losses, rtol=1e-13, atol=1e-13)


@pytest.mark.parametrize("method", [gw.BatchGD, gw.SGD, gw.MiniBatchGD])
def test_a_sum_walks_as_the_same_functions_in_python(method: Any) -> None:
    terms = landscapes.himmelblau.as_sum(50, 3.0, random_state=0)
    model = method(learning_rate=0.002, epochs=4, random_state=3)
    result = model.minimize(terms, [0.0, 0.0])
    same = model.minimize(terms, [0.0, 0.0], jac=None)
    np.testing.assert_array_equal(result.path, same.path, strict=True)
    called = model.minimize(lambda x, rows: terms(x, rows), [0, 0], jac=terms.grad, n_terms=50)
    np.testing.assert_allclose(called.path, result.path, rtol=1e-12, atol=1e-12)
    loss, expected = called.history.update_loss, result.history.update_loss
    np.testing.assert_allclose(loss, expected, rtol=1e-12, atol=1e-12)


# --- The lesson of the double well ------------------------------------------------------------

WELL = landscapes.double_well
GLOBAL, LOCAL = (float(minimum.point[0]) for minimum in WELL.minima)
# The local maximum between the wells.
BARRIER = float(np.median(np.roots([4, 0, -4, 1]).real))
LESSON: dict[str, Any] = {
    "learning_rate": gw.schedules.InverseScaling(0.05, tau=1000),
    "epochs": 200,
    "record": None,
}


def ends_near(target: float, walks: Iterable[gw.DescentResult], within: float = 0.1) -> int:
    return sum(abs(float(walk.x[0]) - target) < within for walk in walks)


@pytest.mark.parametrize("tilts", [0, 1, 2])
def test_noise_crosses_the_barrier_that_descent_does_not(tilts: int) -> None:
    terms = WELL.as_sum(100, 5.5, random_state=tilts)
    assert abs(float(WELL.grad(BARRIER)[0])) < 1e-12
    basin = np.linspace(BARRIER, WELL.bounds[0, 1], 102)[1:-1]
    batch = gw.BatchGD(**LESSON)
    assert ends_near(LOCAL, (batch.minimize(terms, [x]) for x in basin), within=1e-6) == 100

    def arrivals(method: Any, start: float, **settings: Any) -> int:
        models = (method(**LESSON, **settings, random_state=seed) for seed in range(100))
        return ends_near(GLOBAL, (model.minimize(terms, [start]) for model in models))

    single = arrivals(gw.SGD, LOCAL)
    few = arrivals(gw.MiniBatchGD, LOCAL, batch_size=4)
    assert arrivals(gw.BatchGD, LOCAL) == 0
    assert single >= 60
    assert 0 < few < single
    assert arrivals(gw.SGD, GLOBAL) >= 90
    assert arrivals(gw.MiniBatchGD, GLOBAL, batch_size=4) >= 90


# --- The lesson of the plateau ----------------------------------------------------------------


def test_momentum_crosses_the_plateau_on_which_descent_is_stuck() -> None:
    plateau = landscapes.plateau
    start, end = float(plateau.start[0]), float(plateau.minima[0].point[0])
    rolling = descend(plateau, 4000, rule=gw.rules.Momentum(0.9))
    assert (rolling.path >= end).any()
    assert abs(float(rolling.x[0]) - end) < 1e-6
    plain = descend(plateau, 4000)
    assert 0 < (float(plain.x[0]) - start) / (end - start) < 0.01


# --- Wrong calls ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fun", "x0", "expected", "came"),
    [
        (landscapes.beale, [1.0], "2 coordinates for landscapes.beale", "got 1"),
        (landscapes.double_well, [1.0, 2.0], "1 coordinate for landscapes.double_well", "got 2"),
        (landscapes.rosenbrock, 0.5, "at least 2 coordinates for", "got 1"),
        (landscapes.bowl.at_dimension(3), [1, 2], "3 coordinates for", "got 2"),
        (
            landscapes.bowl.as_sum(5, 1.0),
            [1.0, 2.0, 3.0],
            "2 coordinates for this sum of landscapes.bowl",
            "got 3. Write landscapes.bowl.at_dimension(3).as_sum(…)",
        ),
        (landscapes.beale.as_sum(5, 1.0), [1.0], "2 coordinates for this sum", "got 1"),
    ],
)
def test_a_start_of_another_dimension_is_refused(
    fun: Any, x0: Any, expected: str, came: str
) -> None:
    with pytest.raises(ValueError, match=r"^x0 must be a point of ") as caught:
        gw.BatchGD().minimize(fun, x0)
    assert expected in str(caught.value)
    assert str(caught.value).endswith(came)
