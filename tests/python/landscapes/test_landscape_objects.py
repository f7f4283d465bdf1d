"""Landscapes as objects: equal and copied by value, wrong calls refused, help that helps."""

import copy
import doctest
import inspect
import pickle
import pydoc
import re
from functools import partial
from typing import Any

import numpy as np
import pytest

from all_landscapes import OTHERS, READY
from gradwalk import landscapes
from gradwalk.landscapes import Landscape, LandscapeSum, Minimum
from wrong.calls import Case

every_name = pytest.mark.parametrize("name", READY)

# --- Values -----------------------------------------------------------------------------------

VALUES = [
    *READY.values(),
    *OTHERS,
    landscapes.double_well.as_sum(100, 5.5, random_state=2**64 - 1),
    landscapes.bowl.at_dimension(3).as_sum(2, 0.0, random_state=0),
    landscapes.x_cos(-2).as_sum(7, 1e-50, random_state=1),
    *landscapes.x_cos().minima,
    *landscapes.himmelblau.minima,
]


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_copies_are_equal_and_the_repr_is_what_to_write(value: Any) -> None:
    written = eval(repr(value), {"landscapes": landscapes, "Minimum": Minimum})
    pickled = [pickle.loads(pickle.dumps(value, protocol)) for protocol in range(2, 6)]
    for other in (written, copy.copy(value), copy.deepcopy(value), *pickled):
        assert type(other) is type(value)
        assert other == value
        assert not value.__ne__(other)
        assert hash(other) == hash(value)
        assert repr(other) == repr(value)


def test_what_differs_is_not_equal() -> None:
    sums = [
        landscapes.bowl.as_sum(5, 1.0, 0),
        landscapes.bowl.as_sum(6, 1.0, 0),
        landscapes.bowl.as_sum(5, 2.0, 0),
        landscapes.bowl.as_sum(5, 1.0, 1),
        landscapes.saddle.as_sum(5, 1.0, 0),
    ]
    minima = [
        Minimum([0, 0], 1, True),
        Minimum([0, 1], 1, True),
        Minimum([0, 0], 2, True),
        Minimum([0, 0], 1, False),
    ]
    values = [*READY.values(), *OTHERS, *sums, *minima, landscapes.bowl.at_dimension(2), "bowl"]
    for i, one in enumerate(values):
        for j, other in enumerate(values):
            assert (one == other) is (i == j)
    assert len(set(values)) == len(values)


def test_the_repr() -> None:
    assert repr(landscapes.bowl) == "landscapes.bowl"
    assert repr(landscapes.ravine) == "landscapes.ravine.with_condition(100.0)"
    assert repr(landscapes.x_cos(2)) == "landscapes.x_cos(2.0)"
    assert repr(OTHERS[5]) == "landscapes.bowl.at_dimension(5)"
    well = landscapes.double_well.as_sum(n_terms=100, spread=5, random_state=7)
    assert repr(well) == "landscapes.double_well.as_sum(100, 5.0, random_state=7)"
    plateau = landscapes.plateau.minima[0]
    assert repr(plateau) == "Minimum(point=[5.0], value=0.0, is_global=True)"


def test_values_cannot_be_changed() -> None:
    for value in (landscapes.bowl, landscapes.bowl.as_sum(2, 1.0), landscapes.bowl.minima[0]):
        for name in ("name", "n_terms", "value", "anything"):
            with pytest.raises(AttributeError):
                setattr(value, name, 1)


def test_a_minimum_unpacks() -> None:
    minimum = landscapes.double_well.minima[1]
    point, value, is_global = minimum
    assert (point.tolist(), value, is_global) == ([0.8375654352833231], 0.9266582180811499, False)
    minimum.point[:] = 0
    assert minimum.point.tolist() == point.tolist()


# --- Wrong calls ------------------------------------------------------------------------------

