"""A cell's own code, run as it stands, and θ noted after each of its updates.

Nothing is run here: what is made is a function for `gradwalk.check`, which runs it in a process of
its own. Three calls are put into the cell: before the loop, at each pass, and after each update.
"""

from __future__ import annotations

import ast
import contextlib
import copy
import random
import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gradwalk.check.student import Outcome, call
from gradwalk.check.watching import Watched

from .expressions import called, copied, stored
from .layout import Changed, held_by
from .lists import shuffling

ENTRY, PASS = "__gradwalk_entry__", "__gradwalk_pass__"
MARK, END = "__gradwalk_mark__", "__gradwalk_end__"
#: Where a statement that only draws begins.
DRAWING = {"plt", "ax", "axes", "axs", "fig", "sns", "display", "clear_output", "time"}
DRAWING |= {"get_ipython"}
BARS = {"tqdm", "trange", "notebook_tqdm", "tqdm_notebook", "track"}


#: What a cell may change in place.
COPIED = (list, dict, set, np.random.Generator, np.random.RandomState, random.Random)


class _Enough(Exception):
    """All that was asked for has been seen."""


@dataclass(slots=True)
class Recorder:
    """What is noted while a loop runs."""

    now: Callable[[dict[str, Any]], list[Any]]
    rate: Callable[[dict[str, Any]], float] | None = None
    passes: int | None = None
    """Passes to be made at most."""
    moments: list[list[Any]] = field(default_factory=list)
    """The parameters, at the start and after each update."""
    made: list[int] = field(default_factory=list)
    """The pass of each update."""
    rates: list[float] = field(default_factory=list)
    counts: list[int] = field(default_factory=list)
    """How many rows each update of the first pass read."""
    place: int = 0
    done: int = 0

    def at_pass(self) -> None:
        """Note that a pass begins."""
        if self.passes is not None and self.done >= self.passes:
            raise _Enough
        self.done += 1

    def at_end(self) -> None:
        """End the run with the loop."""
        raise _Enough

    def at_update(self, names: dict[str, Any], reads: list[Any] | None) -> None:
        """Note an update."""
        self.moments.append(self.now(names))
        self.made.append(self.done)
        if self.rate is not None:
            self.rates.append(self.rate(names))
        if reads is not None and self.done == 1:
            new = reads[self.place :]
            self.place = len(reads)
            of_x = [read for read in new if read[0] == "X"] or new
            deepest = max((read[1] for read in of_x), default=0)
            rows = [read[2] for read in of_x if read[1] == deepest]
            # A batch that is read at once may hold a row twice; rows read one by one are counted.
            most = max(map(len, rows), default=0)
            self.counts.append(most if most != 1 else len(np.unique(np.concatenate(rows))))


def harmless(tree: ast.Module) -> ast.Module:
    """Return a copy of a cell that draws nothing, shows no bar and calls no magic."""
    silent = set(DRAWING)

    def without_bar(node: ast.expr) -> ast.expr:
        if not (isinstance(node, ast.Call) and called(node) in BARS and node.args):
            return node
        ranges = ast.Call(ast.Name("range", ast.Load()), node.args, [])
        return ranges if called(node) == "trange" else node.args[0]

    class Hush(ast.NodeTransformer):
        def visit_Expr(self, node: ast.Expr) -> ast.AST:
            base: ast.expr = node.value
            while isinstance(base, ast.Call | ast.Attribute | ast.Subscript):
                base = base.func if isinstance(base, ast.Call) else base.value
            if isinstance(base, ast.Name) and base.id in silent:
                return ast.copy_location(ast.Pass(), node)
            return node

        def visit_Assign(self, node: ast.Assign) -> ast.AST:
            inside = [part for part in ast.walk(node.value) if isinstance(part, ast.Call)]
            if any(called(part) == "get_ipython" for part in inside):
                node.value = ast.Constant(None)
            plain = without_bar(node.value)
            if plain is not node.value:
                node.value = plain
                silent.update(stored(node))
            return node

        def visit_For(self, node: ast.For) -> ast.AST:
            self.generic_visit(node)
            node.iter = without_bar(node.iter)
            return node

    hushed: ast.Module = Hush().visit(copied(tree))
    return ast.fix_missing_locations(hushed)


