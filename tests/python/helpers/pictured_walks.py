"""Walks of every kind that a picture may meet: few and many features, every fate."""

from __future__ import annotations

import functools
import itertools
import warnings

import numpy as np
import pytest

import gradwalk as gw
from gradwalk import plot
from gradwalk.language import fonts

LOSSES = {"regression": "mse", "binary": "log_loss", "multi-class": "cross_entropy"}
FEATURES = (1, 2, 30)
FATES = ("whole", "diverged", "interrupted", "single point")
RECORDS = ("epoch", "update")

_NUMBERS = [*itertools.product(*(range(len(kinds)) for kinds in (FEATURES, LOSSES, FATES)))]


def _case(d, task, fate):
    return FEATURES[d], [*LOSSES][task], FATES[fate], RECORDS[(d + task + fate) % 2]


#: (features, task, fate, record); the record alternates, so that each meets each of the others.
CASES = [_case(*numbers) for numbers in _NUMBERS]
#: Of these a third, in which each of two things still meets each: for helpers that share with
#: others, which draw all of them, how a walk is read and its map made.
PAIRS = [_case(*numbers) for numbers in _NUMBERS if numbers[0] == sum(numbers[1:]) % 3]


@functools.cache
def data(d, task, n=60):
    rng = np.random.default_rng(d)
    X = rng.normal(size=(n, d)) * 2.0 + 1.0
    score = X[:, 0] + 0.5 * X[:, -1] + 0.5 * rng.normal(size=n)
    if task == "regression":
        return X, 3.0 + score
    cuts = [0.5, 2.5] if task == "multi-class" else [1.5]
    return X, np.digitize(score, cuts)


@functools.cache
def walk(d, task, fate, record, **settings):
    """A model that met the fate, on `data(d, task)`: for all who look at it, and change nothing."""
    X, y = data(d, task)
    settings = {"learning_rate": 0.02, "epochs": 12, "batch_size": 20, "random_state": 0} | settings
    loss = LOSSES[task]
    if fate == "diverged":
        # The penalty has a curvature that the losses of classes lack far out.
        settings |= {"learning_rate": 5.0, "epochs": 2000, "l2": 1.0}
    model = gw.MiniBatchGD(loss, record=record, **settings)
    if fate == "single point":
        model.steps(X, y)
        return model

    def stop(step):
        if step.epoch == 5 and fate == "interrupted":
            raise KeyboardInterrupt

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", gw.DivergenceWarning)
        try:
            model.fit(X, y, callback=stop)
        except KeyboardInterrupt:
            assert fate == "interrupted"
    expected = {"whole": "epochs done"}.get(fate, fate)
    assert model.stop_reason_ == expected
    return model


def lines(ax):
    """The lines that stand in the legend, by their label."""
    return {line.get_label(): line for line in ax.lines if not line.get_label().startswith("_")}


def labelled(ax, label):
    """The lines of a label that stands in no legend."""
    return [line for line in ax.lines if line.get_label() == label]


def in_frame(ax):
    """Whether the limits are numbers, and no larger than a picture of plain data has them."""
    ends = np.array([ax.get_xlim(), ax.get_ylim()])
    return bool(np.all(np.isfinite(ends)) and np.all(np.abs(ends) < 1e4))


def texts(ax):
    """Everything written into the axes."""
    return [text.get_text() for text in ax.texts] + [ax.get_title(loc="left")]


def draw_in_korean(draw):
    """Draw for real where this machine has a Hangul font: a missing glyph would warn."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        if fonts.hangul_family() is None:
            pytest.skip("no Hangul font on this machine")
    plot.set_language("ko")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        np.ravel(draw())[0].figure.canvas.draw()
