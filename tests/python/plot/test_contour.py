"""Paths on contour lines: the map is the loss, and the paths are the recorded ones."""

from __future__ import annotations

import time

import numpy as np
import pytest

import gradwalk as gw
from drawn import diverged, minimized, named_lines, notes
from gradwalk import plot
from gradwalk.plot._data import parameters, section
from loss_kinds import COUNTS, TWO_CLASSES


def test_contour_paths_draws_the_recorded_paths(walks, data):
    X, y = data
    ax = plot.contour_paths(walks, X, y, features=(0, 1), feature_names=["height", "width"])
    lines = named_lines(ax)
    for name, walk in walks.items():
        np.testing.assert_array_equal(lines[name].get_xydata(), walk.history_.path[:, 1:])
    assert list(lines)[3:] == ["start", "end of a walk", "minimum", "line of equal loss (mse)"]
    np.testing.assert_array_equal(lines["start"].get_xydata(), [[0.0, 0.0]])
    ends = [line.get_xydata()[0] for line in ax.lines if line.get_label() == "_end"]
    np.testing.assert_array_equal(ends, [walk.history_.path[-1, 1:] for walk in walks.values()])
    assert ax.get_xlabel() == "weight of height"
    assert ax.get_ylabel() == "weight of width"
    for walk in walks.values():
        path = walk.history_.path[:, 1:]
        assert np.all((ax.get_xlim()[0] < path[:, 0]) & (path[:, 0] < ax.get_xlim()[1]))
        assert np.all((ax.get_ylim()[0] < path[:, 1]) & (path[:, 1] < ax.get_ylim()[1]))


def test_the_minimum_is_least_squares(data):
    X, y = data
    y = y - 0.5
    walk = gw.BatchGD("mse", learning_rate=0.1, epochs=10, fit_intercept=False).fit(X, y)
    star = named_lines(plot.contour_paths(walk, X, y))["minimum"]
    np.testing.assert_allclose(star.get_xydata()[0], np.linalg.lstsq(X, y, rcond=None)[0])


def test_the_minimum_of_a_loss_without_closed_form_is_found(data):
    X, _ = data
    y = (X @ [1.0, -0.5] + np.sin(9 * X[:, 0]) > 0).astype(float)
    walk = gw.BatchGD("log_loss", learning_rate=1.0, epochs=3000, fit_intercept=False).fit(
        X, y, init=[3.0, 1.0]
    )
    star = named_lines(plot.contour_paths(walk, X, y))["minimum"]
    np.testing.assert_allclose(star.get_xydata()[0], walk.params_, atol=2e-3)


def test_contour_lines_stand_on_the_loss(data):
    """Each vertex of a contour line has the loss that the line says."""
    X, y = data
    walk = gw.BatchGD("mse", learning_rate=0.1, epochs=10, fit_intercept=False).fit(X, y)
    ax = plot.contour_paths(walk, X, y, n_levels=8)
    lines = next(c for c in ax.collections if not getattr(c, "filled", True))
    assert len(lines.levels) == 8
    for level, path in zip(lines.levels, lines.get_paths(), strict=True):
        for a, b in path.vertices[::25]:
            loss, _ = gw.loss_and_grad(X, y, np.array([a, b]), loss="mse", fit_intercept=False)
            assert loss == pytest.approx(level, rel=0.02)


def targets(loss, rng, n):
    if loss == "cross_entropy":
        return rng.integers(0, 3, n)
    if loss in (*TWO_CLASSES, *COUNTS):
        return rng.integers(0, 2, n).astype(float)
    return rng.normal(size=n)


@pytest.mark.parametrize("fit_intercept", [True, False])
@pytest.mark.parametrize("loss", gw.LOSSES)
def test_a_section_is_the_objective_itself(loss, fit_intercept):
    """The map's shortcut equals f with all parameters: every loss, weights, l2, intercept."""
    rng = np.random.default_rng(8)
    X, weight = rng.normal(size=(40, 5)), rng.uniform(0.2, 2.0, 40)
    y = targets(loss, rng, 40)
    walk = gw.BatchGD(loss, learning_rate=0.05, epochs=5, l2=0.3, fit_intercept=fit_intercept).fit(
        X, y, sample_weight=weight
    )
    features = ("intercept", 3) if fit_intercept else (1, 3)
    if loss == "cross_entropy":
        features = tuple((feature, label) for feature, label in zip(features, (2, 0), strict=True))
    pair = parameters.find_parameters(walk, features)
    part = section.Section(walk, X, y, pair, weight)
    a, b = np.linspace(-1.0, 1.5, 4), np.linspace(-2.0, 0.5, 3)
    expected = np.empty((3, 4))
    for row, column in np.ndindex(3, 4):
        theta = np.array(walk.params_)
        theta[pair[0].index], theta[pair[1].index] = a[column], b[row]
        expected[row, column], gradient = gw.loss_and_grad(
            X, y, theta, loss=loss, l2=0.3, fit_intercept=fit_intercept, sample_weight=weight
        )
        slopes = part.at(a[column], b[row])[1]
        np.testing.assert_allclose(slopes, [gradient[p.index] for p in pair], atol=1e-12)
    values = part.values(np.stack(np.meshgrid(a, b), axis=-1))
    np.testing.assert_allclose(values, expected, rtol=1e-11)


