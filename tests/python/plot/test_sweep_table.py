"""The picture of the table that ``gw.sweep`` returns."""

import numpy as np
import pytest
from matplotlib import pyplot as plt

import gradwalk as gw

X = np.random.default_rng(0).normal(size=(80, 3))
Y = X @ [1.0, -2.0, 0.5] + 0.25


def test_two_settings_are_a_map():
    model = gw.MiniBatchGD(epochs=5, random_state=3)
    table = gw.sweep(model, X, Y, learning_rate=[0.01, 0.1, 1e9], batch_size=(8, 16))
    ax = table.plot()
    hatched = [patch for patch in ax.patches if patch.get_hatch()]
    assert [(patch.get_x() + 0.5, patch.get_y() + 0.5) for patch in hatched] == [(2, 0), (2, 1)]
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["0.01", "0.1", "1e+09"]
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["8", "16"]
    values = ax.collections[0].get_array()
    assert values.shape == (2, 3)
    assert values[0, 1] == table.models[(0.1, 8)].history_.loss[-1]
    assert values.mask[:, 2].all()
    (best,) = [line for line in ax.lines if line.get_marker() == "*"]
    assert round(best.get_xdata()[0]) == 1
    ax.figure.canvas.draw()


def test_a_setting_in_words_is_a_curve():
    figure, ax = plt.subplots()
    table = gw.sweep(gw.SGD(epochs=2), X, Y, sampling=["shuffle", "replace"], learning_rate=0.01)
    assert table.plot(ax) is ax
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["shuffle", "replace"]
    assert list(ax.lines[0].get_ydata()) == [run.loss for run in table]
    figure.canvas.draw()


def test_a_setting_in_numbers_is_a_curve_in_their_order():
    table = gw.sweep(gw.SGD(learning_rate=0.01, random_state=0), X, Y, l2=[1.0, 0.01, 0.1])
    ax = table.plot()
    assert list(ax.lines[0].get_xdata()) == [0.01, 0.1, 1.0]
    assert list(ax.lines[0].get_ydata()) == [table[1].loss, table[2].loss, table[0].loss]
    assert ax.get_xscale() == "log"
    ax.figure.canvas.draw()


def test_all_diverged_can_be_drawn():
    table = gw.sweep(gw.MiniBatchGD, X, Y, learning_rate=[1e6, 1e7], batch_size=[4, 8], epochs=2)
    assert len([patch for patch in table.plot().patches if patch.get_hatch()]) == 4
    table = gw.sweep(gw.MiniBatchGD(learning_rate=1e6), X, Y, l2=[0.1, 0.2])
    table.plot().figure.canvas.draw()


def test_three_settings_are_too_many():
    table = gw.sweep(gw.SGD, X, Y, epochs=[1], learning_rate=[0.01], l2=[0.1])
    with pytest.raises(ValueError, match="varied epochs, learning_rate, l2"):
        table.plot()