bowl, ravine, beale_ = landscapes.bowl, landscapes.ravine, landscapes.beale
well, as_sum = landscapes.double_well, partial(landscapes.bowl.as_sum, n_terms=5, spread=1.0)
five = landscapes.bowl.as_sum(5, 1.0)
ONE_OF = "one of bowl, ravine, rosenbrock"

WRONG = [
    # What is no point.
    ("none", partial(bowl, None), TypeError, "x", "an array of numbers", "None"),
    ("a word", partial(bowl, "12"), TypeError, "x", "an array of numbers", "'12' (str)"),
    ("words", partial(bowl, ["1", "2"]), TypeError, "x", "real numbers", "dtype <U1"),
    ("complex", partial(bowl, [1j, 2]), TypeError, "x", "real numbers", "complex128"),
    ("objects", partial(bowl, [None, 2]), TypeError, "x", "real numbers", "dtype object"),
    ("masked", partial(bowl, np.ma.zeros(2)), TypeError, "x", "a plain array", "masked"),
    ("ragged", partial(bowl, [[1, 2], [3]]), ValueError, "x", "of one length", "[[1, 2], [3]]"),
    ("of three", partial(beale_, [1, 2, 3]), ValueError, "x", "(2,)", "[1, 2, 3] (list)"),
    ("a number", partial(beale_, 1.5), ValueError, "x", "(2,)", "1.5 (float)"),
    ("nothing", partial(bowl, []), ValueError, "x", "at least 1 coordinate;", "[] (list)"),
    ("no columns", partial(bowl, np.zeros((3, 0))), ValueError, "x", "(p,)", "(3, 0)"),
    ("rosenbrock of one", partial(landscapes.rosenbrock, [1.0]), ValueError, "x",
     "at least 2 coordinates", "[1.0] (list)"),
    ("coordinates first", partial(beale_, np.zeros((2, 5, 5))), ValueError, "x",
     "np.moveaxis(x, 0, -1)", "(2, 5, 5)"),
    ("a row of one coordinate", partial(well, np.zeros(9)), ValueError, "x",
     "x[..., np.newaxis]", "shape (9,)"),
    ("another dimension", partial(bowl.at_dimension(3), [1, 2]), ValueError, "x",
     "at_dimension(2)", "[1, 2] (list)"),
    ("gradient", partial(beale_.grad, [1.0]), ValueError, "x", "(…, 2)", "[1.0]"),
    ("hessian", partial(beale_.hessian, [1.0]), ValueError, "x", "(…, 2)", "[1.0]"),
    # What the call does not take.
    ("no point", bowl, TypeError, "x", "call it with one", "is a function"),
    ("condition", partial(ravine, condition=9), TypeError, "x", "with_condition", '"condition"'),
    ("c", partial(ravine, c=9), TypeError, "x", "landscapes.x_cos(…)", '"c"'),
    ("p", partial(bowl, p=9), TypeError, "x", "at_dimension", '"p"'),
    ("rows", partial(bowl, [1, 2], rows=[0]), TypeError, "x", "as_sum", '"rows"'),
    ("colour", partial(bowl, [1, 2], colour=1), TypeError, "x", "alone", '"colour"'),
    # Parameters.
    ("a flat ravine", partial(ravine.with_condition, 0.5), ValueError, "condition",
     "a number from 1 to 1e12", "0.5 (float)"),
    ("a deep ravine", partial(ravine.with_condition, np.inf), ValueError, "condition",
     "a number from 1 to 1e12", "inf (float)"),
    ("a ravine of a word", partial(ravine.with_condition, "9"), TypeError, "condition",
     "a number from 1 to 1e12", "'9' (str)"),
    ("a bowl's condition", partial(bowl.with_condition, 9), TypeError, "condition",
     "landscapes.ravine.with_condition", "landscapes.bowl has no"),
    ("no wave", partial(landscapes.x_cos, 0), ValueError, "c", "from 1e-6 to 1e6", "0 (int)"),
    ("c is none", partial(landscapes.x_cos, None), TypeError, "c", "from 1e-6 to 1e6", "None"),
    ("c is true", partial(landscapes.x_cos, True), TypeError, "c", "from 1e-6 to 1e6", "True"),
    ("x for c", partial(landscapes.x_cos, np.zeros(3)), TypeError, "c", "a number", "(3,)"),
    ("p of 0", partial(bowl.at_dimension, 0), ValueError, "p", "from 1 to 1000000", "0 (int)"),
    ("p of 1e7", partial(bowl.at_dimension, 10**7), ValueError, "p", "to 1000000", "10000000"),
    ("p of a float", partial(bowl.at_dimension, 2.0), TypeError, "p", "a whole number", "2.0"),
    ("p too small", partial(landscapes.rosenbrock.at_dimension, 1), ValueError, "p",
     "at least 2 for landscapes.rosenbrock", "1 (int)"),
    ("p is fixed", partial(beale_.at_dimension, 3), ValueError, "p", "2 for", "3 (int)"),
    ("name", partial(Landscape, "Bowl"), ValueError, "name", ONE_OF, '"Bowl"'),
    ("no name", partial(Landscape, None), TypeError, "name", ONE_OF, "None"),
    ("a parameter", partial(Landscape, "bowl", 3), ValueError, "parameter", "None", "3 (int)"),
    ("n_params", partial(Landscape, "beale", None, 3), ValueError, "n_params", "2", "3 (int)"),
    # Sums.
    ("no terms", partial(as_sum, n_terms=0), ValueError, "n_terms", "from 1 to 10000000", "0"),
    ("a lot of terms", partial(as_sum, n_terms=10**8), ValueError, "n_terms", "10000000;", "1000"),
    ("terms of a float", partial(as_sum, n_terms=3.0), TypeError, "n_terms", "whole", "3.0"),
    ("spread below 0", partial(as_sum, spread=-1), ValueError, "spread", "1e-100 to 1e100", "-1"),
    ("a tiny spread", partial(as_sum, spread=1e-200), ValueError, "spread", "0, or", "1e-200"),
    ("spread of nan", partial(as_sum, spread=np.nan), ValueError, "spread", "0, or", "nan"),
    ("spread of a list", partial(as_sum, spread=[1]), TypeError, "spread", "0, or", "[1]"),
    ("a negative seed", partial(as_sum, random_state=-1), ValueError, "random_state",
     "at least 0", "-1 (int)"),
    ("a seed of a word", partial(as_sum, random_state="a"), TypeError, "random_state",
     "numpy.random.Generator", "'a' (str)"),
    ("seed", partial(as_sum, seed=1), TypeError, "random_state", "here it is", '"seed"'),
    ("a sum of a word", partial(LandscapeSum, "bowl", 5, 1.0), TypeError, "landscape",
     "a landscape of gradwalk.landscapes", "'bowl' (str)"),
    ("point of a sum", partial(five, [1, 2, 3]), ValueError, "x", "(2,)", "[1, 2, 3]"),
    ("no rows", partial(five, [1, 2], []), ValueError, "rows", "at least one row", "none"),
    ("a row too far", partial(five, [1, 2], [5]), ValueError, "rows", "0 to 4", "5 at place 0"),
    ("row -1", partial(five.grad, [1, 2], [0, -1]), ValueError, "rows", "0 to 4", "-1 at place 1"),
    ("one row", partial(five, [1, 2], 3), ValueError, "rows", "one-dimensional", "3 (int)"),
    ("half a row", partial(five, [1, 2], [0.5]), TypeError, "rows", "whole numbers", "[0.5]"),
    ("a mask", partial(five.grad, [1, 2], [True] * 5), TypeError, "rows", "indices", "Booleans"),
    # Minima.
    ("point", partial(Minimum, 3, 1, True), TypeError, "point", "an array of numbers", "3 (int)"),
    ("points", partial(Minimum, [[1, 2]], 1, True), ValueError, "point", "(1,)", "[[1, 2]]"),
    ("value", partial(Minimum, [3], "1", True), TypeError, "value", "a finite number", "'1'"),
    ("is_global", partial(Minimum, [3], 1, 1), TypeError, "is_global", "True or False", "1 (int)"),
]  # fmt: skip


