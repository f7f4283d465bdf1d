"""What a student's function may return by mistake, and what must be said about it.

A wrong answer takes the right (loss, gradient) and the error must name what was returned:
``{loss}`` and ``{grad}`` stand for how the message calls the two.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

TOO_LONG = np.zeros(7)


@dataclass(frozen=True)
class WrongAnswer:
    """`spoil` makes it of a right answer; `error` with `words` must come of it."""

    spoil: Callable[[float, Any], tuple[Any, Any]]
    error: type[Exception]
    words: str


def spoil_one(grad: Any) -> Any:
    grad = grad.copy()
    grad.flat[-1] = np.nan
    return grad


WRONG_GRADIENTS = {
    "too long": WrongAnswer(lambda f, g: (f, TOO_LONG), ValueError, r"^{grad} must.*\(7,\)"),
    "too short": WrongAnswer(lambda f, g: (f, g[:-1]), ValueError, "^{grad} must be of the shape"),
    "a row": WrongAnswer(lambda f, g: (f, g[None]), ValueError, r"^{grad} must be of.*\(1, "),
    "a column": WrongAnswer(lambda f, g: (f, g[:, None]), ValueError, r"^{grad} must be of.*, 1\)"),
    "a number": WrongAnswer(lambda f, g: (f, 1.5), ValueError, r"^{grad} must be of.*1\.5"),
    "a NaN": WrongAnswer(lambda f, g: (f, spoil_one(g)), ValueError, "^{grad} must.*NaN at place"),
    "complex": WrongAnswer(lambda f, g: (f, g + 0j), TypeError, "^{grad} must hold real.*complex"),
    "nothing": WrongAnswer(lambda f, g: (f, None), TypeError, "^{grad} must be an array.*None"),
    "a word": WrongAnswer(lambda f, g: (f, "down"), TypeError, "^{grad} must be an array.*'down'"),
    "words": WrongAnswer(lambda f, g: (f, np.array(["1", "2"])), TypeError, "^{grad} must hold"),
    "objects": WrongAnswer(
        lambda f, g: (f, g.astype(str).astype(object)), TypeError, "^{grad} must.*object"
    ),
    "ragged": WrongAnswer(lambda f, g: (f, [[1], [1, 2]]), ValueError, "^{grad} must be an array"),
}

WRONG_LOSSES = {
    "complex": WrongAnswer(lambda f, g: (f + 1j, g), TypeError, "^{loss} must be one real number"),
    "complex of NumPy": WrongAnswer(
        lambda f, g: (np.complex128(f, 1), g), TypeError, "^{loss} must be one real number"
    ),
    "nothing": WrongAnswer(lambda f, g: (None, g), TypeError, "^{loss} must be.*got None"),
    "a word": WrongAnswer(lambda f, g: ("1.0", g), TypeError, r"^{loss} must be.*'1\.0' \(str\)"),
    "an array": WrongAnswer(lambda f, g: (np.array([f]), g), TypeError, r"^{loss} must.*\(1,\)"),
    "the terms": WrongAnswer(lambda f, g: (np.ones(9), g), TypeError, r"^{loss} must.*\(9,\)"),
    "a list": WrongAnswer(lambda f, g: ([f], g), TypeError, r"^{loss} must be.*\(list\)"),
    "beyond floats": WrongAnswer(lambda f, g: (10**400, g), ValueError, "^{loss} must be.*1000"),
}

#: What is no number at all where a function returns (loss, gradient).
WRONG_PAIRS: dict[str, Callable[[float, Any], Any]] = {
    "the loss alone": lambda f, g: f,
    "the gradient alone": lambda f, g: g,
    "three": lambda f, g: (f, g, 1),
    "one": lambda f, g: (f,),
    "nothing": lambda f, g: None,
    "a dict": lambda f, g: {"loss": f, "grad": g},
}

#: Exceptions that a function may raise; none is to be changed on its way.
RAISED = [
    ZeroDivisionError,
    KeyError,
    TypeError,
    ValueError,
    StopIteration,
    MemoryError,
    SystemExit,
]
