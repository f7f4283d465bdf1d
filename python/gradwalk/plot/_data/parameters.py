"""Which entries of θ a picture shows, and what they are called.

The one place where the names of features, and what `features` names, are checked.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from gradwalk._values import is_whole
from gradwalk.language.pictures import word

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from gradwalk._core import GradientDescent

#: A feature's number or name, or "intercept"; for cross_entropy that and the class.
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


def find_names(
    given: object, count: int, X: object = None, model: GradientDescent | None = None
) -> list[str] | None:
    """Return the names of `count` features: those given, else those of the columns of X.

    An X without names may be the data of a model that was fitted on columns with names. None where
    nothing has any. What is given has to be as many names as there are features.
    """
    if given is None:
        for names in (_names_of_columns(X), getattr(model, "feature_names_in_", None)):
            if names is not None and len(names) == count:
                return list(names)
        return None
    if isinstance(given, str) or not isinstance(given, Iterable):
        raise TypeError(
            f"feature_names must be a list of {count} names, as in feature_names="
            f"{_example(count)}, got {given!r}"
        )
    names = list(given)
    for place, name in enumerate(names):
        if not isinstance(name, str):
            raise TypeError(
                f"feature_names must hold names, which are strings, got {name!r} at place {place}. "
                "Write feature_names=[str(name) for name in …]"
            )
    if len(names) != count:
        raise ValueError(
            f"feature_names must hold {count} names, one for each feature of X in its order, got "
            f"{len(names)}"
        )
    return names


def _names_of_columns(X: object) -> list[str] | None:
    if X is None or isinstance(X, (np.ndarray, list, tuple)):
        return None
    # Arrow's `columns` are the columns themselves, so it is asked for its names first.
    names = getattr(X, "column_names", getattr(X, "columns", None))
    if not isinstance(names, Iterable):
        return None
    words = list(names)
    return words if words and all(isinstance(name, str) for name in words) else None


def _example(count: int) -> str:
    names = ", ".join(f'"{letter}"' for letter in "abc"[:count])
    return f"[{names}{', …' if count > 3 else ''}]"


def find_feature(
    feature: object, count: int, names: Sequence[str] | None, thing: str = "feature"
) -> int:
    """Return the number of the feature that is named by its number or by its name."""
    if isinstance(feature, str):
        if names is None:
            raise ValueError(
                f"{feature!r} names no {thing}, for these have no names here: write its number, "
                f"0 to {count - 1}, or hand over feature_names"
            )
        found = [place for place, name in enumerate(names) if name == feature]
        if len(found) == 1:
            return found[0]
        if found:
            raise ValueError(
                f"more than one {thing} is named {feature!r}: write its number, one of "
                f"{', '.join(map(str, found))}"
            )
        listed = ", ".join(repr(str(name)) for name in names[:10])
        raise ValueError(
            f"there is no {thing} {feature!r}: the names are {listed}"
            + (f" and {count - 10} more" if count > 10 else "")
        )
    if not is_whole(feature):
        raise ValueError(f"a {thing} is named by its number or by its name, got {feature!r}")
    if not 0 <= feature < count:
        raise ValueError(
            f"there is no {thing} {feature}: "
            + (f"the {thing}s are 0 to {count - 1}" if count > 1 else f"the only {thing} is 0")
        )
    return int(feature)


def find_parameters(
    model: GradientDescent, features: object, axes: int = 2, names: Sequence[str] | None = None
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
    found = tuple(_find(feature, model, theta, n_features, names) for feature in chosen)
    if axes == 2 and found[0] == found[1]:
        raise ValueError(f"features must name two different parameters, got {features!r}")
    return found


def find_coordinates(
    features: object,
    p: int,
    axes: int,
    names: Sequence[str] | None = None,
    thing: str = "coordinate",
) -> tuple[int, ...]:
    """Find the coordinates of x, of p, that `features` names; the first ones by default."""
    if p < axes:
        raise ValueError(
            "this picture needs two coordinates, and x has only one: trace_1d draws f over one"
        )
    if features is None:
        return tuple(range(axes))
    chosen = pair_of([features] if axes == 1 else features, axes)
    found = tuple(find_feature(place, p, names, thing) for place in chosen)
    if len(set(found)) < axes:
        raise ValueError(f"features must name two different {thing}s, got {features!r}")
    return found


def pair_of(features: object, axes: int) -> list[Any]:
    """Return `features` as a list of as many entries as the picture has axes."""
    if not isinstance(features, (tuple, list)) or len(features) != axes:
        raise ValueError(
            f"features must name two parameters, as in features=(0, 1), got {features!r}"
        )
    return list(features)


def _find(
    feature: object,
    model: GradientDescent,
    theta: NDArray[Any],
    n_features: int,
    names: Sequence[str] | None,
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
        label = int(label)
    # A column of that name gives way to the intercept of the model.
    if isinstance(feature, str) and feature == "intercept":
        if model.fit_intercept:
            return Parameter(0, label, intercept=True)
        if names is None or feature not in names:
            raise ValueError(
                'features names "intercept", and this model was made with fit_intercept=False'
            )
    place = find_feature(feature, n_features, names)
    return Parameter(place + int(model.fit_intercept), label, intercept=False)
