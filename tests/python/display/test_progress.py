"""The bar and the curve of ``fit(progress=…)``: what they show, and that the walk never notices."""

import io
import sys
import threading
import time
import types
import warnings
from contextlib import redirect_stderr, redirect_stdout

import numpy as np
import pytest

import gradwalk as gw
from gradwalk.progress import Display, Standing, meter
from gradwalk.progress.live import Live, Throttle

X = np.random.default_rng(0).normal(size=(60, 3))
Y = X @ [1.0, -2.0, 0.5] + 0.25
ENDINGS = {
    "epochs done": ({}, {}),
    "tolerance met": ({"tol": 1e-3, "epochs": 500}, {}),
    "diverged": ({"learning_rate": 1e6}, {}),
    "callback": ({}, {"callback": lambda step: step.epoch == 3}),
}


class Recorder(Display):
    """Writes down what it is told."""

    def __init__(self):
        self.shown, self.closed = [], []

    def show(self, standing):
        self.shown.append(standing)

    def close(self, standing):
        self.closed.append(standing)


@pytest.fixture
def stream():
    """A file in the place of the standard streams."""
    return io.StringIO()


@pytest.fixture
def clock(monkeypatch):
    """A clock that goes when it is told to."""
    now = types.SimpleNamespace(time=0.0)
    monkeypatch.setattr(meter, "clock", lambda: now.time)
    return now


class Notebook:
    """What a notebook has in the place of IPython: a shell, and pictures that are written over."""

    def __init__(self):
        self.shown, self.updated = [], []

    def display(self, data, *, metadata, raw, display_id):
        assert raw
        assert display_id is True
        self.shown.append((data, metadata))
        return self

    def update(self, data, *, metadata, raw):
        assert raw
        self.updated.append((data, metadata))


@pytest.fixture
def notebook(monkeypatch):
    book = Notebook()
    shell = type("ZMQInteractiveShell", (), {"config": {}})()
    package = types.ModuleType("IPython")
    package.version_info = (9, 0)
    package.get_ipython = lambda: shell
    package.display = types.ModuleType("IPython.display")
    package.display.display = book.display
    monkeypatch.setitem(sys.modules, "IPython", package)
    monkeypatch.setitem(sys.modules, "IPython.display", package.display)
    return book


def model_of(kind=gw.MiniBatchGD, **arguments):
    return kind(**{"epochs": 20, "learning_rate": 0.05, "random_state": 1, **arguments})


def fitted(model, to=None, **arguments):
    """The model after a fit, which writes its bar into the file `to`."""
    with redirect_stderr(to or sys.stderr), warnings.catch_warnings():
        warnings.simplefilter("ignore", gw.DivergenceWarning)
        return model.fit(X, Y, **arguments)


def same_bits(one, other):
    assert one.params_.tobytes() == other.params_.tobytes()
    assert one.stop_reason_ == other.stop_reason_
    for name, column in one.history_.to_dict().items():
        if name != "seconds":
            assert column.tobytes() == other.history_.to_dict()[name].tobytes(), name


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
# The bar


def test_the_bar_of_tqdm(terminal):
    pytest.importorskip("tqdm")
    model = fitted(model_of(epochs=200), terminal, progress=True)
    text = terminal.getvalue()
    assert "MiniBatchGD epoch 200/200: 100%" in text
    assert "12.0k/12.0k" in text
    assert "samples/s" in text
    assert f"loss={model.history_.loss[-1]:.4g}, η=0.05, {model.history_.verdict.word}]" in text
    assert text.endswith("\n")
    assert "\r" in text


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("tolerance met", "tolerance met, "),
        ("diverged", "diverged]"),
        ("callback", "stopped by the callback, "),
    ],
)
def test_the_bar_says_how_it_ended(terminal, reason, words):
    pytest.importorskip("tqdm")
    given, more = ENDINGS[reason]
    model = fitted(model_of(**given), terminal, progress=True, **more)
    last = terminal.getvalue().rstrip("\n").split("\r")[-1]
    assert words in last
    assert ("100%" in last) == (reason != "diverged")
    assert f"epoch {model.n_epochs_ + (reason == 'diverged')}/" in last


