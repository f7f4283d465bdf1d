"""What a cell is taken to do: loss, penalty, rule and batches.

A cell does not say whether it means the mean of (z − y)² or half of it, nor on which scale its
penalty is. It is judged by the convention that makes its first updates right, if one does.
"""

from __future__ import annotations

import ast
import time
import types
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradwalk import SGD, BatchGD, GradientDescent, MiniBatchGD
from gradwalk.check import check_loop
from gradwalk.check.loop import task_of
from gradwalk.check.loop_draws import Drawn, guesses
from gradwalk.check.replay import DOUBLE, RIGHT, SINGLE, Mismatch, Seen, follow
from gradwalk.check.returned import Form, read
from gradwalk.check.watching import plans

from .expressions import called, factors_of, loads
from .layout import Layout, Rows
from .roles import Missing, Names
from .settings import OF_LOSSES, Settings

LOGISTIC = {"sigmoid", "expit", "logistic", "sig", "sigma", "sigmoid_function"}
RANDOM_ROWS = {"randint", "choice", "choices", "integers", "randrange", "random_integers"}
SHUFFLES = {"permutation", "shuffle", "permuted", "resample", "argsort", "sample"}
#: Seconds that the search for a convention may take.
SEARCH = 3.0
#: By what a penalty's number is multiplied in a gradient; n is the rows, m those of a batch.
PENALTIES = ("1", "2", "1/m", "2/m", "1/n", "2/n", "1/2", "1/(2*m)")


@dataclass(frozen=True, slots=True)
class Trial:
    """What the first passes gave."""

    path: NDArray[np.float64]
    made: list[int]
    """The pass of each update."""
    rates: list[float]
    counts: list[int]
    """Rows that each update of the first pass read."""
    passes: int
    """Passes that the loop makes in all."""
    watched: object


@dataclass(frozen=True, slots=True)
class Draws:
    """How the rows of the updates are taken."""

    size: int
    sampling: str
    epochs: int
    is_one_update: bool = False
    """Whether an epoch here is one update on some of the rows."""

    def order(self, epochs: int) -> list[NDArray[np.integer]] | None:
        """Return rows that are as many as are drawn, where a pass is no pass over the data."""
        return [np.arange(self.size)] * epochs if self.is_one_update else None


