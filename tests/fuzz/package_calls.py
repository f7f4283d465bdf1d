"""Calls of the functions and value objects of the package, with right and odd arguments."""

from __future__ import annotations

import math
from itertools import islice
from typing import Any

import numpy as np

import gradwalk as gw
from gradwalk.landscapes import x_cos
from odd_values import odd_value
from offers import SURFACES, X, Y, chosen, column, matrix, own_loss
from source import Source
from tally import Outcome, Tally
from whole import check_model


def _loss_and_grad(source: Source, tally: Tally) -> None:
    offers = {
        "loss": lambda: source.pick([*gw.LOSSES, own_loss]),
        "rows": lambda: source.pick([[0, 1], [5, 5, 5], [6], [-1], [], 0, [[0]], np.arange(3.0)]),
        "sample_weight": lambda: column(source),
        "l2": lambda: source.pick([0, 0.5, -1, math.nan]),
        "fit_intercept": lambda: source.pick([True, False, 1]),
    }
    params = source.pick([np.zeros(3), np.zeros(2), np.zeros((3, 2)), 0.5, [], odd_value(source)])
    given = chosen(source, offers)
    tally.call(gw.loss_and_grad, matrix(source), column(source), params, **given)


def _max_learning_rate(source: Source, tally: Tally) -> None:
    offers = {
        "loss": lambda: source.pick([*gw.LOSSES, own_loss]),
        "batch_size": lambda: source.pick([None, 1, 2, 100, 2**64 - 1, 0]),
        "sample_weight": lambda: column(source),
        "l2": lambda: source.pick([0, 0.5]),
        "fit_intercept": lambda: source.pick([True, False]),
    }
    given = chosen(source, offers)
    came = tally.call(gw.max_learning_rate, matrix(source), column(source), **given)
    if came.error is None:
        tally.check(came.value >= 0, f"max_learning_rate gave {came.value}")


NUMBERS: list[Any] = [0, 1, 3, 100, 2**62, 2**63 - 1, 2**64 - 1, 0.5, 0.9, 1.0, 1e-8, 1e300, -1.0]


def _number(source: Source) -> Any:
    return odd_value(source) if source.once_in(4) else source.pick(NUMBERS)


def _rules(source: Source, tally: Tally) -> None:
    kind = source.pick([getattr(gw.rules, name) for name in gw.rules.__all__])
    came = tally.call(kind, *[_number(source) for _ in range(source.below(4))])
    if came.error is None:
        tally.call(repr, came.value)
        model = tally.call(gw.SGD, rule=came.value, epochs=2, random_state=0)
        if model.error is None:
            tally.call(model.value.fit, X, Y)
            check_model(tally, model.value)


def _schedules(source: Source, tally: Tally) -> None:
    kind = source.pick([getattr(gw.schedules, name) for name in gw.schedules.__all__])
    values = [_number(source) for _ in range(source.below(4))]
    if kind is gw.schedules.Warmup and len(values) > 1 and source.below(4):
        values[1] = gw.schedules.Exponential(0.1, 0.5)
    came = tally.call(kind, *values)
    if came.error is not None:
        return
    t = source.pick([0, 1, 2**63, 2**64 - 1, 2**64, -1, [0, 1], [], np.arange(3), [[1], [2]], None])
    tally.call(came.value.at, odd_value(source) if source.once_in(6) else t)
    model = tally.call(gw.BatchGD, learning_rate=came.value, epochs=2)
    if model.error is None:
        tally.call(model.value.fit, X, Y)
        check_model(tally, model.value)


def _schedule_table(source: Source, tally: Tally) -> None:
    names = ["n_samples", "batch_size", "epochs", "drop_last"]
    given = {name: _number(source) for name in source.some(names, 3)}
    came = tally.call(gw.schedule_table, **given)
    if came.error is None:
        tally.call(repr, came.value)


def _landscapes(source: Source, tally: Tally) -> None:
    surface = source.pick(SURFACES)
    kind = source.below(6)
    if kind == 0:
        name = source.pick([surface.name, "bowl", "x_cos", "nowhere", odd_value(source)])
        made = tally.call(
            type(surface), *[name, _number(source), _number(source)][: source.between(1, 3)]
        )
    elif kind == 1:
        made = tally.call(
            surface.at_dimension, source.pick([1, 2, 3, 0, 10**6 + 1, odd_value(source)])
        )
    elif kind == 2:
        made = tally.call(surface.with_condition, _number(source))
    elif kind == 3:
        made = tally.call(x_cos, _number(source))
    elif kind == 4:
        given = [
            source.pick([1, 2, 5, 0, 10**7 + 1, odd_value(source)]),
            _number(source),
            _number(source),
        ]
        made = tally.call(surface.as_sum, *given[: source.between(1, 3)])
    else:
        made = Outcome(surface)
    if made.error is not None:
        return
    point = source.pick(
        [0.5, [0.5], [0.5, 1.0], np.ones((2, 3, 2)), np.zeros((0, 2)), [], np.zeros((2, 0)),
         [math.inf, 1.0], [1e300, -1e300], np.ones(2, ">f4"), odd_value(source)]
    )  # fmt: skip
    rows = [source.pick([[0], [0, 0], [5], [], None, odd_value(source)])] if kind == 4 else []
    tally.call(made.value, point, *rows)
    tally.call(made.value.grad, point, *rows)
    if kind != 4:
        tally.call(made.value.hessian, point)
        for name in ("minima", "bounds", "start", "learning_rate", "parameter", "formula"):
            getattr(made.value, name)
    tally.call(repr, made.value)
    tally.check(made.value == made.value and hash(made.value) == hash(made.value), "not itself")


def _minimum(source: Source, tally: Tally) -> None:
    kind = type(gw.landscapes.bowl.minima[0])
    point = source.pick([[0.0, 1.0], 0.5, [], [[1.0]], [math.nan], odd_value(source)])
    came = tally.call(kind, point, _number(source), source.pick([True, False, odd_value(source)]))
    if came.error is None:
        tally.call(repr, came.value)
        list(islice(came.value, 5))


FUNCTIONS = [
    *(_loss_and_grad, _loss_and_grad, _max_learning_rate, _rules, _schedules, _schedule_table),
    *(_landscapes, _landscapes, _minimum),
]