def _hook(name: str) -> ast.stmt:
    return ast.Expr(ast.Call(ast.Name(name, ast.Load()), [], []))


def _sets(node: ast.AST, names: set[str]) -> bool:
    return bool(stored(node) & names)


def update_body(loop: ast.For | ast.While, names: set[str]) -> tuple[list[ast.stmt], int]:
    """Return the body in which one pass is one update, and the place after which it is made."""
    body = loop.body
    while True:
        setting = [k for k, node in enumerate(body) if _sets(node, names)]
        if len(setting) != 1:
            break
        node: ast.stmt = body[setting[0]]
        inner: list[ast.stmt] | None = None
        is_loop = isinstance(node, ast.For | ast.While)
        if isinstance(node, ast.With | ast.For | ast.While) and not (
            is_loop and _by_coordinate(node, names)
        ):
            inner = node.body
        if inner is None:
            break
        body = inner
    return body, setting[-1]


def _by_coordinate(loop: ast.stmt, names: set[str]) -> bool:
    """Whether it runs over the coordinates of the parameters, and not over rows."""
    if not isinstance(loop, ast.For):
        return False
    own = stored(loop.target)
    places = []
    for node in ast.walk(loop):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id in names:
            return node.id in own
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
            base: ast.expr = node
            indices: set[str] = set()
            while isinstance(base, ast.Subscript):
                indices |= {one.id for one in ast.walk(base.slice) if isinstance(one, ast.Name)}
                base = base.value
            if isinstance(base, ast.Name) and base.id in names:
                places.append(bool(indices & own))
    return bool(places) and all(places)


def instrumented(tree: ast.Module, loop: ast.For | ast.While, names: set[str]) -> Any:
    """Compile a cell up to the end of its loop, with the three calls in it."""
    hushed = harmless(tree)
    at = next(
        node
        for node in ast.walk(hushed)
        if type(node) is type(loop)
        and (node.lineno, node.col_offset) == (loop.lineno, loop.col_offset)
    )
    assert isinstance(at, ast.For | ast.While)
    if names:
        names = {name.split("[")[0] for name in names}
        body, last = update_body(at, names)
        for node in body[:last]:
            _mark_before_continue(node)
        body.insert(last + 1, _hook(MARK))
    at.body.insert(0, _hook(PASS))
    for parent in ast.walk(hushed):
        for name in ("body", "orelse", "finalbody"):
            statements = getattr(parent, name, None)
            if isinstance(statements, list) and at in statements:
                place = statements.index(at)
                statements[place:] = [_hook(ENTRY), at, _hook(END)]
    return compile(ast.fix_missing_locations(hushed), "<cell>", "exec", dont_inherit=True)


def _mark_before_continue(node: ast.AST) -> None:
    """Let an update that is left out for a row be one that changes nothing."""
    for name in ("body", "orelse"):
        statements = getattr(node, name, None)
        if not isinstance(statements, list) or isinstance(node, ast.For | ast.While):
            continue
        for part in list(statements):
            if isinstance(part, ast.Continue):
                statements.insert(statements.index(part), _hook(MARK))
            else:
                _mark_before_continue(part)


def names_for(namespace: Mapping[str, object], used: set[str]) -> dict[str, Any]:
    """Return a copy of a namespace that a cell may change, its functions reading that copy."""
    names: dict[str, Any] = dict(namespace)
    for name, value in namespace.items():
        if isinstance(value, types.FunctionType) and value.__globals__ is namespace:
            again = types.FunctionType(
                value.__code__, names, value.__name__, value.__defaults__, value.__closure__
            )
            again.__kwdefaults__ = value.__kwdefaults__
            names[name] = again
        elif name in used and (isinstance(value, COPIED) or hasattr(value, "__array__")):
            with contextlib.suppress(Exception):
                names[name] = copy.deepcopy(value)
    return names


