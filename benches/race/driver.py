"""Drives the processes of the race, one entry at a time, round by round."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import random
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import peers
import worker
from works import Entry, Work

# What would keep a library from its default: all cores, and the kernels made for this processor.
UNSET = (
    "GRADWALK_NUM_THREADS",
    "GRADWALK_SIMD",
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "OPENBLAS_CORETYPE",
    "OPENBLAS_L2_SIZE",
    "MKL_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "XLA_FLAGS",
)
# A turn in which other processes took more of the machine than so many cores is taken again. What
# decides is the load, and never the time that was measured.
DISTURBED = 0.1
# … but for turns of so many seconds, in which a short disturbance is soon made up for.
LONG = 5


@dataclass(frozen=True)
class Rules:
    """How turns are taken.

    Between turns there is a pause: idle threads of BLAS and OpenMP spin for some tens of
    milliseconds before they sleep, and the next one must not meet them. `again` is how often a
    disturbed turn is taken again at most.
    """

    rounds: int = 5
    pause: float = 0.08
    again: int = 3
    left_out: frozenset[str] = frozenset()


@dataclass
class Result:
    """What an entry took and where it got to."""

    entry: Entry
    seconds: list[float] = field(default_factory=list)
    form: str = ""
    tried: dict[str, float] = field(default_factory=dict)
    missing: str = ""
    disturbed: int = 0
    loss: float = float("nan")
    params: np.ndarray = field(default_factory=lambda: np.zeros(0))

    @property
    def time(self) -> float:
        """The median; for a reader, which shows what the machine can do, the best."""
        return (min if self.entry.peer == "bandwidth" else statistics.median)(self.seconds)


class Processes:
    """The processes: one for all that live well together, and one each for PyTorch and JAX.

    In the first one NumPy, numba, scikit-learn and gradwalk work on the very same array. PyTorch
    and JAX bring thread pools of their own.
    """

    def __init__(self) -> None:
        for name in UNSET:
            os.environ.pop(name, None)
        self.context = multiprocessing.get_context("spawn")
        self.connections: dict[str, Any] = {}

    def home(self, entry: Entry) -> str:
        """Name the process of an entry."""
        return entry.peer if entry.peer in ("torch", "jax") else "shared"

    def tell(self, home: str, *words: Any) -> None:
        """Say something to a process, which is started if need be."""
        if home not in self.connections:
            ours, theirs = self.context.Pipe()
            process = self.context.Process(target=worker.main, args=(theirs,), daemon=True)
            process.start()
            theirs.close()
            self.connections[home] = ours
        self.connections[home].send(words)

    def hear(self, home: str) -> Any:
        """Wait for an answer."""
        try:
            word, answer = self.connections[home].recv()
        except EOFError:
            raise SystemExit(f"The process of {home} has died.") from None
        if word == "failed":
            raise SystemExit(f"The process of {home} failed:\n{answer}")
        return answer

    def ask(self, home: str, *words: Any) -> Any:
        """Say something, and wait for the answer."""
        self.tell(home, *words)
        return self.hear(home)


@contextlib.contextmanager
def busy_cores() -> Iterator[None]:
    """Keep every core busy with a process of its own."""
    context = multiprocessing.get_context("spawn")
    spinners = [
        context.Process(target=spin, args=(core,), daemon=True)
        for core in sorted(os.sched_getaffinity(0))
    ]
    for spinner in spinners:
        spinner.start()
    time.sleep(0.3)
    try:
        yield
    finally:
        for spinner in spinners:
            spinner.terminate()
            spinner.join()


def spin(core: int) -> None:
    """Compute for ever on one core."""
    os.sched_setaffinity(0, {core})
    while True:
        sum(range(10_000))


def take_turn(processes: Processes, result: Result, seed: int, pause: float, again: int) -> None:
    """Let an entry run once, and again if others disturbed it."""
    for attempt in range(again + 1):
        time.sleep(pause if attempt == 0 else 4 * pause)
        home = processes.home(result.entry)
        begin = time.perf_counter()
        seconds, by_others = processes.ask(home, "run", result.entry.name, seed)
        if by_others <= DISTURBED or time.perf_counter() - begin > LONG:
            break
    result.disturbed += by_others > DISTURBED
    result.seconds.append(seconds)


def race(processes: Processes, work: Work, rules: Rules) -> list[Result]:
    """Let all entries of a work take turns."""
    results = {entry.name: Result(entry) for entry in work.entries}
    homes: dict[str, list[Entry]] = {}
    for entry in work.entries:
        if entry.peer in rules.left_out:
            results[entry.name].missing = "left out"
        elif not peers.is_installed(entry.peer):
            results[entry.name].missing = "not installed"
        else:
            homes.setdefault(processes.home(entry), []).append(entry)
    for home, entries in homes.items():
        processes.tell(home, "load", work, entries)
    for home in homes:
        processes.hear(home)
    # One after the other, for forms are timed meanwhile.
    for home, entries in homes.items():
        for name, ready in processes.ask(home, "prepare", work, entries).items():
            results[name].form, results[name].tried = ready.get("form", ""), ready.get("tried", {})
            results[name].missing = ready.get("missing", "")
    present = [result for result in results.values() if not result.missing]
    order = random.Random(0)
    with busy_cores() if work.busy else contextlib.nullcontext():
        for seed in range(rules.rounds):  # a seed for each round, the same for all
            turns = [result for result in present for _ in range(result.entry.turns)]
            order.shuffle(turns)  # nobody has the same neighbour each time
            for result in turns:
                again = 0 if work.busy else rules.again
                take_turn(processes, result, seed, rules.pause, again)
    for result in present:
        home = processes.home(result.entry)
        result.loss, result.params = processes.ask(home, "reached", result.entry.name)
    return list(results.values())
