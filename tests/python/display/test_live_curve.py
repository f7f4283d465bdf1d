"""The loss curve of ``fit(progress="live")`` in a notebook, and the bar elsewhere."""

import io
import sys
from contextlib import redirect_stdout

import numpy as np
import pytest

import gradwalk as gw
from gradwalk.progress import Standing
from gradwalk.progress.live import Live, Throttle
from watched_fits import X, Y, fitted, model_of


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
