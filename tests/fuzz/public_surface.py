"""The public surface: any call, with any value anywhere.

Each input makes a model, mostly of right settings, and calls it, or calls functions of the package,
with arguments that are right, odd, missing or unknown. Only documented exceptions come, and a model
that was fitted is whole, whatever was done to it.
"""

from __future__ import annotations

import random
import secrets
from collections.abc import Callable
from typing import Any

import numpy as np

import gradwalk as gw
from odd_values import Index, Number, odd_function, odd_value
from offers import (
    SURFACES,
    X,
    Y,
    both,
    chosen,
    column,
    matrix,
    order,
    own_loss,
    own_rule,
    slope,
    smooth,
)
from package_calls import FUNCTIONS
from source import Source
from tally import Finding, Outcome, Tally
from whole import check_model

METHODS = [gw.BatchGD, gw.SGD, gw.MiniBatchGD]
# A walk of more epochs than this is one that a callback must end.
MANY = 30


def test_one_input(data: bytes, tally: Tally) -> None:
    """A model, and up to eight calls."""
    source = Source(data)
    # Where random_state is None: drawn from the input, so that it gives the same walk again.
    secrets.randbits = random.Random(data).getrandbits
    if source.once_in(4):
        for _ in range(source.between(1, 6)):
            source.pick(FUNCTIONS)(source, tally)
        return
    made = tally.call(source.pick(METHODS), *_positional(source), **_settings(source))
    model = made.value
    if model is None:
        return
    for _ in range(source.between(1, 8)):
        source.pick(USES)(source, tally, model)
        check_model(tally, model)


# --- Arguments ------------------------------------------------------------------------------


def _rate(source: Source) -> Any:
    return source.pick(
        [
            *(0.01, 0.1, 1e-6, 1e6, 5e-324, 1.7e308, np.float32(0.1), Number(0.1)),
            *(gw.schedules.Cosine(0.1, 10), gw.schedules.Warmup(3, gw.schedules.Constant(0.1))),
            *(lambda t: 0.1 / (1 + t), lambda t: "0.1", odd_function(source)),
        ]
    )


RIGHT: dict[str, Callable[[Source], Any]] = {
    "loss": lambda s: s.pick([*gw.LOSSES, own_loss, odd_function(s)]),
    "learning_rate": _rate,
    "epochs": lambda s: s.pick([1, 2, 3, 5, np.int64(2), Index(2), 2**63, 2**64 - 1]),
    "rule": lambda s: s.pick(
        [
            *(None, own_rule, odd_function(s)),
            *(getattr(gw.rules, name)() for name in gw._core.RULES),
            *(gw.rules.Adam(amsgrad=True), gw.rules.RMSProp(epsilon_at="inside")),
        ]
    ),
    "clip_norm": lambda s: s.pick([None, 1, 0.1, 1e300, 5e-324, np.float32(0.5)]),
    "l1": lambda s: s.pick([0, 0.0, 0.1, 1e300, 5e-324]),
    "l1_step": lambda s: s.pick(["proximal", "subgradient"]),
    "l2": lambda s: s.pick([0, 0.0, 0.1, 1e300, 5e-324]),
    "fit_intercept": lambda s: s.pick([True, False, np.True_]),
    "n_classes": lambda s: s.pick([None, 1, 2, 3, 5]),
    "tol": lambda s: s.pick([None, 0, 1e-3, 1e300]),
    "gtol": lambda s: s.pick([None, 0, 1e-3, 1e300]),
    "step_tol": lambda s: s.pick([None, 0, 1e-3, 1e300]),
    "max_updates": lambda s: s.pick([None, 1, 2, 7, 2**64 - 1]),
    "patience": lambda s: s.pick([1, 2, 2**64 - 1]),
    "random_state": lambda s: s.pick([None, 0, 2**64 - 1, np.random.default_rng(0)]),
    "record": lambda s: s.pick(["auto", "update", "epoch", 1, 3, None]),
    "path_bytes": lambda s: s.pick([0, 1, 8, 100, 2**20, 2**62]),
    "batch_size": lambda s: s.pick([1, 2, 4, 6, 7, 2**64 - 1]),
    "sampling": lambda s: s.pick(["shuffle", "replace", "sequential"]),
    "drop_last": lambda s: s.pick([True, False]),
    "n_threads": lambda s: s.pick([None, 1, 2, 3]),
    # What other libraries call them.
    "lr": lambda s: 0.1,
    "max_iter": lambda s: 10,
}  # fmt: skip
SETTINGS = [*RIGHT]


def _settings(source: Source) -> dict[str, Any]:
    names = source.some(SETTINGS[:-2], 6)
    if source.once_in(20):
        names.append(source.pick(SETTINGS))
    return {name: odd_value(source) if source.once_in(8) else RIGHT[name](source) for name in names}


def _positional(source: Source) -> list[Any]:
    return [odd_value(source) for _ in range(source.pick([0] * 20 + [1, 2]))]


def _callback(source: Source, *, must_stop: bool) -> Any:
    """A callback; one that ends the walk after three epochs, if it must."""
    if not must_stop:
        kind = source.below(6)
        if kind >= 2:
            return None
        return odd_function(source) if kind else odd_value(source)
    seen: list[Any] = []

    def callback(step: Any) -> Any:
        seen.append(step.loss)
        return len(seen) >= 3

    return callback


