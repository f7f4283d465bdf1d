"""A linear model over one or two of its features, the others held at their means."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np

from gradwalk._core import loss_and_grad
from gradwalk._data_frames import as_array
from gradwalk.language.pictures import word

from .outputs import TWO_CLASSES
from .parameters import find_feature, find_names

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from gradwalk._core import GradientDescent


#: Data points in one picture: more would only cover each other.
MOST_DOTS = 3000


def widened(low: float, high: float, share: float) -> tuple[float, float]:
    """Return limits with a margin of `share` of the range; around one value of half its size."""
    margin = share * (high - low) if high > low else 0.5 * (abs(high) or 1.0)
    return low - margin, high + margin


@dataclasses.dataclass(frozen=True)
class View:
    """Some features of the data, and a row that stands for all the others.

    With the other features at their means the score is z = c + Σ wⱼxⱼ over the features of the
    view, where c is the intercept and what the means add to it.
    """

    features: tuple[int, ...]
    names: tuple[str, ...]
    columns: NDArray[np.float64]  # (n, number of features in the view)
    row: NDArray[np.float64]  # (p,): 1 for the intercept, 0 for the features, the others' means
    intercept: bool

    def reduce(self, theta: NDArray[Any]) -> NDArray[np.float64]:
        """Turn θ, shape (p, …), into c and the weights of the view's features."""
        theta = np.asarray(theta, dtype=np.float64)
        with np.errstate(over="ignore", invalid="ignore"):
            constant = np.tensordot(self.row, theta, axes=(0, 0))
        weights = [theta[feature + int(self.intercept)] for feature in self.features]
        return np.stack([constant, *weights])

    def frame(self, number: int = 0) -> tuple[float, float]:
        """Limits of an axis that show all values of one feature of the view."""
        column = self.columns[:, number]
        return widened(float(column.min()), float(column.max()), 0.06)

    def dots(self) -> NDArray[np.int64]:
        """Rows to draw: all of them, or an even draw where there are too many."""
        n = len(self.columns)
        if n <= MOST_DOTS:
            return np.arange(n)
        return np.sort(np.random.default_rng(0).choice(n, MOST_DOTS, replace=False))


def view(
    X: ArrayLike,
    n_params: int,
    intercept: bool,
    features: Sequence[int | str] | None,
    feature_names: Sequence[str] | None,
    *,
    count: int,
    model: GradientDescent | None = None,
) -> View:
    """Check X and look up `features` in it; by default the first `count` there are."""
    array = as_array("X", X)
    n_features = n_params - int(intercept)
    if array.ndim == 1:
        raise ValueError(
            f"X must have a column for each feature, got shape {array.shape}: write "
            "X.reshape(-1, 1) for a single feature"
        )
    if array.ndim != 2 or array.shape[1] != n_features or len(array) == 0:
        raise ValueError(
            f"X must be the data of the walk, with {n_features} columns, got shape {array.shape}"
        )
    names = find_names(feature_names, n_features, X, model)
    wanted = range(min(count, n_features)) if features is None else features
    found = tuple(find_feature(feature, n_features, names) for feature in wanted)
    if len(set(found)) < len(found):
        raise ValueError(f"features must name different features, got {features!r}")
    row = np.ones(n_params)
    row[int(intercept) :] = array.mean(axis=0, dtype=np.float64)
    row[[feature + int(intercept) for feature in found]] = 0.0
    return View(
        found,
        tuple(word("feature", number=f) if names is None else names[f] for f in found),
        np.column_stack([np.asarray(array[:, feature], dtype=np.float64) for feature in found]),
        row,
        intercept,
    )


def targets(X: ArrayLike, y: ArrayLike, theta: ArrayLike, loss: str, intercept: bool) -> Any:
    """Check the targets for a loss as ``fit`` does; return them as (n,), classes as numbers.

    Of the losses of two classes −1 and 0 are both 0, and 1 is 1. Errors are those of ``fit``.
    """
    name: Any = loss
    loss_and_grad(X, y, np.zeros(np.shape(theta)), loss=name, fit_intercept=intercept)
    array = np.asarray(as_array("y", y), dtype=np.float64)
    if loss == "cross_entropy":
        one_hot = array.ndim == 2 and array.shape[1] > 1
        return array.argmax(axis=1) if one_hot else array.ravel().astype(np.int64)
    return (array.ravel() > 0).astype(np.int64) if loss in TWO_CLASSES else array.ravel()


def class_labels(y: ArrayLike, theta: ArrayLike, loss: object, model: object = None) -> list[str]:
    """Return what the classes are called: as the model saw them; without one, as y has them."""
    if loss == "cross_entropy":
        return [f"{label}" for label in range(np.shape(theta)[-1])]
    labels = getattr(model, "classes_", None)
    if labels is None:
        labels = (-1, 1) if np.any(np.asarray(y, dtype=np.float64) < 0) else (0, 1)
    return [f"{label:g}".replace("-", "−") for label in labels]
