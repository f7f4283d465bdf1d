"""The parents of `test_processes.py`: each fits in child processes, by its own name, and reports.

    python fit_in_processes.py spawn warm

prints one line of JSON: how long it took, and the hash of the parameters of every fit.
"""

from __future__ import annotations

import faulthandler
import hashlib
import json
import multiprocessing
import os
import select
import signal
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np

import gradwalk as gw

# Far more than it takes on a busy machine: a process that hangs does so for ever.
SECONDS = 30
N_THREADS = 2


def problem() -> tuple[np.ndarray, np.ndarray]:
    """Large enough that threads pay."""
    rng = np.random.default_rng(7)
    X = rng.standard_normal((100_000, 50))
    return X, X @ rng.standard_normal(50) + rng.standard_normal(100_000)


def new_model(epochs: int = 20) -> gw.BatchGD:
    return gw.BatchGD(learning_rate=0.1, epochs=epochs, n_threads=N_THREADS)


def bits(model: gw.BatchGD) -> str:
    return hashlib.sha256(model.params_.tobytes()).hexdigest()[:16]


def fit(_: int = 0) -> dict:
    """What a fit of this process came to."""
    # Should it hang, it says where.
    faulthandler.dump_traceback_later(SECONDS)
    model = new_model().fit(*problem())
    faulthandler.cancel_dump_traceback_later()
    return {"bits": bits(model), "threads": model.n_threads_}


def fit_warm() -> dict:
    """The same, once a second thread has worked: on a busy machine it may come too late to."""
    for _ in range(50):
        result = fit()
        if result["threads"] == N_THREADS:
            return result
    raise AssertionError("no second thread worked in 50 fits")


def threads_alive() -> int | None:
    """Threads of this process, those of the system too; None where nobody says."""
    with suppress(OSError):
        return len(list(Path("/proc/self/task").iterdir()))
    return None


# --- Start methods ----------------------------------------------------------------------------


def in_pool(method: str) -> list[dict]:
    with multiprocessing.get_context(method).Pool(2) as pool:
        return pool.map_async(fit, range(2), chunksize=1).get(timeout=SECONDS)


def in_loky(_: str) -> list[dict]:
    from joblib import Parallel, delayed

    return Parallel(n_jobs=2, backend="loky", timeout=SECONDS)(delayed(fit)(i) for i in range(2))


def start(method: str, state: str) -> dict:
    report: dict = {}
    if state == "warm":
        report["own"] = fit_warm()
    begin = time.monotonic()
    report["children"] = (in_loky if method == "loky" else in_pool)(method)
    report["seconds"] = time.monotonic() - begin
    # A cold parent fits now: its children did not see it warm.
    report["own again"] = fit()
    return report


# --- Forks at unusual moments -----------------------------------------------------------------


