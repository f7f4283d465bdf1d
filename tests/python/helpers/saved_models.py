"""Models in every state in which they can be copied, and all that can be seen of them.

Functions and classes stand here and not in a test, so that other processes can import them.
"""

from __future__ import annotations

import types
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import gradwalk as gw
from gradwalk import rules, schedules
from random_problems import targets
from written_rules import RULES

Model = Any
State = tuple[Model, tuple[Any, Any]]
"""A model, and the data that it goes on with."""

N = 23
X = np.random.default_rng(1).normal(size=(N, 3))
Y = X @ [1.0, -2.0, 0.5] + 0.3
METHODS = {"BatchGD": gw.BatchGD, "SGD": gw.SGD, "MiniBatchGD": gw.MiniBatchGD}
# What the clock and the allocator say; the rest must be equal to the last bit.
FLEETING = ("seconds", "nbytes", "memory_")


def labels(loss: str) -> Any:
    """Targets that suit a loss."""
    shape = (N, 3) if loss == "cross_entropy" else N
    return targets(loss, np.zeros(shape), np.random.default_rng(2))


# --- What is seen ---------------------------------------------------------------------------------


def getters(cls: type) -> list[str]:
    return [
        name
        for name in dir(cls)
        if isinstance(getattr(cls, name), types.GetSetDescriptorType) and name[0] != "_"
    ]


def bits(value: Any, without: tuple[str, ...] = ()) -> Any:
    """`value` in a form that is equal where every bit is."""
    if isinstance(value, np.ndarray):
        return value.dtype.str, value.shape, value.tobytes()
    if isinstance(value, float):
        return value.hex()
    if isinstance(value, np.random.Generator):
        return str(value.bit_generator.state)
    if isinstance(value, dict):
        return {key: bits(item, without) for key, item in value.items() if key not in without}
    if isinstance(value, gw.History):
        columns = {name: getattr(value, name, None) for name in getters(gw.History)}
        # Room to grow is no part of what is on record.
        del columns["nbytes"]
        return bits({**columns, "as_columns": value.to_dict(), "repr": repr(value)}, without)
    return value


def seen(model: Model, without: tuple[str, ...] = ()) -> dict[str, Any]:
    """All that a model shows: every attribute, or what it raises, its repr and its predictions."""
    shown: dict[str, Any] = {"class": type(model), "own": getattr(model, "__dict__", None)}
    if not isinstance(model.random_state, np.random.Generator):  # which is shown by its address
        shown["repr"] = repr(model)
    asked: dict[str, Callable[[], Any]] = {
        name: lambda name=name: getattr(model, name) for name in getters(type(model))
    }
    for name in ("predict", "predict_proba", "decision_function"):
        asked[name] = lambda name=name: getattr(model, name)(X)
    for name, ask in asked.items():
        try:
            shown[name] = ask()
        except (AttributeError, TypeError, gw.NotFittedError) as error:
            shown[name] = (type(error), str(error))
    return bits(shown, without)


