"""How walks end: done, settled, diverged, interrupted, or for an error; and what is left then."""

from __future__ import annotations

import _thread
import linecache
import signal
import threading
import time
import warnings
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import gradwalk as gw
from gradwalk import reference
from loss_kinds import CLASSES, NUMBERS, TWO_CLASSES
from random_problems import METHODS, UPDATES, every_method, targets

RNG = np.random.default_rng(14)
X, Y = RNG.normal(size=(23, 3)), RNG.normal(size=23)


def assert_consistent(model, reason):
    """All attributes are there and tell one story, after whatever stop."""
    history = model.history_
    if reason == "tolerance met" and model.stop_reason_ == "no improvement":
        reason = "no improvement"  # the loss has run out of patience by rising
    assert model.stop_reason_ == reason
    has_converged = history.verdict.kind == "converged"
    assert model.converged_ == (reason == "tolerance met" and has_converged)
    assert np.isfinite(model.params_).all()
    for column in ("loss", "grad_norm", "learning_rate", "seconds"):
        assert getattr(history, column).shape == (model.n_epochs_,), column
    assert len(history.full_loss) in (0, model.n_epochs_ + 1)
    assert np.isfinite(history.loss).all()
    assert np.isfinite(history.update_loss).all()
    assert np.isfinite(history.path).all()
    assert model.n_epochs_ <= model.n_updates_
    if model.record is not None:
        assert history.path_update[0] == 0
        assert history.path_update[-1] == model.n_updates_
        assert (np.diff(history.path_update) > 0).all()
        np.testing.assert_array_equal(history.path[-1], model.params_)
        assert len(history.update_number) == 0 or history.update_number[-1] <= model.n_updates_
    if model.record in ("update", "epoch"):
        assert history.update_loss.shape == (model.n_updates_,)
    assert model.predict(X[:, : len(model.coef_)]).shape == (23,)


# --- Done, and settled ------------------------------------------------------------------------


@every_method
def test_all_epochs_done(method, options):
    model = method(epochs=5, **options).fit(X, Y)
    assert_consistent(model, "epochs done")
    assert (model.n_epochs_, model.n_updates_) == (5, 5 * UPDATES[method])
    assert_consistent(model.partial_fit(X, Y), "epochs done")
    assert (model.n_epochs_, model.n_updates_) == (6, 6 * UPDATES[method])


def settles_after(losses, tol, patience):
    """The rule as the page words it: the epoch, from 1, or None."""
    best, idle = np.inf, 0
    for epoch, loss in enumerate(losses, start=1):
        improved = epoch == 1 or best - loss > tol * max(1, abs(best))
        idle = 0 if improved else idle + 1
        best = min(best, loss)
        if idle == patience:
            return epoch
    return None


@given(
    place=st.integers(0, 2),
    tol=st.floats(0, 0.2),
    patience=st.integers(1, 6),
    scale=st.sampled_from([0.1, 1.0, 30.0]),
)
def test_tolerance_is_met_when_the_rule_says(place, tol, patience, scale):
    """Smooth losses and noisy ones, below 1 and far above it."""
    method, options = METHODS[place]
    options = {"epochs": 60, "learning_rate": 0.05, **options}
    free = method(**options).fit(X, scale * Y)
    model = method(tol=tol, patience=patience, **options).fit(X, scale * Y)
    expected = settles_after(free.history_.loss, tol, patience)
    assert model.n_epochs_ == (expected or 60)
    assert_consistent(model, "tolerance met" if expected else "epochs done")
    np.testing.assert_array_equal(model.history_.loss, free.history_.loss[: model.n_epochs_])


def test_the_rule_is_met_in_some_of_these_walks_and_not_in_others():
    """So that the test above sees both."""
    losses = gw.SGD(epochs=60, learning_rate=0.05, random_state=1).fit(X, Y).history_.loss
    ends = {settles_after(losses, tol, p) for tol in (0.0, 0.01, 0.2) for p in (1, 3, 6)}
    assert len(ends) >= 3
    smooth = gw.BatchGD(epochs=60, learning_rate=0.05).fit(X, Y).history_.loss
    assert settles_after(smooth, 0.0, 1) is None
    assert settles_after(smooth, 0.2, 1) is not None


