"""Words from elsewhere: whoever guesses one is told what to write instead."""

from __future__ import annotations

import copy
import inspect
import pickle
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import matplotlib
import numpy as np
import pytest

import gradwalk as gw
from gradwalk import plot
from gradwalk._words import table
from wrong.guesses import (
    GUESSES,
    OF_HISTORY,
    OF_MODEL,
    OF_RESULT,
    OF_STEP,
    Guess,
    message_of,
)

matplotlib.use("Agg")

METHODS = (gw.BatchGD, gw.SGD, gw.MiniBatchGD)


# --- The whole list of guesses -----------------------------------------------------------------


@pytest.mark.parametrize("guess", GUESSES, ids=lambda guess: guess.name)
def test_a_guess_is_told_what_to_write(guess: Guess) -> None:
    message = message_of(guess.call)
    for piece in guess.told:
        assert piece in message, message


def test_the_list_of_guesses_is_long() -> None:
    assert len(GUESSES) >= 150
    assert len({guess.name for guess in GUESSES}) == len(GUESSES)


# --- What the table names exists ---------------------------------------------------------------


def answers() -> Iterator[tuple[str, str, str]]:
    for place, rows in table.ANSWERS.items():
        for words, answer in rows.items():
            yield place, words, answer


def codes() -> Iterator[Any]:
    seen = set()
    for place, words, answer in answers():
        assert answer.count("`") % 2 == 0, (place, words)
        for code in re.findall("`([^`]+)`", answer):
            if (place.startswith("value"), code) not in seen:
                seen.add((place.startswith("value"), code))
                yield pytest.param(place, code, id=f"{place}: {code}")


def arguments() -> set[str]:
    """The names of the arguments of all calls that the table is asked about."""
    calls: list[Callable[..., object]] = [*METHODS, gw.loss_and_grad, gw.max_learning_rate]
    calls += [getattr(gw.BatchGD, name) for name in ("fit", "partial_fit", "steps", "minimize")]
    calls += [getattr(gw.rules, name) for name in gw.rules.__all__ if name != "Rule"]
    calls += [getattr(gw.schedules, name) for name in gw.schedules.__all__ if name != "Schedule"]
    calls += [helper for helper in vars(plot).values() if inspect.isfunction(helper)]
    return {name for call in calls for name in inspect.signature(call).parameters}