@pytest.mark.parametrize("case", [pytest.param(Case(*row), id=row[0]) for row in WRONG])
def test_a_wrong_call_is_refused_and_told_why(case: Case) -> None:
    with pytest.raises(case.error) as caught:
        case.call()
    assert type(caught.value) is case.error
    message = str(caught.value)
    assert re.search(rf"(?<!\w){case.argument}(?!\w)", message), message
    assert isinstance(case.expected, str)
    assert isinstance(case.came, str)
    assert case.expected in message
    assert case.came in message.replace(case.expected, "", 1)


def test_a_call_without_what_it_needs_names_it() -> None:
    with pytest.raises(TypeError, match="spread"):
        bowl.as_sum(5)
    with pytest.raises(TypeError, match="'x'"):
        five()


# --- What help() shows ------------------------------------------------------------------------


@every_name
def test_help_tells_of_the_surface(name: str) -> None:
    landscape = READY[name]
    page = re.sub(r"\s+", " ", pydoc.plain(pydoc.render_doc(landscape)))
    assert repr(landscape) in page
    assert landscape.formula in page
    assert landscape.source in page
    assert landscape.lesson in page
    assert f"learning_rate = {landscape.learning_rate:.6g}" in page
    for minimum in landscape.minima:
        assert f"{minimum.value:.6g} at " in page
    assert len(page) > 300


