"""A loss of the student's own: the numbers of the named one, and what the function is handed."""

from __future__ import annotations

import sys

import numpy as np
import pytest

import gradwalk as gw
from finite_sum import METHODS, every_method, model_of
from wrong.answers import RAISED, WRONG_GRADIENTS, WRONG_LOSSES, WRONG_PAIRS

RNG = np.random.default_rng(21)
X, Y = RNG.normal(size=(12, 3)), RNG.normal(size=12)
LABELS = (RNG.random(12) < 0.5).astype(int)


def mse(params, X_batch, y_batch):
    z = params[0] + X_batch @ params[1:]
    slope = 2 * (z - y_batch)
    grad = np.concatenate([[slope.mean()], X_batch.T @ slope / len(y_batch)])
    return np.mean((z - y_batch) ** 2), grad


def log_loss(params, X_batch, y_batch):
    z = params[0] + X_batch @ params[1:]
    loss = np.mean(np.logaddexp(0, z) - y_batch * z)
    slope = 1 / (1 + np.exp(-z)) - y_batch
    return float(loss), np.append(slope.mean(), slope @ X_batch / len(y_batch))


def of_rows(params, X_batch, y_batch):
    """mse without an intercept, for θ of any number of columns."""
    residual = X_batch @ params - y_batch
    return float(np.sum(residual**2) / len(X_batch)), 2 * X_batch.T @ residual / len(X_batch)


def assert_same_walk(ours, theirs):
    for column in ("loss", "full_loss", "update_loss", "path", "learning_rate", "grad_norm"):
        left, right = getattr(ours.history_, column), getattr(theirs.history_, column)
        np.testing.assert_allclose(left, right, rtol=1e-12, atol=1e-14, err_msg=column)
    np.testing.assert_allclose(ours.params_, theirs.params_, rtol=1e-12, atol=1e-14)
    for name in ("n_epochs_", "n_updates_", "stop_reason_"):
        assert getattr(ours, name) == getattr(theirs, name), name


# --- The numbers of the named losses ----------------------------------------------------------


@pytest.mark.parametrize("full_loss", [False, True])
@pytest.mark.parametrize(("own", "named", "y"), [(mse, "mse", Y), (log_loss, "log_loss", LABELS)])
@every_method
def test_it_walks_as_the_named_loss_does(name, own, named, y, full_loss):
    start = np.array([0.1, 0.2, -0.3, 0.4])
    options = {"epochs": 30, "learning_rate": lambda t: 0.2 / (1 + t / 9), "tol": 0.0}
    ours = model_of(name, loss=own, **options).fit(X, y, init=start, full_loss=full_loss)
    theirs = model_of(name, loss=named, **options).fit(X, y, init=start, full_loss=full_loss)
    assert_same_walk(ours, theirs)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        (name, {"sampling": way})
        for name in ("SGD", "MiniBatchGD")
        for way in ("replace", "sequential")
    ]
    + [("MiniBatchGD", {"drop_last": True}), ("MiniBatchGD", {"rule": gw.rules.Adam()})],
)
def test_every_way_to_sample_and_to_step(name, options):
    for order in (None, RNG.integers(0, 12, size=(4, 7))):
        ours = model_of(name, loss=mse, **options).fit(X, Y, init=np.zeros(4), order=order)
        assert_same_walk(ours, model_of(name, **options).fit(X, Y, order=order))


@every_method
def test_partial_fit_goes_on(name):
    """One epoch and three more have the bits of four."""
    whole = model_of(name, loss=mse).fit(X, Y, init=np.ones(4))
    model = model_of(name, loss=mse, epochs=1, random_state=whole.seed_)
    model.fit(X, Y, init=np.ones(4))
    for _ in range(3):
        model.partial_fit(X, Y)
    np.testing.assert_array_equal(model.history_.path, whole.history_.path)
    np.testing.assert_array_equal(model.history_.loss, whole.history_.loss)
    model.partial_fit(X, Y, order=[3, 1, 2])
    assert model.n_epochs_ == 5


@every_method
def test_steps_show_what_the_function_said(name):
    whole = model_of(name, loss=mse).fit(X, Y, init=np.ones(4))
    model = model_of(name, loss=mse, random_state=whole.seed_)
    steps = list(model.steps(X, Y, init=np.ones(4)))
    assert len(steps) == whole.n_updates_
    for t, step in enumerate(steps):
        np.testing.assert_array_equal(step.params_before, whole.history_.path[t])
        np.testing.assert_array_equal(step.params, whole.history_.path[t + 1])
        assert step.loss == whole.history_.update_loss[t]
        loss, grad = mse(step.params_before, X[step.rows], Y[step.rows])
        np.testing.assert_allclose(step.grad, grad, rtol=1e-12, atol=1e-14)
        assert step.loss == pytest.approx(loss, rel=1e-12)


