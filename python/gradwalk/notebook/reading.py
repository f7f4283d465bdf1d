"""The training loop of a bare notebook cell: found, its names read, its settings told."""

from __future__ import annotations

import ast
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradwalk import LOSSES, GradientDescent
from gradwalk.check.student import MEANING, Outcome
from gradwalk.check.watching import compact, watch
from gradwalk.language.cells import said

from .choice import Choice, Draws, Reading, Trial
from .expressions import globals_of, loads, parse, plain_names
from .flow import Flow, loops_of, others_than
from .layout import Layout, Rows, layout_of, rows_of
from .roles import Missing, Names, Source
from .run import Recorder, at_entry, call_seeded, instrumented, student_of, used_names
from .settings import Settings

#: Passes by which the loss's convention is found before all are run.
FEW = 3
#: What may be told, and by which names.
TOLD = {
    **MEANING,
    **{name: name for name in ("loss", "losses", "sampling")},
    "rate": "learning_rate",
}


class CellError(ValueError):
    """A cell that cannot be checked, and what is missing.

    Attributes
    ----------
    missing : str
        What was not found: "loop", "X", "y", "theta", "rate"; or "syntax", "told", "name".
    """

    def __init__(self, missing: str, message: str) -> None:
        super().__init__(message)
        self.missing = missing


class CellFailed(CellError):
    """A cell that raises, hangs or the like before there is anything to compare."""

    def __init__(self, outcome: Outcome, **figures: object) -> None:
        super().__init__("run", outcome.error)
        self.outcome, self.figures = outcome, figures


@dataclass(frozen=True, slots=True)
class CellLoop:
    """The training loop of a cell, and what its names mean."""

    tree: ast.Module
    loop: ast.For | ast.While
    namespace: Mapping[str, object]
    data: Rows
    layout: Layout
    start: NDArray[np.float64]
    """θ as the loop begins."""
    choice: Choice
    """What the cell is taken to do."""
    rate: str
    """The name of the learning rate, or the number."""
    losses: str | None
    passes: int
    """Passes of the loop."""
    others: tuple[int, ...] = ()
    """Lines of further loops that are not checked."""

    @property
    def optimizer(self) -> GradientDescent:
        """Return what the cell is taken to do."""
        return self.choice.optimizer

    @property
    def draws(self) -> Draws:
        """Return how the rows of its updates are taken."""
        return self.choice.draws

    @property
    def X(self) -> NDArray[Any]:
        """Return the rows as (n, d)."""
        return self.data.X

    @property
    def y(self) -> NDArray[Any]:
        """Return the targets."""
        return self.data.y

    @property
    def order(self) -> list[NDArray[np.integer]] | None:
        """Return rows to be handed to `check_loop`, where a pass is one update on some rows."""
        return self.draws.order(self.optimizer.epochs)

    def student(self, passes: int | None = None, with_losses: bool = True) -> Callable[..., object]:
        """Return the cell as a function of X and y that returns its path and its losses.

        Parameters
        ----------
        passes : int, optional
            Stop after so many passes; all by default.
        with_losses : bool, default True
            Whether the list of losses that the loop keeps is returned, too.
        """
        kept = self.losses if with_losses else None
        own = _student(self.tree, self.loop, self.namespace, self.data, self.layout, kept, passes)

        def cell(X: Any, y: Any) -> object:
            found: Any = own(X, y)
            if "losses" in found:
                found["losses"] = np.asarray(found["losses"], dtype=np.float64) / self.choice.scale
            return found

        return cell if self.choice.scale != 1 else own


def _student(
    tree: ast.Module,
    loop: ast.For | ast.While,
    namespace: Mapping[str, object],
    data: Rows,
    layout: Layout,
    losses: str | None,
    passes: int | None,
    rate: Callable[[dict[str, Any]], float] | None = None,
) -> Callable[..., object]:
    code = instrumented(tree, loop, set(layout.names))
    return student_of(
        code,
        namespace,
        used_names(tree),
        lambda: Recorder(layout.now, rate, passes),
        layout.path,
        data.hand_over,
        losses,
        len(data.X),
    )


