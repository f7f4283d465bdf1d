"""The same walks against epochs, updates and seconds."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib import pyplot as plt

import gradwalk as gw
from gradwalk import plot
from loss_kinds import NO_LIMIT
from pictured_walks import data, draw_in_korean, labelled, lines, texts

TASKS = {"regression": "mse", "binary": "log_loss", "multi-class": "cross_entropy"}


@pytest.fixture(scope="module")
def rows():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(512, 3))
    return X, 4 + X @ [1.0, 2.0, 3.0] + rng.normal(size=512)


def test_three_panels_show_the_same_losses(rows):
    X, y = rows
    axes = plot.batch_size_sweep(X, y, [1, 64, 512], learning_rate=0.02, epochs=6)
    models = {
        1: gw.SGD(learning_rate=0.02, epochs=6, random_state=0),
        64: gw.MiniBatchGD(learning_rate=0.02, epochs=6, random_state=0, batch_size=64),
        512: gw.BatchGD(learning_rate=0.02, epochs=6, random_state=0),
    }
    for size, model in models.items():
        loss = model.fit(X, y, full_loss=True).history_.full_loss
        drawn = [lines(ax)[f"batch size {size}"] for ax in axes]
        np.testing.assert_array_equal(drawn[0].get_xydata(), np.column_stack([np.arange(7), loss]))
        updates = np.arange(1, 7) * (512 // size)
        np.testing.assert_array_equal(drawn[1].get_xydata(), np.column_stack([updates, loss[1:]]))
        np.testing.assert_array_equal(drawn[2].get_ydata(), loss[1:])
        assert np.all(np.diff(drawn[2].get_xdata()) >= 0)
        assert len({line.get_color() for line in drawn}) == 1
    assert [ax.get_xlabel() for ax in axes] == [
        "epoch",
        "updates (log scale)",
        "seconds of walking (log scale)",
    ]
    assert [ax.get_xscale() for ax in axes] == ["linear", "log", "log"]
    assert len({ax.get_ylim() for ax in axes}) == 1
    assert [ax.get_legend() is not None for ax in axes] == [False, True, False]


def test_the_noise_is_the_loss_of_single_batches(rows):
    X, y = rows
    axes = plot.batch_size_sweep(X, y, [64, 512], learning_rate=0.02, epochs=6)
    (dots,) = labelled(axes[1], "_update")
    model = gw.MiniBatchGD(learning_rate=0.02, epochs=6, random_state=0, batch_size=64).fit(X, y)
    np.testing.assert_array_equal(
        dots.get_xydata(),
        np.column_stack([model.history_.update_number, model.history_.update_loss]),
    )
    assert not labelled(axes[0], "_update")
    one = plot.batch_size_sweep(X, y, [1], epochs=20)[1]
    assert len(labelled(one, "_update")[0].get_xdata()) <= 3000


def test_default_sizes_and_one_rate_for_all(rows):
    X, y = rows
    axes = plot.batch_size_sweep(X, y, epochs=2)
    assert list(lines(axes[0])) == [f"batch size {size}" for size in (1, 8, 64, 512)]
    rate = 0.1 * gw.max_learning_rate(X, y, batch_size=1)
    model = gw.BatchGD(learning_rate=rate, epochs=2).fit(X, y, full_loss=True)
    np.testing.assert_array_equal(
        lines(axes[0])["batch size 512"].get_ydata(), model.history_.full_loss
    )


@pytest.mark.parametrize("d", [1, 2, 30])
@pytest.mark.parametrize("task", TASKS)
def test_every_kind_of_data(task, d):
    X, y = data(d, task)
    axes = plot.batch_size_sweep(X, y, loss=TASKS[task], epochs=3)
    axes[0].figure.canvas.draw()
    assert [len(lines(ax)) for ax in axes] == [4, 4, 4]
    assert all(0 < ax.get_ylim()[0] < ax.get_ylim()[1] < 1e4 for ax in axes)


@pytest.mark.parametrize("loss", NO_LIMIT)
def test_losses_with_a_kink_take_a_plain_rate(loss):
    X, y = data(2, "binary")
    axes = plot.batch_size_sweep(X, y, [60], loss=loss, epochs=3)
    model = gw.BatchGD(loss, learning_rate=0.01, epochs=3).fit(X, y, full_loss=True)
    (line,) = lines(axes[0]).values()
    np.testing.assert_array_equal(line.get_ydata(), model.history_.full_loss)


def test_walks_made_already_and_diverged_ones(rows):
    X, y = rows
    models = {64: gw.MiniBatchGD(batch_size=64, random_state=0, epochs=4).fit(X, y)}
    with pytest.warns(gw.DivergenceWarning):
        models[1] = gw.SGD(learning_rate=1e200, random_state=0).fit(X, y)
    for axes in (plot.batch_size_sweep(models), plot.batch_size_sweep(X, y, models)):
        axes[0].figure.canvas.draw()
        assert list(lines(axes[0])) == ["batch size 1: diverged", "batch size 64"]
        np.testing.assert_array_equal(
            lines(axes[0])["batch size 64"].get_ydata(), models[64].history_.loss
        )
        assert axes[0].get_ylabel() == "loss (mse), mean over the epoch"
        assert all(np.all(np.isfinite(ax.get_ylim())) for ax in axes)


def test_a_walk_that_diverges_later_leaves_the_picture(rows):
    X, y = rows
    axes = plot.batch_size_sweep(X, y, [32, 512], learning_rate=1.5, epochs=200)
    first = gw.loss_and_grad(X, y, np.zeros(4))[0]
    assert axes[0].get_ylim()[1] < 200 * first
    assert any(text.startswith("diverged") for text in texts(axes[0]))


def test_interrupted_and_still_walks(rows):
    X, y = rows

    def stop(step):
        raise KeyboardInterrupt

    short = gw.MiniBatchGD(batch_size=64, random_state=0)
    with pytest.raises(KeyboardInterrupt):
        short.fit(X, y, callback=stop)
    still = gw.SGD()
    still.steps(X, y)
    axes = plot.batch_size_sweep({64: short, 1: still})
    axes[0].figure.canvas.draw()
    assert len(lines(axes[0])["batch size 64"].get_xdata()) == 1


def test_axes_are_the_callers(rows):
    X, y = rows
    _, three = plt.subplots(1, 3)
    assert list(plot.batch_size_sweep(X, y, [64], ax=three)) == list(three)
    _, one = plt.subplots()
    assert plot.batch_size_sweep(X, y, [64], ax=one) is one
    assert one.get_xlabel() == "epoch"
    assert one.get_legend() is not None


@pytest.mark.parametrize(
    ("sizes", "error", "message"),
    [
        ([], ValueError, "at least one number"),
        ([0], ValueError, "all above 0"),
        ([2.5], ValueError, "whole numbers from 1 on"),
        ({"a": None}, TypeError, "must map numbers to fitted models"),
    ],
)
def test_sizes_that_are_none_are_refused(rows, sizes, error, message):
    with pytest.raises(error, match=message):
        plot.batch_size_sweep(*rows, sizes)


def test_data_need_targets(rows):
    with pytest.raises(ValueError, match="needs y beside X"):
        plot.batch_size_sweep(rows[0])


@pytest.mark.usefixtures("korean")
def test_korean(rows):
    axes = plot.batch_size_sweep(*rows, [8, 64], epochs=2)
    assert list(lines(axes[0])) == ["배치 크기 8", "배치 크기 64"]
    assert axes[1].get_xlabel() == "갱신 횟수 (로그 눈금)"


def test_korean_has_every_glyph(rows):
    draw_in_korean(lambda: plot.batch_size_sweep(*rows))