def test_help_tells_of_a_landscape_of_another_kind() -> None:
    page = inspect.getdoc(landscapes.bowl.at_dimension(100))
    assert page
    assert "landscapes.bowl.at_dimension(100), with p = 100" in page
    assert max(map(len, page.splitlines())) < 200


def test_help_on_the_class_tells_of_the_class() -> None:
    for documented in (Landscape, LandscapeSum, Minimum, landscapes.x_cos):
        page = inspect.getdoc(documented)
        assert page
        assert "Parameters\n----------" in page
        for parameter in inspect.signature(documented).parameters:
            assert re.search(rf"^{parameter} : ", page, re.MULTILINE)
    for name, member in [*vars(Landscape).items(), *vars(LandscapeSum).items()]:
        assert name.startswith("_") or len(inspect.getdoc(member) or "") > 10


@every_name
def test_the_page_of_the_module_has_the_facts(name: str) -> None:
    landscape = READY[name]
    assert landscapes.__doc__
    (entry,) = re.findall(rf"^{name} : .*\n(?: .*\n)+", landscapes.__doc__, re.MULTILINE)
    assert landscape.formula in entry
    assert landscape.source in entry
    said = {float(number) for number in re.findall(r"-?[\d.]+", entry.split("- Source")[0])}
    for number in [*landscape.start, *landscape.bounds.flat]:
        assert float(f"{number:.6g}") in said
    for minimum in landscape.minima:
        for number in (minimum.value, *minimum.point):
            assert float(f"{number:.6g}") in said


def test_the_examples_of_the_docstrings_are_right() -> None:
    finder, runner = doctest.DocTestFinder(exclude_empty=True), doctest.DocTestRunner()
    tests = finder.find(landscapes, "landscapes")
    for documented in (Landscape, LandscapeSum):
        tests += finder.find(documented, documented.__name__, module=False, globs={})
    report: list[str] = []
    for test in tests:
        runner.run(test, out=report.append)
    assert runner.summarize(verbose=False).failed == 0, "".join(report)
    assert {test.name for test in tests if test.examples} >= {"landscapes", "LandscapeSum"}
