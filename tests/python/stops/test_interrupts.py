"""The stop button stops: at most 250 ms late, whatever runs, and what was walked is kept.

Every press is a SIGINT at a random moment, sent from another process. The figures are printed: run
with ``-s`` to see them.
"""

from __future__ import annotations

import json
import random
import sys
import time
from collections.abc import Iterator

import pytest

from interrupts import interrupting
from interrupts.interrupting import Child, Presses, press_while, waits

pytestmark = pytest.mark.alone

if sys.platform == "win32":
    pytest.skip("Windows has no SIGINT to send to another process", allow_module_level=True)


@pytest.fixture(scope="module")
def worker() -> Iterator[Child]:
    """One process for all that is interrupted: it must survive every press."""
    with interrupting.child() as child:
        print(press_while(child, "plain Python", waits(10, 0.1, seed=0)).figures)
        yield child


def share_of_walks(presses: Presses) -> float:
    """How many presses met a walk, and not the arguments on their way in."""
    walks = [report["stop_reason_"] == "interrupted" for report in presses.reports]
    return sum(walks) / len(walks)


@pytest.mark.parametrize(
    "work",
    [
        "BatchGD, epochs of microseconds",
        "BatchGD, epochs of about a millisecond",
        "SGD, epochs of microseconds",
        "MiniBatchGD, a learning rate function and a callback",
        "fit, a loss of one's own",
    ],
)
def test_fit_with_many_short_epochs(worker: Child, work: str) -> None:
    presses = press_while(worker, work, waits(50, 0.05, seed=1))
    presses.assert_in_time()
    assert share_of_walks(presses) >= 0.5
    assert sum(report.get("n_epochs_", 0) > 1 for report in presses.reports) >= 25


def test_fits_in_turn(worker: Child) -> None:
    """Most of the time goes into the arguments: no press is lost there."""
    press_while(
        worker, "fits of a few epochs one after the other", waits(50, 0.06, 2)
    ).assert_in_time()


def test_one_epoch_of_at_least_five_seconds(worker: Child) -> None:
    presses = press_while(worker, "BatchGD, one long epoch", [*waits(19, 0.25, seed=3), 5.0])
    presses.assert_in_time()
    assert share_of_walks(presses) >= 0.5
    # The last press came after five seconds: the epoch was under way.
    last = presses.reports[-1]
    assert last["pressed_after"] == 5.0
    assert (last["stop_reason_"], last["n_epochs_"]) == ("interrupted", 0)


@pytest.mark.parametrize(
    "work",
    [
        "SGD, one long epoch",
        "MiniBatchGD, one long epoch",
        "BatchGD, one long epoch of wide rows",
        "BatchGD, one long epoch of converted rows",
        "BatchGD of log_loss, one long epoch of a billion labels",
        "BatchGD of cross_entropy, one long epoch",
        "partial_fit, one long epoch",
        "steps, one long update",
        "fit, a long look at the loss on all rows",
        "fit, a long look at the validation data",
    ],
)
def test_other_long_epochs(worker: Child, work: str) -> None:
    presses = press_while(worker, work, waits(6, 0.3, seed=4))
    presses.assert_in_time()
    # A billion labels take longer to be looked at than the presses wait.
    if "billion" not in work:
        assert share_of_walks(presses) >= 0.5
    assert sum(report.get("n_epochs_", 0) for report in presses.reports) == 0


@pytest.mark.parametrize(
    "work",
    [
        "SGD, the order of 40 million rows",
        "SGD, 40 million rows drawn with replacement",
        "SGD, a half of 40 million rows held out",
        "SGD, 40 million rows replayed",
    ],
)
def test_the_order_of_a_long_epoch(worker: Child, work: str) -> None:
    press_while(worker, work, waits(8, 0.6, seed=5)).assert_in_time()


@pytest.mark.parametrize(
    ("work", "longest"),
    [
        ("fit, the learning rate that a warning quotes", 0.4),
        ("fit, the rows of a long epoch that blew up", 1.5),
    ],
)
def test_a_blow_up(worker: Child, work: str, longest: float) -> None:
    press_while(worker, work, waits(8, longest, seed=6)).assert_in_time()


