"""Presses the stop button of another process at random moments, and takes the time.

The other process is `interrupted_work.py`. Signals come from outside of it, as Jupyter sends them:
a timer inside would have to wait for the very interpreter lock whose holder is to be tested. Both
sides read the one monotonic clock of the system.
"""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

WORK = Path(__file__).with_name("interrupted_work.py")
LIMIT = 0.25
# A child that does not answer: it dumps its stacks by itself after 20 s.
SILENCE = 40.0
NAP = 0.005


@dataclass
class Presses:
    """What came of the presses on one kind of work."""

    work: str
    late: list[float] = field(default_factory=list)
    # By how much this process overslept meanwhile, if it took care.
    stalls: list[float] = field(default_factory=list)
    reports: list[dict] = field(default_factory=list)

    @property
    def figures(self) -> str:
        late, stalls = 1000 * np.array(self.late), 1000 * np.array(self.stalls)
        figures = (
            f"{self.work}: {len(late)} presses, KeyboardInterrupt after {np.median(late):.0f} ms "
            f"(median), {np.max(late):.0f} ms (at most)"
        )
        if len(stalls):
            figures += f"; the machine itself stalled for up to {np.max(stalls):.0f} ms"
        return figures

    def assert_in_time(self) -> None:
        """At most 250 ms late; what the machine did not run at all is not the library's."""
        print(self.figures)
        late = np.subtract(self.late, self.stalls or 0)
        worst = int(np.argmax(late))
        assert late[worst] <= LIMIT, f"{self.figures}; worst: {self.reports[worst]}"


class Child:
    """A process that works until it is interrupted, again and again."""

    def __init__(self, *arguments: str) -> None:
        self._errors = tempfile.TemporaryFile(mode="w+")  # noqa: SIM115 (closed in `close`)
        self.process = subprocess.Popen(
            [sys.executable, "-P", str(WORK), *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
        )
        assert self.process.stdout is not None
        os.set_blocking(self.process.stdout.fileno(), False)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self.process.stdout, selectors.EVENT_READ)
        self._unread = b""
        # How much longer than asked for this process slept at the most, since it was last set.
        self.stall = 0.0

    def ask(self, **question: object) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(question).encode() + b"\n")
        self.process.stdin.flush()

    def answer(self, seconds: float) -> dict | None:
        """The next line of the child, or None if none comes within so many seconds."""
        assert self.process.stdout is not None
        end = time.monotonic() + seconds
        while b"\n" not in self._unread:
            begin = time.monotonic()
            if begin >= end:
                return None
            nap = min(NAP, end - begin)
            ready = self._selector.select(nap)
            self.stall = max(self.stall, time.monotonic() - begin - nap)
            if not ready:
                continue
            more = self.process.stdout.read(1 << 16)
            if not more:
                raise AssertionError(f"the child ended by itself: {self.last_words()}")
            self._unread += more
        line, self._unread = self._unread.split(b"\n", 1)
        answer: dict = json.loads(line)
        return answer

    def expect(self, seconds: float = SILENCE) -> dict:
        answer = self.answer(seconds)
        assert answer is not None, f"no answer within {seconds} s: {self.last_words()}"
        return answer

    def last_words(self) -> str:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(5)
        self._errors.seek(0)
        return f"exit code {self.process.returncode}\n{self._errors.read()[-6000:]}"

    def press(self) -> float:
        """Presses the stop button; returns when."""
        at = time.monotonic()
        os.kill(self.process.pid, signal.SIGINT)
        return at

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        self._selector.close()
        for stream in (self.process.stdin, self.process.stdout, self._errors):
            # Words to a child that is gone are lost.
            with contextlib.suppress(BrokenPipeError):
                stream.close()


@contextlib.contextmanager
def child(*arguments: str) -> Iterator[Child]:
    one = Child(*arguments)
    try:
        yield one
    finally:
        one.close()


def press_while(worker: Child, work: str, waits: list[float]) -> Presses:
    """Lets `worker` do `work` once for each of `waits`, and interrupts it after so many seconds."""
    result = Presses(work)
    worker.ask(prepare=work)
    prepared = worker.expect()
    assert prepared.get("prepared") == work, prepared
    for wait in waits:
        worker.ask(turn=work)
        assert worker.expect() == {"go": work}
        too_early = worker.answer(wait)
        assert too_early is None, f"{work} ended before the press: {too_early}"
        worker.stall = 0.0
        pressed = worker.press()
        report = worker.expect()
        assert report["raised"] == "KeyboardInterrupt", f"{work}, after {wait:.3f} s: {report}"
        result.late.append(report["at"] - pressed)
        result.stalls.append(worker.stall)
        result.reports.append({"pressed_after": wait, **report})
        assert report["wrong"] == [], f"{work}, after {wait:.3f} s: {report}"
    return result


def waits(number: int, longest: float, seed: int) -> list[float]:
    """Random moments up to `longest` seconds."""
    return np.random.default_rng(seed).uniform(0, longest, size=number).tolist()
