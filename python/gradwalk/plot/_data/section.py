"""The loss over one or two parameters, all others held where they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradwalk import rules
from gradwalk._core import LOSS_FACTS, BatchGD, loss_and_grad, max_learning_rate
from gradwalk._data_frames import as_array

from .outputs import QUADRATIC
from .parameters import Parameter, find_parameters
from .terrain import Terrain
from .walks import Walk

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike

    from gradwalk._core import GradientDescent
    from gradwalk._types import Floats


_GRID_ROWS = 4e7  # row evaluations that one picture may cost: a second or two


class Section(Terrain):
    """f(θ) as a function of one or two entries of θ, the others fixed.

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
        parameters: tuple[Parameter, ...],
        sample_weight: ArrayLike | None,
        held: ArrayLike | None = None,
        feature_names: Sequence[str] | None = None,
    ) -> None:
        X = np.asarray(X)
        theta = np.array(model.params_ if held is None else held, dtype=np.float64)
        self.held = theta.copy()
        for parameter in parameters:
            theta[parameter.index] = 0.0
        start = int(model.fit_intercept)
        base = X @ theta[start:] + (theta[0] if start else 0.0)
        columns = [np.ones(len(X)) if p.intercept else X[:, p.row - start] for p in parameters]
        self._rows = np.ascontiguousarray(np.column_stack([base, *columns]), dtype=np.float64)
        # Converted once, and not for every point of a grid.
        self._y = np.asarray(as_array("y", y), dtype=np.float64)
        self._weight = sample_weight
        self._loss: Any = model.loss
        self._l1, self._l2 = model.l1, model.l2
        weights = theta[start:]
        self._penalty = 0.5 * self._l2 * float(np.sum(weights**2))
        self._penalty += self._l1 * float(np.sum(np.abs(weights)))
        self._classes = theta.shape[1] if theta.ndim == 2 else None
        self.parameters = parameters
        self.loss_name = self._loss
        self.names = tuple(p.text(feature_names, model.fit_intercept) for p in parameters)
        self._penalised = np.array([not p.intercept for p in parameters], dtype=np.float64)

    def _smooth(self, point: Floats) -> tuple[float, Floats]:
        """F without the penalty of the entries that vary, and its partial derivatives."""
        k = len(point)
        if self._classes is None:
            params = np.concatenate([[1.0], point])
        else:
            params = np.zeros((self._classes + k, self._classes))
            params[: self._classes] = np.eye(self._classes)
            for place, parameter in enumerate(self.parameters):
                params[self._classes + place, parameter.label] = point[place]
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
                [
                    gradient[self._classes + place, parameter.label]
                    for place, parameter in enumerate(self.parameters)
                ]
            )
        return loss + self._penalty, slopes

    def at(self, *point: float) -> tuple[float, Floats]:
        """Compute f and its partial derivatives at one point."""
        at = np.array(point, dtype=np.float64)
        loss, slopes = self._smooth(at)
        slopes = slopes + self._penalised * (self._l2 * at + self._l1 * np.sign(at))
        return loss + float(self._own_penalty(at)), slopes

    def _own_penalty(self, points: Floats) -> Floats:
        penalty = 0.5 * self._l2 * points**2 + self._l1 * np.abs(points)
        return np.asarray(np.sum(self._penalised * penalty, axis=-1))

    def values(self, points: ArrayLike) -> Floats:
        """Compute f at points of shape (…, axes); a quadratic in closed form."""
        points = np.asarray(points, dtype=np.float64)
        if self._loss not in QUADRATIC:
            return super().values(points)
        origin, slopes, curvature = self._quadratic()
        bend = 0.5 * np.einsum("...i,ij,...j->...", points, curvature, points)
        return np.asarray(origin + points @ slopes + bend + self._own_penalty(points))

    def projection(self, walk: Walk) -> Floats:
        """Pick the recorded path over the parameters, shape (k, axes)."""
        path = walk.path
        columns = [
            path[:, p.row] if p.label is None else path[:, p.row, p.label] for p in self.parameters
        ]
        return np.column_stack(columns)

    def resolution(self) -> int:
        """Points along each side of the grid: fewer where there are many rows."""
        if self._loss in QUADRATIC:
            return 161
        return int(np.clip(np.sqrt(_GRID_ROWS / len(self._rows)), 25, 81))

    @property
    def minima(self) -> list[tuple[Floats, bool]]:
        """The minimum of this section, where it has a closed form."""
        if self._loss not in QUADRATIC or self._l1 > 0.0:
            return []
        _, slopes, curvature = self._quadratic()
        curvature = curvature + self._l2 * np.diag(self._penalised)
        # In units in which every curvature is 1: what counts as flat must not depend on the data's.
        size = np.sqrt(np.diag(curvature))
        size = 1.0 / np.where(size > 0.0, size, 1.0)
        scaled = size[:, np.newaxis] * curvature * size
        lowest = size * np.linalg.lstsq(scaled, -slopes * size, rcond=None)[0]
        return [(np.asarray(lowest, dtype=np.float64), True)]

    def minimum(self, a: Floats, b: Floats, values: Floats) -> tuple[float, float] | None:
        """Where f is least within the grid; None where it still falls at the grid's edge."""
        for (u, v), _ in self.minima:
            inside = a[0] <= u <= a[-1] and b[0] <= v <= b[-1]
            return (float(u), float(v)) if inside else None
        return super().minimum(a, b, values)

    def _quadratic(self) -> tuple[float, Floats, Floats]:
        # The gradient of a quadratic is linear: that of zero targets and no base is its curvature
        # times the parameters. Nothing cancels, whatever the sizes of X and y.
        k = len(self.parameters)
        origin, slopes = self._smooth(np.zeros(k))
        columns = [self._bend(unit) for unit in np.eye(k)]
        curvature = np.column_stack(columns)
        return origin, slopes, 0.5 * (curvature + curvature.T)

    def _bend(self, direction: Floats) -> Floats:
        """Multiply the curvature of squares with a direction."""
        _, gradient = loss_and_grad(
            self._rows,
            np.zeros(len(self._rows)),
            np.concatenate([[0.0], direction]),
            loss=self._loss,
            sample_weight=self._weight,
            fit_intercept=False,
        )
        return np.asarray(gradient[1:], dtype=np.float64)


