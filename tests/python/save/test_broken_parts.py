"""What pickles put models together from is checked: broken parts are refused, and nothing worse."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

import gradwalk as gw
from gradwalk import _core
from saved_models import FUNCTIONS, STATES, seen

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
    (ADAM, "params", 0.5, "params must be an array"),
    (ADAM, "params", with_at_0(np.nan), "params must be of finite numbers; got NaN at place 0"),
    (ADAM, "params", with_at_0(-np.inf), "params must be of finite numbers; got -inf"),
    (ADAM, "params", lambda a: a.astype(int), "params must be an array of float64; got an array"),
    (ADAM, "params", lambda a: a.astype(object), "params must be .* an array of float64"),
    (ADAM, "params", lambda a: a.astype(">f8"), "params must be .* an array of float64"),
    (ADAM, "params", lambda a: a.astype(np.float16), "params must be .* an array of float64"),
    (ADAM, "params", lambda a: a.tolist(), "params must be .* an array of float64"),
    (ADAM, "params", lambda a: a.astype(np.float32), "must be an array of float32; got an array"),
    (ADAM, "params", lambda a: a[:, None], r"params must be of shape .d . 1,. for"),
    (ADAM, "params", lambda a: a[:0], "params must be of shape"),
    (ADAM, "rule_first", longer, "rule_first must be of 4 numbers, for the rule of the model"),
    (ADAM, "rule_second", longer, "rule_second must be of 4 numbers, for the rule of the model"),
    (ADAM, "rule_steps", 2**64, "rule_steps must be a whole number of at least 0 and below 2"),
    (ADAM, "rule_steps", 2**64 - 1, "rule_steps must be a whole number from 0 to 46116860184273"),
    (ADAM, "rule_steps", -1, "rule_steps must be a whole number"),
    (ADAM, "rule_steps", 3.0, "rule_steps must be a whole number of at least 0; got a float"),
    (ADAM, "rule_steps", True, "rule_steps must be a whole number of at least 0; got True or F"),
    (ADAM, "n_epochs", 2, "history_loss must be of one number for each of the 2 epochs; got 3"),
    (ADAM, "n_epochs", 2**63, "n_epochs must be a whole number from 0 to"),
    (ADAM, "n_updates", 2**63, "n_updates must be a whole number from 0 to"),
    (ADAM, "patience_stale", 2**63, "patience_stale must be a whole number from 0 to"),
    (ADAM, "peak_bytes", 2**63, "peak_bytes must be a whole number from 0 to"),
    (ADAM, "n_updates", 2, "history_updates_per_epoch must be .* at most n_updates=2; got"),
    (ADAM, "seed", None, "seed must be a number, a word"),
    (ADAM, "full_loss", 1, "full_loss must be True or False; got a whole number"),
    (ADAM, "mean_weight", 0.0, "mean_weight must be above 0 and finite; got 0"),
    (ADAM, "mean_weight", np.inf, "mean_weight must be above 0 and finite; got inf"),
    (ADAM, "mean_weight", ABSENT, "none named mean_weight"),
    (ADAM, "is_function", True, "partial_fit must be called after fit"),
    (ADAM, "stop_reason", "bored", 'stop_reason must be one of the words .*; got "bored"'),
    (ADAM, "stop_reason", "diverged", "stop_reason must be one of the words"),
    (ADAM, "stop_reason", "\udc80", "stop_reason must be a word"),
    (ADAM, "n_bytes_of_pass", 2**64 - 1, "n_bytes_of_pass must be a whole number"),
    (ADAM, "n_threads", 2**40, "n_threads must be a whole number from 0 to"),
    (ADAM, "best_epoch", 1, "none named best_params"),
    (ADAM, "feature_names", ["size"], "feature_names must be a list of 3 words, one a feature"),
    (ADAM, "feature_names", ["size", 3, 4], "feature_names must be .* a list of words"),
    (ADAM, "history_loss", longer, "must be of 4 numbers, for 4 epochs and 4 points of the path"),
    (ADAM, "history_grad_norm", longer, "history_grad_norm must be of 3 numbers, for 3 epochs"),
    (ADAM, "history_learning_rate", longer, "history_learning_rate must be of 3 numbers"),
    (ADAM, "history_seconds", longer, "history_seconds must be of 3 numbers"),
    (ADAM, "history_full_loss", lambda _: np.zeros(6), "history_full_loss must be of 5 numbers"),
    (ADAM, "history_validation_loss", lambda _: np.zeros(4), "must be of 3 numbers, for 3 epochs"),
    (ADAM, "history_update_loss", longer, "losses of updates, a stride apart, up to n_updates=3"),
    (ADAM, "history_update_stride", 0, "history_update_stride must be a whole number from 1"),
    (ADAM, "history_update_stride", 2**62, "losses of updates, a stride apart, up to n_updates=3"),
    (ADAM, "history_path_stride", 0, "history_path_stride must be a whole number from 1"),
    (ADAM, "history_path_epoch_stride", 0, "history_path_epoch_stride must be a whole number fr"),
    (ADAM, "history_path_epoch", longer, "history_path_epoch must be of 4 numbers"),
    (ADAM, "history_path_epoch", with_at_0(4), "history_path_epoch must be of numbers from 0 to 3"),
    (ADAM, "history_updates_per_epoch", with_at_0(2**62), "add up to at most n_updates=3"),
    (ADAM, "history_updates_per_epoch", with_at_0(-1), "of whole numbers of at least 0; got -1"),
    (ADAM, "history_path", longer, "history_path must be of 16 numbers, for 3 epochs and 4 points"),
    (ADAM, "history_path_update", with_at_0(1), "history_path_update must be counts that grow"),
    (ADAM, "history_path_ends_on_provisional", "no", "must be True or False; got a word"),
    (SOFTMAX, "params", lambda a: a.ravel(), r"params must be of shape \(d . 1, K\)"),
    (SOFTMAX, "is_function", True, "partial_fit must be called after fit"),
    ("labels −1 and 1", "labels_are_signs", -1, "labels_are_signs must be a whole number"),
    ("single precision", "is_function", True, "params must be float64 where a function"),
    ("a loss of one's own", "is_function", False, "is_function must be True for a loss that is"),
    ("validation and the best", "best_epoch", 0, "best_epoch must be a whole number from 1 to"),
    ("validation and the best", "best_params", with_at_0(np.nan), "best_params must be of finite"),
    ("validation and the best", "best_params", longer, "best_params must be of 4 numbers like"),
    ("diverged", "diverged_epoch", 0, "diverged_epoch must be a whole number from 1"),
    ("diverged", "stop_reason", "epochs done", "with diverged_… for .diverged. alone"),
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


def test_every_part_is_needed() -> None:
    cls, arguments, fitted, _ = parts_of("validation and the best")
    for part in fitted.keys() - {"best_epoch"}:
        others = {name: value for name, value in fitted.items() if name != part}
        with pytest.raises(ValueError, match=f"the saved parts have none named {part}$"):
            restore(cls, arguments, others)


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
            _core._restore_history(("plain",), wrong)
    with pytest.raises(ValueError, match="none named format_version"):
        restore(gw.SGD, {}, {})


def test_parts_of_other_objects_are_checked_too() -> None:
    model = STATES["diverged"]()[0]
    _, (rule, parts) = model.history_.__reduce__()
    assert seen(model)["history_"]["repr"] == repr(_core._restore_history(rule, parts))
    for wrong in (("adam",), None, ("Momentum", 2.0)):
        with pytest.raises(TypeError, match="rule must be a tuple"):
            _core._restore_history(wrong, parts)
    for part, value, message in [
        ("l1", "0", "l1 must be a float"),
        ("shape", "round", "shape must be one that the verdict knows"),
        ("history_path", parts["history_path"][:, :0], "of points of one number or more"),
        ("history_path", np.array(0.0), "of points of one number or more"),
        ("history_path", parts["history_path"].astype(complex), "an array of float64"),
        ("history_path_update", parts["history_path_update"][::-1], "counts that grow"),
        ("history_seconds", np.zeros(1), "history_seconds must be of"),
        ("stop_reason", "bored", "stop_reason must be one of"),
    ]:
        with pytest.raises((TypeError, ValueError), match=message):
            _core._restore_history(rule, {**parts, part: value})
    for parts, message in [
        (("fine", (), {}), "kind must be known to the verdict"),
        (("converged", ("it went well",), {}), "clauses must be known to the verdict"),
        (("converged", ["fell"], {}), "clauses must be a tuple"),
        (("converged", ("fell",), {"joy": 1.0}), "figures must be known to the verdict"),
        (("converged", ("fell",), {"loss": "low"}), "figures must be numbers"),
        (("converged", ("fell",), None), "figures"),
    ]:
        with pytest.raises((TypeError, ValueError), match=message):
            _core._restore_verdict(*parts)
    arrays = (np.zeros(2), None, None, None)
    for numbers in [(-1, 1, 0.5, 0.1), (1, 1, "low", 0.1), (1, 1, 0.5), None]:
        with pytest.raises(TypeError, match="numbers must be two counts and two floats"):
            _core._restore_step(numbers, arrays)
    with pytest.raises(TypeError, match="arrays must be four arrays or None"):
        _core._restore_step((1, 1, 0.5, 0.1), arrays[:3])
