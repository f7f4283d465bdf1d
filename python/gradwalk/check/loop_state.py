"""Mistakes in what a loop keeps from one update to the next, each a `Hypothesis`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np

from gradwalk.reference_rules import RULES

from .replay import Hypothesis, Now, Task, penalty, right_gradient
from .returned import Floats


def state(task: Task) -> Iterator[Hypothesis]:
    """Give what may be kept that should not be, or is kept in another way."""

    def kept(task: Task, now: Now, by_epoch: bool) -> Floats:
        if by_epoch and now.k == 0:
            now.memory.pop("sum", None)
        total: Any = now.memory.get("sum", 0.0) + right_gradient(task, now)
        now.memory["sum"] = total
        found: Floats = np.array(total)
        return found

    def error_kept(task: Task, now: Now) -> Floats:
        slopes = task.problem.loss(now.X @ now.theta, now.y)[1]
        total = now.memory.get("error", 0.0) + slopes
        now.memory["error"] = total
        found: Floats = now.X.T @ total / now.m + penalty(task, now.theta)
        return found

    yield Hypothesis("gradient not reset", partial(kept, by_epoch=False))
    if task.size < task.n:
        yield Hypothesis("gradient not reset in an epoch", partial(kept, by_epoch=True))
    if task.n % task.size == 0:
        yield Hypothesis("gradient not reset", error_kept)
    if task.has_schedule:
        rates: list[tuple[str, Callable[[Task, Now], float]]] = [
            ("schedule off by one", lambda task, now: task.rate(now.t + 1)),
            ("schedule off by one", lambda task, now: task.rate(max(now.t - 1, 0))),
            ("epoch never fires", lambda task, now: task.rate(0)),
        ]
        if task.size < task.n:
            rates.insert(0, ("schedule restarted", lambda task, now: task.rate(now.k)))
            rates.append(("epoch never fires", lambda task, now: task.rate(now.epoch)))
        for name, rate in rates:
            yield Hypothesis(name, rate=rate)
    yield from _conventions(task)


def _conventions(task: Task) -> Iterator[Hypothesis]:
    kind = type(task.rule).__name__ if task.rule is not None else ""
    constants = vars(task.rule) if task.rule is not None else {}
    name = "another convention"

    def averaged(theta: Floats, g: Floats, step: Any, beta: float) -> Floats:
        v = step.kept["v"] = beta * step.last("v", theta) + (1 - beta) * g
        new: Floats = theta - step.eta * v
        return new

    def rate_inside(theta: Floats, g: Floats, step: Any, beta: float) -> Floats:
        v = step.kept["v"] = beta * step.last("v", theta) + step.eta * g
        new: Floats = theta - v
        return new

    def polyak(theta: Floats, g: Floats, step: Any, beta: float) -> Floats:
        v = step.kept["v"] = beta * step.last("v", theta) + (1 - beta) * g
        new: Floats = theta - step.eta * v / (1 - beta**step.k)
        return new

    def figures(what: str) -> dict[str, object]:
        return {"what": what}

    if kind == "Momentum":
        yield Hypothesis(name, take=partial(averaged, **constants), figures=figures("η/(1−β)"))
        yield Hypothesis(name, take=partial(polyak, **constants), figures=figures("η/(1−β)"))
        yield Hypothesis(
            name, take=partial(rate_inside, **constants), figures=figures("v ← βv + ηg")
        )
    elif "epsilon_at" in constants:
        roots = {"outside": "√G + ε", "inside": "√(G + ε)"}
        if kind not in ("AdaGrad", "RMSProp"):
            roots |= {"uncorrected": "√v + ε"}
        for place, root in roots.items():
            if place != constants["epsilon_at"]:
                take = partial(RULES[kind], **constants | {"epsilon_at": place})
                yield Hypothesis(name, take=take, figures=figures(f"{root}, epsilon_at={place!r}"))
