"""Those who run: one file each.

A file has one function, `forms(work, X, y, options)`, that prepares what need not be timed and
returns the ways in which its library can do the work, by name: `run(epochs, seed) -> params`, with
the intercept first. Where the documentation gives more than one way, all are there, and the fastest
is found on the machine before the race. A library that has no way to do the work returns none.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable

import numpy as np

Run = Callable[[int, int], np.ndarray]
Forms = dict[str, Run]

# The file of each peer, and the module that has to be installed for it.
FILES = {
    "gradwalk": ("gradwalk_fit", "gradwalk"),
    "numpy": ("numpy_loops", "numpy"),
    "numba": ("numba_loops", "numba"),
    "sklearn": ("sklearn_fit", "sklearn"),
    "torch": ("torch_loops", "torch"),
    "jax": ("jax_loops", "jax"),
    "bandwidth": ("bandwidth", "numpy"),
}


def is_installed(peer: str) -> bool:
    """Say whether a peer's library is there."""
    return importlib.util.find_spec(FILES[peer][1]) is not None


def load(peer: str) -> Callable[..., Forms]:
    """Import a peer's file, and with it the library."""
    return importlib.import_module(f"peers.{FILES[peer][0]}").forms


def fused(intercept: object, weights: object) -> np.ndarray:
    """Put θ together from an intercept, or K of them, and the weights."""
    weights = np.asarray(weights, dtype=np.float64)
    return np.concatenate(
        [np.asarray(intercept, np.float64).reshape(1, *weights.shape[1:]), weights]
    )
