"""`steps` beyond the plain case: evaluations, long passes, divergence, errors, other walks."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

import gradwalk as gw
from gradwalk import rules, schedules
from loss_kinds import COUNTS, TWO_CLASSES
from stepped_walks import METHODS, same_walk
from written_rules import DEFAULTS as RULES

RNG = np.random.default_rng(6)
X = RNG.normal(size=(33, 3))
Y = X @ [1.0, -1.0, 2.0] + RNG.normal(size=33)
every_method = pytest.mark.parametrize(("make", "options"), METHODS)
SCHEDULES = [
    schedules.Constant(0.01),
    schedules.InverseScaling(0.02, tau=30, power=0.6),
    schedules.Exponential(0.02, 0.99),
    schedules.StepDecay(0.02, 0.5, every=7),
    schedules.Warmup(5, schedules.Cosine(0.02, 40)),
]


def assert_fields(step, X, y, l1=0.0, **options):
    """Loss and gradient are those of the rows at θ before the update."""
    loss, grad = gw.loss_and_grad(X, y, step.params_before, rows=step.rows, **options)
    loss += l1 * np.abs(step.params_before[1:]).sum()
    assert step.loss == pytest.approx(loss, rel=1e-12)
    np.testing.assert_allclose(step.grad, grad, rtol=0, atol=1e-12)


@pytest.mark.parametrize("schedule", SCHEDULES, ids=repr)
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: type(rule).__name__)
@every_method
def test_every_schedule_has_the_bits_of_fit(make, options, rule, schedule):
    settings = {"learning_rate": schedule, "rule": rule, "epochs": 4, "random_state": 4, **options}
    whole, stepped, parts = (make(**settings) for _ in range(3))
    whole.fit(X, Y)
    steps = list(stepped.steps(X, Y))
    same_walk(stepped, whole)
    rates = [step.learning_rate for step in steps]
    np.testing.assert_array_equal(rates, schedule.at(np.arange(len(steps))))
    for _ in range(4):
        parts.partial_fit(X, Y)
    same_walk(parts, whole)


@pytest.mark.parametrize(("rule", "l1"), [(None, 0.0), (None, 0.05), (rules.Adam(), 0.0)])
@every_method
def test_fields_are_right_with_an_evaluation_after_each_epoch(make, options, rule, l1):
    """The evaluation on all rows uses the gradient's place; the step must not show that."""
    settings = {"learning_rate": 0.02, "epochs": 3, "random_state": 4, "rule": rule, "l1": l1}
    whole = make(**settings, **options).fit(X, Y, full_loss=True)
    model = make(**settings, **options)
    seen = []
    for step in model.steps(X, Y, full_loss=True):
        assert_fields(step, X, Y, l1)
        seen.append((step.epoch, step.update))
    same_walk(model, whole)
    per_epoch = whole.n_updates_ // 3
    assert seen == [(t // per_epoch + 1, t + 1) for t in range(3 * per_epoch)]


@pytest.mark.parametrize("full_loss", [False, True])
@pytest.mark.parametrize("batch_size", [200_000, 100_000])
def test_a_long_pass_is_cut_but_its_step_is_whole(full_loss, batch_size):
    """More rows than a walk does before it looks at the clock."""
    X = np.random.default_rng(1).normal(size=(200_000, 1))
    y = X[:, 0] + 1
    options = {"learning_rate": 0.1, "epochs": 2, "random_state": 0}
    model = gw.MiniBatchGD(batch_size=batch_size, **options)
    per_epoch = 200_000 // batch_size
    for t, step in enumerate(model.steps(X, y, full_loss=full_loss)):
        assert (step.epoch, step.update) == (t // per_epoch + 1, t + 1)
        assert len(step.rows) == batch_size
        assert_fields(step, X, y)
        # The epoch is written down with its last update.
        assert model.n_epochs_ == (t + 1) // per_epoch
        assert len(model.history_.full_loss) == (model.n_epochs_ + 1 if full_loss else 0)
    assert model.stop_reason_ == "epochs done"


@pytest.mark.parametrize("rate", [1e3, 1e80, 1e200, 1e306, 1e308])
@every_method
def test_steps_diverge_as_fit_does(make, options, rate):
    settings = {"learning_rate": rate, "epochs": 60, "random_state": 1, **options}
    fitted, model = make(**settings), make(**settings)
    with pytest.warns(gw.DivergenceWarning) as told:
        fitted.fit(10 * X, Y)
    with pytest.warns(gw.DivergenceWarning) as told_of_steps:
        steps = list(model.steps(10 * X, Y))
    assert len(told_of_steps) == len(told) == 1
    assert all(np.isfinite(step.params_before).all() for step in steps)
    updates = [step.update for step in steps]
    same_walk(model, fitted)
    # A last update that θ did not survive may be shown; it is taken back when that is found.
    assert updates == list(range(1, len(updates) + 1))
    assert len(updates) - model.n_updates_ in (0, 1)


@every_method
def test_steps_settle_as_fit_does(make, options):
    settings = {"learning_rate": 0.05, "epochs": 300, "random_state": 1, "tol": 1e-3, **options}
    fitted = make(patience=2, **settings).fit(X, Y)
    model = make(patience=2, **settings)
    assert len(list(model.steps(X, Y))) == fitted.n_updates_
    assert model.stop_reason_ in ("tolerance met", "no improvement")
    same_walk(model, fitted)


@pytest.mark.parametrize("record", ["auto", "update", "epoch", None])
def test_steps_are_whole_whatever_is_recorded(record):
    settings = {"epochs": 3, "random_state": 1, "record": record, "path_bytes": 400}
    fitted = gw.SGD(**settings).fit(X, Y)
    model = gw.SGD(**settings)
    for step in model.steps(X, Y):
        assert_fields(step, X, Y)
    same_walk(model, fitted)


@pytest.mark.parametrize("dtype", [np.float32, np.int64])
@pytest.mark.parametrize("rule", [None, rules.Momentum()])
def test_other_types_have_the_bits_of_fit(dtype, rule):
    data = (10 * X).astype(dtype)
    settings = {"learning_rate": 1e-4, "epochs": 3, "random_state": 1, "rule": rule}
    model, fitted = gw.SGD(**settings), gw.SGD(**settings).fit(data, Y)
    expected = np.float32 if dtype is np.float32 else np.float64
    for step in model.steps(data, Y):
        assert step.params.dtype == step.params_before.dtype == step.grad.dtype == expected
    same_walk(model, fitted)


@pytest.mark.parametrize("loss", [name for name in gw.LOSSES if name != "cross_entropy"])
@pytest.mark.parametrize("make", [gw.SGD, gw.MiniBatchGD])
def test_fields_of_every_loss(loss, make):
    y = (Y > 0).astype(float) if loss in (*TWO_CLASSES, *COUNTS) else Y
    model = make(loss, epochs=2, random_state=1, l2=0.3, learning_rate=0.05)
    for step in model.steps(X, y):
        assert_fields(step, X, y, loss=loss, l2=0.3)


def test_what_a_step_shows_is_a_copy():
    model = gw.SGD(epochs=1, random_state=1)
    steps = model.steps(X, Y)
    step = next(steps)
    for array in (step.params, step.params_before, step.grad):
        array[:] = np.nan
    step.rows[:] = -1
    list(steps)
    same_walk(model, gw.SGD(epochs=1, random_state=1).fit(X, Y))


def test_after_leaving_early_the_model_works():
    model = gw.MiniBatchGD(batch_size=8, epochs=3, random_state=1)
    steps = model.steps(X, Y)
    seen = list(itertools.islice(steps, 7))  # five an epoch
    assert (model.n_epochs_, model.n_updates_, model.stop_reason_) == (1, 7, "walking")
    np.testing.assert_array_equal(model.params_, seen[-1].params)
    np.testing.assert_allclose(model.predict(X), X @ model.coef_ + model.intercept_, atol=1e-12)
    history = model.history_
    assert (len(history.loss), len(history.update_loss), len(history.path)) == (1, 7, 8)
    assert [step.loss for step in seen] == history.update_loss.tolist()
    assert next(steps).update == 8
    same_walk(
        gw.MiniBatchGD(batch_size=8, epochs=3, random_state=1).fit(X, Y), finish(model, steps)
    )


def finish(model, steps):
    for _ in steps:
        pass
    return model


@pytest.mark.parametrize(
    "meanwhile",
    [
        lambda model: model.fit(X, Y),
        lambda model: model.steps(X, Y),
        lambda model: model.minimize(gw.landscapes.bowl, [1.0, 1.0]),
        lambda model: model.partial_fit(X, Y),
    ],
    ids=["fit", "steps", "minimize", "partial_fit"],
)
def test_another_walk_of_the_same_model_ends_the_first_with_a_word(meanwhile):
    model = gw.SGD(epochs=4, random_state=1)
    steps = model.steps(X, Y)
    next(steps)
    kept = meanwhile(model)
    updates = model.n_updates_
    with pytest.raises(RuntimeError, match=r"call steps\(X, y\) again"):
        next(steps)
    assert model.n_updates_ == updates
    assert kept is not None


def test_an_error_of_the_rate_surfaces_at_its_step():
    def rate(t):
        if t == 5:
            raise ZeroDivisionError("at five")
        return 0.01

    model = gw.SGD(epochs=1, random_state=1, learning_rate=rate)
    steps = model.steps(X, Y)
    assert [next(steps).update for _ in range(5)] == [1, 2, 3, 4, 5]
    with pytest.raises(ZeroDivisionError, match="at five"):
        next(steps)
    assert (model.n_updates_, model.stop_reason_) == (5, "failed")
    assert list(steps) == []


def test_a_nan_in_a_row_surfaces_at_its_step():
    data = X.copy()
    data[4, 1] = np.nan
    model = gw.SGD(epochs=1, sampling="sequential")
    steps = model.steps(data, Y)
    assert [next(steps).rows.tolist() for _ in range(4)] == [[0], [1], [2], [3]]
    with pytest.raises(ValueError, match=r"^X\[4, 1\] must be"):
        next(steps)
    assert model.n_updates_ == 4
