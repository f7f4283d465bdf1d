"""Words from elsewhere, and what to write instead.

One table answers for all that is asked for and is not there: arguments of calls, words given as
values, attributes of objects, names in modules. It is looked at only once something went wrong.
"""

from __future__ import annotations

import difflib
import functools
import inspect
import reprlib
import sys
from collections.abc import Callable, Iterable
from typing import ParamSpec, TypeVar

from gradwalk._core import History, MiniBatchGD

from .table import ANSWERS, ARGUMENTS

_P = ParamSpec("_P")
_R = TypeVar("_R")


def _lowered(word: str) -> str:
    return word.casefold().strip().replace("-", "_").replace(" ", "_")


def _plain(word: str) -> str:
    """`word` by its letters alone: RMSprop, rms_prop and RMSProp are one."""
    return _lowered(word).replace("_", "")


@functools.cache
def _split(place: str) -> dict[str, str]:
    table = ARGUMENTS if place == "name" else ANSWERS.get(place, {})
    return {word.rstrip("_"): answer for words, answer in table.items() for word in words.split()}


def _find(place: str, word: str) -> str:
    """Find the answer to `word` at `place`, or ""."""
    return _split(place).get(_lowered(word).rstrip("_"), "").replace("`", "")


def _alike(word: str, names: Iterable[str]) -> str | None:
    """Find the one of `names` that is `word` but for capitals, underscores or a slip."""
    by_letters = {_plain(name): name for name in names}
    near = difflib.get_close_matches(_plain(word), by_letters, n=1, cutoff=0.8)
    return by_letters[near[0]] if near else None


def _same(word: str, names: Iterable[str]) -> str | None:
    """Find the one of `names` that is `word` but for capitals and underscores."""
    return next((name for name in names if _plain(name) == _plain(word)), None)


# --- Arguments --------------------------------------------------------------------------------


def argument(
    call: str, arguments: list[str], word: str, other: tuple[str, list[str]] | None
) -> str:
    """Say what to write instead of the argument `word`, which `call` has not.

    `other` is another call that it may be meant for: how that is written before the argument, and
    its arguments.
    """
    names, explanation = _renamed(word)
    for name in names:
        if name in arguments:
            return f"here it is {name}{explanation}"
    # The call itself comes before what it belongs to.
    for place in reversed(call.split(".")):
        if answer := _find(place, word):
            return answer
    if other is not None:
        written, its = other
        if word in its:
            return f"write {written}{word}=…)"
        for name in names:
            if name in its and explanation.startswith("="):
                return f"write {written}{name}{explanation})"
            if name in its:
                return f"write {written}{name}=…){explanation}"
    if answer := _find("argument", word):
        return answer
    near = _alike(word, arguments)
    meant = f"did you mean {near}? " if near else ""
    return f"{meant}its arguments are {', '.join(arguments)}"


def _renamed(word: str) -> tuple[list[str], str]:
    """Find the names of ours that `word` may stand for, and what to add."""
    answer = _split("name").get(_lowered(word).rstrip("_"), "")
    length = len(answer) - len(answer.lstrip("abcdefghijklmnopqrstuvwxyz_0123456789|"))
    return answer[:length].split("|") if answer else [], answer[length:]


def refuse_unknown(call: str, kind: str, arguments: Iterable[str], given: Iterable[str]) -> None:
    """Raise TypeError for the first of the `given` keywords that is none of the arguments."""
    known = list(arguments)
    for word in given:
        if word not in known:
            other = ("it beside the rule, SGD(rule=…, ", _settings()) if kind == "rule" else None
            hint = argument(f"{kind}.{call}", known, word, other)
            raise TypeError(f"{call} has no argument {word!r}: {hint}")


def _settings() -> list[str]:
    return list(inspect.signature(MiniBatchGD).parameters)


