"""Walks on a surface in space: heights, marks, frames, and what cannot be drawn."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from matplotlib import pyplot as plt

import gradwalk as gw
from gradwalk import landscapes, plot
from pictured_walks import PAIRS, data, in_frame, walk


def descend(fun, start, eta, epochs=40):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return gw.BatchGD(learning_rate=eta, epochs=epochs).minimize(fun, start)


def lines(ax):
    """Lines by label, as arrays (k, 3)."""
    return {line.get_label(): np.transpose(line.get_data_3d()) for line in ax.lines}


def heights(ax):
    return np.ptp(ax.get_zlim())


def notes(ax):
    return [text.get_text() for text in ax.texts]


def test_a_walk_lies_a_little_above_the_surface_of_a_landscape():
    himmelblau = landscapes.himmelblau
    result = descend(himmelblau, [0.0, 0.0], 0.01)
    ax = plot.surface_path(result, fun=himmelblau)
    path = lines(ax)["batch"]
    np.testing.assert_allclose(path[:, :2], result.path)
    above = path[:, 2] - himmelblau(result.path)
    np.testing.assert_allclose(above, above[0])
    assert 0 < above[0] < 0.03 * heights(ax)
    np.testing.assert_allclose(lines(ax)["start"][0, :2], [0.0, 0.0])
    np.testing.assert_allclose(lines(ax)["_end"][0, :2], result.x)
    minima = lines(ax)["global minimum"]
    np.testing.assert_allclose(minima[:, :2], [m.point for m in himmelblau.minima])
    assert (ax.get_xlabel(), ax.get_ylabel(), ax.get_zlabel()) == ("x", "y", "f(x)")
    np.testing.assert_allclose([ax.get_xlim(), ax.get_ylim()], himmelblau.bounds)
    # Matplotlib would hide the walk behind the surface that it lies on.
    assert ax.computed_zorder is False
    surface = ax.collections[0]
    drawn = [line for line in ax.lines if len(line.get_data_3d()[0])]
    assert all(line.get_zorder() > surface.get_zorder() for line in drawn)


def test_the_surface_of_data_is_the_loss():
    X, y = data(2, "regression")
    model = walk(2, "regression", "whole", "update")
    ax = plot.surface_path(model, X, y, features=("intercept", 1), feature_names=["a", "b"])
    assert ax.get_xlabel() == "intercept"
    assert ax.get_ylabel() == "weight of b"
    assert ax.get_zlabel() == "loss (mse)"
    path = lines(ax)["mini-batch (20 rows)"]
    np.testing.assert_allclose(path[:, :2], model.history_.path[:, [0, 2]])
    theta = np.array(model.params_)
    values = []
    for theta[0], theta[2] in path[:, :2]:
        values.append(gw.loss_and_grad(X, y, theta, loss="mse")[0])
    above = path[:, 2] - values
    np.testing.assert_allclose(above, above[0], rtol=1e-6)


@pytest.mark.usefixtures("coarse")
@pytest.mark.parametrize(("d", "task", "fate", "record"), PAIRS)
def test_every_kind_of_model(d, task, fate, record):
    X, y = data(d, task)
    ax = plot.surface_path(walk(d, task, fate, record), X, y)
    assert in_frame(ax)
    assert np.all(np.isfinite(ax.get_zlim()))
    assert len(lines(ax)["start"]) == 1
    assert ("_end" in lines(ax)) == (fate != "diverged")
    assert bool(notes(ax)) == (fate == "diverged")
    ax.figure.canvas.draw()


def test_a_diverging_walk_ends_in_an_arrow_and_a_note():
    bowl = landscapes.bowl
    both = {"calm": descend(bowl, [2.0, 1.0], 0.2), "wild": descend(bowl, [2.0, 1.0], 2.5, 2000)}
    ax = plot.surface_path(both, fun=bowl)
    assert in_frame(ax)
    (note,) = notes(ax)
    assert note == "wild\ndiverged: leaves the picture\nat update 4"
    arrow = lines(ax)["_leaves"]
    # After (4.5, 2.25) and (−6.75, −3.375) out to the right, and up a little.
    assert arrow[0, 0] == pytest.approx(ax.get_xlim()[1])
    assert arrow[1, 0] - arrow[0, 0] > arrow[1, 1] - arrow[0, 1] > 0
    path = lines(ax)["wild: diverged"]
    low, high = np.transpose([ax.get_xlim(), ax.get_ylim()])
    assert np.all((path[:, :2] >= low - 1e-9) & (path[:, :2] <= high + 1e-9))


def test_walls_far_above_the_walks_are_cut():
    beale = landscapes.beale
    result = descend(beale, beale.start, beale.learning_rate, 2000)
    ax = plot.surface_path(result, fun=beale)
    assert ax.get_zlim()[1] < 0.1 * beale([4.5, 4.5])
    assert ax.get_zlim()[1] > beale(beale.start)
    # No tick stands where f never is, beside the map on the floor.
    assert min(ax.get_zticks()) >= -0.1 * ax.get_zlim()[1]


def test_a_long_path_is_thinned():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(2000, 2)), rng.normal(size=2000)
    model = gw.SGD("mse", learning_rate=0.01, epochs=5, random_state=0, record="update").fit(X, y)
    path = lines(plot.surface_path(model, X, y))["stochastic"]
    assert len(path) < 3000 < len(model.history_.path)


def test_a_flat_surface_can_be_drawn():
    def flat(x):
        return 1.0 + 0.0 * x[0]

    ax = plot.surface_path(descend(flat, [1.0, 2.0], 0.1), fun=flat)
    assert np.all(np.isfinite(ax.get_zlim()))
    ax.figure.canvas.draw()


def test_what_cannot_be_drawn_is_said():
    bowl = landscapes.bowl
    result = descend(bowl, [2.0, 1.0], 0.2)
    with pytest.raises(TypeError, match=r"ax must be 3-D axes.*projection=\"3d\""):
        plot.surface_path(result, fun=bowl, ax=plt.subplots()[1])
    with pytest.raises(ValueError, match="what was walked on is missing"):
        plot.surface_path(result)
    well = landscapes.double_well
    with pytest.raises(ValueError, match="trace_1d"):
        plot.surface_path(descend(well, [1.0], 0.05), fun=well)
    X, y = data(1, "regression")
    lonely = gw.BatchGD("mse", epochs=2, fit_intercept=False).fit(X, y)
    with pytest.raises(ValueError, match="trace_1d"):
        plot.surface_path(lonely, X, y)
    silent = gw.BatchGD("mse", epochs=2, record=None).fit(X, y)
    with pytest.raises(ValueError, match=r"surface_path draws the path.*record=\"auto\""):
        plot.surface_path(silent, X, y)
    with pytest.raises(ValueError, match="f is finite nowhere"):
        plot.surface_path(result, fun=lambda x: np.inf)


@pytest.mark.usefixtures("korean")
def test_axes_are_the_callers_and_texts_korean():
    own = plt.figure().add_subplot(projection="3d")
    X, y = data(2, "multi-class")
    model = walk(2, "multi-class", "whole", "epoch")
    assert plot.surface_path(model, X, y, ax=own) is own
    assert own.get_zlabel() == "손실 (cross_entropy)"
    assert own.get_xlabel() == "클래스 0에 대한 특성 0의 가중치"
