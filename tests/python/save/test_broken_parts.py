"""What pickles put models together from is checked: broken parts are refused, and nothing worse."""

from __future__ import annotations

import contextlib
import pickle
import re
import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gradwalk as gw
from gradwalk import _core
from saved_models import FUNCTIONS, STATES, go_on, seen

Parts = dict[str, Any]


def parts_of(name: str) -> tuple[type, Parts, Parts, Any]:
    """Class, arguments and saved parts of a model, and the data that it goes on with."""
    model, data = (STATES | FUNCTIONS)[name]()
    _, (cls, arguments, fitted), *_ = model.__reduce__()
    return cls, arguments, fitted, data


def restore(cls: Any, arguments: Any, fitted: Any) -> Any:
    return _core._restore_model(cls, arguments, fitted)


def longer(array: Any) -> Any:
    return np.concatenate([array, array[-1:]])


def with_at_0(value: float) -> Any:
    def change(array: Any) -> Any:
        changed = array.copy()
        changed.flat[0] = value
        return changed

    return change


ABSENT = object()
ADAM = "Adam 0.05 MiniBatchGD"
SOFTMAX = next(name for name in STATES if name.endswith(" cross_entropy"))
# Which model, which part, what it is changed to (a value, or a function of what it was), and what
# the message says.
BREAKS: list[tuple[str, str, Any, str]] = [
    (ADAM, "format_version", 2, "of format 2, and this version of gradwalk reads format 1 alone"),
    (ADAM, "format_version", "1", "format_version must be a whole number"),
    (ADAM, "format_version", ABSENT, "none named format_version"),
    (ADAM, "params", ABSENT, "none named params"),
    (ADAM, "params", longer, "history_path must be .*of the shape of params"),
    (ADAM, "params", with_at_0(np.nan), "params must be of finite numbers; got NaN at place 0"),
    (ADAM, "params", with_at_0(-np.inf), "params must be of finite numbers; got -inf"),
    (ADAM, "params", lambda a: a.astype(int), "params must be an array of float64"),
    (ADAM, "params", lambda a: a.astype(object), "params must be an array of float64"),
    (ADAM, "params", lambda a: a.astype(">f8"), "params must be an array of float64"),
    (ADAM, "params", lambda a: a.astype(np.float16), "params must be an array of float64"),
    (ADAM, "params", lambda a: a.tolist(), "params must be an array of float64"),
    (ADAM, "params", lambda a: a.astype(np.float32), "rule_first must be an array of float32"),
    (ADAM, "params", lambda a: a[:, None], "of the shape of params, .4, 1.; got shape .4, 4."),
    (ADAM, "params", lambda a: a[:0], "history_path must be .*of the shape of params, .0.;"),
    (ADAM, "rule_first", longer, "rule_first must be of 4 numbers, for the rule of the model"),
    (ADAM, "rule_first", with_at_0(np.nan), "rule_first must be numbers; got NaN"),
    (ADAM, "rule_second", with_at_0(-1.0), "rule_second must be numbers of at least 0; got -1"),
    (ADAM, "rule_second", lambda a: a[None], "rule_second must be one-dimensional; got 2"),
    (ADAM, "rule_steps", 2**64, "rule_steps must be a whole number from 0"),
    (ADAM, "rule_steps", -1, "rule_steps must be a whole number from 0"),
    (ADAM, "rule_steps", 3.0, "rule_steps must be a whole number"),
    (ADAM, "rule_steps", True, "rule_steps must be a whole number"),
    (ADAM, "n_epochs", 2, "history_loss must be of one number for each of the 2 epochs"),
    (ADAM, "n_epochs", 2**63, "n_epochs must be a whole number from 0 to"),
    (ADAM, "n_updates", 10**30, "n_updates must be a whole number from 0 to"),
    (ADAM, "n_updates", 2, "history_updates_per_epoch must be .* at most n_updates=2; got 3"),
    (ADAM, "n_updates", 2**61, "history_update_loss must be of one number for each of"),
    (ADAM, "seed", 2**64, "seed must be a whole number"),
    (ADAM, "seed", None, "seed must be a whole number"),
    (ADAM, "full_loss", 1, "full_loss must be True or False; got 1"),
    (ADAM, "negative_label", -1, "negative_label must be 0 or −1, where a hinge loss was walked"),
    (ADAM, "negative_label", 10**30, "negative_label must be 0"),
    (ADAM, "mean_weight", 0.0, "mean_weight must be above 0 and finite; got 0"),
    (ADAM, "mean_weight", np.inf, "mean_weight must be above 0 and finite; got inf"),
    (ADAM, "mean_weight", 1, "mean_weight must be a float; got 1"),
    (ADAM, "mean_weight", ABSENT, "none named mean_weight"),
    (ADAM, "is_function", True, "partial_fit must be called after fit"),
    (ADAM, "stop_reason", "bored", 'stop_reason must be one of the words .*; got "bored"'),
    (ADAM, "stop_reason", "diverged", "stop_reason must be one of the words"),
    (ADAM, "stop_reason", 7, "stop_reason must be a word; got 7"),
    (ADAM, "patience_best", np.nan, "patience_best must be a number; got NaN"),
    (ADAM, "patience_best", 1, "patience_best must be a float; got 1"),
    (ADAM, "patience_stale", 9, "patience_stale must be a whole number from 0 to 3; got 9"),
    (ADAM, "peak_bytes", 2**64 - 1, "peak_bytes must be a whole number"),
    (ADAM, "n_bytes_of_pass", 2**64 - 1, "n_bytes_of_pass must be a whole number"),
    (ADAM, "best_epoch", 1, "none named best_params"),
    (ADAM, "surplus", 1, 'one that does not belong there: "surplus"'),
    (ADAM, "best_loss", 1.0, 'one that does not belong there: "best_loss"'),
    (ADAM, "diverged_update", 1, 'one that does not belong there: "diverged_update"'),
    (ADAM, "history_loss", longer, "history_loss must be of one number for each of the 3 epochs"),
    (ADAM, "history_seconds", longer, "history_seconds must be of 3 numbers, one an epoch"),
    (ADAM, "history_loss", lambda a: a.astype(np.float32), "history_loss must be an array of flo"),
    (ADAM, "history_updates_per_epoch", with_at_0(-1), "of whole numbers of at least 0; got -1"),
    (ADAM, "history_updates_per_epoch", with_at_0(2**62), "add up to less than"),
    (ADAM, "history_update_loss", longer, "history_update_loss must be of one number for each"),
    (ADAM, "history_update_stride", 0, "history_update_stride must be 1, 2, 4"),
    (ADAM, "history_update_stride", 2**63, "history_update_stride must be what 3 updates"),
    (ADAM, "history_path", longer, "history_path must be of 4 points of the shape of params"),
    (ADAM, "history_path_update", with_at_0(1), "counts that grow from 0"),
    (ADAM, "history_path_epoch", with_at_0(1), "history_path_epoch must be 0 at the start"),
    (ADAM, "history_path_stride", 3, "history_path_stride must be 1, 2, 4"),
    (ADAM, "history_path_epoch_stride", 2**64 - 1, "history_path_epoch_stride must be 1, 2, 4"),
    (ADAM, "history_path_ends_on_guest", "no", "must be True or False"),
    (SOFTMAX, "params", lambda a: a.ravel(), r"of the shape of params, \[12\]"),
    (SOFTMAX, "is_function", True, "partial_fit must be called after fit"),
    ("labels −1 and 1", "negative_label", -2, "negative_label must be 0 or −1"),
    ("labels −1 and 1", "is_function", True, "negative_label must be 0 or −1"),
    ("single precision", "is_function", True, "params must be float64 where a function"),
    ("a loss of one's own", "is_function", False, "is_function must be True for a loss that is"),
    ("validation and the best", "best_epoch", 0, "best_epoch must be a whole number from 1 to"),
    ("validation and the best", "best_params", longer, "best_params must be of 4 numbers like"),
    ("validation and the best", "best_epoch", ABSENT, "one that does not belong there"),
    ("diverged", "stop_reason", "epochs done", "with diverged_… for .diverged. alone"),
    ("diverged", "diverged_epoch", 0, "diverged_epoch must be a whole number from 1"),
    ("thinned", "history_path_ends_on_guest", False, "that its strides keep; got update 207 at"),
    ("no record", "history_update_loss", lambda _: np.zeros(3), "history_update_loss must be"),
    ("no record", "history_path_update", lambda _: np.array([0]), "history_path must be of 1 poi"),
]


