"""The curve of f over one parameter, framed for the walks on it."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np

from gradwalk._thinning import thin_places
from gradwalk.language.pictures import word

from .._data.terrain import Terrain
from .._data.walks import Walk
from . import frame, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import ArrayLike, NDArray

    from gradwalk._types import Floats


_CURVE_POINTS = 801
_FIRST = 40  # points of a walk that are never left out
_LONG_STEP = 0.02  # nor are the ends of a step of this share of the walk's extent
# Of a walk that diverged the picture shows the first swings, up to so many times f at the start.
_CLIMB, _CLIMB_AMONG_CALM = 20.0, 5.0


@dataclasses.dataclass(frozen=True, eq=False)
class Trace:
    """One walk on the curve: thinned, so that 10⁶ points cost no more than some hundreds."""

    walk: Walk
    updates: NDArray[np.int64]
    a: Floats
    f: Floats
    joined: NDArray[np.bool_]
    """Whether nothing was left out between a point and the next, shape (k − 1,)."""


def find_traces(terrain: Terrain, walks: list[Walk], most: int) -> list[Trace]:
    """Put at most about `most` points of each recorded path on the curve."""
    traces = []
    for walk in walks:
        a = terrain.projection(walk)[:, 0]
        finite = np.flatnonzero(np.isfinite(a))
        places = finite[_worth_drawing(a[finite], most)]
        with np.errstate(all="ignore"):
            f = terrain.line(a[places])
        joined = np.diff(places) == 1
        traces.append(Trace(walk, walk.path_update[places], a[places], f, joined))
    return traces


def _worth_drawing(a: Floats, most: int) -> NDArray[np.int64]:
    """Choose the first points, looked at one by one, long steps, and a few of the rest."""
    if len(a) <= most:
        return np.arange(len(a))
    with np.errstate(all="ignore"):
        span = np.subtract(*np.quantile(a, [0.99, 0.01]))
        (long,) = np.nonzero(np.abs(np.diff(a)) > _LONG_STEP * span)
    long = long[: most // 4]
    rest = thin_places(np.arange(len(a)), a, most=most // 2)
    return np.unique(np.concatenate([np.arange(_FIRST), long, long + 1, rest]))


def draw_curve(
    ax: Axes,
    terrain: Terrain,
    traces: list[Trace],
    bounds: ArrayLike | None,
    *,
    color: str = style.CONTOUR_TEXT,
) -> tuple[Floats, Floats]:
    """Draw f within the frame of the traces, set the limits, and return the curve."""
    ends = _ends(terrain, traces, bounds)
    count = int(min(_CURVE_POINTS, max(101, terrain.resolution() ** 2 // 4)))
    a = np.linspace(*ends, count)
    with np.errstate(all="ignore"):
        f = np.asarray(terrain.line(a), dtype=np.float64)
    seen = f[np.isfinite(f)]
    if not seen.size:
        raise ValueError(
            f"f is finite nowhere from {ends[0]:.6g} to {ends[1]:.6g}: choose other bounds"
        )
    low, high = float(seen.min()), float(seen.max())
    size = high - low if high > low else abs(high) or 1.0
    ax.set_xlim(*ends)
    ax.set_ylim(low - 0.12 * size, high + 0.12 * size)
    label = word("value") if terrain.loss_name == "f" else word("loss", loss=_named(terrain))
    ax.plot(a, f, **{**style.FIT, "color": color}, zorder=2, label="_curve")
    ax.set_xlabel(terrain.names[0])
    ax.set_ylabel(label)
    return a, f


def _named(terrain: Terrain) -> str:
    return f" ({terrain.loss_name})" if terrain.loss_name else ""


def _ends(terrain: Terrain, traces: list[Trace], bounds: ArrayLike | None) -> tuple[float, float]:
    if bounds is not None:
        ends = np.asarray(bounds, dtype=np.float64)
        if ends.shape != (2,) or not np.all(np.isfinite(ends)) or not ends[0] < ends[1]:
            raise ValueError(f"bounds must be the two ends of the axis, low < high, got {bounds!r}")
        return float(ends[0]), float(ends[1])
    diverged = [trace.walk.diverged for trace in traces]
    flat = [np.column_stack([trace.a, np.zeros(len(trace.a))]) for trace in traces]
    if terrain.bounds is not None:
        shown = terrain.bounds[0]
        calm = [path[:1] if wild else path for path, wild in zip(flat, diverged, strict=True)]
        if not calm or all(np.all((p[:, 0] >= shown[0]) & (p[:, 0] <= shown[1])) for p in calm):
            return float(shown[0]), float(shown[1])
        wide = frame.path_limits(calm)[0]
        return float(min(shown[0], wide[0])), float(max(shown[1], wide[1]))
    if not traces:
        return -3.0, 3.0
    goals = [point for point, _ in terrain.minima]
    if all(diverged):
        goals = [point for trace in traces for point in terrain.dip(trace.a[:, np.newaxis])]
    climb = _CLIMB if all(diverged) else _CLIMB_AMONG_CALM
    flat = [
        path[: _swings(terrain, trace, climb)] if trace.walk.diverged else path
        for path, trace in zip(flat, traces, strict=True)
    ]
    limits = frame.path_limits(flat, diverged=diverged, goals=[(float(p[0]), 0.0) for p in goals])
    return float(limits[0, 0]), float(limits[0, 1])


def _swings(terrain: Terrain, trace: Trace, climb: float) -> int:
    """Count the first points of a diverging walk at which f is not yet too high to see its start.

    Heights count from the dip between the first two points, or from a minimum that is known.
    """
    a, f = trace.a, trace.f
    if len(a) < 2:
        return len(a)
    with np.errstate(all="ignore"):
        heights = terrain.values(np.array(terrain.dip(a[:, np.newaxis])))
        floor = np.min(heights, where=np.isfinite(heights), initial=f[0])
        size = f[0] - floor if f[0] > floor else abs(f[1] - f[0])
        near = np.abs(f - floor) <= climb * size
    near[0] = True
    return len(a) if near.all() else int(np.argmin(near))


def find_minima(terrain: Terrain, a: Floats, f: Floats) -> list[tuple[float, float, bool]]:
    """Find the minima on the curve: place, height, and whether it is a global one."""
    if terrain.minima:
        points = [(float(point[0]), best) for point, best in terrain.minima]
        points = [(place, best) for place, best in points if a[0] <= place <= a[-1]]
        heights = terrain.line([place for place, _ in points]) if points else np.empty(0)
        known = [(p, float(h), best) for (p, best), h in zip(points, heights, strict=True)]
    else:
        known = []
    if known and terrain.landscape is None:
        return known
    found = _valleys(terrain, a, f)
    if terrain.landscape is not None:
        listed = np.array([place for place, _, _ in known])
        far = 1e-3 * (a[-1] - a[0])
        fresh = [v for v in found if not listed.size or np.abs(listed - v[0]).min() > far]
        return known + [(place, height, False) for place, height in fresh]
    floor = min((height for _, height in found), default=0.0)
    # A single bowl has one minimum; of several the lowest in the picture is the global one.
    return [(place, height, height <= floor) for place, height in found]


def _valleys(terrain: Terrain, a: Floats, f: Floats) -> list[tuple[float, float]]:
    """Look where the curve turns from falling to rising, and closer, five times as fine."""
    height = np.where(np.isfinite(f), f, np.inf)
    least = 1e-9 * float(np.ptp(f[np.isfinite(f)]))
    middle = height[1:-1]
    places = 1 + np.flatnonzero((middle < height[:-2]) & (middle <= height[2:]))
    found = []
    for place in places[:40]:
        u, width, low = float(a[place]), float(a[1] - a[0]), float(height[place])
        for _ in range(6):
            near = u + width * np.linspace(-1, 1, 11)
            values = terrain.line(near)
            best = int(np.nanargmin(values))
            u, low, width = float(near[best]), float(values[best]), width / 5
        left, right = height[: place + 1].max(), height[place:].max()
        if min(left, right) - low > least:
            found.append((u, low))
    return found


def draw_minima(ax: Axes, minima: list[tuple[float, float, bool]]) -> None:
    """Mark the minima; a lone one simply as the minimum."""
    lone = len(minima) == 1
    for is_global in (True, False):
        points = [(place, height) for place, height, best in minima if best == is_global]
        if points:
            key = "global minimum" if is_global else "local minimum"
            mark: dict[str, Any] = style.MINIMUM if is_global else style.LOCAL_MINIMUM
            ax.plot(
                *np.transpose(points),
                **mark,
                zorder=6,
                label=word("minimum" if lone and is_global else key),
            )
