"""Loss against epochs and seconds: lines, dots, limits, notes."""

from __future__ import annotations

import io
import time
import warnings

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

import gradwalk as gw
from drawn import METHODS, diverged, legend_texts, named_lines, notes
from gradwalk import plot


def test_loss_curve_of_one_model_is_its_history(walks):
    ax = plot.loss_curve(walks["batch"])
    (line,) = ax.lines
    np.testing.assert_array_equal(line.get_xdata(), [1, 2, 3, 4, 5, 6])
    np.testing.assert_array_equal(line.get_ydata(), walks["batch"].history_.loss)
    assert ax.get_xlabel() == "epoch"
    assert ax.get_ylabel() == "loss (mse), mean over the epoch"
    assert ax.get_yscale() == "linear"
    assert legend_texts(ax) == ["batch"]


def test_loss_curve_of_three_has_a_line_each_and_dots_for_updates(walks):
    ax = plot.loss_curve(walks, log=True)
    assert list(named_lines(ax)) == list(METHODS)
    dots = [line for line in ax.lines if line.get_label() == "_update"]
    assert [len(line.get_xdata()) for line in dots] == [6 * 70, 6 * 3]
    # Update u of an epoch with 3 updates stands at u / 3.
    np.testing.assert_allclose(dots[1].get_xdata(), np.arange(1, 19) / 3)
    np.testing.assert_array_equal(dots[1].get_ydata(), walks["mini-batch"].history_.update_loss)
    assert ax.get_yscale() == "log"
    assert len(plot.loss_curve(walks, updates=False).lines) == 3


def test_loss_axis_fits_the_epochs_not_the_wildest_update(walks):
    losses = np.concatenate([walk.history_.loss for walk in walks.values()])
    for log in (False, True):
        low, high = plot.loss_curve(walks, log=log).get_ylim()
        assert low < losses.min() < losses.max() < high
        assert high < 2 * losses.max()


def test_full_loss_starts_before_the_first_epoch(walks):
    ax = plot.loss_curve(walks, full_loss=True)
    for name, line in named_lines(ax).items():
        np.testing.assert_array_equal(line.get_xdata(), np.arange(7))
        np.testing.assert_array_equal(line.get_ydata(), walks[name].history_.full_loss)
    assert ax.get_ylabel() == "loss (mse) on all rows"


def test_full_loss_that_was_not_recorded_is_refused(data):
    X, y = data
    walk = gw.BatchGD("mse", epochs=2).fit(X, y)
    for draw in (plot.loss_curve, plot.loss_vs_time):
        with pytest.raises(ValueError, match=r"'batch' did not record.*full_loss=True"):
            draw(walk, full_loss=True)


def test_loss_vs_time_is_against_seconds_on_a_log_axis(walks):
    ax = plot.loss_vs_time(walks)
    assert ax.get_xscale() == "log"
    assert ax.get_xlabel() == "seconds of walking (log scale)"
    for name, line in named_lines(ax).items():
        np.testing.assert_array_equal(line.get_xdata(), walks[name].history_.seconds)
        np.testing.assert_array_equal(line.get_ydata(), walks[name].history_.loss)
    full = named_lines(plot.loss_vs_time(walks, full_loss=True))
    np.testing.assert_array_equal(full["batch"].get_ydata(), walks["batch"].history_.full_loss[1:])


def test_a_diverged_walk_is_named_and_cannot_blow_up_the_axes(data, walks):
    X, y = data
    both = {"good": walks["batch"], "wild": diverged(X, y)}
    ax = plot.loss_curve(both)
    assert legend_texts(ax) == ["good", "wild: diverged"]
    assert ax.get_ylim()[1] < 10 * walks["batch"].history_.loss[0]
    ax = plot.contour_paths(both, X, y, features=(0, 1))
    assert np.ptp(ax.get_xlim()) < 10
    assert np.ptp(ax.get_ylim()) < 10
    # The path is drawn until it first leaves the map, and no further.
    path = named_lines(ax)["wild: diverged"].get_xydata()
    assert len(path) < 20


def test_a_walk_that_diverges_in_its_first_epoch_can_be_drawn(data):
    X, y = data
    with pytest.warns(gw.DivergenceWarning):
        walk = gw.SGD("mse", learning_rate=1e200, random_state=0).fit(X, y)
    assert walk.n_epochs_ == 0
    ax = plot.loss_curve(walk, log=True)
    assert np.all(np.isfinite(ax.get_ylim()))
    assert legend_texts(ax) == ["stochastic: diverged"]