def test_classes_have_maps_of_their_own(data):
    X, y = data
    classes = np.digitize(y, np.quantile(y, [0.3, 0.6]))
    walk = gw.BatchGD("cross_entropy", learning_rate=0.5, epochs=5).fit(X, classes)
    ax = plot.contour_paths(walk, X, classes, features=((0, 2), ("intercept", 1)))
    path = named_lines(ax)["batch"].get_xydata()
    np.testing.assert_array_equal(path[:, 0], walk.history_.path[:, 1, 2])
    np.testing.assert_array_equal(path[:, 1], walk.history_.path[:, 0, 1])
    assert ax.get_xlabel() == "weight of feature 0 for class 2"
    assert ax.get_ylabel() == "intercept for class 1"


def test_one_feature_is_drawn_against_the_intercept(data):
    X, y = data
    walk = gw.BatchGD("mse", learning_rate=0.1, epochs=5).fit(X[:, :1].copy(), y)
    ax = plot.contour_paths(walk, X[:, :1], y)
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("intercept", "weight of feature 0")


@pytest.mark.parametrize(
    ("features", "message"),
    [
        ((0, 2), "there is no feature 2: the features are 0 to 1"),
        ((0, -1), "there is no feature -1"),
        ((1, 1), "two different parameters"),
        ((0,), "must name two parameters"),
        (5, "must name two parameters"),
        ((0, "slope"), "'slope' names no feature, for these have no names here"),
        ((0, True), "named by its number or by its name, got True"),
        ((0, (1, 0)), "named by its number or by its name"),
    ],
)
def test_features_that_are_not_there_are_refused(walks, data, features, message):
    with pytest.raises(ValueError, match=message):
        plot.contour_paths(walks, *data, features=features)


def test_wrong_features_of_classes_are_refused(data):
    X, y = data
    walk = gw.BatchGD("cross_entropy", epochs=2).fit(X, (y > 0).astype(int))
    for features, message in [((0, 1), "name both"), (((0, 0), (1, 2)), "names class 2")]:
        with pytest.raises(ValueError, match=message):
            plot.contour_paths(walk, X, (y > 0).astype(int), features=features)


def test_walks_that_share_no_map_are_refused(walks, data):
    X, y = data
    other = gw.BatchGD("huber", epochs=2).fit(X, y)
    with pytest.raises(ValueError, match=r"must share loss.*'other' has .*'huber'"):
        plot.contour_paths({**walks, "other": other}, X, y)
    silent = gw.BatchGD("mse", epochs=2, record=None).fit(X, y)
    with pytest.raises(ValueError, match="recorded no path"):
        plot.contour_paths(silent, X, y)
    with pytest.raises(ValueError, match=r"with 2 columns, got shape \(70, 1\)"):
        plot.contour_paths(walks, X[:, :1], y)
    lonely = gw.BatchGD("mse", epochs=2, fit_intercept=False).fit(X[:, :1].copy(), y)
    with pytest.raises(ValueError, match="only one weight"):
        plot.contour_paths(lonely, X[:, :1], y)
    bare = gw.BatchGD("mse", epochs=2, fit_intercept=False).fit(X, y)
    with pytest.raises(ValueError, match="fit_intercept=False"):
        plot.contour_paths(bare, X, y, features=("intercept", 0))


def test_a_walk_that_never_moves_can_be_drawn(data):
    X, _ = data
    walk = gw.BatchGD("mse", epochs=3).fit(X, np.zeros(70))
    ax = plot.contour_paths(walk, X, np.zeros(70))
    assert np.ptp(ax.get_xlim()) > 0
    ax.figure.canvas.draw()


