"""The stop button, pressed while the arguments are let in."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import gradwalk as gw


def pressed(*names: str, **others: object) -> object:
    """An object that is being asked for one of `names` when the stop button is pressed."""

    def interrupt(self, *arguments: object, **keywords: object) -> None:
        raise KeyboardInterrupt

    methods = {name: interrupt if name[0] == "_" else property(interrupt) for name in names}
    return type("Pressed", (), {**methods, **others})()


X, Y = np.arange(30.0).reshape(10, 3) / 30, np.ones(10)
ROWS = np.arange(10).reshape(2, 5)


def model(**settings: object) -> gw.MiniBatchGD:
    return gw.MiniBatchGD(**{"epochs": 2, **settings})


def minimize(fun: Callable, jac: Callable) -> None:
    gw.BatchGD(epochs=2).minimize(fun, np.ones(2), jac=jac)


READ = {
    "X": lambda: model().fit(pressed("__array__"), Y),
    "names of columns": lambda: model().fit(pressed("columns", __array__=lambda *_, **__: X), Y),
    "y": lambda: model().fit(X, pressed("__array__")),
    "sample_weight": lambda: model().fit(X, Y, sample_weight=pressed("__array__")),
    "init": lambda: model().fit(X, Y, init=pressed("__array__")),
    "order": lambda: model().fit(X, Y, order=pressed("__array__", __len__=lambda _: 2)),
    "length of order": lambda: model().fit(
        X, Y, order=pressed("__len__", __array__=lambda *_, **__: ROWS)
    ),
    "order of an epoch": lambda: model().fit(X, Y, order=[pressed("__array__")] * 2),
    "dimensions of order": lambda: model().partial_fit(
        X, Y, order=pressed("ndim", __len__=lambda _: 5, __array__=lambda *_, **__: ROWS[0])
    ),
    "validation": lambda: model().fit(X, Y, validation=pressed("__len__")),
    "epochs": lambda: model(epochs=pressed("__index__")),
    "n_threads": lambda: model(n_threads=pressed("__index__")),
    "tol": lambda: model(tol=pressed("__float__")),
    "a learning rate": lambda: model(learning_rate=lambda t: pressed("__float__")).fit(X, Y),
    "a value": lambda: minimize(lambda x: pressed("__float__"), lambda x: x),
    "a gradient": lambda: minimize(lambda x: 0.0, lambda x: pressed("__array__")),
    "predict": lambda: model().fit(X, Y).predict(pressed("__array__")),
}


@pytest.mark.parametrize("argument", READ)
def test_no_press_is_taken_for_a_wrong_argument(argument: str) -> None:
    with pytest.raises(KeyboardInterrupt):
        READ[argument]()
