"""Bare cells are checked as they stand: names found, mistakes named, nothing changed."""

import copy
import pickle
import random
import re
from string import Formatter

import numpy as np
import pytest

from cells import BARE, HELD_OUT
from cells.cell import line, table
from gradwalk.check import student
from gradwalk.language.cells import SENTENCES
from gradwalk.notebook.cells import CellError, check_cell, read_cell

EVERY = BARE + HELD_OUT


def named(cells):
    return pytest.mark.parametrize("cell", cells, ids=lambda cell: cell.name)


def test_there_are_as_many_as_are_promised():
    assert len(BARE) >= 40
    assert sum(bool(cell.expected) for cell in BARE) >= 12
    assert len({cell.name for cell in EVERY}) == len(EVERY)


@named([cell for cell in EVERY if not cell.missing])
def test_a_bare_cell_is_checked_without_a_word_told(cell):
    namespace = cell.namespace()
    before = {name: id(value) for name, value in namespace.items()}
    kept = {k: copy.copy(v) for k, v in namespace.items() if isinstance(v, np.ndarray | list)}
    state = pickle.dumps(np.random.get_state())  # noqa: NPY002
    report = check_cell(cell.source, namespace)
    if cell.expected:
        assert not report.passed
        names = [seen.name for seen in report.diagnosis] or ["unrecognised"]
        assert names[0] in cell.expected
    else:
        assert report.passed, str(report)
        assert report.compared >= 15
    assert cell.loss is None or f" {cell.loss}" in report.notes[0]
    assert {name: id(value) for name, value in namespace.items()} == before
    for name, value in kept.items():
        np.testing.assert_array_equal(value, namespace[name])
    assert pickle.dumps(np.random.get_state()) == state  # noqa: NPY002


@named([cell for cell in EVERY if cell.missing])
def test_what_cannot_be_read_says_what_is_missing(cell):
    with pytest.raises(CellError) as found:
        check_cell(cell.source, cell.namespace())
    assert found.value.missing == cell.missing


PLAIN = """
t = np.zeros(4)
for i in range(30):
    t = t - a * 2 * A.T @ (A @ t - y) / len(y)
"""


def plain():
    held = table()
    return held | {"A": np.c_[np.ones(len(held["X"])), held["X"]], "a": 0.1}


def test_names_are_found_or_told():
    for told in ({}, {"theta": "t", "lr": "a"}, {"lr": "0.1", "loss": "mse", "X": "A", "y": "y"}):
        report = check_cell(PLAIN, plain(), told)
        assert report.passed
        assert report.compared == 30
    assert "a = 0.1" in check_cell(PLAIN, plain()).notes[0]


def test_no_rate_is_a_rate_of_one():
    cell = PLAIN.replace("a * 2 * ", "")
    report = check_cell(cell, plain())
    assert report.passed
    assert "rate 1;" in report.notes[0]
    with pytest.raises(CellError, match="lr=name"):
        check_cell(cell.replace("len(y)", "7"), plain())


def test_what_is_told_is_held_to():
    names = [seen.name for seen in check_cell(PLAIN, plain(), {"loss": "half_mse"}).diagnosis]
    assert names[0] == "factor 2"
    names = [seen.name for seen in check_cell(PLAIN, plain(), {"epochs": "31"}).diagnosis]
    assert names[0] == "one epoch too few"
    assert not check_cell(PLAIN, plain(), {"lr": "0.3"}).passed


@pytest.mark.parametrize(
    ("source", "told", "missing", "says"),
    [
        ("print(1)", {}, "loop", "gw.check_loop"),
        ("for i in range(3):\n    print(i)", {}, "loop", "gw.check_loop"),
        ("def f():\n    for i in range(3): w = w - g(w)", {}, "loop", "gw.check_loop"),
        ("for i in range(3) w = 1", {}, "syntax", "line 1"),
        (PLAIN, {"colour": "red"}, "told", "colour"),
        (PLAIN, {"loss": "red"}, "value", "half_mse"),
        (PLAIN, {"sampling": "red"}, "value", "replace"),
        (PLAIN, {"l2": "red"}, "number", "red"),
        (PLAIN, {"lr": "red"}, "rate", "%%gd_check lr=name"),
        (PLAIN, {"lr": "1 +"}, "rate", "%%gd_check lr=name"),
        (PLAIN, {"theta": "nothing"}, "theta", "%%gd_check theta=name"),
        (PLAIN, {"y": "nothing"}, "y", "%%gd_check y=name"),
        (PLAIN.replace("t = np.zeros(4)", "t = np.zeros(k)"), {}, "name", "NameError"),
        (PLAIN.replace("a *", "(lambda: 0.1)() *"), {}, "rate", "%%gd_check lr=name"),
        (PLAIN.replace("zeros(4)", "zeros(7)"), {}, "theta", "shape (7,)"),
    ],
)
def test_a_missing_name_is_named(source, told, missing, says):
    with pytest.raises(CellError, match=re.escape(says)) as found:
        check_cell(source, plain(), told)
    assert found.value.missing == missing
    with pytest.raises(CellError) as in_korean:
        read_cell(source, plain(), told, language="ko")
    assert str(in_korean.value) != str(found.value)


