"""Bare cells are checked as they stand: names found, mistakes named, nothing changed."""

import copy
import pickle

import numpy as np
import pytest

from cells import BARE, HELD_OUT
from gradwalk.notebook.cells import check_cell

EVERY = BARE + HELD_OUT


def named(cells):
    return pytest.mark.parametrize("cell", cells, ids=lambda cell: cell.name)


def test_there_are_as_many_as_are_promised():
    assert len(BARE) >= 40
    assert sum(bool(cell.expected) for cell in BARE) >= 12
    assert len({cell.name for cell in EVERY}) == len(EVERY)
    assert not any(line.startswith("def ") and "X" in line for c in EVERY for line in [c.source])


@named(EVERY)
def test_a_bare_cell_is_checked_without_a_word_told(cell):
    namespace = cell.namespace()
    before = {name: id(value) for name, value in namespace.items()}
    arrays = {k: copy.copy(v) for k, v in namespace.items() if isinstance(v, np.ndarray | list)}
    state = pickle.dumps(np.random.get_state())  # noqa: NPY002
    report = check_cell(cell.source, namespace)
    if cell.expected:
        assert not report.passed
        assert report.diagnosis[0].name in cell.expected
    else:
        assert report.passed, str(report)
        assert report.compared >= 20
    assert cell.loss is None or f" {cell.loss}" in report.notes[0]
    assert {name: id(value) for name, value in namespace.items()} == before
    for name, value in arrays.items():
        np.testing.assert_array_equal(value, namespace[name])
    assert pickle.dumps(np.random.get_state()) == state  # noqa: NPY002
