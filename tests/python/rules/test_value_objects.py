"""Rules and schedules as values: equality, hashes, copies, and what they refuse."""

from __future__ import annotations

import copy
import pickle
import re
from dataclasses import MISSING, FrozenInstanceError, fields, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import gradwalk as gw
from gradwalk import _core, rules, schedules
from value_objects import CHOICES, COUNT, EVERY, RANGES, SAMPLES, SCHEDULE, TABLE, needed

STEEP = schedules.Exponential(0.7, 0.6)
VALUES = [
    *EVERY,
    # With each of the constants changed.
    *(
        replace(value, **{name: {**SAMPLES, COUNT: 7, SCHEDULE: STEEP}[expected]})
        for value in EVERY
        for name, (expected, _) in TABLE[type(value)].items()
        if name not in needed(type(value)) or expected in (COUNT, SCHEDULE)
    ),
    schedules.Warmup(9, schedules.Warmup(8, STEEP)),
]


@pytest.mark.parametrize("cls", TABLE)
def test_a_class_is_what_the_core_and_its_docstring_say(cls):
    told = TABLE[cls]
    defaults = {
        field.name: None if field.default is MISSING else field.default for field in fields(cls)
    }
    assert defaults == {name: default for name, (_, default) in told.items()}
    assert list(defaults) == list(told)
    kind = r"(?:[\w.]+|\{[^}]+\})"
    lines = re.findall(rf"^    (\w+) : {kind}(?:, default (\S+))?$", cls.__doc__, re.MULTILINE)
    assert {name: eval(default) if default else None for name, default in lines} == defaults
    assert cls is schedules.Constant or "References\n    ----------" in cls.__doc__


def test_the_names_of_the_modules_are_those_of_the_core():
    assert {*rules.__all__} == {*_core.RULES, "Rule"}
    assert {*schedules.__all__} == {*_core.SCHEDULES, "Schedule"}


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_a_value_is_equal_to_its_copies_alone(value):
    again = eval(repr(value), vars(rules) | vars(schedules))
    for same in (
        again,
        copy.copy(value),
        copy.deepcopy(value),
        *(pickle.loads(pickle.dumps(value, protocol)) for protocol in range(2, 6)),
    ):
        assert type(same) is type(value)
        assert same == value
        assert hash(same) == hash(value)
    assert [other for other in VALUES if other == value] == [value]
    assert len({*VALUES, again}) == len(VALUES)


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_a_value_does_not_change(value):
    before = repr(value)
    for field in fields(value):
        with pytest.raises(FrozenInstanceError, match=field.name):
            setattr(value, field.name, 0.5)
        with pytest.raises(FrozenInstanceError, match=field.name):
            delattr(value, field.name)
    with pytest.raises(FrozenInstanceError):
        value.something_else = 0.5
    assert repr(value) == before
    # A changed copy is checked like a new one.
    with pytest.raises((TypeError, ValueError), match=f"^{fields(value)[0].name} must be"):
        replace(value, **{fields(value)[0].name: -1})


@pytest.mark.parametrize("value", VALUES, ids=repr)
@pytest.mark.parametrize("method", [gw.BatchGD, gw.SGD, gw.MiniBatchGD])
def test_a_model_shows_the_value_it_was_given(value, method):
    argument = "rule" if isinstance(value, rules.Rule) else "learning_rate"
    model = method(**{argument: value})
    assert getattr(model, argument) is value
    assert f"{argument}={value!r}" in repr(model)


# Every constant that is a real number, and when it is legal.
TEXTBOOK = schedules.InverseScaling.textbook
NUMBERS = [
    *(
        (cls, name, RANGES[expected])
        for cls, told in TABLE.items()
        for name, (expected, _) in told.items()
        if expected in RANGES
    ),
    *((TEXTBOOK, name, lambda x: 0 < x < np.inf) for name in ("t0", "t1")),
]
every_number = pytest.mark.parametrize(
    ("make", "argument", "is_legal"), NUMBERS, ids=lambda part: getattr(part, "__name__", part)
)


def with_the_rest(make, constants):
    """The constants, and whatever else has to be given."""
    return ({"t0": 5, "t1": 50} if make == TEXTBOOK else needed(make)) | constants


