"""What notebooks show of models, records, verdicts and results."""

from __future__ import annotations

import re
import threading

import numpy as np
import pandas as pd
import pytest

import gradwalk as gw
from cards import RNG, X, Y, quietly, read, walked
from gradwalk.display.page import duration, figure

METHODS = [gw.BatchGD, gw.SGD, gw.MiniBatchGD]


def own_loss(params, X, y):
    error = X @ params - y
    return float(np.mean(error**2)), 2 / len(y) * X.T @ error


# --- Models ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", METHODS)
def test_a_model_before_its_fit(method):
    card = read(method(learning_rate=0.3, l2=0.1))
    assert method.__name__ in card.text
    assert "not fitted yet" in card.text
    assert (card.facts["learning_rate"], card.facts["l2"], card.facts["loss"]) == (
        "0.3", "0.1", "'mse'",
    )  # fmt: skip
    own = [row for row in card.all("tr") if row.get("class") == "gradwalk-set"]
    assert len(own) == 2
    assert not card.all("svg")
    assert [found for found in card.all("details") if "open" in found]


@pytest.mark.parametrize("method", METHODS)
def test_a_fitted_model_tells_its_figures(method):
    model = walked(method(epochs=30, random_state=5, learning_rate=0.01))
    card = read(model)
    verdict = model.history_.verdict
    assert verdict.word in card.text
    assert verdict.sentence[1:] in card.text.replace("\u00a0", " ")
    assert card.facts["epochs"] == "30"
    assert card.facts["updates"] == f"{model.n_updates_:,}"
    assert card.facts["stopped"] == "epochs done"
    assert card.facts["seed"] == "5"
    assert card.facts["learning rate η"] == "0.01"
    assert card.facts["loss, last epoch"] == figure(model.history_.loss[-1])
    assert card.facts["intercept"] == figure(model.intercept_)
    assert card.facts["feature 2"] == figure(model.coef_[2])
    assert "time" in card.facts


def test_losses_on_other_rows_and_the_best_epoch_are_told():
    model = gw.SGD(epochs=5, random_state=0)
    walked(model, full_loss=True, validation=0.25, restore_best=True)
    facts = read(model).facts
    assert facts["loss on all rows"] == figure(model.history_.full_loss[-1])
    assert facts["validation loss"] == figure(model.history_.validation_loss[-1])
    assert facts["went back to epoch"] == str(model.best_epoch_)


def test_the_learning_rate_of_a_schedule_is_told_by_its_ends():
    model = walked(gw.BatchGD(learning_rate=gw.schedules.Exponential(0.1, decay=0.01), epochs=9))
    first, last = model.history_.learning_rate[[0, -1]]
    card = read(model)
    assert card.facts["learning rate η"] == f"{figure(first)} → {figure(last)}"
    assert repr(model.learning_rate) in card.text


def test_names_of_columns_stand_beside_their_weights():
    frame = pd.DataFrame(X, columns=["age", "<b>bold</b>", "x" * 200])
    card = read(walked(gw.BatchGD(), X=frame))
    assert {"age", "<b>bold</b>"} <= set(card.facts)
    assert "b" not in card.tags
    assert max(map(len, card.facts)) < 60


def test_classes_have_a_column_each_and_large_tables_are_cut():
    wide = RNG.normal(size=(60, 300)).astype(np.float32)
    model = walked(gw.MiniBatchGD("cross_entropy", epochs=2), wide, np.arange(60) % 30)
    card = read(model)
    assert "9,030 × float32, shape (301, 30)" in card.text
    (heads,) = [row for row in card.rows if "class 0" in row]
    assert heads[-1] == "24 more"
    names = [row[0] for row in card.rows if len(row) == len(heads)]
    assert names[1:3] == ["intercept", "feature 0"]
    assert names[-1] == "291 more"
    assert card.all("details") == [{}, {}]  # too much to be shown at once


def test_millions_of_parameters_are_not_written_out():
    model = gw.BatchGD(epochs=2, record=None)
    with quietly():
        model.minimize(lambda x: float(np.vdot(x, x)), np.ones((500, 400)), jac=lambda x: 2 * x)
    card = read(model)
    assert "200,000 × float64, shape (500, 400)" in card.text
    assert "θ[0, 1]" in card.facts
    assert card.facts["199,990 more"] == "…"


def test_an_own_loss_has_parameters_without_names():
    card = read(walked(gw.BatchGD(own_loss, epochs=5), init=np.zeros(3)))
    assert {"θ[0]", "θ[1]", "θ[2]"} <= set(card.facts)
    assert card.facts["loss"] == "own_loss"
    assert "intercept" not in card.facts


