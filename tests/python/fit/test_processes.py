"""Child processes fit as their parents do: by any start method, at any moment, with the same bits.

Each parent is a process of its own (`fit_in_processes.py`), for a parent is cold only once.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import subprocess
import sys

import pytest

from fit_in_processes import SECONDS, bits, new_model, problem
from paths import HELPERS

PARENT = HELPERS / "fit_in_processes.py"
METHODS = ["fork", "spawn", "forkserver", "loky"]

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")


@pytest.fixture(scope="module")
def expected() -> str:
    """The hash of the parameters that every process is to find."""
    return bits(new_model().fit(*problem()))


def report_of(*arguments: str) -> dict:
    """What a parent found out."""
    # Only threads of gradwalk are to be seen.
    quiet = dict.fromkeys(("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    parent = subprocess.Popen(
        [sys.executable, "-P", str(PARENT), *arguments],
        env={**os.environ, **quiet},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        output, errors = parent.communicate(timeout=150)
    except subprocess.TimeoutExpired:
        # With all the children that hang.
        if hasattr(os, "killpg"):
            os.killpg(parent.pid, signal.SIGKILL)
        parent.kill()
        output, errors = parent.communicate()
        raise AssertionError(f"{arguments} hung: {errors[-6000:]}") from None
    assert parent.returncode == 0, errors[-6000:]
    print(", ".join(arguments), output, errors[-6000:])
    report: dict = json.loads(output)
    return report


def bits_of(report: dict) -> list[str]:
    """The bits of all that was fitted; or what came instead."""
    fits = [*report["children"], *(report[name] for name in report if name.startswith("own"))]
    return [fit["bits"] if isinstance(fit, dict) else fit for fit in fits]


@pytest.mark.parametrize("state", ["warm", "cold"])
@pytest.mark.parametrize("method", METHODS)
def test_every_way_to_start_a_process(method: str, state: str, expected: str) -> None:
    if method == "loky":
        pytest.importorskip("joblib", reason="joblib comes with the extra demo")
    elif method not in multiprocessing.get_all_start_methods():
        pytest.skip(f"this system has no {method}")
    report = report_of(method, state)
    assert bits_of(report) == [expected] * (4 if state == "warm" else 3)
    assert report["seconds"] <= SECONDS, report


def test_threads_end_with_the_fit() -> None:
    """At once: Python 3.12 and later warn of a fork that would tear one away."""
    report = report_of("threads that end")
    assert report["threads of the fits"] == 2
    assert report["after"] == [report["before"]] * len(report["after"])


@needs_fork
def test_a_fork_while_another_thread_fits(expected: str) -> None:
    report = report_of("while another thread fits")
    assert bits_of(report) == [expected] * 9
    assert report["parent"] == "callback"


@needs_fork
def test_a_child_that_looks_at_a_model_whose_walk_goes_on_in_its_parent() -> None:
    """It gets an answer or a RuntimeError; it neither hangs nor crashes."""
    for found in report_of("the model that another thread fits")["children"]:
        assert isinstance(found, dict), found
        assert found["repr"].startswith("BatchGD(")
        assert found["fit"] == "done" or "forked off" in found["fit"], found


@needs_fork
def test_a_callback_that_forks(expected: str) -> None:
    assert bits_of(report_of("in a callback")) == [expected] * 4


@needs_fork
@pytest.mark.parametrize("way", ["on", "out"])
def test_a_callback_that_forks_a_child_which_goes(way: str, expected: str) -> None:
    """On with the walk, or out of it by an exception: the threads of the fit are not there."""
    assert bits_of(report_of(f"in a callback, and {way}")) == [expected] * 3
