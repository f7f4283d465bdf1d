"""The array gate: arrays of any layout and dtype, and things that are none, as every argument.

Whatever is handed over, only documented exceptions come; nothing is written to; and what stands for
real numbers gives the bits, or the kind of error, that a plain C-ordered array of them gives.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

import gradwalk as gw
from gradwalk._core import LOSS_FACTS
from odd_arrays import Argument, argument, endless
from source import Source
from tally import Finding, Outcome, Tally

LOSSES = [*gw.LOSSES]
RULES = [None, None, *(getattr(gw.rules, name)() for name in gw._core.RULES)]
REAL_KINDS = {a + b for a in "fiub" for b in "fiub"}
HAS_THREADS = hasattr(gw.BatchGD(), "n_threads")


def test_one_input(data: bytes, tally: Tally) -> None:
    """One call made of `data`, and the same call with plain arrays."""
    source = Source(data)
    call = source.pick(CALLS)
    loss = source.pick(LOSSES)
    n, d = source.between(1, 9), source.between(1, 5)
    run, arguments = call(source, loss, n, d)
    values = {name: given.value for name, given in arguments.items()}
    came = tally.call(run, **values)
    for name, given in arguments.items():
        tally.check(given.is_untouched(), f"{run.__name__}: {name} was written to")
    if any(given.plain is None for given in arguments.values()):
        # A loss of the user's gets long doubles as they are.
        is_long = any(getattr(v, "dtype", None) == np.longdouble for v in values.values())
        is_refused = came.error is not None or (is_long and run.__name__ == "function_of_data")
        tally.check(is_refused, f"{run.__name__} took {_shown(values)}")
        return
    twin = tally.call(run, **{name: given.plain for name, given in arguments.items()})
    tally.compared += 1
    difference = _difference(came, twin)
    if difference:
        raise Finding(f"{run.__name__}({_shown(values)}): {difference}")


# --- The calls ------------------------------------------------------------------------------

Call = tuple[Callable[..., Any], dict[str, Argument]]


def _data(source: Source, loss: str, n: int, d: int) -> dict[str, Argument]:
    """X and y, and at times the weights."""
    x = endless(source) if source.once_in(64) else argument(source, (n, d), single=True)
    # What X is worked on in, y is, too: beside float32, y is compared in its own numbers.
    single = x.plain is not None and x.plain.dtype == np.float32
    is_real = LOSS_FACTS[loss].labels == "real"
    y_shape = source.pick([(n,), (n,), (n, 1)])
    y = argument(source, y_shape, numbers="real" if is_real else "labels", single=single)
    arguments = {"X": x, "y": y}
    if source.once_in(3):
        arguments["sample_weight"] = argument(source, (n,), numbers="weights")
    return arguments


def _settings(source: Source) -> dict[str, Any]:
    settings = {
        "epochs": source.between(1, 3),
        "learning_rate": source.pick([0.01, 0.5]),
        "rule": source.pick(RULES),
        "l1": source.pick([0.0, 0.0, 0.25]),
        "l2": source.pick([0.0, 0.5]),
        "fit_intercept": source.pick([True, False]),
        "record": source.pick(["auto", "update", "epoch", None]),
        "random_state": source.below(3),
    }
    if HAS_THREADS:
        settings["n_threads"] = source.between(1, 4)
    return settings


def _model(source: Source, loss: str) -> Callable[[], gw.GradientDescent]:
    """What makes equal models."""
    settings = _settings(source)
    kind = source.below(3)
    if kind == 0:
        return lambda: gw.BatchGD(loss, **settings)
    if kind == 1:
        return lambda: gw.SGD(loss, **settings)
    batch_size = source.between(1, 9)
    return lambda: gw.MiniBatchGD(loss, batch_size=batch_size, **settings)


def _of_walk(model: gw.GradientDescent) -> dict[str, Any]:
    """All that a walk leaves behind, but for the seconds."""
    history = model.history_.to_dict()
    history.pop("seconds", None)
    left = {name: getattr(model, name) for name in ("params_", "n_epochs_", "n_updates_")}
    return left | history | {"stop_reason_": model.stop_reason_, "path": model.history_.path}


def fit(source: Source, loss: str, n: int, d: int) -> Call:
    make = _model(source, loss)
    arguments = _data(source, loss, n, d)
    flags = {"full_loss": source.once_in(3)}
    if source.once_in(4):
        arguments["init"] = argument(source, (d + make().fit_intercept,))
    if source.once_in(4):
        k = source.between(1, 6)
        arguments["order"] = argument(source, (make().epochs, k), numbers="indices")
    if source.once_in(4):
        m = source.between(1, 4)
        labels = "real" if loss in ("mse", "huber") else "labels"
        arguments["held_X"] = argument(source, (m, d))
        arguments["held_y"] = argument(source, (m,), numbers=labels)

    def fit(X: Any, y: Any, held_X: Any = None, held_y: Any = None, **others: Any) -> Any:
        if others.get("order") is not None:
            others["order"] = _indices(others["order"])
        if held_X is not None:
            others["validation"] = (held_X, held_y)
        return _of_walk(make().fit(X, y, **flags, **others))

    return fit, arguments


def partial_fit(source: Source, loss: str, n: int, d: int) -> Call:
    make = _model(source, loss)

    def partial_fit(X: Any, y: Any, **others: Any) -> Any:
        model = make()
        for _ in range(2):
            model.partial_fit(X, y, **others)
        return _of_walk(model)

    return partial_fit, _data(source, loss, n, d)


def steps(source: Source, loss: str, n: int, d: int) -> Call:
    make = _model(source, loss)
    most = source.between(1, 5)

    def steps(X: Any, y: Any, **others: Any) -> Any:
        seen: list[Any] = []
        for step in make().steps(X, y, **others):
            seen.append([step.loss, step.rows, step.params_before, step.grad, step.params])
            if len(seen) == most:
                break
        return seen

    return steps, _data(source, loss, n, d)


def predict(source: Source, loss: str, n: int, d: int) -> Call:
    model = _model(source, loss)()
    fitted_in = source.pick([np.float64, np.float32])
    X = (np.arange(4 * d).reshape(4, d) % 7).astype(fitted_in)
    model.fit(X, np.array([0, 1, 1, 0], fitted_in))
    method = source.pick(["predict", "decision_function", "predict_proba", "score"])
    arguments = {"X": argument(source, (n, d), single=True)}
    if method == "score":
        arguments["y"] = argument(source, (n,), numbers="labels", single=True)
    if method == "predict_proba" and loss not in ("log_loss", "cross_entropy"):
        method = "predict"

    def predict(**given: Any) -> Any:
        return getattr(model, method)(**given)

    return predict, arguments


def loss_and_grad(source: Source, loss: str, n: int, d: int) -> Call:
    arguments = _data(source, loss, n, d)
    arguments["params"] = argument(source, (d + 1,))
    if source.once_in(3):
        arguments["rows"] = argument(source, (source.between(1, 9),), numbers="indices")

    def loss_and_grad(rows: Any = None, **given: Any) -> Any:
        if rows is not None:
            given["rows"] = _indices(rows)
        return gw.loss_and_grad(**given, loss=loss)

    return loss_and_grad, arguments


def max_learning_rate(source: Source, loss: str, n: int, d: int) -> Call:
    batch_size = source.pick([None, 1, 2, 100])

    def max_learning_rate(**given: Any) -> Any:
        return gw.max_learning_rate(**given, loss=loss, batch_size=batch_size)

    return max_learning_rate, _data(source, loss, n, d)


def function_of_data(source: Source, loss: str, n: int, d: int) -> Call:
    """A loss of the user's, which is handed rows of X and y as they lie."""

    def own(params: Any, X: Any, y: Any) -> Any:
        if X.flags.writeable or y.flags.writeable:
            raise Finding("a batch can be written to")
        if X.dtype.kind + y.dtype.kind not in REAL_KINDS:
            return 1.0, np.ones(2)
        with np.errstate(all="ignore"):
            total = float(np.float64(X).sum() % 7) + float(np.float64(y).sum() % 7)
        return (total, np.full(2, total)) if np.isfinite(total) else (1.0, np.ones(2))

    make = _model(source, loss)
    kept = {name: getattr(make(), name) for name in ("epochs", "random_state", "learning_rate")}
    batch_size = source.between(1, 9)

    def function_of_data(X: Any, y: Any) -> Any:
        model = gw.MiniBatchGD(own, batch_size=batch_size, **kept)
        return _of_walk(model.fit(X, y, init=[0.0, 1.0]))

    arguments = {"X": argument(source, (n, d)), "y": argument(source, (n,))}
    return function_of_data, arguments


