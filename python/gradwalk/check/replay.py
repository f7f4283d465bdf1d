"""The reference, taken from a student's own θ: one update where each is known, or to the next.

Rounding that a long walk would blow up is no mistake, so no walk is compared with another: each
update is taken by `gradwalk.reference`'s losses and rules from the θ that the loop itself had
before it. A `Hypothesis` changes one thing of that: the gradient, the step, the rows, the rate.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, TypeAlias

import numpy as np

from gradwalk.reference_rules import RULES, Step, plain

from .returned import Floats, Returned, Rows
from .task import Plan, Task

#: What two updates may differ by for rounding, as a share of the largest θ.
DOUBLE, SINGLE = 1e-9, 3e-5
#: Rows whose gradients are taken at once.
CHUNK = 2048
#: Updates that are worth another way than one at a time.
MANY = 50


@dataclass(slots=True)
class Now:
    """One update, before it is taken."""

    theta: Floats
    before: Floats
    """θ of the update before."""
    X: Floats
    y: Floats
    t: int
    epoch: int
    k: int
    """The update's number within its epoch."""
    eta: float = 0.0
    memory: dict[str, Any] = field(default_factory=dict)

    @property
    def m(self) -> int:
        """Return the rows of the batch."""
        return len(self.X)


Gradient: TypeAlias = Callable[[Task, Now], Floats]


def penalty(task: Task, theta: Floats) -> Floats:
    """Return the slope of the penalty."""
    slope = np.zeros_like(theta)
    w = theta[task.problem.w]
    slope[task.problem.w] = task.problem.l2 * w + task.sign_l1 * np.sign(w)
    return slope


def data_gradient(task: Task, now: Now) -> Floats:
    """Return the slope of the mean loss of the batch."""
    slopes = task.problem.loss(now.X @ now.theta, now.y)[1]
    return now.X.T @ slopes / now.m


def right_gradient(task: Task, now: Now) -> Floats:
    """Return the gradient as the reference has it."""
    return data_gradient(task, now) + penalty(task, now.theta)


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """One thing that the loop does otherwise than the reference; nothing, as it stands."""

    name: str
    gradient: Gradient = right_gradient
    advance: Callable[[Task, Now], Floats] | None = None
    plan: Callable[[Task], Plan] = Task.plan
    rate: Callable[[Task, Now], float] | None = None
    take: Callable[..., Floats] | None = None
    more_epochs: int = 0
    is_of_whole_walk: bool = False
    """Whether a walk of few epochs is not the beginning of one of many."""
    figures: Mapping[str, object] = field(default_factory=dict)


RIGHT = Hypothesis("right")


@dataclass(slots=True)
class Mismatch:
    """The first update that came out otherwise."""

    update: int
    epoch: int
    expected: Floats
    got: Floats
    compared: int
    """Places of the path that agreed before it."""


@dataclass(slots=True)
class Seen:
    """What is known of the loop's path."""

    returned: Returned
    start: Floats
    after_epochs: dict[int, Floats] = field(default_factory=dict)
    """θ that the loop gave when it was told so many epochs."""
    owns_start: bool = False
    """Whether the loop was handed no θ, and may have begun elsewhere."""
    numbered: dict[int, dict[int, Floats]] = field(default_factory=dict)
    """What `each` has returned."""

    def turned(self) -> Seen:
        """Return the same with w and b of one feature in the places of each other."""
        seen = self.returned
        path = None if seen.path is None else seen.path[:, ::-1]
        final = None if seen.final is None else seen.final[::-1]
        after = {told: theta[::-1] for told, theta in self.after_epochs.items()}
        turned = replace(seen, path=path, final=final)
        return Seen(turned, self.start, after, self.owns_start)

    def each(self, first: int) -> dict[int, Floats]:
        """Return the θ of the path by the number of updates, of which its own first has `first`."""
        if first not in self.numbered:
            assert self.returned.path is not None
            self.numbered[first] = {0: self.start, **dict(enumerate(self.returned.path, first))}
        return self.numbered[first]

    def places(self, ends: list[int], hypothesis: Hypothesis) -> list[dict[int, Floats]]:
        """Return θ by the number of updates made, in each way that the path may be read."""
        total, path = ends[-1] if ends else 0, self.returned.path
        shift = hypothesis.more_epochs
        found: list[dict[int, Floats]] = []
        if path is None:
            known = {
                ends[told + shift - 1]: theta
                for told, theta in self.after_epochs.items()
                if 0 < told + shift <= len(ends)
                and (told == max(self.after_epochs) or not hypothesis.is_of_whole_walk)
            }
            return [{0: self.start, **known}]
        count = len(path)
        begins = self.owns_start or np.allclose(path[0], self.start, rtol=1e-6, atol=1e-12)
        if count == total + 1 and begins:
            found.append(self.each(0))
        elif count == len(ends) + 1 and begins:
            found.append(dict(zip([0, *ends], path, strict=True)))
        elif count == total:
            found.append(self.each(1))
        elif count == len(ends):
            found.append({0: self.start, **dict(zip(ends, path, strict=True))})
        return found


