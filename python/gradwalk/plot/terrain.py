"""What a walk walked on: f over one or two parameters, all others held where they are."""

from __future__ import annotations

import abc
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from gradwalk._tables import as_array

from .parameters import find_names
from .walks import Walk

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from gradwalk import GradientDescent
    from gradwalk.landscapes import Landscape

_Floats: TypeAlias = "NDArray[np.float64]"

_SHARES = 49  # of a first step, along which the dip of f is looked for


class Terrain(abc.ABC):
    """f over one or two parameters."""

    names: tuple[str, ...]
    """Labels of the axes: one or two."""
    loss_name: str
    """The loss of the data, or "f" for a function of x."""
    bounds: _Floats | None = None
    """Where a landscape wants to be looked at, shape (axes, 2)."""
    landscape: Landscape | None = None

    @property
    def axes(self) -> int:
        """How many parameters vary: 1 or 2."""
        return len(self.names)

    @abc.abstractmethod
    def at(self, *point: float) -> tuple[float, _Floats]:
        """Compute f and its partial derivatives at one point."""

    @abc.abstractmethod
    def shadow(self, walk: Walk) -> _Floats:
        """Pick the recorded path over the parameters, shape (k, axes)."""

    @abc.abstractmethod
    def resolution(self) -> int:
        """Points along each side of a grid that costs a second or two at the most."""

    @property
    def minima(self) -> list[tuple[_Floats, bool]]:
        """Minima that are known beforehand, and whether each is global."""
        return []

    def values(self, points: ArrayLike) -> _Floats:
        """Compute f at points of shape (…, axes)."""
        points = np.asarray(points, dtype=np.float64)
        flat = points.reshape(-1, self.axes)
        return np.array([self.at(*point)[0] for point in flat]).reshape(points.shape[:-1])

    def gradient(self, points: ArrayLike) -> _Floats:
        """Compute the partial derivatives at points of shape (…, axes)."""
        points = np.asarray(points, dtype=np.float64)
        flat = points.reshape(-1, self.axes)
        return np.array([self.at(*point)[1] for point in flat]).reshape(points.shape)

    def grid(self, a: ArrayLike, b: ArrayLike) -> _Floats:
        """Compute f at every pair of `a` (columns) and `b` (rows)."""
        return self.values(np.stack(np.meshgrid(a, b), axis=-1))

    def line(self, a: ArrayLike) -> _Floats:
        """Compute f along the only parameter."""
        return self.values(np.asarray(a, dtype=np.float64)[:, np.newaxis])

    def dip(self, path: _Floats) -> list[_Floats]:
        """Where f is least on the way of the first step of a path: about where it should have gone.

        Where minima are known, these.
        """
        known = [point for point, _ in self.minima]
        if known or len(path) < 2 or not np.all(np.isfinite(path[:2])):
            return known
        # The finer, the nearer to the start: a step may be thousands of times too long.
        shares = np.concatenate([[0.0], np.geomspace(1e-6, 1.0, _SHARES)])
        way = path[0] + shares[:, np.newaxis] * (path[1] - path[0])
        with np.errstate(all="ignore"):
            heights = self.values(way)
        heights = np.where(np.isfinite(heights), heights, np.inf)
        return [way[int(np.argmin(heights))]]

    def minimum(self, a: ArrayLike, b: ArrayLike, values: _Floats) -> tuple[float, float] | None:
        """Where f is least within a grid; None where it still falls at the grid's edge."""
        a, b = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
        if not np.isfinite(values).any():
            return None
        row, column = np.unravel_index(np.nanargmin(values), values.shape)
        if row in (0, len(b) - 1) or column in (0, len(a) - 1):
            return None
        u, v = a[column], b[row]
        width, height = a[1] - a[0], b[1] - b[0]
        for _ in range(4):  # look closer, five times as fine each time
            us, vs = u + width * np.linspace(-1, 1, 11), v + height * np.linspace(-1, 1, 11)
            near = self.grid(us, vs)
            row, column = np.unravel_index(np.nanargmin(near), near.shape)
            u, v = us[column], vs[row]
            width, height = width / 5, height / 5
        return float(u), float(v)


