"""Frames do not depend on units: a rescaled walk has the same picture but for the numbers."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from matplotlib import pyplot as plt

import gradwalk as gw
from gradwalk import plot
from gradwalk.plot._data.find_terrain import find_terrain
from gradwalk.plot._data.walks import named_walks

POWERS = (-6, -1, 5)
FATES = {"calm": 0.4, "swinging": 0.98, "growing": 1.03, "blowing up": 1.5, "in one leap": 40.0}


def rows():
    rng = np.random.default_rng(3)
    X = rng.normal(size=(60, 2)) @ [[1.0, 0.3], [0.0, 0.6]] + [0.4, -0.3]
    return X, X @ [3.0, -2.0] + 0.2 * rng.normal(size=60)


def fitted(X, y, share, method=gw.BatchGD, **settings):
    settings = {"fit_intercept": False, "epochs": 30, "random_state": 0} | settings
    limit = gw.max_learning_rate(X, y, fit_intercept=settings["fit_intercept"])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", gw.DivergenceWarning)
        return method(learning_rate=share * limit, **settings).fit(X, y, full_loss=True)


def frames(drawn):
    """The ends of all axes of a picture, in turn."""
    return [
        [getattr(ax, f"get_{axis}lim")() for axis in "xyz" if hasattr(ax, f"get_{axis}lim")]
        for ax in np.ravel(drawn)
    ]


def animated(kind, **settings):
    return lambda walks, X, y: plot.animate(walks, X, y, kind=kind, **settings).ax


# What is drawn, and the units of its axes: of a weight (w), of y, of the loss (f), or none (1).
HELPERS = {
    "contour_paths": (plot.contour_paths, ["ww"]),
    "surface_path": (plot.surface_path, ["wwf"]),
    "gradient_field": (lambda *data: plot.gradient_field(*data, colorbar=False), ["ww"]),
    "trace_1d": (plot.trace_1d, ["wf"]),
    "tangents": (plot.tangents, ["wf"]),
    "loss_curve": (lambda walks, X, y: plot.loss_curve(walks), ["1f"]),
    "loss_curve, log": (lambda walks, X, y: plot.loss_curve(walks, log=True), ["1f"]),
    "plateau": (plot.plateau, ["1g", "1f"]),
    "fit_evolution": (lambda walks, X, y: plot.fit_evolution(walks, X, y, k=4), ["xy"]),
    "animate path": (animated("path", frames=2), ["ww"]),
    "animate trace": (animated("trace", frames=2), ["wf"]),
    "animate loss": (animated("loss", frames=2), ["1f"]),
    "animate fit": (animated("fit", frames=2), ["xy"]),
}


def same_frames(found, expected, units, scales):
    """Whether the ends are the same in units of their own."""
    assert len(found) == len(expected) == len(units)
    for ours, theirs, letters in zip(found, expected, units, strict=True):
        assert len(ours) == len(theirs) == len(letters)
        for ends, others, letter in zip(ours, theirs, letters, strict=True):
            size = np.ptp(others)
            np.testing.assert_allclose(
                np.array(ends) / scales[letter], others, rtol=1e-6, atol=1e-6 * size
            )


@pytest.mark.parametrize("fate", FATES)
@pytest.mark.parametrize("name", HELPERS)
def test_other_units_of_X_or_y_give_the_same_frame(name, fate):
    draw, units = HELPERS[name]
    X, y = rows()
    expected = frames(draw(fitted(X, y, FATES[fate]), X, y))
    for power in POWERS:
        s = 10.0**power
        for rows_, targets, scales in (
            (X, s * y, {"1": 1, "x": 1, "w": s, "y": s, "g": s, "f": s * s}),
            (s * X, y, {"1": 1, "x": s, "w": 1 / s, "y": 1, "g": s, "f": 1}),
        ):
            found = frames(draw(fitted(rows_, targets, FATES[fate]), rows_, targets))
            same_frames(found, expected, units, scales)
            plt.close("all")


@pytest.mark.parametrize("fate", FATES)
@pytest.mark.parametrize("loss", ["mse", "half_mse"])
def test_a_diverging_walk_among_calm_ones_has_the_same_frame(loss, fate):
    X, y = rows()

    def picture(s):
        walks = [fitted(X, s * y, share, loss=loss) for share in (0.3, FATES[fate])]
        return frames(plot.contour_paths(walks, X, s * y))

    expected = picture(1.0)
    for power in POWERS:
        same_frames(picture(10.0**power), expected, ["ww"], {"w": 10.0**power})
        plt.close("all")


@pytest.mark.parametrize("share", [0.2, 0.95, 1.1, 3.0])
@pytest.mark.parametrize("p", [1, 2])
def test_other_units_of_a_function_give_the_same_frame(p, share):
    bends = np.array([1.0, 0.2])[:p]

    def walked(unit, height):
        def f(x):
            x = np.asarray(x) / unit
            return height * float(np.sum(bends * (x - 2.0) ** 2)), height * 2 * bends * (
                x - 2.0
            ) / unit

        with warnings.catch_warnings():
            warnings.simplefilter("ignore", gw.DivergenceWarning)
            walk = gw.BatchGD(learning_rate=share * unit**2 / height, epochs=15).minimize(
                f, np.full(p, 0.5 * unit), jac=True
            )
        draw = plot.trace_1d if p == 1 else plot.contour_paths
        return frames(draw(walk, fun=f, jac=True))

    expected = walked(1.0, 1.0)
    for power in POWERS:
        unit, height = 10.0**power, 10.0 ** (power % 5 - 2)
        scales = {"w": unit, "f": height}
        same_frames(walked(unit, height), expected, ["wf" if p == 1 else "ww"], scales)
        plt.close("all")


def test_a_constant_beside_the_loss_moves_the_curve_only():
    def frame_of(constant):
        def f(x):
            return float((x[0] - 2.0) ** 2) + constant

        with warnings.catch_warnings():
            warnings.simplefilter("ignore", gw.DivergenceWarning)
            walk = gw.BatchGD(learning_rate=1.1, epochs=12).minimize(f, [0.0])
        return plot.trace_1d(walk, fun=f).get_xlim()

    for constant in (-4.0, -1e3, 1e3):
        np.testing.assert_allclose(frame_of(constant), frame_of(0.0), rtol=1e-5)


@pytest.mark.parametrize("name", ["mse", "scaled"])
def test_the_first_updates_of_a_growing_walk_are_in_the_picture(name):
    """The walk of a lesson on too large a rate: it fits as a whole, and is drawn as a whole."""
    X = np.random.default_rng(0).normal(size=(50, 2))
    y = X @ [1.0, 2.0] * (10.0 if name == "mse" else 1e-5)
    model = fitted(X, y, 1.03, epochs=10)
    ax = plot.contour_paths(model, X, y)
    path = model.history_.path
    for k, (low, high) in enumerate((ax.get_xlim(), ax.get_ylim())):
        assert low < path[:, k].min()
        assert path[:, k].max() < high
        assert np.ptp(path[:, k]) > 0.3 * (high - low)


@pytest.mark.parametrize("share", [1.05, 1.2, 1.5, 2.0])
def test_leaps_are_followed_until_they_would_hide_the_rest(share):
    X, y = rows()
    model = fitted(X, y, share, epochs=400)
    ax = plot.contour_paths(model, X, y)
    path = model.history_.path
    ends = np.array([ax.get_xlim(), ax.get_ylim()])
    inside = np.all((path >= ends[:, 0]) & (path <= ends[:, 1]), axis=1)
    assert np.argmin(inside) >= (5 if share < 1.5 else 2)
    # The first leap can still be told from a point, on one axis at least.
    assert np.max(np.abs(path[1] - path[0]) / np.ptp(ends, axis=1)) > 0.05


def test_a_walk_that_leaps_away_at_once_shows_what_it_should_have_walked_to():
    X, y = rows()
    ax = plot.contour_paths(fitted(X, y, 1e4, epochs=400), X, y)
    best = np.linalg.lstsq(X, y, rcond=None)[0]
    for point, (low, high) in zip(best, (ax.get_xlim(), ax.get_ylim()), strict=True):
        assert low < 0.0 < high
        assert low < point < high
        assert 0.4 * (high - low) < abs(point)


def test_a_valley_so_long_that_its_minimum_would_hide_the_first_steps_is_left_out():
    year = np.arange(1990.0, 2021.0).reshape(-1, 1)
    target = 3.0 * (year[:, 0] - 1990.0) + 5.0
    model = fitted(year, target, 1.05, fit_intercept=True, epochs=200)
    ax = plot.contour_paths(model, year, target)
    path = model.history_.path
    assert np.ptp(ax.get_xlim()) < 10.0  # the intercept of the minimum is near -5965
    assert np.abs(path[1, 1] - path[0, 1]) > 0.05 * np.ptp(ax.get_ylim())


@pytest.mark.parametrize("power", [-150, -12, 12, 150])
def test_the_smallest_and_the_largest_units_can_be_drawn(power):
    X, y = rows()
    y = y * 10.0**power
    for share in (0.4, 1.05):
        ax = plot.contour_paths(fitted(X, y, share), X, y)
        ends = np.array([ax.get_xlim(), ax.get_ylim()]) / 10.0**power
        assert np.all(np.isfinite(ends))
        assert np.all(np.ptp(ends, axis=1) > 1.0)


def test_a_minimum_is_found_where_columns_differ_by_many_powers_of_ten():
    X, y = rows()
    scales = np.array([1e9, 1e-3])
    lowest = np.linalg.lstsq(X, y, rcond=None)[0] / scales
    model = gw.BatchGD(learning_rate=1e-20, epochs=2, fit_intercept=False).fit(X * scales, y)
    terrain = find_terrain(named_walks(model), X * scales, y)
    ((point, _),) = terrain.minima
    np.testing.assert_allclose(point, lowest, rtol=1e-9)


def test_sweeps_and_scalings_have_the_same_frame_in_other_units():
    X, y = rows()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", gw.DivergenceWarning)
        for draw, units in (
            (lambda y: plot.scaling_contours(X, y), ["ww", "ww"]),
            (lambda y: plot.learning_rate_sweep(X, y), ["1f", "1f"]),
            (lambda y: plot.method_comparison(None, X, y)[:2], ["ww", "1f"]),
        ):
            expected = frames(draw(y))
            for power in POWERS:
                s = 10.0**power
                same_frames(frames(draw(s * y)), expected, units, {"1": 1, "w": s, "f": s * s})
                plt.close("all")