def test_the_line_of_a_diverged_walk_ends_at_the_frame_with_a_note(data, walks):
    wild = diverged(*data)
    ax = plot.loss_curve({"calm": walks["batch"], "wild": wild})
    line = named_lines(ax)["wild: diverged"].get_xydata()
    top = ax.get_ylim()[1]
    inside = int(np.argmax(wild.history_.loss > top))
    np.testing.assert_array_equal(line[:-1, 1], wild.history_.loss[:inside])
    assert line[-1, 1] == pytest.approx(top)
    assert inside < line[-1, 0] < inside + 1
    assert notes(ax) == [f"diverged: leaves the picture\nin epoch {inside + 1}"]
    # It is followed no further than it is seen, and the calm walk to its end.
    assert 6 < ax.get_xlim()[1] < 8
    assert max(abs(limit) for limit in ax.get_ylim()) < 10 * walks["batch"].history_.loss[0]


def test_a_log_axis_lets_a_diverging_walk_climb_four_decades(data, walks):
    ax = plot.loss_curve({"calm": walks["batch"], "wild": diverged(*data)}, log=True)
    top = ax.get_ylim()[1]
    assert 1e3 < top / walks["batch"].history_.loss[0] < 1e5
    assert named_lines(ax)["wild: diverged"].get_ydata()[-1] == pytest.approx(top)
    assert len(notes(ax)) == 1


def test_notes_of_several_walks_do_not_lie_on_each_other(data):
    wild = {str(rate): diverged(*data, learning_rate=rate) for rate in (1.5, 2.0, 3.0)}
    ax = plot.loss_curve(wild)
    ax.figure.canvas.draw()
    # The text alone, without the thread to its place.
    boxes = [Text.get_window_extent(t) for t in ax.texts if t.get_gid() == "gradwalk-note"]
    assert len(boxes) == 3
    assert not any(a.overlaps(b) for k, a in enumerate(boxes) for b in boxes[k + 1 :])


def test_a_first_epoch_that_blew_up_sets_no_scale(data, walks):
    wild = diverged(*data, method=gw.SGD, learning_rate=1.2, random_state=1)
    ax = plot.loss_curve({"calm": walks["batch"], "wild": wild})
    assert ax.get_ylim()[1] < 10 * walks["batch"].history_.loss[0]


def test_validation_is_a_dashed_line_of_its_own(data):
    X, y = data
    walk = gw.BatchGD("mse", learning_rate=0.1, epochs=5).fit(X, y, validation=0.3)
    ax = plot.loss_curve(walk)
    lines = named_lines(ax)
    assert list(lines) == ["batch", "batch, validation"]
    np.testing.assert_array_equal(
        lines["batch, validation"].get_ydata(), walk.history_.validation_loss
    )
    assert lines["batch, validation"].get_linestyle() == "--"
    assert lines["batch, validation"].get_color() == lines["batch"].get_color()
    assert list(named_lines(plot.loss_curve(walk, validation=False))) == ["batch"]


def test_updates_of_an_unfinished_epoch_stand_behind_the_last(data):
    X, y = data
    model = gw.MiniBatchGD("mse", learning_rate=0.01, epochs=4, batch_size=10)
    steps = model.steps(X, y)
    for _ in range(7 * 2 + 3):  # two epochs of 7 updates, and 3 updates more
        next(steps)
    for walk in (model, model.history_):
        ax = plot.loss_curve(walk)
        dots = next(line for line in ax.lines if line.get_label() == "_update")
        np.testing.assert_allclose(dots.get_xdata(), np.arange(1, 18) / 7)


def test_a_result_of_minimize_has_values_not_losses():
    result = gw.BatchGD(learning_rate=0.01, epochs=30).minimize(gw.landscapes.himmelblau, [0, 0])
    for draw in (plot.loss_curve, plot.loss_vs_time):
        ax = draw({"plain": result})
        assert ax.get_ylabel() == "f(x), mean over the epoch"
        np.testing.assert_array_equal(named_lines(ax)["plain"].get_ydata(), result.history.loss)


def test_a_bare_history_is_drawn_without_the_name_of_a_loss(walks):
    ax = plot.loss_curve(walks["stochastic"].history_)
    assert ax.get_ylabel() == "loss, mean over the epoch"
    assert legend_texts(ax) == ["walk"]


def test_one_epoch_is_one_marker(data):
    walk = gw.BatchGD("mse", epochs=1).fit(*data)
    for draw in (plot.loss_curve, plot.loss_vs_time):
        ax = draw(walk)
        (line,) = ax.lines
        assert len(line.get_xdata()) == 1
        assert line.get_marker() == "o"
        assert ax.get_xlim()[0] < line.get_xdata()[0] < ax.get_xlim()[1]
        ax.figure.canvas.draw()


