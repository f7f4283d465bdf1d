"""Mistakes in which rows a loop takes, each a `Hypothesis`, and the rows it was seen to take."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from .replay import Hypothesis, Now, data_gradient, penalty
from .returned import Floats, Rows
from .task import Plan, Task


def draw_hypotheses(task: Task, sampling: str) -> Iterator[Hypothesis]:
    """Give what may be wrong in the rows, the commonest first."""
    n, b, epochs = task.n, task.size, task.epochs
    as_they_lie = np.arange(n)

    def each(change: Callable[[Rows], Rows]) -> Callable[[Task], Plan]:
        return lambda task: [task.batches(change(rows)) for rows in task.order]

    if b < n:
        if any(not np.array_equal(rows, as_they_lie) for rows in task.order):
            yield Hypothesis("not shuffled", plan=each(lambda _: as_they_lie))
        if epochs > 1 and any(not np.array_equal(rows, task.order[0]) for rows in task.order):
            yield Hypothesis("shuffled once", plan=each(lambda _: task.order[0]))
            yield Hypothesis("shuffled once", plan=each(lambda _: task.order[-1]))
        yield Hypothesis("last batch dropped", plan=lambda task: _whole_batches(task, 0))
        yield Hypothesis("last batch dropped", plan=lambda task: _whole_batches(task, 1))
        for with_rest in (True, False):
            plan = partial(_carried, with_rest=with_rest)
            yield Hypothesis("rows carried over", plan=plan, is_of_whole_walk=True)
        yield Hypothesis(
            "X and y shuffled apart",
            plan=lambda task: [task.batches(rows, as_they_lie[: len(rows)]) for rows in task.order],
        )
        yield Hypothesis(
            "X and y shuffled apart",
            plan=lambda task: [task.batches(as_they_lie[: len(rows)], rows) for rows in task.order],
        )
    if n > 1:
        yield Hypothesis("first row skipped", plan=each(lambda rows: rows[1:]))
        yield Hypothesis("first row skipped", plan=each(lambda rows: rows[rows != 0]))
        if b == n:

            def of_n(task: Task, now: Now) -> Floats:
                return data_gradient(task, now) * now.m / task.n + penalty(task, now.theta)

            yield Hypothesis("first row skipped", of_n, plan=each(lambda rows: rows[1:]))
    if epochs > 1:
        yield Hypothesis("one epoch too few", plan=lambda task: task.plan()[:-1], more_epochs=-1)
        yield Hypothesis("one epoch too few", plan=lambda task: task.plan()[1:], more_epochs=-1)
    if b == n or sampling == "sequential":
        yield Hypothesis(
            "one epoch too many",
            plan=lambda task: [*task.plan(), task.batches(task.order[-1])],
            more_epochs=1,
        )
    else:
        yield Hypothesis(
            "one epoch too many",
            plan=lambda task: [*task.plan(), task.batches(task.order[0])],
            more_epochs=1,
        )
        yield Hypothesis(
            "one epoch too many",
            plan=lambda task: [*task.plan(), task.batches(task.order[-1])],
            more_epochs=1,
        )


def _whole_batches(task: Task, fewer: int) -> Plan:
    """Return the batches without the short last one, or without the last one in any case."""
    plan = []
    for epoch in task.plan():
        is_short = len(epoch[-1][0]) < task.size
        plan.append(epoch[:-1] if is_short or fewer else epoch)
    return plan


def _carried(task: Task, with_rest: bool) -> Plan:
    """Return the rows of all epochs in one stream, cut into batches."""
    stream = np.concatenate(task.order)
    whole = [stream[k : k + task.size] for k in range(0, len(stream), task.size)]
    if not with_rest and len(whole[-1]) < task.size:
        whole = whole[:-1]
    plan: Plan = [[] for _ in task.order]
    for k, rows in enumerate(whole):
        plan[min(k * task.size // task.n, len(plan) - 1)].append((rows, rows))
    return plan


def guesses(task: Task, seed: int) -> Iterator[list[Rows]]:
    """Give the rows that most loops draw from a generator that began with `seed`."""
    n, epochs = task.n, task.epochs
    yield [np.arange(n)] * epochs

    def generators() -> tuple[Any, Any]:
        return np.random.default_rng(seed), np.random.RandomState(seed)

    for rng in generators():
        yield [rng.permutation(n) for _ in range(epochs)]
    for rng in generators():
        rows = np.arange(n)
        walk = []
        for _ in range(epochs):
            rng.shuffle(rows)
            walk.append(rows.copy())
        yield walk
    for again in (True, False):
        numbers = random.Random(seed)
        order = list(range(n))
        walk = []
        for _ in range(epochs):
            order = order if again else list(range(n))
            numbers.shuffle(order)
            walk.append(np.array(order))
        yield walk
    for rng in generators():
        yield [rng.permutation(n)] * epochs
    new, old = generators()
    if task.size == 1:
        yield [np.array([new.integers(n) for _ in range(n)]) for _ in range(epochs)]
        yield [np.array([old.randint(n) for _ in range(n)]) for _ in range(epochs)]
    else:
        draws = -(-n // task.size)
        for rng in (new, old):
            yield [
                np.concatenate([rng.choice(n, task.size) for _ in range(draws)])
                for _ in range(epochs)
            ]


@dataclass(frozen=True, slots=True)
class Drawn:
    """Rows that a loop was seen to take, of X and of y, update by update."""

    plan: Plan

    def order(self) -> list[Rows]:
        """Return the rows of X of each epoch."""
        return [
            np.concatenate([rows for rows, _ in epoch]) if epoch else np.arange(0)
            for epoch in self.plan
        ]


def judge_draws(task: Task, drawn: Drawn, sampling: str) -> str | None:
    """Name what is wrong in rows that a loop took, if anything is."""
    order = drawn.order()
    n = task.n
    if any(x is not y and not np.array_equal(x, y) for epoch in drawn.plan for x, y in epoch):
        return "X and y shuffled apart"
    if sampling == "replace" or task.size >= n:
        return None
    stream = np.concatenate(order)
    whole = [stream[k : k + n] for k in range(0, len(stream), n)]
    is_full = all(len(np.unique(rows)) == n for rows in whole if len(rows) == n)
    sizes = [len(rows) for rows in order]
    if is_full and len(stream) == (task.epochs + 1) * n:
        return "one epoch too many"
    if is_full and len(stream) == (task.epochs - 1) * n:
        return "one epoch too few"
    if sampling == "sequential":
        return None
    if any(len(np.unique(rows)) < len(rows) for rows in order):
        if is_full and len(stream) >= n:
            return "rows carried over"
        return "with replacement"
    if all(np.array_equal(rows, np.arange(len(rows))) for rows in order) and n > 3:
        return "not shuffled"
    if len(order) > 1 and n > 3 and all(np.array_equal(rows, order[0]) for rows in order):
        return "shuffled once"
    if all(size < n for size in sizes):
        if all(0 not in rows for rows in order) and set(sizes) == {n - 1}:
            return "first row skipped"
        return None if task.drop_last else "last batch dropped"
    return None