def test_an_error_of_the_loop_is_a_report():
    report = check_cell(PLAIN.replace("A.T", "missing.T"), plain())
    assert report.diagnosis[0].name == "raises"
    assert "NameError" in str(report)


@pytest.mark.parametrize("name", ["run_a_second_time", "shuffled_pairs", "momentum", "ridge"])
def test_nothing_is_changed_where_there_are_no_forks(name, monkeypatch):
    monkeypatch.setattr(student, "_forked", student._threaded)
    cell = next(cell for cell in EVERY if cell.name == name)
    namespace = cell.namespace()
    before = copy.deepcopy({k: v for k, v in namespace.items() if isinstance(v, list)})
    shuffle = random.shuffle
    assert check_cell(cell.source, namespace).passed
    assert {name: namespace[name] for name in before} == before
    assert namespace.keys() == cell.namespace().keys()
    assert random.shuffle is shuffle


def test_what_ipython_alone_understands_is_passed_over():
    lines = ["%matplotlib inline", "!pip list", "np.zeros?", "files = !ls", "%time 1 + 1"]
    assert check_cell("\n".join(lines) + PLAIN + "%timeit 3\n", plain()).passed
    # As IPython writes them before it runs a cell.
    lines = ["get_ipython().run_line_magic('matplotlib', 'inline')", "a = get_ipython().x('ls')"]
    assert check_cell("\n".join(lines) + "\na = 0.1" + PLAIN, plain()).passed


@pytest.mark.parametrize(
    ("line_of_loop", "name"),
    [
        ("while True: pass", "timed out"),
        ("input('go on?')", "reads input"),
        ("raise SystemExit", "raises"),
        ("x = np.ones(10**10)", "out of memory"),
        ("1 / 0", "raises"),
    ],
)
@pytest.mark.parametrize("is_before", [True, False])
def test_hostile_cells_are_reports(line_of_loop, name, is_before):
    into = "t = np.zeros(4)\n" if is_before else "range(30):\n    "
    report = check_cell(
        PLAIN.replace(into, into + line_of_loop + "\n    " * (not is_before) + "\n" * is_before),
        plain(),
        time_limit=2,
    )
    assert not report.passed
    assert report.diagnosis[0].name == name


def test_the_cell_is_a_function_for_check_loop():
    import gradwalk as gw

    cell = read_cell(PLAIN, plain())
    assert isinstance(cell.optimizer, gw.BatchGD)
    assert (cell.optimizer.loss, cell.optimizer.epochs, cell.rate) == ("mse", 30, "a")
    report = gw.check_loop(cell.student(), cell.X, cell.y, cell.optimizer, init=cell.start)
    assert report.passed
    few = cell.student(passes=4)(cell.X, cell.y)
    assert few["path"].shape == (5, 4)


def test_functions_of_the_notebook_read_the_copy():
    namespace = line()
    exec("def error():\n    return w * x + b - y", namespace)
    source = """
w, b = 0.0, 0.0
for i in range(20):
    e = error()
    w, b = w - 0.1 * (e * x).mean(), b - 0.1 * e.mean()
"""
    report = check_cell(source, namespace, {"w": "w", "b": "b", "X": "x", "y": "y", "lr": "0.1"})
    assert report.passed
    assert "w" not in namespace


def test_both_languages_say_the_same():
    for name, both in SENTENCES.items():
        blanks = [
            sorted(field for _, field, _, _ in Formatter().parse(both[language]) if field)
            for language in ("en", "ko")
        ]
        assert blanks[0] == blanks[1], name
