"""Running a loop, reading what it returned, and looking for what is wrong in it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Any

import numpy as np

from gradwalk import GradientDescent, max_learning_rate
from gradwalk._text import rounded
from gradwalk.language.checks import sentence

from .loop_draws import Drawn, guesses, judge_draws
from .loop_losses import LossesFound, judge_losses
from .loop_paths import paths
from .loop_report import FirstDifference, LoopReport
from .loop_run import SEED, Calls
from .loop_search import search
from .replay import (
    DOUBLE,
    RIGHT,
    SINGLE,
    Hypothesis,
    Mismatch,
    Seen,
    first_of_another_length,
    follow,
    walk,
)
from .report import Diagnosis
from .returned import Form, NothingReturned, read
from .student import Outcome, arguments
from .task import Task
from .watching import plans

#: By what a loss and its slope are multiplied in another convention.
OF_LOSS: dict[str, Callable[[int], float]] = {
    "factor 2": lambda _: 2.0,
    "factor ½": lambda _: 0.5,
    "not divided": float,
}
#: Losses of few slopes, where many orders of the rows lead to the same θ.
OF_FEW_SLOPES = ("mae", "hinge", "perceptron")
WHAT = {"factor 2": "η/2", "factor ½": "2η", "not divided": "η/m"}


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


@dataclass(slots=True)
class Judge:
    """A loop, or the path of one, to be checked once."""

    student: Any
    X: Any
    y: Any
    optimizer: GradientDescent
    task: Task
    sampling: str
    time_limit: float
    language: str | None
    notes: list[str] = field(default_factory=list)
    outcome: Outcome = field(default_factory=Outcome)
    until: float = 0.0
    """When the time is up."""
    calls: Calls = field(init=False)
    form: Form = field(init=False)
    shown: Task = field(init=False)
    """The rows of the picture: those that fit best."""
    share: float = DOUBLE
    """What two updates may differ by for rounding."""

    def __post_init__(self) -> None:
        self.shown = self.task
        named = frozenset(arguments(self.student)) if callable(self.student) else frozenset()
        self.calls = Calls(self.student, self.X, self.y, self.optimizer, self.task, named)
        self.form = Form(self.task.start.shape, self.task.problem.w.start == 1)
        if getattr(self.X, "dtype", None) == np.float32:
            self.share = SINGLE

    @property
    def is_stochastic(self) -> bool:
        """Whether an update sees a part of the rows."""
        return self.task.size < self.task.n

    def say(self, name: str, **figures: object) -> None:
        """Note something."""
        self.notes.append(sentence(name, figures, self.language))

    def report(self) -> LoopReport:
        """Run, compare, and look for the mistake."""
        self.until = time.monotonic() + self.time_limit
        if callable(self.student):
            outcome = self.outcome = self.calls.call(self.task.epochs, self.time_limit)
            for note in outcome.notes:
                if note != "generator used" or not self.is_stochastic:
                    self.say(f"loop {note}")
            if outcome.failure:
                return self.failed()
            value = outcome.value
        else:
            value = self.student
        try:
            returned = read(value, self.form)
        except NothingReturned as found:
            figures = {"got": found.got, "expected": self.form.shape}
            diagnosis = [self.seen(found.name, figures)]
            return self.ended(self.seen_in_shape(found.shape) + diagnosis)
        takes_start = {"theta", "w"} & self.calls.parameters
        seen = Seen(returned, self.task.start, owns_start=not takes_start)
        if returned.path is None and returned.final is not None:
            if self.outcome.failure is None and callable(self.student):
                walks = self.short_walks()
                # A loop that takes the number of epochs and does not heed it says no more.
                if not any(np.array_equal(theta, returned.final) for theta in walks.values()):
                    seen.after_epochs |= walks
            seen.after_epochs[self.task.epochs] = returned.final
        if returned.is_single:
            self.share = SINGLE
        with np.errstate(all="ignore"):
            if self.form == Form((2,), True) and not self.fits(seen) and self.fits(seen.turned()):
                seen = seen.turned()  # two numbers may be (w, b), or θ with the intercept first
            report = self.compare(seen)
            # Of a few rows it has its own.
            return report if report.paths else replace(report, paths=paths(self.shown, seen))

    def fits(self, seen: Seen) -> bool:
        """Whether all updates are the reference's, with any of the rows that may be."""
        return any(isinstance(follow(task, RIGHT, seen, self.share), int) for task in self.tasks())

    def seen_in_shape(self, shape: tuple[int, ...]) -> list[Diagnosis]:
        """Return what a θ with a column for each row of a batch says."""
        is_wide = len(shape) == 2 and shape[1] in {self.task.n, self.task.size} - {1}
        return [self.seen("column against row")] if is_wide else []

    def short_walks(self) -> dict[int, Any]:
        """Return θ after few epochs, within the time limit."""
        return self.calls.short_walks(self.form, self.until, self.outcome)

    def seen(
        self, name: str, figures: Mapping[str, object] | None = None, confidence: float = 1.0
    ) -> Diagnosis:
        """Return a diagnosis."""
        return Diagnosis(
            name, confidence, self.figures(name) | dict(figures or {}), self.language, True
        )

    def figures(self, name: str) -> dict[str, object]:
        """Return what the messages tell."""
        task, form = self.task, self.form
        return {
            "n": task.n, "m": task.size, "rest": task.n % task.size or task.size,
            "features": form.features, "classes": form.classes, "epochs": task.epochs,
            "name": name, "what": "", "factor": "",
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

    def failed(self) -> LoopReport:
        """Report a loop that returned nothing."""
        outcome, name = self.outcome, self.outcome.failure or "raises"
        found = self.seen(name, {"error": outcome.error, "seconds": rounded(self.time_limit)})
        if name == "raises" and outcome.error.startswith(("OverflowError", "FloatingPoint")):
            times = self.above_limit()
            knots = self.short_walks() if times else {}
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
        if not self.calls.is_watched:
            return [task]
        drawn = plans(task, self.outcome.watched)
        found = (replace(task, drawn=plan, order=Drawn(plan).order()) for plan in drawn)
        others = (replace(task, order=order, planned=None) for order in guesses(self.task, SEED))
        return chain(found, others)

    def compare(self, seen: Seen) -> LoopReport:
        """Compare what was returned with the reference, and name what differs."""
        tasks: list[Task] = []
        first: Mismatch | None = None
        base, fits = self.task, 0
        for task in self.tasks():
            tasks.append(task)
            found = follow(task, RIGHT, seen, self.share)
            if isinstance(found, Mismatch):
                if first is None or found.compared > first.compared:
                    first, base = found, task
                    self.shown = task
            elif found is not None and found >= fits and not self.draws(task):
                return self.agreed(task, seen, found)
            elif found is not None and not fits:
                agreeing, fits = task, found
        if fits:
            # Rows are blamed where no others lead to the same θ.
            return self.agreed(agreeing, seen, fits)
        if self.is_nothing(seen):
            return self.ended([self.seen("no result", {"got": "NaN"})], first)
        # Rows that were seen need no guessing.
        most = 2 if self.outcome.watched else 3
        likeliest = [base, *(task for task in tasks if task is not base)][:most]
        explained = search(likeliest, seen, self.sampling, self.share)
        if not explained and self.calls.is_watched and not self.knows_rows():
            on_few = self.on_few_rows()
            if on_few is not None:
                return on_few
        share = 1 / len(explained) if explained else 0.0
        diagnosis = [
            self.seen(
                self.named(one, task, seen),
                {"what": WHAT.get(one.name, "")} | dict(one.figures),
                share,
            )
            for one, task in explained
        ]
        if explained:
            diagnosis += self.draws(explained[0][1])
        compared = first.compared if first else 0
        total = max(
            1, len(seen.returned.path if seen.returned.path is not None else seen.after_epochs)
        )
        if first is None:
            diagnosis = diagnosis or self.seen_in_shape(seen.returned.shape)
            if not diagnosis:
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
        left = self.until - time.monotonic()
        if left < self.outcome.seconds:
            return None
        few = slice(0, m)
        problem = task.problem
        part = replace(
            problem, X_b=problem.X_b[few], y=problem.y[few], weights=problem.weights[few]
        )
        order = [np.arange(m)] * task.epochs
        smaller = replace(task, problem=part, order=order, planned=None, jump=None)
        other = Judge(
            self.student, self.X[few], self.y[few], self.optimizer, smaller, "sequential", left,
            self.language,
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
        self.shown = task
        if self.share == SINGLE:
            self.say("float32")
        times = self.above_limit()
        if times:
            self.say("rate noted", times=rounded(times))
        diagnosis = self.draws(task)
        passed = not diagnosis
        losses = seen.returned.losses
        if losses is not None:
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
                factor = rounded(found.ratio)
                if found.of_rows:
                    factor = "m" if factor == "1" else f"{factor}m"
                diagnosis.append(self.seen(name, {"factor": factor}))
        score = 1.0 if passed else 0.5
        return self.ended(diagnosis, None, compared, score, passed)

    def draws(self, task: Task) -> list[Diagnosis]:
        """Say what is wrong in the rows that the loop took, if they were not handed over."""
        is_guess = task.drawn is None and task.loss in OF_FEW_SLOPES
        wrong = None
        if self.calls.is_watched and not is_guess:
            wrong = judge_draws(task, Drawn(task.plan()), self.sampling)
        found = [self.seen(wrong)] if wrong else []
        if wrong == "shuffled once" and task.n % task.size:
            found.append(self.seen("epoch never fires", confidence=0.3))
        return found

    def losses(self, task: Task, seen: Seen, losses: Any) -> LossesFound:
        """Judge the losses of a loop whose θ are right."""
        thetas = walk(task, RIGHT, seen)
        if thetas is None:
            return LossesFound("unknown")
        return judge_losses(task, task.plan(), thetas, losses)
