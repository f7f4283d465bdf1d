"""The process that `interrupting.py` interrupts.

A line of JSON in, a line out: {"prepare": name} makes the data of a kind of work, {"turn": name}
does it until KeyboardInterrupt, says when that came, and looks at what was left behind.
"""

from __future__ import annotations

import contextlib
import faulthandler
import json
import signal
import sys
import time
import warnings
from importlib import import_module
from pathlib import Path

import gradwalk as gw

# Safe mode (-P) keeps the tests' own modules off the path.
sys.path += [str(folder) for folder in Path(__file__).parents[:2]]

from interruptible import KINDS, Work

# Numbers that no memory holds: rows that are all the same one. Would anything copy them, it would
# get a MemoryError from this limit, and not the machine into trouble.
ADDRESS_SPACE = 6 << 30
# Where the kinds of work are told.
MODULES = ("interruptible_epochs", "interruptible_rows", "interruptible_calls")


def take_turn(name: str, work: Work) -> dict:
    raised, at = None, 0.0
    work.begin()
    # On a hang the stacks of all threads are the last words.
    faulthandler.dump_traceback_later(20, exit=True)
    try:
        say({"go": name})
        work.turn()
    except KeyboardInterrupt:
        at, raised = time.monotonic(), "KeyboardInterrupt"
    except BaseException as error:
        raised = f"{type(error).__name__}: {error}"
    faulthandler.cancel_dump_traceback_later()
    report = {"raised": raised, "at": at, **work.facts()}
    if raised == "KeyboardInterrupt":
        report["wrong"] = work.wrong()
    return report


def say(answer: dict) -> None:
    print(json.dumps(answer), flush=True)


def main() -> None:
    # A parent that ignores the signal would have handed that down.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    faulthandler.enable()
    warnings.simplefilter("ignore", gw.DivergenceWarning)
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, resource.RLIM_INFINITY))
    for module in MODULES:
        import_module(module)
    works: dict[str, Work] = {}
    for line in sys.stdin:
        question = json.loads(line)
        if "prepare" in question:
            name = question["prepare"]
            works.clear()
            works[name] = KINDS[name]()
            say({"prepared": name})
        else:
            name = question["turn"]
            say(take_turn(name, works[name]))


if __name__ == "__main__":
    main()
