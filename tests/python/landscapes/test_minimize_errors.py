"""`minimize` down functions that go wrong: the right error, the walk kept, and nothing leaks."""

from __future__ import annotations

import _thread
import gc
import operator
import signal
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

import gradwalk as gw
from finite_sum import METHODS, mean_of, model_of, slope_of
from wrong.answers import RAISED, WRONG_GRADIENTS, WRONG_LOSSES, WRONG_PAIRS


class Walk:
    """A finite sum walked by one of the methods, until call number `wrong_at` goes wrong."""

    def __init__(self, place, kinds):
        rng = np.random.default_rng(place)
        self.name = list(METHODS)[place % 3]
        self.kind = kinds[place % len(kinds)]
        self.jac = ["function", True][place % 2]
        per_epoch = -(-12 // METHODS[self.name][1])
        self.wrong_at = int(rng.integers(0, 4 * per_epoch))
        self.calls = 0

    def minimize(self, model, answer):
        """`answer(loss, grad)` is what the functions return from call `wrong_at` on."""

        def both(x, rows):
            value, slope = mean_of(x, rows), slope_of(x, rows)
            if self.calls == self.wrong_at:
                value, slope = answer(value, slope)
            self.calls += 1
            return value, slope

        if self.jac is True:
            return model.minimize(both, np.ones(3), jac=True, n_terms=12)
        answers = []

        def fun(x, rows):
            answers.append(both(x, rows))
            return answers[-1][0]

        return model.minimize(fun, np.ones(3), jac=lambda x, rows: answers[-1][1], n_terms=12)

    def assert_kept(self, model, reason):
        """All that was walked before is there, to the bit."""
        whole = model_of(self.name, record="update").minimize(
            mean_of, np.ones(3), jac=slope_of, n_terms=12
        )
        assert model.stop_reason_ == reason
        assert model.n_updates_ == self.wrong_at
        np.testing.assert_array_equal(model.params_, whole.path[self.wrong_at])
        np.testing.assert_array_equal(model.history_.path, whole.path[: self.wrong_at + 1])
        losses = whole.history.update_loss[: self.wrong_at]
        np.testing.assert_array_equal(model.history_.update_loss, losses)
        epochs = self.wrong_at // -(-12 // METHODS[self.name][1])
        assert model.n_epochs_ == epochs
        np.testing.assert_array_equal(model.history_.loss, whole.history.loss[:epochs])


@pytest.mark.parametrize("place", range(100))
def test_an_exception_surfaces_unchanged_and_the_walk_is_kept(place):
    walk = Walk(place, [*RAISED, KeyboardInterrupt])
    error = walk.kind("of the student")

    def answer(value, slope):
        raise error

    model = model_of(walk.name)
    with pytest.raises(walk.kind) as caught:
        walk.minimize(model, answer)
    assert caught.value is error
    assert caught.value.args == ("of the student",)
    assert caught.value.__cause__ is None
    assert caught.traceback[-1].name == "answer"
    walk.assert_kept(model, "interrupted" if walk.kind is KeyboardInterrupt else "failed")


WRONG = [*WRONG_GRADIENTS.values(), *WRONG_LOSSES.values()]


@pytest.mark.filterwarnings("ignore:Casting complex")  # a warning is no answer
@pytest.mark.parametrize("place", range(100))
def test_a_wrong_answer_is_named_and_the_walk_is_kept(place):
    walk = Walk(place, WRONG)
    grad = "the gradient of " + ("fun" if walk.jac is True else "jac")
    words = walk.kind.words.replace("{grad}", grad).replace("{loss}", "what fun returns")
    model = model_of(walk.name)
    with pytest.raises(walk.kind.error, match=words):
        walk.minimize(model, walk.kind.spoil)
    walk.assert_kept(model, "failed")


def test_an_exception_at_the_very_end_leaves_a_whole_walk():
    """f is asked for its value at x once more, when the walk is over."""
    calls = []

    def fun(x):
        calls.append(x)
        if len(calls) == 5:
            raise LookupError("of the student")
        return mean_of(x)

    model = gw.BatchGD(learning_rate=0.1, epochs=4)
    with pytest.raises(LookupError, match="of the student"):
        model.minimize(fun, np.ones(3), jac=slope_of)
    assert (model.n_epochs_, model.n_updates_, len(model.history_.path)) == (4, 4, 5)
    np.testing.assert_array_equal(model.params_, calls[-1])


@pytest.mark.parametrize("given", [{"jac": slope_of}, {"jac": True}, {"n_terms": 3}])
def test_a_landscape_has_its_own_gradient_and_terms(given):
    with pytest.raises(ValueError, match=f"^{next(iter(given))} must be None for a landscape"):
        gw.BatchGD().minimize(gw.landscapes.bowl, np.ones(2), **given)


@pytest.mark.parametrize("what", WRONG_PAIRS)
def test_what_is_no_pair_is_named(what):
    def fun(x):
        return WRONG_PAIRS[what](mean_of(x), slope_of(x))

    with pytest.raises(TypeError, match=r"^fun must return \(value, gradient\) with jac=True; got"):
        gw.BatchGD().minimize(fun, np.ones(3), jac=True)


@pytest.mark.parametrize(
    "slope", [list, tuple, np.float32, np.longdouble, lambda g: g.astype(">f8"), np.rint]
)
@pytest.mark.parametrize(
    "value", [float, np.float64, np.float32, np.array, lambda f: np.array(f, dtype=object)]
)
def test_any_real_number_and_any_array_of_them_will_do(value, slope):
    expected = np.ones(3) - 0.5 * np.asarray(slope(slope_of(np.ones(3))), dtype=float)
    model = gw.BatchGD(learning_rate=0.5, epochs=1)
    result = model.minimize(
        lambda x: value(mean_of(x)), np.ones(3), jac=lambda x: slope(slope_of(x))
    )
    np.testing.assert_array_equal(result.x, expected)
    assert result.fun == float(value(mean_of(expected)))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("at", [1, 3])
def test_a_value_that_is_not_finite_is_a_walk_that_diverged(value, at):
    """With whatever gradient: what f is at x is f's own business."""
    calls = []

    def fun(x):
        calls.append(x)
        return (value, np.full(3, np.nan)) if len(calls) == at else (mean_of(x), slope_of(x))

    model = gw.BatchGD(learning_rate=0.1, epochs=9)
    # Before the first step none is to blame.
    told = "very first loss" if at == 1 else f"in epoch {at}, at update {at}"
    with pytest.warns(gw.DivergenceWarning, match=told):
        result = model.minimize(fun, np.ones(3), jac=True)
    assert (result.status, result.nit) == (2, at - 1)
    np.testing.assert_array_equal(result.x, calls[at - 1])


# --- The model, asked from within, and the stop button ----------------------------------------


def test_the_model_can_be_asked_from_within_the_function():
    model = gw.BatchGD(learning_rate=0.1, epochs=20)
    seen = []

    def fun(x):
        seen.append((model.params_, model.n_updates_, len(model.history_.path), repr(model)))
        assert model.stop_reason_ == ("walking" if len(seen) < 21 else "epochs done")
        return mean_of(x)

    result = model.minimize(fun, np.ones(3), jac=slope_of)
    assert seen.pop()[1] == 20  # the value at the end
    for params, updates, points, _ in seen:
        np.testing.assert_array_equal(params, result.path[updates])
        assert points == updates + 1
    assert len(seen) == 20


@pytest.mark.parametrize("within", ["fit", "minimize", "partial_fit"])
def test_a_model_cannot_be_walked_from_within_its_own_walk(within):
    model = gw.BatchGD()

    def fun(x):
        if within == "minimize":
            return model.minimize(mean_of, x).fun
        getattr(model, within)([[1.0]], [1.0])

    with pytest.raises(RuntimeError, match="this BatchGD is being fitted already"):
        model.minimize(fun, np.ones(3), jac=slope_of)
    other = gw.BatchGD(epochs=3)
    nested = gw.BatchGD(epochs=2).minimize(
        lambda x: other.minimize(mean_of, x, jac=slope_of).fun, np.ones(3), jac=slope_of
    )
    assert nested.nit == 2
    assert gw.BatchGD is type(model.fit([[1.0]], [1.0]))  # and afterwards it can


def test_the_stop_button_is_heard_in_functions_that_are_no_python():
    """Python itself looks at its signals only between two lines of Python."""
    n = 100_000
    weights = np.random.default_rng(9).normal(size=n)
    fun, slope = operator.methodcaller("dot", weights), operator.methodcaller("copy")
    model = gw.BatchGD(learning_rate=1e-9, epochs=3000, record=None)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    timer = threading.Timer(0.2, _thread.interrupt_main)
    begin = time.monotonic()
    try:
        timer.start()
        with pytest.raises(KeyboardInterrupt):
            model.minimize(fun, np.ones(n), jac=slope)
    finally:
        timer.cancel()
        timer.join()
        signal.signal(signal.SIGINT, before)
    assert time.monotonic() - begin < 2
    assert model.stop_reason_ == "interrupted"
    assert 0 < model.n_updates_ < 3000


# --- Over many calls --------------------------------------------------------------------------


def test_a_callback_costs_the_same_after_many_epochs_as_after_few():
    """The record grows; what an epoch costs must not."""
    slope = np.ones(50)

    def seconds(epochs):
        begin = time.perf_counter()
        gw.BatchGD(learning_rate=1e-6, epochs=epochs).minimize(
            lambda x: 1.0, np.ones(50), jac=lambda x: slope, callback=lambda step: None
        )
        return time.perf_counter() - begin

    few = min(seconds(500) for _ in range(3))
    many = min(seconds(4000) for _ in range(3))
    assert many / 8 < 3 * few  # a copy of the record an epoch would make it 6 times


def resident_bytes():
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="no /proc to read the size from")
def test_memory_is_flat_over_ten_thousand_calls():
    """Walks that end well, and walks that end in every kind of error."""
    start, slope = np.ones(3), np.full(3, 0.5)
    error = ValueError("of the student")

    def fails(x):
        raise error

    def fun(x):
        return 1.0

    def both(x):
        return 1.0, slope

    def called(step):
        return step.epoch == 2

    calls = [
        (fun, {"jac": lambda x: slope}),
        (both, {"jac": True}),
        (fun, {}),
        (lambda x, rows: 1.0, {"jac": lambda x, rows: slope, "n_terms": 3}),
        (both, {"jac": True, "callback": called}),
        (fails, {}),
        (fun, {"jac": fails}),
        (fun, {"jac": lambda x: np.ones(4)}),
        (fun, {"jac": lambda x: slope * 1j}),
        (lambda x: None, {}),
    ]
    model = gw.BatchGD(epochs=3)

    def call_all(times):
        for _ in range(times):
            for fun, arguments in calls:
                try:
                    model.minimize(fun, start, **arguments)
                except (TypeError, ValueError):
                    error.__traceback__ = None

    call_all(200)
    counted = [start, slope, error, fun, both, called, fails]
    counts, before = [sys.getrefcount(thing) for thing in counted], resident_bytes()
    call_all(1000)
    assert [sys.getrefcount(thing) for thing in counted] == counts
    assert resident_bytes() - before < 1 << 20


def test_memory_is_flat_over_a_long_walk():
    """10,000 updates with nothing on record leave no array behind."""
    model = gw.BatchGD(epochs=10_000, record=None, learning_rate=1e-3)
    slope = np.zeros(200)
    model.minimize(lambda x: 1.0, np.ones(200), jac=lambda x: slope)
    gc.collect()
    blocks, references = sys.getallocatedblocks(), sys.getrefcount(slope)
    model.minimize(lambda x: 1.0, np.ones(200), jac=lambda x: slope)
    gc.collect()
    assert abs(sys.getallocatedblocks() - blocks) < 100
    assert sys.getrefcount(slope) == references
