"""Callbacks: what they see, what they stop; and the history as a table."""

from __future__ import annotations

import numpy as np
import pytest

import gradwalk as gw
from finite_sum import METHODS, A, B, every_method, mean_of, model_of, slope_of


def own(params, X_batch, y_batch):
    residual = X_batch @ params - y_batch
    return float(np.mean(residual**2)), 2 * X_batch.T @ residual / len(y_batch)


class Walk:
    """One of the ways to walk with a callback."""

    def __init__(self, start, **options):
        self.start, self.options = start, options

    def model_of(self, name, **options):
        return model_of(name, **self.options, **options)

    def __call__(self, name, callback, **options):
        """The model, after its walk."""
        model = self.model_of(name, **options)
        self.start(model, callback)
        return model


WALKS = {
    "fit": Walk(lambda model, callback: model.fit(A, B, callback=callback), fit_intercept=False),
    "own loss": Walk(
        lambda model, callback: model.fit(A, B, init=np.zeros(3), callback=callback), loss=own
    ),
    "minimize": Walk(
        lambda model, callback: model.minimize(
            mean_of, np.zeros(3), jac=slope_of, n_terms=12, callback=callback
        )
    ),
}
every_walk = pytest.mark.parametrize("walk", WALKS.values(), ids=WALKS)


@every_walk
@every_method
def test_a_callback_sees_every_epoch_as_the_history_keeps_it(name, walk):
    steps = []
    rate = lambda t: 0.1 / (1 + t)  # noqa: E731
    model = walk(name, steps.append, epochs=6, record="epoch", learning_rate=rate)
    history = model.history_
    assert [step.epoch for step in steps] == [1, 2, 3, 4, 5, 6]
    assert [step.update for step in steps] == list(np.cumsum(history.updates_per_epoch))
    assert [step.loss for step in steps] == list(history.loss)
    assert [step.learning_rate for step in steps] == list(history.learning_rate)
    np.testing.assert_array_equal([step.params for step in steps], history.path[1:])
    for step in steps:
        assert (step.rows, step.grad, step.params_before) == (None, None, None)
        assert f"epoch {step.epoch}, update {step.update}" in repr(step)
    silent = walk(name, None, epochs=6, record="epoch", learning_rate=rate)
    np.testing.assert_array_equal(silent.history_.path, history.path)


@every_walk
@every_method
def test_the_params_of_a_step_are_a_copy(name, walk):
    def callback(step):
        assert step.params is step.params
        step.params[:] = np.nan

    plain = walk(name, None)
    np.testing.assert_array_equal(walk(name, callback).params_, plain.params_)


@pytest.mark.parametrize("answer", [True, np.True_])
@every_walk
@every_method
def test_true_stops(name, walk, answer):
    model = walk(name, lambda step: answer if step.epoch == 3 else None, epochs=9, tol=0.0)
    assert (model.stop_reason_, model.converged_, model.n_epochs_) == ("callback", False, 3)
    whole = walk(name, None, epochs=9)
    np.testing.assert_array_equal(model.history_.path, whole.history_.path[: model.n_updates_ + 1])
    np.testing.assert_array_equal(model.params_, model.history_.path[-1])
    np.testing.assert_array_equal(model.history_.loss, whole.history_.loss[:3])


@pytest.mark.parametrize("answer", [None, False, np.False_, 1, 0.5, "stop", [True], np.ones(3)])
@every_walk
def test_only_true_stops(walk, answer):
    """A callback that returns what it plotted goes on."""
    assert walk("SGD", lambda step: answer).stop_reason_ == "epochs done"