@pytest.mark.parametrize("log", [False, True])
def test_very_long_walks_are_thinned_and_keep_their_spikes(log):
    X, y = np.full((1, 1), 2.0), np.ones(1)
    walk = gw.BatchGD("mse", learning_rate=1e-4, epochs=200_000, fit_intercept=False).fit(X, y)
    ax = plot.loss_curve(walk, log=log)
    line = named_lines(ax)["batch"]
    assert len(line.get_xdata()) < 10_000
    assert line.get_xdata()[[0, -1]].tolist() == [1, 200_000]
    assert line.get_ydata().min() == walk.history_.loss.min()


def test_dots_of_very_many_updates_are_some_of_them():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(50_000, 1)), rng.normal(size=50_000)
    walk = gw.SGD("mse", learning_rate=1e-4, epochs=1, random_state=0).fit(X, y)
    ax = plot.loss_curve(walk)
    dots = next(line for line in ax.lines if line.get_label() == "_update")
    assert len(dots.get_xdata()) < 10_000
    assert dots.get_ydata().max() == walk.history_.update_loss.max()


def test_a_million_points_are_drawn_in_two_seconds():
    X, y = np.full((1, 1), 2.0), np.ones(1)
    settings = {"learning_rate": 1e-6, "fit_intercept": False, "record": "update"}
    walk = gw.BatchGD("mse", epochs=1_000_000, **settings).fit(X, y)
    plot.loss_curve(walk).figure.canvas.draw()  # the first picture loads fonts
    for draw in (plot.loss_curve, plot.loss_vs_time):
        begin = time.process_time()
        draw(walk, log=True).figure.canvas.draw()
        assert time.process_time() - begin < 2.0


@pytest.mark.parametrize("log", [False, True])
def test_the_legend_hides_no_note(data, walks, log):
    both = {**walks, "wild": diverged(*data, learning_rate=1.2)}
    ax = plot.loss_curve(both, log=log)
    ax.figure.canvas.draw()
    (note,) = (t for t in ax.texts if t.get_gid() == "gradwalk-note")
    assert not ax.get_legend().get_window_extent().overlaps(Text.get_window_extent(note))


def test_figures_without_pyplot_and_of_parts_are_drawn_on(data, walks):
    both = {**walks, "wild": diverged(*data)}
    figure = Figure(layout="constrained")
    assert len(notes(plot.loss_curve(both, ax=figure.subplots()))) == 1
    parts = Figure().subfigures(1, 2)
    plot.loss_curve(both, ax=parts[1].subplots())
    for whole in (figure, parts[0].figure):
        whole.savefig(io.BytesIO(), format="svg")


def at_rest(**settings):
    """A walk that starts where the loss is 0, and stays there."""
    return gw.BatchGD(epochs=5, **settings).fit(np.full((4, 1), 2.0), np.zeros(4), full_loss=True)


def bold_to_zero():
    """A walk that reaches 0 exactly, halfway."""

    def f(x):
        return float(max(4.0 - x[0], 0.0)), -np.array([float(x[0] < 4.0)])

    return gw.BatchGD(learning_rate=1.0, epochs=8).minimize(f, [0.0], jac=True)


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize(
    "draw",
    [
        plot.loss_curve,
        plot.loss_vs_time,
        lambda walk, log: plot.animate(walk, kind="loss", log=log, frames=2).ax,
        lambda walk, log: plot.method_comparison(walk, log=log)[1],
    ],
)
def test_zeros_have_no_log_axis_and_the_picture_says_so(draw, language):
    plot.set_language(language)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ax = draw(at_rest(), log=True)
        ax.figure.canvas.draw()
    assert ax.get_yscale() == "linear"
    low, high = ax.get_ylim()
    assert low < 0.0 < high
    note = ax.get_title(loc="right")
    assert note == ("nothing is above 0: no log scale" if note.isascii() else note)
    assert note
    assert draw(at_rest(), log=False).get_title(loc="right") == ""


def test_losses_below_zero_have_no_log_axis_either():
    walk = gw.BatchGD(learning_rate=0.1, epochs=5).minimize(lambda x: x[0] ** 2 - 9.0, [1.0])
    ax = plot.loss_curve(walk, log=True)
    assert ax.get_yscale() == "linear"
    assert ax.get_title(loc="right") == "nothing is above 0: no log scale"


def test_what_a_log_axis_cannot_show_is_said(walks):
    for walk in ({"calm": walks["batch"], "at rest": at_rest()}, bold_to_zero()):
        ax = plot.loss_curve(walk, log=True)
        ax.figure.canvas.draw()
        assert ax.get_yscale() == "log"
        assert ax.get_title(loc="right") == "values of 0 and below are not on a log scale"
    assert plot.loss_curve(walks, log=True).get_title(loc="right") == ""


def test_a_gradient_of_zero_has_a_plateau_without_a_log_axis():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        norm, loss = plot.plateau(at_rest())
        norm.figure.canvas.draw()
    assert norm.get_yscale() == loss.get_yscale() == "linear"
    assert norm.get_title(loc="right") == "nothing is above 0: no log scale"
