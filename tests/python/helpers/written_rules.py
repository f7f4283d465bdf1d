"""The update rules, and each as the reference writes it out in NumPy."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import numpy as np

from gradwalk import rules
from gradwalk.reference_rules import RULES as WRITTEN
from gradwalk.reference_rules import Step, plain
from value_objects import CHOICES, EVERY, RANGES, TABLE

#: The plain rule, and each of the table with its default constants.
DEFAULTS: list[Any] = [None, *(value for value in EVERY if isinstance(value, rules.Rule))]


def changed(rule: Any) -> Any:
    """The same with other numbers, all of them legal."""
    told = TABLE[type(rule)].items()
    factors = {
        name: 0.9 if "below 1" in expected else 10
        for name, (expected, _) in told
        if expected in RANGES
    }
    return replace(rule, **{name: factor * getattr(rule, name) for name, factor in factors.items()})


def in_each_convention(rule: Any) -> list[Any]:
    """The same with every combination of what its constants that are no numbers may be."""
    told = {} if rule is None else TABLE[type(rule)]
    choices = {
        name: CHOICES[expected] for name, (expected, _) in told.items() if expected in CHOICES
    }
    combinations = itertools.product(*choices.values())
    return [
        replace(rule, **dict(zip(choices, combination, strict=True))) if choices else rule
        for combination in combinations
    ]


def still(rule: Any) -> Any:
    """The same without what moves the minimum: a decay of weights, which may be 0."""
    told = {} if rule is None else TABLE[type(rule)]
    moves = [name for name in told if told[name][0] == "a finite number of at least 0"]
    return replace(rule, **dict.fromkeys(moves, 0.0)) if moves else rule


RULES = [written for rule in DEFAULTS for written in in_each_convention(rule and changed(rule))]


def formula(rule: Any, theta: Any, l1: float = 0.0, free: int = 0) -> Any:
    """The rule written out: a function (η, g) -> θ that remembers."""
    is_w = (np.arange(theta.size) >= free) * 1.0
    now = Step(l1 * is_w, is_w)
    take = plain if rule is None else WRITTEN[type(rule).__name__]
    constants = {} if rule is None else vars(rule)

    def step(eta: float, g: Any) -> Any:
        nonlocal theta
        now.eta, now.k = eta, now.k + 1
        theta = take(theta, g, now, **constants)
        return theta

    return step
