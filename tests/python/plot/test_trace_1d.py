"""A walk on the curve of f: points, numbers, arrows, marks, and what cannot be drawn."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from matplotlib import pyplot as plt

import gradwalk as gw
from gradwalk import landscapes, plot
from pictured_walks import PAIRS, data, in_frame, labelled, lines, texts, walk


def quadratic(x):
    return (x[0] - 3.0) ** 2


def descend(fun, start, eta, epochs=20, **settings):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return gw.BatchGD(learning_rate=eta, epochs=epochs, **settings).minimize(fun, start)


def points(ax):
    """Places and colours of the dots of each walk."""
    found = [c for c in ax.collections if c.get_label() == "_points"]
    return [(np.asarray(c.get_offsets()), c.get_facecolors()) for c in found]


def arrows(ax):
    return [text for text in ax.texts if text.get_text() == "" and text.arrow_patch is not None]


@pytest.mark.parametrize(
    "landscape", [landscapes.double_well, landscapes.plateau, landscapes.x_cos()], ids=repr
)
def test_the_walk_lies_on_the_curve_of_a_landscape(landscape):
    result = descend(landscape, landscape.start, landscape.learning_rate)
    ax = plot.trace_1d(result, fun=landscape)
    (line,) = labelled(ax, "_curve")
    a, f = line.get_xydata().T
    np.testing.assert_allclose(f, landscape(a[:, None]))
    np.testing.assert_allclose([a[0], a[-1]], landscape.bounds[0])
    ((places, colors),) = points(ax)
    np.testing.assert_allclose(places[:, 0], result.path[:, 0])
    np.testing.assert_allclose(places[:, 1], landscape(result.path))
    # Pale at the start, full at the end.
    assert colors[0, :3].sum() > colors[-1, :3].sum()
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("x", "f(x)")
    np.testing.assert_allclose(lines(ax)["start"].get_xydata()[0, 0], landscape.start[0])
    np.testing.assert_allclose(labelled(ax, "_end")[0].get_xydata()[0, 0], result.x[0])


def test_minima_are_marked_as_global_and_local():
    well = landscapes.double_well
    ax = plot.trace_1d(descend(well, well.start, 0.05), fun=well)
    for key, minimum in zip(("global minimum", "local minimum"), well.minima, strict=True):
        ((place, height),) = lines(ax)[key].get_xydata()
        assert (place, height) == pytest.approx((minimum.point[0], minimum.value))
    ax = plot.trace_1d(descend(quadratic, [0.0], 0.1), fun=quadratic)
    np.testing.assert_allclose(lines(ax)["minimum"].get_xydata(), [[3.0, 0.0]], atol=1e-4)
    assert "global minimum" not in lines(ax)


def test_minima_that_a_landscape_does_not_list_are_found():
    rastrigin = landscapes.rastrigin.at_dimension(1)
    ax = plot.trace_1d(descend(rastrigin, [3.2], 0.002), fun=rastrigin)
    locals_ = lines(ax)["local minimum"].get_xydata()
    assert len(lines(ax)["global minimum"].get_xydata()) == 1
    assert len(locals_) == 10
    assert np.abs(rastrigin.grad(locals_[:, :1])).max() < 0.1


def test_the_lowest_valley_of_an_own_function_is_the_global_minimum():
    def valleys(x):
        return np.cos(3 * x[0]) + 0.1 * x[0]

    ax = plot.trace_1d(descend(valleys, [0.5], 0.05), fun=valleys, bounds=(-4.0, 4.0))
    assert ax.get_xlim() == (-4.0, 4.0)
    lowest = lines(ax)["global minimum"].get_xydata()
    assert lowest[0, 0] == pytest.approx(-np.pi, abs=0.05)
    assert len(lines(ax)["local minimum"].get_xydata()) >= 2


def test_steps_have_arrows_and_points_have_numbers():
    ax = plot.trace_1d(descend(quadratic, [0.0], 0.9), fun=quadratic)
    numbers = [text for text in texts(ax) if text.isdigit()]
    assert numbers[:5] == ["0", "1", "2", "3", "4"]
    drawn = arrows(ax)
    assert 4 <= len(drawn) <= 14
    np.testing.assert_allclose(drawn[0].xy, [5.4, quadratic([5.4])])
    np.testing.assert_allclose(drawn[0].xyann, [0.0, 9.0])


def test_a_diverging_walk_shows_its_first_swings_and_leaves_with_an_arrow():
    wild = descend(quadratic, [1.0], 1.15, epochs=2000)
    assert wild.status == 2
    ax = plot.trace_1d(wild, fun=quadratic)
    assert in_frame(ax)
    ((places, _),) = points(ax)
    np.testing.assert_allclose(places[:, 0], wild.path[: len(places), 0])
    assert 3 <= len(places) < 20
    assert any(text.startswith("diverged: leaves the picture") for text in texts(ax))
    assert "batch: diverged" in lines(ax)
    assert not labelled(ax, "_end")
    # Beside a calm walk that one sets the frame.
    both = {"calm": descend(quadratic, [0.0], 0.1), "wild": wild}
    assert plot.trace_1d(both, fun=quadratic).get_xlim()[1] < 10


def test_the_curve_of_data_is_the_loss_over_one_parameter():
    X, y = data(2, "regression")
    model = walk(2, "regression", "whole", "update")
    ax = plot.trace_1d(model, X, y, feature=1, feature_names=["a", "b"])
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("weight of b", "loss (mse)")
    for a, f in labelled(ax, "_curve")[0].get_xydata()[::100]:
        theta = np.array(model.params_)
        theta[2] = a
        assert f == pytest.approx(gw.loss_and_grad(X, y, theta, loss="mse")[0])
    ((places, _),) = points(ax)
    np.testing.assert_allclose(places[:, 0], model.history_.path[:, 2])
    minimum = lines(ax)["minimum"].get_xydata()[0, 0]
    theta = np.array(model.params_)
    theta[2] = minimum
    assert gw.loss_and_grad(X, y, theta, loss="mse")[1][2] == pytest.approx(0, abs=1e-6)


@pytest.mark.usefixtures("coarse")
@pytest.mark.parametrize(("d", "task", "fate", "record"), PAIRS)
def test_every_kind_of_model(d, task, fate, record):
    X, y = data(d, task)
    ax = plot.trace_1d(walk(d, task, fate, record), X, y)
    assert in_frame(ax)
    assert len(labelled(ax, "_curve")) == 1
    assert len(points(ax)) == 1
    assert "start" in lines(ax)
    assert len(labelled(ax, "_end")) == (fate in ("whole", "interrupted"))
    ax.figure.canvas.draw()


def test_a_history_is_drawn_on_a_function_and_beside_a_model():
    result = descend(quadratic, [0.0], 0.1)
    ax = plot.trace_1d({"record": result.history}, fun=quadratic)
    assert "record" in lines(ax)
    X, y = data(1, "regression")
    model = walk(1, "regression", "whole", "update")
    ax = plot.trace_1d({"model": model, "record": model.history_}, X, y)
    (one, _), (other, _) = points(ax)
    np.testing.assert_array_equal(one, other)
    with pytest.raises(ValueError, match="needs a fitted model"):
        plot.trace_1d(model.history_, X, y)


def test_what_is_missing_is_said():
    result = descend(quadratic, [0.0], 0.1)
    with pytest.raises(ValueError, match="fun, the landscape or function given to minimize"):
        plot.trace_1d(result)
    silent = descend(quadratic, [0.0], 0.1, record=None)
    with pytest.raises(ValueError, match=r"trace_1d draws the path.*record=\"auto\""):
        plot.trace_1d(silent, fun=quadratic)
    with pytest.raises(ValueError, match="bounds must be the two ends"):
        plot.trace_1d(result, fun=quadratic, bounds=(2.0, 1.0))
    with pytest.raises(ValueError, match="f is finite nowhere"):
        plot.trace_1d(result, fun=lambda x: np.nan)


def test_a_long_walk_costs_no_more_than_a_short_one():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(3000, 1)), rng.normal(size=3000)
    model = gw.SGD("mse", learning_rate=0.01, epochs=10, random_state=0, record="update").fit(X, y)
    assert len(model.history_.path) == 30_001
    ax = plot.trace_1d(model, X, y)
    ((places, _),) = points(ax)
    assert len(places) < 1000
    np.testing.assert_allclose(places[:40, 0], model.history_.path[:40, 1])
    assert places[:, 0].max() == model.history_.path[:, 1].max()
    assert len(ax.texts) < 40


def test_a_flat_curve_has_a_frame_and_no_minimum():
    def flat(x):
        return 2.0 + 0.0 * x[0]

    ax = plot.trace_1d(descend(flat, [1.0], 0.1), fun=flat)
    low, high = ax.get_ylim()
    assert low < 2.0 < high
    assert "minimum" not in lines(ax)


@pytest.mark.usefixtures("korean")
def test_axes_are_the_callers_and_texts_korean():
    own = plt.subplots()[1]
    well = landscapes.double_well
    assert plot.trace_1d(descend(well, well.start, 0.05), fun=well, ax=own) is own
    assert list(lines(own)) == ["전역 최소점", "지역 최소점", "배치", "시작", "경로의 끝"]