@pytest.fixture(scope="module")
def things(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the code of the table may speak of."""
    import matplotlib.pyplot as plt
    import pandas

    rng = np.random.default_rng(0)
    X = rng.normal(size=(30, 2))
    y = (X[:, 0] > 0).astype(float)
    model = gw.BatchGD(epochs=10).fit(X, y, validation=0.2)
    steps = list(model.steps(X, y))
    model.fit(X, y, validation=0.2)

    def fun(x: Any, *_: float) -> float:
        return float(np.sum(np.square(x)))

    return {
        **{"np": np, "gw": gw, "plot": plot, "plt": plt, "pandas": pandas},
        **{"X": X, "y": y, "x": X[:, 0], "model": model, "history_": model.history_},
        "step": steps[-1],
        "fun": fun,
        "result": gw.BatchGD(learning_rate=0.1, epochs=5).minimize(fun, [1.0]),
        "classifier": gw.BatchGD("log_loss", epochs=10).fit(X, y),
        "frame_model": gw.BatchGD(epochs=2).fit(pandas.DataFrame(X, columns=["a", "b"]), y),
        "loss_function": lambda params, X_batch, y_batch: (0.0, 0 * params),
    }


@pytest.mark.parametrize(("place", "code"), list(codes()))
def test_the_code_of_an_answer_runs(
    place: str,
    code: str,
    things: dict[str, Any],
    tmp_path: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import matplotlib.pyplot as plt

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(plt, "show", lambda: None)
    things["model"].save("walk.npz")
    space = dict(things)
    if "ax" in re.findall(r"\w+", code):
        space["ax"] = plt.figure().add_subplot()
    if place == "value of loss" and code.startswith('"'):
        assert eval(code) in gw.LOSSES
    elif re.match(r"\w+=\S", code):
        given = eval(f"dict({code})", space)
        assert given.keys() <= arguments()
        if given.keys() <= inspect.signature(gw.MiniBatchGD).parameters.keys():
            gw.MiniBatchGD(**given)
    else:
        exec(code, space)
    plt.close("all")


@pytest.mark.parametrize("words", list(table.ARGUMENTS))
def test_the_arguments_that_the_table_names_exist(words: str) -> None:
    from gradwalk._words import _renamed

    names, _ = _renamed(words.split()[0])
    assert names
    assert set(names) <= arguments()


def test_no_word_stands_twice_at_a_place() -> None:
    for rows in (table.ARGUMENTS, *table.ANSWERS.values()):
        words = [word.rstrip("_") for row in rows for word in row.split()]
        assert len(words) == len(set(words)), sorted(w for w in set(words) if words.count(w) > 1)
        assert all(word == word.casefold() for word in words)


def test_no_word_of_the_table_is_one_of_ours(things: dict[str, Any]) -> None:
    """Once there is such a thing, its row must go."""
    owners = {
        "gradwalk": gw,
        "gradwalk.rules": gw.rules,
        "gradwalk.schedules": gw.schedules,
        "gradwalk.plot": plot,
        **{kind: things[kind] for kind in ("model", "step", "result")},
        "history": things["history_"],
    }
    for place, owner in owners.items():
        for word in (word for row in table.ANSWERS[place] for word in row.split()):
            # A row for a word that exists is for the same with an underscore at its end.
            forms = [word, word.rstrip("_") + "_"]
            assert not all(hasattr(owner, form) for form in forms), (place, word)
    for word in (word for row in table.ANSWERS["value of loss"] for word in row.split()):
        assert word not in gw.LOSSES or word == "cross_entropy"


# --- Slips and capitals ------------------------------------------------------------------------


@pytest.mark.parametrize("method", METHODS)
def test_a_slip_in_an_argument_is_seen(method: type[gw.GradientDescent]) -> None:
    with pytest.raises(TypeError, match=r"did you mean learning_rate\?"):
        method(learning_rte=0.1)
    with pytest.raises(TypeError, match=r"its arguments are X, y, sample_weight"):
        method().fit([[1.0]], [1.0], nonsense=1)


@pytest.mark.parametrize("word", ["MSE", "Mse", "HALF-MSE", "Log Loss", "CrossEntropy", "Huber"])
def test_capitals_in_a_loss_are_seen(word: str) -> None:
    ours = re.search(r'ours is "(\w+)"', message_of(lambda: gw.BatchGD(word)))
    assert ours is not None
    assert ours[1].replace("_", "") == re.sub("[-_ ]", "", word).lower()


# --- Asking for attributes stays what it was ----------------------------------------------------


def owners(fitted: bool = True) -> list[Any]:
    model = gw.BatchGD("log_loss", epochs=2)
    if not fitted:
        return [model, gw.SGD(), gw.MiniBatchGD()]
    model.fit([[0.0], [1.0]], [0, 1])
    step = next(iter(gw.SGD().steps([[0.0], [1.0]], [0, 1])))
    return [model, model.history_, step, gw.BatchGD().minimize(lambda x: float(x @ x), [1.0])]


@pytest.mark.parametrize("owner", owners(), ids=lambda owner: type(owner).__name__)
def test_probing_finds_nothing_and_copies_are_as_ever(owner: Any) -> None:
    names = ["_ipython_display_", "_repr_mimebundle_", "__array__", "__dataframe__", "dtype"]
    for name in [
        *names,
        "theta_",
        "plot",
        "get_params",
        "_ipython_canary_method_should_not_exist_",
    ]:
        assert not hasattr(owner, name)
        assert getattr(owner, name, 7) == 7
    for twin in (copy.copy(owner), copy.deepcopy(owner), pickle.loads(pickle.dumps(owner))):
        assert type(twin) is type(owner)
    assert bool(owner)
    assert np.asarray(owner, dtype=object).shape == ()


def test_a_private_name_is_answered_plainly() -> None:
    for owner in owners():
        with pytest.raises(AttributeError) as caught:
            owner._theta  # noqa: B018
        assert re.fullmatch(r".*_theta'?", str(caught.value))


@pytest.mark.parametrize("name", ["params_", "history_", "classes_", "stop_reason_"])
def test_what_is_not_there_yet_says_so_itself(name: str) -> None:
    for model in owners(fitted=False):
        with pytest.raises(gw.NotFittedError, match="is not fitted yet"):
            getattr(model, name)
    with pytest.raises(AttributeError, match="predicts numbers and has no classes_"):
        gw.BatchGD().fit([[0.0], [1.0]], [0, 1]).classes_  # noqa: B018
    with pytest.raises(AttributeError, match="no feature_names_in_"):
        owners()[0].feature_names_in_  # noqa: B018


class Own(gw.SGD):
    """A class of the user's, with attributes of its own."""

    @property
    def broken(self) -> int:
        raise AttributeError("broken by the student")

    @property
    def theta(self) -> str:
        return "mine"


def test_a_derived_class_keeps_its_own_attributes() -> None:
    own = Own()
    own.alpha = 3  # type: ignore[attr-defined]
    assert (own.theta, own.alpha) == ("mine", 3)  # type: ignore[attr-defined]
    with pytest.raises(AttributeError, match=r"^broken by the student$"):
        own.broken  # noqa: B018
    with pytest.raises(AttributeError, match=r"'Own' object has no attribute 'weights_'.*coef_"):
        own.weights_  # type: ignore[attr-defined]  # noqa: B018


def test_dir_has_no_word_from_elsewhere() -> None:
    for owner, words in zip(owners(), (OF_MODEL, OF_HISTORY, OF_STEP, OF_RESULT), strict=True):
        assert not words.keys() & set(dir(owner))


def test_python_guesses_nothing_beside_the_answer() -> None:
    code = "import gradwalk as gw; gw.BatchGD().params"
    run = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True)
    assert "model.params_ is θ" in run.stderr
    assert "Did you mean" not in run.stderr


