"""`steps`: the walk of `fit`, one update at a time."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

import gradwalk as gw
from gradwalk import schedules
from stepped_walks import METHODS, same_walk
from written_rules import DEFAULTS as RULES

RNG = np.random.default_rng(6)
X = RNG.normal(size=(33, 3))
Y = X @ [1.0, -1.0, 2.0] + RNG.normal(size=33)

RATES = [0.01, lambda t: 0.01 / (1 + t), schedules.Cosine(0.02, 60)]
CASES = list(itertools.product(METHODS, RULES, RATES))


@pytest.mark.parametrize(("method", "rule", "rate"), CASES)
def test_steps_have_the_bits_of_fit_and_so_have_partial_fits(method, rule, rate):
    make, options = method
    settings = {"learning_rate": rate, "rule": rule, "epochs": 10, "random_state": 4, **options}
    whole = make(**settings).fit(X, Y)
    stepped = make(**settings)
    updates = [step.update for step in stepped.steps(X, Y)]
    assert updates == list(range(1, whole.n_updates_ + 1))
    same_walk(stepped, whole)
    parts = make(**settings)
    for _ in range(10):
        parts.partial_fit(X, Y)
    same_walk(parts, whole)


def test_the_order_of_steps_is_read_once():
    order = np.stack([np.random.default_rng(e).permutation(33) for e in range(3)])
    whole = gw.SGD(epochs=3).fit(X, Y, order=order)
    stepped = gw.SGD(epochs=3)
    steps = stepped.steps(X, Y, order=order)
    next(steps)
    order[:] = 0
    assert len(list(steps)) == 98
    np.testing.assert_array_equal(stepped.params_, whole.params_)


@pytest.mark.parametrize(("make", "options"), METHODS)
@pytest.mark.parametrize("l1", [0.0, 0.05])
def test_a_step_says_what_happened(make, options, l1):
    weight = RNG.uniform(0.5, 2, size=33)
    order = [np.random.default_rng(e).permutation(33) for e in range(3)]
    replayed = {} if make is gw.BatchGD else {"order": order}
    settings = {"learning_rate": 0.02, "epochs": 3, "l2": 0.1, "l1": l1, "random_state": 4}
    model = make(**settings, **options)
    seen = []
    for step in model.steps(X, Y, sample_weight=weight, **replayed):
        assert step.learning_rate == 0.02
        loss, grad = gw.loss_and_grad(
            X, Y, step.params_before, rows=step.rows, sample_weight=weight, l2=0.1
        )
        loss += l1 * np.abs(step.params_before[1:]).sum()
        assert step.loss == pytest.approx(loss, rel=1e-12)
        np.testing.assert_allclose(step.grad, grad, atol=1e-12)
        if l1 == 0:
            np.testing.assert_allclose(step.params, step.params_before - 0.02 * grad, atol=1e-14)
        np.testing.assert_array_equal(step.params, model.params_)
        seen.append((step.epoch, step.rows))
    if replayed:
        for epoch in (1, 2, 3):
            rows = np.concatenate([rows for number, rows in seen if number == epoch])
            np.testing.assert_array_equal(rows, order[epoch - 1][: len(rows)])
    else:
        assert [epoch for epoch, _ in seen] == [1, 2, 3]


def test_one_can_leave_early_look_and_go_on():
    settings = {"learning_rate": 0.01, "epochs": 2, "batch_size": 5, "random_state": 1}
    model = gw.MiniBatchGD(**settings)
    steps = model.steps(X, Y)
    for step in steps:
        if step.update == 3:
            break
    assert (model.n_updates_, model.n_epochs_, model.stop_reason_) == (3, 0, "walking")
    assert model.predict(X).shape == (33,)
    assert model.history_.path.shape == (4, 4)
    rest = list(steps)
    assert rest[0].update == 4
    same_walk(model, gw.MiniBatchGD(**settings).fit(X, Y))
    assert list(steps) == []


def test_after_leaving_early_a_partial_fit_walks_the_epoch_anew():
    model = gw.SGD(learning_rate=0.01, random_state=1)
    next(model.steps(X, Y))
    model.partial_fit(X, Y)
    assert (model.n_updates_, model.n_epochs_) == (34, 1)


def test_a_fit_meanwhile_ends_the_old_walk():
    model = gw.SGD(epochs=1, random_state=1)
    steps = model.steps(X, Y)
    next(steps)
    model.fit(X, Y)
    with pytest.raises(RuntimeError, match="fitted anew meanwhile"):
        next(steps)


def test_softmax_and_a_loss_of_ones_own_have_steps_too():
    labels = np.arange(33) % 3
    model = gw.SGD("cross_entropy", epochs=1, random_state=0)
    for step in model.steps(X, labels):
        assert step.params.shape == step.grad.shape == (4, 3)

    def loss(theta, X_batch, y_batch):
        r = X_batch @ theta - y_batch
        return r @ r / len(r), 2 / len(r) * X_batch.T @ r

    own = gw.MiniBatchGD(loss, epochs=2, batch_size=8, random_state=0)
    named = gw.MiniBatchGD("mse", epochs=2, batch_size=8, random_state=0, fit_intercept=False)
    for mine, theirs in zip(own.steps(X, Y, init=np.zeros(3)), named.steps(X, Y), strict=True):
        np.testing.assert_array_equal(mine.rows, theirs.rows)
        np.testing.assert_allclose(mine.grad, theirs.grad, atol=1e-12)


def test_wrong_words_are_refused_at_once():
    with pytest.raises(TypeError, match=r'SGD\.steps has no argument "epochs"'):
        gw.SGD().steps(X, Y, epochs=3)
    with pytest.raises(ValueError, match="y must be"):
        gw.SGD().steps(X, Y[:5])
