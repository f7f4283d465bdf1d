"""Landscapes: the formulas, their derivatives and minima, grids, sums of tilted terms."""

import _thread
import copy
import signal
import threading
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from all_landscapes import OTHERS, READY, Floats, random_points
from gradwalk import _core, landscapes
from gradwalk.landscapes import Landscape

every_landscape = pytest.mark.parametrize("landscape", [*READY.values(), *OTHERS], ids=repr)


def softplus(x: Floats) -> Floats:
    return np.logaddexp(0, x)


def beale(x: Floats, y: Floats) -> Floats:
    return (1.5 - x + x * y) ** 2 + (2.25 - x + x * y**2) ** 2 + (2.625 - x + x * y**3) ** 2


def formula(landscape: Landscape, at: Floats) -> Any:
    """f as a textbook has it, in NumPy."""
    x, parameter = at[..., 0], landscape.parameter
    y = at[..., 1] if at.shape[-1] > 1 else 0.0 * x
    left, right = at[..., :-1], at[..., 1:]
    return {
        "bowl": lambda: (at**2).sum(axis=-1) / 2,
        "ravine": lambda: (x**2 + parameter * y**2) / 2,
        "rosenbrock": lambda: (100 * (right - left**2) ** 2 + (1 - left) ** 2).sum(axis=-1),
        "himmelblau": lambda: (x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2,
        "beale": lambda: beale(x, y),
        "three_hump_camel": lambda: 2 * x**2 - 1.05 * x**4 + x**6 / 6 + x * y + y**2,
        "rastrigin": lambda: (at**2 + 10 * (1 - np.cos(2 * np.pi * at))).sum(axis=-1),
        "double_well": lambda: (x**2 - 1) ** 2 + x,
        "plateau": lambda: (softplus(x) - softplus(np.array(5.0))) ** 2 / 2,
        "saddle": lambda: x**2 - y**2,
        "x_cos": lambda: x * np.cos(parameter * x),
    }[landscape.name]()


def differences(f: Callable[[Floats], Any], at: Floats, step: Floats) -> Floats:
    """∂f/∂xⱼ for each j, in a new last axis, by central differences of fourth order."""
    slopes = []
    for shift in np.diag(step):
        near = f(at + shift) - f(at - shift)
        far = f(at + 2 * shift) - f(at - 2 * shift)
        slopes.append((8 * near - far) / (12 * shift.sum()))
    return np.stack(slopes, axis=-1)


def assert_agree(found: Floats, expected: Floats) -> None:
    """To 1e-6 of the largest number at each point, or of 1e-3 where all are smaller."""
    of_point = tuple(range(1, found.ndim))
    scale = np.maximum(np.abs(expected).max(axis=of_point, keepdims=True), 1e-3)
    np.testing.assert_array_less(np.abs(found - expected) / scale, 1e-6)


# --- What they are ----------------------------------------------------------------------------


def test_all_of_them_are_there() -> None:
    assert {*landscapes.__all__} == {*_core.LANDSCAPES, "Landscape", "LandscapeSum", "Minimum"}
    assert all(landscape.name == name for name, landscape in READY.items())


@every_landscape
def test_the_value_is_that_of_the_formula(landscape: Landscape) -> None:
    at = random_points(landscape, 1000, seed=0)
    expected = formula(landscape, at)
    scale = 1e-13 * np.abs(expected).max()
    np.testing.assert_allclose(landscape(at), expected, rtol=1e-13, atol=scale)


@every_landscape
def test_gradient_and_hessian_are_those_of_differences(landscape: Landscape) -> None:
    at = random_points(landscape, 1000, seed=1)
    step = 3e-5 * (landscape.bounds[:, 1] - landscape.bounds[:, 0])
    assert_agree(landscape.grad(at), differences(landscape, at, step))
    hessian = landscape.hessian(at)
    assert_agree(hessian, differences(landscape.grad, at, step))
    np.testing.assert_array_equal(hessian, hessian.swapaxes(-1, -2))


@every_landscape
def test_the_minima_are_minima(landscape: Landscape) -> None:
    low, high = landscape.bounds.T
    rng = np.random.default_rng(2)
    anywhere = landscape(random_points(landscape, 2000, seed=3))
    lowest = min((minimum.value for minimum in landscape.minima), default=-np.inf)
    for minimum in landscape.minima:
        point, value = minimum.point, minimum.value
        assert np.linalg.norm(landscape.grad(point)) < 1e-8
        assert np.linalg.eigvalsh(landscape.hessian(point)).min() > 0.1
        assert landscape(point) == pytest.approx(value, rel=1e-14, abs=1e-14)
        near = point + rng.uniform(-0.01, 0.01, (1000, len(low))) * (high - low)
        assert (landscape(near) >= value - 1e-14 * abs(value)).all()
        assert minimum.is_global == (value == lowest)
        if minimum.is_global:
            assert (anywhere >= value).all()
        assert ((low <= point) & (point <= high)).all()


@pytest.mark.parametrize(
    ("landscape", "n_minima", "n_global"),
    [
        (landscapes.bowl, 1, 1),
        (landscapes.ravine, 1, 1),
        (landscapes.rosenbrock, 1, 1),
        (landscapes.himmelblau, 4, 4),
        (landscapes.beale, 1, 1),
        (landscapes.rastrigin, 5, 1),
        (landscapes.rastrigin.at_dimension(4), 9, 1),
        (landscapes.rastrigin.at_dimension(101), 1, 1),
        (landscapes.double_well, 2, 1),
        (landscapes.plateau, 1, 1),
        (landscapes.saddle, 0, 0),
        (landscapes.x_cos(), 5, 1),
    ],
    ids=lambda value: repr(value),
)
def test_so_many_minima_are_known(landscape: Landscape, n_minima: int, n_global: int) -> None:
    minima = landscape.minima
    assert len(minima) == n_minima
    assert sum(minimum.is_global for minimum in minima) == n_global


def test_the_minima_of_one_coordinate_are_all_that_a_scan_of_the_bounds_finds() -> None:
    for landscape in (landscapes.double_well, landscapes.plateau, landscapes.x_cos(0.7)):
        (low, high) = landscape.bounds[0]
        x = np.linspace(low, high, 100_001)
        f = landscape(x[:, np.newaxis])
        found = x[1:-1][(f[1:-1] < f[:-2]) & (f[1:-1] < f[2:])]
        known = sorted(float(minimum.point[0]) for minimum in landscape.minima)
        np.testing.assert_allclose(found, known, atol=(high - low) / 1e5)


def test_the_saddle_has_a_zero_of_the_gradient_that_is_no_minimum() -> None:
    saddle = landscapes.saddle
    assert saddle.grad([0, 0]).tolist() == [0, 0]
    assert saddle.hessian([0, 0]).tolist() == [[2, 0], [0, -2]]


@every_landscape
def test_bounds_and_start(landscape: Landscape) -> None:
    p = len(landscape.start)
    assert landscape.n_params in (None, p)
    assert landscape.bounds.shape == (p, 2)
    low, high = landscape.bounds.T
    assert ((low < landscape.start) & (landscape.start < high)).all()
    assert landscape.learning_rate > 0
    # Fresh arrays: writing into one changes nothing.
    landscape.start[:] = 0
    landscape.bounds[:] = 0
    assert ((low < landscape.start) & (landscape.start < high)).all()


def test_parameters_are_chosen_by_name() -> None:
    ravine = landscapes.ravine.with_condition(np.float32(8))
    assert (ravine.parameter, ravine.learning_rate, ravine([1, 1])) == (8, 1.8 / 8, 4.5)
    assert landscapes.ravine.parameter == 100
    assert landscapes.x_cos(2).parameter == 2
    assert landscapes.x_cos().parameter == pytest.approx(0.15 * np.pi, rel=1e-15)
    assert landscapes.bowl.parameter is None


def test_a_dimension_is_chosen_once_and_for_all() -> None:
    three = landscapes.rosenbrock.at_dimension(np.int64(3))
    assert (three.n_params, landscapes.rosenbrock.n_params) == (3, None)
    assert three.start.tolist() == [-1.2, 1, -1.2]
    assert [minimum.point.tolist() for minimum in three.minima] == [[1, 1, 1]]
    assert three.at_dimension(4) == landscapes.rosenbrock.at_dimension(4)
    assert landscapes.beale.at_dimension(2) == landscapes.beale
    assert landscapes.bowl.at_dimension(1_000_000).start.shape == (1_000_000,)


# --- Points and grids -------------------------------------------------------------------------


@every_landscape
def test_a_grid_is_asked_point_by_point(landscape: Landscape) -> None:
    grid = random_points(landscape, 24, seed=4).reshape(2, 3, 4, -1)
    p = grid.shape[-1]
    value, grad, hessian = landscape(grid), landscape.grad(grid), landscape.hessian(grid)
    assert (value.shape, grad.shape) == ((2, 3, 4), (2, 3, 4, p))
    assert hessian.shape == (2, 3, 4, p, p)
    for place in np.ndindex(2, 3, 4):
        point = grid[place]
        assert type(landscape(point)) is float
        assert landscape(point) == value[place]
        np.testing.assert_array_equal(landscape.grad(point), grad[place], strict=True)
        np.testing.assert_array_equal(landscape.hessian(point), hessian[place], strict=True)


FORMS: dict[str, Callable[[Floats], Any]] = {
    "list": lambda at: at.tolist(),
    "Fortran order": np.asfortranarray,
    "strided": lambda at: np.repeat(np.repeat(at, 2, axis=0), 3, axis=-1)[::2, :, ::3],
    "reversed": lambda at: at[::-1].copy()[::-1],
    "big-endian": lambda at: at.astype(">f8"),
    "misaligned": lambda at: np.frombuffer(b"x" + at.tobytes(), offset=1).reshape(at.shape),
    "read-only": lambda at: np.frombuffer(at.tobytes()).reshape(at.shape),
    "longdouble": lambda at: at.astype(np.longdouble),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_grid_may_lie_in_any_form(form: str) -> None:
    grid = random_points(landscapes.beale, 30, seed=5).reshape(5, 6, 2)
    other = FORMS[form](grid)
    kept = copy.deepcopy(other)
    for method in (landscapes.beale, landscapes.beale.grad, landscapes.beale.hessian):
        np.testing.assert_array_equal(method(other), method(grid), strict=True)
    np.testing.assert_array_equal(other, kept)


@pytest.mark.parametrize("dtype", [np.float32, np.float16, np.int8, np.uint64, np.bool_])
def test_any_real_dtype_gives_float64(dtype: Any) -> None:
    grid = np.array([[0, 1], [1, 0], [1, 1]]).astype(dtype)
    for method in (landscapes.himmelblau, landscapes.himmelblau.grad):
        np.testing.assert_array_equal(method(grid), method(grid.astype(float)), strict=True)


def test_an_empty_grid_has_empty_answers() -> None:
    empty = np.zeros((3, 0, 2))
    assert landscapes.beale(empty).shape == (3, 0)
    assert landscapes.beale.grad(empty).shape == (3, 0, 2)
    assert landscapes.beale.hessian(empty).shape == (3, 0, 2, 2)


def test_a_number_is_a_point_of_one_coordinate() -> None:
    well = landscapes.double_well
    for x in (0.5, np.float64(0.5), np.array(0.5)):
        assert well(x) == well([0.5]) == (0.25 - 1) ** 2 + 0.5
        assert well.grad(x).shape == (1,)
        assert well.hessian(x).shape == (1, 1)
    assert landscapes.bowl(3) == 4.5


def test_a_large_grid_is_answered_in_slices_that_fit_together() -> None:
    grid = random_points(landscapes.beale, 400_000, seed=6)
    parts = np.array_split(grid, 1000)
    for method in (landscapes.beale, landscapes.beale.grad, landscapes.beale.hessian):
        np.testing.assert_array_equal(method(grid), np.concatenate([method(p) for p in parts]))
    many = landscapes.bowl.at_dimension(700)
    grid = random_points(many, 1000, seed=7)
    np.testing.assert_array_equal(many(grid), [many(x) for x in grid])


def test_beyond_the_numbers_the_answer_is_no_number_and_no_error() -> None:
    bowl = landscapes.bowl
    assert bowl([1e200, 0]) == np.inf
    assert np.isnan(bowl([np.nan, 0]))
    assert bowl.grad([np.inf, 0]).tolist() == [np.inf, 0]
    assert np.isnan(landscapes.plateau(np.nan))


def test_the_stop_button_is_heard_during_a_long_evaluation() -> None:
    rows = np.tile(np.arange(1000), 1000)
    grid = random_points(landscapes.beale, 4000, seed=8)
    terms = landscapes.beale.as_sum(1000, 1.0, random_state=0)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    button = threading.Timer(0.1, _thread.interrupt_main)
    begin = time.monotonic()
    button.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            terms(grid, rows)  # a matter of ten seconds
    finally:
        button.join()
        signal.signal(signal.SIGINT, before)
    assert time.monotonic() - begin < 2


# --- As a sum ---------------------------------------------------------------------------------


@every_landscape
def test_the_mean_over_all_terms_is_f_to_the_last_bit(landscape: Landscape) -> None:
    at = random_points(landscape, 50, seed=9)
    p = at.shape[-1]
    order = np.random.default_rng(10).permutation(100)
    fixed = landscape if landscape.n_params else landscape.at_dimension(p)
    for terms in (fixed.as_sum(100, 3.7, random_state=11), fixed.as_sum(100, 0, random_state=11)):
        assert (terms.n_terms, terms.n_params, terms.landscape) == (100, p, fixed)
        assert terms.tilts.shape == (100, p)
        assert terms.tilts.sum(axis=0).tolist() == [0.0] * p
        assert terms.tilts[order].sum(axis=0).tolist() == [0.0] * p
        for rows in (None, range(100), order):
            np.testing.assert_array_equal(terms(at, rows), landscape(at), strict=True)
            np.testing.assert_array_equal(terms.grad(at, rows), landscape.grad(at), strict=True)


@given(
    place=st.integers(0, len(READY) - 1),
    n_terms=st.integers(1, 300),
    exponent=st.integers(-3, 3),
    seed=st.integers(0, 2**64 - 1),
    picks=st.lists(st.integers(0, 10**6), min_size=1, max_size=20),
)
def test_a_batch_has_the_mean_tilt_of_its_terms(
    place: int, n_terms: int, exponent: int, seed: int, picks: list[int]
) -> None:
    landscape = list(READY.values())[place]
    spread = 10.0**exponent
    terms = landscape.as_sum(n_terms, spread, random_state=seed)
    assert (terms.seed, terms.spread) == (seed, spread)
    rows = [pick % n_terms for pick in picks]
    at = random_points(landscape, 5, seed=12)
    tilt = terms.tilts[rows].mean(axis=0)
    f, value = landscape(at), terms(at, rows)
    reach = np.abs(terms.tilts).sum() * np.abs(at).max()
    np.testing.assert_allclose(value - f, at @ tilt, atol=1e-14 * (reach + np.abs(f).max()), rtol=0)
    g, grad = landscape.grad(at), terms.grad(at, rows)
    atol = 1e-14 * (np.abs(tilt).max() + np.abs(g).max())
    np.testing.assert_allclose(grad - g, np.broadcast_to(tilt, g.shape), atol=atol, rtol=0)


def test_tilts_spread_as_they_are_told() -> None:
    tilts = landscapes.beale.as_sum(40_000, 2.5, random_state=13).tilts
    np.testing.assert_allclose(tilts.std(axis=0), 2.5, rtol=0.02)
    assert abs(np.corrcoef(tilts.T)[0, 1]) < 0.02
    # A normal distribution: so many are within one and two standard deviations.
    inside = [(np.abs(tilts) < k * 2.5).mean() for k in (1, 2)]
    np.testing.assert_allclose(inside, [0.6827, 0.9545], atol=0.01)


def test_one_term_has_no_tilt_and_two_have_opposite_ones() -> None:
    assert landscapes.beale.as_sum(1, 3.0).tilts.tolist() == [[0, 0]]
    one, other = landscapes.beale.as_sum(2, 3.0).tilts
    assert (one == -other).all()
    assert (one != 0).all()


def test_the_seed_is_kept_whatever_it_came_from() -> None:
    bowl = landscapes.bowl
    drawn = [bowl.as_sum(10, 1.0) for _ in range(2)]
    assert drawn[0].seed != drawn[1].seed
    rng = np.random.default_rng(14)
    drawn += [bowl.as_sum(10, 1.0, rng), bowl.as_sum(10, 1.0, random_state=rng)]
    assert drawn[2].seed != drawn[3].seed
    assert bowl.as_sum(10, 1.0, np.random.default_rng(14)) == drawn[2]
    for terms in drawn:
        again = bowl.as_sum(10, 1.0, random_state=terms.seed)
        np.testing.assert_array_equal(again.tilts, terms.tilts)
        assert np.unique(terms.tilts).size == 20
