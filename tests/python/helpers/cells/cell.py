"""A cell of a notebook as somebody left it, what the notebook had, and what is due to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

BARE: list[Cell] = []
HELD_OUT: list[Cell] = []


def line():
    """One feature, in arrays."""
    rng = np.random.default_rng(1)
    x = rng.uniform(0, 3, 40)
    return {"np": np, "x": x, "y": 2 * x + 1 + rng.normal(0, 0.3, 40)}


def lists():
    """One feature, in lists."""
    return {"x": [1.0, 2.0, 3.0, 4.0, 5.0], "y": [5.1, 6.8, 9.2, 11.1, 12.9]}


def column():
    """One feature, in columns of shape (n, 1)."""
    held = line()
    return {"np": np, "X": held["x"].reshape(-1, 1), "y": held["y"].reshape(-1, 1)}


def table():
    """Three features."""
    rng = np.random.default_rng(2)
    X = rng.normal(size=(61, 3))
    y = X @ [1.0, -2.0, 0.5] + 3 + rng.normal(0, 0.2, 61)
    return {"np": np, "X": X, "y": y}


def binary():
    """Two features, labels 0 and 1."""
    rng = np.random.default_rng(3)
    X = rng.normal(size=(80, 2))
    y = (X @ [1.5, -1.0] + rng.normal(0, 0.7, 80) > 0).astype(int)
    return {"np": np, "X": X, "y": y}


def classes():
    """Two features, three classes."""
    rng = np.random.default_rng(4)
    y = rng.integers(0, 3, 90)
    X = rng.normal(size=(90, 2)) + np.array([[0, 2], [2, 0], [-2, -2]])[y]
    return {"np": np, "X": X, "y": y}


@dataclass(frozen=True)
class Cell:
    """One cell."""

    name: str
    namespace: Callable[[], dict[str, object]]
    source: str
    expected: frozenset[str]
    """Names of the diagnosis that is due; none if the cell is right."""
    loss: str | None
    missing: str | None


def cell(into, name, namespace, source, *expected, loss=None, missing=None):
    """Enter a cell into a list."""
    into.append(Cell(name, namespace, source, frozenset(expected), loss, missing))
