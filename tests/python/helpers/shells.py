"""A shell of IPython in a process of its own, in which the magics come, work and go."""

from __future__ import annotations

import gc
import io
import json
import os
import random
import signal
import sys
import threading
import warnings
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from IPython.core.interactiveshell import InteractiveShell

SETUP = """
import numpy as np
rng = np.random.default_rng(0)
X = rng.normal(size=(40, 3))
y = X @ [1.0, 2.0, 3.0] + 1 + rng.normal(size=40)
"""
LOOP = """
w, b, lr = np.zeros(3), 0.0, 0.1
for epoch in range(30):
    error = X @ w + b - y
    w = w - lr * 2 * X.T @ error / len(y)
    b = b - lr * 2 * error.mean()
"""
STOCHASTIC = """
w, b, lr = np.zeros(3), 0.0, 0.01
for epoch in range(5):
    for i in np.random.permutation(len(y)):
        error = X[i] @ w + b - y[i]
        w = w - lr * 2 * error * X[i]
        b = b - lr * 2 * error
"""
ENDLESS = LOOP.replace("for epoch in range(30):", "while True:")
FUNCTION = """
def descend(X, y, w, b, lr, epochs):
    for _ in range(epochs):
        error = X @ w + b - y
        w, b = w - lr * 2 * X.T @ error / len(y), b - lr * 2 * error.mean()
    return w, b
"""
#: Cells that are tried in turn: what a student may do.
CELLS = (
    "%%gd_check\n" + LOOP,
    "%%gd_check language=ko\n" + LOOP.replace(" / len(y)", ""),
    "%%gd_check\n" + LOOP + "1 / 0\n",
    "%%gd_check\n" + LOOP.replace("error = X", "lost = X"),
    "%%gd_check\n" + LOOP + "raise KeyboardInterrupt\n",
    "%%gd_check theta=nothing\n" + LOOP,
    "%%gd_check\nx = 3\n",
    "%%gd_check\nfor i in range(3:\n",
    "%%gd_check\n" + STOCHASTIC,
    "%%gd_race\n" + LOOP,
    "%%gd_race\n" + LOOP.replace(" / len(y)", ""),
    "%%gd_check lr=0.1 epochs=20\n" + FUNCTION,
    "%gd_config language=ko theme=dark live=on",
    "%gd_config theme=blue",
)


def snapshot(shell: InteractiveShell) -> dict[str, Any]:
    """Return all that the magics might leave behind."""
    gc.collect()
    own = {"w", "b", "lr", "epoch", "error", "lost", "i", "x", "descend"}
    hidden = {"In", "Out", "_", "__", "___", "_i", "_ii", "_iii", "_oh", "_ih"}
    names = {k: id(v) for k, v in shell.user_ns.items() if k not in own | hidden and k[:2] != "_i"}
    magics = shell.magics_manager.magics
    return {
        "magics": {kind: {k: id(v) for k, v in found.items()} for kind, found in magics.items()},
        "registry": sorted(shell.magics_manager.registry),
        "configurables": [id(one) for one in shell.configurables],
        "events": {
            name: [id(one) for one in all_] for name, all_ in shell.events.callbacks.items()
        },
        "transformers": [
            list(map(id, shell.input_transformers_cleanup)),
            list(map(id, shell.input_transformers_post)),
            list(map(id, shell.ast_transformers)),
        ],
        "names": {k: v for k, v in names.items() if not k[1:].isdigit()},
        "warnings": [str(one) for one in warnings.filters],
        "rcParams": dict(mpl.rcParams),
        "numpy": repr(np.random.get_state()),  # noqa: NPY002
        "random": random.getstate(),
        "errors": np.geterr(),
        "streams": [id(one) for one in (sys.stdin, sys.stdout, sys.stderr, sys.displayhook)],
        "signals": {str(n): repr(signal.getsignal(n)) for n in signal.valid_signals()},
        "timers": signal.getitimer(signal.ITIMER_REAL),
        "threads": sorted(one.name for one in threading.enumerate()),
        "files": len(list(Path("/proc/self/fd").iterdir())),
        "children": sorted(Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()),
        "folder": str(Path.cwd()),
        "environment": dict(os.environ),
        "hooks": [id(sys.excepthook), id(threading.excepthook), id(__import__)],
        "language": __import__("gradwalk.language.chosen", fromlist=["x"]).chosen_language(),
        "theme": __import__("gradwalk.display.style", fromlist=["x"]).chosen_theme(),
    }


def run(shell: InteractiveShell, code: str) -> Any:
    """Run a cell, unseen."""
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        return shell.run_cell(code, store_history=False)


def interrupted(shell: InteractiveShell, code: str, after: float) -> Any:
    """Press the stop button while a cell runs."""
    signal.setitimer(signal.ITIMER_REAL, after)
    try:
        return run(shell, code)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def cycles(count: int) -> None:
    """Print what differs after so many cycles, and how many checks were interrupted."""
    signal.signal(signal.SIGALRM, lambda *_: os.kill(os.getpid(), signal.SIGINT))
    signal.signal(signal.SIGINT, signal.default_int_handler)
    warnings.simplefilter("ignore")
    shell = InteractiveShell.instance()
    run(shell, SETUP)
    own = lambda line, cell=None: "the user's"  # noqa: E731
    shell.register_magic_function(own, "cell", "gd_race")
    # What is imported once stays, and so do the handlers of whoever drives the shell.
    for cell in CELLS:
        run(shell, "%load_ext gradwalk")
        run(shell, cell)
        run(shell, "%unload_ext gradwalk")
    snapshot(shell)  # to read rcParams imports pyplot, which adds an event of its own
    before, pressed = snapshot(shell), 0
    for k in range(count):
        run(shell, "%load_ext gradwalk")
        if k % 9 == 0:
            run(shell, "%load_ext gradwalk")
            run(shell, "%reload_ext gradwalk")
        state = np.random.get_state()  # noqa: NPY002
        run(shell, CELLS[k % len(CELLS)])
        if k % len(CELLS) == 8:
            np.random.set_state(state)  # its own draws are the cell's  # noqa: NPY002
        if k % 10 == 0:
            found = interrupted(shell, "%%gd_check\n" + ENDLESS, 0.4)
            pressed += isinstance(found.error_in_exec, KeyboardInterrupt)
        run(shell, "%unload_ext gradwalk")
        if k % 7 == 0:
            run(shell, "%unload_ext gradwalk")
    after = snapshot(shell)
    differ = {
        name: [str(before[name])[-300:], str(after[name])[-300:]]
        for name in before
        if before[name] != after[name]
    }
    still = shell.run_cell_magic("gd_race", "", "1")
    print(json.dumps({"differ": differ, "pressed": pressed, "own": still}))


if __name__ == "__main__":
    cycles(int(sys.argv[1]))