def test_the_map_of_a_landscape_shows_its_bounds_and_its_minima():
    himmelblau = gw.landscapes.himmelblau
    walk = minimized(himmelblau, learning_rate=0.01, epochs=100)
    ax = plot.contour_paths(walk, fun=himmelblau)
    lines = named_lines(ax)
    np.testing.assert_array_equal(lines["batch"].get_xydata(), walk.path)
    np.testing.assert_allclose([ax.get_xlim(), ax.get_ylim()], himmelblau.bounds)
    stars = lines["global minimum"].get_xydata()
    np.testing.assert_allclose(stars, [minimum.point for minimum in himmelblau.minima])
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("x", "y")
    assert "line of equal f(x)" in lines


def test_local_minima_have_a_mark_of_their_own():
    ax = plot.contour_paths(
        minimized(gw.landscapes.rastrigin, epochs=5, learning_rate=1e-3),
        fun=gw.landscapes.rastrigin,
    )
    assert len(named_lines(ax)["global minimum"].get_xdata()) == 1
    assert len(named_lines(ax)["local minimum"].get_xdata()) == 4


def test_a_walk_that_went_beyond_the_bounds_of_its_landscape_is_seen():
    ravine = gw.landscapes.ravine
    walk = minimized(ravine, [5.0, 0.5], learning_rate=0.01, epochs=20)
    ax = plot.contour_paths(walk, fun=ravine)
    assert ax.get_xlim()[1] > 5.0
    assert ax.get_xlim()[0] == -3.0


def test_a_diverged_walk_on_a_landscape_widens_its_bounds_by_its_first_leaps():
    rosenbrock = gw.landscapes.rosenbrock
    walk = minimized(rosenbrock, learning_rate=0.01, epochs=100)
    assert walk.status == 2
    ax = plot.contour_paths({"wild": walk}, fun=rosenbrock)
    ends, bounds = np.array([ax.get_xlim(), ax.get_ylim()]), rosenbrock.bounds
    assert np.all((ends[:, 0] <= bounds[:, 0]) & (ends[:, 1] >= bounds[:, 1]))
    assert np.all(np.ptp(ends, axis=1) < 3.0 * np.ptp(bounds, axis=1))
    assert np.all((walk.path[:3] >= ends[:, 0]) & (walk.path[:3] <= ends[:, 1]))
    assert len(notes(ax)) == 1
    assert "end of a walk" not in named_lines(ax)
    path = named_lines(ax)["wild: diverged"].get_xydata()
    left = int(notes(ax)[0].split()[-1])
    np.testing.assert_array_equal(path[:-1], walk.path[:left])


def test_a_noisy_landscape_and_an_own_function_have_the_same_map():
    bowl = gw.landscapes.bowl
    noisy = bowl.as_sum(10, 1.0)
    walk = minimized(noisy, method=gw.SGD, learning_rate=0.1, epochs=5, random_state=0)
    own = gw.BatchGD(learning_rate=0.1, epochs=30).minimize(
        lambda x: 0.5 * np.sum(x**2), [2.0, 2.0]
    )
    maps = [
        plot.contour_paths({"walk": walk}, fun=noisy),
        plot.contour_paths({"own": own}, fun=lambda x: 0.5 * np.sum(x**2)),
    ]
    assert maps[0].get_xlim() == (-3.0, 3.0)
    np.testing.assert_allclose(named_lines(maps[0])["global minimum"].get_xydata(), [[0, 0]])
    np.testing.assert_allclose(named_lines(maps[1])["minimum"].get_xydata(), [[0, 0]], atol=0.01)
    assert named_lines(maps[1])["own"].get_xydata()[0].tolist() == [2.0, 2.0]


def test_other_parameters_can_be_held_at_the_optimum_or_anywhere(data):
    X, y = data
    walk = gw.BatchGD("mse", learning_rate=0.1, epochs=20).fit(X, y)
    A = np.column_stack([np.ones(70), X])
    best = np.linalg.lstsq(A, y, rcond=None)[0]
    star = named_lines(plot.contour_paths(walk, X, y, others="optimum"))["minimum"]
    np.testing.assert_allclose(star.get_xydata()[0], best[1:], rtol=1e-9)
    # With the intercept elsewhere, the best weights are others.
    star = named_lines(plot.contour_paths(walk, X, y, others=np.array([3.0, 0.0, 0.0])))["minimum"]
    expected = np.linalg.lstsq(X, y - 3.0, rcond=None)[0]
    np.testing.assert_allclose(star.get_xydata()[0], expected, rtol=1e-9)
    with pytest.raises(ValueError, match="others must be"):
        plot.contour_paths(walk, X, y, others="best")
    with pytest.raises(ValueError, match="shape of params_"):
        plot.contour_paths(walk, X, y, others=np.zeros(2))