def taking(task: Task, hypothesis: Hypothesis) -> Callable[..., Floats]:
    """Return how θ moves once the gradient is known."""
    if hypothesis.take is not None:
        return hypothesis.take
    if task.rule is None:
        return plain
    return partial(RULES[type(task.rule).__name__], **vars(task.rule))


def first_step(task: Task) -> Step:
    """Return what the rule keeps, before the first update."""
    is_w = np.zeros_like(task.start)
    is_w[task.problem.w] = 1
    return Step(task.l1 * is_w, is_w)


def agree(expected: Floats, got: Floats, before: Floats, share: float) -> bool:
    """Whether two θ are the same but for rounding; beyond what is finite all are."""
    size = max(float(np.max(np.abs(expected))), float(np.max(np.abs(before))))
    if not np.isfinite(size) or size > 1e150:
        return not np.isfinite(got).all() or float(np.max(np.abs(got))) > 1e100
    return bool(np.max(np.abs(expected - got)) <= share * size)


def follow(task: Task, hypothesis: Hypothesis, seen: Seen, share: float) -> Mismatch | int | None:
    """Take the loop's way under `hypothesis`.

    Returns the places that agree, if all do; the first that does not; or None, if the path has not
    as many θ as there would be.
    """
    plan = hypothesis.plan(task)
    ends = [int(end) for end in np.cumsum([len(epoch) for epoch in plan])]
    best: Mismatch | None = None
    for known in seen.places(ends, hypothesis):
        found = _follow(task, hypothesis, plan, known, share)
        if not isinstance(found, Mismatch):
            return found
        if best is None or found.compared > best.compared:
            best = found
    return best


def first_of_another_length(task: Task, seen: Seen, share: float) -> Mismatch | None:
    """Compare the beginning of a path that is longer or shorter than it should be."""
    path, plan = seen.returned.path, task.plan()
    if path is None:
        return None
    ends = [0, *(int(end) for end in np.cumsum([len(epoch) for epoch in plan]))]
    if np.allclose(path[0], seen.start, rtol=1e-6, atol=1e-12):
        path = path[1:]
    by_epoch = len(path) <= len(plan) + 1
    places = ends[1:] if by_epoch else range(1, ends[-1] + 1)
    known = {0: seen.start, **dict(zip(places, path, strict=False))}
    found = _follow(task, RIGHT, plan, known, share)
    return found if isinstance(found, Mismatch) else None


def walk(task: Task, hypothesis: Hypothesis, seen: Seen) -> list[Floats] | None:
    """Return every θ of a loop that goes the way of `hypothesis`, its own where they are known."""
    plan = hypothesis.plan(task)
    ends = [int(end) for end in np.cumsum([len(epoch) for epoch in plan])]
    for known in seen.places(ends, hypothesis):
        thetas = [known[0]]
        _follow(task, hypothesis, plan, known, np.inf, thetas)
        return thetas
    return None