def read_cell(
    source: str,
    namespace: Mapping[str, object],
    told: Mapping[str, str] | None = None,
    *,
    time_limit: float = 20,
    language: str | None = None,
) -> CellLoop:
    """Find the training loop of a cell, and what its names mean.

    Parameters
    ----------
    source : str
        The cell, as it stands.
    namespace : mapping
        What the notebook has; it is not changed.
    told : mapping, optional
        Names by what they mean, where they are not to be found: theta, w, b, X, y, lr, epochs,
        batch_size, loss, l2, momentum, losses, sampling. A value is a name of the cell, or a
        number; of theta several names with commas between.
    time_limit : float, default 20
        Seconds that the cell may take.
    language : {"en", "ko"}, optional
        Language of notes and errors; that of `set_language` by default.

    Raises
    ------
    CellError
        If there is no loop, or one of its names is not found.
    """
    meant = _meant(told or {}, language)
    until = time.monotonic() + time_limit
    try:
        tree = parse(source)
        compile(tree, "<cell>", "exec", dont_inherit=True)
    except SyntaxError as error:
        raise CellError(
            "syntax", said("syntax", language, line=error.lineno, error=error.msg)
        ) from None
    missing: Missing | None = None
    inside: set[int] = set()
    for loop in loops_of(tree):
        if id(loop) in inside:
            continue
        node = plain_names(loop, globals_of(tree, namespace))
        flow = Flow(node) if Flow(node).core() else Flow(node, with_tests=True)
        if not flow.core() and not {"theta", "w"} & set(meant):
            continue
        left = max(until - time.monotonic(), 0.1)
        wanted = flow.read | flow.carried | {part for one in meant.values() for part in _split(one)}
        outcome = at_entry(tree, loop, namespace, wanted, left)
        found: Any = outcome.value
        if outcome.error.startswith("NameError"):
            raise CellError("name", said("name", language, error=outcome.error))
        if outcome.failure or "values" not in found:
            raise CellFailed(outcome)
        names = Names(tree, flow, found["values"], meant)
        try:
            if not flow.with_tests and not names.find_theta():
                names = replace(names, flow=Flow(node, with_tests=True))
            cell = _Reader(tree, names, namespace, found.get("passes"), until).cell()
        except Missing as error:
            missing = missing or error
            # What an outer loop carries is not to be looked for in an inner one.
            inside |= {id(node) for node in ast.walk(loop)}
            continue
        return replace(cell, others=others_than(tree, loop))
    what = missing or Missing("loop")
    raise CellError(what.what.split()[0], said(what.what, language, **what.figures))


def _meant(told: Mapping[str, str], language: str | None) -> dict[str, str]:
    meant = {}
    for key, value in told.items():
        kind = TOLD.get(key)
        if kind is None:
            known = ", ".join(sorted(set(TOLD)))
            raise CellError("told", said("told", language, key=key, known=known))
        meant[kind] = str(value)
    for kind, choices in (("loss", LOSSES), ("sampling", ("shuffle", "replace", "sequential"))):
        if kind in meant and meant[kind] not in choices:
            figures = {"key": kind, "got": meant[kind], "known": ", ".join(choices)}
            raise CellError("value", said("value", language, **figures))
    return meant