def in_fork(do: Callable[[], dict]) -> dict | str:
    """What `do` returned in a child; or how the child ended."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        faulthandler.dump_traceback_later(SECONDS, exit=True)
        try:
            answer = json.dumps(do())
        except BaseException as error:
            answer = f"{type(error).__name__}: {error}"
        os.write(writer, answer.encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        ready = select.select([pipe], [], [], SECONDS + 5)[0]
        answer = pipe.read().decode() if ready else ""
    with suppress(ProcessLookupError):
        os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return json.loads(answer) if answer.startswith("{") else answer or "it hung"


class Walker:
    """A thread that fits until it is told to stop."""

    def __init__(self) -> None:
        self.model = new_model(epochs=10**12)
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self.walk)
        self.thread.start()
        while not (hasattr(self.model, "n_epochs_") and self.model.n_epochs_ > 3):
            time.sleep(0.001)

    def walk(self) -> None:
        self.model.fit(*problem(), callback=lambda step: self.stop.is_set())

    def end(self) -> str:
        self.stop.set()
        self.thread.join()
        return self.model.stop_reason_


def while_another_thread_fits() -> dict:
    walker = Walker()
    moments = np.random.default_rng(3)
    children = []
    for _ in range(8):
        time.sleep(moments.uniform(0, 0.01))
        children.append(in_fork(fit))
    return {"children": children, "parent": walker.end(), "own again": fit()}


def the_model_that_another_thread_fits() -> None:
    """What a child finds of a model whose walk goes on in its parent alone."""
    # Without a callback the walk goes on without a pause, and is caught at its work.
    model = new_model(epochs=10**12)
    walk = threading.Thread(target=model.fit, args=problem(), daemon=True)
    walk.start()
    while not (hasattr(model, "n_epochs_") and model.n_epochs_ > 3):
        time.sleep(0.001)

    def look() -> dict:
        found: dict = {}
        for name in ("n_epochs_", "params_", "history_", "stop_reason_"):
            try:
                found[name] = str(getattr(model, name))
            except RuntimeError as error:
                found[name] = f"RuntimeError: {error}"
        found["repr"] = repr(model)
        try:
            model.fit(np.eye(3), np.ones(3), callback=lambda step: True)
            found["fit"] = "done"
        except RuntimeError as error:
            found["fit"] = f"RuntimeError: {error}"
        return found

    moments = np.random.default_rng(3)
    children = []
    for _ in range(8):
        time.sleep(moments.uniform(0, 0.01))
        children.append(in_fork(look))
        if not isinstance(children[-1], dict):
            break
    print(json.dumps({"children": children}), flush=True)
    # The walk in the daemon thread is not waited for.
    os._exit(0)


def in_a_callback() -> dict:
    X, y = problem()
    children = []

    def fork(step: gw.Step) -> None:
        if step.epoch in (1, 3):
            children.append(in_fork(fit))

    model = new_model().fit(X, y, callback=fork)
    return {"children": children, "own": {"bits": bits(model)}, "own again": fit()}


def in_a_callback_and_on() -> dict:
    """Both the parent and the child go on with the very walk that the fork interrupted."""
    return fork_in_a_walk(lambda: None)


def in_a_callback_and_out() -> dict:
    """The child leaves the walk by an exception, and fits something else."""
    return fork_in_a_walk(sys.exit)


def fork_in_a_walk(of_child: Callable[[], None]) -> dict:
    X, y = problem()
    parent = os.getpid()
    reader, writer = os.pipe()

    def fork(step: gw.Step) -> None:
        if step.epoch == 2 and os.fork() == 0:
            faulthandler.dump_traceback_later(SECONDS, exit=True)
            of_child()

    try:
        answer = {"bits": bits(new_model().fit(X, y, callback=fork))}
    except SystemExit:
        answer = fit()
    if os.getpid() != parent:
        os.write(writer, json.dumps(answer).encode())
        os._exit(0)
    os.close(writer)
    ready = select.select([reader], [], [], SECONDS + 5)[0]
    child = os.read(reader, 1000).decode() if ready else ""
    child = json.loads(child) if child else "it hung"
    return {"children": [child], "own": answer, "own again": fit()}


def threads_that_end() -> dict:
    """Threads of this process before a fit, and right after each of many."""
    X, y = problem()
    before, after, worked = threads_alive(), [], []
    for _ in range(100):
        model = new_model(epochs=3).fit(X, y)
        after.append(threads_alive())
        worked.append(model.n_threads_)
    return {"before": before, "after": after, "threads of the fits": max(worked)}


def main() -> None:
    faulthandler.enable()
    name, *arguments = sys.argv[1:]
    do = {
        "while another thread fits": while_another_thread_fits,
        "the model that another thread fits": the_model_that_another_thread_fits,
        "in a callback": in_a_callback,
        "in a callback, and on": in_a_callback_and_on,
        "in a callback, and out": in_a_callback_and_out,
        "threads that end": threads_that_end,
    }
    report = do[name]() if name in do else start(name, *arguments)
    print(json.dumps(report), flush=True)


if __name__ == "__main__":
    main()