def go_on(model: Model, data: tuple[Any, Any], epochs: int = 3) -> dict[str, Any]:
    """What is seen after some more epochs, clock and allocator aside."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", gw.DivergenceWarning)
        for _ in range(epochs):
            model.partial_fit(*data)
    return seen(model, without=FLEETING)


def saved(model: Model, path: Path) -> Path:
    model.save(path)
    return path


def walk_on(model: Model, data: tuple[Any, Any]) -> Model:
    return model.partial_fit(*data)


# --- Functions and classes of the user's ----------------------------------------------------------


def own_loss(params: Any, X_batch: Any, y_batch: Any) -> tuple[float, Any]:
    error = X_batch @ params - y_batch
    return float(error @ error) / len(error), 2 * X_batch.T @ error / len(error)


def decaying(t: int) -> float:
    return 0.05 / (1 + t / 50)


class Interrupting:
    """A learning rate under which the stop button is pressed, once, before update t."""

    def __init__(self, t: int, error: type[BaseException] = KeyboardInterrupt) -> None:
        self.t, self.error, self.was_pressed = t, error, False

    def __call__(self, t: int) -> float:
        if t == self.t and not self.was_pressed:
            self.was_pressed = True
            raise self.error
        return 0.02

    def __repr__(self) -> str:
        return f"Interrupting({self.t})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Interrupting) and vars(self) == vars(other)

    def __hash__(self) -> int:
        return self.t


class Noted(gw.SGD):
    """A class of the user's with an argument and attributes of its own."""

    def __init__(self, note: str, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.note, self.itself, self.keywords = note, self, keywords


class Slotted(gw.MiniBatchGD):
    """One whose attribute lies in a slot."""

    __slots__ = ("note",)


class Forgetful(gw.BatchGD):
    """One that says itself what is kept of its attributes."""

    def __getstate__(self) -> dict[str, Any]:
        return {"kept": self.kept}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.kept, self.cache = state["kept"], "made anew"


# --- States ---------------------------------------------------------------------------------------

STATES: dict[str, Callable[[], State]] = {}
"""Models that can be saved to a file, too."""
FUNCTIONS: dict[str, Callable[[], State]] = {}
"""Models that hold functions or classes of the user's, which can be pickled alone."""


def state(table: dict[str, Callable[[], State]], name: str) -> Any:
    return lambda make: table.setdefault(name, make)


def of_loss(loss: str, method: str) -> State:
    model = METHODS[method](loss, learning_rate=0.05, epochs=4, random_state=3)
    return model.fit(X, labels(loss)), (X, labels(loss))


def of_rule(rule: Any, l1: float, method: str) -> State:
    model = METHODS[method](rule=rule, l1=l1, learning_rate=0.02, epochs=3, random_state=3)
    return model.fit(X, Y), (X, Y)


for place, loss in enumerate(gw.LOSSES):
    method = list(METHODS)[place % 3]
    STATES[f"{method} {loss}"] = lambda loss=loss, method=method: of_loss(loss, method)
for rule in RULES:
    for l1, method in ((0.05, "MiniBatchGD"), (0.0, "SGD")):
        name = f"{type(rule).__name__} {l1} {method}"
        STATES[name] = lambda r=rule, s=l1, m=method: of_rule(r, s, m)
for name, METHOD in METHODS.items():
    STATES[f"not fitted {name}"] = lambda METHOD=METHOD: (METHOD(epochs=2, random_state=4), (X, Y))


@state(STATES, "all arguments")
def all_arguments() -> State:
    model = gw.MiniBatchGD(
        *("cross_entropy",),
        learning_rate=schedules.Warmup(5, schedules.InverseScaling(0.1, tau=20.0)),
        rule=rules.RMSProp(0.8, epsilon=1e-6),
        l1=1e-3,
        l2=np.float64(1e-2),
        epochs=np.int64(7),
        fit_intercept=False,
        n_classes=4,
        tol=np.array(1e-4),
        patience=3,
        random_state=2**64 - 1,
        record="auto",
        path_bytes=3000,
        batch_size=5,
        sampling="replace",
        drop_last=True,
    )
    y = labels("cross_entropy")
    return model.fit(X, y, full_loss=True, sample_weight=np.linspace(0, 2, N)), (X, y)


@state(STATES, "single precision")
def single() -> State:
    model = gw.MiniBatchGD(rule=rules.Adam(), epochs=3, random_state=0, batch_size=4)
    data = (X.astype(np.float32), Y)
    return model.fit(*data), data


@state(STATES, "labels −1 and 1")
def signs() -> State:
    y = 2 * labels("hinge") - 1
    return gw.SGD("hinge", epochs=3, random_state=0).fit(X, y), (X, y)


@state(STATES, "order replayed")
def replayed() -> State:
    order = [[3, 3, 0], [1], list(range(N))]
    return gw.SGD(epochs=3, random_state=0).fit(X, Y, order=order), (X, Y)


@state(STATES, "thinned")
def thinned() -> State:
    model = gw.SGD(epochs=9, path_bytes=1000, random_state=5).fit(X, Y)
    return model, (X, Y)


@state(STATES, "thinned to the start")
def thinned_to_the_start() -> State:
    return gw.SGD(epochs=70, path_bytes=0, random_state=5).fit(X, Y), (X, Y)


@state(STATES, "no record")
def no_record() -> State:
    return gw.SGD(epochs=3, record=None, random_state=5).fit(X, Y), (X, Y)


@state(STATES, "epochs on record")
def epochs_on_record() -> State:
    return gw.MiniBatchGD(epochs=3, record="epoch", random_state=5).fit(X, Y), (X, Y)


@state(STATES, "patience half used up")
def patience() -> State:
    model = gw.BatchGD(learning_rate=0.4, epochs=40, tol=1e-2, patience=1000).fit(X, Y)
    return model, (X, Y)


@state(STATES, "tolerance met")
def tolerance_met() -> State:
    model = gw.BatchGD(learning_rate=0.4, epochs=1000, tol=1e-3, patience=2).fit(X, Y)
    assert model.stop_reason_ == "tolerance met"
    return model, (X, Y)


@state(STATES, "validation and the best")
def best() -> State:
    model = gw.SGD(learning_rate=0.3, epochs=9, random_state=1, tol=1e-9)
    model.fit(X, Y, validation=0.3, restore_best=True, full_loss=True)
    assert 1 <= model.best_epoch_ < 9
    return model, (X, Y)


@state(STATES, "diverged")
def diverged() -> State:
    model = gw.MiniBatchGD(learning_rate=10.0, epochs=2000, random_state=1, rule=rules.Momentum())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", gw.DivergenceWarning)
        model.fit(X, Y)
    assert model.stop_reason_ == "diverged"
    return model, (X, Y)


@state(STATES, "diverged at once")
def diverged_at_once() -> State:
    model = gw.BatchGD(learning_rate=1e308, epochs=5)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", gw.DivergenceWarning)
        model.fit(1e200 * X, Y)
    assert model.n_epochs_ == 0
    return model, (X, Y)


@state(STATES, "left inside an epoch")
def left_inside_an_epoch() -> State:
    model = gw.SGD(epochs=3, random_state=2, rule=rules.Nesterov())
    for step in model.steps(X, Y, full_loss=True):
        if step.update == 2 * N + 7:
            break
    assert model.stop_reason_ == "walking"
    return model, (X, Y)


@state(STATES, "not a step made")
def not_a_step_made() -> State:
    model = gw.SGD(epochs=3, random_state=2)
    model.steps(X, Y)
    return model, (X, Y)


@state(STATES, "stopped by a callback")
def stopped_by_a_callback() -> State:
    model = gw.BatchGD(epochs=50).fit(X, Y, callback=lambda step: step.epoch == 4)
    assert model.stop_reason_ == "callback"
    return model, (X, Y)


@state(STATES, "a generator")
def generator() -> State:
    rng = np.random.default_rng(8)
    rng.integers(0, 5, dtype=np.uint8)
    return gw.SGD(epochs=2, random_state=rng).fit(X, Y), (X, Y)


@state(STATES, "a landscape")
def landscape() -> State:
    settings = {"gtol": 1e-9, "step_tol": 1e-9, "max_updates": 1000}
    model = gw.BatchGD(learning_rate=0.02, epochs=30, rule=rules.Momentum(), **settings)
    model.minimize(gw.landscapes.himmelblau, [0.0, 0.0])
    return model, (X, Y)


@state(STATES, "a function of a matrix")
def function_of_a_matrix() -> State:
    model = gw.SGD(learning_rate=0.1, epochs=5, random_state=0)
    model.minimize(lambda x: float((x**2).sum()), np.ones((2, 1, 3)), jac=lambda x: 2 * x)
    assert model.params_.shape == (2, 1, 3)
    return model, (X, Y)


@state(FUNCTIONS, "a loss of one's own")
def with_own_loss() -> State:
    model = gw.MiniBatchGD(own_loss, epochs=4, random_state=0, rule=rules.Adam(), batch_size=4)
    return model.fit(X, Y, init=np.zeros(3)), (X, Y)


@state(FUNCTIONS, "a learning rate of one's own")
def with_own_rate() -> State:
    return gw.SGD(learning_rate=decaying, epochs=3, random_state=0).fit(X, Y), (X, Y)


@state(FUNCTIONS, "interrupted inside an epoch")
def interrupted() -> State:
    rate = Interrupting(2 * N + 7)
    model = gw.SGD(learning_rate=rate, epochs=5, random_state=0, rule=rules.Momentum(), tol=1e-9)
    try:
        model.fit(X, Y, full_loss=True)
    except KeyboardInterrupt:
        assert (model.stop_reason_, model.n_updates_) == ("interrupted", 2 * N + 7)
        return model, (X, Y)
    raise AssertionError("nobody pressed the button")


@state(FUNCTIONS, "failed inside an epoch")
def failed() -> State:
    model = gw.MiniBatchGD(learning_rate=Interrupting(7, ZeroDivisionError), random_state=0)
    try:
        model.fit(X, Y)
    except ZeroDivisionError:
        assert model.stop_reason_ == "failed"
        return model, (X, Y)
    raise AssertionError("nothing failed")


@state(FUNCTIONS, "an old generator")
def old_generator() -> State:
    rng = np.random.Generator(np.random.MT19937(3))
    return gw.SGD(epochs=2, random_state=rng).fit(X, Y), (X, Y)


@state(FUNCTIONS, "a class of one's own")
def noted() -> State:
    return Noted("mine", epochs=3, random_state=0).fit(X, Y), (X, Y)
