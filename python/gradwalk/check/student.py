"""Calling a loop that somebody else wrote: what it is handed, by name, and with what limits.

On Linux it runs in a forked child, which can be stopped whatever it does, may take memory up to a
limit, and cannot change anything here: data, generators, output, signals. Elsewhere it runs in a
thread, whose output, warnings and generators are put back. A thread is stopped by an exception:
one that sleeps, or catches everything, goes on in the background, and no limit of memory is set.
"""

from __future__ import annotations

import builtins
import contextlib
import ctypes
import inspect
import io
import os
import pickle
import random
import select
import signal
import sys
import threading
import time
import traceback
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

#: What each argument may be called.
NAMES = {
    "X": "X x X_b",
    "y": "y",
    "theta": "theta Theta W params",
    "w": "w weights w_in",
    "b": "b bias b_in",
    "learning_rate": "learning_rate lr eta alpha",
    "epochs": "epochs n_epochs num_epochs num_iters n_iters num_iterations n_iterations iterations "
    "n_iter max_iter",
    "batch_size": "batch_size minibatch_size",
    "order": "order",
    "l2": "l2 lam lambda_ reg",
    "momentum": "beta momentum",
    "rng": "rng",
    "seed": "seed random_state",
}
MEANING = {name: kind for kind, names in NAMES.items() for name in names.split()}
#: Bytes that a loop may take besides what is in use.
MEMORY = 2 << 30
#: Characters of its output that are kept.
MOST_PRINTED = 2000


@dataclass(slots=True)
class Outcome:
    """What came of one call."""

    value: object = None
    failure: str | None = None
    """Name of the diagnosis, if nothing was returned."""
    error: str = ""
    seconds: float = 0.0
    printed: str = ""
    watched: object = None
    """What the caller's `after` gave, in the process of the loop."""
    notes: list[str] = field(default_factory=list)


def arguments(student: Callable[..., object]) -> dict[str, inspect.Parameter]:
    """Return the parameters of `student` that can be filled, by what they mean."""
    name = getattr(student, "__name__", "the loop")
    try:
        signature = inspect.signature(student)
    except (TypeError, ValueError):
        raise TypeError(f"student must be a function with named arguments; got {name}") from None
    found = {}
    for parameter in signature.parameters.values():
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            continue
        kind = MEANING.get(parameter.name)
        if kind is None and parameter.default is parameter.empty:
            known = ", ".join(names.replace(" ", "/") for names in NAMES.values())
            raise TypeError(
                f"{name} takes {parameter.name!r}, which check_loop does not know and so cannot "
                f"fill; give it a default, or call it one of {known}"
            )
        if kind is not None:
            found[kind] = parameter
    return found


def call(
    student: Callable[..., object],
    given: Mapping[str, object],
    time_limit: float,
    after: Callable[[], object] = lambda: None,
) -> Outcome:
    """Call `student` with what `given` has for each of its arguments, by their meaning."""
    parameters = arguments(student)
    # W is a matrix of weights where a bias goes beside it.
    if "theta" in parameters and "b" in parameters and "w" not in parameters:
        parameters["w"] = parameters.pop("theta")
    positional, named = [], {}
    for kind, parameter in parameters.items():
        if kind not in given and parameter.default is not parameter.empty:
            continue
        if parameter.kind is parameter.POSITIONAL_ONLY:
            positional.append(given.get(kind))
        else:
            named[parameter.name] = given.get(kind)

    caught = _Caught()

    def work() -> Outcome:
        return _run(lambda: student(*positional, **named), given, after, caught)

    run = _forked if sys.platform == "linux" else _threaded
    return run(work, caught, time_limit)


class _Reads(Exception):
    """The loop asks for input."""


class _Stop(BaseException):
    """The time is up."""


class _Caught(io.StringIO):
    """The beginning of what is printed, which stays readable when it is closed."""

    def write(self, text: str) -> int:
        """Keep what there is room for."""
        super().write(text[: max(0, MOST_PRINTED - self.tell())])
        return len(text)

    def close(self) -> None:
        """Stay open."""


def _no_input(*_: object) -> str:
    raise _Reads


def _run(
    work: Callable[[], object],
    given: Mapping[str, object],
    after: Callable[[], object],
    caught: _Caught,
) -> Outcome:
    """Do `work`, whose output is `caught`, and say how it ended."""
    outcome = Outcome()
    before = {name: np.array(given[name], copy=True) for name in ("X", "y")}
    state = pickle.dumps(np.random.get_state())  # noqa: NPY002
    random.seed(0)  # a fork has seeded it anew
    begin = time.perf_counter()
    try:
        with np.errstate(all="ignore"):
            outcome.value = _plain(work())
    except _Reads:
        outcome.failure = "reads input"
    except (MemoryError, RecursionError) as error:
        is_memory = isinstance(error, MemoryError)
        outcome.failure, outcome.error = "out of memory" if is_memory else "raises", _shown(error)
    except _Stop:
        outcome.failure = "timed out"
    except BaseException as error:  # also SystemExit: the kernel goes on
        outcome.failure, outcome.error = "raises", _shown(error)
    outcome.seconds = time.perf_counter() - begin
    outcome.printed = caught.getvalue()
    if outcome.printed:
        outcome.notes.append("printed")
    for name, kept in before.items():
        if not np.array_equal(np.asarray(given[name]), kept, equal_nan=kept.dtype.kind == "f"):
            outcome.notes.append("data changed")
            break
    seeded = pickle.dumps(np.random.get_state()) != state  # noqa: NPY002
    if seeded and not outcome.failure:
        outcome.notes.append("generator used")
    outcome.watched = after()
    return outcome


