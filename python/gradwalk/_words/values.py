"""Words given as values, and names asked of `gradwalk` itself: what rules and schedules there are.

Beside `gradwalk._words`, which rules and schedules ask in turn.
"""

from __future__ import annotations

import importlib

from gradwalk import landscapes, rules, schedules
from gradwalk._core import LOSSES

from . import _alike, _find, _same
from .table import ANSWERS


def value(argument: str, given: object) -> str:
    """`": "` and what to write instead of the value `given` of `argument`, or ""."""
    answer = _value(argument, given)
    return f": {answer}" if answer else ""


def _value(argument: str, given: object) -> str:
    place = f"value of {argument}"
    if place not in ANSWERS:
        return ""
    if given is None or isinstance(given, bool):
        return _find(place, str(given))
    if argument == "loss" and isinstance(given, int | float):
        meant = "epochs" if isinstance(given, int) and given > 1 else "learning_rate"
        return f"the loss comes first; write {meant}={given!r} if that is meant"
    if argument == "rule" and isinstance(given, float):
        return f"write rule=gw.rules.Momentum({given!r}) if that is meant"
    module = {"rule": rules, "learning_rate": schedules}.get(argument)
    if isinstance(given, type):
        made = getattr(given, "__name__", "")
        if module is not None and made in module.__all__:
            return f"it is a class; make one of it: {argument}={_call_of(argument, made)}"
        return ""
    if not isinstance(given, str):
        return ""
    if argument == "learning_rate":
        try:
            return f"write the number without quotes, learning_rate={float(given)}"
        except ValueError:
            pass
    # What has come to be built in is no longer what the table says of it.
    if argument == "rule" and (name := _same(given, rules.__all__)):
        return f"write rule={_call_of('rule', name)}"
    if answer := _find(place, given) or _find(place, given.removesuffix("_loss")):
        return answer
    if module is not None:
        name = _alike(given, module.__all__)
        return f"write {argument}={_call_of(argument, name)}" if name else ""
    choices = {
        "loss": LOSSES,
        "sampling": ("shuffle", "replace", "sequential"),
        "record": ("auto", "update", "epoch"),
    }
    name = _alike(given, choices[argument])
    return f'ours is "{name}"' if name else ""


# How one of each is made, where it needs an argument.
_MADE = {
    "Momentum": "Momentum(0.9)",
    "Nesterov": "Nesterov(0.9)",
    "Cosine": "Cosine(0.1, 1000)",
    "Linear": "Linear(0.1, 1000)",
    "OneCycle": "OneCycle(0.1, 1000)",
    "Warmup": "Warmup(10, gw.schedules.Constant(0.1))",
}


def _call_of(argument: str, name: str) -> str:
    """How the rule or schedule `name` is made."""
    if argument == "rule":
        return f"gw.rules.{_MADE.get(name, name + '()')}"
    return f"gw.schedules.{_MADE.get(name, name + '(0.1)')}"


def name_in_package(word: str) -> str:
    """Say where in the package the name `word` is, which `gradwalk` itself has not; or ""."""
    if name := _same(word, rules.__all__):
        return f"it is an update rule: SGD(rule={_call_of('rule', name)})"
    if name := _same(word, schedules.__all__):
        return f"it is a schedule: SGD(learning_rate={_call_of('learning_rate', name)})"
    if name := _same(word, landscapes.__all__):
        return f"write gw.landscapes.{name}"
    plot = importlib.import_module("gradwalk.plot")
    if name := _same(word, plot.__all__):
        return f"write gw.plot.{name}"
    answer = _find("gradwalk.plot", word)
    return answer if answer.startswith("write") else ""
