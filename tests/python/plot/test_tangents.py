"""Tangents: where they touch, how steep they are, and the slope beside them."""

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


def descend(fun, start, eta, epochs=20):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return gw.BatchGD(learning_rate=eta, epochs=epochs).minimize(fun, start)


def drawn(ax):
    """The tangents, as arrays [[x, y], [x, y]]."""
    first = lines(ax).get("tangent: its slope is the derivative f′")
    return [line.get_xydata() for line in [first, *labelled(ax, "_tangent")] if line is not None]


def slopes(ax):
    return [float(text[6:].replace("−", "-")) for text in texts(ax) if text.startswith("slope ")]


@pytest.mark.parametrize("jac", [None, lambda x: np.array([2.0 * (x[0] - 3.0)])])
def test_a_tangent_touches_the_curve_with_the_slope_that_is_written(jac):
    result = descend(quadratic, [0.0], 0.2)
    ax = plot.tangents(result, fun=quadratic, jac=jac, updates=[0, 1, 2])
    found = drawn(ax)
    assert len(found) == 3
    for line, x in zip(found, result.path[:3, 0], strict=True):
        np.testing.assert_allclose(line.mean(axis=0), [x, quadratic([x])], atol=1e-9)
        rise = np.diff(line[:, 1]) / np.diff(line[:, 0])
        assert rise[0] == pytest.approx(2.0 * (x - 3.0), rel=1e-6)
    assert slopes(ax) == [-6.0, -3.6, -2.16]


def test_tangents_are_of_one_length_in_the_picture():
    well = landscapes.double_well
    ax = plot.tangents(descend(well, [1.6], 0.02, 200), fun=well)
    size = np.array([np.ptp(ax.get_xlim()), np.ptp(ax.get_ylim())])
    lengths = [np.linalg.norm(np.diff(line, axis=0)[0] / size) for line in drawn(ax)]
    assert len(lengths) >= 2
    np.testing.assert_allclose(lengths, 0.22)


def test_by_default_a_few_well_apart_with_the_start_first():
    result = descend(quadratic, [0.0], 0.05, 200)
    ax = plot.tangents(result, fun=quadratic)
    places = np.array([line[:, 0].mean() for line in drawn(ax)])
    assert len(places) == 4
    assert places[0] == pytest.approx(0.0)
    assert np.min(np.abs(np.subtract.outer(places, places)) + 99 * np.eye(4)) > 0.1 * np.ptp(
        ax.get_xlim()
    )
    assert len(drawn(plot.tangents(result, fun=quadratic, updates=2))) == 2


def test_the_slope_of_data_is_its_partial_derivative():
    X, y = data(2, "binary")
    model = walk(2, "binary", "whole", "update")
    ax = plot.tangents(model, X, y, feature="intercept", updates=[0])
    theta = np.array(model.params_)
    theta[0] = 0.0
    slope = gw.loss_and_grad(X, y, theta, loss="log_loss")[1][0]
    assert slopes(ax)[0] == pytest.approx(slope, rel=5e-3)
    assert ax.get_xlabel() == "intercept"


@pytest.mark.usefixtures("coarse")
@pytest.mark.parametrize(("d", "task", "fate", "record"), PAIRS)
def test_every_kind_of_model(d, task, fate, record):
    X, y = data(d, task)
    ax = plot.tangents(walk(d, task, fate, record), X, y)
    assert in_frame(ax)
    assert 1 <= len(drawn(ax)) <= 4
    assert len(slopes(ax)) == len(drawn(ax))
    ax.figure.canvas.draw()


def test_several_walks_have_tangents_each():
    both = {"left": descend(quadratic, [0.0], 0.2), "right": descend(quadratic, [6.0], 0.2)}
    ax = plot.tangents(both, fun=quadratic, updates=[0])
    assert slopes(ax) == [-6.0, 6.0]
    assert {"left", "right"} < set(lines(ax))


@pytest.mark.parametrize(
    ("updates", "message"),
    [
        (0, "at least 1"),
        (True, "at least 1"),
        (2.5, "at least 1"),
        ([], "whole numbers, 0 for the start"),
        ([-1], "whole numbers, 0 for the start"),
        ([0.5], "whole numbers, 0 for the start"),
        ([21], r"no update 21 on record: it has 0, 1, 2, 3, 4, … 20"),
    ],
)
def test_updates_that_are_not_there_are_refused(updates, message):
    with pytest.raises(ValueError, match=message):
        plot.tangents(descend(quadratic, [0.0], 0.2), fun=quadratic, updates=updates)


def test_an_update_outside_the_picture_is_refused():
    with pytest.raises(ValueError, match="update 1 of 'batch' lies outside the picture"):
        plot.tangents(
            descend(quadratic, [0.0], 0.2), fun=quadratic, updates=[1], bounds=(-1.0, 0.5)
        )


@pytest.mark.usefixtures("korean")
def test_axes_are_the_callers_and_texts_korean():
    own = plt.subplots()[1]
    result = descend(quadratic, [0.0], 0.2)
    assert plot.tangents(result, fun=quadratic, updates=[0], ax=own) is own
    assert "기울기 −6" in texts(own)
