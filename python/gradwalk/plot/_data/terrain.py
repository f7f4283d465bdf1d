"""What a walk walked on: f over one or two parameters, all others held where they are."""

from __future__ import annotations

import abc
import math
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from .walks import Walk

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from gradwalk._core import Landscape
    from gradwalk._types import Floats


_SHARES = 49  # of a first step, along which the dip of f is looked for


#: Columns, rows, and f at every pair of them, shape (rows, columns).
Grid: TypeAlias = "tuple[Floats, Floats, Floats]"


class Terrain(abc.ABC):
    """f over one or two parameters."""

    names: tuple[str, ...]
    """Labels of the axes: one or two."""
    loss_name: str
    """The loss of the data, or "f" for a function of x."""
    bounds: Floats | None = None
    """Where a landscape wants to be looked at, shape (axes, 2)."""
    landscape: Landscape | None = None

    @property
    def axes(self) -> int:
        """How many parameters vary: 1 or 2."""
        return len(self.names)

    @abc.abstractmethod
    def at(self, *point: float) -> tuple[float, Floats]:
        """Compute f and its partial derivatives at one point."""

    @abc.abstractmethod
    def projection(self, walk: Walk) -> Floats:
        """Pick the recorded path over the parameters, shape (k, axes)."""

    @abc.abstractmethod
    def resolution(self) -> int:
        """Points along each side of a grid that costs a second or two at the most."""

    @property
    def minima(self) -> list[tuple[Floats, bool]]:
        """Minima that are known beforehand, and whether each is global."""
        return []

    def values(self, points: ArrayLike) -> Floats:
        """Compute f at points of shape (…, axes)."""
        points = np.asarray(points, dtype=np.float64)
        flat = points.reshape(-1, self.axes)
        return np.array([self.at(*point)[0] for point in flat]).reshape(points.shape[:-1])

    def gradient(self, points: ArrayLike) -> Floats:
        """Compute the partial derivatives at points of shape (…, axes)."""
        points = np.asarray(points, dtype=np.float64)
        flat = points.reshape(-1, self.axes)
        return np.array([self.at(*point)[1] for point in flat]).reshape(points.shape)

    def grid(self, ends: Floats, most: int | None = None) -> Grid:
        """Compute f on a grid between `ends`, shape (2, 2), of at most `most` points a side."""
        count = min(most or math.inf, self.resolution())
        a, b = (np.linspace(low, high, int(count)) for low, high in ends.tolist())
        return a, b, self._at_pairs(a, b)

    def _at_pairs(self, a: Floats, b: Floats) -> Floats:
        with np.errstate(all="ignore"):
            return self.values(np.stack(np.meshgrid(a, b), axis=-1))

    def line(self, a: ArrayLike) -> Floats:
        """Compute f along the only parameter."""
        return self.values(np.asarray(a, dtype=np.float64)[:, np.newaxis])

    def dip(self, path: Floats) -> list[Floats]:
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

    def minimum(self, a: Floats, b: Floats, values: Floats) -> tuple[float, float] | None:
        """Where f is least within a grid; None where it still falls at the grid's edge."""
        if not np.isfinite(values).any():
            return None
        row, column = np.unravel_index(np.nanargmin(values), values.shape)
        if row in (0, len(b) - 1) or column in (0, len(a) - 1):
            return None
        u, v = a[column], b[row]
        width, height = a[1] - a[0], b[1] - b[0]
        for _ in range(4):  # look closer, five times as fine each time
            us, vs = u + width * np.linspace(-1, 1, 11), v + height * np.linspace(-1, 1, 11)
            near = self._at_pairs(us, vs)
            row, column = np.unravel_index(np.nanargmin(near), near.shape)
            u, v = us[column], vs[row]
            width, height = width / 5, height / 5
        return float(u), float(v)
