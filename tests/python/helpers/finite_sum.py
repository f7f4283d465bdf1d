"""A small finite sum, and the three methods that walk it down by `minimize`."""

from __future__ import annotations

import numpy as np
import pytest

import gradwalk as gw

METHODS = {"BatchGD": (gw.BatchGD, 12), "SGD": (gw.SGD, 1), "MiniBatchGD": (gw.MiniBatchGD, 5)}
every_method = pytest.mark.parametrize("name", METHODS)

#: A finite sum: f(x) = (1/12) Σ ½(aᵢ·x − bᵢ)².
A = np.random.default_rng(1).normal(size=(12, 3))
B = np.random.default_rng(2).normal(size=12)


def model_of(name, **options):
    """One of the three, with a seed that makes its rows the same in every walk."""
    method, batch_size = METHODS[name]
    options = {"learning_rate": 0.1, "epochs": 4, **options}
    if method is not gw.BatchGD:
        options.setdefault("random_state", 3)
    if method is gw.MiniBatchGD:
        options["batch_size"] = batch_size
    return method(**options)


def mean_of(x, rows=slice(None)):
    return float(0.5 * np.mean((A[rows] @ x - B[rows]) ** 2))


def slope_of(x, rows=slice(None)):
    return A[rows].T @ (A[rows] @ x - B[rows]) / len(B[rows])