def test_the_table_waits_until_something_is_wrong() -> None:
    code = """
import sys
import gradwalk as gw
model = gw.SGD(rule=gw.rules.Adam(), learning_rate=gw.schedules.Cosine(0.1, 10), epochs=2)
model.fit([[1.0], [2.0]], [1.0, 2.0])
hasattr(model, "_repr_markdown_"), hasattr(model, "__array__"), hasattr(gw, "__path__")
print("gradwalk._words" in sys.modules)
"""
    run = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True)
    assert run.stdout.strip() == "False", run.stderr


# --- Modules -----------------------------------------------------------------------------------


def test_the_names_of_plot_are_its_helpers_whatever_is_imported_first() -> None:
    code = """
import gradwalk as gw
from gradwalk import plot
import gradwalk.plot.contour_paths as first
from gradwalk.plot.contour_paths import contour_paths
assert plot.contour_paths is first is gw.plot.contour_paths and first.__wrapped__ is contour_paths
from gradwalk.plot import method_comparison
assert all(callable(getattr(plot, name)) for name in plot.__all__)
for name in ("contour", "surface", "boundary", "fits", "curve", "noise", "animation"):
    try:
        getattr(plot, name)
    except AttributeError as error:
        assert "write plot." in str(error), error
    else:
        raise AssertionError(name)
assert set(plot.__all__) <= set(dir(plot))
assert plot.contour_paths.__module__ == "gradwalk.plot"
import pickle
assert pickle.loads(pickle.dumps(plot.contour_paths)) is plot.contour_paths
"""
    run = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr


def test_helpers_keep_their_signatures() -> None:
    from gradwalk.plot.contour_paths import contour_paths

    assert inspect.signature(plot.contour_paths) == inspect.signature(contour_paths)
    assert plot.contour_paths.__doc__ == contour_paths.__doc__
    assert list(inspect.signature(gw.rules.RMSProp).parameters) == ["rho", "epsilon", "epsilon_at"]
    assert list(inspect.signature(gw.schedules.Cosine).parameters) == [
        *("initial", "updates", "floor", "cycles", "stretch"),
    ]


@pytest.mark.parametrize("module", [gw, gw.rules, gw.schedules, plot])
def test_a_module_answers_plainly_what_nobody_knows(module: Any) -> None:
    with pytest.raises(AttributeError) as caught:
        module.nothing_of_the_kind  # noqa: B018
    expected = f"module {module.__name__!r} has no attribute 'nothing_of_the_kind'"
    assert str(caught.value) == expected
    assert not hasattr(module, "__wrapped__")
