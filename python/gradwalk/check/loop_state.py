"""Mistakes in what a loop keeps from one update to the next, each a `Hypothesis`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from gradwalk.reference_rules import RULES, plain

from .replay import Hypothesis, Now, first_step, penalty, right_gradient
from .returned import Floats
from .task import Task


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

    def ahead(task: Task, now: Now, beta: float) -> Floats:
        at = now.theta + beta * (now.theta - now.before)
        there = Now(at, now.theta, now.X, now.y, now.t, now.epoch, now.k)
        new: Floats = at - now.eta * right_gradient(task, there)
        return new

    def figures(what: str) -> dict[str, object]:
        return {"what": what}

    def other_l1(task: Task, now: Now) -> Floats:
        other = replace(task, l1=task.sign_l1, sign_l1=task.l1)
        step = first_step(other)
        step.eta = now.eta
        new: Floats = plain(now.theta, right_gradient(other, now), step)
        return new

    if task.rule is None and (task.l1 or task.sign_l1):
        told = "proximal l1" if task.l1 else "l1·sign(w)"
        yield Hypothesis(name, advance=other_l1, figures=figures(told))
    if kind == "Momentum":
        yield Hypothesis(name, take=partial(averaged, **constants), figures=figures("η/(1−β)"))
        yield Hypothesis(name, take=partial(polyak, **constants), figures=figures("η/(1−β)"))
        yield Hypothesis(
            name, take=partial(rate_inside, **constants), figures=figures("v ← βv + ηg")
        )
    elif kind == "Nesterov":
        advance = partial(ahead, **constants)
        yield Hypothesis(name, advance=advance, figures=figures("θ + β(θ − θ_before)"))
    elif "epsilon_at" in constants:
        roots = {"outside": "√G + ε", "inside": "√(G + ε)"}
        if kind not in ("AdaGrad", "RMSProp"):
            roots |= {"uncorrected": "√v + ε"}
        for place, root in roots.items():
            if place != constants["epsilon_at"]:
                take = partial(RULES[kind], **constants | {"epsilon_at": place})
                yield Hypothesis(name, take=take, figures=figures(f"{root}, epsilon_at={place!r}"))
    for epsilon in (1e-6, 1e-7, 1e-8, 1e-10, 0.0) if "epsilon" in constants else ():
        if epsilon != constants["epsilon"]:
            take = partial(RULES[kind], **constants | {"epsilon": epsilon})
            what = figures(f"ε = {constants['epsilon']:g}")
            yield Hypothesis(name, take=take, figures=what)