class Hostile:
    """A loss, and a learning rate, of which all but the call is broken."""

    def __init__(self, written):
        self.written = written

    def __repr__(self):
        if self.written is None:
            raise RuntimeError("no repr")
        return self.written

    def __call__(self, *arguments):
        return own_loss(*arguments) if len(arguments) == 3 else 0.01


@pytest.mark.parametrize(
    "written",
    ["<script>alert(1)</script>", '"><img src=x>', "a" * 10_000, "\x00\n\ud800\u202e&amp;"],
)
def test_whatever_others_write_is_escaped(written):
    hostile = Hostile(written)
    model = gw.BatchGD(hostile, learning_rate=hostile, epochs=3)
    for shown in (model, walked(model, init=np.zeros(3))):
        card = read(shown)
        assert "\x00" not in card.text
        assert "\u202e" not in card.text
        assert len(card.text) < 8000


def test_a_repr_that_raises_is_told_of():
    loss = Hostile("fine")
    model = gw.BatchGD(loss, epochs=3)
    loss.written = None
    assert "Hostile, whose repr raises RuntimeError" in read(model).text


def test_a_class_of_ones_own_goes_by_its_name():
    class Mine(gw.SGD):
        pass

    assert "Mine" in read(walked(Mine(epochs=2))).text


# --- Walks that ended early -----------------------------------------------------------------------


@pytest.mark.parametrize("record", ["auto", "update", "epoch", None])
@pytest.mark.parametrize("method", METHODS)
def test_a_walk_that_blew_up(method, record):
    model = walked(method(learning_rate=5.0, epochs=400, record=record, random_state=0))
    card = read(model)
    assert card.facts["stopped"] == "diverged"
    assert "diverging" in card.text
    has_loss = model.history_.loss.size or model.history_.update_loss.size
    assert len(card.all("svg")) == bool(has_loss)
    for shown in (model.history_, model.history_.verdict):
        assert "diverging" in read(shown).text
    if max(model.history_.loss.size, model.history_.update_loss.size) > 1:
        _, top, _, right = card.frame()
        assert card.points()[-1] == (right, top)
        (note,) = re.findall(r"up to (.+)", card.text)
        assert "e" in note


def test_an_interrupted_first_epoch():
    def stop(params, X, y):
        stop.calls += 1
        if stop.calls == 4:
            raise KeyboardInterrupt
        return own_loss(params, X, y)

    stop.calls = 0
    model = gw.SGD(stop, random_state=0)
    with pytest.raises(KeyboardInterrupt):
        model.fit(X, Y, init=np.zeros(3))
    card = read(model)
    assert (card.facts["epochs"], card.facts["updates"]) == ("0", "3")
    assert card.facts["stopped"] == model.stop_reason_
    assert card.facts["loss, last update"] == figure(model.history_.update_loss[-1])
    assert len(card.points()) == 3
    read(model.history_)


def test_a_model_that_has_stopped_before_its_first_update():
    def fail(params, X, y):
        raise ValueError("no")

    for record in ("auto", None):
        model = gw.SGD(fail, record=record)
        with pytest.raises(ValueError, match="no"):
            model.fit(X, Y, init=np.zeros(3))
        for shown in (model, *([model.history_] if hasattr(model, "history_") else [])):
            assert not read(shown).all("svg")


def test_a_walk_that_was_left_behind_in_another_process():
    class Lost(gw.BatchGD):
        @property
        def history_(self):
            raise RuntimeError("its state is <lost>")

    card = read(Lost(epochs=7))
    assert "its state is <lost>" in card.text
    assert card.facts["epochs"] == "7"


def test_while_another_thread_fits():
    model = gw.SGD(epochs=10**6, learning_rate=1e-4)
    thread = threading.Thread(target=lambda: walked(model, callback=lambda step: done.is_set()))
    done = threading.Event()
    thread.start()
    try:
        seen = set()
        while len(seen) < 3:
            facts = read(model).facts
            if "stopped" in facts:
                seen.add(facts["epochs"])
                assert facts["stopped"] == "walking"
            if hasattr(model, "history_"):
                read(model.history_)
    finally:
        done.set()
        thread.join()
    assert read(model).facts["stopped"] == "callback"


def test_in_a_callback():
    model = gw.BatchGD(epochs=3)
    pages = []
    model.fit(X, Y, callback=lambda step: pages.append(read(model).facts["epochs"]))
    assert pages == ["1", "2", "3"]


def test_inside_a_function_that_is_walked_down():
    model, pages = gw.BatchGD(epochs=3), []

    def fun(x):
        pages.append(read(model))
        return float(x @ x)

    model.minimize(fun, np.ones(2), jac=lambda x: 2 * x)
    assert len(pages) == 4