@pytest.mark.parametrize(
    ("name", "part", "change", "message"), BREAKS, ids=[f"{b[0]}-{b[1]}" for b in BREAKS]
)
def test_a_broken_part_is_refused_by_its_name(
    name: str, part: str, change: Any, message: str
) -> None:
    cls, arguments, fitted, data = parts_of(name)
    value = change(fitted[part]) if callable(change) else change
    broken = {**fitted, part: value}
    if value is ABSENT:
        del broken[part]
    with pytest.raises((ValueError, TypeError)) as raised:
        # A model that walked down a function is a whole one; it only cannot go on over data.
        restore(cls, arguments, broken).partial_fit(*data)
    assert re.search(message, str(raised.value)), str(raised.value)


@pytest.mark.parametrize("part", parts_of("validation and the best")[2])
def test_every_part_is_needed(part: str) -> None:
    cls, arguments, fitted, _ = parts_of("validation and the best")
    del fitted[part]
    with pytest.raises(ValueError, match=r"none named|does not belong"):
        restore(cls, arguments, fitted)


@pytest.mark.parametrize(
    ("cls", "message"),
    [
        (gw.GradientDescent, "class must be BatchGD, SGD, MiniBatchGD, or"),
        (dict, "class must be"),
        ("SGD", "class must be"),
        (None, "class must be"),
        (gw.BatchGD, 'has no argument "batch_size"|rule_first'),
    ],
)
def test_the_class_must_be_one_of_ours(cls: Any, message: str) -> None:
    _, _, fitted, _ = parts_of(ADAM)
    with pytest.raises(TypeError, match=message):
        restore(cls, {"batch_size": 3}, fitted)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (None, "arguments must be a dict"),
        ([], "arguments must be a dict"),
        ({"epochs": -1}, "epochs must be a whole number"),
        ({"eta": 1}, 'SGD has no argument "eta"'),
        ({1: 2}, 'SGD has no argument "1"'),
        ({"rule": gw.rules.Momentum()}, "rule_first must be of 4 numbers, for the rule of"),
        ({"fit_intercept": False, "loss": "cross_entropy"}, r"params must be of shape \(d, K\)"),
        ({"loss": "cross_entropy", "n_classes": 3}, r"params must be of shape \(d \+ 1, 3\)"),
        ({"record": None}, "history_update_loss must be of one number for each of the 0 updates"),
        ({"path_bytes": 100}, "history_update_stride must be|history_update_loss must be"),
    ],
)
def test_the_arguments_must_be_those_of_the_state(arguments: Any, message: str) -> None:
    _, _, fitted, _ = parts_of("SGD half_mse")
    with pytest.raises((TypeError, ValueError), match=message):
        restore(gw.SGD, arguments, fitted)