def test_penalties_act_on_all_of_theta():
    """No entry is known to be an intercept: l2 and l1 take the first one too."""
    theta, l2, path, losses = np.array([2.0, -1.0, 0.5, 1.0]), 0.7, [], []
    for _ in range(20):
        loss, grad = mse(theta, X, Y)
        path.append(theta)
        losses.append(loss + l2 / 2 * theta @ theta)
        theta = theta - 0.05 * (grad + l2 * theta)
    model = gw.BatchGD(mse, learning_rate=0.05, epochs=20, l2=l2).fit(X, Y, init=path[0])
    np.testing.assert_allclose(model.history_.path, [*path, theta], rtol=1e-12)
    np.testing.assert_allclose(model.history_.loss, losses, rtol=1e-12)

    strong = gw.BatchGD(mse, learning_rate=0.05, epochs=20, l1=100.0).fit(X, Y, init=path[0])
    assert (strong.params_ == 0).all()


@every_method
def test_theta_of_two_dimensions(name):
    """Column by column it is a walk of its own."""
    targets = RNG.normal(size=(12, 2))
    start = np.arange(6.0).reshape(3, 2)
    model = model_of(name, loss=of_rows).fit(X, targets, init=start)
    assert model.params_.shape == (3, 2)
    assert model.history_.path.shape == (model.n_updates_ + 1, 3, 2)
    for column in range(2):
        single = model_of(name, loss=of_rows).fit(X, targets[:, column], init=start[:, column])
        np.testing.assert_allclose(
            model.history_.path[..., column], single.history_.path, rtol=1e-12
        )


# --- What the function is handed --------------------------------------------------------------


@pytest.mark.parametrize("sampling", ["shuffle", "sequential"])
@every_method
def test_batches_are_for_reading(name, sampling):
    """Writing to one raises inside the function; X and y stay as they were, and writable."""
    refused = []

    def loss(params, X_batch, y_batch):
        for batch in (X_batch, y_batch):
            with pytest.raises(ValueError, match="read-only"):
                batch[0] = 7
            with pytest.raises(ValueError, match="read-only"):
                batch += 1
            refused.append(batch.flags.writeable)
        return of_rows(params, X_batch, y_batch)

    features, targets = X.copy(), Y.copy()
    options = {} if name == "BatchGD" else {"sampling": sampling}
    model = model_of(name, loss=loss, **options).fit(features, targets, init=np.zeros(3))
    assert refused == [False] * (2 * model.n_updates_)
    np.testing.assert_array_equal(features, X)
    np.testing.assert_array_equal(targets, Y)
    assert features.flags.writeable


@pytest.mark.parametrize(
    "features",
    [
        X,
        np.asfortranarray(X),
        X[::-1],
        X.astype(np.float32),
        np.arange(36, dtype=np.uint8).reshape(12, 3),
    ],
    ids=["C", "F", "reversed", "float32", "uint8"],
)
def test_batch_gd_hands_the_whole_of_x_over_without_a_copy(features):
    """In whatever layout and dtype; so do sequential batches, which are slices."""
    seen = []

    def loss(params, X_batch, y_batch):
        seen.append((X_batch, y_batch))
        return 1.0, np.zeros(1)

    gw.BatchGD(loss, epochs=2).fit(features, Y, init=[0.0])
    gw.MiniBatchGD(loss, epochs=1, batch_size=5, sampling="sequential").fit(features, Y, init=[0.0])
    for X_batch, y_batch in seen:
        assert np.shares_memory(X_batch, features)
        assert np.shares_memory(y_batch, Y)
        assert X_batch.dtype == features.dtype
    for X_batch, y_batch in seen[:2]:
        assert (X_batch.shape, X_batch.strides) == (features.shape, features.strides)
        np.testing.assert_array_equal(y_batch, Y)
    assert [len(X_batch) for X_batch, _ in seen[2:]] == [5, 5, 2]


