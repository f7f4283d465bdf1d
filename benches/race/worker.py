"""A process that does works when told so, and times them.

It holds the data and some of the peers. What is heard and said through the connection are pairs: a
word with its arguments, and "done" or "failed" with what came of it.
"""

from __future__ import annotations

import gc
import time
import traceback
from typing import Any

import data
import machine
import numpy as np
import peers
from works import Entry, Work


class Runner:
    """An entry, ready to run."""

    def __init__(self, entry: Entry, work: Work, X: np.ndarray, y: np.ndarray) -> None:
        self.epochs = work.epochs_of(entry)
        self.params = np.zeros(0)
        self.form = ""
        self.tried: dict[str, float] = {}
        forms = peers.load(entry.peer)(work, X, y, entry.options)
        forms = {name: run for name, run in forms.items() if name.startswith(entry.form or "")}
        if not forms:
            raise LookupError(f"{entry.peer} has no way to do this")
        for run in forms.values():
            run(max(1, self.epochs // 10), 0)  # compiles, fills caches, starts threads
        for name, self.run in forms.items():
            times = [0.0] if len(forms) == 1 else [self.timed(seed=0)]
            # A form must not lose by one pause of the machine.
            while 0 < sum(times) * self.epochs < 0.3 and len(times) < 5:
                times.append(self.timed(seed=0))
            self.tried[name] = min(times)
        self.form = min(self.tried, key=self.tried.__getitem__)
        self.run = forms[self.form]

    def timed(self, seed: int) -> float:
        """Do the work once; return the seconds that an epoch took."""
        gc.collect()
        begin = time.perf_counter()
        self.params = self.run(self.epochs, seed)
        return (time.perf_counter() - begin) / self.epochs

    def watched(self, seed: int) -> tuple[float, float]:
        """Do the work once; return the seconds of an epoch, and how many cores others took."""
        # process_time counts all threads of this process, and no other process.
        begin, everything, own = time.perf_counter(), machine.core_seconds(), time.process_time()
        seconds = self.timed(seed)
        by_others = machine.core_seconds() - everything - (time.process_time() - own)
        # The system counts in hundredths of a second: a little of that is nothing.
        return seconds, (by_others - 0.02) / (time.perf_counter() - begin)


class Worker:
    """Answers to words."""

    def __init__(self) -> None:
        self.made: Any = None
        self.arrays: dict[str, tuple[np.ndarray, np.ndarray]] = {}
        self.runners: dict[str, Runner] = {}
        self.work: Work | None = None

    def load(self, work: Work, entries: list[Entry]) -> None:
        """Make the data, and import the libraries."""
        self.runners.clear()
        if self.made != work.data:
            self.arrays.clear()
            gc.collect()
            self.arrays["own"] = data.make(work.data)
            self.made = work.data
        for entry in entries:
            peers.load(entry.peer)

    def prepare(self, work: Work, entries: list[Entry]) -> dict[str, Any]:
        """Make runners; return each entry's form, and what all forms took."""
        self.work = work
        wanted = {entry.array for entry in entries}
        for array in set(self.arrays) - wanted - {"own"}:
            del self.arrays[array]
        ready = {}
        for entry in entries:
            if entry.array not in self.arrays:
                self.arrays[entry.array] = data.version(entry.array, *self.arrays["own"])
            try:
                runner = Runner(entry, work, *self.arrays[entry.array])
            except LookupError as error:
                ready[entry.name] = {"missing": str(error)}
                continue
            self.runners[entry.name] = runner
            ready[entry.name] = {"form": runner.form, "tried": runner.tried}
        return ready

    def run(self, name: str, seed: int) -> tuple[float, float]:
        """Do one run of an entry."""
        return self.runners[name].watched(seed)

    def reached(self, name: str) -> tuple[float, np.ndarray]:
        """Return the mean loss where the last run of an entry ended, and where that is."""
        params = self.runners[name].params
        if not params.size:  # a reader goes nowhere
            return float("nan"), params
        params = np.asarray(params, np.float64)
        return data.mean_loss(self.work.loss, *self.arrays["own"], params), params

    def libraries(self) -> list[dict[str, Any]]:
        """Tell which thread pools and BLAS kernels are loaded."""
        from threadpoolctl import threadpool_info

        words = ("internal_api", "version", "architecture", "threading_layer", "num_threads")
        return [{w: pool[w] for w in words if w in pool} for pool in threadpool_info()]


def main(connection: Any) -> None:
    """Do what is said until nothing more is said."""
    worker = Worker()
    while True:
        try:
            word, *arguments = connection.recv()
        except EOFError:
            return
        try:
            connection.send(("done", getattr(worker, word)(*arguments)))
        except Exception:
            connection.send(("failed", traceback.format_exc()))
