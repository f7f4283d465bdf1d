"""Limits that do not explode, lines cut at the frame, and long lines made short."""

from __future__ import annotations

import itertools
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib import pyplot as plt

import gradwalk as gw
from drawn import diverged, minimized, notes, regression
from gradwalk import plot
from gradwalk._thinning import thin, thin_places
from gradwalk.plot._data.walks import named_walks
from gradwalk.plot._draw import frame
from gradwalk.plot._draw.line import draw_line

# --- Limits --------------------------------------------------------------------------


def hill(x):
    """There is no end to the fall from its top."""
    with np.errstate(over="ignore"):
        return -float(np.sum(np.square(x)))


def walk_of(losses):
    """A walk that meets these losses, one an epoch."""
    values = itertools.chain(losses, itertools.repeat(losses[-1]))
    model = gw.BatchGD(learning_rate=1.0, epochs=len(losses))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", gw.DivergenceWarning)
        walk = model.minimize(lambda x: (float(next(values)), np.zeros(1)), [0.0], jac=True)
    np.testing.assert_array_equal(walk.history.loss, losses)
    return walk


def test_a_walk_that_falls_without_end_gets_room_below():
    walk = minimized(hill, [1.0], learning_rate=0.5, epochs=2000)
    low, high = plot.loss_curve(walk).get_ylim()
    assert -10.0 < low < -1.0 < high < 1.0


def test_a_leap_of_a_calm_curve_is_let_go_but_not_its_start():
    losses = 1.0 + 0.1 * np.sin(np.arange(200.0))
    losses[100] = 1e9
    ax = plot.loss_curve(walk_of(losses))
    assert ax.get_ylim()[1] < 3.0
    # The line itself is whole.
    assert ax.lines[0].get_ydata().tolist() == losses.tolist()
    assert notes(ax) == []
    losses[0] = 50.0
    assert 50.0 < plot.loss_curve(walk_of(losses)).get_ylim()[1] < 1000.0


@pytest.mark.parametrize("value", [0.0, 1.0, -3.0, 1e-200, 1e200])
def test_a_still_curve_has_a_frame(value):
    low, high = plot.loss_curve(walk_of([value, value])).get_ylim()
    assert low < value < high


# --- Cutting -------------------------------------------------------------------------


def test_a_line_is_cut_where_it_crosses_the_frame():
    part = frame.cut([0.0, 1.0, 2.0], [0.0, 0.5, 2.5], (0.0, 4.0), (-1.0, 1.5))
    assert part.left == 2
    np.testing.assert_allclose(part.x, [0.0, 1.0, 1.5])
    np.testing.assert_allclose(part.y, [0.0, 0.5, 1.5])
    # In shares of the frame: a quarter to the right, four fifths up.
    np.testing.assert_allclose(part.direction, np.array([0.25, 0.8]) / np.hypot(0.25, 0.8))


def test_a_line_is_cut_on_log_axes_where_it_is_straight_there():
    part = frame.cut([1.0, 100.0], [1.0, 1e6], (0.1, 1e3), (0.1, 1e3), xlog=True, ylog=True)
    assert part.left == 1
    np.testing.assert_allclose([part.x[-1], part.y[-1]], [10.0, 1e3])


def test_a_line_that_stays_is_whole():
    part = frame.cut([0.0, 1.0], [0.0, 1.0], (0.0, 1.0), (0.0, 1.0))
    assert part.left is None
    assert part.direction == (0.0, 0.0)
    assert part.x.tolist() == [0.0, 1.0]


def test_a_line_that_starts_outside_is_a_point_on_the_frame():
    part = frame.cut([5.0, 6.0], [0.5, 0.5], (0.0, 1.0), (0.0, 1.0))
    assert part.left == 0
    assert (part.x.tolist(), part.y.tolist()) == ([1.0], [0.5])


@pytest.mark.parametrize("huge", [1e308, -1e308, np.inf])
def test_the_largest_numbers_are_cut(huge):
    part = frame.cut([0.0, huge], [0.0, 1.0], (-1.0, 1.0), (-1.0, 1.0))
    assert part.left == 1
    assert np.all(np.abs([part.x, part.y]) <= 1.0)
    assert np.hypot(*part.direction) == pytest.approx(1.0)


number = st.floats(-1e3, 1e3)


@given(st.lists(st.tuples(number, number), min_size=1, max_size=20))
def test_a_cut_line_lies_in_the_frame(points):
    x, y = np.array(points).T
    part = frame.cut(x, y, (-10.0, 10.0), (-5.0, 20.0))
    assert np.all((part.x >= -10.0 - 1e-6) & (part.x <= 10.0 + 1e-6))
    assert np.all((part.y >= -5.0 - 1e-6) & (part.y <= 20.0 + 1e-6))
    if part.left is not None:
        assert len(part.x) == part.left + 1
        np.testing.assert_array_equal(part.x[:-1], x[: part.left])


# --- Thinning ------------------------------------------------------------------------


def test_thinning_keeps_every_spike_and_both_ends():
    rng = np.random.default_rng(0)
    x, y = np.arange(1_000_000.0), rng.normal(size=1_000_000)
    y[[123_456, 765_432]] = 100.0, -100.0
    places = thin_places(x, y, most=4000)
    assert {0, 123_456, 765_432, 999_999} <= set(places.tolist())
    assert len(places) <= 4010
    assert np.all(np.diff(places) > 0)


def test_a_path_keeps_its_spikes_in_both_directions():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(2, 100_000))
    x[5_000], y[50_000] = -50.0, 60.0
    thin_x, thin_y = thin(x, y, most=4000)
    assert len(thin_x) <= 4010
    assert thin_x.min() == -50.0
    assert thin_y.max() == 60.0


def test_short_lines_stay_as_they_are_and_nan_is_no_spike():
    x = np.arange(5.0)
    assert thin_places(x, x, most=5).tolist() == [0, 1, 2, 3, 4]
    y = np.where(np.arange(10_000) % 3 == 0, np.nan, 1.0)
    y[5_001] = 7.0
    assert np.nanmax(thin(np.arange(10_000.0), y, most=100)[1]) == 7.0
    everywhere = np.full(10_000, np.nan)
    assert len(thin_places(np.arange(10_000), everywhere, most=100)) <= 110


# --- Drawing -------------------------------------------------------------------------


def test_a_diverged_walk_that_stays_inside_is_crossed_out_where_it_ends():
    _, ax = plt.subplots()
    ax.set_xlim(-1, 2)
    ax.set_ylim(-1, 2)
    (walk,) = named_walks(diverged(*regression()))
    draw_line(ax, walk, [0.0, 1.0, np.nan], [0.0, 1.0, 3.0], numbers=[0, 4, 5])
    assert notes(ax) == ["diverged after update 4"]
    assert [line.get_marker() for line in ax.lines] == ["X", "o"]


@pytest.mark.parametrize("start", [(0.1, 0.0), (-0.1, 0.0), (0.0, 0.1), (0.0, -0.1)])
def test_notes_stay_inside_the_picture(start):
    walk = minimized(hill, start, learning_rate=0.5, epochs=2000)
    ax = plot.contour_paths(walk, fun=hill)
    ax.figure.canvas.draw()
    (note,) = (text for text in ax.texts if text.get_gid() == "gradwalk-note")
    box, page = note.get_window_extent(), ax.figure.bbox
    assert page.x0 <= box.x0
    assert box.x1 <= page.x1
    assert page.y0 <= box.y0
    assert box.y1 <= page.y1
