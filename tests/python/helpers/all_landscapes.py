"""The landscapes that tests go through."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradwalk import _core, landscapes
from gradwalk.landscapes import Landscape

Floats = NDArray[np.float64]

# The objects as they lie ready, and others that the same formulas stand for.
READY = {name: getattr(landscapes, name) for name in _core.LANDSCAPES} | {
    "x_cos": landscapes.x_cos()
}
OTHERS = [
    landscapes.ravine.with_condition(1),
    landscapes.ravine.with_condition(2000),
    landscapes.x_cos(-2),
    landscapes.x_cos(30),
    landscapes.bowl.at_dimension(1),
    landscapes.bowl.at_dimension(5),
    landscapes.rastrigin.at_dimension(1),
    landscapes.rastrigin.at_dimension(4),
    landscapes.rosenbrock.at_dimension(3),
    landscapes.rosenbrock.at_dimension(5),
]


def random_points(landscape: Landscape, n: int, seed: int) -> Any:
    """Points spread evenly over the bounds, shape (n, p)."""
    low, high = landscape.bounds.T
    return np.random.default_rng(seed).uniform(low, high, (n, len(low)))
