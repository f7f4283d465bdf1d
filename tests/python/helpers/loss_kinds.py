"""The losses by what is known of them, which the core's own table says."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from gradwalk._core import LOSS_FACTS, LossFacts


def those(fact: Callable[[LossFacts], bool]) -> tuple[str, ...]:
    """The names of the losses of which it holds."""
    return tuple(name for name, facts in LOSS_FACTS.items() if fact(facts))


TWO_CLASSES = those(lambda facts: facts.labels == "zero_one_or_signs")
CLASSES = those(lambda facts: facts.labels in ("zero_one_or_signs", "class_numbers"))
COUNTS = those(lambda facts: facts.labels == "not_negative")
NUMBERS = tuple(name for name in LOSS_FACTS if name not in CLASSES)
PROBABILITIES = those(lambda facts: facts.has_probabilities)
KINKED = those(lambda facts: facts.has_kink)
NO_LIMIT = those(lambda facts: not facts.has_curvature_bound)


def to_bend(loss: str, z: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    """How far the nearest sample is from where the slope jumps or bends; labels are 0 and 1."""
    facts = LOSS_FACTS[loss]
    if facts.residual_of_bend is not None:
        distance = np.abs(z - y) - facts.residual_of_bend
    elif facts.margin_of_bend is not None:
        distance = (2 * y - 1) * z - facts.margin_of_bend
    else:
        return np.inf
    return float(np.abs(distance).min())