@every_number
@given(value=st.floats() | st.floats(-1, 2) | st.integers(-2, 2))
def test_numbers_are_taken_in_their_range_alone(make, argument, is_legal, value):
    constants = with_the_rest(make, {argument: value})
    if is_legal(value) and (argument not in ("t0", "t1") or 1e-300 < value < 1e300):
        made = make(**constants)
        assert argument in ("t0", "t1") or getattr(made, argument) == value
    elif not is_legal(value):
        with pytest.raises(ValueError, match=f"^{argument} must be a .*number .*; got "):
            make(**constants)


@every_number
@pytest.mark.parametrize(
    "value",
    ["0.5", b"1", None, True, np.True_, 0.5j, [0.5], (), np.array([0.5]), np.array([0.5, 0.8])],
    ids=repr,
)
def test_what_is_no_number_is_refused(make, argument, is_legal, value):
    with pytest.raises(TypeError, match=f"^{argument} must be a .*number .*; got "):
        make(**with_the_rest(make, {argument: value}))


@every_number
@pytest.mark.parametrize("sign", [1, -1])
def test_a_whole_number_too_large_for_a_float_is_refused(make, argument, is_legal, sign):
    with pytest.raises(ValueError, match=f"^{argument} must be a .*number "):
        make(**with_the_rest(make, {argument: sign * 10**400}))


WORDS = [
    (cls, name, expected)
    for cls, told in TABLE.items()
    for name, (expected, _) in told.items()
    if expected in CHOICES
]


@pytest.mark.parametrize(("cls", "name", "expected"), WORDS)
def test_words_and_flags_are_those_of_the_table_alone(cls, name, expected):
    for choice in CHOICES[expected]:
        assert getattr(cls(**{name: choice}), name) == choice
    message = f"^{name} must be {re.escape(expected)}; got "
    for wrong in (0.5, 1, None, ["inside"], np.array("inside"), np.array(True)):
        with pytest.raises(TypeError, match=message):
            cls(**{name: wrong})
    if expected != "True or False":
        for word in ("Inside", "in", "", "beside"):
            with pytest.raises(ValueError, match=message):
                cls(**{name: word})


WHOLES = [(cls, name) for cls, told in TABLE.items() for name in told if told[name][0] == COUNT]


@pytest.mark.parametrize(("cls", "name"), WHOLES)
def test_counts_are_whole_numbers_from_1(cls, name):
    def make(value):
        return cls(**needed(cls) | {name: value})

    for value in (0, -1, 2**64, np.int64(0)):
        with pytest.raises(ValueError, match=f"^{name} must be a whole number"):
            make(value)
    for value in (2.5, 3.0, "3", None, True, np.True_, [3], np.array([3, 4])):
        with pytest.raises(TypeError, match=f"^{name} must be a whole number"):
            make(value)
    assert make(np.int32(3)).at(2) == make(3).at(2)


@pytest.mark.parametrize("then", [0.1, None, lambda t: 0.1, schedules.Exponential, rules.Adam()])
def test_a_warmup_goes_before_a_schedule(then):
    with pytest.raises(TypeError, match=r"^then must be a schedule of gradwalk\.schedules; got"):
        schedules.Warmup(10, then)


@pytest.mark.parametrize(
    "t", [-1, [0, -1], 1.0, [0.5], "1", None, True, 2**70, np.nan, np.datetime64("2020-01-01")]
)
def test_at_takes_whole_numbers_from_0(t):
    with pytest.raises(ValueError, match=r"^t must be whole numbers of at least 0; got"):
        STEEP.at(t)


def test_at_keeps_the_shape_of_t():
    assert STEEP.at(np.array(3, dtype=np.uint8)) == STEEP.at(3)
    assert STEEP.at([[0, 1], [2, 3]]).shape == (2, 2)
    assert STEEP.at(np.empty((0, 3), int)).shape == (0, 3)
    assert STEEP.at(range(4)).tolist() == [STEEP(t) for t in range(4)]
    assert STEEP.at(2**64 - 1) == 0


@pytest.mark.parametrize("wrong", [schedules.Exponential, rules.Adam(), "constant", None])
@pytest.mark.parametrize("method", [gw.BatchGD, gw.SGD, gw.MiniBatchGD])
def test_what_is_no_learning_rate_is_refused_with_what_to_write(wrong, method):
    with pytest.raises(TypeError, match=r"^learning_rate must be .*gradwalk\.schedules.*; got"):
        method(learning_rate=wrong)
