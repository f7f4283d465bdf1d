"""The small curve of the loss on a card."""

from __future__ import annotations

import numpy as np
import pytest

import gradwalk as gw
from cards import read, walked
from gradwalk.display import sparkline
from gradwalk.display.page import figure


def heights(card, low, high, *, is_log):
    """The losses that the points of a curve stand for."""
    _, top, bottom, _ = card.frame()
    share = np.array([(bottom - y) / (bottom - top) for _, y in card.points()])
    if is_log:
        return 10 ** (np.log10(low) + share * (np.log10(high) - np.log10(low)))
    return low + share * (high - low)


@pytest.mark.parametrize("rate", [0.002, 0.1])
def test_the_curve_is_that_of_the_history(rate):
    model = walked(gw.BatchGD(learning_rate=rate, epochs=40))
    loss = model.history_.loss
    card = read(model)
    is_log = bool(loss.max() / loss.min() >= 100)
    assert is_log == (rate == 0.1) == ("log scale" in card.text)
    seen = heights(card, loss.min(), loss.max(), is_log=is_log)
    # A tenth of a unit is what the picture is drawn to.
    np.testing.assert_allclose(seen, loss, rtol=2e-2, atol=1e-3 * (0 if is_log else loss.max()))
    left, _, _, right = card.frame()
    x = [x for x, _ in card.points()]
    np.testing.assert_allclose(x, np.linspace(left, right, 40), atol=0.06)
    assert figure(loss.max()) in card.text
    assert figure(loss.min()) in card.text


def test_a_long_history_is_thinned_and_keeps_its_spikes():
    model = walked(gw.BatchGD(learning_rate=1e-4, epochs=50_000))
    curve = sparkline.curve_of(model.history_, has_diverged=False)
    assert 100 < len(curve.losses) <= sparkline.MOST_POINTS
    loss = model.history_.loss
    np.testing.assert_array_equal(loss[curve.numbers - 1], curve.losses)
    assert {1, 50_000} <= set(curve.numbers.tolist())
    assert curve.losses.max() == loss.max()
    assert curve.losses.min() == loss.min()
    assert len(read(model).points()) == len(curve.losses)


def test_one_epoch_is_shown_by_means_of_its_updates():
    model = walked(gw.SGD(epochs=1, random_state=0))
    curve = sparkline.curve_of(model.history_, has_diverged=False)
    losses = model.history_.update_loss
    assert curve.is_of_updates
    assert curve.block == 3
    np.testing.assert_allclose(curve.losses, losses.reshape(-1, 3).mean(axis=1))
    assert curve.numbers.tolist() == list(range(3, 121, 3))
    card = read(model)
    assert "Loss of each update, means of 3" in card.text
    assert "From" in card.text


class Record:
    """Losses in the place of a history's."""

    def __init__(self, loss, update_loss=()):
        self.loss = np.array(loss, dtype=np.float64)
        self.update_loss = np.array(update_loss, dtype=np.float64)
        self.update_number = np.arange(1, len(self.update_loss) + 1)


@pytest.mark.parametrize("has_diverged", [False, True])
@pytest.mark.parametrize(
    "loss",
    [
        [0.0],
        [0.0, 0.0, 0.0],
        [1.0, 0.1, 0.0, 0.0],
        [-1.0, -2.0, -1e300],
        [1e-320, 1e300, np.inf],
        [np.inf, 1.0, np.nan],
        [1.0, 2.0, -np.inf],
        [-1e308, 1e308],
        [np.nan],
        [np.inf, np.inf],
        [],
    ],
)
def test_odd_losses_stay_in_the_picture(loss, has_diverged):
    drawn = sparkline.sparkline(Record(loss), has_diverged=has_diverged)
    if not np.isfinite(loss).any():
        assert drawn == ""
        return

    class Shown:
        def _repr_html_(self):
            return drawn

    card = read(Shown())
    left, top, bottom, right = card.frame()
    for x, y in card.points():
        assert left <= x <= right
        assert top <= y <= bottom
    assert {"title", "desc"} <= set(card.tags)


def test_a_blow_up_is_cut_where_it_leaves():
    curve = sparkline.curve_of(Record([1.0, 2.0, 3e4, 1e8, 1e300, np.inf] * 1), has_diverged=True)
    assert curve.losses.tolist() == [1.0, 2.0, 3e4]
    assert curve.farthest == 1e300
    assert curve.frame.high == 1e4