def test_warnings_and_floating_point_errors_do_not_matter():
    model = walked(gw.BatchGD(learning_rate=5.0, epochs=400))
    with np.errstate(all="raise"):
        read(model)


# --- Records, verdicts, results, tables -----------------------------------------------------------


def test_a_record_tells_what_it_holds():
    model = walked(gw.MiniBatchGD(epochs=12, random_state=0), full_loss=True)
    history = model.history_
    card = read(history)
    assert card.facts["epochs"] == "12"
    assert card.facts["updates"] == str(model.n_updates_)
    assert card.facts["loss, first epoch"] == figure(history.loss[0])
    assert card.facts["loss, lowest"] == figure(history.loss.min())
    assert card.facts["gradient norm"] == figure(history.grad_norm[-1])
    assert card.facts["points of the path"] == str(len(history.path))
    assert history.verdict.word in read(history.verdict).text


def test_a_result_is_shown_item_by_item():
    model = gw.BatchGD(learning_rate=0.01, epochs=50)
    result = model.minimize(gw.landscapes.himmelblau, [0.0, 0.0])
    card = read(result)
    assert set(result) - {"history"} == set(card.facts)
    assert card.facts["nit"] == "50"
    assert card.facts["fun"] == figure(result.fun)
    assert "success: epochs done" in card.text
    assert len(card.points()) == 50
    assert result.history.verdict.word in card.text


def test_a_result_that_was_made_by_hand():
    assert "DescentResult" in read(gw.DescentResult()).text
    card = read(gw.DescentResult(x=np.ones((2, 2)), note="<i>", flag=None, number=np.int64(12345)))
    assert card.facts["note"] == "<i>"
    assert card.facts["number"] == "12,345"


def test_the_text_of_a_result_is_aligned_and_short():
    result = gw.BatchGD(epochs=3).minimize(lambda x: float(x @ x), np.ones(1000))
    lines = repr(result).split("\n")
    assert [line.split(":")[0].strip() for line in lines] == [
        "message", "success", "status", "fun", "x", "nit", "nfev", "njev", "history",
    ]  # fmt: skip
    assert len({line.index(":") for line in lines}) == 1
    assert "..." in lines[4]
    assert max(map(len, lines)) <= 100
    assert lines[0].endswith("message: epochs done")
    result["matrix"] = np.eye(2)
    result["self"] = result
    text = repr(result)
    assert text.endswith("self: ...")
    first, second = text.split("\n")[-3:-1]
    assert first.index("[[") + 1 == second.index("[0")
    assert repr(gw.DescentResult()) == "DescentResult()"


def test_the_text_of_a_record_of_odd_size_is_short():
    history = walked(gw.BatchGD(learning_rate=5.0, epochs=400)).history_
    assert re.search(r"loss \d\.\d{5}e\d+>$", repr(history))


@pytest.mark.parametrize("epochs", [1, 3])
def test_the_table_of_the_methods(epochs):
    table = gw.schedule_table(1005, 100, epochs)
    card = read(table)
    assert len(card.rows) == 4
    names = [row[0] for row in card.rows[1:]]
    assert names == ["BatchGD", "MiniBatchGD", "SGD"]
    assert card.rows[0][2] == "updates per epoch"
    assert card.rows[2][1:] == [
        "100", "11", "5", str(11 * epochs), f"{1005 * epochs:,}", "100",
    ]  # fmt: skip
    assert card.scopes == ["col"] * 7 + ["row"] * 3


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0.0, "0"), (1.0, "1"), (0.12345, "0.1235"), (123456.7, "123457"), (1e300, "1e300"),
        (-2.5e-9, "−2.5e−9"), (float("nan"), "NaN"), (float("-inf"), "−∞"), (1e5, "100000"),
        (0.0999999, "0.1"), (999999.9, "1000000"), (5e-324, "4.941e−324"),
    ],
)  # fmt: skip
def test_figures(value, written):
    assert figure(value) == written


def test_durations():
    assert [duration(seconds) for seconds in (2.5e-4, 0.2, 1.0, 59.99, 200.4)] == [
        "0.25 ms", "200 ms", "1 s", "60 s", "3 min 20 s",
    ]  # fmt: skip


def test_ipython_shows_the_cards():
    formatters = pytest.importorskip("IPython.core.formatters")
    formatter = formatters.DisplayFormatter()
    result = gw.BatchGD(epochs=3).minimize(gw.landscapes.bowl, [1.0, 1.0])
    for shown in (gw.SGD(), result, result.history, result.history.verdict, gw.schedule_table()):
        data, _ = formatter.format(shown)
        assert data["text/html"] == shown._repr_html_()
        assert data["text/plain"] == repr(shown)
