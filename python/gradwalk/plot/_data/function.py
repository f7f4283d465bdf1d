"""A function of x, a landscape or one's own, over one or two of its coordinates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradwalk._core import Landscape, LandscapeSum
from gradwalk.language.pictures import word

from .parameters import find_coordinates, find_names
from .terrain import Terrain
from .walks import Walk

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike

    from gradwalk._core import GradientDescent
    from gradwalk._types import Floats


class FunctionTerrain(Terrain):
    """f(x) over one or two coordinates of x, the others fixed."""

    loss_name = "f"

    def __init__(
        self,
        walks: list[Walk],
        fun: Any,
        jac: Any,
        features: object,
        feature_names: Sequence[str] | None,
        others: ArrayLike | str,
        axes: int,
    ) -> None:
        self._fun, self._jac = fun, jac
        self.landscape = fun.landscape if isinstance(fun, LandscapeSum) else None
        if isinstance(fun, Landscape):
            self.landscape = fun
        if self.landscape is None and not callable(fun):
            raise TypeError(
                f"fun must be a landscape or a function f(x), got a {type(fun).__name__}"
            )
        shapes = {walk.path.shape[1:] for walk in walks if len(walk.path)}
        if len(shapes) > 1:
            raise ValueError(f"these walks are of different x, of shapes {sorted(shapes)}")
        self._shape = shapes.pop() if shapes else self._own_shape(others)
        p = int(np.prod(self._shape))
        landscape = self.landscape
        if landscape is not None and landscape.n_params != p:
            # Raises in its own words where the landscape is of another number of coordinates.
            landscape = self.landscape = landscape.at_dimension(p)
        names = find_names(feature_names, p)
        self._places = list(find_coordinates(features, p, axes, names))
        self.names = tuple(
            _name(place, p) if names is None else names[place] for place in self._places
        )
        self._base = self._held(walks, others, p)
        if landscape is not None:
            self.bounds = np.asarray(landscape.bounds)[self._places]

    def _own_shape(self, others: ArrayLike | str) -> tuple[int, ...]:
        if self.landscape is not None:
            return np.shape(self.landscape.start)
        if not isinstance(others, str):
            return np.shape(others)
        raise ValueError("without a walk, others must be an array x of the shape that fun takes")

    def _held(self, walks: list[Walk], others: ArrayLike | str, p: int) -> Floats:
        if not isinstance(others, str):
            held = np.array(others, dtype=np.float64).ravel()
            if len(held) != p:
                raise ValueError(f"others must have the {p} coordinates of x, got {len(held)}")
            return held
        if others == "optimum" and self.landscape is not None and self.landscape.minima:
            best = min(self.landscape.minima, key=lambda minimum: minimum.value)
            return np.array(best.point, dtype=np.float64)
        if others not in ("end", "optimum") or (others == "optimum" and p > len(self._places)):
            raise ValueError(
                'others must be "end", "optimum" (where the minima are known) or an array, got '
                f"{others!r}"
            )
        # Where a walk that diverged ended is no place to look from; where it started is.
        calm = any(not walk.diverged for walk in walks if len(walk.path))
        ends = [
            walk.flat_path[-1 if calm else 0]
            for walk in walks
            if len(walk.path) and not (calm and walk.diverged)
        ]
        if not ends:
            return np.zeros(p) if self.landscape is None else np.array(self.landscape.start)
        with np.errstate(all="ignore"):
            heights = [self._whole(end)[0] for end in ends]
        lowest = int(np.argmin([h if np.isfinite(h) else np.inf for h in heights]))
        return np.array(ends[lowest], dtype=np.float64)

    def _whole(self, x: Floats, slopes: bool = False) -> tuple[float, Floats | None]:
        """F at one whole x, and its gradient if it is asked for."""
        if self.landscape is not None:
            return float(self._fun(x)), np.asarray(self._fun.grad(x)) if slopes else None
        # Of a walk over one number a number.
        shaped = x.reshape(self._shape)[()]
        if self._jac is True:
            value, gradient = self._fun(shaped.copy())
            return float(np.squeeze(value)), np.ravel(gradient)
        value = float(np.squeeze(self._fun(shaped.copy())))
        if not slopes:
            return value, None
        if callable(self._jac):
            return value, np.ravel(self._jac(shaped.copy()))
        gradient = np.zeros(x.size)
        for place in self._places:
            step = 6e-6 * max(1.0, abs(x[place]))  # ε^(1/3), where central differences are best
            ends = []
            for side in (step, -step):
                moved = x.copy()
                moved[place] += side
                ends.append(float(np.squeeze(self._fun(moved.reshape(self._shape)))))
            gradient[place] = (ends[0] - ends[1]) / (2.0 * step)
        return value, gradient

    def _wholes(self, points: ArrayLike) -> Floats:
        points = np.asarray(points, dtype=np.float64)
        wholes = np.broadcast_to(self._base, (*points.shape[:-1], self._base.size)).copy()
        wholes[..., self._places] = points
        return wholes

    def at(self, *point: float) -> tuple[float, Floats]:
        """Compute f and its partial derivatives at one point."""
        value, gradient = self._whole(self._wholes(point), slopes=True)
        assert gradient is not None
        return value, np.asarray(gradient, dtype=np.float64)[self._places]

    def values(self, points: ArrayLike) -> Floats:
        """Compute f at points of shape (…, axes); a landscape takes all at once."""
        wholes = self._wholes(points)
        if self.landscape is not None:
            return np.asarray(self._fun(wholes), dtype=np.float64)
        flat = wholes.reshape(-1, self._base.size)
        return np.array([self._whole(x)[0] for x in flat]).reshape(wholes.shape[:-1])

    def projection(self, walk: Walk) -> Floats:
        """Pick the recorded path over the coordinates, shape (k, axes)."""
        return walk.flat_path[:, self._places]

    def resolution(self) -> int:
        """Points along each side: fewer for a function in Python."""
        return 161 if self.landscape is not None else 81

    @property
    def minima(self) -> list[tuple[Floats, bool]]:
        """The landscape's minima that lie in this section of it."""
        if self.landscape is None:
            return []
        rest = np.delete(np.arange(self._base.size), self._places)
        return [
            (np.asarray(minimum.point)[self._places], minimum.is_global)
            for minimum in self.landscape.minima
            if np.allclose(np.asarray(minimum.point)[rest], self._base[rest], atol=1e-2)
        ]


def own_loss_terrain(
    walks: list[Walk],
    models: list[GradientDescent],
    X: ArrayLike,
    y: ArrayLike,
    features: object,
    feature_names: Sequence[str] | None,
    others: ArrayLike | str,
    axes: int,
) -> FunctionTerrain:
    """Return the terrain of a loss of one's own: that loss on all rows, and the penalties."""
    model = models[0]
    loss: Any = model.loss

    def objective(theta: Floats) -> tuple[float, Floats]:
        value, gradient = loss(theta, X, y)
        value = float(np.squeeze(value)) + 0.5 * model.l2 * float(np.sum(theta**2))
        value += model.l1 * float(np.sum(np.abs(theta)))
        slopes = np.asarray(gradient) + model.l2 * theta + model.l1 * np.sign(theta)
        return value, np.ravel(slopes)

    terrain = FunctionTerrain(walks, objective, True, features, feature_names, others, axes)
    terrain.loss_name = getattr(loss, "__name__", "f")
    if feature_names is None:
        terrain.names = tuple(f"θ[{place}]" for place in terrain._places)
    return terrain


def _name(place: int, p: int) -> str:
    if p == 1:
        return "x"
    if p == 2:
        return ("x", "y")[place]
    return word("coordinate", number=place)