@pytest.mark.parametrize("loss", ["log_loss", "cross_entropy", "huber"])
def test_the_optimum_of_other_losses_has_no_slope(data, loss):
    X, y = data
    y = y if loss == "huber" else (y + np.sin(40 * y) > 0.5).astype(int)
    walk = gw.BatchGD(loss, learning_rate=0.01, epochs=2, l2=0.1).fit(X, y)
    theta = section.optimum(walk, X, y)
    _, gradient = gw.loss_and_grad(X, y, theta, loss=loss, l2=0.1)
    assert np.linalg.norm(gradient) < 1e-5


def test_where_all_walks_diverged_the_map_is_that_about_the_start(data):
    X, y = data
    ax = plot.contour_paths(diverged(X, y), X, y)
    assert max(np.ptp(ax.get_xlim()), np.ptp(ax.get_ylim())) < 20
    lines = next(c for c in ax.collections if not getattr(c, "filled", True))
    assert lines.levels.max() < 1e4


def test_lines_crowd_in_a_steep_valley():
    """Half of the lines share the lower half of the map, though its walls are 2,500 high."""
    rosenbrock = gw.landscapes.rosenbrock
    ax = plot.contour_paths(minimized(rosenbrock, epochs=5), fun=rosenbrock)
    lines = next(c for c in ax.collections if not getattr(c, "filled", True))
    assert len(lines.levels) == 12
    assert np.sum(lines.levels < 100) >= 4


def test_a_history_needs_a_model_or_a_function_beside_it(walks, data):
    history = walks["stochastic"].history_
    with pytest.raises(ValueError, match="needs a fitted model"):
        plot.contour_paths(history, *data)
    with pytest.raises(ValueError, match="hand over X and y"):
        plot.contour_paths(walks)
    with pytest.raises(ValueError, match="hand over fun"):
        plot.contour_paths(minimized(gw.landscapes.bowl))
    ax = plot.contour_paths({"model": walks["batch"], "record": history}, *data)
    np.testing.assert_array_equal(named_lines(ax)["record"].get_xydata(), history.path[:, 1:])


def test_l1_is_part_of_the_map(data):
    X, y = data
    walk = gw.BatchGD("mse", learning_rate=0.1, epochs=300, l1=2.0, fit_intercept=False).fit(X, y)
    star = named_lines(plot.contour_paths(walk, X, y))["minimum"]
    np.testing.assert_allclose(star.get_xydata()[0], walk.params_, atol=5e-3)


def test_a_loss_of_ones_own_has_a_map(data):
    X, y = data

    def squares(theta, X, y):
        r = X @ theta - y
        return np.mean(r**2), 2.0 * X.T @ r / len(y)

    walk = gw.BatchGD(squares, learning_rate=0.1, epochs=30).fit(X, y, init=np.zeros(2))
    ax = plot.contour_paths(walk, X, y)
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("θ[0]", "θ[1]")
    star = named_lines(ax)["minimum"].get_xydata()[0]
    np.testing.assert_allclose(star, np.linalg.lstsq(X, y, rcond=None)[0], atol=5e-3)
    assert "line of equal loss (squares)" in named_lines(ax)


def test_thirty_features_and_a_million_points_are_thinned(data):
    rng = np.random.default_rng(1)
    X, y = rng.normal(size=(20_000, 30)), rng.normal(size=20_000)
    walk = gw.SGD("mse", learning_rate=1e-3, epochs=1, record="update").fit(X, y)
    ax = plot.contour_paths(walk, X, y, features=(3, 29))
    path = named_lines(ax)["stochastic"].get_xydata()
    recorded = walk.history_.path[:, [4, 30]]
    assert len(path) < 6000 < len(recorded)
    for end in (np.min, np.max):
        np.testing.assert_array_equal(end(path, axis=0), end(recorded, axis=0))
    np.testing.assert_array_equal(path[[0, -1]], recorded[[0, -1]])


def test_a_million_points_are_drawn_in_two_seconds():
    rng = np.random.default_rng(1)
    X, y = rng.normal(size=(1_000_000, 2)), rng.normal(size=1_000_000)
    walk = gw.SGD("mse", learning_rate=1e-3, epochs=1, record="update").fit(X, y)
    assert len(walk.history_.path) == 1_000_001
    begin = time.process_time()
    plot.contour_paths(walk, X, y).figure.canvas.draw()
    assert time.process_time() - begin < 2.0
