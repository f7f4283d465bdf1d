"""X is never copied: what a fit allocates, counted in Rust and in Python.

The counting extension is the same code with an allocator that counts (cargo feature
``count-allocations``); ``make test-python`` builds it and says where it is. It is loaded in a
process of its own, in place of the installed one.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import gradwalk

pytestmark = pytest.mark.alone

MEGABYTE = 1_000_000
PATH_CAP = 8 << 20

MEASURE = """
import json, sys, tracemalloc, warnings
import numpy as np
import gradwalk as gw
from gradwalk import _core

method, dtype, record, loss = json.loads(sys.argv[1])
n = 100_000
X = np.random.default_rng(0).standard_normal((n, 100 if dtype == "float64" else 200), dtype=dtype)
y = (X[:, 0] > 0).astype(dtype) if loss != "mse" else X @ np.arange(X.shape[1], dtype=dtype)
assert X.nbytes == 80_000_000
settings = {} if record == "default" else {"record": None}
model = getattr(gw, method)(loss, learning_rate=1e-4, epochs=2, random_state=0, **settings)
model.fit(X[:50], y[:50])  # imports and caches are not the fit's
tracemalloc.start()
_core.allocation_peak(True)
model.fit(X, y)
print(json.dumps({
    "rust": _core.allocation_peak(False),
    "python": tracemalloc.get_traced_memory()[1],
    "memory_": model.memory_,
    "updates": model.n_updates_,
}))
"""


def measure(package: Path, *case: str) -> dict[str, int]:
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, json.dumps(case)],
        env={**os.environ, "PYTHONPATH": str(package)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    result: dict[str, int] = json.loads(done.stdout)
    return result


CASES = [
    ("BatchGD", "float64", "mse"),
    ("SGD", "float64", "mse"),
    ("MiniBatchGD", "float64", "mse"),
    ("MiniBatchGD", "float32", "mse"),
    ("SGD", "float64", "log_loss"),
    ("MiniBatchGD", "float64", "cross_entropy"),
]


@pytest.mark.parametrize(("method", "dtype", "loss"), CASES)
def test_without_a_record_a_fit_takes_less_than_a_megabyte(
    counting_package: Path, method: str, dtype: str, loss: str
) -> None:
    took = measure(counting_package, method, dtype, "none", loss)
    print(took)
    assert took["updates"] > 0
    assert took["rust"] < MEGABYTE
    assert took["python"] < MEGABYTE


@pytest.mark.parametrize(("method", "dtype", "loss"), CASES)
def test_at_the_defaults_the_cap_of_the_path_comes_on_top(
    counting_package: Path, method: str, dtype: str, loss: str
) -> None:
    took = measure(counting_package, method, dtype, "default", loss)
    print(took)
    assert took["rust"] < MEGABYTE + PATH_CAP
    assert took["python"] < MEGABYTE


def test_the_count_sees_what_is_allocated(counting_package: Path) -> None:
    # A shuffle takes 4 bytes a row, and memory_ says what the counter says.
    took = measure(counting_package, "SGD", "float64", "none", "mse")
    assert took["rust"] >= 4 * 100_000
    assert abs(took["memory_"] - took["rust"]) < 20_000


def test_views_are_borrowed_not_copied() -> None:
    X = np.zeros((10, 3))
    X.setflags(write=False)
    model = gradwalk.SGD(epochs=1).fit(X, np.ones(10))
    assert model.n_updates_ == 10
    assert not X.any()