@pytest.mark.parametrize(
    ("work", "number"),
    [
        ("minimize, a Python function and its gradient", 50),
        ("minimize, a Python function alone", 10),
        ("minimize, a function of milliseconds", 10),
        ("minimize, a sum of terms by SGD", 10),
        ("minimize, a landscape", 10),
    ],
)
def test_minimize(worker: Child, work: str, number: int) -> None:
    presses = press_while(worker, work, waits(number, 0.06, seed=7))
    presses.assert_in_time()
    assert share_of_walks(presses) >= 0.5


@pytest.mark.parametrize(
    "work",
    [
        "predict",
        "predict_proba of 50 classes",
        "score",
        "loss_and_grad",
        "max_learning_rate",
        "max_learning_rate of single rows",
    ],
)
def test_whatever_else_reads_large_arrays(worker: Child, work: str) -> None:
    press_while(worker, work, waits(5, 0.3, seed=8)).assert_in_time()


# --- In a notebook ----------------------------------------------------------------------------

FIRST_CELL = """
import json, time
import numpy as np
import gradwalk as gw

rng = np.random.default_rng(0)
X, y = rng.normal(size=(2000, 3)), rng.normal(size=2000)
expected = gw.SGD(epochs=2, random_state=1).fit(X, y).params_.tobytes()

def report():
    facts = {"at": at, "stop_reason_": None}
    if hasattr(model, "history_"):
        history = model.history_
        facts["stop_reason_"] = model.stop_reason_
        facts["losses, epochs"] = (len(history.loss), model.n_epochs_)
        facts["finite"] = bool(np.isfinite([*model.params_, *history.loss]).all())
    model.fit(X, y, callback=lambda step: step.epoch == 2)
    facts["next fit"] = model.params_.tobytes() == expected
    return json.dumps(facts)
"""

# What is displayed arrives at once; what is printed would wait for more.
CELL = """
at, model = None, gw.SGD(epochs=10**12, random_state=1)
try:
    display({"text/plain": "go"}, raw=True)
    model.fit(X, y)
finally:
    at = time.monotonic()
"""


def wait_until_it_runs(client, cell: str) -> None:
    while True:
        message = client.get_iopub_msg(timeout=30)
        of_cell = message["parent_header"].get("msg_id") == cell
        if of_cell and message["msg_type"] == "display_data":
            return


def reply_to(client, cell: str) -> dict:
    while True:
        message = client.get_shell_msg(timeout=30)
        if message["parent_header"].get("msg_id") == cell:
            return message["content"]


def run(client, code: str, **expressions: str) -> dict:
    reply = reply_to(client, client.execute(code, user_expressions=expressions))
    assert reply["status"] == "ok", reply
    return reply["user_expressions"]


def test_the_stop_button_of_a_notebook(kernel: tuple) -> None:
    manager, client = kernel
    run(client, FIRST_CELL)
    presses = Presses("a notebook cell")
    moments = random.Random(9)
    for _ in range(50):
        # After an error the kernel would abort what is asked next.
        cell = client.execute(CELL, stop_on_error=False)
        wait_until_it_runs(client, cell)
        time.sleep(moments.uniform(0, 0.06))
        pressed = time.monotonic()
        manager.interrupt_kernel()
        reply = reply_to(client, cell)
        assert (reply["status"], reply.get("ename")) == ("error", "KeyboardInterrupt"), reply
        answer = run(client, "", report="report()")["report"]
        assert answer["status"] == "ok", answer
        report = json.loads(answer["data"]["text/plain"].strip("'"))
        presses.late.append(report["at"] - pressed)
        presses.reports.append(report)
        assert report["next fit"], report
        if report["stop_reason_"] is not None:
            losses, epochs = report["losses, epochs"]
            assert losses == epochs, report
            assert report["finite"], report
    assert share_of_walks(presses) >= 0.5
    presses.assert_in_time()