def used_names(tree: ast.Module) -> set[str]:
    """Return the names that a cell speaks of."""
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def at_entry(
    tree: ast.Module,
    loop: ast.For | ast.While,
    namespace: Mapping[str, object],
    wanted: set[str],
    time_limit: float,
) -> Outcome:
    """Run a cell up to its loop; the outcome has the values of `wanted` and the loop's length."""
    code = instrumented(tree, loop, set())
    count: Any = None
    if isinstance(loop, ast.For):
        over = harmless(ast.Module([copied(loop)], [])).body[0]
        assert isinstance(over, ast.For)
        count = compile(ast.fix_missing_locations(ast.Expression(over.iter)), "<cell>", "eval")

    def student() -> object:
        names = names_for(namespace, used_names(tree))
        found: dict[str, Any] = {}

        def entry() -> None:
            held = found["values"] = {}
            for name in wanted:
                with contextlib.suppress(Exception):
                    held[name] = held_by(names, name)
            with contextlib.suppress(Exception):
                found["passes"] = len(eval(count, names)) if count is not None else None
            raise _Enough

        names |= {ENTRY: entry, PASS: lambda: None, "__name__": "__main__"}
        with contextlib.suppress(_Enough):
            exec(code, names)
        return found

    return call_seeded(student, (), (), time_limit)


def call_seeded(
    student: Callable[..., object],
    X: object,
    y: object,
    time_limit: float,
    after: Callable[[], object] = lambda: None,
) -> Outcome:
    """Call a student's loop with the draws that `check_loop` gives it."""
    state = np.random.get_state()  # noqa: NPY002
    np.random.seed(0)  # noqa: NPY002
    try:
        return call(student, {"X": X, "y": y}, time_limit, after)
    finally:
        np.random.set_state(state)  # noqa: NPY002


def student_of(
    code: Any,
    namespace: Mapping[str, object],
    used: set[str],
    make: Callable[[], Recorder],
    whole: Callable[[list[list[Any]]], Any],
    hand_over: Callable[[dict[str, Any], Any, Any], None],
    losses: str | None,
    rows: int,
) -> Callable[..., object]:
    """Return the cell as a function of X and y that gives its path and its losses."""

    def cell(X: Any, y: Any) -> object:
        if len(X) != rows:
            raise ValueError("the cell has rows of its own")
        recorder, names = make(), names_for(namespace, used)
        kept_before: list[int] = []
        reads = X.reads if isinstance(X, Watched) else None

        def entry() -> None:
            hand_over(names, X, y)
            recorder.moments.append(recorder.now(names))
            if losses is not None and isinstance(names.get(losses), list):
                kept_before.append(len(names[losses]))

        names |= {
            ENTRY: entry,
            PASS: recorder.at_pass,
            END: recorder.at_end,
            MARK: lambda: recorder.at_update(names, reads),
            "__name__": "__main__",
        }
        changed: object = None
        with contextlib.suppress(_Enough), shuffling():
            exec(code, names)
        try:
            path = whole(recorder.moments)
        except Changed as error:
            changed, path = error.args, np.zeros((0, 0))
        found: dict[str, object] = {
            "changed": changed,
            "path": path,
            "updates of passes": recorder.made,
            "rates": recorder.rates,
            "counts": recorder.counts,
            "passes": recorder.done,
        }
        if losses is not None:
            kept: Any = names.get(losses)
            kept = kept[kept_before[0] :] if kept_before and isinstance(kept, list) else kept
            updates, passes = len(recorder.moments) - 1, recorder.done
            # A list of every tenth loss, say, is none of all of them.
            if kept is not None and len(kept) in (updates, updates + 1, passes, passes + 1):
                found["losses"] = kept
        return found

    return cell
