"""What each name of a loop is made of, read from its syntax tree; nothing is run.

A name is carried if the loop reads it before it sets it: it is what one pass leaves to the next.
The parameters are carried, and part of what they are made of themselves, through the prediction.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from .expressions import (
    COUNTING,
    called,
    factors_of,
    is_name,
    items_of,
    loads,
    plain_names,
    stored,
    terms_of,
)

#: Functions that give the rows of each argument, in another order or as they are.
PASSING = {"tqdm", "list", "reversed", "sorted", "iter", "tuple", "trange", "notebook_tqdm"}
MULTIPLYING = {"dot", "matmul", "multiply", "inner", "outer", "vdot"}
SHUFFLING = {"shuffle", "resample"}


@dataclass(frozen=True, slots=True)
class Definition:
    """One place where a name is given a value."""

    value: ast.expr
    kind: str = "assigned"
    """assigned, augmented, stored (an element of it), appended, or element (of what is run over)"""
    operator: ast.operator | None = None
    at: ast.expr | None = None
    """The place in it that is set."""
    tests: tuple[ast.expr, ...] = ()
    """What it is set under."""


@dataclass(slots=True)
class Flow:
    """The names of a loop."""

    loop: ast.For | ast.While
    definitions: dict[str, list[Definition]] = field(default_factory=dict)
    with_tests: bool = False
    """Whether what is set under a test, as where a margin is small, counts as made of it."""
    tests: tuple[ast.expr, ...] = ()
    carried: set[str] = field(default_factory=set)
    read: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.read = {
            node.id
            for node in ast.walk(self.loop)
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
        }
        exposed: set[str] = set()
        _scan([self.loop], set(), exposed)
        self._visit(self.loop, ())
        kinds = {"assigned", "augmented", "stored"}
        self.carried = {
            name
            for name in exposed
            if any(one.kind in kinds for one in self.definitions.get(name, []))
        }

    def _visit(self, node: ast.AST, tests: tuple[ast.expr, ...]) -> None:
        self.tests = tests if self.with_tests else ()
        self._define(node)
        inside = (*tests, node.test) if isinstance(node, ast.If) else tests
        for part in ast.iter_child_nodes(node):
            self._visit(part, inside)

    def _define(self, node: ast.AST) -> None:
        if isinstance(node, ast.Assign):
            for target in node.targets:
                self._bind(target, node.value)
        elif isinstance(node, ast.AnnAssign | ast.NamedExpr) and node.value is not None:
            self._bind(node.target, node.value)
        elif isinstance(node, ast.AugAssign):
            self._bind(node.target, node.value, "augmented", node.op)
        elif isinstance(node, ast.For | ast.comprehension):
            self._element(node.target, node.iter)
        elif (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in ("append", "extend", "insert")
            and isinstance(node.func.value, ast.Name)
            and node.args
        ):
            self._add(node.func.value.id, Definition(node.args[-1], "appended"))

    def _add(self, name: str, one: Definition) -> None:
        self.definitions.setdefault(name, []).append(replace(one, tests=self.tests))

    def _bind(
        self,
        target: ast.expr,
        value: ast.expr,
        kind: str = "assigned",
        operator: ast.operator | None = None,
    ) -> None:
        if isinstance(target, ast.Name):
            self._add(target.id, Definition(value, kind, operator))
            for key, part in items_of(value):
                self._add(f"{target.id}[{key!r}]", Definition(part, kind))
        elif isinstance(target, ast.Starred):
            self._bind(target.value, value, kind)
        elif isinstance(target, ast.Subscript):
            base: ast.expr = target
            while isinstance(base, ast.Subscript):
                base = base.value
            if isinstance(base, ast.Name):
                kind = kind if kind == "augmented" else "stored"
                self._add(base.id, Definition(value, kind, operator, target.slice))
        elif isinstance(target, ast.Tuple | ast.List):
            parts = value.elts if isinstance(value, ast.Tuple | ast.List) else None
            if isinstance(value, ast.Call) and called(value) in SHUFFLING:
                parts = value.args
            for k, part in enumerate(target.elts):
                if parts is not None and len(parts) == len(target.elts):
                    self._bind(part, parts[k], kind)
                else:
                    self._bind(part, ast.Subscript(value, ast.Constant(k), ast.Load()), kind)

    def _element(self, target: ast.expr, over: ast.expr) -> None:
        name = called(over) if isinstance(over, ast.Call) else ""
        pair = target.elts if isinstance(target, ast.Tuple | ast.List) else []
        if isinstance(over, ast.Call) and over.args:
            if name in PASSING:
                self._element(target, over.args[0])
                return
            if name == "zip" and len(pair) == len(over.args):
                for part, arg in zip(pair, over.args, strict=True):
                    self._element(part, arg)
                return
            if name == "enumerate" and len(pair) == 2:
                self._bind(pair[0], ast.Constant(0), "element")
                self._element(pair[1], over.args[0])
                return
        if name in ("range", "arange"):
            self._bind(target, ast.Constant(0), "element")
            return
        row = ast.Subscript(over, ast.Name("_row", ast.Load()), ast.Load())
        self._bind(target, row, "element")

    def made_of(self, name: str, own_term: bool = True) -> set[str]:
        """Return the names that those of `name`'s values are made of in one step."""
        found: set[str] = set()
        for one in self.definitions.get(name, []):
            terms = [term for _, term in terms_of(one.value)]
            if not own_term:
                terms = [term for term in terms if self.own(term, name) is None]
            found |= set().union(*map(loads, (*terms, *one.tests))) | loads(one.at)
            if own_term and one.kind == "augmented":
                found.add(name)
        return found

    def closure(self, names: set[str], stop: set[str] | None = None) -> set[str]:
        """Return all that `names` are made of, not beyond those of `stop`."""
        seen, left = set(names), list(names)
        while left:
            name = left.pop()
            if stop and name in stop:
                continue
            for other in self.made_of(name) - seen:
                seen.add(other)
                left.append(other)
        return seen

    def core(self) -> set[str]:
        """Return the carried names that come back to themselves by more than their own term."""
        return {
            name
            for name in self.carried
            if name in self.closure(self.made_of(name, own_term=False))
        }

    @staticmethod
    def own(term: ast.expr, name: str) -> str | None:
        """Return how a term holds the name before: plain (θ, θ(1 − ηλ)), scaled (βv), or not."""
        if is_name(term, name):
            return "plain"
        factors = [factor for factor, _ in factors_of(term)]
        if not any(is_name(factor, name) for factor in factors) or len(factors) < 2:
            return None
        rest = [factor for factor in factors if not is_name(factor, name)]
        is_decay = any(
            isinstance(factor, ast.BinOp)
            and isinstance(factor.op, ast.Sub)
            and isinstance(factor.left, ast.Constant)
            for factor in rest
        )
        return "plain" if is_decay else "scaled"

    def goes_on(self, name: str) -> bool:
        """Whether it is made of itself, at once or by way of names that a pass begins with."""
        return name in self.closure(self.made_of(name), stop=self.carried)

    def is_velocity(self, name: str) -> bool:
        """Whether it is kept as a share of what it was: βv + …, that is momentum."""
        places = self.definitions.get(name, [])
        operators = [one.operator for one in places if one.operator is not None]
        if operators:
            return any(isinstance(one, ast.Mult) for one in operators)
        held = [self.own(term, name) for one in places for _, term in terms_of(one.value)]
        return "scaled" in held and "plain" not in held

    def expressions(self, names: set[str]) -> Iterator[ast.expr]:
        """Give what the names are set to."""
        for name in sorted(names):
            for one in self.definitions.get(name, []):
                yield one.value
                yield from one.tests
                if one.at is not None:
                    yield one.at

    def products(
        self, names: set[str], of_any_call: bool = True
    ) -> Iterator[tuple[ast.expr, ast.expr]]:
        """Give the pairs of what is multiplied in the expressions of `names`, both ways round.

        What goes into one call together counts as multiplied, too, where it is asked for.
        """
        for expression in self.expressions(names):
            for node in ast.walk(expression):
                parts: list[ast.expr] = []
                if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult | ast.MatMult):
                    parts = [node.left, node.right]
                elif isinstance(node, ast.Call) and (
                    called(node) in MULTIPLYING or (of_any_call and called(node) not in COUNTING)
                ):
                    parts = list(node.args)
                    if isinstance(node.func, ast.Attribute):
                        parts.append(node.func.value)
                for k, one in enumerate(parts):
                    for other in parts[k + 1 :]:
                        yield one, other
                        yield other, one