def test_patience_goes_on_in_partial_fit():
    """Idle epochs count on over calls; each call walks its epoch whatever the last one said."""
    model = gw.BatchGD(tol=1e9, patience=3, learning_rate=1e-3)
    reasons = [model.partial_fit(X, Y).stop_reason_ for _ in range(5)]
    assert reasons == ["epochs done"] * 3 + ["tolerance met"] * 2
    assert model.n_epochs_ == 5


# --- Diverged ---------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("record", ["auto", "update", "epoch", None])
@every_method
def test_divergence_leaves_the_last_finite_parameters(method, options, record, dtype):
    options = {"epochs": 5000, "learning_rate": 3.0, "record": record, **options}
    if method is not gw.BatchGD:
        options["sampling"] = "sequential"
    model = method(**options, path_bytes=2000)
    with pytest.warns(gw.DivergenceWarning) as caught:
        model.fit(X.astype(dtype), Y)
    assert len(caught) == 1
    assert_consistent(model, "diverged")
    message = str(caught[0].message)
    assert f"in epoch {model.n_epochs_ + 1}, at update {model.n_updates_ + 1}" in message
    assert "learning rate was 3;" in message
    assert model.n_epochs_ == model.n_updates_ // UPDATES[method]

    # The reference walks on into infinity: there, the very next step has left the numbers.
    epochs = model.n_epochs_ + 2
    size = {gw.BatchGD: None, gw.SGD: 1, gw.MiniBatchGD: 5}[method]
    with np.errstate(all="ignore"):
        seen = reference.descend(
            X.astype(dtype), Y, batch_size=size, learning_rate=3.0, epochs=epochs
        )
    at = model.n_updates_
    np.testing.assert_allclose(model.params_, seen.path[at], rtol=1e-2)
    # The losses of the core are taken in the precision of X, so they overflow as these do.
    assert not (np.isfinite(seen.update_loss[at]) and np.isfinite(seen.path[at + 1]).all())


def test_the_warning_points_at_the_line_that_called_fit():
    with pytest.warns(gw.DivergenceWarning) as caught:
        gw.BatchGD(learning_rate=1e308).fit(X, Y)
    assert Path(caught[0].filename).name == Path(__file__).name
    line = linecache.getline(caught[0].filename, caught[0].lineno)
    assert line.strip() == "gw.BatchGD(learning_rate=1e308).fit(X, Y)"


@pytest.mark.parametrize("loss", gw.LOSSES)
@pytest.mark.filterwarnings("ignore:y holds one class alone")
@every_method
def test_a_step_out_of_the_numbers_is_taken_back(method, options, loss):
    """A rate of 1e308 makes the first step infinite; θ stays where it was."""
    labels = targets(loss, np.zeros((23, 3)) if loss == "cross_entropy" else np.zeros(23), RNG)
    if loss in NUMBERS:
        labels = np.abs(labels) + 5  # far from what is predicted at the start, whatever was drawn
    if loss in TWO_CLASSES:
        labels[:] = 0  # every row is on the wrong side at the start
    rows = np.abs(X) * 100 + 10
    start = np.full((4, 3) if loss == "cross_entropy" else 4, 1e-6)
    model = method(loss, learning_rate=1e308, epochs=3, **options)
    with pytest.warns(gw.DivergenceWarning, match="in epoch 1, at update 1"):
        model.fit(rows, labels, init=start)
    assert_consistent(model, "diverged")
    assert (model.n_epochs_, model.n_updates_) == (0, 0)
    np.testing.assert_array_equal(model.params_, start)


@every_method
def test_with_warnings_as_errors_the_state_is_stored_all_the_same(method, options):
    model = method(epochs=5000, learning_rate=3.0, record="update", **options)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(gw.DivergenceWarning):
            model.fit(X, Y)
    assert_consistent(model, "diverged")
    assert model.n_updates_ > 3


@every_method
def test_after_divergence_one_can_go_on_or_start_again(method, options):
    rates = {"eta": 3.0}
    model = method(epochs=5000, learning_rate=lambda t: rates["eta"], **options)
    with pytest.warns(gw.DivergenceWarning):
        model.fit(X, Y)
    rates["eta"] = 0.0  # a step of length 0: the loss there is beyond the numbers, or was
    updates = model.n_updates_
    with pytest.warns(gw.DivergenceWarning):
        model.partial_fit(X, Y)
    assert_consistent(model, "diverged")
    assert model.n_updates_ >= updates
    rates["eta"] = 1e-3
    model.fit(X, Y)
    assert_consistent(model, "epochs done")
    calm = method(epochs=5000, learning_rate=1e-3, **options).fit(X, Y)
    np.testing.assert_array_equal(model.params_, calm.params_)


