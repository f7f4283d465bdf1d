"""X is never copied, in whatever layout and dtype: allocations counted, and processes watched.

Allocations of Rust are counted by the same code with an allocator that counts (cargo feature
``count-allocations``); ``make test-python`` builds it and says where it is. Those of Python are
counted by tracemalloc, over matrices of 32 MB and 80 MB, as float64. One process takes all the
cases of a shape in turn. How much a process holds is asked of Linux, in processes of their own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from paths import HELPERS

MEGABYTE = 1_000_000
PATH_CAP = 8 << 20

# What all the processes begin with: data in a form, of small whole numbers.
SETTING = """
import json, sys
import numpy as np
import gradwalk as gw
from array_forms import lay

def matrix(n, d, layout, dtype):
    numbers = np.resize(np.random.default_rng(0).integers(0, 2, 999_983, np.uint8), (n, d))
    return lay(numbers.astype(dtype), layout)

def column(n, layout, dtype):
    labels = np.arange(n) % 2
    if layout == "one-hot":
        return np.eye(2, dtype=dtype)[labels]
    return lay(labels.astype(dtype), layout)

def model(method, loss, **settings):
    settings = {"learning_rate": 1e-4, "epochs": 1, "random_state": 0, "record": None, **settings}
    return getattr(gw, method)(loss, **settings)
"""


def run(program: str, *arguments: Any, folder: Path | None = None) -> list[dict[str, Any]]:
    """What a fresh process prints, one JSON object a line; its gradwalk may come from a folder."""
    paths = [str(folder)] if folder else []
    done = subprocess.run(
        [sys.executable, "-c", SETTING + program, *map(json.dumps, arguments)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([*paths, str(HELPERS)])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


# --- Allocations ------------------------------------------------------------------------------

COUNT = """
import tracemalloc
from gradwalk import _core

n, d = json.loads(sys.argv[1])
of_X = None
tracemalloc.start()
for case in json.loads(sys.argv[2]):
    if of_X != (of_X := case["X"]):
        X = matrix(n, d, *of_X)
    y, s = column(n, *case["y"]), case["weights"] and column(n, *case["weights"])
    walker = model(case["method"], case["loss"], **case["settings"])
    given = {"sample_weight": s, "full_loss": case["full_loss"]}
    walker.fit(X[:50], y[:50], **{**given, "sample_weight": None if s is None else s[:50]})
    calls = {
        "fit": lambda: walker.fit(X, y, **given),
        "partial_fit": lambda: walker.partial_fit(X, y, sample_weight=s),
        "validation": lambda: walker.fit(X, y, validation=(X, y)),
        "predict": lambda: walker.predict(X),
        "decision_function": lambda: walker.decision_function(X),
        "score": lambda: walker.score(X, y),
        "loss_and_grad": lambda: gw.loss_and_grad(X, y, walker.params_, loss=case["loss"]),
        "max_learning_rate": lambda: gw.max_learning_rate(X, y, loss=case["loss"]),
    }
    before = tracemalloc.get_traced_memory()[0]
    tracemalloc.reset_peak()
    _core.allocation_peak(True)
    calls[case["call"]]()
    rust, python = _core.allocation_peak(False), tracemalloc.get_traced_memory()[1] - before
    took = {"rust": rust, "python": python, "memory_": getattr(walker, "memory_", None)}
    print(json.dumps(took), flush=True)