def section_of(
    models: list[GradientDescent],
    X: ArrayLike,
    y: ArrayLike,
    features: object,
    feature_names: Sequence[str] | None,
    sample_weight: ArrayLike | None,
    others: ArrayLike | str,
    axes: int,
) -> Section:
    """Return the section at `others`: the end of the best model, the optimum, or a θ."""
    best = min(models, key=lambda model: _loss_of(model, X, y, sample_weight))
    held: ArrayLike | None
    if not isinstance(others, str):
        held = np.asarray(others, dtype=np.float64)
        if held.shape != np.shape(best.params_):
            raise ValueError(
                f"others must have the shape of params_, {np.shape(best.params_)}, got {held.shape}"
            )
    elif others == "optimum":
        held = optimum(best, X, y, sample_weight)
    elif others == "end":
        held = None
    else:
        raise ValueError(f'others must be "end", "optimum" or an array, got {others!r}')
    parameters = find_parameters(best, features, axes, feature_names)
    return Section(best, X, y, parameters, sample_weight, held, feature_names)


def optimum(
    model: GradientDescent, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None
) -> Floats:
    """Find θ at the minimum of f: in closed form for squares, else by a long descent from θ."""
    loss: Any = model.loss
    if loss in QUADRATIC and model.l1 == 0.0:
        rows = np.asarray(X, dtype=np.float64)
        weight = np.ones(len(rows)) if sample_weight is None else np.asarray(sample_weight, float)
        if model.fit_intercept:
            rows = np.column_stack([np.ones(len(rows)), rows])
        factor: Any = LOSS_FACTS[loss].factor_of_residual
        root = np.sqrt(factor * weight / weight.sum())[:, np.newaxis]
        ridge = np.sqrt(model.l2) * np.eye(rows.shape[1])[int(model.fit_intercept) :]
        target = np.concatenate([root[:, 0] * np.ravel(y), np.zeros(len(ridge))])
        return np.asarray(np.linalg.lstsq(np.vstack([root * rows, ridge]), target, rcond=None)[0])
    rate = max_learning_rate(
        X, y, loss=loss, sample_weight=sample_weight, l2=model.l2, fit_intercept=model.fit_intercept
    )
    walk = BatchGD(
        loss,
        learning_rate=0.4 * rate if np.isfinite(rate) and rate > 0 else 0.1,
        epochs=3000,
        rule=rules.Nesterov(0.9),
        l1=model.l1,
        l2=model.l2,
        fit_intercept=model.fit_intercept,
        n_classes=model.n_classes,
        tol=1e-13 * min(1.0, _loss_of(model, X, y, sample_weight) or 1.0),  # of f, however small
        patience=100,  # momentum swings: a few epochs without progress are no end
        record=None,
    ).fit(X, y, sample_weight=sample_weight, init=model.params_)
    return np.asarray(walk.params_, dtype=np.float64)


def _loss_of(
    model: GradientDescent, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None
) -> float:
    name: Any = model.loss
    loss, _ = loss_and_grad(
        X,
        y,
        model.params_,
        loss=name,
        l2=model.l2,
        fit_intercept=model.fit_intercept,
        sample_weight=sample_weight,
    )
    return loss if np.isfinite(loss) else np.inf
