"""Fits whose progress is shown, and what stands in for tqdm and for a notebook."""

import sys
import warnings
from contextlib import redirect_stderr

import numpy as np

import gradwalk as gw

X = np.random.default_rng(0).normal(size=(60, 3))
Y = X @ [1.0, -2.0, 0.5] + 0.25
ENDINGS = {
    "epochs done": ({}, {}),
    "tolerance met": ({"tol": 1e-3, "epochs": 500}, {}),
    "diverged": ({"learning_rate": 1e6}, {}),
    "callback": ({}, {"callback": lambda step: step.epoch == 3}),
}


def model_of(kind=gw.MiniBatchGD, **arguments):
    return kind(**{"epochs": 20, "learning_rate": 0.05, "random_state": 1, **arguments})


def fitted(model, to=None, **arguments):
    """The model after a fit, which writes its bar into the file `to`."""
    with redirect_stderr(to or sys.stderr), warnings.catch_warnings():
        warnings.simplefilter("ignore", gw.DivergenceWarning)
        return model.fit(X, Y, **arguments)


def same_bits(one, other):
    assert one.params_.tobytes() == other.params_.tobytes()
    assert one.stop_reason_ == other.stop_reason_
    for name, column in one.history_.to_dict().items():
        if name != "seconds":
            assert column.tobytes() == other.history_.to_dict()[name].tobytes(), name


class Bar:
    """tqdm, as far as it is used."""

    made = ()  # those of a test

    def __init__(self, **arguments):
        self.arguments, self.n, self.total = arguments, 0, arguments["total"]
        self.texts, self.closings, self.disable = [], 0, False
        Bar.made.append(self)

    def set_description_str(self, text, refresh):
        self.texts.append(text)

    def set_postfix_str(self, text, refresh):
        self.texts.append(text)

    def update(self, n):
        self.n += n

    def refresh(self):
        pass

    def close(self):
        self.closings += 1


class Notebook:
    """What a notebook has in the place of IPython: a shell, and pictures that are written over."""

    def __init__(self):
        self.shown, self.updated = [], []

    def display(self, data, *, metadata, raw, display_id):
        assert raw
        assert display_id is True
        self.shown.append((data, metadata))
        return self

    def update(self, data, *, metadata, raw):
        assert raw
        self.updated.append((data, metadata))