def test_a_full_loss_that_overflows_ends_the_walk():
    """Batches of row 0 stay calm while the objective on all rows has left the numbers."""
    wild = X.copy()
    wild[5] = 1e200
    model = gw.SGD(epochs=4, learning_rate=0.1)
    with pytest.warns(gw.DivergenceWarning):
        model.fit(wild, Y, order=[[0]] * 4, full_loss=True)
    assert model.stop_reason_ == "diverged"
    assert (model.n_epochs_, model.n_updates_) == (0, 1)
    np.testing.assert_array_equal(model.history_.path[-1], model.params_)
    assert model.history_.full_loss.shape == (1,)


# --- Interrupted ------------------------------------------------------------------------------


@pytest.fixture
def stop_button():
    """Call it to press the stop button some seconds later: Ctrl-C, as Jupyter sends it.

    A press that went unnoticed would leave these walks without an end: a second one, ten seconds
    after the first, lets the test go on and see how long it took.
    """
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    timers = []

    def press_in(seconds):
        for wait in (seconds, seconds + 10):
            timers.append(threading.Timer(wait, _thread.interrupt_main))
            timers[-1].start()

    yield press_in
    for timer in timers:
        timer.cancel()
        timer.join()
    signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize("rate", ["number", "function"])
@pytest.mark.parametrize("record", ["auto", None])
@every_method
def test_the_stop_button_keeps_what_was_walked(method, options, record, rate, stop_button):
    rng = np.random.default_rng(15)
    X, y = rng.normal(size=(4001, 3)), rng.normal(size=4001)
    eta = 1e-3 if rate == "number" else lambda t: 1e-3
    options = {**options, "learning_rate": eta, "random_state": 1, "record": record}
    model = method(epochs=10**12, **options)
    begin = time.monotonic()
    stop_button(0.1)
    with pytest.raises(KeyboardInterrupt):
        model.fit(X, y)
    assert time.monotonic() - begin < 5, "a press is noticed within a slice of work"
    assert_same_story(model, method, options, X, y)

    # One more epoch, from the beginning of the one that was cut short.
    epochs, updates = model.n_epochs_, model.n_updates_
    model.partial_fit(X, y)
    assert model.stop_reason_ == "epochs done"
    assert model.n_epochs_ == epochs + 1
    assert model.n_updates_ == updates + {gw.BatchGD: 1, gw.SGD: 4001}.get(method, 801)

    # And a fit anew, to be stopped anew.
    stop_button(0.1)
    with pytest.raises(KeyboardInterrupt):
        model.fit(X, y)
    assert_same_story(model, method, options, X, y)


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="Windows has no such timer")
def test_no_press_is_lost_while_a_learning_rate_function_runs():
    """A timer of the system strikes anywhere, as a hand does: mostly between calls of the function.

    The next strike, ten seconds after one that went unnoticed, would end the walk.
    """
    rng = np.random.default_rng(15)
    X, y = rng.normal(size=(4001, 3)), rng.normal(size=4001)
    model = gw.SGD(epochs=10**12, learning_rate=lambda t: 1e-3, random_state=1, record=None)
    before = signal.signal(signal.SIGALRM, signal.default_int_handler)
    try:
        for _ in range(100):
            begin = time.monotonic()
            signal.setitimer(signal.ITIMER_REAL, 0.01, 10)
            with pytest.raises(KeyboardInterrupt):
                model.fit(X, y)
            assert time.monotonic() - begin < 5
            assert model.stop_reason_ == "interrupted"
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def assert_same_story(model, method, options, X, y):
    """An interrupted walk is the beginning of one that nobody stopped."""
    history = model.history_
    assert model.stop_reason_ == "interrupted"
    assert not model.converged_
    assert history.loss.shape == (model.n_epochs_,)
    assert model.n_updates_ > 0
    per_epoch = {gw.BatchGD: 1, gw.SGD: 4001}.get(method, 801)
    assert 0 <= model.n_updates_ - per_epoch * model.n_epochs_ < per_epoch
    # The record of the epoch that was cut short is compared too, unless the walk was a long one.
    epochs = min(model.n_epochs_ + 1, 50)
    free = method(epochs=epochs, **{**options, "record": "update"}).fit(X, y)
    both = min(epochs, model.n_epochs_)
    np.testing.assert_array_equal(history.loss[:both], free.history_.loss[:both])
    if model.record is not None:
        assert history.path_update[-1] == model.n_updates_
        np.testing.assert_array_equal(history.path[-1], model.params_)
        seen = history.path_update <= free.n_updates_
        expected = free.history_.path[history.path_update[seen]]
        np.testing.assert_array_equal(history.path[seen], expected)