"""

PLAIN = ("C", "f8")


def a_case(call: str = "fit", X: Any = PLAIN, y: Any = PLAIN, **more: Any) -> dict[str, Any]:
    rest = {"weights": None, "method": "MiniBatchGD", "loss": "mse", "full_loss": False}
    return {"call": call, "X": X, "y": y, **rest, "settings": {}, **more}


FORMS = [
    ("C", "f8"),
    ("F", "f8"),
    ("every other row", "f8"),
    ("every other column", "f8"),
    ("backwards both", "f8"),
    ("misaligned", "f8"),
    ("C", ">f8"),
    ("C", "f4"),
    ("F", "f4"),
    ("packed field", "f4"),
    ("C", "f2"),
    ("C", "i4"),
    ("F", "i4"),
    ("C", "u1"),
    ("every other column", "u1"),
    ("memmap", "u1"),
    ("C", "?"),
    ("C", "|O"),
    ("F", "|O"),
]
COLUMNS = [
    ("every other row", "f8"),
    ("C", "f4"),
    ("C", "i8"),
    ("backwards rows", "i4"),
    ("C", "u1"),
    ("C", "?"),
    ("packed field", ">f8"),
]
METHODS = ("MiniBatchGD", "BatchGD", "SGD")
OUTPUTS = ("predict", "decision_function", "score")
# Wide enough that a copy of X shows, and no copy of y.
WIDE = (100_000, 40)
OF_WIDE = [
    *[a_case(X=X, method=method) for X in FORMS for method in METHODS],
    *[a_case(X=X, loss=loss) for X in FORMS[4::6] for loss in ("log_loss", "cross_entropy")],
    *[a_case(X=X, full_loss=True) for X in FORMS[1::5]],
    *[a_case(call, X) for X in FORMS[3::6] for call in ("partial_fit", "validation")],
    *[a_case(call, X) for X in FORMS[::3] for call in ("loss_and_grad", "max_learning_rate")],
    # These give a number a row, and may take two more on the way.
    *[a_case("predict", X) for X in FORMS],
    *[a_case(call, X) for X in FORMS[::3] for call in OUTPUTS[1:]],
    a_case(loss="log_loss", method="SGD"),
    a_case(loss="cross_entropy"),
    # At the defaults a path is recorded.
    *[a_case(method=method, settings={"record": "auto"}) for method in METHODS],
    a_case(X=("C", "f4"), settings={"record": "auto"}),
    a_case(loss="log_loss", method="SGD", settings={"record": "auto"}),
    a_case(loss="cross_entropy", settings={"record": "auto"}),
]
# Tall enough that a copy of y, or of the weights, shows.
TALL = (1_000_000, 10)
OF_TALL = [
    *[a_case(y=y, method=method) for y in COLUMNS for method in ("MiniBatchGD", "BatchGD")],
    *[a_case(weights=s, method=method) for s in COLUMNS for method in ("MiniBatchGD", "BatchGD")],
    a_case(X=("C", "f4"), y=("C", "f8"), weights=("C", "f4")),
    a_case(y=("C", "f4"), weights=("C", "f4"), full_loss=True),
    *[a_case(y=y, loss=loss) for y in COLUMNS[1:6:2] for loss in ("log_loss", "hinge")],
    *[a_case(y=y, loss="cross_entropy", method="BatchGD") for y in COLUMNS[::2]],
    *[a_case(y=("one-hot", code), loss="cross_entropy", method="BatchGD") for code in ("f8", "u1")],
    a_case("partial_fit", y=("C", "i8")),
    a_case("validation", y=("C", "u1")),
    *[a_case(call, y=("C", "i8")) for call in ("loss_and_grad", "max_learning_rate")],
]


def is_too_much(case: dict[str, Any], took: dict[str, int], n: int) -> bool:
    if case["call"] in OUTPUTS:
        return took["rust"] + took["python"] >= MEGABYTE + 3 * 8 * n
    shuffles = case["method"] != "BatchGD" and case["call"] in ("fit", "partial_fit", "validation")
    allowed = MEGABYTE + 4 * n * shuffles + PATH_CAP * ("record" in case["settings"])
    return took["rust"] >= allowed or took["python"] >= MEGABYTE


SHAPES = {
    "wide": (WIDE, OF_WIDE),
    "tall": (TALL, OF_TALL),
    "80 MB": ((100_000, 100), [a_case(method=method) for method in METHODS]),
}


@pytest.mark.parametrize(("shape", "cases"), SHAPES.values(), ids=SHAPES)
def test_nothing_is_copied(
    shape: tuple[int, int], cases: list[dict[str, Any]], counting_package: Path
) -> None:
    # The cases of a form follow each other: it is made once.
    cases = sorted(cases, key=lambda case: case["X"])
    counted = run(COUNT, shape, cases, folder=counting_package)
    all_took = list(zip(cases, counted, strict=True))
    print(*all_took, sep="\n")
    assert [took for took in all_took if is_too_much(*took, shape[0])] == []


def test_the_count_sees_what_is_allocated(counting_package: Path) -> None:
    # A shuffle takes 4 bytes a row, and memory_ says what the counter says.
    (took,) = run(COUNT, WIDE, [a_case(method="SGD")], folder=counting_package)
    assert took["rust"] >= 4 * WIDE[0]
    assert abs(took["memory_"] - took["rust"]) < 20_000


# --- The memory of a process ------------------------------------------------------------------

STATUS = Path("/proc/self/status")
CLEAR = Path("/proc/self/clear_refs")
on_linux = pytest.mark.skipif(
    not (STATUS.exists() and os.access(CLEAR, os.W_OK)),
    reason="what a process holds is asked of Linux, at /proc",
)

WATCH = """
import ctypes
from pathlib import Path

