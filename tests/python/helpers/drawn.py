"""Walks to draw, and what a picture of them shows."""

from __future__ import annotations

import functools
import warnings

import numpy as np

import gradwalk as gw

METHODS = {"batch": gw.BatchGD, "stochastic": gw.SGD, "mini-batch": gw.MiniBatchGD}
RATES = {"batch": 0.1, "stochastic": 0.01, "mini-batch": 0.05}


@functools.cache
def regression():
    rng = np.random.default_rng(5)
    X = rng.normal(size=(70, 2))
    return X, X @ [2.0, -1.0] + 0.5 + 0.3 * rng.normal(size=70)


@functools.cache
def three_walks():
    """One of each method, by name."""
    X, y = regression()
    return {
        name: method("mse", learning_rate=RATES[name], epochs=6, random_state=0).fit(
            X, y, full_loss=True
        )
        for name, method in METHODS.items()
    }


def diverged(X, y, method=gw.BatchGD, **settings):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", gw.DivergenceWarning)
        walk = method("mse", **{"learning_rate": 3.0, "epochs": 2000, **settings}).fit(X, y)
    assert walk.stop_reason_ == "diverged"
    return walk


def minimized(landscape, start=None, method=gw.BatchGD, **settings):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", gw.DivergenceWarning)
        x0 = getattr(landscape, "landscape", landscape).start if start is None else start
        return method(**settings).minimize(landscape, x0)


def named_lines(ax):
    """The lines that stand in the legend, by their label."""
    return {line.get_label(): line for line in ax.lines if not line.get_label().startswith("_")}


def legend_texts(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


def notes(ax):
    """The notes of walks that left the picture."""
    return [text.get_text() for text in ax.texts if text.get_gid() == "gradwalk-note"]
