"""The path of a loop beside the reference's from the same start, for the picture of a report."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gradwalk._thinning import thin_places

from .replay import RIGHT, Now, Seen, first_step, right_gradient, taking
from .returned import Floats
from .task import Task

#: Updates, seconds and points of a picture at most.
MOST_UPDATES, SECONDS, POINTS = 1000, 0.05, 200


@dataclass(frozen=True, slots=True)
class Paths:
    """θ of the loop, and of the reference on the same rows, after some of the updates."""

    updates: NDArray[np.int64]
    """How many updates were made; 0 is the start."""
    loop: NDArray[np.float64]
    """θ of the loop, a row for each of them."""
    reference: NDArray[np.float64]
    """θ of the reference, which goes its own way from the start."""

    @property
    def distances(self) -> NDArray[np.float64]:
        """The largest difference of a coordinate, after each of them."""
        with np.errstate(all="ignore"):
            return np.asarray(np.abs(self.loop - self.reference).max(axis=1))


def paths(task: Task, seen: Seen) -> Paths | None:
    """Walk on from the loop's start for a moment, and pick the places where its θ is known."""
    plan = task.plan()
    ends = [int(end) for end in np.cumsum([len(epoch) for epoch in plan])]
    found = seen.places(ends, RIGHT) if ends else []
    if not found:
        return None
    known = found[0]
    until, last = time.monotonic() + SECONDS, max(known)
    take, step, theta = taking(task, RIGHT), first_step(task), known[0]
    walked: dict[int, Floats] = {0: theta}
    t, X_b, y = 0, task.problem.X_b, task.problem.y
    for epoch, batches in enumerate(plan):
        for k, (rows, rows_of_y) in enumerate(batches):
            if t >= min(last, MOST_UPDATES) or time.monotonic() > until:
                break
            now = Now(theta, theta, X_b[rows], y[rows_of_y], t, epoch, k)
            step.eta, step.k = task.rate(t), t + 1
            theta = take(theta, right_gradient(task, now), step)
            t += 1
            if t in known:
                walked[t] = theta
    places = np.array(sorted(walked))
    kept = thin_places(places, np.arange(len(places), dtype=float), most=POINTS)
    places = places[kept]
    return Paths(
        places,
        np.array([np.ravel(known[t]) for t in places], dtype=float),
        np.array([np.ravel(walked[t]) for t in places], dtype=float),
    )