def test_a_table_of_parts_must_be_one() -> None:
    for wrong in ([], "parts", 3, np.zeros(2)):
        with pytest.raises(TypeError, match="fitted must be a dict of saved parts"):
            restore(gw.SGD, {}, wrong)
        with pytest.raises(TypeError, match="parts must be a dict of saved parts"):
            _core._restore_history(wrong)
    with pytest.raises(ValueError, match="none named format_version"):
        restore(gw.SGD, {}, {})


def test_parts_of_other_objects_are_checked_too() -> None:
    model = STATES["diverged"]()[0]
    _, (parts,) = model.history_.__reduce__()
    assert seen(model)["history_"]["repr"] == repr(_core._restore_history(parts))
    for part, value, message in [
        ("rule", ("adam",), "rule must be a tuple"),
        ("rule", None, "rule must be a tuple"),
        ("rule", ("plain", "plain", 3), None),
        ("l1", "0", "l1 must be a float"),
        ("shape", "round", "shape must be one that the verdict knows"),
        ("history_path", parts["history_path"][:, :0], "of points of one number or more"),
        ("history_path", np.array(0.0), r"of \d+ points"),
        ("history_path", parts["history_path"].astype(complex), "an array of float64"),
        ("history_path_update", parts["history_path_update"][::-1], "counts that grow from 0"),
        ("history_seconds", np.zeros(1), "history_seconds must be of"),
        ("stop_reason", "bored", "stop_reason must be one of"),
        ("surplus", None, "does not belong"),
    ]:
        broken = {**parts, part: value}
        if message is None:
            _core._restore_history(broken)
            continue
        with pytest.raises((TypeError, ValueError), match=message):
            _core._restore_history(broken)
    for parts, message in [
        (("fine", (), {}), "kind must be a kind of verdict"),
        (("converged", ("it went well",), {}), "clauses must be names of clauses"),
        (("converged", ["fell"], {}), "clauses must be a tuple"),
        (("converged", ("fell",), {"joy": 1.0}), "figures must be of the names of figures"),
        (("converged", ("fell",), {"loss": np.nan}), "must be a finite number"),
        (("converged", ("fell",), None), "figures must be a dict"),
    ]:
        with pytest.raises((TypeError, ValueError), match=message):
            _core._restore_verdict(*parts)
    numbers = (1, 1, 0.5, 0.1)
    for arrays in [(None,) * 4, ([1.0], None, None, None), (np.zeros(2), "rows", None, None)]:
        with pytest.raises(TypeError):
            _core._restore_step(numbers, arrays)
    with pytest.raises((TypeError, OverflowError)):
        _core._restore_step((-1, 1, 0.5, 0.1), (np.zeros(2), None, None, None))


