"""What the tables of wrong calls are made of."""

import re
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import numpy as np

import gradwalk as gw
from loss_kinds import TWO_CLASSES

Call = Callable[[], object]
# A piece of a message. A pattern leaves the wording open where only the fact matters.
Piece = str | re.Pattern[str]


class Case(NamedTuple):
    """A wrong call and what its exception must be and say."""

    name: str
    call: Call
    error: type[Exception]
    argument: str
    expected: Piece
    came: Piece


# Right data, for six rows of two features.
X = np.arange(12.0).reshape(6, 2) / 10
y = np.array([0.0, 1.0, 2.0, 1.0, 0.0, 2.0])
labels = np.array([0, 1, 0, 1, 1, 0])
theta = np.zeros(3)

# Sentences that many arguments share.
WHOLE = "a whole number of at least 1"
NOT_NEGATIVE = "a finite number of at least 0"
FLAG = "True or False"


def targets(loss: str) -> Any:
    """Right targets for the loss."""
    return labels if loss in TWO_CLASSES else y


def fitted(loss: str = "mse") -> gw.GradientDescent:
    """A model after two epochs."""
    return gw.BatchGD(loss, epochs=2).fit(X, targets(loss))


def fit(loss: str = "mse", settings: dict[str, Any] | None = None, **arguments: Any) -> Call:
    """A call of `fit` for two epochs that is right but for what is given."""
    model = gw.MiniBatchGD(loss, **{"epochs": 2, **(settings or {})})
    return partial(model.fit, **{"X": X, "y": targets(loss), **arguments})


def partial_fit(**arguments: Any) -> Call:
    """A call of `partial_fit` that is right but for what is given."""
    return partial(fitted().partial_fit, **{"X": X, "y": y, **arguments})


def evaluate(loss: Any = "mse", params: Any = theta, **arguments: Any) -> Call:
    """A call of `loss_and_grad` that is right but for what is given."""
    return partial(gw.loss_and_grad, X, y, params, loss=loss, **arguments)


def with_entry(array: Any, place: Any, value: float) -> Any:
    """A float64 copy of `array` in which one entry is `value`."""
    copy = np.array(array, float)
    copy[place] = value
    return copy
