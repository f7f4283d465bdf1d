"""Numbers that are none, or that nobody can count to: a clear error, or the right run.

The calls are made in a process of their own, one for each argument, so that one that is killed is
seen, and named.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gradwalk as gw


class Index:
    """Stands for a whole number, or raises when it is asked which."""

    def __init__(self, number: int | Exception) -> None:
        self.number = number

    def __index__(self) -> int:
        if isinstance(self.number, Exception):
            raise self.number
        return self.number

    def __repr__(self) -> str:
        return "Index()"


VALUES: dict[str, Any] = {
    "0": 0,
    "-1": -1,
    "2**63": 2**63,
    "10**30": 10**30,
    "True": True,
    "3.0": 3.0,
    "'3'": "3",
    "nan": float("nan"),
    "None": None,
    "np.int64(3)": np.int64(3),
    "np.float64(3)": np.float64(3),
    "np.bool_(True)": np.bool_(True),
    "Fraction(3)": Fraction(3),
    "Decimal(3)": Decimal(3),
    "1j": 1j,
    "[3]": [3],
    "np.array(3)": np.array(3),
    "an __index__ of 3": Index(3),
    "an __index__ that raises": Index(LookupError("no index today")),
}
THREES = {"np.int64(3)", "np.array(3)", "an __index__ of 3"}

rng = np.random.default_rng(5)
X = rng.standard_normal((12, 2))
y = rng.integers(0, 3, 12)
SETTINGS: dict[str, Any] = {"learning_rate": 0.05, "epochs": 4, "random_state": 3, "batch_size": 5}


def walk(loss: str = "mse", *, order: Any = None, epochs_walked: int = 3, **settings: Any) -> Any:
    """θ, epochs and updates of a fit that a callback ends after three epochs."""
    model = gw.MiniBatchGD(loss, **{**SETTINGS, **settings})
    model.fit(X, y, order=order, callback=lambda step: step.epoch >= epochs_walked)
    return [model.params_.tolist(), model.n_epochs_, model.n_updates_]


# How a value is handed over as the argument, and which values are right, with the same run in other
# words. What is not listed has to be refused.
Right = dict[str, Callable[[], Any]]


def the_same_as(value: Any, names: set[str], call: Callable[[Any], Any]) -> Right:
    """All `names` are to give what `value` gives."""
    return dict.fromkeys(names, lambda: call(value))


def epochs(value: Any) -> Any:
    return walk(epochs=value)


def batch_size(value: Any) -> Any:
    return walk(batch_size=value)


def patience(value: Any) -> Any:
    return walk(patience=value, tol=1e9, epochs_walked=100)


def n_threads(value: Any) -> Any:
    return walk(n_threads=value)


def random_state(value: Any) -> Any:
    return walk(random_state=value)


def path_bytes(value: Any) -> Any:
    return walk(path_bytes=value)


def n_classes(value: Any) -> Any:
    return walk("cross_entropy", n_classes=value)


def order(value: Any) -> Any:
    return walk(order=value, epochs=1)


def order_entry(value: Any) -> Any:
    return walk(order=[[1, value, 2]], epochs=1)


def n_terms(value: Any) -> Any:
    def mean(x: Any, rows: Any = (0,)) -> float:
        return float(x[0] ** 2) + float(np.mean(rows))

    model = gw.MiniBatchGD(**SETTINGS)
    return model.minimize(mean, [1.0], n_terms=value).x.tolist()


CALLS: dict[str, tuple[Callable[[Any], Any], Right]] = {
    "epochs": (epochs, the_same_as(3, THREES | {"2**63"}, epochs)),
    "batch_size": (
        batch_size,
        the_same_as(3, THREES, batch_size) | the_same_as(12, {"2**63"}, batch_size),
    ),
    "patience": (
        patience,
        the_same_as(3, THREES, patience) | the_same_as(1000, {"2**63"}, patience),
    ),
    # As many threads as nobody has may be refused, or be as many as there is work for.
    "n_threads": (n_threads, the_same_as(1, THREES | {"None"}, n_threads)),
    "random_state": (
        random_state,
        the_same_as(3, THREES, random_state)
        | the_same_as(np.uint64(0), {"0"}, random_state)
        | the_same_as(np.uint64(2**63), {"2**63"}, random_state),
    ),
    "path_bytes": (path_bytes, the_same_as(100, THREES | {"0"}, path_bytes)),
    "n_classes": (n_classes, the_same_as(3, THREES | {"None"}, n_classes)),
    "order": (order, the_same_as(None, {"None"}, order)),
    "order_entry": (
        order_entry,
        the_same_as(3, {"np.int64(3)", "np.array(3)"}, order_entry)
        # Among whole numbers NumPy takes True for 1, before anybody else sees it.
        | the_same_as(1, {"True", "np.bool_(True)"}, order_entry)
        | the_same_as(np.uint8(0), {"0"}, order_entry),
    ),
    "n_terms": (n_terms, the_same_as(3, THREES, n_terms) | the_same_as(None, {"None"}, n_terms)),
}
# Values for which either is right: an error, or the run of one thread.
EITHER = {("n_threads", "2**63"): lambda: n_threads(1)}
# Nothing is checked of these but that they end well: the seed is drawn anew.
DRAWN = {("random_state", "None")}


def outcomes(argument: str) -> dict[str, Any]:
    """What comes of each value: the result, or the error's class and message."""
    call, _ = CALLS[argument]
    came: dict[str, Any] = {}
    for name, value in VALUES.items():
        try:
            came[name] = call(value)
        except BaseException as error:
            came[name] = {"error": type(error).__name__, "message": str(error)}
        # Line by line: if the process dies, the last one says where it had come to.
        print(json.dumps([name, came[name]]), flush=True)
    return came