# --- Calls of a model -----------------------------------------------------------------------


def _fit(source: Source, tally: Tally, model: Any) -> None:
    data = [matrix(source), column(source)]
    if callable(model.loss) and not source.once_in(4):
        data = [X, Y]
    offers = {
        "sample_weight": lambda: source.pick([Y + 1, Y, np.ones(6), None, column(source)]),
        "init": lambda: source.pick([np.zeros(3), np.zeros(2), [0, 1, 2], [0.5], column(source)]),
        "order": lambda: order(source),
        "validation": lambda: source.pick(
            [0.2, 0.5, 0, 1.0, -0.1, (X, Y), (X, Y[:2]), (X,), [X, Y], (X, Y, Y), odd_value(source)]
        ),
        "restore_best": lambda: source.pick([True, False]),
        "full_loss": lambda: source.pick([True, False]),
    }
    given = chosen(source, offers)
    if callable(model.loss) and source.below(4):
        given["init"] = source.pick([[0.5], [0.5, 1.0], np.zeros((2, 1))])
    callback = _callback(source, must_stop=model.epochs > MANY)
    if callback is not None:
        given["callback"] = callback
    tally.call(model.fit, *data, **given)


def _partial_fit(source: Source, tally: Tally, model: Any) -> None:
    offers = {"sample_weight": lambda: column(source), "order": lambda: order(source)}
    tally.call(model.partial_fit, matrix(source), column(source), **chosen(source, offers))


def _steps(source: Source, tally: Tally, model: Any) -> None:
    offers = {
        "sample_weight": lambda: column(source),
        "init": lambda: source.pick([np.zeros(3), [0.5, 1.0]]),
        "order": lambda: order(source),
        "full_loss": lambda: source.pick([True, False]),
    }
    begun = tally.call(model.steps, matrix(source), column(source), **chosen(source, offers))
    if begun.error is not None:
        return
    for _ in range(source.between(1, 4)):
        step = tally.call(next, begun.value, None).value
        if source.once_in(8):
            # The walk is taken away below the iterator.
            tally.call(model.partial_fit, X, Y)
        if step is not None:
            repr(step)


def _predict(source: Source, tally: Tally, model: Any) -> None:
    name = source.pick(["predict", "predict_proba", "decision_function", "score"])
    data = [matrix(source)]
    if name == "score":
        data.append(column(source))
    tally.call(getattr(model, name), *data)


def _minimize(source: Source, tally: Tally, model: Any) -> None:
    surface = source.pick(SURFACES)
    fun = source.pick([surface, surface.as_sum(4, 0.5, 0), smooth, both, odd_function(source)])
    start = source.pick([[0.5, 1.0], [0.5], 0.5, np.ones((2, 2)), np.zeros(0), column(source)])
    offers = {
        "jac": lambda: source.pick([True, False, None, slope, odd_function(source)]),
        "n_terms": lambda: source.pick([1, 2, 5, 0, -1, 2**32, 2**64, odd_value(source)]),
    }
    given = chosen(source, offers)
    callback = _callback(source, must_stop=model.epochs > MANY)
    if callback is not None:
        given["callback"] = callback
    if source.once_in(10):
        fun = odd_value(source)
    came = tally.call(model.minimize, fun, start, **given)
    if came.error is None:
        tally.check(came.value.status in range(5), f"status {came.value.status}")
        repr(came.value)


def _reenter(source: Source, tally: Tally, model: Any) -> None:
    """A callback that turns to the model that calls it."""
    what = source.pick(["fit", "partial_fit", "predict", "history_", "repr", "minimize", "steps"])
    inner: list[Outcome] = []

    def callback(step: Any) -> bool:
        if what == "history_":
            inner.append(tally.call(lambda: model.history_.to_dict()))
        elif what == "repr":
            inner.append(tally.call(repr, model))
        elif what == "predict":
            inner.append(tally.call(model.predict, X))
        elif what == "minimize":
            inner.append(tally.call(model.minimize, gw.landscapes.bowl, [1.0]))
        else:
            inner.append(tally.call(getattr(model, what), X, Y))
        return len(inner) >= 2

    tally.call(model.fit, X, Y, callback=callback)
    for outcome in inner if what in ("fit", "partial_fit", "minimize", "steps") else []:
        refused = isinstance(outcome.error, RuntimeError)
        tally.check(refused, f"{what} within a callback of the same model: {outcome.error!r}")


def _attributes(source: Source, tally: Tally, model: Any) -> None:
    name = source.pick([name for name in dir(model) if not name.startswith("_")])

    def read() -> Any:
        try:
            return getattr(model, name)
        except AttributeError as error:
            # Of a model that is not fitted, and where there is no such thing, as for hasattr.
            if not isinstance(error, gw.NotFittedError) and not name.endswith("_"):
                raise Finding(f"{name} is listed, and is not there") from error
            return None

    read.__name__ = name
    value = tally.call(read).value
    tally.call(repr, value)
    if isinstance(value, gw.History):
        tally.call(value.to_dict)
        tally.call(lambda: (value.verdict.word, value.verdict.sentence, value.nbytes))


USES = [
    *(_fit, _fit, _fit, _partial_fit, _steps, _predict, _minimize, _minimize),
    *(_reenter, _attributes, _attributes),
]