def _shown(error: BaseException) -> str:
    """Write an error, and the line of the loop where it was raised."""
    lines = [
        line
        for frame, line in traceback.walk_tb(error.__traceback__)
        if "site-packages" not in frame.f_code.co_filename and frame.f_code.co_filename != __file__
    ]
    try:
        message = str(error)[:200]
    except Exception:
        message = ""
    return f"{type(error).__name__}: {message}" + (f" (line {lines[-1]})" if lines else "")


@contextlib.contextmanager
def _hushed(caught: _Caught) -> Iterator[None]:
    """Catch output, refuse input, keep warnings to itself."""
    asked = builtins.input
    builtins.input = _no_input
    try:
        with (
            contextlib.redirect_stdout(caught),
            contextlib.redirect_stderr(caught),
            warnings.catch_warnings(),
        ):
            warnings.simplefilter("ignore")
            yield
    finally:
        builtins.input = asked


def _plain(value: object, depth: int = 0) -> object:
    """Return what can be read of a value, in types of NumPy and Python alone."""
    if isinstance(value, np.ndarray):
        return np.array(value) if value.dtype.kind in "fiubc" else _plain(value.tolist(), depth)
    if value is None or isinstance(value, bool | int | float | complex | str | np.generic):
        return value
    if isinstance(value, Mapping) and depth < 8:
        return {str(name): _plain(part, depth + 1) for name, part in value.items()}
    if inspect.isgenerator(value):
        return _plain(list(value), depth)
    if isinstance(value, list | tuple) and depth < 8:
        first = value[0] if value else None
        if isinstance(first, np.ndarray) and first.ndim and len(value) > 2:
            shapes = {getattr(part, "shape", None) for part in value}
            if len(shapes) == 1 and first.dtype.kind in "fiu":
                return np.array(value)
        parts = [_plain(part, depth + 1) for part in value]
        return tuple(parts) if isinstance(value, tuple) else parts
    if hasattr(value, "__array__"):
        return _plain(np.asarray(value), depth)
    return f"<{type(value).__name__}>"


def _forked(work: Callable[[], Outcome], caught: _Caught, time_limit: float) -> Outcome:
    """Do `work` in a child process, which ends with it."""
    reading, writing = os.pipe()
    begin = time.monotonic()
    with warnings.catch_warnings():
        # Of forking beside threads; the child starts none of theirs and leaves by _exit.
        warnings.simplefilter("ignore")
        child = os.fork()
    if not child:
        os.close(reading)
        _in_child(work, caught, writing)
    os.close(writing)
    pieces: list[bytes] = []
    is_late = False
    try:
        while True:
            left = begin + time_limit - time.monotonic()
            if left <= 0 or not select.select([reading], [], [], left)[0]:
                is_late = True
                break
            piece = os.read(reading, 1 << 20)
            if not piece:
                break
            pieces.append(piece)
    finally:
        os.close(reading)
        for stop in (os.killpg, os.kill):
            with contextlib.suppress(OSError):
                stop(child, signal.SIGKILL)
        ended = os.waitpid(child, 0)[1]
    if is_late:
        return Outcome(failure="timed out", seconds=time.monotonic() - begin)
    try:
        outcome: Outcome = pickle.loads(b"".join(pieces))
    except (EOFError, pickle.UnpicklingError):
        how = signal.strsignal(os.WTERMSIG(ended)) if os.WIFSIGNALED(ended) else "exit"
        error = f"the process ended ({how})"
        return Outcome(failure="raises", error=error)
    return outcome


def _in_child(work: Callable[[], Outcome], caught: _Caught, writing: int) -> None:
    """Work, hand over what came of it, and end this process."""
    try:
        import resource

        with contextlib.suppress(OSError):
            os.setpgid(0, 0)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        nothing = os.open(os.devnull, os.O_RDWR)
        for number in (0, 1, 2):
            os.dup2(nothing, number)
        sys.stdin = Path(os.devnull).open()  # noqa: SIM115
        with contextlib.suppress(OSError, ValueError):
            pages = int(Path("/proc/self/statm").read_text().split()[0])
            most = pages * resource.getpagesize() + MEMORY
            resource.setrlimit(
                resource.RLIMIT_AS, (most, resource.getrlimit(resource.RLIMIT_AS)[1])
            )
        with _hushed(caught):
            whole = pickle.dumps(work(), pickle.HIGHEST_PROTOCOL)
        for start in range(0, len(whole), 1 << 20):
            piece = whole[start : start + (1 << 20)]
            while piece:
                piece = piece[os.write(writing, piece) :]
    except MemoryError:
        os.write(writing, pickle.dumps(Outcome(failure="out of memory", error="MemoryError")))
    finally:
        os._exit(0)


def _threaded(work: Callable[[], Outcome], caught: _Caught, time_limit: float) -> Outcome:
    """Do `work` in a thread, stopped by an exception when the time is up."""
    done: list[Outcome] = []
    runner = threading.Thread(target=lambda: done.append(work()), daemon=True)
    with _hushed(caught):
        runner.start()
        runner.join(time_limit)
        begin = time.monotonic()
        while runner.is_alive() and time.monotonic() - begin < 0.5:
            ctypes.pythonapi.PyThreadState_SetAsyncExc(
                ctypes.c_ulong(runner.ident or 0), ctypes.py_object(_Stop)
            )
            runner.join(0.05)
    if not done:
        return Outcome(failure="timed out", seconds=time_limit)
    return done[0]