@pytest.fixture(scope="module", params=CALLS)
def told(request: pytest.FixtureRequest) -> tuple[str, dict[str, Any]]:
    """An argument, and what came of each value."""
    argument: str = request.param
    done = subprocess.run(
        [sys.executable, "-P", "-W", "error", Path(__file__), argument],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    came = dict(json.loads(line) for line in done.stdout.splitlines())
    assert done.returncode == 0, f"{argument}: ended after {list(came)}: {done.stderr}"
    assert set(came) == set(VALUES)
    return argument, came


def test_a_clear_error_or_the_right_run(told: tuple[str, dict[str, Any]]) -> None:
    argument, came = told
    right = CALLS[argument][1]
    wrong = []
    for name, outcome in came.items():
        is_error = isinstance(outcome, dict)
        if (argument, name) in DRAWN:
            is_fine = not is_error
        elif (argument, name) in EITHER:
            is_fine = is_clear(argument, outcome) or outcome == EITHER[argument, name]()
        elif name in right:
            is_fine = not is_error and outcome == right[name]()
        else:
            is_fine = is_clear(argument, outcome)
        if not is_fine:
            wrong.append((name, outcome))
    assert wrong == []


def is_clear(argument: str, outcome: Any) -> bool:
    """Whether this is an error that names the argument, what was expected, and what came."""
    if not isinstance(outcome, dict) or outcome["error"] not in ("TypeError", "ValueError"):
        return False
    named = re.search(rf"(?<!\w){argument.removesuffix('_entry')}(?!\w)", outcome["message"])
    return named is not None and " must " in outcome["message"] and "got " in outcome["message"]


def test_the_table_of_a_schedule_counts_as_far_as_python_does() -> None:
    for name in ("n_samples", "batch_size", "epochs"):
        for value in VALUES:
            table = None
            try:
                table = gw.schedule_table(**{name: VALUES[value]})
            except (TypeError, ValueError) as error:
                assert name in str(error)  # noqa: PT017
            except LookupError:
                assert value == "an __index__ that raises"
            assert (table is not None) == (value in THREES | {"2**63", "10**30"}), (name, value)
    assert gw.schedule_table(epochs=10**30)["SGD"].updates == 1000 * 10**30


if __name__ == "__main__":
    outcomes(sys.argv[1])