def test_the_bar_leaves_no_thread(terminal):
    pytest.importorskip("tqdm")
    before = threading.active_count()
    fitted(model_of(), terminal, progress=True)
    assert threading.active_count() == before


class Bar:
    """tqdm, as far as it is used."""

    made = ()  # those of a test

    def __init__(self, **arguments):
        self.arguments, self.n, self.total = arguments, 0, arguments["total"]
        self.texts, self.closings, self.disable = [], 0, False
        Bar.made.append(self)

    def set_description_str(self, text, refresh):
        self.texts.append(text)

    def set_postfix_str(self, text, refresh):
        self.texts.append(text)

    def update(self, n):
        self.n += n

    def refresh(self):
        pass

    def close(self):
        self.closings += 1


@pytest.fixture
def bars(monkeypatch):
    package, auto = types.ModuleType("tqdm"), types.ModuleType("tqdm.auto")
    auto.tqdm = Bar
    monkeypatch.setitem(sys.modules, "tqdm", package)
    monkeypatch.setitem(sys.modules, "tqdm.auto", auto)
    monkeypatch.setattr(Bar, "made", [])
    return Bar.made


@pytest.mark.parametrize("reason", ENDINGS)
def test_the_bar_is_closed_once(bars, reason):
    given, more = ENDINGS[reason]
    model = fitted(model_of(**given), progress=True, **more)
    (bar,) = bars
    assert bar.closings == 1
    assert bar.arguments["unit"] == " samples"
    assert (bar.n == bar.total) == (reason != "diverged")
    assert model.history_.verdict.word in bar.texts[-1] or reason == "diverged"


@pytest.mark.parametrize("error", [KeyboardInterrupt, ZeroDivisionError])
def test_the_bar_is_closed_after_an_exception(bars, error):
    def callback(step):
        raise error

    with pytest.raises(error):
        model_of().fit(X, Y, callback=callback, progress=True)
    assert bars[0].closings == 1
    assert ("interrupted" if error is KeyboardInterrupt else "failed") in bars[0].texts[-1]


def test_the_unit_of_minimize(bars):
    model_of().minimize(gw.landscapes.bowl, [1.0, 1.0], progress=True)
    model_of().minimize(gw.landscapes.bowl.as_sum(8, 0.1), [1.0, 1.0], progress=True)
    assert [bar.arguments["unit"] for bar in bars] == [" updates", " terms"]


def test_live_is_the_bar_outside_notebooks(bars):
    model_of().fit(X, Y, progress="live")
    assert bars[0].closings == 1


@pytest.mark.parametrize("has_tqdm", [True, False])
def test_a_terminal_that_cannot_write_eta(terminal, has_tqdm, request):
    pytest.importorskip("tqdm") if has_tqdm else request.getfixturevalue("no_tqdm")
    terminal.encoding = "ascii"
    fitted(model_of(), terminal, progress=True)
    assert "learning rate=0.05" in terminal.getvalue()
    assert "η" not in terminal.getvalue()


# --------------------------------------------------------------------------------------------------
# Without tqdm


@pytest.mark.usefixtures("no_tqdm")
def test_a_line_of_text_on_a_terminal(terminal):
    model = fitted(model_of(), terminal, progress=True)
    fitted(model_of(), terminal, progress=True)
    advice, *lines = terminal.getvalue().split("\n")
    assert advice.endswith("pip install tqdm")
    assert [line.count("pip") for line in lines] == [0, 0, 0], "told once"
    first, *_, last = lines[0].split("\r")[1:]
    assert first.startswith("MiniBatchGD epoch 0/20   0%")
    assert last.startswith(f"MiniBatchGD epoch 20/20 100%, loss={model.history_.loss[-1]:.4g}")
    assert last.endswith(f"samples/s, {model.history_.verdict.word}")