def draws_of(names: Names, tree: ast.Module, data: Rows, trial: Trial) -> Draws:
    """Return how the rows are taken: how many for an update, and in what order."""
    n, told = len(data.X), names.told
    each = Counter(trial.made)
    updates = each[1]
    calls = {called(node) for node in ast.walk(names.flow.loop) if isinstance(node, ast.Call)}
    is_random = bool(calls & RANDOM_ROWS)
    is_shuffled = bool(calls & SHUFFLES) or _reads_shuffled(names, tree)
    counts = [count for count in trial.counts[:updates] if count]
    if "batch_size" in told:
        size = int(names.told_number("batch_size"))
    elif counts:
        # All rows are read for a loss; a batch of all of them is read at every update.
        size = max([count for count in counts if count < n], default=n)
    elif updates == 1:
        size = n
    else:
        size = 1 if updates >= n - 1 else -(-n // updates)
    if updates == 1 and size >= n - 1 and not is_random and not is_shuffled:
        size = n
    if size >= n:
        total = trial.passes * updates
        return Draws(n, "sequential", total)
    sampling = told.get("sampling") or (
        "replace" if is_random else "shuffle" if is_shuffled else "sequential"
    )
    if updates == 1 or updates * size < n // 2:
        return Draws(size, "replace", trial.passes * updates, True)
    return Draws(size, sampling, trial.passes)


def _reads_shuffled(names: Names, tree: ast.Module) -> bool:
    """Whether the loop selects rows by numbers that were shuffled before it."""
    made: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and called(node.value) in SHUFFLES:
            made |= {t.id for t in node.targets if isinstance(t, ast.Name)}
        elif isinstance(node, ast.Call) and called(node) == "shuffle" and node.args:
            made |= loads(node.args[0])
    own = {source.name for source in names.X} | {names.y.name}
    return bool((made - own) & names.flow.read & set(names.held))


@dataclass(frozen=True, slots=True)
class Choice:
    """What the cell is taken to do."""

    optimizer: GradientDescent
    draws: Draws
    fits: bool
    """Whether the first updates are right by it."""
    by: float = 1.0
    """By what the cell's rate is multiplied in it."""
    scale: float = 1.0
    """How many times the optimizer's loss that of the cell is: n, if it is a sum."""


@dataclass(frozen=True, slots=True)
class Reading:
    """All that is known of a cell as its optimizer is chosen."""

    names: Names
    tree: ast.Module
    namespace: Mapping[str, object]
    data: Rows
    layout: Layout
    trial: Trial
    until: float
    """When the time is up."""

    def choose(self, student: Any) -> Choice:
        """Return the first optimizer by which the first updates are right, or else the likeliest.

        `student` is the cell, stopped after the passes of the trial.
        """
        draws = draws_of(self.names, self.tree, self.data, self.trial)
        losses, penalties, moves = (
            self.losses(),
            list(product(self.penalties(draws.size), self.penalties(draws.size, by_sign=True))),
            list(Settings(self.names).rules()),
        )
        tried: list[Choice] = []
        scales = [1.0]
        if self._sums_loss():
            scales.append(float(draws.size))
        if "sigmoid_mse" in losses and "log" not in calls_of(self.names, self.tree, self.namespace):
            scales.append(0.5)
        for penalty, scale, (rule, by), loss in product(penalties, scales, moves, losses):
            optimizer = self.optimizer(loss, draws, penalty, rule, by * scale)
            choice = Choice(optimizer, draws, True, by * scale, scale)
            is_right = self.is_right(optimizer, draws)
            if is_right:
                return choice
            if is_right is not None:
                tried.append(replace(choice, fits=False))
        if draws.size < self.n and not self.trial.watched and draws.sampling != "sequential":
            raise Missing("rows")
        # None is right: the convention in which the mistake has a name.
        until = min(time.monotonic() + SEARCH, self.until)
        for choice in tried if len(tried) > 1 else ():
            if time.monotonic() > until:
                break
            if self.is_named(choice.optimizer, draws, student):
                return choice
        if not tried or (len(tried) > 1 and self._steps()):
            raise Missing("loss")
        return tried[0]

    def short(self, optimizer: GradientDescent, draws: Draws) -> tuple[GradientDescent, Any]:
        """Return the optimizer for the passes of the trial, and the order of their rows."""
        seen = max(self.trial.made)
        epochs = len(self.trial.made) if draws.is_one_update or draws.size >= self.n else seen
        return with_epochs(optimizer, epochs), draws.order(epochs)

    @property
    def n(self) -> int:
        """Return the rows."""
        return len(self.data.X)

    def is_right(self, optimizer: GradientDescent, draws: Draws) -> bool | None:
        """Whether the updates of the trial are the optimizer's; None if the data are not for it."""
        short, order = self.short(optimizer, draws)
        try:
            task, _ = task_of(self.data.X, self.data.y, short, self.trial.path[0], order)
        except (TypeError, ValueError):
            return None
        form = Form(task.start.shape, task.problem.w.start == 1)
        seen = Seen(read(np.array(self.trial.path), form), task.start, owns_start=True)
        share = SINGLE if seen.returned.is_single else DOUBLE
        tasks = [task]
        if draws.size < self.n:
            tasks = [
                replace(task, drawn=plan, order=Drawn(plan).order())
                for plan in plans(task, self.trial.watched)
            ]
            tasks += [replace(task, order=rows, planned=None) for rows in guesses(task, 0)]
        with np.errstate(all="ignore"):
            for one in tasks:
                found = follow(one, RIGHT, seen, share)
                if found is not None and not isinstance(found, Mismatch):
                    return True
        return False

    def is_named(self, optimizer: GradientDescent, draws: Draws, student: Any) -> bool:
        """Whether what is wrong in the first passes has a name."""
        short, order = self.short(optimizer, draws)
        report = check_loop(
            student, self.data.X, self.data.y, short, init=self.trial.path[0], order=order,
            time_limit=max(self.until - time.monotonic(), 0.1),
        )  # fmt: skip
        return bool(report.diagnosis) and report.diagnosis[0].name != "raises"

    def optimizer(
        self, loss: Any, draws: Draws, penalty: tuple[float, float], rule: Any, by: float
    ) -> GradientDescent:
        """Make one."""
        rates = [rate * by for rate in self.trial.rates]
        rate: Any = rates[0]
        if any(one != rates[0] for one in rates):
            rate = _Rates(tuple(rates))
        told = int(self.names.told_number("epochs")) if "epochs" in self.names.told else None
        words: dict[str, Any] = {
            "learning_rate": rate,
            "epochs": told or draws.epochs,
            "rule": rule,
            "l2": penalty[0],
            "l1": penalty[1],
            "l1_step": "subgradient",
            "fit_intercept": self.layout.has_intercept,
        }
        if loss == "cross_entropy":
            words["n_classes"] = self.layout.classes
        if draws.size >= self.n:
            return BatchGD(loss, **words)
        words["sampling"] = draws.sampling
        if draws.size == 1:
            return SGD(loss, **words)
        return MiniBatchGD(loss, batch_size=draws.size, **words)

    # -- what the code says --------------------------------------------------------------------

    def losses(self) -> list[str]:
        """Return the losses that the loop may have, the likeliest first."""
        told = self.names.told.get("loss")
        if told is not None:
            return [told]
        if self.layout.classes > 1:
            return ["cross_entropy"]
        values = set(np.unique(self.data.y[:1000]).tolist())
        found = self._likely(values)
        return [*found, "log_loss"] if values <= {0, 1} and "log_loss" not in found else found

    def _likely(self, values: set[float]) -> list[str]:
        calls = calls_of(self.names, self.tree, self.namespace)
        is_exp = bool(calls & (LOGISTIC | {"exp"}))
        if is_exp and (values <= {0.0, 1.0} or values == {-1.0, 1.0}):
            return ["log_loss", "sigmoid_mse"]
        if is_exp and not calls & LOGISTIC:
            return ["poisson"]
        if "tanh" in calls:
            return ["tanh_mse", "log_cosh"]
        if "sign" in calls and Settings(self.names).find_penalty(by_sign=True) is None:
            return ["mae"]
        if "clip" in calls:
            return ["huber"]
        if values == {-1.0, 1.0} and self._compares():
            return ["hinge", "perceptron", "squared_hinge"]
        return ["mse", "half_mse"] if self._has_two() else ["half_mse", "mse"]

    def _sums_loss(self) -> bool:
        """Whether the loss that the loop works out is a sum over the rows."""
        flow = self.names.flow
        inside = flow.closure(set(self.names.theta))
        sums = []
        for name, places in flow.definitions.items():
            if name in inside or not OF_LOSSES.search(name):
                continue
            for one in places:
                calls = {called(node) for node in ast.walk(one.value) if isinstance(node, ast.Call)}
                divides = any(isinstance(node, ast.Div) for node in ast.walk(one.value))
                if calls & {"sum", "mean", "average"} and one.kind in ("assigned", "appended"):
                    sums.append("sum" in calls and not divides and "mean" not in calls)
        return bool(sums) and all(sums)

    def _steps(self) -> bool:
        """Whether the gradient has a step in it, as a perceptron's prediction is."""
        flow = self.names.flow
        steps = {"where", "sign", "heaviside", "step", "step_function", "unit_step"}
        return any(
            isinstance(node, ast.IfExp | ast.Compare)
            or (isinstance(node, ast.Call) and called(node) in steps)
            for expression in flow.expressions(flow.closure(set(self.names.theta)))
            for node in ast.walk(expression)
        )

    def _compares(self) -> bool:
        loop = self.names.flow.loop
        return bool(
            calls_of(self.names, self.tree, self.namespace) & {"maximum", "where", "max"}
        ) or any(isinstance(node, ast.Compare) for node in ast.walk(loop))

    def _has_two(self) -> bool:
        """Whether a 2 stands before the gradient."""
        flow = self.names.flow
        closure = flow.closure(set(self.names.theta))
        return any(_times_two(one) for one in flow.expressions(closure))

    def penalties(self, size: int, by_sign: bool = False) -> list[float]:
        """Return what l2, or l1, may be."""
        if "l2" in self.names.told and not by_sign:
            return [self.names.told_number("l2")]
        found = Settings(self.names).find_penalty(by_sign)
        if found is None:
            return [0.0]
        known = {"n": self.n, "m": size}
        scales = [float(eval(scale, {}, known)) for scale in PENALTIES]
        return [found[1] * scale for scale in dict.fromkeys(scales)]


@dataclass(frozen=True, slots=True)
class _Rates:
    """The rates that a loop was seen to take, by the update."""

    seen: tuple[float, ...]

    def __call__(self, t: int) -> float:
        """Return η of update t."""
        return self.seen[min(t, len(self.seen) - 1)]


def with_epochs(optimizer: GradientDescent, epochs: int) -> GradientDescent:
    """Return the same optimizer for another number of epochs."""
    words: dict[str, Any] = {
        name: getattr(optimizer, name) for name in ("learning_rate", "rule", "l2", "l1", "l1_step")
    }
    words |= {"epochs": epochs, "fit_intercept": optimizer.fit_intercept}
    for name in ("n_classes", "batch_size", "sampling"):
        if hasattr(optimizer, name):
            words[name] = getattr(optimizer, name)
    kind: Any = type(optimizer)
    made: GradientDescent = kind(optimizer.loss, **words)
    return made


def _times_two(node: ast.AST) -> bool:
    """Whether something is multiplied by 2, and not divided."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult | ast.Div | ast.MatMult):
        factors = factors_of(node)
        twos = [power for one, power in factors if isinstance(one, ast.Constant) and one.value == 2]
        return sum(twos) > 0 or any(_times_two(one) for one, power in factors if power > 0)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow):
        return False
    return any(_times_two(part) for part in ast.iter_child_nodes(node))


def calls_of(names: Names, tree: ast.Module, namespace: Mapping[str, object]) -> set[str]:
    """Return the functions that the loop calls, and those that these call."""
    found = {called(node) for node in ast.walk(names.flow.loop) if isinstance(node, ast.Call)}
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name in found:
            found |= {called(part) for part in ast.walk(node) if isinstance(part, ast.Call)}
    for name in list(found):
        function = namespace.get(name)
        if isinstance(function, types.FunctionType):
            found |= set(function.__code__.co_names)
    return found
