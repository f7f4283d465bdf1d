"""Limits that do not explode, and what becomes of a line that leaves them.

A diverging walk ends at 10³⁰⁰. Its start counts for the limits of a picture and its blow-up does
not; where its line leaves the frame it ends in an arrow and a note.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from gradwalk._types import Floats


_Ends: TypeAlias = tuple[float, float]

# How far a diverging walk may climb: so many times the height of the calm ones, or its own.
_CLIMB, _CLIMB_LOG = 2.0, 1e4
# A diverging path is followed for so many updates while it stays within so many sizes of what else
# is in the picture, and after that while it stays within a third of them.
HANDFUL, _REACH = 5, 3.0
# Its first step belongs to what else there is, unless it is so many times as large along each axis.
_BLOW_UP = 10.0
# A minimum is shown unless the picture of the calm paths would have to be wider than so many times.
_TOWARDS = 2.3
# A calm walk's wildest leaps are let go beyond so many times the size of all the rest.
_LEAP = 4.0


def limits(
    curves: Iterable[ArrayLike],
    *,
    diverged: Sequence[bool] = (),
    log: bool = False,
    extra: Iterable[float] = (),
) -> _Ends | None:
    """Frame the heights of several curves, and `extra` ones, with a margin; None if there are none.

    Of a `diverged` curve only the first value counts, and it gets room to be seen climbing, or
    falling. Of a calm one the start, the end and all but the wildest leaps lie inside. NaN and
    infinity are passed over, and on a log axis what is not positive.
    """
    calm: list[Floats] = [np.asarray(list(extra), dtype=np.float64)]
    starts: list[float] = []
    rises = falls = False
    for number, curve in enumerate(curves):
        values = _usable(np.asarray(curve, dtype=np.float64), log)
        if number < len(diverged) and diverged[number]:
            if values.size:
                rises |= bool(values[-1] >= values[0])
                falls |= bool(values[-1] < values[0])
                starts.append(float(values[0]))
        else:
            calm.append(_without_leaps(values, log))
    heights = _usable(np.concatenate(calm), log)
    if heights.size and starts:
        # A first epoch may have blown up as a whole: its mean is then no place to start from.
        low, high = float(heights.min()), float(heights.max())
        room = max(high - low, 0.5 * max(abs(low), abs(high)))
        near = (low / _CLIMB_LOG, high * _CLIMB_LOG) if log else (low - room, high + room)
        starts = [start for start in starts if near[0] <= start <= near[1]]
    heights = np.concatenate([heights, starts])
    if not heights.size:
        return None
    low, high = float(heights.min()), float(heights.max())
    if log:
        room = (high / low) ** 0.1 if high > low else 2.0
        return low / (_CLIMB_LOG if falls else room), high * (_CLIMB_LOG if rises else room)
    size = high - low
    room = 0.15 * size if size > 0 else 0.5 * max(abs(high), 1e-300)
    if size == 0 and high == 0.0:
        room = 0.5
    climb = _CLIMB * max(size, 0.5 * max(abs(low), abs(high)), room)
    return low - (climb if falls else room), high + (climb if rises else room)


def path_limits(
    paths: Iterable[ArrayLike],
    *,
    diverged: Sequence[bool] = (),
    extra: ArrayLike = (),
    goals: ArrayLike = (),
) -> Floats:
    """Frame paths over a plane, each (k, 2), with a margin: [[x_low, x_high], [y_low, y_high]].

    Of `diverged` paths the start counts, and the first steps until they grow so far that nothing
    else could be seen. `extra` points, (m, 2), lie inside; so do `goals`, what the paths walk
    towards, unless the paths would be too small to see. The frame does not depend on the units of
    either axis.
    """
    calm, wild = [np.asarray(extra, dtype=np.float64).reshape(-1, 2)], []
    for number, path in enumerate(paths):
        points = np.asarray(path, dtype=np.float64).reshape(-1, 2)
        points = points[np.all(np.isfinite(points), axis=1)]
        if number < len(diverged) and diverged[number]:
            with np.errstate(over="ignore"):
                # Where squares are no numbers any more there is nothing to draw.
                wild.append(points[np.all(np.isfinite(points**2), axis=1)])
        else:
            calm.append(np.column_stack([_without_leaps(points[:, k], False) for k in (0, 1)]))
    seen = np.concatenate(calm + [points[:1] for points in wild])
    among_calm = any(len(points) for points in calm[1:])
    for goal in np.asarray(goals, dtype=np.float64).reshape(-1, 2):
        whole = np.ptp(np.vstack([seen, goal]), axis=0)
        if among_calm:
            size = np.ptp(seen, axis=0)
            is_near = bool(np.all((whole <= _TOWARDS * size) | (size == 0)))
        else:
            size = np.max([np.zeros(2), *[_first_step(points) for points in wild]], axis=0)
            is_near = not np.any(size) or bool(np.any((size > 0) & (whole <= 2 * _BLOW_UP * size)))
        if is_near:
            seen = np.vstack([seen, goal])
    if not len(seen):
        return np.array([[-1.0, 1.0], [-1.0, 1.0]])
    if not among_calm:
        size = np.ptp(seen, axis=0)
        first = [points[:2] for points in wild if _belongs(_first_step(points), size)]
        seen = np.concatenate([seen, *first])
    seen = np.concatenate([seen, *[near(points, seen, _REACH) for points in wild]])
    low, high = seen.min(axis=0), seen.max(axis=0)
    # A still point gets a frame of its own size, or of 1 at the origin.
    size = np.where(high > low, high - low, np.where(high != 0.0, np.abs(high), 1.0))
    room = (0.25 if wild else 0.1) * size
    return np.column_stack([low - room, high + room])


def near(points: Floats, seen: Floats, reach: float) -> Floats:
    """Return the points, (k, 2), of a diverging path before it grows out of sight of what is seen.

    The first handful may lie `reach` sizes of `seen`, (m, 2), beyond it; later ones a third as far.
    """
    low, high = seen.min(axis=0), seen.max(axis=0)
    # Along an axis on which nothing else lies apart the first step is the measure.
    size = np.where(high > low, high - low, _first_step(points))
    with np.errstate(over="ignore", invalid="ignore"):
        away = np.maximum(low - points, points - high)
    allowed = np.where(np.arange(len(points)) <= HANDFUL, reach, reach / 3)
    far = np.any(away > allowed[:, np.newaxis] * size, axis=1)
    return points[: int(np.argmax(far)) if far.any() else len(points)]


def _first_step(points: Floats) -> Floats:
    """How far a path first moves along each axis; 0 where it never does."""
    if len(points) < 2:
        return np.zeros(2)
    with np.errstate(over="ignore"):
        steps = np.abs(np.diff(points, axis=0))
    return np.asarray(steps[np.argmax(steps > 0, axis=0), [0, 1]])


def _belongs(step: Floats, size: Floats) -> bool:
    """Whether a first step is no blow-up beside what else there is."""
    return not np.any(size) or bool(np.any((size > 0) & (step > 0) & (step <= _BLOW_UP * size)))


def _usable(values: Floats, log: bool) -> Floats:
    values = values.ravel()
    return values[np.isfinite(values) & ((values > 0) | (not log))]


def _without_leaps(values: Floats, log: bool) -> Floats:
    """Pull leaps far beyond the bulk, the start and the end back to a few sizes of these."""
    if len(values) < 8:
        return values
    heights = np.log(values) if log else values
    bulk = np.concatenate([np.quantile(heights, [0.03, 0.97]), heights[[0, -1]]])
    low, high = bulk.min(), bulk.max()
    room = _LEAP * (high - low)
    if room == 0.0:
        return values
    heights = np.clip(heights, low - room, high + room)
    return np.exp(heights) if log else heights


@dataclasses.dataclass(frozen=True, eq=False)
class Cut:
    """A line up to where it first leaves the frame."""

    x: Floats
    y: Floats
    left: int | None
    """Number of the first point outside; None if the line stays inside."""
    direction: _Ends
    """Where it goes there, in shares of the frame, of length 1; (0, 0) if it stays."""


def cut(
    x: ArrayLike,
    y: ArrayLike,
    xlim: _Ends,
    ylim: _Ends,
    *,
    xlog: bool = False,
    ylog: bool = False,
) -> Cut:
    """Cut a line where it first leaves the frame; its last point then lies on the frame."""
    x, y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    shares = np.column_stack([_shares(x, xlim, xlog), _shares(y, ylim, ylog)])
    # A tolerance for rounding: the frame's own corners are inside.
    outside = ~np.all((shares >= -1e-9) & (shares <= 1.0 + 1e-9), axis=1)
    if not outside.any():
        return Cut(x, y, None, (0.0, 0.0))
    left = int(np.argmax(outside))
    if left == 0:
        edge = np.clip(shares[0], 0.0, 1.0)
        way = shares[0] - edge
    else:
        inside, way = shares[left - 1], shares[left] - shares[left - 1]
        with np.errstate(divide="ignore", invalid="ignore"):
            steps = np.where(
                way > 0, (1.0 - inside) / way, np.where(way < 0, -inside / way, np.inf)
            )
        edge = np.clip(inside + way * min(float(steps.min()), 1.0), 0.0, 1.0)
    way = way / np.linalg.norm(way)
    end = [_unshare(edge[0], xlim, xlog), _unshare(edge[1], ylim, ylog)]
    return Cut(
        np.append(x[:left], end[0]),
        np.append(y[:left], end[1]),
        left,
        (float(way[0]), float(way[1])),
    )


def _shares(values: Floats, ends: _Ends, log: bool) -> Floats:
    """Where values lie between the ends of an axis: 0 to 1 is inside, NaN far outside."""
    low, high = ends
    if log:
        low, high = np.log10(low), np.log10(high)
        with np.errstate(divide="ignore", invalid="ignore"):
            values = np.log10(values)
    with np.errstate(over="ignore", invalid="ignore"):
        shares = (values - low) / (high - low)
    return np.asarray(np.clip(np.nan_to_num(shares, nan=-1e6), -1e100, 1e100))


def _unshare(share: float, ends: _Ends, log: bool) -> float:
    low, high = ends
    if log:
        return float(10.0 ** (np.log10(low) + share * (np.log10(high) - np.log10(low))))
    return float(low + share * (high - low))
