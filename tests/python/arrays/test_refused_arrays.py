"""Arrays of what is no real number, and of nothing at all: refused by the argument's name."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

import gradwalk as gw
from array_forms import DTYPES, LAYOUTS, REFUSED, Array, lay

RNG = np.random.default_rng(11)
GOOD = RNG.integers(0, 2, (6, 2)).astype(float)
LABELS = np.array([0, 1, 0, 1, 1, 0])
PARAMS = np.array([0.5, 1.0, -1.0])
FITTED = gw.BatchGD(epochs=1).fit(GOOD, LABELS)

# Calls with one array each that is not given here, and what messages call it.
TAKES: dict[str, tuple[str, Any, Any]] = {
    "fit X": ("X", GOOD, lambda X: gw.SGD(epochs=1).fit(X, LABELS)),
    "fit y": ("y", LABELS, lambda y: gw.SGD(epochs=1).fit(GOOD, y)),
    "fit one-hot y": (
        "y",
        np.eye(2)[LABELS],
        lambda y: gw.SGD("cross_entropy", epochs=1).fit(GOOD, y),
    ),
    "fit weights": (
        "sample_weight",
        LABELS,
        lambda s: gw.SGD(epochs=1).fit(GOOD, LABELS, sample_weight=s),
    ),
    "fit init": ("init", PARAMS, lambda init: gw.SGD(epochs=1).fit(GOOD, LABELS, init=init)),
    "fit order": (
        "order",
        LABELS[None],
        lambda order: gw.SGD(epochs=1).fit(GOOD, LABELS, order=order),
    ),
    "validation X": (
        "X",
        GOOD,
        lambda X: gw.SGD(epochs=1).fit(GOOD, LABELS, validation=(X, LABELS)),
    ),
    "validation y": (
        "y",
        LABELS,
        lambda y: gw.SGD(epochs=1).fit(GOOD, LABELS, validation=(GOOD, y)),
    ),
    "partial_fit X": ("X", GOOD, lambda X: gw.SGD().partial_fit(X, LABELS)),
    "partial_fit y": ("y", LABELS, lambda y: gw.SGD().partial_fit(GOOD, y)),
    "steps X": ("X", GOOD, lambda X: next(gw.SGD().steps(X, LABELS))),
    "predict": ("X", GOOD, lambda X: FITTED.predict(X)),
    "decision_function": ("X", GOOD, lambda X: FITTED.decision_function(X)),
    "score X": ("X", GOOD, lambda X: FITTED.score(X, LABELS)),
    "score y": ("y", LABELS, lambda y: FITTED.score(GOOD, y)),
    "loss_and_grad X": ("X", GOOD, lambda X: gw.loss_and_grad(X, LABELS, PARAMS)),
    "loss_and_grad y": ("y", LABELS, lambda y: gw.loss_and_grad(GOOD, y, PARAMS)),
    "loss_and_grad params": ("params", PARAMS, lambda p: gw.loss_and_grad(GOOD, LABELS, p)),
    "loss_and_grad rows": (
        "rows",
        LABELS,
        lambda rows: gw.loss_and_grad(GOOD, LABELS, PARAMS, rows=rows),
    ),
    "max_learning_rate X": ("X", GOOD, lambda X: gw.max_learning_rate(X, LABELS)),
    "max_learning_rate y": ("y", LABELS, lambda y: gw.max_learning_rate(GOOD, y)),
}


@pytest.mark.parametrize("kind", REFUSED)
@pytest.mark.parametrize("call", TAKES)
def test_what_is_no_real_number_is_refused_by_name(call, kind):
    argument, good, take = TAKES[call]
    make, error, shown = REFUSED[kind]
    take(good)
    for layout in ("C", "F", "backwards both") if kind != "masked" else ("C",):
        bad = make(good)
        bad = bad if layout == "C" else lay_anything(bad, layout)
        with pytest.raises(error, match=rf"^(of the validation data, )?{argument}\b") as caught:
            take(bad)
        message = str(caught.value)
        assert shown in message
        if argument not in ("order", "rows") or "Convert" in message:
            # Another sentence says what to do.
            assert re.search(r"\. (Take|Turn|Encode|Fill|Convert)|Fill it first", message), message


def lay_anything(array: Array, layout: str) -> Array:
    """The two layouts that need no numbers to fill gaps with."""
    return np.asfortranarray(array) if layout == "F" else array[::-1].copy()[::-1]


def test_rows_of_different_lengths_are_refused_by_name():
    ragged = [[1.0, 2.0], [3.0], [4.0, 5.0], [6.0], [7.0], [8.0]]
    for argument, _, take in TAKES.values():
        if argument != "order":  # whose epochs may differ in length
            with pytest.raises(ValueError, match=rf"{argument} must .* of one length"):
                take(ragged)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_no_rows_and_no_columns_are_refused_in_every_layout_and_dtype(layout):
    for dtype in DTYPES:
        for shape in ((0, 2), (6, 0), (0, 0)):
            empty = lay(np.zeros(shape, dtype), layout)
            assert empty.shape == shape
            for call in (c for c, (argument, *_) in TAKES.items() if argument == "X"):
                with pytest.raises(
                    ValueError, match=r"X must be of at least one row and one column"
                ):
                    TAKES[call][2](empty)
        nothing = lay(np.zeros(0, dtype), layout)
        for call in ("fit y", "fit weights", "fit init", "score y", "loss_and_grad params"):
            with pytest.raises(ValueError, match=TAKES[call][0]):
                TAKES[call][2](nothing)
