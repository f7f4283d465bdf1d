"""Threads may do what they like to models and to their data: no crash, no deadlock, clear errors.

Whatever could crash or hang runs in a process of its own.
"""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from paths import HELPERS

STORM = HELPERS / "storm.py"
OPERATIONS = 1000
N_WORKERS = 16


def run(*arguments: str, timeout: float = 60) -> str:
    """What a Python process of its own printed."""
    done = subprocess.run(
        [sys.executable, "-P", "-X", "faulthandler", *arguments],
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
    assert done.returncode == 0, f"exit code {done.returncode}: {done.stderr[-6000:]}"
    return done.stdout


def test_sixteen_threads_and_one_that_changes_their_data() -> None:
    report = json.loads(run(str(STORM), str(OPERATIONS), timeout=300))
    counts, changes = report["counts"], report["changes"]
    done = sum(number for name, number in counts.items() if name.endswith(": done"))
    print(
        f"{sum(report['operations'])} operations in {report['seconds']:.1f} s: {done} done, "
        f"{sum(counts.values()) - done} documented errors, {report['n_wrong']} others"
    )
    print(json.dumps(changes))
    assert report["wrong"] == []
    assert report["operations"] == [OPERATIONS] * N_WORKERS
    # It was a storm: all kinds of work got done, in spite of all that came between.
    kinds = {name.rsplit(": ", 1)[0] for name in counts}
    assert len(kinds) == 2 * 12 + 1
    assert [kind for kind in kinds if counts.get(f"{kind}: done", 0) < 10] == []
    assert counts["fit of a shared model: RuntimeError"] > 0
    assert "fit of its own model: RuntimeError" not in counts
    assert counts["fit of its own model: ValueError"] > 0
    assert changes["resize(refcheck=False): refused"] > 0
    assert changes["resize(refcheck=True): refused"] > 0
    for change in ("write", "write_nan", "set_dtype", "set_dtype_of_y", "set_shape"):
        assert changes[change] > 0


# --- An array that is resized while it is read ------------------------------------------------

RESIZE = """
import sys
import numpy as np
import gradwalk as gw

n = 50_000  # large enough that NumPy would give the memory back to the system
views = {
    "whole": lambda a: a,
    "strided": lambda a: a[::2],
    "reversed": lambda a: a[::-1][: n // 2],
    "view of a view": lambda a: a[1:][1:-1][: n // 2],
}
view = views[sys.argv[1]]

def look_at(name, dtype):
    rng = np.random.default_rng(0)
    owners = {
        "X": rng.integers(0, 9, size=(n, 4)).astype(dtype if name == "X" else "f8"),
        "y": rng.integers(0, 9, size=n).astype(dtype if name == "y" else "f8"),
        "sample_weight": np.ones(n, dtype if name == "sample_weight" else "f8"),
        "X of validation": rng.integers(0, 9, size=(n, 4)).astype(dtype),
        "y of validation": rng.integers(0, 9, size=n).astype(dtype),
    }
    arrays = {key: view(owner) for key, owner in owners.items()}
    owner = owners[name]
    fewer = (3, *owner.shape[1:])
    answers, overwritten = [], []

    def resize(refcheck):
        try:
            owner.resize(fewer, refcheck=refcheck)
        except ValueError as error:
            assert "resize" in str(error), error
            return "refused"
        return "resized"

    def change(step):
        answers.extend([resize(True), resize(False)])
        # What was given back is soon somebody else's.
        overwritten.extend(np.full(n, 1e3) for _ in range(8))
        if step.epoch == 2 and fails:
            raise KeyError("of the callback")

    def fit(callback):
        validation = (arrays["X of validation"], arrays["y of validation"])
        model = gw.BatchGD(epochs=3, learning_rate=1e-3)
        model.fit(
            arrays["X"], arrays["y"], sample_weight=arrays["sample_weight"],
            validation=validation, callback=callback,
        )
        return model.params_.tobytes() + model.history_.validation_loss.tobytes()

    fails = False
    expected = fit(None)
    assert fit(change) == expected, f"{name} of {dtype}: a fit over rows that are gone"
    if "resized" in answers[1::2]:
        return "read from a copy"
    fails = True
    try:
        fit(change)
    except KeyError:
        pass
    else:
        raise AssertionError("the error of a callback was lost")
    assert answers == ["refused"] * 2 * (3 + 2), (name, dtype, answers)
    # And nobody holds it afterwards.
    arrays.clear()
    assert resize(False) == "resized"
    return "refused"

of_X = [("X", "f8"), ("X", "f4"), ("X", "i4"), ("X", "u1"), ("X", ">f8"), ("X of validation", "f8")]
for case in of_X:
    assert look_at(*case) == "refused", f"{case}: X is never copied"
for case in [("y", "f8"), ("y", "i8"), ("sample_weight", "f8"), ("y of validation", "f8")]:
    look_at(*case)
"""


@pytest.mark.parametrize("form", ["whole", "strided", "reversed", "view of a view"])
def test_an_array_cannot_be_resized_while_a_fit_reads_it(form: str) -> None:
    """Or the fit does not notice, for what it converted beforehand."""
    run("-c", RESIZE, form)


RESIZE_BETWEEN_STEPS = """
import numpy as np
import gradwalk as gw

n = 50_000
X, y = np.ones((n, 4)), np.ones(n)
model = gw.SGD(epochs=2, random_state=0)
steps = model.steps(X, y)
for _ in range(3):
    next(steps)
try:
    X.resize((3, 4), refcheck=False)
except ValueError:
    assert next(steps).update == 4
else:
    try:
        next(steps)
    except ValueError as error:
        assert "X" in str(error) or "y" in str(error), error
    else:
        raise AssertionError("a step over rows that are gone")
print(model.n_updates_, model.params_)
"""


def test_an_array_that_is_resized_between_two_steps() -> None:
    run("-c", RESIZE_BETWEEN_STEPS)


# --- The end of a process ---------------------------------------------------------------------

EXIT = """
import sys, threading, time
import numpy as np
import gradwalk as gw

rng = np.random.default_rng(0)
X, y = rng.normal(size=(100_000, 50)), rng.normal(size=100_000)
started = threading.Event()

def fit():
    gw.BatchGD(epochs=10**12, learning_rate=1e-3, n_threads=2).fit(X, y)

def call_back():
    gw.SGD(epochs=10**12, learning_rate=1e-3).fit(X[:100], y[:100], callback=lambda step: False)

def predict():
    model = gw.BatchGD(epochs=1, learning_rate=1e-3).fit(X, y)
    many = np.broadcast_to(X[0], (5_000_000, 50))
    while True:  # nearly always with the interpreter free
        model.predict(many)

def limit():
    while True:
        gw.max_learning_rate(X, y)

def minimize():
    gw.BatchGD(epochs=10**12, learning_rate=1e-3).minimize(
        lambda x: float(x @ x), np.ones(2), jac=lambda x: 2 * x
    )

def own_loss():
    gw.BatchGD(lambda p, X, y: (1.0, p), epochs=10**12).fit(X, y, init=np.ones(3))

threading.Thread(target=globals()[sys.argv[1]], daemon=True).start()
time.sleep(0.3)
print("the end")
"""


@pytest.mark.parametrize("work", ["fit", "call_back", "predict", "limit", "minimize", "own_loss"])
def test_a_process_ends_while_a_daemon_thread_is_at_work(work: str) -> None:
    assert run("-c", EXIT, work) == "the end\n"
