"""Looking for the mistakes that explain all of what a loop did."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import chain, product

import numpy as np

from gradwalk._text import rounded

from .loop_draws import draw_hypotheses
from .loop_mistakes import hypotheses, scaled
from .replay import Hypothesis, Mismatch, Now, Seen, Task, follow

#: Seconds that the search may take.
SECONDS = 10.0
#: Mistakes that are told at most, where several explain the same.
MOST = 4
#: Steps of the secant method.
STEPS = 20


def search(
    tasks: Sequence[Task], seen: Seen, sampling: str, share: float
) -> list[tuple[Hypothesis, Task]]:
    """Return the mistakes that explain all that was compared, of the first task that has any."""
    until = time.monotonic() + SECONDS
    for task in tasks:
        found: dict[str, tuple[Hypothesis, Task]] = {}
        for one in chain(hypotheses(task), draw_hypotheses(task, sampling)):
            if time.monotonic() > until or len(found) == MOST:
                break
            if one.name in found:
                continue
            try:
                result = follow(task, one, seen, share)
            except (ValueError, IndexError, FloatingPointError):
                continue
            if isinstance(result, int) and result > 0:
                found[one.name] = one, task
        if found:
            return list(found.values())
    return _scaled(tasks[0], seen, share)


def _scaled(task: Task, seen: Seen, share: float) -> list[tuple[Hypothesis, Task]]:
    """Look for one factor that all steps have, by the secant method."""
    forms: dict[str, Callable[[Now], float]] = {"": lambda _: 1.0}
    if task.n % task.size:
        forms |= {"m": lambda now: now.m, "/m": lambda now: 1 / now.m}
    for (form, size), with_penalty in product(forms.items(), (True, False)):
        factor, along = 1.0, None
        tried: list[tuple[float, float]] = []
        for _ in range(STEPS):
            gradient = scaled(lambda now: factor * size(now), "", with_penalty)  # noqa: B023
            one = Hypothesis("another factor", gradient)
            found = follow(task, one, seen, share)
            if isinstance(found, int) and found * seen.start.size > 1:
                return [(replace(one, figures={"factor": f"{rounded(factor)}{form}"}), task)]
            if not isinstance(found, Mismatch) or found.compared:
                break
            if along is None:
                along = found.expected - seen.start
                tried = [(0.0, float(np.vdot(along, seen.start - found.got)))]
            tried = [tried[-1], (factor, float(np.vdot(along, found.expected - found.got)))]
            (a, f), (b, g) = tried
            if f == g or not np.isfinite(f - g):
                break
            factor = b - g * (b - a) / (g - f)
    return []
