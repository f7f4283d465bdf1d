"""pickle, copy and deepcopy: the other object is the same in every bit, and goes on the same."""

from __future__ import annotations

import copy
import pickle
import threading
import warnings
from typing import Any

import cloudpickle
import joblib
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gradwalk as gw
from gradwalk import landscapes, rules, schedules
from saved_models import (
    FLEETING,
    FUNCTIONS,
    METHODS,
    RULES,
    STATES,
    Forgetful,
    Noted,
    Slotted,
    X,
    Y,
    bits,
    getters,
    go_on,
    own_loss,
    seen,
    walk_on,
)

ALL = STATES | FUNCTIONS
every_state = pytest.mark.parametrize("make", ALL.values(), ids=ALL)
PROTOCOLS = range(pickle.HIGHEST_PROTOCOL + 1)


def pickled(value: Any, protocol: int = pickle.HIGHEST_PROTOCOL) -> Any:
    return pickle.loads(pickle.dumps(value, protocol))


def copies(value: Any) -> list[Any]:
    by_pickle = [pickled(value, protocol) for protocol in PROTOCOLS]
    by_value = pickle.loads(cloudpickle.dumps(value))
    return [*by_pickle, by_value, copy.copy(value), copy.deepcopy(value)]


def own_attributes_aside(shown: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in shown.items() if name != "own"}


# --- Models ---------------------------------------------------------------------------------------


@every_state
def test_a_copy_is_the_same_in_every_bit(make: Any) -> None:
    model, _ = make()
    before = own_attributes_aside(seen(model))
    for other in copies(model):
        assert other is not model
        assert own_attributes_aside(seen(other)) == before
    assert own_attributes_aside(seen(model)) == before


@every_state
def test_a_copy_goes_on_as_the_original_does(make: Any) -> None:
    model, data = make()
    others = [pickled(model), copy.deepcopy(model), copy.copy(model), pickled(pickled(model, 0), 2)]
    if make in (STATES["a landscape"], STATES["a function of a matrix"]):
        for each in (model, *others):
            with pytest.raises(ValueError, match=r"last walk .* was down a function"):
                go_on(each, data)
        return
    expected = own_attributes_aside(go_on(model, data))
    for other in others:
        assert own_attributes_aside(go_on(other, data)) == expected


@every_state
def test_a_copy_is_fitted_anew_as_the_original_is(make: Any) -> None:
    model, data = make()
    other = pickled(model)
    given = {"init": np.zeros(3)} if callable(model.loss) else {}
    without = FLEETING
    if model.random_state is None:  # drawn anew, which only BatchGD does not heed
        assert isinstance(model, gw.BatchGD)
        without = (*FLEETING, "seed_")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", gw.DivergenceWarning)
        shown, expected = (seen(each.fit(*data, **given), without) for each in (other, model))
    assert own_attributes_aside(shown) == own_attributes_aside(expected)


@settings(max_examples=60)
@given(
    method=st.sampled_from(list(METHODS)),
    loss=st.sampled_from(["mse", "huber"]),
    rule=st.sampled_from(RULES),
    record=st.sampled_from(["auto", "update", "epoch", None]),
    path_bytes=st.integers(0, 3000),
    l1=st.sampled_from([0.0, 0.1]),
    rate=st.sampled_from([0.01, schedules.Exponential(0.05, 0.99), 2.0]),
    tol=st.none() | st.floats(1e-6, 1e-2),
    single=st.booleans(),
    full_loss=st.booleans(),
    updates=st.integers(0, 150),
    is_left=st.booleans(),
    epochs=st.integers(1, 12),
)
def test_any_walk_goes_on_from_anywhere(
    method: str,
    loss: str,
    single: bool,
    full_loss: bool,
    updates: int,
    is_left: bool,
    epochs: int,
    rate: Any,
    **arguments: Any,
) -> None:
    model = METHODS[method](loss, learning_rate=rate, random_state=7, epochs=6, **arguments)
    data = (X.astype(np.float32), Y) if single else (X, Y)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", gw.DivergenceWarning)
        if is_left:
            for _ in zip(range(updates), model.steps(*data, full_loss=full_loss), strict=False):
                pass
        else:
            model.fit(*data, full_loss=full_loss)
    other = pickled(model)
    shown = seen(model)
    if np.isfinite(model.params_).all():
        assert seen(other) == shown
    assert go_on(other, data, epochs) == go_on(model, data, epochs)
    assert seen(pickled(other)) == seen(other)


def test_a_copy_lives_a_life_of_its_own() -> None:
    model, data = STATES["Adam 0.05 MiniBatchGD"]()
    for other in copies(model):
        before = seen(model)
        go_on(other, data)
        assert seen(model) == before
        steps = other.steps(*data)
        next(steps)
        other.partial_fit(*data)
        with pytest.raises(RuntimeError, match="this walk is gone"):
            next(steps)