def junk() -> st.SearchStrategy[Any]:
    numbers = st.sampled_from([0, 1, 2, 3, 7, -1, 2**31, 2**62 - 1, 2**62, 2**63, 2**64, 10**40])
    floats = st.sampled_from([0.0, -0.0, 1.5, -1.0, np.nan, np.inf, 1e308, 5e-324])
    dtypes = st.sampled_from(["f8", "f4", "i8", "u8", ">f8", "c16", "O", "U3", "M8[s]", "?", "f2"])
    shapes = st.sampled_from([(), (0,), (1,), (3,), (4,), (0, 4), (4, 1), (3, 4), (1, 1, 1), (40,)])
    fills = st.sampled_from([0, 1, 2, 3, 7, -1])
    arrays = st.builds(
        lambda dtype, shape, fill: np.full(shape, fill).astype(dtype), dtypes, shapes, fills
    )
    words = st.sampled_from(["", "walking", "diverged", "epochs done", "\udc80", "x" * 1000])
    return numbers | floats | arrays | words | st.none() | st.booleans() | st.just([1.0])


def altered(array: Any, place: int, value: float) -> Any:
    """One entry set, or one more, or one less."""
    if not isinstance(array, np.ndarray) or array.size == 0 or array.ndim != 1:
        return value
    changed = array.copy()
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        changed[place % len(array)] = np.array(value).astype(array.dtype)
    return [changed, longer(array), array[:-1], array[::-1]][place % 4]


@settings(max_examples=300)
@given(
    name=st.sampled_from([ADAM, SOFTMAX, "thinned", "validation and the best", "diverged"]),
    draw=st.data(),
)
def test_whatever_the_parts_are_they_are_refused_or_make_a_model(name: str, draw: Any) -> None:
    cls, arguments, fitted, data = parts_of(name)
    for _ in range(draw.draw(st.integers(1, 3))):
        part = draw.draw(st.sampled_from([*fitted, "surplus"]))
        if draw.draw(st.booleans()):
            fitted[part] = draw.draw(junk())
        else:
            place, value = draw.draw(st.integers(0, 99)), draw.draw(st.sampled_from([0.0, 7, -2]))
            fitted[part] = altered(fitted.get(part), place, value)
    try:
        model = restore(cls, arguments, fitted)
    except (ValueError, TypeError):
        return
    shown = seen(model)
    assert seen(pickle.loads(pickle.dumps(model))) == shown
    # It may be one that has walked down a function now.
    with contextlib.suppress(ValueError):
        go_on(model, data)
