"""One setting varied: fitted models by its value, each as a walk with a shade of its own."""

from __future__ import annotations

import dataclasses
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from gradwalk._core import SGD, BatchGD, MiniBatchGD, max_learning_rate
from gradwalk.errors import DivergenceWarning

from . import looks
from .outputs import NO_CURVATURE
from .walks import Walk, named_walks

if TYPE_CHECKING:
    from gradwalk._core import GradientDescent
    from gradwalk._types import Floats


@dataclasses.dataclass(frozen=True, eq=False)
class Run:
    """One value of the setting, and the walk it made."""

    value: float
    walk: Walk

    def losses(self, full: bool) -> tuple[Floats, Floats]:
        """Epochs and losses: on all rows, from epoch 0 on, or as visited, from 1 on."""
        history = self.walk.history
        loss = np.asarray(history.full_loss if full else history.loss, dtype=np.float64)
        if not len(loss) and len(history.update_loss):
            # Stopped inside the first epoch: what there is to see of it.
            return self.walk.epoch_of(history.update_number), np.asarray(history.update_loss)
        return np.arange(0 if full else 1, len(loss) + (0 if full else 1), dtype=np.float64), loss

    def end(self, full: bool) -> float:
        """Return the last loss on record; NaN where there is none."""
        loss = self.losses(full)[1]
        return float(loss[-1]) if len(loss) else np.nan


def runs(walks: Mapping[Any, Any], argument: str, name: Callable[[float, Walk], str]) -> list[Run]:
    """Read a mapping of value to fitted model, checked, smallest value first."""
    values = []
    for key in walks:
        if isinstance(key, bool) or not isinstance(key, (int, float, np.integer, np.floating)):
            raise TypeError(
                f"{argument} must map numbers to fitted models, as in {{0.1: model}}, got the key "
                f"{key!r}"
            )
        values.append(float(key))
    named = named_walks(dict(walks))
    found = []
    order = np.argsort(values, kind="stable")
    for look, i in zip(looks.sweep(len(named)), order, strict=True):
        walk = dataclasses.replace(named[i], look=look)
        walk = dataclasses.replace(walk, name=name(values[i], walk))
        found.append(Run(values[i], walk))
    return found


def all_have_full_loss(found: Iterable[Run]) -> bool:
    """Whether every walk knows the loss on all rows; one that fell in its first epoch need not."""
    return all(
        len(run.walk.history.full_loss) > 0 or (run.walk.diverged and run.walk.n_epochs == 0)
        for run in found
    )


def numbers(given: Iterable[Any], argument: str) -> list[float]:
    """Check the values to try: positive numbers, at least one, each once."""
    values = [float(value) for value in np.asarray(list(given), dtype=np.float64).ravel()]
    if not values or not all(np.isfinite(value) and value > 0 for value in values):
        raise ValueError(f"{argument} must hold at least one number, all above 0, got {values}")
    return sorted(set(values))


@contextmanager
def divergence_expected() -> Iterator[None]:
    """Silence the warning: a sweep goes too far on purpose, and the picture says so."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DivergenceWarning)
        yield


def model_of(batch_size: int | None, settings: Mapping[str, Any]) -> GradientDescent:
    """Make the model of the method that takes so many rows at each update; None for all rows."""
    if batch_size is None:
        return BatchGD(**settings)
    return SGD(**settings) if batch_size == 1 else MiniBatchGD(batch_size=batch_size, **settings)


def limit_of(X: Any, y: Any, batch_size: int | None, settings: Mapping[str, Any]) -> float | None:
    """Compute the largest stable learning rate; None for a loss whose curvature has no bound."""
    loss = settings["loss"]
    if loss in NO_CURVATURE or not isinstance(loss, str):
        return None
    limit = max_learning_rate(X, y, batch_size=batch_size, **settings)
    return limit if np.isfinite(limit) else None