class _Reader:
    """The names of one loop turned into what `check_loop` takes."""

    def __init__(
        self,
        tree: ast.Module,
        names: Names,
        namespace: Mapping[str, object],
        passes: int | None,
        until: float,
    ) -> None:
        self.tree, self.names, self.namespace = tree, names, namespace
        self.told, self.until = names.told, until
        loop = names.flow.loop
        ends = any(isinstance(node, ast.Break | ast.Return) for node in ast.walk(loop))
        self.passes = None if ends else passes

    def cell(self) -> CellLoop:
        names, told = self.names, self.told
        bias = _split(told.get("b", ""))
        names.theta = [*_split(told.get("theta", told.get("w", ""))), *bias] or names.find_theta()
        unknown = [name for name in names.theta if name not in names.held]
        if unknown or not names.theta:
            raise Missing("theta", names=", ".join(unknown or sorted(names.flow.core()) or ["?"]))
        if not (bias or "theta" in told):
            names.theta += names.find_still(names.theta)
        names.y = self.told_source("y", told.get("y", "")) or names.find_y()
        names.X = [
            Source(one) for one in _split(told.get("X", "")) if self.told_source("X", one)
        ] or names.find_X()
        data = rows_of(names)
        layout = replace(
            layout_of(names, data, bias), subtracted=tuple(names.find_subtracted(names.theta))
        )
        if data.ones is None or layout.has_intercept:
            return self.loop_of(data, layout)
        # The weight of a column of ones is an intercept: so it is taken where there is a penalty,
        # which it should be free of, and where something is wrong, which may be with it alone.
        apart = data.without_ones(), layout.with_intercept(data.ones)
        if self.is_penalised():
            return self.loop_of(*apart)
        whole = self.loop_of(data, layout)
        return whole if whole.choice.fits else self.loop_of(*apart)

    def loop_of(self, data: Rows, layout: Layout) -> CellLoop:
        """Return the loop, its first updates run."""
        names, flow = self.names, self.names.flow
        rate_name, rate = self.rate()
        losses = self.told.get("losses") or Settings(names).find_losses()
        seen = self.trial(data, layout, losses, rate)
        few = _student(self.tree, flow.loop, self.namespace, data, layout, None, max(seen.made))
        reading = Reading(names, self.tree, self.namespace, data, layout, seen, self.until)
        chosen = reading.choose(few)
        if not (rate_name or chosen.fits):
            raise Missing("rate")
        return CellLoop(
            self.tree, flow.loop, self.namespace, data, layout, np.asarray(seen.path[0]),
            chosen, rate_name or "1", losses, seen.passes,
        )  # fmt: skip

    def told_source(self, what: str, name: str) -> Source | None:
        """Return what was told to be X or y."""
        if name and name not in self.names.held:
            raise Missing(what, name=name)
        return Source(name) if name else None

    def is_penalised(self) -> bool:
        """Whether there is a penalty."""
        found = Settings(self.names)
        return "l2" in self.told or any(found.find_penalty(by_sign) for by_sign in (False, True))

    def rate(self) -> tuple[str, Callable[[dict[str, Any]], float]]:
        """Return the rate's name, and how its value is had while the loop runs."""
        told = self.told.get("learning_rate")
        factors: list[tuple[ast.expr, int]]
        if told is not None:
            try:
                name, factors = told, [(ast.parse(told, mode="eval").body, 1)]
            except SyntaxError:
                raise Missing("rate") from None
            if not loads(factors[0][0]) <= set(self.names.held):
                raise Missing("rate")
        else:
            name, factors = Settings(self.names).find_rate()
        code = [(compile(ast.unparse(node), "<rate>", "eval"), power) for node, power in factors]

        def value(names: dict[str, Any]) -> float:
            product = 1.0
            for one, power in code:
                product *= float(np.asarray(eval(one, names)).reshape(-1)[0]) ** power
            return product

        return name, value

    def trial(
        self,
        data: Rows,
        layout: Layout,
        losses: str | None,
        rate: Callable[[dict[str, Any]], float],
    ) -> Trial:
        """Run the first passes, and all where their number or their rates are not known before."""
        flow = self.names.flow
        varies = bool(set(flow.definitions) & self.rate_names())
        reads: list[Any] = []

        def run(passes: int | None, X: Any, y: Any) -> Outcome:
            return call_seeded(
                _student(self.tree, flow.loop, self.namespace, data, layout, losses, passes, rate),
                X, y, max(self.until - time.monotonic(), 0.1), lambda: compact(reads),
            )  # fmt: skip

        for few in (FEW, 1):
            reads.clear()
            first = run(few, watch(data.X.copy(), "X", reads), watch(data.y.copy(), "y", reads))
            if not first.error.startswith("OverflowError"):
                break
        value: Any = first.value
        if not first.failure and value["changed"]:
            name, before, after = value["changed"]
            is_broadcast = len(data.X) in after
            first.failure = "column against row" if is_broadcast else "another shape"
            raise CellFailed(first, m=len(data.X), got=f"{name} {after}", expected=before)
        if first.failure or len(value["path"]) < 2:
            raise CellFailed(first)
        made, rates, passes = value["updates of passes"], value["rates"], self.passes
        if passes is None or varies:
            all_of = run(None, data.X, data.y)
            whole: Any = all_of.value
            if all_of.failure and not all_of.error.startswith("OverflowError"):
                raise CellFailed(all_of)
            passes = max(made)
            if not all_of.failure:
                rates, passes = whole["rates"], max(whole["updates of passes"])
        return Trial(value["path"], made, rates, value["counts"], passes, first.watched)

    def rate_names(self) -> set[str]:
        """Return the names that the rate is made of."""
        told = self.told.get("learning_rate")
        if told is not None:
            return loads(ast.parse(told, mode="eval"))
        return set().union(*(loads(node) for node, _ in Settings(self.names).find_rate()[1]))


def _split(text: str) -> list[str]:
    return [part for part in text.replace(",", " ").split() if part]
