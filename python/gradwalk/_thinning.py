"""Some of the points of a long line, so that it looks the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from gradwalk._types import Floats


def thin_places(x: ArrayLike, y: ArrayLike, *, most: int = 4000) -> NDArray[np.intp]:
    """Choose at most about `most` of the points of a long line so that it looks the same.

    Of each run of neighbours the lowest and the highest stay, so no spike is lost; where x is no
    rising axis, as on a path, the leftmost and the rightmost too. First and last always stay.
    """
    x, y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    n = len(y)
    if n <= most:
        return np.arange(n)
    rising = bool(np.all(x[1:] >= x[:-1]))
    run = -(-n // max(1, most // (2 if rising else 4)))
    full = n - n % run
    places = [np.array([0, n - 1])]
    for values in (y,) if rising else (x, y):
        # NaN is neither lowest nor highest.
        for fill, choose in ((np.inf, np.argmin), (-np.inf, np.argmax)):
            filled = np.where(np.isnan(values), fill, values)
            chosen = choose(filled[:full].reshape(-1, run), axis=1)
            places.append(chosen + run * np.arange(full // run))
            if full < n:
                places.append(np.array([full + int(choose(filled[full:]))]))
    return np.unique(np.concatenate(places))


def block_means(values: Floats, block: int) -> Floats:
    """Compute the mean of every `block` neighbours; the last mean may be of fewer."""
    starts = np.arange(0, len(values), block)
    counts = np.diff(np.append(starts, len(values)))
    return np.asarray(np.add.reduceat(values, starts) / counts)


def thin(x: ArrayLike, y: ArrayLike, *, most: int = 4000) -> tuple[Floats, Floats]:
    """Return the points that `thin_places` chooses."""
    x, y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    places = thin_places(x, y, most=most)
    return x[places], y[places]
