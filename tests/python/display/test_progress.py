"""``fit(progress=…)``: what a display is told, and that the walk never notices."""

import threading
import time
from contextlib import redirect_stderr

import numpy as np
import pytest

import gradwalk as gw
from gradwalk.progress import Display
from watched_fits import ENDINGS, X, Y, fitted, model_of, same_bits


class Recorder(Display):
    """Writes down what it is told."""

    def __init__(self):
        self.shown, self.closed = [], []

    def show(self, standing):
        self.shown.append(standing)

    def close(self, standing):
        self.closed.append(standing)


# --------------------------------------------------------------------------------------------------
# What a display is told


@pytest.mark.parametrize("kind", [gw.BatchGD, gw.SGD, gw.MiniBatchGD])
def test_a_display_sees_the_start_and_the_end(kind):
    seen = Recorder()
    model = fitted(model_of(kind), progress=seen)
    first, last = seen.shown[0], seen.closed[0]
    assert (first.epoch, first.epochs, first.rows, first.all_rows) == (0, 20, 0, 1200)
    assert np.isnan(first.loss)
    assert first.learning_rate == 0.0
    assert (last.epoch, last.epochs, last.rows, last.all_rows) == (20, 20, 1200, 1200)
    assert last.loss == model.history_.loss[-1]
    assert last.learning_rate == 0.05
    assert np.isnan(last.validation_loss)
    assert len(seen.closed) == 1


def test_rows_are_those_that_are_visited():
    seen = Recorder()
    fitted(model_of(batch_size=50, drop_last=True), progress=seen)
    assert seen.closed[0].all_rows == 50 * 20
    order = [np.arange(7), np.arange(3), np.arange(5)]
    fitted(model_of(epochs=3, batch_size=2), order=order, progress=seen)
    assert (seen.closed[1].rows, seen.closed[1].all_rows) == (15, 15)


def test_the_validation_loss_is_told():
    seen = Recorder()
    model = fitted(model_of(), validation=0.25, progress=seen)
    assert seen.closed[0].validation_loss == model.history_.validation_loss[-1]
    assert seen.closed[0].all_rows == 45 * 20


def test_a_long_epoch_moves_inside():
    seen = Recorder()

    def slow(params, X_batch, y_batch):
        threading.Event().wait(0.03)
        return 1.0, np.zeros_like(params)

    model = gw.MiniBatchGD(slow, epochs=1, batch_size=3, random_state=0)
    model.fit(X, Y, init=np.zeros(3), progress=seen)
    within = [standing for standing in seen.shown if 0 < standing.rows < 60]
    assert len(within) > 1
    assert {standing.epoch for standing in within} == {1}
    rows = [standing.rows for standing in seen.shown]
    assert rows == sorted(rows)
    assert within[0].loss == 1.0, "the mean up to now, in the first epoch"


def test_short_epochs_do_not_call():
    seen = Recorder()
    start = time.perf_counter()
    model_of(gw.BatchGD, epochs=20_000, record=None).fit(X, Y, progress=seen)
    # One in a tenth of a second, and the first.
    assert len(seen.shown) <= 1 + (time.perf_counter() - start) / 0.1


def test_partial_fit_counts_epochs_on():
    seen = Recorder()
    model = model_of()
    for _ in range(3):
        model.partial_fit(X, Y, progress=seen)
    assert [(last.epoch, last.epochs) for last in seen.closed] == [(1, 1), (2, 2), (3, 3)]
    assert [(last.rows, last.all_rows) for last in seen.closed] == [(60, 60)] * 3


@pytest.mark.parametrize("fun", [gw.landscapes.bowl, lambda x: float(x @ x)])
def test_minimize_has_it_too(fun):
    seen = Recorder()
    result = model_of().minimize(fun, [1.0, 2.0], progress=seen)
    assert (seen.closed[0].rows, seen.closed[0].all_rows) == (20, 20)
    assert result.nit == 20


def test_getters_work_inside():
    model = model_of(epochs=5)

    class Asking(Recorder):
        def show(self, standing):
            super().show(standing)
            assert model.n_epochs_ == 0
            assert model.stop_reason_ == "walking"
            assert len(model.history_.loss) == 0
            with pytest.raises(RuntimeError, match="being fitted already"):
                model.fit(X, Y)

    seen = Asking()
    model.fit(X, Y, progress=seen)
    assert seen.shown


def test_it_works_in_another_thread_and_inside_a_callback():
    outer, inner = Recorder(), Recorder()

    def callback(step):
        if step.epoch == 2:
            model_of().fit(X, Y, progress=inner)

    model = model_of()
    thread = threading.Thread(
        target=lambda: model.fit(X, Y, progress=outer, callback=callback), daemon=True
    )
    thread.start()
    thread.join()
    assert outer.closed[0].rows == inner.closed[0].rows == 1200