def _follow(
    task: Task,
    hypothesis: Hypothesis,
    plan: Plan,
    known: dict[int, Floats],
    share: float,
    thetas: list[Floats] | None = None,
) -> Mismatch | int | None:
    total = sum(len(epoch) for epoch in plan)
    if not any(place > 0 for place in known):
        return None
    if thetas is not None and len(known) == total + 1:
        thetas[:] = [known[t] for t in range(total + 1)]
        return total
    gradients = None
    if hypothesis is RIGHT and total > MANY and len(known) == total + 1:
        if task.is_plain:
            return _at_once(task, plan, known, share)
        gradients = _all_gradients(task, plan, known)
    can_jump = hypothesis is RIGHT and task.jump and task.rule is None and task.is_cut_from_order()
    take, step, memory = taking(task, hypothesis), first_step(task), {}  # type: ignore[var-annotated]
    theta = before = known[0]
    last, compared, t = theta, 0, 0
    X_b, y = task.problem.X_b, task.problem.y
    final = max(known)
    ends = [0, *(int(end) for end in np.cumsum([len(epoch) for epoch in plan]))]
    landed = -1
    for epoch, batches in enumerate(plan):
        if t < landed:
            continue
        if can_jump and task.jump and len(known) <= len(plan) + 1 and thetas is None:
            until = next((end for end in range(epoch + 1, len(plan) + 1) if ends[end] in known), 0)
            if until and ends[until] - t > MANY:
                got = known[ends[until]]
                new = task.jump(task, theta, epoch, until, t)
                t = landed = ends[until]
                if not agree(new, got, last, share):
                    return Mismatch(t, until, new, got, compared)
                compared += 1
                theta = before = last = got
                continue
        for k, (rows, rows_of_y) in enumerate(batches):
            if t >= final:
                return compared
            if gradients is None:
                now = Now(theta, before, X_b[rows], y[rows_of_y], t, epoch, k, memory=memory)
                now.eta = hypothesis.rate(task, now) if hypothesis.rate else task.rate(t)
                if hypothesis.advance is not None:
                    new = hypothesis.advance(task, now)
                else:
                    step.eta, step.k = now.eta, t + 1
                    new = take(theta, hypothesis.gradient(task, now), step)
            else:
                step.eta, step.k = task.rate(t), t + 1
                new = take(theta, gradients[t], step)
            t += 1
            before = theta
            if thetas is not None:
                thetas.append(known.get(t, new))
            if t not in known:
                theta = new
                continue
            got = known[t]
            if not agree(new, got, last, share):
                return Mismatch(t, epoch + 1, new, got, compared)
            compared += 1
            if not np.isfinite(got).all() and thetas is None:
                return compared
            theta = last = got
    return compared


def _at_once(task: Task, plan: Plan, known: dict[int, Floats], share: float) -> Mismatch | int:
    """Take all updates of plain descent, the first few before the rest."""
    total = len(known) - 1
    path = np.array([known[t] for t in range(total + 1)])
    path = path.reshape(total + 1, -1)
    for begin, end in ((0, min(MANY, total)), (min(MANY, total), total)):
        if begin == end:
            break
        rates = np.array([task.rate(t) for t in range(begin, end)])[:, None]
        gradients = _all_gradients(task, plan, known, begin, end).reshape(end - begin, -1)
        expected = path[begin:end] - rates * gradients
        got = path[begin + 1 : end + 1]
        size = np.maximum(np.abs(expected).max(axis=1), np.abs(path[begin:end]).max(axis=1))
        wrong = np.flatnonzero(~(np.abs(expected - got).max(axis=1) <= share * size))
        for place in wrong:
            pair = expected[place], got[place]
            if not agree(*pair, path[begin + place], share):
                shape, t = task.start.shape, int(begin + place)
                ends = np.cumsum([len(epoch) for epoch in plan])
                epoch = int(np.searchsorted(ends, t, side="right")) + 1
                return Mismatch(t + 1, epoch, pair[0].reshape(shape), pair[1].reshape(shape), t)
            if not np.isfinite(got[place]).all():
                return int(begin + place + 1)
    return total


def _all_gradients(
    task: Task, plan: Plan, known: dict[int, Floats], begin: int = 0, end: int | None = None
) -> Floats:
    """Return the gradient of each update at the loop's own θ, many of a size at once."""
    batches = [batch for epoch in plan for batch in epoch][begin:end]
    thetas = np.array([known[begin + t] for t in range(len(batches))])
    gradients = np.empty_like(thetas)
    for part, X, slopes in in_groups(task, thetas, batches):
        sums = X.transpose(0, 2, 1) @ slopes[1].reshape(*X.shape[:2], -1) / X.shape[1]
        gradients[part] = sums.reshape(len(part), *thetas.shape[1:])
    w = task.problem.w
    gradients[:, w] += task.problem.l2 * thetas[:, w] + task.sign_l1 * np.sign(thetas[:, w])
    return gradients


def in_groups(
    task: Task, thetas: Floats, batches: list[tuple[Rows, Rows]]
) -> Iterator[tuple[Rows, Floats, tuple[Floats, Floats]]]:
    """Give losses and slopes of batches of one size at once: which, their rows of X, and both."""
    sizes = np.array([len(rows) for rows, _ in batches])
    X_b, y, loss = task.problem.X_b, task.problem.y, task.problem.loss
    for size in np.unique(sizes):
        which = np.flatnonzero(sizes == size)
        at_once = max(1, CHUNK // int(size))
        for start in range(0, len(which), at_once):
            part = which[start : start + at_once]
            X = X_b[np.array([batches[t][0] for t in part])]
            scores = X @ thetas[part].reshape(len(part), X_b.shape[1], -1)
            flat = scores.reshape(-1, scores.shape[2])
            targets = y[np.array([batches[t][1] for t in part])].reshape(-1, *y.shape[1:])
            yield part, X, loss(flat if y.ndim == 2 else flat[:, 0], targets)
