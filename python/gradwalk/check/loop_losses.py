"""The losses that a loop reports, beside all that may be meant by them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from .replay import in_groups
from .returned import Floats, Rows
from .task import Plan, Task

#: What a loss may differ by for a clipped logarithm, and for rounding.
CLIPPED, ROUNDED = 1e-4, 1e-7


@dataclass(frozen=True, slots=True)
class LossesFound:
    """What a list of losses is."""

    kind: str
    """right, length, other base, scale, or unknown."""
    note: str | None = None
    ratio: float = 1.0
    of_rows: bool = False
    """Whether the ratio is so much for each row of the batch."""


def judge_losses(
    task: Task,
    plan: Plan,
    thetas: list[Floats],
    losses: Floats,
    times: Callable[[int], float] = lambda _: 1.0,
) -> LossesFound:
    """Look for what `losses` are; `times` gives by what the loss of m rows may be multiplied."""
    epochs, updates = len(plan), len(thetas) - 1
    if len(losses) not in (epochs, epochs + 1, updates, updates + 1):
        return LossesFound("length")
    best = LossesFound("unknown")
    for theirs, is_penalised, rows in _candidates(task, plan, thetas, len(losses), times):
        with np.errstate(all="ignore"):
            usable = np.isfinite(theirs) & (np.abs(theirs) < 1e100)
            if not usable.any():
                return LossesFound("right")
            gap = np.abs(theirs - losses)[usable]
            size = np.abs(theirs)[usable]
            largest = float(np.max(size))
            if np.all(gap <= ROUNDED * (size + 1e-6 * largest) + 1e-12):
                l2 = task.problem.l2 > 0
                return LossesFound("right", None if is_penalised or not l2 else "without penalty")
            if np.all(gap <= CLIPPED * np.maximum(size, 1e-3)):
                best = LossesFound("right", "clipped")
                continue
            told = usable & (np.abs(theirs) > 1e-6 * largest)
            ratios = (losses / theirs)[told]
        if best.kind != "unknown" or not ratios.size or not np.isfinite(ratios).all():
            continue
        of_rows = ratios / rows[told]
        if np.ptp(rows) and np.ptp(of_rows) < 1e-6 * abs(of_rows[0]):
            best = LossesFound("scale", None, float(np.median(of_rows)), True)
        ratio = float(np.median(ratios))
        if ratio and np.all(np.abs(ratios / ratio - 1) < 1e-6):
            bases = (1 / np.log(2), 1 / np.log(10))
            is_log = task.loss in ("log_loss", "cross_entropy")
            is_base = is_log and any(abs(ratio / base - 1) < 1e-5 for base in bases)
            best = LossesFound("other base" if is_base else "scale", None, ratio)
    return best


def _candidates(
    task: Task, plan: Plan, thetas: list[Floats], count: int, times: Callable[[int], float]
) -> Iterator[tuple[Floats, bool, Floats]]:
    """Give losses, whether the penalty is in them, and the rows that each is the mean of."""
    epochs, updates = len(plan), len(thetas) - 1
    ends = [0, *(int(end) for end in np.cumsum([len(epoch) for epoch in plan]))]
    all_rows = np.arange(task.n)

    def values(at: list[Floats], batches: list[tuple[Rows, Rows]]) -> Floats:
        """Return the mean loss of each batch at its θ, and the penalty."""
        whole, w = np.array(at), task.problem.w
        table = np.zeros((len(at), 2))
        for part, X, losses in in_groups(task, whole, batches):
            m = X.shape[1]
            table[part, 0] = losses[0].reshape(-1, m).mean(axis=1) * times(m)
        weights = whole[:, w].reshape(len(at), -1)
        table[:, 1] = task.problem.l2 / 2 * np.sum(weights**2, axis=1)
        table[:, 1] += (task.l1 + task.sign_l1) * np.sum(np.abs(weights), axis=1)
        return table

    def full(at: list[Floats]) -> Floats:
        return values(at, [(all_rows, all_rows)] * len(at))

    def both(table: Floats, rows: Floats | None = None) -> Iterator[tuple[Floats, bool, Floats]]:
        rows = np.ones(len(table)) if rows is None else rows
        yield table.sum(axis=1), True, rows
        if task.problem.l2 or task.l1 or task.sign_l1:
            yield table[:, 0], False, rows

    if count in (epochs, epochs + 1):
        at_ends = full([thetas[end] for end in ends])
        if count == epochs + 1:
            yield from both(at_ends)
        else:
            yield from both(at_ends[1:])
            yield from both(at_ends[:-1])
    if count == updates + 1:
        yield from both(full(thetas))
    if count not in (epochs, updates):
        return
    batches = [batch for epoch in plan for batch in epoch]
    sizes = np.array([len(rows) for rows, _ in batches], float)
    before, after = values(thetas[:-1], batches), values(thetas[1:], batches)
    if count == updates:
        yield from both(before, sizes)
        yield from both(after, sizes)
        at_all = full(thetas)
        yield from both(at_all[1:])
        yield from both(at_all[:-1])
    if count == epochs:
        for each in (before, after):
            for weights in (sizes, np.ones_like(sizes)):
                shares = [weights[a:b] / weights[a:b].sum() for a, b in pairwise(ends)]
                parts = [each[a:b] for a, b in pairwise(ends)]
                yield from both(np.array([a @ b for a, b in zip(shares, parts, strict=True)]))
        last = np.array(ends[1:]) - 1
        yield from both(before[last])
        yield from both(after[last])