def test_a_shallow_copy_shares_objects_and_a_deep_one_does_not() -> None:
    rng = np.random.default_rng(1)
    model = gw.SGD(learning_rate=schedules.Constant(0.1), random_state=rng)
    assert copy.copy(model).random_state is rng
    assert copy.deepcopy(model).random_state is not rng
    memo: dict[int, Any] = {}
    first, second = copy.deepcopy([model, rng], memo)
    assert first.random_state is second


def test_numbers_of_numpy_are_shown_as_what_they_are() -> None:
    rate = np.array(0.25)
    model = gw.SGD(np.str_("huber"), learning_rate=rate, epochs=np.int8(3), tol=np.float32(0.5))
    rate[...] = 4.0
    assert repr(model) == "SGD(loss='huber', learning_rate=0.25, epochs=3, tol=0.5)"
    assert seen(pickled(model)) == seen(model)


# --- Functions ------------------------------------------------------------------------------------


@pytest.mark.parametrize("argument", ["loss", "learning_rate"])
def test_a_lambda_cannot_be_pickled_but_copied(argument: str) -> None:
    model = gw.SGD(**{argument: lambda *given: own_loss(*given) if given[1:] else 0.1})
    expected: list[type[Exception]] = []
    try:
        pickle.dumps(lambda: 0)
    except Exception as error:
        expected.append(type(error))
    with pytest.raises(tuple(expected), match="lambda"):
        pickle.dumps(model)
    for other in (copy.copy(model), copy.deepcopy(model)):
        assert getattr(other, argument) is getattr(model, argument)
    assert callable(getattr(pickle.loads(cloudpickle.dumps(model)), argument))


def test_a_function_is_pickled_by_its_name() -> None:
    model, _ = FUNCTIONS["a loss of one's own"]()
    assert pickled(model).loss is own_loss
    assert b"own_loss" in pickle.dumps(model)


# --- Classes of the user's ------------------------------------------------------------------------


def test_attributes_of_a_derived_class_are_kept() -> None:
    model = Noted("mine", epochs=3, random_state=0).fit(X, Y)
    for other in copies(model):
        assert type(other) is Noted
        assert other.note == "mine"
    for other in (pickled(model), copy.deepcopy(model)):
        assert other.itself is other
    assert copy.copy(model).itself is model
    assert own_attributes_aside(seen(pickled(Noted("new")))) == own_attributes_aside(
        seen(Noted("new"))
    )


def test_slots_are_kept() -> None:
    model = Slotted(epochs=3, random_state=0).fit(X, Y)
    model.note = "mine"
    for other in copies(model):
        assert (type(other), other.note) == (Slotted, "mine")
        assert own_attributes_aside(seen(other)) == own_attributes_aside(seen(model))


def test_a_derived_class_may_say_what_is_kept() -> None:
    model = Forgetful(epochs=3).fit(X, Y)
    model.kept, model.cache = 1, "large"
    for other in copies(model):
        assert (other.kept, other.cache) == (1, "made anew")
        assert bits(other.params_) == bits(model.params_)


def test_a_local_class_is_pickled_by_value_where_that_is_asked_for() -> None:
    class Local(gw.SGD):
        def twice(self) -> Any:
            return 2 * self.params_

    model = Local(epochs=2, random_state=0).fit(X, Y)
    other = pickle.loads(cloudpickle.dumps(model))
    assert bits(other.twice()) == bits(model.twice())


# --- Other objects --------------------------------------------------------------------------------


@every_state
def test_a_history_is_the_same_by_itself(make: Any) -> None:
    model, _ = make()
    if hasattr(model, "history_"):
        for other in copies(model.history_):
            assert bits(other) == bits(model.history_)


def value_objects() -> dict[str, Any]:
    wells = landscapes.double_well.as_sum(10, 0.5, random_state=1)
    return {
        "verdict": STATES["SGD half_mse"]()[0].history_.verdict,
        "landscape": landscapes.ravine.with_condition(7.0),
        "landscape of p": landscapes.bowl.at_dimension(4),
        "x_cos": landscapes.x_cos(0.5),
        "sum": wells,
        "minimum": landscapes.beale.minima[0],
        "table": gw.schedule_table(),
        **{repr(rule): rule for rule in RULES},
        "schedule": schedules.Warmup(3, schedules.Cosine(0.1, 9)),
    }


@pytest.mark.parametrize("name", value_objects())
def test_values_are_equal_to_their_copies(name: str) -> None:
    value = value_objects()[name]
    for other in copies(value):
        assert type(other) is type(value)
        assert other == value
        assert repr(other) == repr(value)


