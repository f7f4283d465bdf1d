"""The bar of ``fit(progress=True)``, by tqdm and without."""

import threading
from contextlib import redirect_stderr

import pytest

import gradwalk as gw
from gradwalk.progress import meter
from watched_fits import ENDINGS, X, Y, fitted, model_of


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