def answering(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Make `function` of `gradwalk.plot` say what to write instead of keywords that it has not."""
    known = inspect.signature(function).parameters

    @functools.wraps(function)
    def helper(*given: _P.args, **keywords: _P.kwargs) -> _R:
        if not keywords.keys() <= known.keys():
            refuse_unknown(function.__name__, "plot", known, keywords)
        return function(*given, **keywords)

    # Where it is found, by pickle as well.
    helper.__module__ = function.__module__.rpartition(".")[0]
    return helper


def by_place(name: str, loss: object, others: tuple[object, ...]) -> str:
    """Say what is wrong with `others`, given by place beside `loss` to the class `name`."""
    given = [loss, *others]
    numbers = [value for value in given if _is_number(value)]
    if not isinstance(loss, str) and len(numbers) < len(given):
        return f"{name} takes no data: they go to {name}().fit(X, y)"
    words = [f"loss={loss!r}"] if isinstance(loss, str) else []
    words += [
        f"{argument}={value!r}"
        for argument, value in zip(("learning_rate", "epochs"), numbers, strict=False)
    ]
    shown = ", ".join(map(reprlib.repr, others))
    return (
        f"{name} takes only loss without its name; got {shown} beside it. Write "
        f"{name}({', '.join(words)}), or whichever arguments are meant"
    )


def beside(name: str, method: str, names: str, last: object, others: tuple[object, ...]) -> str:
    """Say what is wrong with `others`, given by place to a method beside its arguments `names`.

    `last` is the last of those that may be.
    """
    if method == "minimize" and any(map(callable, (last, *others))):
        return "minimize takes the gradient by its name: minimize(fun, x0, jac=gradient)"
    first = others[0]
    if _is_number(first):
        argument = "epochs" if isinstance(first, int) else "learning_rate"
        better = f"write it in the constructor, {name}({argument}={first!r})"
    elif callable(first):
        better = f"write {method}({names}, callback=function)"
    else:
        better = f"write the name of the argument, such as {method}({names}, sample_weight=weights)"
    shown = ", ".join(map(reprlib.repr, others))
    return (
        f"{name}.{method} takes only {names} without their names; got {shown} beside them: {better}"
    )


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


# --- Attributes and names -----------------------------------------------------------------------


def attribute(kind: str, owner: object, word: str) -> str:
    """Say what to write instead of the attribute `word` of `owner`, a "model", "step", …; or ""."""
    if answer := _find(kind, word):
        return answer
    variable = "history_" if kind == "history" else kind
    for name in (word.rstrip("_"), f"{word}_", *_renamed(word)[0]):
        # By the class, so that no property is asked; a result has items.
        is_item = isinstance(owner, dict) and name in owner
        if name != word and (is_item or hasattr(type(owner), name)):
            return f"write {variable}.{name}"
    return ""


def no_attribute(message: str, kind: str, owner: object, word: str) -> AttributeError:
    """Make an AttributeError that says `message`, and what to write instead."""
    answer = attribute(kind, owner, word)
    return _unguessed(f"{message}: {answer}", owner) if answer else AttributeError(message)


def _unguessed(message: str, owner: object) -> AttributeError:
    """Make an AttributeError without a name, for which Python guesses none beside the answer."""
    return AttributeError(message, obj=owner)


def no_items(asked: str, key: object) -> str:
    """Say what to write to someone who takes a History for a dict, a list or a table."""
    if asked == "length":
        return "a History has no length: len(history_.loss) counts the epochs"
    if asked == "iteration":
        return (
            "a History is not iterable: history_.loss has the losses, and "
            "pandas.DataFrame(history_.to_dict()) a table of all that there is"
        )
    if isinstance(key, str) and not hasattr(History, key) and (answer := _find("history", key)):
        return f"a History has no items: {answer}"
    name = key if isinstance(key, str) and hasattr(History, key) else "loss"
    return (
        f"a History has no items, but attributes: write history_.{name}, or history_.to_dict() for "
        "a dict"
    )


def no_name(
    module: str,
    word: str,
    names: Iterable[str] = (),
    elsewhere: Callable[[str], str] = lambda word: "",
) -> AttributeError:
    """Make the error of a `module` that has no `word`; `names` are those that it has.

    `elsewhere` answers what neither the names nor the table do.
    """
    message = f"module {module!r} has no attribute {word!r}"
    answer = "" if word.startswith("_") else _name(module, word, names, elsewhere)
    return (
        _unguessed(f"{message}: {answer}", sys.modules[module])
        if answer
        else AttributeError(message)
    )


def _name(module: str, word: str, names: Iterable[str], elsewhere: Callable[[str], str]) -> str:
    if same := _same(word, names):
        return f"write {_written(module)}.{same}"
    if answer := _find(module, word):
        return answer
    return elsewhere(word)


def _written(module: str) -> str:
    return {"gradwalk": "gw", "gradwalk.plot": "plot"}.get(module, module.replace("gradwalk", "gw"))


# --- Calls of a user's function -----------------------------------------------------------------


def misfit(function: Callable[..., object], n_arguments: int) -> bool:
    """Whether `function` cannot be called with so many arguments by place."""
    try:
        inspect.signature(function).bind(*[None] * n_arguments)
    except TypeError:
        return True
    except ValueError:  # it has no signature, and nobody knows
        return False
    return False
