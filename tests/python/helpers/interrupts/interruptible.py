"""Work that ends by the stop button alone: what all kinds of it have in common.

The kinds themselves are in `interruptible_epochs.py`, `interruptible_rows.py` and
`interruptible_calls.py`; `interrupted_work.py` is the process that does it.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

import gradwalk as gw
from loss_kinds import CLASSES

# Work that is to be interrupted would last this long.
LONG = 30.0
MOST_ROWS = 2**32 - 2

RNG = np.random.default_rng(4)
SMALL_X = RNG.normal(size=(300, 3))
SMALL_Y = SMALL_X @ [1.0, -2.0, 0.5] + RNG.normal(size=300)
SMALL_LABELS = (SMALL_Y > 0).astype(float)


def same_rows(row: np.ndarray, n: int) -> np.ndarray:
    return np.broadcast_to(row, (n, len(row)))


def same_numbers(number: float, n: int) -> np.ndarray:
    return np.broadcast_to(number, n)


def rows_for(seconds: float, run: Callable[[int], object], most: int = MOST_ROWS) -> int:
    """So many rows that `run`, in a time that grows by the row, takes about so many seconds."""
    n = 1 << 12
    while True:
        begin = time.monotonic()
        run(n)
        took = time.monotonic() - begin
        if took > 0.03:
            return min(most, int(n * seconds / took))
        if 4 * n > most:
            return most
        n *= 4


def after_three(step: gw.Step) -> bool:
    return step.epoch == 3


class Work:
    """One kind of work: it is prepared once, and done in turns."""

    # What `stop_reason_` may say after an interrupt.
    reasons = ("interrupted",)

    def __init__(self) -> None:
        self.prepare()
        self.expected = self.short_fit(self.make())

    def begin(self) -> None:
        """A new object for each turn: one that nobody has fitted yet."""
        self.model = self.make()

    def make(self) -> gw.BatchGD | gw.SGD | gw.MiniBatchGD:
        return gw.BatchGD(learning_rate=1e-3, epochs=10**12)

    def prepare(self) -> None:
        pass

    def turn(self) -> None:
        raise NotImplementedError

    def short_fit(self, model) -> bytes:
        """The bits of a fit that is over soon."""
        labels = SMALL_LABELS if is_of_classes(model) else SMALL_Y
        model.fit(SMALL_X, labels, callback=after_three)
        return model.params_.tobytes() + model.history_.loss.tobytes()

    def wrong(self) -> list[str]:
        """What is not as it must be after an interrupt."""
        # Nothing is begun yet while the arguments are let in.
        wrong = wrong_of_walk(self.model, self.reasons) if is_begun(self.model) else []
        if self.short_fit(self.model) != self.expected:
            wrong.append("the next fit has other bits")
        return wrong

    def facts(self) -> dict:
        if not is_begun(self.model):
            return {"stop_reason_": None}
        names = ("n_epochs_", "n_updates_", "stop_reason_")
        return {name: getattr(self.model, name) for name in names}


def is_begun(model) -> bool:
    return hasattr(model, "params_")


def is_of_classes(model) -> bool:
    return model.loss in CLASSES


def wrong_of_walk(model, reasons: tuple[str, ...]) -> list[str]:
    wrong = []
    losses = model.history_.loss
    if len(losses) != model.n_epochs_:
        wrong.append(f"{len(losses)} losses of {model.n_epochs_} epochs")
    if not np.isfinite(losses).all():
        wrong.append("losses that are not finite")
    if not np.isfinite(model.params_).all():
        wrong.append("parameters that are not finite")
    if model.stop_reason_ not in reasons:
        wrong.append(f"stop_reason_ is {model.stop_reason_!r}")
    return wrong


KINDS: dict[str, type[Work]] = {}


def kind(work: type[Work]) -> type[Work]:
    KINDS[work.__doc__ or work.__name__] = work
    return work
