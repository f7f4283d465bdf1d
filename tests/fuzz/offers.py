"""What the calls of the public surface are offered as arguments: right things, and odd ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import gradwalk as gw
from odd_values import odd_value
from source import Source

SURFACES = [getattr(gw.landscapes, name) for name in gw.landscapes.__all__ if name != "x_cos"]
SURFACES = [surface for surface in SURFACES if type(surface) is type(gw.landscapes.bowl)]
X = np.arange(12.0).reshape(6, 2) / 10
Y = np.array([0.0, 1.0, 0.0, 1.0, 1.0, 0.0])


def smooth(x: Any, *rows: Any) -> Any:
    """A right function to minimise: of x, or of x and rows of a finite sum."""
    with np.errstate(all="ignore"):
        return float(np.sum(x**2))


def slope(x: Any, *rows: Any) -> Any:
    """Its gradient."""
    with np.errstate(all="ignore"):
        return 2 * x


def both(x: Any, *rows: Any) -> Any:
    """The two at once."""
    return smooth(x), slope(x)


def own_loss(params: Any, X: Any, y: Any) -> Any:
    """A right loss of the user's."""
    return smooth(params) + len(X), slope(params)


def own_rule(params: Any, grad: Any, learning_rate: Any, state: Any) -> Any:
    """A right rule of the user's: averaged gradients."""
    state["mean"] = 0.9 * state.get("mean", 0.0) + 0.1 * grad
    return params - learning_rate * state["mean"]


def matrix(source: Source) -> Any:
    kind = source.below(8)
    if kind == 7:
        return odd_value(source)
    if kind == 6:
        n, d = source.below(5), source.below(5)
        values = [source.real() for _ in range(max(n * d, 1))]
        with np.errstate(all="ignore"):
            return np.resize(values, (n, d)).astype(source.pick(["f8", "f4", "i4"]))
    return source.pick([X, X.tolist(), X.astype("f4"), X.T.copy().T, X[::-1], X[:3], X * 1e200])


def column(source: Source) -> Any:
    kind = source.below(8)
    if kind == 7:
        return odd_value(source)
    if kind == 6:
        return np.array([source.real() for _ in range(source.pick([0, 1, 3, 6, 6, 6]))])
    return source.pick(
        [Y, Y.astype(int), Y.reshape(-1, 1), Y.tolist(), Y * 2 - 1, Y * 1e300, Y[:3]]
    )


def order(source: Source) -> Any:
    return source.pick(
        [
            *([[0, 1, 2], [5, 4, 3]], np.arange(6).reshape(1, 6), np.zeros((3, 2), np.uint8)),
            *([[0], [6]], [[0], [-1]], [[], [0]], [np.arange(6)], [[0.0, 1.0]], [], [[2**63]]),
            *([0, 1, 2], np.array([0, 2**63], np.uint64), odd_value(source)),
        ]
    )


def chosen(source: Source, offers: dict[str, Callable[[], Any]]) -> dict[str, Any]:
    """Some of the arguments on offer, and now and then one that is not."""
    names = [*offers]
    given = {name: offers[name]() for name in source.some(names, 3)}
    if source.once_in(24):
        given[source.pick(["lr", "shuffle", "epochs", "nonsense", "é", "loss"])] = 1
    if names and source.once_in(12):
        given[source.pick(names)] = odd_value(source)
    return given