def test_params_are_a_fresh_array_in_every_call():
    kept = []

    def spoils(params, X_batch, y_batch):
        kept.append(params)
        answer = mse(params, X_batch, y_batch)
        params[:] = np.nan
        return answer

    ours = model_of("MiniBatchGD", loss=spoils).fit(X, Y, init=np.zeros(4))
    np.testing.assert_allclose(ours.params_, model_of("MiniBatchGD").fit(X, Y).params_, rtol=1e-12)
    assert len({id(params) for params in kept}) == ours.n_updates_


@pytest.mark.parametrize(
    "y",
    [
        list("abcabcabcabc"),
        np.array([{"k": i} for i in range(12)]),
        np.arange(12) * 1j,
        np.arange(12).astype("datetime64[D]"),
        np.zeros(12, dtype=[("a", int), ("b", "U3")]),
    ],
    ids=["words", "objects", "complex", "dates", "records"],
)
def test_what_is_no_number_does_not_reach_the_function(y):
    """As for the losses that have names: it would find out later, and say less."""
    for X, Y_, argument in ((np.ones((12, 2)), y, "y"), (y, np.arange(12), "X")):
        with pytest.raises(TypeError, match=rf"^{argument} must hold real numbers"):
            model_of("SGD", loss=lambda *_: pytest.fail("called")).fit(X, Y_, init=[0, 0])


@pytest.mark.parametrize(
    "y",
    [np.ones((12, 2, 2)), np.arange(12), np.arange(12, dtype=np.uint8), np.arange(12) % 2 == 0],
    ids=["cubes", "whole", "bytes", "flags"],
)
@every_method
def test_y_may_be_any_numbers_with_rows(name, y):
    """Only the student's function reads it. X as well: of any dimension."""
    images = np.arange(12 * 4, dtype=np.uint8).reshape(12, 2, 2)
    rows = []

    def loss(params, X_batch, y_batch):
        assert X_batch.shape[1:] == (2, 2)
        assert y_batch.dtype == np.asarray(y).dtype
        taken = X_batch[:, 0, 0] // 4
        assert (y_batch == np.asarray(y)[taken]).all()
        rows.extend(taken)
        return 1.0, np.zeros(2)

    model = model_of(name, loss=loss).fit(images, y, init=[0, 0])
    assert sorted(rows) == sorted(list(range(12)) * 4)
    assert model.params_.dtype == np.float64


@every_method
def test_the_model_can_be_asked_from_within_the_function(name):
    model, seen = None, []

    def loss(params, X_batch, y_batch):
        seen.append((model.n_updates_, model.params_, model.stop_reason_, repr(model)))
        assert len(model.history_.path) == model.n_updates_ + 1
        assert model.loss is loss
        with pytest.raises(RuntimeError, match="being fitted already"):
            model.fit(X, Y, init=[0.0])
        return mse(params, X_batch, y_batch)

    model = model_of(name, loss=loss)
    model.fit(X, Y, init=np.zeros(4))
    for updates, params, reason, _ in seen:
        np.testing.assert_array_equal(params, model.history_.path[updates])
        assert reason == "walking"


# --- What cannot be had -----------------------------------------------------------------------


@every_method
def test_there_is_no_prediction(name):
    model = model_of(name, loss=mse).fit(X, Y, init=np.zeros(4))
    for method in ("predict", "predict_proba", "decision_function"):
        with pytest.raises(TypeError, match="nothing to predict"):
            getattr(model, method)(X)
    with pytest.raises(TypeError, match="nothing to predict"):
        model.score(X, Y)
    for attribute in ("coef_", "intercept_", "classes_"):
        with pytest.raises(AttributeError, match=attribute):
            getattr(model, attribute)
    with pytest.raises(TypeError, match=r"^loss must be one of mse"):
        gw.loss_and_grad(X, Y, np.zeros(4), loss=mse)


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({}, ValueError, "^init must be given when the loss is a function.*how many parameters"),
        ({"init": []}, ValueError, "^init must be of at least one number"),
        ({"init": [np.inf]}, ValueError, "^init must be of finite numbers; got inf"),
        ({"init": [1j]}, TypeError, "^init must hold real numbers"),
        (
            {"sample_weight": np.ones(12)},
            ValueError,
            "^sample_weight must be None.*would not see it",
        ),
        ({"validation": (X, Y)}, ValueError, "^validation must be None.*would not see it"),
        ({"validation": 0.5}, ValueError, "^validation must be None.*would not see it"),
        ({"restore_best": True, "init": [0.0]}, ValueError, "^restore_best must be False without"),
        ({"order": [[12]] * 100, "init": [0.0]}, ValueError, "order"),
        (
            {"y": Y[:5], "init": [0.0]},
            ValueError,
            "^y must be of one entry for each of the 12 rows",
        ),
        ({"X": X[:0], "y": Y[:0], "init": [0.0]}, ValueError, "^X must be of at least one row"),
        ({"y": None, "init": [0.0]}, TypeError, "^y must be an array of numbers; got None"),
    ],
)
def test_wrong_arguments_are_named(arguments, error, words):
    with pytest.raises(error, match=words):
        gw.BatchGD(mse).fit(**{"X": X, "y": Y, **arguments})


