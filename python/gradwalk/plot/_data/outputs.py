"""What a model says at a score z: z itself, a probability, or what its neuron puts out."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from gradwalk._core import LOSS_FACTS
from gradwalk.reference import sigmoid

if TYPE_CHECKING:
    from gradwalk._types import Floats


#: Losses whose targets are two classes.
TWO_CLASSES: Final = tuple(
    name for name, facts in LOSS_FACTS.items() if facts.labels == "zero_one_or_signs"
)
#: Losses whose targets are classes.
CLASSES: Final = tuple(
    name for name, facts in LOSS_FACTS.items() if facts.labels not in ("real", "not_negative")
)
#: Losses that no learning rate is known for.
NO_CURVATURE: Final = tuple(
    name for name, facts in LOSS_FACTS.items() if not facts.has_curvature_bound
)
#: Losses whose slope is c·(z − y), so that f is a quadratic of θ.
QUADRATIC: Final = tuple(
    name for name, facts in LOSS_FACTS.items() if facts.factor_of_residual is not None
)
#: Losses that give probabilities of the classes.
PROBABILITIES: Final = tuple(name for name, facts in LOSS_FACTS.items() if facts.has_probabilities)


@dataclasses.dataclass(frozen=True)
class Output:
    """How a loss reads the score."""

    link: Callable[[Floats], Any]
    word: str
    """Key of the words for the vertical axis."""
    bounds: tuple[float, float] | None
    """The values the output lies between; None where it has none."""
    threshold: float | None
    """The output beyond which the second class is predicted."""

    @property
    def is_straight(self) -> bool:
        """Whether the output is a line over a feature."""
        return self.link is _itself


def softmax(z: Floats) -> Floats:
    """Probabilities of the classes along the first axis."""
    powers = np.exp(z - z.max(axis=0))
    return np.asarray(powers / powers.sum(axis=0))


def _itself(z: Floats) -> Floats:
    return z


def _exponential(z: Floats) -> Floats:
    """e^z, and far away where that is too large for a number."""
    return np.asarray(np.exp(np.minimum(z, 690.0)))


def _tanh(z: Floats) -> Floats:
    return np.asarray(np.tanh(z))


# Of numbers, and of classes.
_OUTPUTS: Final = {
    "identity": Output(_itself, "target", None, None),
    "logistic": Output(sigmoid, "output of the sigmoid", (0.0, 1.0), None),
    "tanh": Output(_tanh, "output of the tanh", (-1.0, 1.0), None),
    "exponential": Output(_exponential, "output of the exponential", None, None),
}
_OUTPUTS_OF_CLASSES: Final = {
    "identity": Output(_itself, "score", None, 0.0),
    "logistic": Output(sigmoid, "probability of class", (0.0, 1.0), 0.5),
    "softmax": Output(_itself, "probability of class", (0.0, 1.0), None),
}


def output(loss: object, helper: str) -> Output:
    """Look up the output of a loss; ValueError if it is not one of gradwalk's."""
    if isinstance(loss, str) and loss in LOSS_FACTS:
        return (_OUTPUTS_OF_CLASSES if loss in CLASSES else _OUTPUTS)[LOSS_FACTS[loss].link]
    raise ValueError(
        f"{helper} draws what the model predicts, and this walk does not say how: its loss is "
        f"{loss if isinstance(loss, str) and loss else 'not known, or a function of its own'}. "
        f'Give the loss whose prediction to draw, as in loss="mse"'
    )
