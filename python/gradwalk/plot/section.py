"""The loss over two parameters, all others held where they are."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, TypeAlias, TypeGuard

import numpy as np

from .language import word

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from gradwalk import GradientDescent

#: A feature's number or "intercept"; for cross_entropy that and the class.
Axis: TypeAlias = "int | str | tuple[int | str, int]"

_QUADRATIC = ("mse", "half_mse")
_GRID_ROWS = 4e7  # row evaluations that one picture may cost: a second or two


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


def find_parameters(model: GradientDescent, features: object) -> tuple[Parameter, Parameter]:
    """Find the entries of θ that `features` names; by default the first two worth drawing."""
    theta = np.asarray(model.params_)
    n_features = theta.shape[0] - model.fit_intercept
    if features is None:
        plain: list[Any] = ["intercept"] if n_features == 1 and model.fit_intercept else []
        plain += range(min(n_features, 2))
        if len(plain) < 2:
            raise ValueError(
                "contour_paths needs two parameters, and this model has only one weight"
            )
        features = plain[:2] if theta.ndim == 1 else [(plain[0], 0), (plain[1], 0)]
    if not isinstance(features, (tuple, list)) or len(features) != 2:
        raise ValueError(
            f"features must name two parameters, as in features=(0, 1), got {features!r}"
        )
    first, second = (_find(axis, model, theta, n_features) for axis in features)
    if first == second:
        raise ValueError(f"features must name two different parameters, got {features!r}")
    return first, second


def _is_whole(value: object) -> TypeGuard[int]:
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool)


def _find(axis: object, model: GradientDescent, theta: NDArray[Any], n_features: int) -> Parameter:
    label: Any = None
    if theta.ndim == 2:
        if not isinstance(axis, (tuple, list)) or len(axis) != 2:
            raise ValueError(
                "cross_entropy has a weight for each feature and class: name both, as in "
                f"features=((0, 3), (1, 3)) for class 3, got {axis!r}"
            )
        axis, label = axis
        if not _is_whole(label) or not 0 <= label < theta.shape[1]:
            raise ValueError(
                f"features names class {label!r}, and the classes are 0 to {theta.shape[1] - 1}"
            )
    if axis == "intercept":
        if not model.fit_intercept:
            raise ValueError(
                'features names "intercept", and this model was made with fit_intercept=False'
            )
        return Parameter(0, label, intercept=True)
    if not _is_whole(axis):
        raise ValueError(f'features takes a feature\'s number or "intercept", got {axis!r}')
    if not 0 <= axis < n_features:
        raise ValueError(
            f"features names feature {axis}, and the features are 0 to {n_features - 1}"
        )
    return Parameter(int(axis) + int(model.fit_intercept), label, intercept=False)


class Section:
    """f(θ) as a function of two entries (a, b) of θ, the others fixed.

    With the other entries fixed, z = z₀ + a·x₁ + b·x₂: a linear model of the three "features" z₀,
    x₁ and x₂ with parameters (1, a, b). ``gradwalk.loss_and_grad`` on those three columns is then
    f itself, for every loss, at a fraction of the cost. For cross_entropy z₀ has a column for
    each class.
    """

    def __init__(
        self,
        model: GradientDescent,
        X: ArrayLike,
        y: ArrayLike,
        pair: tuple[Parameter, Parameter],
        sample_weight: ArrayLike | None,
    ) -> None:
        X = np.asarray(X)
        theta = np.array(model.params_, dtype=np.float64)
        for parameter in pair:
            theta[parameter.index] = 0.0
        start = int(model.fit_intercept)
        base = X @ theta[start:] + (theta[0] if start else 0.0)
        columns = [np.ones(len(X)) if p.intercept else X[:, p.row - start] for p in pair]
        self._rows = np.ascontiguousarray(np.column_stack([base, *columns]), dtype=np.float64)
        self._y, self._weight = y, sample_weight
        self._loss: Any = model.loss
        self._l2, self._pair = model.l2, pair
        self._penalty = 0.5 * self._l2 * float(np.sum(theta[start:] ** 2))
        self._classes = theta.shape[1] if theta.ndim == 2 else None

    def at(self, a: float, b: float) -> tuple[float, NDArray[np.float64]]:
        """Compute f and its two partial derivatives at (a, b)."""
        from gradwalk import loss_and_grad

        params = np.array([1.0, a, b])
        if self._classes is not None:
            params = np.zeros((self._classes + 2, self._classes))
            params[: self._classes] = np.eye(self._classes)
            params[-2, self._pair[0].label] = a
            params[-1, self._pair[1].label] = b
        loss, gradient = loss_and_grad(
            self._rows,
            self._y,
            params,
            loss=self._loss,
            sample_weight=self._weight,
            fit_intercept=False,
        )
        if self._classes is None:
            slopes = np.array(gradient[1:])
        else:
            slopes = np.array(
                [gradient[-2, self._pair[0].label], gradient[-1, self._pair[1].label]]
            )
        loss += self._penalty
        for k, (value, parameter) in enumerate(zip((a, b), self._pair, strict=True)):
            if not parameter.intercept:
                loss += 0.5 * self._l2 * value**2
                slopes[k] += self._l2 * value
        return loss, slopes

    def grid(self, a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
        """Compute f at every pair of `a` (columns) and `b` (rows)."""
        if self._loss in _QUADRATIC:
            origin, slopes, curvature = self._quadratic()
            u, v = np.meshgrid(a, b)
            bend = curvature[0, 0] * u**2 + 2.0 * curvature[0, 1] * u * v + curvature[1, 1] * v**2
            return np.asarray(origin + slopes[0] * u + slopes[1] * v + 0.5 * bend)
        return np.array([[self.at(u, v)[0] for u in a] for v in b])

    def resolution(self) -> int:
        """Points along each side of the grid: fewer where there are many rows."""
        if self._loss in _QUADRATIC:
            return 161
        return int(np.clip(np.sqrt(_GRID_ROWS / len(self._rows)), 25, 81))

    def quadratic_minimum(self) -> tuple[float, float] | None:
        """Where f is least, in closed form; None for losses that are not quadratic."""
        if self._loss not in _QUADRATIC:
            return None
        _, slopes, curvature = self._quadratic()
        a, b = np.linalg.lstsq(curvature, -slopes, rcond=None)[0]
        return float(a), float(b)

    def minimum(
        self, a: NDArray[np.float64], b: NDArray[np.float64], values: NDArray[np.float64]
    ) -> tuple[float, float] | None:
        """Where f is least within the grid; None where it still falls at the grid's edge."""
        exact = self.quadratic_minimum()
        if exact is not None:
            inside = a[0] <= exact[0] <= a[-1] and b[0] <= exact[1] <= b[-1]
            return exact if inside else None
        row, column = np.unravel_index(np.argmin(values), values.shape)
        if row in (0, len(b) - 1) or column in (0, len(a) - 1):
            return None
        u, v = a[column], b[row]
        width, height = a[1] - a[0], b[1] - b[0]
        for _ in range(4):  # look closer, five times as fine each time
            us, vs = u + width * np.linspace(-1, 1, 11), v + height * np.linspace(-1, 1, 11)
            near = self.grid(us, vs)
            row, column = np.unravel_index(np.argmin(near), near.shape)
            u, v = us[column], vs[row]
            width, height = width / 5, height / 5
        return float(u), float(v)

    def _quadratic(self) -> tuple[float, NDArray[np.float64], NDArray[np.float64]]:
        # The gradient of a quadratic is linear: three of them give its curvature exactly.
        origin, slopes = self.at(0.0, 0.0)
        curvature = np.column_stack([self.at(1.0, 0.0)[1] - slopes, self.at(0.0, 1.0)[1] - slopes])
        return origin, slopes, 0.5 * (curvature + curvature.T)
