"""Running a loop, reading what it returned, and looking for what is wrong in it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from itertools import chain
from typing import Any

import numpy as np

from gradwalk import GradientDescent, max_learning_rate
from gradwalk._text import rounded
from gradwalk.language.checks import sentence

from .loop_draws import Drawn, draw_hypotheses, guesses, judge_draws
from .loop_losses import LossesFound, judge_losses
from .loop_mistakes import hypotheses
from .loop_report import FirstDifference, LoopReport
from .loop_run import SEED, Calls
from .replay import (
    DOUBLE,
    RIGHT,
    SINGLE,
    Hypothesis,
    Mismatch,
    Seen,
    Task,
    first_of_another_length,
    follow,
    walk,
)
from .report import Diagnosis
from .returned import Form, NothingReturned, read
from .student import Outcome, arguments
from .watching import plans

#: Seconds that the search for the mistake may take.
SEARCH = 10.0
#: By what a loss and its slope are multiplied in another convention.
OF_LOSS: dict[str, Callable[[int], float]] = {
    "factor 2": lambda _: 2.0,
    "factor ½": lambda _: 0.5,
    "not divided": float,
}
WHAT = {"factor 2": "η/2", "factor ½": "2η", "not divided": "η/m"}


def judge(
    student: Any,
    X: Any,
    y: Any,
    optimizer: GradientDescent,
    task: Task,
    sampling: str,
    time_limit: float,
    language: str | None,
) -> LoopReport:
    """Check a loop, or the path of one."""
    return _Judge(student, X, y, optimizer, task, sampling, time_limit, language).report()


def times_above_limit(task: Task, X: Any, y: Any) -> float | None:
    """Return by how many times the rate of plain descent is above the limit of the data, if so."""
    if task.rule is not None:
        return None
    words: dict[str, Any] = {"loss": task.loss}
    words |= {} if task.size >= task.n else {"batch_size": task.size}
    try:
        limit = max_learning_rate(
            np.asarray(X, float), y, l2=task.problem.l2,
            fit_intercept=task.problem.w.start == 1, **words,
        )  # fmt: skip
    except (TypeError, ValueError):
        return None
    times = task.rate(0) / limit
    return times if times > 1 else None


class _Judge:
    def __init__(
        self,
        student: Any,
        X: Any,
        y: Any,
        optimizer: GradientDescent,
        task: Task,
        sampling: str,
        time_limit: float,
        language: str | None,
    ) -> None:
        self.student, self.X, self.y, self.optimizer = student, X, y, optimizer
        self.task, self.sampling = task, sampling
        self.time_limit, self.language = time_limit, language
        self.notes: list[str] = []
        self.outcome = Outcome()
        named = frozenset(arguments(student)) if callable(student) else frozenset()
        self.calls = Calls(student, X, y, optimizer, task, named)
        self.is_stochastic = task.size < task.n
        self.is_watched = self.calls.is_watched
        self.form = Form(task.start.shape, task.problem.w.start == 1)
        is_float32 = getattr(X, "dtype", None) == np.float32
        self.share = SINGLE if is_float32 else DOUBLE

    def say(self, name: str, **figures: object) -> None:
        """Note something."""
        self.notes.append(sentence(name, figures, self.language))

    def report(self) -> LoopReport:
        """Run, compare, and look for the mistake."""
        begin = time.monotonic()
        if callable(self.student):
            outcome = self.outcome = self.calls.call(self.task.epochs, self.time_limit)
            for note in outcome.notes:
                if note != "generator used" or not self.is_stochastic:
                    self.say(f"loop {note}")
            if outcome.failure:
                return self.failed(begin)
            value = outcome.value
        else:
            value = self.student
        try:
            returned = read(value, self.form)
        except NothingReturned as found:
            figures = {"got": found.got, "expected": self.form.shape}
            return self.ended([self.seen(found.name, figures)])
        takes_start = {"theta", "w"} & self.calls.parameters
        seen = Seen(returned, self.task.start, owns_start=not takes_start)
        if returned.path is None and returned.final is not None:
            if self.outcome.failure is None and callable(self.student):
                seen.after_epochs |= self.short_walks(begin)
            seen.after_epochs[self.task.epochs] = returned.final
        if returned.is_single or self.share == SINGLE:
            self.share = SINGLE
        with np.errstate(all="ignore"):
            return self.compare(seen)

    def short_walks(self, begin: float) -> dict[int, Any]:
        """Return θ after few epochs, within the time limit."""
        return self.calls.short_walks(self.form, begin + self.time_limit, self.outcome.seconds)

    def seen(
        self, name: str, figures: Mapping[str, object] | None = None, confidence: float = 1.0
    ) -> Diagnosis:
        """Return a diagnosis."""
        return Diagnosis(
            name, confidence, self.figures(name) | dict(figures or {}), self.language, True
        )

    def figures(self, name: str) -> dict[str, object]:
        """Return what the messages tell."""
        task = self.task
        d = task.problem.X_b.shape[1] - (task.problem.w.start or 0)
        K = task.start.shape[1] if task.start.ndim == 2 else 1
        return {
            "n": task.n, "m": task.size, "rest": task.n % task.size or task.size, "features": d,
            "classes": K, "epochs": task.epochs, "name": name, "what": "", "factor": "",
        }  # fmt: skip

    def ended(
        self,
        diagnosis: list[Diagnosis],
        first: Mismatch | None = None,
        compared: int = 0,
        score: float = 0.0,
        passed: bool = False,
    ) -> LoopReport:
        """Return the report."""
        where = None
        if first is not None:
            where = FirstDifference(first.update, first.epoch, first.expected, first.got)
        return LoopReport(
            passed, tuple(diagnosis), where, score, compared, self.outcome.seconds,
            tuple(self.notes), self.outcome.printed, self.language,
        )  # fmt: skip

    def above_limit(self) -> float | None:
        """Return by how many times the rate is above the limit of the data, if it is."""
        return times_above_limit(self.task, self.X, self.y)

    def failed(self, begin: float) -> LoopReport:
        """Report a loop that returned nothing."""
        outcome, name = self.outcome, self.outcome.failure or "raises"
        found = self.seen(name, {"error": outcome.error, "seconds": rounded(self.time_limit)})
        if name == "raises" and outcome.error.startswith(("OverflowError", "FloatingPoint")):
            times = self.above_limit()
            knots = self.short_walks(begin) if times else {}
            seen = Seen(read(self.task.start, self.form), self.task.start, knots)
            if times and knots:
                short = replace(self.task, order=self.task.order[: max(knots)], epochs=max(knots))
                if isinstance(follow(short, RIGHT, seen, self.share), int):
                    above = self.seen("rate above the limit", {"times": rounded(times)})
                    return self.ended([above, found])
        return self.ended([found])

    def tasks(self) -> Iterable[Task]:
        """Return what the loop may have been doing, by the rows that it was seen to take."""
        task = self.task
        if not self.is_watched:
            return [task]
        drawn = plans(task, self.outcome.watched)
        found = (replace(task, drawn=plan, order=Drawn(plan).order()) for plan in drawn)
        others = (replace(task, order=order, planned=None) for order in guesses(self.task, SEED))
        return chain(found, others)

    def compare(self, seen: Seen) -> LoopReport:
        """Compare what was returned with the reference, and name what differs."""
        tasks: list[Task] = []
        first: Mismatch | None = None
        base = self.task
        for task in self.tasks():
            tasks.append(task)
            found = follow(task, RIGHT, seen, self.share)
            if found is None:
                continue
            if not isinstance(found, Mismatch):
                return self.agreed(task, seen, found)
            if first is None or found.compared > first.compared:
                first, base = found, task
        if self.is_nothing(seen):
            return self.ended([self.seen("no result", {"got": "NaN"})], first)
        explained = self.search(base, tasks, seen)
        if not explained and self.is_watched and not self.knows_rows():
            on_few = self.on_few_rows()
            if on_few is not None:
                return on_few
        share = 1 / len(explained) if explained else 0.0
        diagnosis = [
            self.seen(self.named(one, task, seen), self.told(one), share) for one, task in explained
        ]
        compared = first.compared if first else 0
        total = max(
            1, len(seen.returned.path if seen.returned.path is not None else seen.after_epochs)
        )
        if first is None:
            self.say("loop of another length", got=total)
            first = first_of_another_length(base, seen, self.share)
            compared = first.compared if first else 0
        return self.ended(diagnosis, first, compared, min(compared / total, 0.99))

    def knows_rows(self) -> bool:
        """Whether the loop was seen to take as many batches as there are updates."""
        task = self.task
        updates = len(task.plan()[0]) * task.epochs
        drawn = plans(task, self.outcome.watched)
        return any(sum(len(epoch) for epoch in plan) == updates for plan in drawn)

    def on_few_rows(self) -> LoopReport | None:
        """Check the loop on the rows of one batch, where it matters not which it draws."""
        task, m = self.task, self.task.size
        few = slice(0, m)
        problem = task.problem
        part = replace(
            problem, X_b=problem.X_b[few], y=problem.y[few], weights=problem.weights[few]
        )
        order = [np.arange(m)] * task.epochs
        smaller = replace(task, problem=part, order=order, planned=None, jump=None)
        other = _Judge(
            self.student, self.X[few], self.y[few], self.optimizer, smaller, "sequential",
            self.time_limit, self.language,
        )  # fmt: skip
        found = other.report()
        if other.outcome.failure or not (found.compared or found.first_difference):
            return None
        said = sentence("draws unknown", {"m": m}, self.language)
        return replace(found, notes=(*self.notes, said), seconds=self.outcome.seconds)

    def is_nothing(self, seen: Seen) -> bool:
        """Whether no θ that was returned is finite, with a rate that is not to blame."""
        final = seen.returned.final
        path = seen.returned.path
        is_finite = final is None or bool(np.isfinite(final).any())
        if path is not None:
            is_finite = bool(np.isfinite(path[-1:]).any() or np.isfinite(path[1:2]).any())
        early = [np.isfinite(theta).any() for theta in seen.after_epochs.values()]
        return not is_finite and not any(early)

    def told(self, one: Hypothesis) -> dict[str, object]:
        """Return the figures of a hypothesis."""
        what = WHAT.get(one.name, "")
        return {"what": what} | dict(one.figures)

    def search(self, base: Task, tasks: list[Task], seen: Seen) -> list[tuple[Hypothesis, Task]]:
        """Return the mistakes that explain all that was compared."""
        found: dict[str, tuple[Hypothesis, Task]] = {}
        until = time.monotonic() + SEARCH
        # Rows that were seen need no guessing.
        most = 2 if self.outcome.watched else 3
        others = [base, *(task for task in tasks if task is not base)][:most]
        for task in others:
            draws = draw_hypotheses(task, self.sampling)
            for one in chain(hypotheses(task), draws):
                if time.monotonic() > until or len(found) > 4:
                    break
                if one.name in found:
                    continue
                try:
                    result = follow(task, one, seen, self.share)
                except (ValueError, IndexError, FloatingPointError):
                    continue
                if result is not None and not isinstance(result, Mismatch) and result > 0:
                    found[one.name] = one, task
            if found:
                break
        return list(found.values())

    def named(self, one: Hypothesis, task: Task, seen: Seen) -> str:
        """Return the name of a mistake: none is a convention that its losses keep, too."""
        losses = seen.returned.losses
        if one.name not in OF_LOSS or losses is None or one.figures.get("where"):
            return one.name
        plan = one.plan(task)
        thetas = walk(task, one, seen)
        if thetas is None:
            return one.name
        kept = judge_losses(task, plan, thetas, losses, OF_LOSS[one.name])
        return "another convention" if kept.kind == "right" else one.name

    def agreed(self, task: Task, seen: Seen, compared: int) -> LoopReport:
        """Report a loop whose updates are right: its rows and its losses may not be."""
        if self.share == SINGLE:
            self.say("float32")
        times = self.above_limit()
        if times:
            self.say("rate noted", times=rounded(times))
        diagnosis = []
        if self.is_watched:
            plan = task.plan()
            wrong = judge_draws(task, Drawn(plan), self.sampling)
            if wrong:
                diagnosis.append(self.seen(wrong))
        passed = not diagnosis
        losses = seen.returned.losses
        if losses is not None and losses.size + compared:
            found = self.losses(task, seen, losses)
            passed &= found.kind == "right"
            if found.note:
                self.say(f"losses {found.note}")
            if found.kind == "length":
                fits = f"{task.epochs}"
                self.say("losses of another length", got=losses.size, expected=fits)
                if self.is_stochastic and losses.size < task.epochs and task.n % task.size:
                    diagnosis.append(self.seen("epoch never fires"))
            elif found.kind == "unknown":
                self.say("losses unknown")
            elif found.kind != "right":
                name = (
                    "log of another base" if found.kind == "other base" else "loss on another scale"
                )
                diagnosis.append(self.seen(name, {"factor": rounded(found.ratio)}))
        score = 1.0 if passed else 0.5
        return self.ended(diagnosis, None, compared, score, passed)

    def losses(self, task: Task, seen: Seen, losses: Any) -> LossesFound:
        """Judge the losses of a loop whose θ are right."""
        thetas = walk(task, RIGHT, seen)
        if thetas is None:
            return LossesFound("unknown")
        return judge_losses(task, task.plan(), thetas, losses)
