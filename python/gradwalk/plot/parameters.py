"""Which entries of θ a picture shows, and what they are called."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, TypeAlias, TypeGuard

import numpy as np

from .language import word

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from gradwalk import GradientDescent

#: A feature's number or "intercept"; for cross_entropy that and the class.
Feature: TypeAlias = "int | str | tuple[int | str, int]"


@dataclasses.dataclass(frozen=True)
class Parameter:
    """One entry of θ: its row and, for cross_entropy, its class."""

    row: int
    label: int | None
    intercept: bool

    @property
    def index(self) -> int | tuple[int, int]:
        """Where it lies in θ."""
        return self.row if self.label is None else (self.row, self.label)

    def text(self, names: Sequence[str] | None, fit_intercept: bool) -> str:
        """Write the axis label."""
        if self.intercept:
            return (
                word("intercept")
                if self.label is None
                else word("intercept for class", label=self.label)
            )
        feature = self.row - fit_intercept
        name = word("feature", number=feature) if names is None else names[feature]
        if self.label is None:
            return word("weight", name=name)
        return word("weight for class", name=name, label=self.label)


def find_parameters(
    model: GradientDescent, features: object, axes: int = 2
) -> tuple[Parameter, ...]:
    """Find the entries of θ that `features` names; by default the first worth drawing."""
    theta = np.asarray(model.params_)
    n_features = theta.shape[0] - model.fit_intercept
    if features is None:
        plain: list[Any] = ["intercept"] if axes == 2 and n_features == 1 else []
        plain = plain if model.fit_intercept else []
        plain += range(min(n_features, axes))
        if len(plain) < axes:
            raise ValueError(
                "this picture needs two parameters, and the model has only one weight: "
                "trace_1d draws the loss over one"
            )
        features = plain[:axes] if theta.ndim == 1 else [(place, 0) for place in plain[:axes]]
    elif axes == 1:
        features = [features]
    chosen = pair_of(features, axes)
    found = tuple(_find(feature, model, theta, n_features) for feature in chosen)
    if axes == 2 and found[0] == found[1]:
        raise ValueError(f"features must name two different parameters, got {features!r}")
    return found


def find_coordinates(features: object, p: int, axes: int) -> tuple[int, ...]:
    """Find the coordinates of x, of p, that `features` names; the first ones by default."""
    if p < axes:
        raise ValueError(
            "this picture needs two coordinates, and x has only one: trace_1d draws f over one"
        )
    if features is None:
        return tuple(range(axes))
    chosen = pair_of([features] if axes == 1 else features, axes)
    for place in chosen:
        if not is_whole(place) or not 0 <= place < p:
            raise ValueError(
                f"features names coordinate {place!r}, and the coordinates of x are 0 to {p - 1}"
            )
    if len(set(chosen)) < axes:
        raise ValueError(f"features must name two different coordinates, got {features!r}")
    return tuple(int(place) for place in chosen)


def pair_of(features: object, axes: int) -> list[Any]:
    """Return `features` as a list of as many entries as the picture has axes."""
    if not isinstance(features, (tuple, list)) or len(features) != axes:
        raise ValueError(
            f"features must name two parameters, as in features=(0, 1), got {features!r}"
        )
    return list(features)


def is_whole(value: object) -> TypeGuard[int]:
    """Whether `value` is a whole number, which True is not."""
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool)


def _find(
    feature: object, model: GradientDescent, theta: NDArray[Any], n_features: int
) -> Parameter:
    label: Any = None
    if theta.ndim == 2:
        if not isinstance(feature, (tuple, list)) or len(feature) != 2:
            raise ValueError(
                "cross_entropy has a weight for each feature and class: name both, as in "
                f"features=((0, 3), (1, 3)) for class 3, got {feature!r}"
            )
        feature, label = feature
        if not is_whole(label) or not 0 <= label < theta.shape[1]:
            raise ValueError(
                f"features names class {label!r}, and the classes are 0 to {theta.shape[1] - 1}"
            )
    if isinstance(feature, str) and feature == "intercept":
        if not model.fit_intercept:
            raise ValueError(
                'features names "intercept", and this model was made with fit_intercept=False'
            )
        return Parameter(0, label, intercept=True)
    if not is_whole(feature):
        raise ValueError(f'features takes a feature\'s number or "intercept", got {feature!r}')
    if not 0 <= feature < n_features:
        raise ValueError(
            f"features names feature {feature}, and the features are 0 to {n_features - 1}"
        )
    return Parameter(int(feature) + int(model.fit_intercept), label, intercept=False)