def test_a_first_partial_fit_says_to_fit_first():
    """It has no init, so it cannot be told to be given one."""
    with pytest.raises(ValueError, match=r"fit\(X, y, init=") as caught:
        gw.BatchGD(mse).partial_fit(X, Y)
    assert not str(caught.value).startswith("init must be given")


# --- Functions that go wrong ------------------------------------------------------------------


def walk_wrong(place, answer):
    """A walk whose function answers as `answer` does at a random call; (model, updates, whole)."""
    name = list(METHODS)[place % 3]
    whole = model_of(name, loss=mse).fit(X, Y, init=np.ones(4))
    wrong_at = int(np.random.default_rng(place).integers(0, whole.n_updates_))
    calls = []

    def loss(params, X_batch, y_batch):
        calls.append(params)
        right = mse(params, X_batch, y_batch)
        return answer(*right) if len(calls) == wrong_at + 1 else right

    return model_of(name, loss=loss, random_state=whole.seed_), wrong_at, whole


def assert_kept(model, updates, whole, reason="failed"):
    assert (model.stop_reason_, model.n_updates_) == (reason, updates)
    np.testing.assert_array_equal(model.params_, whole.history_.path[updates])
    np.testing.assert_array_equal(model.history_.path, whole.history_.path[: updates + 1])
    epochs = updates * whole.n_epochs_ // whole.n_updates_
    np.testing.assert_array_equal(model.history_.loss, whole.history_.loss[:epochs])


@pytest.mark.parametrize("place", range(100))
def test_an_exception_surfaces_unchanged_and_the_walk_is_kept(place):
    kind = [*RAISED, KeyboardInterrupt][place % 8]
    error = kind("of the student")

    def answer(loss, grad):
        raise error

    model, updates, whole = walk_wrong(place, answer)
    with pytest.raises(kind) as caught:
        model.fit(X, Y, init=np.ones(4))
    assert caught.value is error
    assert caught.traceback[-1].name == "answer"
    reason = "interrupted" if kind is KeyboardInterrupt else "failed"
    assert_kept(model, updates, whole, reason)


WRONG = [*WRONG_GRADIENTS.values(), *WRONG_LOSSES.values()]


@pytest.mark.filterwarnings("ignore:Casting complex")
@pytest.mark.parametrize("place", range(100))
def test_a_wrong_answer_is_named_and_the_walk_is_kept(place):
    wrong = WRONG[place % len(WRONG)]
    model, updates, whole = walk_wrong(place, wrong.spoil)
    words = wrong.words.replace("{grad}", "the gradient of loss").replace(
        "{loss}", "what loss returns"
    )
    with pytest.raises(wrong.error, match=words):
        model.fit(X, Y, init=np.ones(4))
    assert_kept(model, updates, whole)


@pytest.mark.parametrize("what", WRONG_PAIRS)
def test_what_is_no_pair_is_named(what):
    model, updates, whole = walk_wrong(5, WRONG_PAIRS[what])
    with pytest.raises(
        TypeError, match=r"^loss\(params, X_batch, y_batch\) must return \(loss, grad\)"
    ):
        model.fit(X, Y, init=np.ones(4))
    assert_kept(model, updates, whole)


@every_method
def test_nothing_is_left_behind_by_ten_thousand_batches(name):
    grad = np.zeros(4)
    model = model_of(
        name,
        loss=lambda params, X_batch, y_batch: (1.0, grad),
        record=None,
        epochs=10_000 // (12 // METHODS[name][1]),
    )
    features, targets = X.copy(), Y.copy()
    model.fit(features, targets, init=np.zeros(4))
    things = (grad, features, targets)
    counts, blocks = [sys.getrefcount(thing) for thing in things], sys.getallocatedblocks()
    model.fit(features, targets, init=np.zeros(4))
    assert [sys.getrefcount(thing) for thing in things] == counts
    assert sys.getallocatedblocks() - blocks < 100
