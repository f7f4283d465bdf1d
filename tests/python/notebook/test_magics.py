"""The magics in a shell, in a kernel, and nothing of them afterwards."""

import json
import subprocess
import sys
import time

import pytest

import shells
from gradwalk.display import style
from shells import ENDLESS, FUNCTION, LOOP, SETUP, STOCHASTIC


def test_a_hundred_cycles_leave_nothing_behind():
    done = subprocess.run(
        [sys.executable, shells.__file__, "100"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["differ"] == {}
    assert found["pressed"] == 10
    assert found["own"] == "the user's"


def test_a_theme_is_one_of_three():
    with pytest.raises(
        ValueError,
        match='"auto", "light" or "dark", got "blue"'.replace('"b', "'b").replace('e"', "e'"),
    ):
        style.set_theme("blue")


@pytest.fixture(scope="module")
def kernel(kernel):
    _, client = kernel
    assert ask(client, SETUP)[0] == "ok"
    assert ask(client, "%load_ext gradwalk")[0] == "ok"
    return kernel


def answer(client, asked):
    """Return how a cell ended, what it printed, and the richest of what it showed."""
    printed, shown, status = "", {}, None
    while True:
        message = client.get_iopub_msg(timeout=60)
        if message["parent_header"].get("msg_id") != asked:
            continue
        kind, content = message["msg_type"], message["content"]
        if kind == "stream":
            printed += content["text"]
        elif kind in ("display_data", "execute_result"):
            shown = content["data"]
        elif kind == "error":
            status = content["ename"]
        elif kind == "status" and content["execution_state"] == "idle":
            return status or "ok", printed, shown


def ask(client, code):
    return answer(client, client.execute(code))


def value_of(client, expression):
    return ask(client, expression)[2]["text/plain"]


def test_a_right_loop_and_its_times(kernel):
    _, client = kernel
    status, printed, shown = ask(client, "%%gd_check\n" + LOOP + "print('once')\n")
    assert (status, printed) == ("ok", "once\n")
    assert "The loop is right: all 30" in shown["text/plain"]
    assert "gradwalk makes its walk in" in shown["text/plain"]
    assert "gradwalk-card" in shown["text/html"]
    # The cell has run in the notebook, once.
    assert value_of(client, "w.shape, epoch") == "((3,), 29)"


def test_a_wrong_loop_in_korean(kernel):
    _, client = kernel
    status, _, shown = ask(client, "%%gd_check language=ko\n" + LOOP.replace(" / len(y)", ""))
    assert status == "ok"
    assert "배치의 기울기가 평균이 아니라 합입니다" in shown["text/plain"]
    assert 'lang="ko"' in shown["text/html"] or "배치의" in shown["text/html"]


def test_rows_that_are_drawn(kernel):
    _, client = kernel
    assert "The loop is right" in ask(client, "%%gd_check\n" + STOCHASTIC)[2]["text/plain"]


def test_a_function_in_a_cell(kernel):
    _, client = kernel
    shown = ask(client, "%%gd_check lr=0.1 epochs=20\n" + FUNCTION)[2]
    assert "The loop is right" in shown["text/plain"]
    assert value_of(client, "callable(descend)") == "True"
    wrong = FUNCTION.replace("error.mean()", "error.sum()")
    shown = ask(client, "%%gd_check lr=0.1 epochs=20 X=X y=y loss=mse\n" + wrong)[2]
    assert "1/m" in shown["text/plain"]
    shown = ask(client, "%%gd_check lr=0.1 epochs=3 batch_size=8\n" + FUNCTION)[2]
    assert "θ" in shown["text/plain"]


def test_the_error_of_a_cell_is_its_own(kernel):
    _, client = kernel
    status, _, shown = ask(client, "%%gd_check\n" + LOOP + "1 / 0\n")
    assert status == "ZeroDivisionError"
    assert "The loop is right" in shown["text/plain"]


def test_what_is_missing_is_said_and_the_cell_still_runs(kernel):
    _, client = kernel
    status, printed, shown = ask(client, "%%gd_check\nz = 7\nprint(z)\n")
    assert (status, shown) == ("ok", {})
    assert "No loop was found" in printed
    assert printed.endswith("7\n")
    status, printed, _ = ask(client, "%%gd_check theta=nothing\n" + LOOP)
    assert "nothing" in printed


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("%%gd_check theta\n1", "name=value"),
        ("%%gd_check time_limit=no\n1", "time_limit must be"),
        ("%%gd_check language=fr\n1", "language must be one of en ko"),
        ("%gd_config theme=blue", "theme must be one of auto light dark; got blue"),
        ("%gd_config look=dark", "setting must be one of language theme live; got look"),
    ],
)
def test_what_is_told_wrongly_is_a_usage_error(kernel, line, said):
    _, client = kernel
    status, printed, _ = ask(client, line)
    assert status == "UsageError" or "UsageError" in printed
    assert said in printed or status == "UsageError"


def test_a_race_is_of_the_same_work_or_none(kernel):
    _, client = kernel
    shown = ask(client, "%%gd_race\n" + LOOP)[2]
    assert "The same walk: 40 rows, 30 epochs, 30 updates" in shown["text/plain"]
    assert "times as fast" in shown["text/html"]
    shown = ask(client, "%%gd_race\n" + LOOP.replace(" / len(y)", ""))[2]
    assert "No race" in shown["text/plain"]
    assert "No race" in shown["text/html"]
    shown = ask(client, "%%gd_race\n" + STOCHASTIC)[2]
    assert "200 updates" in shown["text/plain"]
    assert "drawn anew" in shown["text/plain"]


def test_settings_are_taken_and_taken_back(kernel):
    _, client = kernel
    assert ask(client, "%gd_config")[1] == "language=en theme=auto live=off\n"
    assert ask(client, "%gd_config language=ko theme=dark live=on")[1] == ""
    shown = ask(client, "%%gd_race\n" + LOOP)[2]
    assert "gradwalk" in shown["text/plain"]
    shown = ask(client, "import gradwalk as gw\ngw.schedule_table()")[2]
    assert "gradwalk-theme-dark" in shown["text/html"]
    assert ask(client, "%reload_ext gradwalk\n%gd_config")[1] == "language=en theme=auto live=off\n"


def test_the_stop_button_ends_a_check(kernel):
    manager, client = kernel
    asked = client.execute("%%gd_check\n" + ENDLESS)
    time.sleep(1.0)
    begin = time.monotonic()
    manager.interrupt_kernel()
    assert answer(client, asked)[0] == "KeyboardInterrupt"
    assert time.monotonic() - begin < 1
    assert value_of(client, "1 + 1") == "2"


def test_each_magic_tells_what_it_does(kernel):
    _, client = kernel
    told = "get_ipython().magics_manager.magics"
    for kind, name in (("cell", "gd_check"), ("cell", "gd_race"), ("line", "gd_config")):
        said = value_of(client, f"{told}['{kind}']['{name}'].__doc__")
        assert f"%{name}" in said
        assert "=" in said