# --- Errors in the middle of a walk -----------------------------------------------------------


@pytest.mark.parametrize("record", ["auto", "update", "epoch", None])
@every_method
def test_an_exception_of_the_learning_rate_keeps_what_was_walked(method, options, record):
    stop = 2 * UPDATES[method] + UPDATES[method] // 2

    def rate(t):
        if t == stop:
            raise LookupError("no rate for this one")
        return 0.01

    model = method(epochs=10, learning_rate=rate, record=record, **options)
    with pytest.raises(LookupError, match="no rate for this one"):
        model.fit(X, Y)
    assert_consistent(model, "failed")
    assert (model.n_epochs_, model.n_updates_) == (2, stop)


@pytest.mark.parametrize("record", ["auto", "update", "epoch", None])
@pytest.mark.parametrize("path_bytes", [8 << 20, 200])
def test_a_stop_right_after_a_step_out_of_the_numbers_takes_it_back(record, path_bytes):
    """Nobody has looked at θ between the infinite step and the exception."""

    def rate(t):
        if t == 8:
            raise LookupError
        return 0.01 if t < 7 else 1e308

    model = gw.SGD(epochs=10, learning_rate=rate, record=record, path_bytes=path_bytes)
    with pytest.raises(LookupError):
        model.fit(np.abs(X) * 100 + 1, Y * 1000, order=[np.arange(23)] * 10)
    assert model.n_updates_ == 7
    assert_consistent(model, "failed")


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("loss", gw.LOSSES)
@every_method
def test_a_value_in_X_that_is_no_number_is_named(method, options, loss, value):
    labels = targets(loss, np.zeros((23, 3)) if loss == "cross_entropy" else np.zeros(23), RNG)
    for dtype in (np.float32, np.float64):
        bad = X.astype(dtype)
        bad[17, 2] = value
        model = method(loss, epochs=3, **options)
        shown = {"nan": "NaN"}.get(str(value), str(value))
        with pytest.raises(ValueError, match=rf"X\[17, 2\] must be a finite number; got {shown}"):
            model.fit(bad, labels)
        assert model.stop_reason_ == "failed"
        assert np.isfinite(model.params_).all()
        assert model.n_epochs_ == 0
        # The same object fits good data.
        assert_consistent(model.fit(X.astype(dtype), labels), "epochs done")


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("loss", NUMBERS)
@every_method
def test_a_target_that_is_no_number_is_named(method, options, loss, value):
    bad = np.abs(Y)
    bad[9] = value
    model = method(loss, epochs=3, **options)
    with pytest.raises(ValueError, match=r"y\[9\] must be a finite number"):
        model.fit(X, bad)
    assert np.isfinite(model.params_).all()


@pytest.mark.parametrize("loss", CLASSES)
def test_a_label_that_is_no_number_is_named(loss):
    bad = (np.arange(23) % 2).astype(float)
    bad[9] = np.nan
    with pytest.raises(ValueError, match=r"y\[9\] must be a finite number; got NaN"):
        gw.BatchGD(loss).fit(X, bad)


def test_only_rows_that_are_visited_must_be_numbers():
    bad, targets_ = X.copy(), Y.copy()
    bad[3, 1], targets_[4] = np.nan, np.inf
    order = np.array([np.r_[0:3, 5:23]] * 2)
    model = gw.MiniBatchGD(epochs=2, batch_size=5).fit(bad, targets_, order=order)
    good = gw.MiniBatchGD(epochs=2, batch_size=5).fit(X, Y, order=order)
    np.testing.assert_array_equal(model.params_, good.params_)
    with pytest.raises(ValueError, match=r"X\[3, 1\]"):
        gw.MiniBatchGD(epochs=2, batch_size=5).fit(bad, targets_, order=order, full_loss=True)