@pytest.mark.usefixtures("no_tqdm")
def test_a_line_now_and_then_elsewhere(stream, clock):
    with redirect_stderr(stream):
        bar = meter.Meter("SGD", "samples")
        for tenth in range(101):
            clock.time = tenth / 10
            bar.show(meter.Moment(f"epoch {tenth}/200", tenth, 200, {"loss": 1.0}))
        bar.close(meter.Moment("epoch 101/200", 101, 200, {"loss": 1.0}), "interrupted")
    _, *lines, end = stream.getvalue().split("\n")
    assert lines == [
        "SGD epoch 50/200  25%, loss=1, 10 samples/s, 0:15 left",
        "SGD epoch 100/200  50%, loss=1, 10 samples/s, 0:10 left",
        "SGD epoch 101/200  50%, loss=1, 10.1 samples/s, interrupted",
    ]
    assert end == ""


@pytest.mark.usefixtures("no_tqdm")
def test_a_shorter_line_covers_a_longer_one(terminal):
    with redirect_stderr(terminal):
        bar = meter.Meter("SGD", "samples")
        bar.show(meter.Moment("epoch 1/2", 0, 2, {"loss": 0.12345}))
        bar.show(meter.Moment("epoch 1/2", 0, 2, {"loss": 1.0}))
    long, short = terminal.getvalue().split("\r")[1:]
    assert len(long) == len(short)


@pytest.mark.usefixtures("no_tqdm")
@pytest.mark.parametrize(
    ("rate", "seconds", "words"),
    [
        (0.5, 0, "0.5 samples/s, 0:00"),
        (999, 59.2, "999 samples/s, 1:00"),
        (33_400, 75, "33.4k samples/s, 1:15"),
        (2e9, 3700, "2G samples/s, 1:01:40"),
        (1e15, 75, "1e+03T samples/s, 1:15"),
    ],
)
def test_rates_and_times_are_written_short(terminal, clock, rate, seconds, words):
    with redirect_stderr(terminal):
        bar = meter.Meter("SGD", "samples")
        bar.show(meter.Moment("run 0/2", 0, 2, {}))
        clock.time = 2.0
        bar.show(meter.Moment("run 1/2", 2 * rate, (2 + seconds) * rate, {}))
    assert terminal.getvalue().endswith(f"%, {words} left")


# --------------------------------------------------------------------------------------------------
# Notebooks


def test_a_notebook_without_widgets_is_not_warned(notebook, monkeypatch):
    pytest.importorskip("tqdm")
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    for name in [name for name in sys.modules if name.startswith("tqdm")]:
        monkeypatch.delitem(sys.modules, name)
    output, errors = io.StringIO(), io.StringIO()
    with redirect_stdout(output):
        fitted(model_of(), errors, progress=True)  # warnings are errors here
    assert "epoch 20/20" in output.getvalue()
    assert errors.getvalue() == "", "no red ground"


@pytest.mark.parametrize("progress_", ["live", True])
def test_the_curve_is_drawn_in_a_notebook(notebook, bars, progress_):
    pytest.importorskip("matplotlib")
    model = model_of().fit(X, Y, progress=progress_)
    if progress_ is True:
        assert notebook.shown == []
        assert bars[0].closings == 1
        return
    assert bars == []
    ((data, metadata),) = notebook.shown + notebook.updated[1:]
    assert data["image/png"].startswith("iVBOR")
    assert f"epoch 20/20, loss={model.history_.loss[-1]:.4g}" in data["text/plain"]
    assert metadata["image/png"]["width"] > 0