# --------------------------------------------------------------------------------------------------
# Endings


@pytest.mark.parametrize("reason", ENDINGS)
def test_every_ending_closes_and_has_the_bits_of_a_walk_without(reason):
    given, more = ENDINGS[reason]
    seen = Recorder()
    shown = fitted(model_of(**given), progress=seen, **more)
    assert shown.stop_reason_ == reason
    assert len(seen.closed) == 1
    same_bits(fitted(model_of(**given), **more), shown)


@pytest.mark.parametrize("error", [KeyboardInterrupt, ZeroDivisionError])
def test_an_exception_in_a_callback_closes(error):
    seen = Recorder()

    def callback(step):
        raise error

    model = model_of()
    with pytest.raises(error):
        model.fit(X, Y, callback=callback, progress=seen)
    assert len(seen.closed) == 1
    assert model.stop_reason_ == ("interrupted" if error is KeyboardInterrupt else "failed")


def test_bad_data_close():
    seen = Recorder()
    bad = X.copy()
    bad[7, 1] = np.nan
    with pytest.raises(ValueError, match=r"X\[7, 1\]"):
        model_of().fit(bad, Y, progress=seen)
    assert len(seen.closed) == 1


def test_what_is_refused_is_refused_before_anything_is_shown():
    seen = Recorder()
    with pytest.raises(ValueError, match="rows"):
        model_of().fit(X, Y[:-1], progress=seen)
    assert seen.shown == seen.closed == []


# --------------------------------------------------------------------------------------------------
# Displays that fail


class Broken(Display):
    def __init__(self, where, error):
        self.where, self.error, self.calls = where, error, 0

    def show(self, standing):
        self.calls += 1
        if self.where == "show":
            raise self.error

    def close(self, standing):
        self.calls += 1
        if self.where == "close":
            raise self.error


@pytest.mark.parametrize("where", ["show", "close"])
def test_a_display_that_fails_loses_nothing(where):
    display = Broken(where, BrokenPipeError("nobody reads"))
    with pytest.warns(RuntimeWarning, match=r"display of progress failed.*nobody reads") as caught:
        model = model_of().fit(X, Y, progress=display)
    assert len(caught) == 1
    assert display.calls == (1 if where == "show" else 2)
    same_bits(fitted(model_of()), model)


def test_a_warning_that_is_an_error_waits_for_the_end():
    model = model_of()
    with pytest.raises(RuntimeWarning, match="nobody reads"):
        model.fit(X, Y, progress=Broken("show", OSError("nobody reads")))
    assert model.stop_reason_ == "epochs done"


@pytest.mark.parametrize("where", ["show", "close"])
def test_the_stop_button_counts_inside_a_display(where):
    model = model_of()
    with pytest.raises(KeyboardInterrupt):
        model.fit(X, Y, progress=Broken(where, KeyboardInterrupt()))
    assert model.stop_reason_ == ("interrupted" if where == "show" else "epochs done")


def test_a_closed_stream_loses_nothing(stream):
    stream.close()
    with pytest.warns(RuntimeWarning, match="display of progress failed"):
        model = fitted(model_of(), stream, progress=True)
    same_bits(fitted(model_of()), model)


@pytest.mark.usefixtures("no_tqdm")
def test_a_closed_stream_loses_nothing_without_tqdm_either(stream):
    test_a_closed_stream_loses_nothing(stream)


def test_no_stream_at_all_is_quiet():
    with redirect_stderr(None):
        assert model_of().fit(X, Y, progress=True).stop_reason_ == "epochs done"


# --------------------------------------------------------------------------------------------------
# Arguments


@pytest.mark.parametrize("value", [1, None, 1.0, Display, [True]])
def test_wrong_types(value):
    with pytest.raises(TypeError, match='progress must be True for a bar, "live" for') as caught:
        model_of().fit(X, Y, progress=value)
    assert repr(value)[:20] in str(caught.value)


def test_wrong_words():
    with pytest.raises(ValueError, match="got 'tqdm'"):
        model_of().fit(X, Y, progress="tqdm")


@pytest.mark.parametrize("value", [False, np.False_])
def test_false_shows_nothing(stream, value):
    fitted(model_of(), stream, progress=value)
    assert stream.getvalue() == ""


def test_numpys_true_is_true(bars):
    model_of().fit(X, Y, progress=np.True_)
    assert bars[0].closings == 1


def test_words_of_others_are_translated():
    with pytest.raises(TypeError, match="here it is progress=True"):
        model_of().fit(X, Y, verbose=1)
    with pytest.raises(TypeError, match=r"write fit\(X, y, progress=True\)"):
        gw.SGD(verbose=1)
    with pytest.raises(TypeError, match="steps has no argument"):
        model_of().steps(X, Y, progress=True)