CALLS = [
    *(fit, fit, fit, partial_fit, steps, predict, predict),
    *(loss_and_grad, loss_and_grad, max_learning_rate, function_of_data),
]


def _indices(value: Any) -> Any:
    """Plain arrays hold float64; as row numbers they are whole."""
    if isinstance(value, np.ndarray) and value.dtype == np.float64 and value.flags.c_contiguous:
        return value.astype(np.int64)
    return value


# --- Comparing ------------------------------------------------------------------------------


def _difference(came: Outcome, twin: Outcome) -> str | None:
    """What tells the outcome from the one with plain arrays, if anything does."""
    if (came.error is None) != (twin.error is None) or type(came.error) is not type(twin.error):
        return f"{_told(came)}, and with plain arrays {_told(twin)}"
    if [category for category, _ in came.warned] != [category for category, _ in twin.warned]:
        return f"warned {came.warned}, and with plain arrays {twin.warned}"
    for ours, theirs in zip(_leaves(came.value), _leaves(twin.value), strict=True):
        if ours.dtype != theirs.dtype or ours.shape != theirs.shape:
            return f"{ours!r} instead of {theirs!r}"
        if ours.tobytes() != theirs.tobytes() and not np.array_equal(ours, theirs, equal_nan=True):
            return f"{ours!r} instead of {theirs!r}, which plain arrays give"
    return None


def _leaves(value: Any) -> Iterator[np.ndarray[Any, Any]]:
    """All the numbers and words in it, as arrays."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, tuple | list):
        for part in value:
            yield from _leaves(part)
    else:
        yield np.asarray(value)


def _told(outcome: Outcome) -> str:
    return "a value came" if outcome.error is None else repr(outcome.error)[:300]


def _shown(values: dict[str, Any]) -> str:
    """The arguments, for a message."""
    parts = []
    for name, value in values.items():
        text = repr(value)[:200]
        if isinstance(value, np.ndarray):
            text += f" of {value.dtype.str}, shape {value.shape}, strides {value.strides}"
        parts.append(f"{name}={text}")
    return ", ".join(parts)
