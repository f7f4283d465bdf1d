"""Arrows downhill: where they point, how long and dark they are, and the walks on them."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from matplotlib import pyplot as plt
from matplotlib.quiver import Quiver

import gradwalk as gw
from gradwalk import landscapes, plot
from pictured_walks import PAIRS, data, in_frame, labelled, lines, texts, walk


def arrows(ax):
    """Places (k, 2), directions and lengths (k, 2), and norms (k,) of the arrows."""
    (quiver,) = [c for c in ax.collections if isinstance(c, Quiver)]
    return np.asarray(quiver.XY), np.column_stack([quiver.U, quiver.V]), quiver.get_array()


def descend(fun, start, eta, epochs=40, **settings):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return gw.BatchGD(learning_rate=eta, epochs=epochs, **settings).minimize(fun, start)


@pytest.mark.parametrize("name", ["himmelblau", "rosenbrock", "saddle", "rastrigin", "beale"])
def test_arrows_point_against_the_gradient_and_tell_its_norm(name):
    landscape = getattr(landscapes, name)
    ax = plot.gradient_field(fun=landscape)
    places, ways, norms = arrows(ax)
    slopes = landscape.grad(places)
    sizes = np.linalg.norm(slopes, axis=1)
    pointing = sizes > 0
    lengths = np.linalg.norm(ways, axis=1)
    cosines = -np.sum(ways * slopes, axis=1)[pointing] / (sizes * lengths)[pointing]
    np.testing.assert_allclose(cosines, 1.0)
    clipped = np.clip(sizes, norms.min(), norms.max())
    np.testing.assert_allclose(norms, clipped)
    # Longer where steeper, and none of them longer than 1.
    order = np.argsort(sizes[pointing])
    assert np.all(np.diff(lengths[pointing][order]) >= -1e-9)
    assert 0.39 < lengths[pointing].min() <= lengths.max() <= 1.0 + 1e-9
    low, high = landscape.bounds.T
    assert np.all((places > low) & (places < high))
    assert len(places) == 19 * 19


def test_an_own_function_needs_no_gradient_and_no_walk():
    def bowl(x):
        return x[0] ** 2 + 3.0 * x[1] ** 2

    for jac in (None, lambda x: np.array([2.0 * x[0], 6.0 * x[1]])):
        ax = plot.gradient_field(fun=bowl, jac=jac, n_arrows=5, bounds=[[-1, 2], [-2, 1]])
        places, _, norms = arrows(ax)
        assert len(places) == 25
        expected = np.linalg.norm(places * [2.0, 6.0], axis=1)
        np.testing.assert_allclose(norms, np.maximum(expected, norms.min()), rtol=1e-6)
        assert (ax.get_xlim(), ax.get_ylim()) == ((-1, 2), (-2, 1))
    assert plot.gradient_field(fun=bowl).get_xlim() == (-3, 3)


def test_the_field_of_data_is_the_partial_gradient():
    X, y = data(2, "binary")
    model = walk(2, "binary", "whole", "update")
    ax = plot.gradient_field(model, X, y, features=("intercept", 1))
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("intercept", "weight of feature 1")
    places, _, norms = arrows(ax)
    theta = np.array(model.params_)
    for (theta[0], theta[2]), norm in list(zip(places, norms, strict=True))[::40]:
        slopes = gw.loss_and_grad(X, y, theta, loss="log_loss")[1][[0, 2]]
        assert max(np.linalg.norm(slopes), norms.min()) == pytest.approx(norm)
    path = lines(ax)["mini-batch (20 rows)"].get_xydata()
    np.testing.assert_array_equal(path, model.history_.path[:, [0, 2]])
    np.testing.assert_array_equal(lines(ax)["start"].get_xydata(), [[0.0, 0.0]])


@pytest.mark.usefixtures("coarse")
@pytest.mark.parametrize(("d", "task", "fate", "record"), PAIRS)
def test_every_kind_of_model(d, task, fate, record):
    X, y = data(d, task)
    ax = plot.gradient_field(walk(d, task, fate, record), X, y)
    assert in_frame(ax)
    assert len(arrows(ax)[0]) == 19 * 19
    assert len(labelled(ax, "_end")) == (fate != "diverged")
    assert any("diverged" in text for text in texts(ax)) == (fate == "diverged")
    ax.figure.canvas.draw()


def test_paths_can_be_left_out_or_missing():
    X, y = data(2, "regression")
    silent = gw.BatchGD("mse", learning_rate=0.05, epochs=30, record=None).fit(X, y)
    with pytest.raises(ValueError, match=r"paths=True draws the path.*record=\"auto\""):
        plot.gradient_field(silent, X, y)
    ax = plot.gradient_field(silent, X, y, paths=False)
    assert "batch" not in lines(ax)
    for ends, end in zip((ax.get_xlim(), ax.get_ylim()), silent.params_[1:], strict=True):
        assert ends[0] < end < ends[1]
    with pytest.raises(ValueError, match="recorded no path"):
        plot.gradient_field(silent.history_, fun=landscapes.bowl.at_dimension(3), paths=False)


def test_the_scale_stands_beside_the_axes_or_not():
    ax = plot.gradient_field(fun=landscapes.bowl)
    assert [other.get_ylabel() for other in ax.figure.axes if other is not ax] == [
        "norm of the gradient (log scale)"
    ]
    assert len(plot.gradient_field(fun=landscapes.bowl, colorbar=False).figure.axes) == 1


def test_what_cannot_be_drawn_is_said():
    with pytest.raises(ValueError, match="a model with the X and y it was fitted on, or fun"):
        plot.gradient_field()
    with pytest.raises(ValueError, match="the gradient is 0 everywhere"):
        plot.gradient_field(fun=lambda x: 1.0)
    with pytest.raises(ValueError, match="finite nowhere"):
        plot.gradient_field(fun=lambda x: np.nan)
    with pytest.raises(ValueError, match="trace_1d"):
        plot.gradient_field(fun=landscapes.double_well)
    for wrong in (1, True, 2.5, "19"):
        with pytest.raises((TypeError, ValueError), match="n_arrows must be a whole number"):
            plot.gradient_field(fun=landscapes.bowl, n_arrows=wrong)
    for wrong in ([0, 1], [[0, 1], [1, 0]], [[0, np.inf], [0, 1]]):
        with pytest.raises(ValueError, match="bounds must be the ends of both axes"):
            plot.gradient_field(fun=landscapes.bowl, bounds=wrong)
    result = descend(landscapes.bowl, [2.0, 1.0], 0.1)
    with pytest.raises(ValueError, match="what was walked on is missing"):
        plot.gradient_field(result)


def test_a_sum_has_the_field_of_its_landscape():
    terms = landscapes.himmelblau.as_sum(20, 3.0, random_state=0)
    ours, theirs = plot.gradient_field(fun=terms), plot.gradient_field(fun=landscapes.himmelblau)
    np.testing.assert_allclose(arrows(ours)[2], arrows(theirs)[2])


@pytest.mark.usefixtures("korean")
def test_axes_are_the_callers_and_texts_korean():
    own = plt.subplots()[1]
    result = descend(landscapes.bowl, [2.0, 1.0], 0.1)
    assert plot.gradient_field(result, fun=landscapes.bowl, ax=own) is own
    assert list(lines(own)) == [
        "배치",
        "시작",
        "경로의 끝",
        "전역 최소점",
        "내려가는 방향 (음의 기울기)",
    ]
    assert own.figure.axes[1].get_ylabel() == "기울기의 크기 (로그 눈금)"
