"""What `history_` keeps: the losses, and θ along the walk, whole or thinned to a cap of bytes."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gradwalk as gw
from random_problems import METHODS, UPDATES, every_method, problem

every_loss = pytest.mark.parametrize("loss", gw.LOSSES)

RNG = np.random.default_rng(12)
X, Y = RNG.normal(size=(23, 3)), RNG.normal(size=23)

COLUMNS = ("loss", "full_loss", "grad_norm", "learning_rate", "seconds", "update_loss")
INTEGERS = ("update_number", "path_update")


# --- record -----------------------------------------------------------------------------------


@every_method
def test_record_update_keeps_everything(method, options):
    history = method(epochs=4, record="update", **options).fit(X, Y).history_
    updates = 4 * UPDATES[method]
    np.testing.assert_array_equal(history.path_update, np.arange(updates + 1))
    np.testing.assert_array_equal(history.update_number, np.arange(1, updates + 1))
    assert history.path.shape == (updates + 1, 4)
    assert history.update_loss.shape == (updates,)
    assert history.loss.shape == (4,)


@every_method
def test_record_epoch_keeps_ends_of_epochs_and_all_losses(method, options):
    every = method(epochs=4, record="update", **options).fit(X, Y).history_
    history = method(epochs=4, record="epoch", **options).fit(X, Y).history_
    ends = np.arange(5) * UPDATES[method]
    np.testing.assert_array_equal(history.path_update, ends)
    np.testing.assert_array_equal(history.path, every.path[ends])
    np.testing.assert_array_equal(history.update_loss, every.update_loss)


@every_method
@pytest.mark.parametrize("k", [1, np.int32(3), 7, 10**9])
def test_record_k_keeps_every_kth_update_and_the_last(method, options, k):
    every = method(epochs=4, record="update", **options).fit(X, Y).history_
    model = method(epochs=4, record=k, **options).fit(X, Y)
    updates = 4 * UPDATES[method]
    kept = sorted({*range(0, updates + 1, int(k)), updates})
    np.testing.assert_array_equal(model.history_.path_update, kept)
    np.testing.assert_array_equal(model.history_.path, every.path[kept])
    np.testing.assert_array_equal(model.history_.update_loss, every.update_loss)
    assert (model.record, type(model.record)) == (k, int)


@every_method
def test_record_none_keeps_what_belongs_to_epochs(method, options):
    every = method(epochs=4, record="update", **options).fit(X, Y, full_loss=True).history_
    history = method(epochs=4, record=None, **options).fit(X, Y, full_loss=True).history_
    assert history.path.shape == (0, 4)
    for empty in (history.path_update, history.update_loss, history.update_number):
        assert empty.shape == (0,)
    for column in ("loss", "full_loss", "grad_norm", "learning_rate"):
        np.testing.assert_array_equal(getattr(history, column), getattr(every, column))


@every_method
def test_the_record_does_not_change_the_walk(method, options):
    ways = [("auto", 8 << 20), ("auto", 300), ("update", 1), ("epoch", 1), (3, 1), (None, 1)]
    ends = [
        method(epochs=4, record=record, path_bytes=size, **options).fit(X, Y).params_
        for record, size in ways
    ]
    for end in ends:
        np.testing.assert_array_equal(end, ends[0])


@every_method
def test_all_of_it_has_the_dtypes_that_the_page_says(method, options):
    for dtype in (np.float32, np.float64):
        model = method(epochs=2, **options).fit(X.astype(dtype), Y, full_loss=True)
        assert model.history_.path.dtype == model.params_.dtype == dtype
        for column in COLUMNS:
            assert getattr(model.history_, column).dtype == np.float64
        for column in INTEGERS:
            assert getattr(model.history_, column).dtype == np.int64


@every_method
def test_the_path_of_cross_entropy_has_the_shape_of_theta(method, options):
    labels = np.arange(23) % 4
    init = RNG.normal(size=(4, 4))
    model = method("cross_entropy", epochs=3, **options).fit(X, labels, init=init)
    history, k = model.history_, 3 * UPDATES[method] + 1
    assert history.path.shape == (k, 4, 4)
    np.testing.assert_array_equal(history.path[0], init)
    np.testing.assert_array_equal(history.path[-1], model.params_)
    bare = method("cross_entropy", epochs=3, fit_intercept=False, **options).fit(X, labels)
    assert bare.history_.path.shape == (k, 3, 4)
    nothing = method("cross_entropy", epochs=3, record=None, **options).fit(X, labels)
    assert nothing.history_.path.shape == (0, 4, 4)


# --- Thinning ---------------------------------------------------------------------------------


def bytes_of_epochs(epochs: int) -> int:
    """At most what the columns with one entry an epoch hold, which no cap is for."""
    return 5 * 8 * max(4, 2 * epochs)


@settings(max_examples=200)
@given(
    epochs=st.integers(1, 60),
    batch_size=st.integers(1, 23),
    path_bytes=st.integers(192, 8000),
    more=st.integers(0, 3),
)
def test_a_capped_record_is_part_of_the_whole_one(epochs, batch_size, path_bytes, more):
    """`more` epochs come from partial_fit."""
    options: dict[str, Any] = {"batch_size": batch_size, "epochs": epochs, "random_state": 4}
    whole = gw.MiniBatchGD(**options, record="update").fit(X, Y)
    model = gw.MiniBatchGD(**options, path_bytes=path_bytes).fit(X, Y)
    for _ in range(more):
        whole.partial_fit(X, Y)
        model.partial_fit(X, Y)
    every, history = whole.history_, model.history_
    kept = history.path_update
    # The first, the last, each once and in order.
    assert kept[0] == 0
    assert kept[-1] == model.n_updates_ == whole.n_updates_
    assert (np.diff(kept) > 0).all()
    # Nothing but what was there, at its own number.
    np.testing.assert_array_equal(history.path, every.path[kept])
    numbers = history.update_number
    np.testing.assert_array_equal(history.update_loss, every.update_loss[numbers - 1])
    # Losses of every 2nd, 4th, … update.
    if len(numbers) > 0:
        assert numbers[0] == 1
    steps = set(np.diff(numbers))
    assert len(steps) <= 1
    assert all(int(step).bit_count() == 1 for step in steps)
    # Within the cap, and no emptier than need be.
    assert history.nbytes <= path_bytes + bytes_of_epochs(epochs + more)
    room = (path_bytes - path_bytes // 8) // (4 * 8 + 16)
    assert len(kept) >= min(model.n_updates_ + 1, room // 5)
    assert len(numbers) >= min(model.n_updates_, path_bytes // 8 // 8 // 2)


def test_below_the_cap_auto_keeps_every_update():
    auto = gw.SGD(epochs=40, random_state=1).fit(X, Y).history_
    every = gw.SGD(epochs=40, random_state=1, record="update").fit(X, Y).history_
    for column in ("path", "path_update", "update_loss", "update_number"):
        np.testing.assert_array_equal(getattr(auto, column), getattr(every, column))


def test_ends_of_epochs_outlive_the_updates_between_them():
    history = gw.SGD(epochs=20, random_state=1, path_bytes=5000).fit(X, Y).history_
    assert set(np.arange(21) * 23) <= set(history.path_update)
    assert 40 < len(history.path_update) <= 5000 / 48
    # Until they fill the cap themselves.
    history = gw.SGD(epochs=2000, random_state=1, path_bytes=5000).fit(X, Y).history_
    assert 20 < len(history.path_update) <= 5000 / 48
    assert history.path_update[-1] == 2000 * 23


@pytest.mark.parametrize("path_bytes", [0, 1, 47, 48, 100])
@pytest.mark.parametrize("epochs", [1, 2, 7, 39])
def test_the_smallest_cap_keeps_start_and_end(epochs, path_bytes):
    """Two points are kept whatever they cost; a third would be beyond these caps."""
    model = gw.SGD(epochs=epochs, random_state=1, path_bytes=path_bytes).fit(X, Y)
    np.testing.assert_array_equal(model.history_.path_update, [0, model.n_updates_])
    np.testing.assert_array_equal(model.history_.path[1], model.params_)


# --- The losses and the gradient --------------------------------------------------------------

WEIGHTS = np.arange(12.0) % 5


def objective(loss, X, y, params):
    return gw.loss_and_grad(X, y, params, loss=loss, l2=0.3, sample_weight=WEIGHTS)


def fitted(method, options, loss, **given):
    X, y, theta = problem(loss, 40)
    model = method(loss, epochs=6, l2=0.3, learning_rate=0.05, record="epoch", **options)
    model.fit(X, y, sample_weight=WEIGHTS, init=theta, **given)
    return model.history_, X, y


@every_loss
@every_method
def test_full_loss_is_the_objective_at_the_ends_of_epochs(method, options, loss):
    history, X, y = fitted(method, options, loss, full_loss=True)
    expected = [objective(loss, X, y, theta)[0] for theta in history.path]
    assert history.full_loss.shape == (7,)
    np.testing.assert_allclose(history.full_loss, expected, rtol=1e-13)
    assert fitted(method, options, loss)[0].full_loss.shape == (0,)


@every_loss
def test_the_loss_of_batch_descent_is_the_objective_before_each_update(loss):
    history, X, y = fitted(gw.BatchGD, {}, loss)
    expected = [objective(loss, X, y, theta)[0] for theta in history.path[:-1]]
    np.testing.assert_allclose(history.loss, expected, rtol=1e-13)
    np.testing.assert_array_equal(history.update_loss, history.loss)


@every_loss
def test_grad_norm_of_batch_descent_is_taken_before_the_update(loss):
    for full_loss in (False, True):
        history, X, y = fitted(gw.BatchGD, {}, loss, full_loss=full_loss)
        norms = [np.linalg.norm(objective(loss, X, y, theta)[1]) for theta in history.path]
        np.testing.assert_allclose(history.grad_norm, norms[:-1], rtol=1e-12)
        assert norms[0] != pytest.approx(norms[1], rel=1e-6), "before and after look the same"


@every_loss
@pytest.mark.parametrize(("method", "options"), METHODS[1:], ids=["SGD", "MiniBatchGD"])
def test_grad_norm_of_the_others_is_taken_after_the_epoch_if_asked_for(method, options, loss):
    history, X, y = fitted(method, options, loss, full_loss=True)
    norms = [np.linalg.norm(objective(loss, X, y, theta)[1]) for theta in history.path]
    np.testing.assert_allclose(history.grad_norm, norms[1:], rtol=1e-12)
    history, _, _ = fitted(method, options, loss)
    assert history.grad_norm.shape == (6,)
    assert np.isnan(history.grad_norm).all()


@every_method
def test_full_loss_does_not_change_the_walk(method, options):
    plain = method(epochs=5, **options).fit(X, Y).history_
    watched = method(epochs=5, **options).fit(X, Y, full_loss=True).history_
    np.testing.assert_array_equal(plain.path, watched.path)
    np.testing.assert_array_equal(plain.loss, watched.loss)


@every_method
def test_update_losses_are_those_of_their_batches_before_the_update(method, options):
    if method is not gw.BatchGD:
        options = {**options, "sampling": "sequential"}
    history = method(epochs=2, l2=0.1, **options).fit(X, Y).history_
    size = {gw.BatchGD: 23, gw.SGD: 1, gw.MiniBatchGD: 5}[method]
    batches = [range(23)[start : start + size] for start in range(0, 23, size)] * 2
    expected = [
        gw.loss_and_grad(X, Y, theta, rows=list(rows), l2=0.1)[0]
        for theta, rows in zip(history.path[:-1], batches, strict=True)
    ]
    np.testing.assert_allclose(history.update_loss, expected, rtol=1e-13)
    by_epoch = history.update_loss.reshape(2, -1)
    rows = [len(batch) for batch in batches[: len(batches) // 2]]
    means = np.average(by_epoch, axis=1, weights=rows)
    np.testing.assert_allclose(history.loss, means, rtol=1e-14)


@pytest.mark.parametrize("kind", ["float64", "float32", "own", "weighted", "penalised"])
def test_a_short_last_batch_counts_by_its_rows(kind):
    """θ stays where it is: the mean over an epoch is then f, however the rows are cut."""
    rng = np.random.default_rng(3)
    X, y = rng.normal(size=(33, 2)), np.ones(33)
    y[-1] = 100
    arguments, options, loss = {}, {}, "mse"
    if kind == "float32":
        X, y = X.astype(np.float32), y.astype(np.float32)
    if kind == "weighted":
        arguments["sample_weight"] = rng.uniform(0.5, 2, size=33)
    if kind == "penalised":
        options["l2"] = 3.0
    init = rng.normal(size=3)
    if kind == "own":

        def loss(theta, X, y):
            return float(np.mean((theta[0] + X @ theta[1:] - y) ** 2)), np.zeros(3)

    for size in (1, 7, 32, 33, 40):
        model = gw.MiniBatchGD(loss, batch_size=size, learning_rate=1e-300, epochs=2, **options)
        history = model.fit(X, y, init=init, full_loss=True, **arguments).history_
        np.testing.assert_allclose(history.loss, history.full_loss[1:], rtol=1e-6)


def test_tolerance_and_the_best_of_a_sweep_go_by_the_mean_over_rows():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(33, 2))
    y = X @ [1.0, 2.0]
    walk = {"learning_rate": 0.01, "tol": 1e-3, "epochs": 3000, "random_state": 0}
    short = gw.MiniBatchGD(batch_size=32, **walk).fit(X, y)
    whole = gw.BatchGD(**walk).fit(X, y)
    # An epoch of the first makes two steps, so that it settles lower, never higher.
    ends = [gw.loss_and_grad(X, y, model.params_)[0] for model in (short, whole)]
    assert ends[0] <= ends[1] < 0.1
    table = gw.sweep(gw.MiniBatchGD(epochs=30, random_state=1), X, y, batch_size=[32, 16, 8])
    ends = {
        run.parameters["batch_size"]: gw.loss_and_grad(X, y, run.model.params_)[0] for run in table
    }
    assert table.best().parameters["batch_size"] == min(ends, key=ends.get)


@every_method
def test_the_learning_rate_is_that_of_the_last_update_of_each_epoch(method, options):
    def rate(t):
        return 0.1 / (1 + t)

    model = method(epochs=4, learning_rate=rate, **options).fit(X, Y)
    last = np.arange(1, 5) * UPDATES[method] - 1
    np.testing.assert_array_equal(model.history_.learning_rate, 0.1 / (1 + last))
    model = method(epochs=4, learning_rate=0.025, **options).fit(X, Y)
    np.testing.assert_array_equal(model.history_.learning_rate, np.full(4, 0.025))


# --- Seconds, and snapshots -------------------------------------------------------------------


@every_method
def test_seconds_go_up_and_are_not_more_than_the_call_took(method, options):
    model = method(epochs=50, **options)
    begin = time.perf_counter()
    model.fit(X, Y)
    took = time.perf_counter() - begin
    seconds = model.history_.seconds
    assert seconds.shape == (50,)
    assert seconds[0] > 0
    assert (np.diff(seconds) >= 0).all()
    assert seconds[-1] > seconds[0]
    assert seconds[-1] <= took


def test_the_clock_goes_on_in_partial_fit_and_stands_still_between():
    model = gw.SGD(epochs=2, random_state=1).fit(X, Y)
    before = model.history_.seconds
    time.sleep(0.05)
    begin = time.perf_counter()
    model.partial_fit(X, Y)
    took = time.perf_counter() - begin
    after = model.history_.seconds
    np.testing.assert_array_equal(after[:2], before)
    assert before[-1] < after[-1] <= before[-1] + took


def test_evaluations_are_not_walking():
    """Batches of one row among 30,000: asking for the full loss is most of the work."""
    rng = np.random.default_rng(13)
    X, y = rng.normal(size=(30_000, 20)), rng.normal(size=30_000)
    order = [[0]] * 200
    begin = time.perf_counter()
    history = gw.SGD(epochs=200).fit(X, y, order=order, full_loss=True).history_
    took = time.perf_counter() - begin
    assert history.seconds[-1] < 0.2 * took


def columns(history):
    return {name: getattr(history, name) for name in (*COLUMNS, *INTEGERS, "path")}


@every_method
@pytest.mark.parametrize("onward", [True, False])
def test_a_history_is_a_snapshot(method, options, onward):
    model = method(epochs=3, **options).fit(X, Y, full_loss=True)
    history, params = model.history_, model.params_
    before, size, text = columns(history), history.nbytes, repr(history)
    if onward:
        model.partial_fit(X, Y)
        assert len(model.history_.loss) == 4
    else:
        model.fit(X + 1, Y)
        assert model.history_.loss[1] != before["loss"][1]
    for name, value in columns(history).items():
        np.testing.assert_array_equal(value, before[name])
    assert (history.nbytes, repr(history)) == (size, text)
    assert not np.array_equal(model.params_, params)


@every_method
def test_every_array_is_ones_own(method, options):
    """Writing into what a getter gave changes neither the record nor the model."""
    model = method(epochs=3, **options).fit(X, Y, full_loss=True)
    history = model.history_
    before = columns(history)
    for name, value in columns(history).items():
        value[...] = -7
        np.testing.assert_array_equal(getattr(history, name), before[name])
    params = model.params_
    model.params_[...] = -7
    model.coef_[...] = -7
    np.testing.assert_array_equal(model.params_, params)


def test_the_memory_of_the_record_is_told():
    small = gw.SGD(epochs=50, random_state=1, record=None).fit(X, Y)
    large = gw.SGD(epochs=50, random_state=1, record="update").fit(X, Y)
    assert small.history_.nbytes <= bytes_of_epochs(50)
    points = 50 * 23 + 1
    assert large.history_.nbytes >= points * 4 * 8 + (points - 1) * 8
    assert large.memory_ - small.memory_ >= points * 4 * 8
    assert "50 epochs" in repr(large.history_)
    assert f"{points} points" in repr(large.history_)
