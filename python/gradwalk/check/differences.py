"""Slopes of a function from its values alone, each with what it may be wrong by.

A central difference (f(x+h) − f(x−h)) / 2h is wrong by about h²·f‴/6, and by the rounding of f over
h: no single h is right for every function, coordinate and precision. So seven of them are taken,
each a quarter of the one before, and two neighbours give Richardson's (16·D(h/4) − D(h)) / 15,
whose error is of order h⁴. Of these the one is taken that differs least from both its neighbours,
and what it differs by is its error. Source: Ridders, "Accurate computation of F′(x) and
F′(x)F″(x)", Advances in Engineering Software 4(2), 1982.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

#: Quotient of a step and the next.
SHRINK = 4.0
#: Steps, by the size of the coordinate.
STEPS = 0.1 * SHRINK ** -np.arange(7.0)
#: A slope whose error is a larger share of it than this is looked for once more with finer steps.
COARSE = 1e-6


@dataclass(frozen=True, slots=True)
class Differences:
    """One number for each coordinate, flat."""

    slope: NDArray[np.float64]
    error: NDArray[np.float64]
    left: NDArray[np.float64]
    """Slope of the side below, which differs from `right` at a kink alone."""
    right: NDArray[np.float64]


def differences(
    fun: Callable[[NDArray[Any]], float], x0: NDArray[Any], value: float
) -> Differences:
    """Slopes of `fun`, of which `value` is the one at `x0`; 14 or 28 calls for each coordinate."""
    size = np.maximum(np.abs(x0.ravel().astype(float)), 1)[:, None]
    everywhere = np.arange(x0.size)
    steps = size * STEPS
    sides = _sides(fun, x0, everywhere, steps)
    rounding = max(_rounding(sides, steps), np.finfo(np.float64).eps * abs(value))
    found = _slopes(sides, steps, value, x0, everywhere, rounding)
    coarse = np.flatnonzero(~(found[1] <= COARSE * np.abs(found[0])))
    steps = steps[coarse] * SHRINK**-7
    finer = _slopes(_sides(fun, x0, coarse, steps), steps, value, x0, coarse, rounding)
    # Steps that the function does not see at all say nothing.
    better = (finer[1] < found[1][coarse]) & ((finer[0] != 0) | (found[0][coarse] == 0))
    found[:, coarse[better]] = finer[:, better]
    return Differences(*found)


def _sides(
    fun: Callable[[NDArray[Any]], float],
    x0: NDArray[Any],
    places: NDArray[np.intp],
    steps: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return f and x, each below and above, for each place and each of its steps."""
    sides = np.empty((2, 2, *steps.shape))
    for row, place in enumerate(places):
        for k, step in enumerate(steps[row]):
            for side, sign in enumerate((-1, 1)):
                x = x0.copy()
                x.flat[place] += sign * step
                # The step that x's own precision leaves of it.
                sides[1, side, row, k] = x.flat[place]
                sides[0, side, row, k] = fun(x)
    return sides


def _refined(sides: NDArray[np.float64]) -> NDArray[np.float64]:
    """Richardson's slope of each step and the next."""
    with np.errstate(all="ignore"):
        central = np.diff(sides[0], axis=0)[0] / np.diff(sides[1], axis=0)[0]
        refined: NDArray[np.float64] = SHRINK**2 * central[:, 1:] - central[:, :-1]
        return refined / (SHRINK**2 - 1)


def _rounding(sides: NDArray[np.float64], steps: NDArray[np.float64]) -> float:
    """Return what values of f are rounded by: the finest steps show little else."""
    with np.errstate(all="ignore"):
        by = np.abs(np.diff(_refined(sides), axis=1))[:, -2:] * steps[:, -2:]
    largest = np.max(by, axis=1)
    finite = largest[np.isfinite(largest)]
    return float(np.median(finite)) if finite.size else 0.0


def _slopes(
    sides: NDArray[np.float64],
    steps: NDArray[np.float64],
    value: float,
    x0: NDArray[Any],
    places: NDArray[np.intp],
    rounding: float,
) -> NDArray[np.float64]:
    """Slope, error, and the slopes of both sides, for each place."""
    refined = _refined(sides)
    x = x0.ravel()[places].astype(float)[:, None]
    row = np.arange(len(places))
    with np.errstate(all="ignore"):
        gaps = np.abs(np.diff(refined, axis=1))
        # Noise may agree with itself by chance, so what it is apart is no less than the rounding.
        errors = np.maximum(gaps[:, :-1], gaps[:, 1:]) + 3 * rounding / steps[:, 2:-1]
        errors[~np.isfinite(errors)] = np.inf
        best = np.argmin(errors, axis=1)
        of_sides = (sides[0] - value) / (sides[1] - x)
        slope, error = refined[row, best + 1], errors[row, best]
        left, right = of_sides[:, row, best + 2]
        # Of a smooth function the slopes of both sides come together with the step; at a kink they
        # stay.
        before = (of_sides[1] - of_sides[0])[row, best + 1]
        kink = (right - left > 0.7 * before) & (0.7 * before > 20 * error)
    return np.stack([slope, error, np.where(kink, left, slope), np.where(kink, right, slope)])
