"""Looking for the mistakes that explain all of what a loop did."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import chain, product

import numpy as np

from gradwalk._text import rounded

from .loop_draws import draw_hypotheses
from .loop_mistakes import hypotheses, penalty_scaled, scaled
from .replay import Gradient, Hypothesis, Mismatch, Now, Seen, follow
from .task import Task

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
    return _factor(tasks[0], seen, share)


def _factor(task: Task, seen: Seen, share: float) -> list[tuple[Hypothesis, Task]]:
    """Look for a factor that all steps have, or their penalty, by the secant method."""
    forms: dict[str, Callable[[Now], float]] = {"": lambda _: 1.0}
    if task.n % task.size:
        forms |= {"m": lambda now: now.m, "/m": lambda now: 1 / now.m}
    kinds: list[tuple[str, Callable[[Callable[[Now], float]], Gradient]]] = [
        ("another factor", lambda by: scaled(by, "", True))
    ]
    if task.problem.l2:
        kinds.append(("another factor", lambda by: scaled(by, "", False)))
        kinds.insert(0, ("l2 on another scale", penalty_scaled))
    for (name, scale), (form, size) in product(kinds, forms.items()):
        tried: list[tuple[float, Mismatch]] = []
        for _ in range(STEPS):
            factor = _next(tried) if len(tried) > 1 else float(len(tried))
            one = Hypothesis(name, scale(lambda now: factor * size(now)))  # noqa: B023
            found = follow(task, one, seen, share)
            if isinstance(found, int) and found * seen.start.size > 1:
                return [(replace(one, figures={"factor": _told(factor, task.n) + form}), task)]
            if not isinstance(found, Mismatch) or not np.isfinite(factor):
                break
            if tried and found.update != tried[0][1].update:
                break
            tried = [*tried[-1:], (factor, found)]
    return []


def _next(tried: list[tuple[float, Mismatch]]) -> float:
    """Return the factor at which the line through the last two meets what the loop has."""
    (a, one), (b, other) = tried
    along = other.expected - one.expected
    left = np.vdot(along, other.got - other.expected)
    return b + (b - a) * float(left / np.vdot(along, along))


def _told(factor: float, n: int) -> str:
    """Write a factor, as a share of the rows where it is one."""
    shares = {1 / n: "1/n", 2 / n: "2/n", 0.5 / n: "1/(2n)", 1.0: "1"}
    return next((shown for k, shown in shares.items() if np.isclose(k, factor)), rounded(factor))