def test_steps_are_kept_and_their_iterator_is_not() -> None:
    model = gw.MiniBatchGD(epochs=1, batch_size=10, random_state=0)
    steps = model.steps(X, Y)
    step = next(steps)
    of_epoch: list[Any] = []
    gw.BatchGD(epochs=1).fit(X, Y, callback=of_epoch.append)
    for each in (step, *of_epoch):
        for other in copies(each):
            for name in getters(gw.Step):
                assert bits(getattr(other, name)) == bits(getattr(each, name))
            assert repr(other) == repr(each)
    # It holds data that are the caller's, and the model's place in them.
    for protocol in PROTOCOLS:
        with pytest.raises((TypeError, pickle.PicklingError), match="Steps"):
            pickle.dumps(steps, protocol)


def test_the_result_of_minimize_is_kept() -> None:
    walker = gw.SGD(epochs=3, random_state=0, learning_rate=1e-4)
    result = walker.minimize(landscapes.rosenbrock, [-1.2, 1.0])
    for other in copies(result):
        assert type(other) is type(result)
        assert bits(dict(other)) == bits(dict(result))
        assert bits(other.path) == bits(result.path)


# --- Other processes and threads ------------------------------------------------------------------


def test_models_go_to_other_processes_and_come_back() -> None:
    made = [FUNCTIONS["interrupted inside an epoch"](), STATES["single precision"]()]
    # A record of more than a megabyte, which joblib hands over as a memory map.
    large = gw.SGD(epochs=2000, random_state=0, record="update").fit(X, Y)
    assert large.history_.path.nbytes > 1 << 20
    made.append((large, (X, Y)))
    jobs = [joblib.delayed(walk_on)(copy.deepcopy(model), data) for model, data in made]
    came_back = joblib.Parallel(n_jobs=2)(jobs)
    for (model, data), other in zip(made, came_back, strict=True):
        assert seen(other, FLEETING) == seen(walk_on(model, data), FLEETING)


def assert_part_of(other: Any, model: Any) -> None:
    """`other` was copied while `model` walked on."""
    epochs, updates = other.n_epochs_, other.n_updates_
    ours, whole = other.history_, model.history_
    assert len(ours.loss) == epochs
    assert bits(ours.loss) == bits(whole.loss[:epochs])
    assert len(ours.update_loss) == updates
    assert bits(ours.update_loss) == bits(whole.update_loss[:updates])
    assert bits(ours.path[: updates + 1]) == bits(whole.path[: updates + 1])
    assert bits(other.params_) == bits(whole.path[updates])


@pytest.mark.parametrize("loss", ["mse", own_loss])
def test_a_model_is_copied_while_another_thread_fits_it(loss: Any) -> None:
    model = gw.SGD(loss, learning_rate=1e-3, epochs=150, random_state=0, record="update")
    data = (np.tile(X, (20, 1)), np.tile(Y, 20))
    given = {"init": np.zeros(3)} if callable(loss) else {}
    taken: list[Any] = []

    def walk() -> None:
        # Each walk is the same. One may be over before the other thread has had its turn.
        for _ in range(1000):
            if len(taken) < 30:
                model.fit(*data, **given)

    walker = threading.Thread(target=walk, daemon=True)
    walker.start()
    while walker.is_alive():
        other = pickled(model)
        if hasattr(other, "params_") and other.stop_reason_ == "walking":
            taken.append(other)
    walker.join()
    assert model.n_epochs_ == 150
    for other in taken[:: len(taken) // 20]:
        assert_part_of(other, model)
        assert other.partial_fit(*data).n_epochs_ == len(other.history_.loss)
    # Some of the copies were taken where the record had long outgrown what is shared for free.
    assert max(other.n_updates_ for other in taken) > 10_000


def test_a_copy_in_a_callback_goes_on_from_the_end_of_its_epoch() -> None:
    model = gw.SGD(epochs=6, random_state=0, rule=rules.Adam())
    taken: list[Any] = []
    model.fit(X, Y, callback=lambda step: taken.append(pickled(model)))
    for epoch, other in enumerate(taken[:-1], 1):
        assert other.n_epochs_ == epoch
        for _ in range(epoch, 6):
            other.partial_fit(*(X, Y))
        shown = seen(other, FLEETING)
        assert shown == seen(model, FLEETING)


def test_a_copy_from_within_the_function_that_is_walked_down() -> None:
    taken: list[Any] = []
    refused: list[str] = []

    def loss(params: Any, X_batch: Any, y_batch: Any) -> Any:
        try:
            taken.append(copy.copy(model))
        except RuntimeError as error:
            refused.append(str(error))
        return own_loss(params, X_batch, y_batch)

    model = gw.SGD(loss, learning_rate=1e-3, epochs=40, random_state=0, record="update")
    data = (np.tile(X, (3, 1)), np.tile(Y, 3))
    model.fit(*data, init=np.zeros(3))
    # A short record is there; a long one is out with the walk.
    assert taken
    assert refused
    for other in taken[::50]:
        assert_part_of(other, model)
    assert all("Copy or save the SGD after the fit, or in a callback" in text for text in refused)
    assert seen(copy.copy(model)) == seen(model)
