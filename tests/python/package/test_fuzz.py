"""Fuzzing, briefly: random bytes made into calls that must end in an answer or a documented error.

`make fuzz` runs the same targets, which are in ``tests/fuzz``, for longer, guided by coverage and
under AddressSanitizer. Each runs in a process of its own, so that one that is killed is seen.
GRADWALK_FUZZ_CALLS sets the number of calls, and GRADWALK_FUZZ_SEED what they are.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from paths import ROOT

RUN = ROOT / "tests" / "fuzz" / "run.py"
SEED = os.environ.get("GRADWALK_FUZZ_SEED", "0")
# Calls, and the kinds of outcomes that must be among them: a target that answers nothing, or that
# refuses nothing, has lost its way.
TARGETS: dict[str, tuple[int, set[str]]] = {
    "array_gate": (30_000, {"answered", "ValueError", "TypeError"}),
    "loaded_state": (5_000, {"answered", "ValueError", "TypeError"}),
    "public_surface": (
        100_000,
        {"answered", "ValueError", "TypeError", "NotFittedError", "RuntimeError", "Odd"},
    ),
}


def run(target: str, folder: Path, *options: str, seed: str = SEED) -> dict[str, Any]:
    """Run a target; what it counted."""
    done = subprocess.run(
        [sys.executable, RUN, target, "--folder", folder, "--seed", seed, *options],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        kept = (folder / target / "input").read_bytes()
        pytest.fail(f"exit code {done.returncode}, input {kept!r}\n{done.stderr[-6000:]}")
    counted: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    print(target, counted)
    return counted


@pytest.mark.parametrize("target", TARGETS)
def test_random_calls_end_in_an_answer_or_a_documented_error(target: str, tmp_path: Path) -> None:
    calls, kinds = TARGETS[target]
    calls = int(os.environ.get("GRADWALK_FUZZ_CALLS", calls))
    counted = run(target, tmp_path, "--calls", str(calls))
    assert counted["calls"] >= calls
    assert counted["outcomes"].keys() >= kinds
    # More than one in ten is answered: the calls get beyond the first check.
    assert counted["outcomes"]["answered"] > calls / 10


def test_the_same_seed_makes_the_same_calls(tmp_path: Path) -> None:
    first, again, other = (
        run("public_surface", tmp_path, "--calls", "1000", seed=seed) for seed in ("1", "1", "2")
    )
    assert first == again != other


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("raise KeyError('a')", "raised KeyError"),
        ("import os; os.abort()", ""),
        ("import warnings; warnings.warn('careful')", "UserWarning"),
        ("raise ValueError('index out of bounds')", "no message for a user"),
    ],
)
def test_what_must_not_happen_is_found(code: str, shown: str, tmp_path: Path) -> None:
    # A package in place of gradwalk's constructors that does it at every 50th model.
    (tmp_path / "sitecustomize.py").write_text(
        "import gradwalk\n"
        "class Broken(gradwalk.SGD):\n"
        "    made = 0\n"
        "    def __new__(cls, *args, **kwargs):\n"
        "        Broken.made += 1\n"
        "        if Broken.made % 50 == 0:\n"
        f"            {code}\n"
        "        return super().__new__(cls, *args, **kwargs)\n"
        "gradwalk.SGD = Broken\n"
    )
    done = subprocess.run(
        [sys.executable, RUN, "public_surface", "--folder", tmp_path, "--calls", "3000"],
        env={
            **os.environ,
            "PYTHONPATH": f"{tmp_path}{os.pathsep}{os.environ.get('PYTHONPATH', '')}",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert shown in done.stderr
    # The input that did it is kept, whether Python or the system ended the process.
    again = subprocess.run(
        [sys.executable, RUN, "public_surface", tmp_path / "public_surface" / "input"],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert again.returncode == 0, again.stderr
    assert json.loads(again.stdout.splitlines()[-1])["calls"] > 0