def held(key):
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(key + ":"):
            return 1024 * int(line.split()[1])

n, d = 100_000, 100
method, layout, dtype = map(json.loads, sys.argv[1:])
X, y = matrix(n, d, layout, dtype), column(n, "C", dtype)
walker = model(method, "mse")
# Imports, caches and threads are warm after a smaller fit.
walker.fit(X[:20_000], y[:20_000])
# What the allocator kept of earlier arrays goes back, lest the fit hides in it.
getattr(ctypes.CDLL(None), "malloc_trim", bool)(0)
before = held("VmRSS")
Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
walker.fit(X, y)
print(json.dumps({"grown": held("VmHWM") - before, "threads": getattr(walker, "n_threads_", None)}))
"""
SIX_FORMS = [
    ("C", "f8"),
    ("F", "f8"),
    ("every other column", "f8"),
    ("C", "f4"),
    ("C", "i4"),
    ("C", "u1"),
]


@on_linux
@pytest.mark.parametrize("method", ["BatchGD", "MiniBatchGD"])
@pytest.mark.parametrize(("layout", "dtype"), SIX_FORMS)
def test_a_fresh_process_grows_by_less_than_8_megabytes(
    method: str, layout: str, dtype: str
) -> None:
    (took,) = run(WATCH, method, layout, dtype)
    print(took)
    assert took["grown"] < 8 * MEGABYTE


TRAIN_FROM_A_FILE = """
import resource, threading
from pathlib import Path

# A copy of the file as float64 would be refused, rather than swamp the machine.
resource.setrlimit(resource.RLIMIT_DATA, (3 << 30, 3 << 30))

def held():
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("RssAnon:"):
            return 1024 * int(line.split()[1])

file, n_bytes, d = json.loads(sys.argv[1]), json.loads(sys.argv[2]), 1024
for method, dtype in json.loads(sys.argv[3]):
    n = n_bytes // d // np.dtype(dtype).itemsize
    X, y = np.memmap(file, dtype, "r", shape=(n, d)), np.zeros(n, np.uint8)
    y[::2] = 1
    walker = model(method, "mse", learning_rate=1e-9)
    walker.fit(X[:20_000], y[:20_000])
    before = peak = held()
    done = threading.Event()

    def watch():
        global peak
        while not done.wait(0.01):
            peak = max(peak, held())

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    walker.fit(X, y)
    done.set()
    watcher.join()
    peak = max(peak, held())
    assert walker.n_epochs_ == 1 and np.isfinite(walker.params_).all() and walker.params_.any()
    print(json.dumps({"grown": peak - before, "seconds": walker.history_.seconds[0]}), flush=True)
"""


@on_linux
def test_four_gigabytes_on_disk_train_in_a_bounded_memory(tmp_path: Path) -> None:
    file, n_bytes = tmp_path / "X", 1 << 32
    try:
        with file.open("wb") as sparse:
            sparse.truncate(n_bytes)
        # Numbers at both ends, and in some places between; the rest are holes that read as zeros.
        rows = np.memmap(file, np.float64, "r+", shape=(n_bytes // 8192, 1024))
        rows[::4096] = np.random.default_rng(0).integers(0, 3, 1024)
        rows[-1] = 1
        rows.flush()
        del rows
        if file.stat().st_blocks * 512 > 100 * MEGABYTE:
            pytest.skip("this file system has no sparse files: the test would write 4 GB")
        cases = [("BatchGD", "f8"), ("MiniBatchGD", "u1")]
        for case, took in zip(
            cases, run(TRAIN_FROM_A_FILE, str(file), n_bytes, cases), strict=True
        ):
            print(case, took)
            assert took["grown"] < 64 * MEGABYTE, case
    finally:
        file.unlink(missing_ok=True)