def find_terrain(
    walks: list[Walk],
    X: ArrayLike | None = None,
    y: ArrayLike | None = None,
    *,
    fun: Any = None,
    jac: Any = None,
    features: object = None,
    feature_names: Sequence[str] | None = None,
    sample_weight: ArrayLike | None = None,
    others: ArrayLike | str = "end",
    axes: int = 2,
) -> Terrain:
    """Find what `walks` walked on: the loss on X and y, or the function `fun`.

    Parameters
    ----------
    walks : list of Walk
        With X and y at least one of a fitted model; may be empty with `fun`.
    X, y : array, optional
        The data of fitted models.
    fun : Landscape, LandscapeSum or callable f(x), optional
        What ``minimize`` walked on.
    jac : callable or True, optional
        Gradient of a callable `fun`, or True if fun returns (value, gradient); central differences
        by default. Landscapes bring their own.
    features, feature_names, sample_weight
        As in `contour_paths`; with `fun` features are coordinates.
    others : "end", "optimum" or array, default "end"
        Where the other parameters are held: at the end of the walk that reached the lowest f (at a
        start, if all diverged), at the minimum of f, or at the entries of this θ.
    axes : {1, 2}
        Parameters that vary. With 1 `features` is a single one.

    Raises
    ------
    TypeError, ValueError
        Something does not fit together; the message says what is missing.
    """
    if fun is not None:
        if X is not None or y is not None:
            raise ValueError("hand over X and y for fitted models, or fun for minimize, not both")
        from .function import FunctionTerrain

        return FunctionTerrain(walks, fun, jac, features, feature_names, others, axes)
    if X is None or y is None:
        told = any(walk.result is not None for walk in walks)
        raise ValueError(
            "what was walked on is missing: hand over "
            + ("fun, the landscape or function given to minimize" if told else "X and y")
        )
    models = _models(walks)
    _check(walks, models, X)
    rows = as_array("X", X)
    if not isinstance(models[0].loss, str):
        from .function import own_loss_terrain

        targets = as_array("y", y)
        return own_loss_terrain(walks, models, rows, targets, features, feature_names, others, axes)
    from .section import section_of

    calm = [walk for walk in walks if not walk.diverged and walk.model is not None]
    if isinstance(others, str) and others == "end" and not calm:
        # Where a walk that diverged ended is no place to look from.
        others = next(
            (walk.path[0] for walk in walks if len(walk.path)),
            np.zeros(np.shape(models[0].params_)),
        )
    chosen = [walk.model for walk in calm if walk.model is not None] or models
    names = find_names(feature_names, rows.shape[1], X, chosen[0])
    return section_of(chosen, rows, y, features, names, sample_weight, others, axes)


def _models(walks: list[Walk]) -> list[GradientDescent]:
    models = [walk.model for walk in walks if walk.model is not None]
    if not models:
        raise ValueError(
            "the loss over the parameters needs a fitted model, and these are only records: hand "
            "over at least one BatchGD, SGD or MiniBatchGD itself"
        )
    return models


def _check(walks: list[Walk], models: list[GradientDescent], X: ArrayLike) -> None:
    first = models[0]
    shape = np.shape(first.params_)
    for walk in walks:
        if walk.model is None:
            if len(walk.path) and walk.path.shape[1:] != shape:
                raise ValueError(
                    f"the path of {walk.name!r} has parameters of shape {walk.path.shape[1:]}, and "
                    f"those of the model have {shape}"
                )
            continue
        ours, theirs = (
            (m.loss, m.l1, m.l2, m.fit_intercept, np.shape(m.params_)) for m in (walk.model, first)
        )
        if ours != theirs:
            raise ValueError(
                "walks on one map must share loss, l1, l2, fit_intercept and the shape of params_: "
                f"{walk.name!r} has {ours}, another has {theirs}"
            )
    if isinstance(first.loss, str):
        columns = shape[0] - int(first.fit_intercept)
        if np.ndim(X) != 2 or np.shape(X)[1] != columns:
            raise ValueError(
                f"X must be the data of the walks, with {columns} columns, got shape {np.shape(X)}"
            )
