"""What one loop of the bench is: a student's function, its problem and the diagnosis due."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

EPOCHS = 6


@dataclass(frozen=True)
class Data:
    """A small seeded problem; `kind` says what y is."""

    n: int = 23
    d: int = 2
    kind: str = "real"  # zero_one, classes, counts
    seed: int = 1
    scale: float = 1.0
    ones: bool = False  # X comes with its column of ones

    def make(self) -> tuple[np.ndarray, np.ndarray]:
        rng = np.random.default_rng(self.seed)
        X = rng.standard_normal((self.n, self.d))
        X = self.scale * (X - X.mean(axis=0)) / X.std(axis=0)
        z = X @ rng.uniform(0.5, 2, self.d) / self.scale + 1.2 + rng.standard_normal(self.n)
        y = {
            "real": lambda: 2 * z,
            "zero_one": lambda: (z > 0.8).astype(float),
            "classes": lambda: np.digitize(z, [0.4, 1.8]),
            "counts": lambda: np.rint(np.exp(0.3 * z)),
        }[self.kind]()
        return (np.column_stack([np.ones(self.n), X]) if self.ones else X), y


@dataclass(frozen=True)
class Loop:
    """One student's loop; `expected` holds the names of the diagnoses due.

    `returns` is how the student returns θ: theta, pair (w, b), path, pairs (many (w, b));
    `losses` where a loss list comes after it. `differs` is where a wrong loop departs from
    gradwalk: theta, loss or rows. `start` hands over a θ other than zeros.
    """

    name: str
    student: Callable[..., Any]
    method: type
    loss: str
    data: Data
    expected: frozenset[str] = frozenset()
    settings: dict[str, Any] = field(default_factory=dict)
    returns: str = "theta"
    losses: bool = False
    differs: str = "theta"
    start: bool = False
    draws: str | None = None  # what the student draws itself, where it takes no order: see run.py
    float32: bool = False
    source: str = ""

    def optimizer(self) -> Any:
        return self.method(self.loss, **self.settings)


WRONG: list[Loop] = []
RIGHT: list[Loop] = []
CONVENTIONS: list[Loop] = []
TWO_MISTAKES: list[Loop] = []
HOSTILE: list[Loop] = []
PUBLISHED_BEFORE: list[Loop] = []
PUBLISHED_AFTER: list[Loop] = []

OPTIONS = ("returns", "losses", "differs", "start", "draws", "float32", "source")


def loop(
    group: list[Loop], expected: str | set[str], method: type, loss: str, data: Data, **words: Any
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Enter the function below into `group`; words that are no options are the optimizer's."""
    options = {name: words.pop(name) for name in OPTIONS if name in words}
    words.setdefault("learning_rate", 0.1)
    words.setdefault("epochs", EPOCHS)
    names = frozenset({expected} - {""} if isinstance(expected, str) else expected)

    def enter(student: Callable[..., Any]) -> Callable[..., Any]:
        name = student.__name__
        group.append(Loop(name, student, method, loss, data, names, words, **options))
        return student

    return enter


def bound(student: Callable[..., Any], name: str, **fixed: Any) -> Callable[..., Any]:
    """`student` with the switches `fixed` set, and an ordinary function to whoever looks at it."""

    def call(*args: Any, **given: Any) -> Any:
        return student(*args, **given, **fixed)

    old = inspect.signature(student)
    switches = [p for p in old.parameters.values() if p.kind is not p.KEYWORD_ONLY]
    call.__name__ = call.__qualname__ = name
    call.__signature__ = old.replace(parameters=switches)  # type: ignore[attr-defined]
    return call
