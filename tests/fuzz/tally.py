"""Calls of the public surface, counted by what came of them; what may not come is a finding."""

from __future__ import annotations

import json
import re
import warnings
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import gradwalk as gw


class Finding(AssertionError):
    """Something that must not happen, whatever the arguments."""


class Odd(Exception):
    """What our odd objects and functions raise: an exception of the user's, which may surface."""


# What is said of data that are legal, and hardly meant.
_HINTS = ("X[:, ", "y holds one class alone", "y has no row of class")


@dataclass
class Outcome:
    """What came of one call: a value or an error, and the warnings."""

    value: Any = None
    error: BaseException | None = None
    warned: list[tuple[type[Warning], str]] = field(default_factory=list)


# Exactly these, beside MemoryError, and not what is derived from them: a UnicodeEncodeError is a
# ValueError too, but one that has nothing to say about the argument.
DOCUMENTED = {TypeError, ValueError, gw.NotFittedError}
# What a RuntimeError may be about.
BUSY = re.compile(r"is being fitted already|this walk is gone")
# Words of a bug, not of a message.
INNARDS = re.compile(
    r"panick|unwrap|index out of|overflow when|attempt to |slice index|capacity overflow|"
    r"\bcore::|\bsrc/|PyErr|RefCell|Option::|unreachable"
)


@dataclass
class Tally:
    """How many calls there were, and what came of them."""

    calls: int = 0
    inputs: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    warned: Counter[str] = field(default_factory=Counter)
    compared: int = 0

    def call(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Outcome:
        """Call, and keep what came of it. Anything but a documented exception is a finding."""
        self.calls += 1
        outcome = Outcome()
        with warnings.catch_warnings(record=True) as seen:
            warnings.simplefilter("always")
            try:
                outcome.value = function(*args, **kwargs)
            except KeyboardInterrupt:
                raise  # somebody wants the fuzzer to stop
            except BaseException as error:
                outcome.error = error
        name = getattr(function, "__name__", type(function).__name__)
        self._judge(name, outcome.error)
        for warning in seen:
            category = warning.category
            self.warned[category.__name__] += 1
            # Where NumPy has a word to say about numbers that are then refused, it may.
            is_of_numpy = "encountered in cast" in str(warning.message)
            if is_of_numpy and isinstance(outcome.error, ValueError):
                continue
            is_hint = category is UserWarning and str(warning.message).startswith(_HINTS)
            if not is_hint and not issubclass(category, gw.DivergenceWarning):
                raise Finding(f"{name} warned: {category.__name__}: {warning.message}")
            outcome.warned.append((category, str(warning.message)))
        return outcome

    def _judge(self, name: str, error: BaseException | None) -> None:
        kind = type(error)
        self.kinds["answered" if error is None else kind.__name__] += 1
        # NumPy has a MemoryError of its own, and memory that ran out may have no message.
        if error is None or kind is Odd or isinstance(error, MemoryError):
            return
        message = str(error)
        if kind not in DOCUMENTED and not (kind is RuntimeError and BUSY.search(message)):
            raise Finding(f"{name} raised {kind.__name__}: {message[:300]}") from error
        if not message.strip() or INNARDS.search(message):
            raise Finding(f"{name}: no message for a user: {message[:300]!r}") from error

    def check(self, holds: bool, sentence: str) -> None:
        """Hold that something is so."""
        if not holds:
            raise Finding(sentence)

    def report(self) -> str:
        """One line of JSON, for the process that started this one."""
        return json.dumps(
            {
                "calls": self.calls,
                "inputs": self.inputs,
                "compared": self.compared,
                "outcomes": dict(self.kinds.most_common()),
                "warnings": dict(self.warned.most_common()),
            }
        )