@pytest.mark.parametrize("kind", [LookupError, StopIteration, KeyboardInterrupt, SystemExit])
@every_walk
@every_method
def test_what_a_callback_raises_surfaces_and_the_walk_is_kept(name, walk, kind):
    error = kind("of the student")

    def callback(step):
        if step.epoch == 2:
            raise error

    model = walk.model_of(name)
    with pytest.raises(kind) as caught:
        walk.start(model, callback)
    assert caught.value is error
    whole = walk(name, None)
    per_epoch = -(-12 // METHODS[name][1])
    assert model.stop_reason_ == ("interrupted" if kind is KeyboardInterrupt else "failed")
    assert (model.n_epochs_, model.n_updates_) == (2, 2 * per_epoch)
    np.testing.assert_array_equal(model.params_, whole.history_.path[2 * per_epoch])
    np.testing.assert_array_equal(model.history_.loss, whole.history_.loss[:2])


@every_method
def test_the_model_can_be_asked_from_within(name):
    seen = []
    model = model_of(name, epochs=5, record="epoch")

    def callback(step):
        np.testing.assert_array_equal(model.params_, step.params)
        np.testing.assert_array_equal(model.coef_, step.params[1:])
        assert (model.n_epochs_, model.n_updates_) == (step.epoch, step.update)
        assert model.stop_reason_ == "walking"
        assert len(model.history_.loss) == len(model.history_.validation_loss) == step.epoch
        seen.append((model.score(A, B), model.predict(A), model.history_))
        with pytest.raises(RuntimeError, match=r"being fitted already.*by a callback"):
            model.fit(A, B)

    model.fit(A, B, callback=callback, validation=(A, B))
    for epoch, (score, predicted, history) in enumerate(seen, start=1):
        theta = model.history_.path[epoch]
        np.testing.assert_allclose(predicted, theta[0] + A @ theta[1:], rtol=1e-12)
        assert score == pytest.approx(
            1 - np.sum((predicted - B) ** 2) / np.sum((B - B.mean()) ** 2)
        )
        assert len(history.path) == epoch + 1  # a snapshot: the walk has gone on since


def test_a_callback_must_be_callable():
    with pytest.raises(TypeError, match=r"^callback must be a function of one step; got 3"):
        gw.BatchGD().fit(A, B, callback=3)


# --- The history as a table -------------------------------------------------------------------


@pytest.mark.parametrize("drop_last", [False, True])
def test_updates_per_epoch(drop_last):
    """Of epochs that differ, too: an order whose lists have not one length."""
    model = gw.MiniBatchGD(batch_size=5, epochs=3, drop_last=drop_last, random_state=0)
    per_epoch = 2 if drop_last else 3
    np.testing.assert_array_equal(model.fit(A, B).history_.updates_per_epoch, [per_epoch] * 3)
    order = [range(5), range(12), [3] * 6]
    expected = [1, 2, 1] if drop_last else [1, 3, 2]
    history = model.fit(A, B, order=order).history_
    assert history.updates_per_epoch.dtype == np.int64
    np.testing.assert_array_equal(history.updates_per_epoch, expected)
    assert model.n_updates_ == sum(expected)


EXTRAS = {
    "full_loss": {"full_loss": True},
    "validation_loss": {"validation": (A, B)},
    "both": {"full_loss": True, "validation": 0.25},
    "neither": {},
}


@pytest.mark.parametrize("extra", EXTRAS)
@every_method
def test_to_dict_has_one_entry_an_epoch(name, extra):
    history = model_of(name, epochs=7).fit(A, B, **EXTRAS[extra]).history_
    columns = history.to_dict()
    extras = {"both": {"full_loss", "validation_loss"}, "neither": set()}.get(extra, {extra})
    always = {"epoch", "updates", "loss", "grad_norm", "learning_rate", "seconds"}
    assert set(columns) == always | extras
    for column in set(columns) - {"epoch", "updates", "full_loss"}:
        np.testing.assert_array_equal(columns[column], getattr(history, column))
    np.testing.assert_array_equal(columns["epoch"], range(1, 8))
    np.testing.assert_array_equal(columns["updates"], history.updates_per_epoch)
    if "full_loss" in columns:
        np.testing.assert_array_equal(columns["full_loss"], history.full_loss[1:])


def test_to_dict_feeds_pandas():
    pandas = pytest.importorskip("pandas", reason="pandas is not installed")
    history = gw.SGD(epochs=5, random_state=0).fit(A, B, full_loss=True).history_
    frame = pandas.DataFrame(history.to_dict()).set_index("epoch")
    assert list(frame.index) == [1, 2, 3, 4, 5]
    assert frame.loc[3, "full_loss"] == history.full_loss[3]
    assert frame["updates"].sum() == 60
    assert frame["seconds"].is_monotonic_increasing


def test_to_dict_of_walks_that_were_cut_short():
    """partial_fit knows no validation data: that column would be short, and is left out."""
    model = gw.BatchGD(epochs=2).fit(A, B, validation=(A, B), callback=lambda step: True)
    assert [len(column) for column in model.history_.to_dict().values()] == [1] * 7
    columns = model.partial_fit(A, B).history_.to_dict()
    assert "validation_loss" not in columns
    assert {len(column) for column in columns.values()} == {2}
    with pytest.warns(gw.DivergenceWarning):
        model = gw.BatchGD(learning_rate=1e308, epochs=2).fit(1e9 * A, B)
    assert {len(column) for column in model.history_.to_dict().values()} == {0}