def test_the_curve_is_written_over(notebook, clock):
    pytest.importorskip("matplotlib")
    model = model_of(epochs=4)

    def callback(step):
        clock.time += 1.0
        live.show(Standing(step.epoch, 4, 60 * step.epoch, 240, step.loss, np.nan, 0.05))

    live = Live(model, "samples")
    model.fit(X, Y, callback=callback)
    live.close(Standing(4, 4, 240, 240, 1.0, np.nan, 0.05))
    assert len(notebook.shown) == 1
    assert len(notebook.updated) == 3
    assert "epoch 2/4, " in notebook.shown[0][0]["text/plain"]
    assert "120 samples/s, 0:01 left" in notebook.shown[0][0]["text/plain"]
    assert model.history_.verdict.word in notebook.updated[-1][0]["text/plain"]
    assert len({data["image/png"] for data, _ in notebook.updated}) == 3


@pytest.fixture
def figures(monkeypatch):
    """All that are made."""
    matplotlib = pytest.importorskip("matplotlib.figure")
    made = []

    class Figure(matplotlib.Figure):
        def __init__(self, **arguments):
            super().__init__(**arguments)
            made.append(self)

    monkeypatch.setattr(matplotlib, "Figure", Figure)
    return made


def test_the_curve_shows_the_losses(notebook, figures):
    model = model_of(learning_rate=1e-4, epochs=3)
    model.fit(X, Y, validation=0.25, progress="live")
    (ax,) = figures[-1].axes
    loss, validation = ax.lines
    assert list(loss.get_xdata()) == [1.0, 2.0, 3.0]
    assert list(loss.get_ydata()) == list(model.history_.loss)
    assert list(validation.get_ydata()) == list(model.history_.validation_loss)
    assert ax.get_yscale() == "linear"
    assert len(ax.get_legend().get_texts()) == 2
    model.fit(X, Y)
    for _ in range(50):
        model.partial_fit(X, 1e-3 * Y)
    model.partial_fit(X, 1e-3 * Y, progress="live")
    (ax,) = figures[-1].axes
    assert ax.get_title().startswith("epoch 54/54, ")
    assert len(ax.lines[0].get_xdata()) == 54
    low, high = ax.get_ylim()
    assert low < model.history_.loss.min() < model.history_.loss.max() < high


@pytest.mark.parametrize("rate", [0.05, 1e6, 1e300])
def test_the_curve_stands_every_record_and_leaves_no_figure_open(notebook, rate):
    pyplot = pytest.importorskip("matplotlib.pyplot")
    before = pyplot.get_fignums()
    fitted(model_of(gw.BatchGD, learning_rate=rate, epochs=4), progress="live")
    assert notebook.shown[0][0]["image/png"]
    assert pyplot.get_fignums() == before


@pytest.mark.parametrize("cost", [0.01, 0.06, 0.5])
def test_the_curve_takes_a_tenth_of_the_time_at_most(clock, cost):
    throttle, drawn = Throttle(), []

    def draw():
        drawn.append(clock.time)
        clock.time += cost

    while clock.time < 60.0:
        if throttle.is_due():
            throttle.run(draw)
        clock.time += 0.1
    assert (len(drawn) + 1) * cost <= 0.1 * clock.time, "with the last of all"
    assert len(drawn) >= 8
    assert min(np.diff(drawn)) >= 0.25


def test_ipython_in_a_terminal_is_no_notebook(notebook, bars):
    terminal = type("TerminalInteractiveShell", (), {})
    for kind in (terminal, type("ShellOfAnEditor", (terminal,), {})):
        sys.modules["IPython"].get_ipython = kind
        model_of().fit(X, Y, progress="live")
    sys.modules["IPython"].get_ipython = lambda: None
    model_of().fit(X, Y, progress="live")
    assert len(bars) == 3
    assert notebook.shown == []


def test_without_matplotlib_live_is_the_bar(notebook, bars, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    model_of().fit(X, Y, progress="live")
    assert bars[0].closings == 1
    assert notebook.shown == []


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