def _scan(body: list[ast.stmt], have: set[str], exposed: set[str]) -> None:
    """Note in `exposed` what is read before it is set."""

    def reads(node: ast.AST | None) -> None:
        if node is None:
            return
        own = {
            part.id
            for part in ast.walk(node)
            if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)
        }
        exposed.update(
            part.id
            for part in ast.walk(node)
            if isinstance(part, ast.Name)
            and isinstance(part.ctx, ast.Load)
            and not {part.id, part.id.split("[")[0]} & have
            and part.id not in own
        )

    for node in body:
        if isinstance(node, ast.For):
            reads(node.iter)
            have |= stored(node.target)
            _scan([*node.body, *node.orelse], have, exposed)
        elif isinstance(node, ast.While | ast.If):
            reads(node.test)
            _scan([*node.body, *node.orelse], have, exposed)
        elif isinstance(node, ast.With):
            _scan(node.body, have, exposed)
        elif isinstance(node, ast.Try):
            rest = [part for handler in node.handlers for part in handler.body]
            _scan([*node.body, *rest, *node.orelse, *node.finalbody], have, exposed)
        elif isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign):
            reads(node.value)
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                reads(target)
                if isinstance(node, ast.AugAssign) and isinstance(target, ast.Name):
                    exposed.update({target.id} - have)
                have |= {
                    part.id
                    for part in ast.walk(target)
                    if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)
                }
        else:
            reads(node)


def loops_of(tree: ast.AST) -> list[ast.For | ast.While]:
    """Return the loops that stand in no function, the outer before the inner."""
    found: list[ast.For | ast.While] = []
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            continue
        if isinstance(node, ast.For | ast.While):
            found.append(node)
        found += loops_of(node)
    return found


def others_than(tree: ast.Module, loop: ast.For | ast.While) -> tuple[int, ...]:
    """Return the lines of the loops behind one in which something is learned, too."""
    inside = {id(node) for node in ast.walk(loop)}
    lines = []
    for other in loops_of(tree):
        if id(other) in inside or other.lineno < loop.lineno:
            continue
        if Flow(plain_names(other, {})).core():
            lines.append(other.lineno)
            inside |= {id(node) for node in ast.walk(other)}
    return tuple(lines)
