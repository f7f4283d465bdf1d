"""What moves θ besides the data: rate, penalty, rule; and the list of losses that is kept."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from gradwalk import rules
from gradwalk.check.student import NAMES

from .expressions import called, factors_of, is_name, loads, terms_of
from .flow import Definition, Flow
from .roles import Names

RATE_NAMES = {*NAMES["learning_rate"].split(), "rate", "step_size", "stepsize", "step", "η", "α"}
RATE_NAMES |= {"learningrate", "l_rate", "a", "epsilon", "gamma", "lr_t", "eta_t", "alpha_t"}
L2_NAMES = {*NAMES["l2"].split(), "lmbda", "lambd", "lamda", "l", "c", "alpha", "weight_decay"}
L2_NAMES |= {"wd", "ridge", "λ", "reg_strength", "l2_reg", "lambda_reg", "penalty", "decay"}
OF_LOSSES = re.compile(r"loss|cost|mse|err|^j|_j|sse|entropy|obj|hist|오차|손실|비용", re.I)
NOT_LOSSES = re.compile(r"val|test|acc|rmse|mae|theta|weight|param|^w|^b_|grad|sqrt", re.I)

#: What turns a number or an array into another type.
TYPES = {"int", "float", "array", "asarray", "list", "float32", "float64", "round"}


@dataclass(frozen=True, slots=True)
class Settings:
    """The numbers of a loop, looked for by what they multiply."""

    names: Names

    @property
    def flow(self) -> Flow:
        """Return what the names are made of."""
        return self.names.flow

    def moves(self) -> Iterator[ast.expr]:
        """Give the terms by which the parameters move, the names between them looked through."""
        seen: set[str] = set()
        left = list(self.names.theta)
        while left:
            name = left.pop(0)
            if name in seen:
                continue
            seen.add(name)
            for one in self.flow.definitions.get(name, []):
                yield from self._terms(one, name)
                left += sorted(loads(one.value) - self.names.data())

    def _terms(self, one: Definition, name: str) -> Iterator[ast.expr]:
        for _, term in terms_of(_opened(one.value)):
            inner = _opened(term)
            if inner is not term:
                yield from self._terms(Definition(inner), name)
            elif self.flow.own(term, name) is None:
                yield term

    def find_rate(self) -> tuple[str, list[tuple[ast.expr, int]]]:
        """Return the rate's name, or none, and the factors that make it."""
        counts = {float(self.names.rows()), 1.0, 2.0, 0.5}
        guess: tuple[int, str, list[tuple[ast.expr, int]]] | None = None
        core = self.flow.core() | set(self.names.theta)
        for place, term in enumerate(self.moves()):
            factors = [pair for pair in factors_of(term) if not loads(pair[0]) & core]
            for factor, power in factors:
                name = self._named_rate(factor, core)
                if name is None or (power < 0 and not _is_rate(name)):
                    continue
                rank = 0 if _is_rate(name) else 2
                if rank and (place > 3 or self.names.scalar(name) in counts):
                    continue
                if guess is None or rank < guess[0]:
                    guess = rank, name, self._varying(factor, power, factors)
        if guess is not None:
            guess = self._expanded(*guess)
        if guess is None:
            # The whole step may be in a function that is handed the rate.
            handed = [n for n in self.flow.closure(set(self.names.theta)) - core if _is_rate(n)]
            if handed and self.names.scalar(handed[0]) is not None:
                return handed[0], [(ast.Name(handed[0], ast.Load()), 1)]
            guess = self._literal()
        # None at all is a rate of 1, where that is right.
        return guess[1:] if guess else ("", [(ast.Constant(1.0), 1)])

    def _expanded(
        self, rank: int, name: str, factors: list[tuple[ast.expr, int]]
    ) -> tuple[int, str, list[tuple[ast.expr, int]]]:
        """Look through a number that was made of the rate before the loop, as 2·lr/n is."""
        if _is_rate(name) and len(factors) > 1:
            return rank, name, factors
        for node in ast.walk(self.names.tree) if name not in self.flow.definitions else ():
            if not isinstance(node, ast.Assign):
                continue
            target, value = node.targets[0], node.value
            pairs = [(target, value)]
            if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
                pairs = list(zip(target.elts, value.elts, strict=False))
            for one, made in pairs:
                if not (isinstance(one, ast.Name) and one.id == name):
                    continue
                for factor, power in factors_of(made):
                    inside = [part for part in loads(factor) if _is_rate(part) and part != name]
                    if inside and power > 0:
                        return rank, inside[0], [(factor, power)]
        return rank, name, factors

    def _named_rate(self, factor: ast.expr, core: set[str]) -> str | None:
        if isinstance(factor, ast.Call) and _is_rate(called(factor)):
            return called(factor)
        inside = {
            name
            for name in loads(factor)
            if (self.names.scalar(name) is not None or name in self.flow.definitions)
            and not self.flow.closure({name}) & (core | self.names.data())
        }
        for name in sorted(inside):
            if _is_rate(name):
                return name
        if isinstance(factor, ast.Name) and factor.id in inside:
            return factor.id
        return None

    def _varying(
        self, factor: ast.expr, power: int, factors: list[tuple[ast.expr, int]]
    ) -> list[tuple[ast.expr, int]]:
        rest = [
            (other, power_of)
            for other, power_of in factors
            if other is not factor
            and loads(other) & set(self.flow.definitions)
            and not self.flow.closure(loads(other)) & (self.names.data() | set(self.names.theta))
            and not isinstance(other, ast.Name)
        ]
        return [(factor, power), *rest]

    def _literal(self) -> tuple[int, str, list[tuple[ast.expr, int]]] | None:
        """Return a number that stands before the gradient; a half only where no other does."""
        found: list[tuple[int, str, list[tuple[ast.expr, int]]]] = [
            (value in (0.5, 1.0, 2.0), f"{value}", [(factor, power)])
            for term in self.moves()
            for factor, power in factors_of(term)
            if isinstance(factor, ast.Constant)
            and isinstance(value := factor.value, float)
            and power > 0
        ]
        return min(found, key=lambda one: one[0]) if found else None

    def find_penalty(self, by_sign: bool = False) -> tuple[str, float] | None:
        """Return a penalty's name and number, if θ, or its sign, is in the gradient by itself."""
        rate = self.find_rate()[0]
        n = float(self.names.rows())
        for name in self.flow.closure(set(self.names.theta)):
            for one in self.flow.definitions.get(name, []):
                for expression in self._sums(one.value):
                    for _, term in terms_of(expression):
                        found = self._penalty(term, rate, n, by_sign)
                        if found:
                            return found
        return None

    @staticmethod
    def _sums(expression: ast.expr) -> Iterator[ast.expr]:
        for node in ast.walk(expression):
            if isinstance(node, ast.expr):
                yield node

    def is_of_theta(self, factor: ast.expr, by_sign: bool) -> bool:
        """Whether it is a parameter, or the sign of one."""
        if by_sign:
            if not (isinstance(factor, ast.Call) and called(factor) == "sign" and factor.args):
                return False
            factor = factor.args[0]
        return any(is_name(factor, own) for own in self.names.theta)

    def _penalty(
        self, term: ast.expr, rate: str, n: float, by_sign: bool
    ) -> tuple[str, float] | None:
        factors = [factor for factor, _ in factors_of(term)]
        rest = [factor for factor in factors if not self.is_of_theta(factor, by_sign)]
        if len(factors) < 2 or len(rest) == len(factors):
            return None
        used = set().union(*map(loads, rest)) if rest else set()
        used = {part for part in used if not self._is_mask(part)}
        if self.flow.closure(used) & (self.names.data() | self.flow.core()) or not rest:
            return None
        known = {part: self.names.scalar(part) for part in used if part != rate}
        scalars = {p: v for p, v in known.items() if v is not None and v != n and v > 0}
        for part in sorted(scalars, key=lambda one: one.lower() not in L2_NAMES):
            if part.lower() in L2_NAMES or scalars[part] != round(scalars[part] or 0):
                return part, float(scalars[part] or 0)
        for factor in rest:
            if isinstance(factor, ast.Constant) and isinstance(factor.value, float):
                return f"{factor.value}", factor.value
        return None

    def _is_mask(self, name: str) -> bool:
        """Whether it keeps the intercept out of the penalty."""
        array = self.names.held.get(name)
        sizes = {self.names.held[own].size for own in self.names.theta}
        is_matrix = array is not None and array.ndim == 2 and len(set(array.shape)) == 1
        size = 0 if array is None else len(array) if is_matrix else array.size
        return array is not None and size in sizes and set(np.unique(array)) == {0, 1}

    def find_losses(self) -> str | None:
        """Return the list of losses that the loop keeps, if it does."""
        flow, theta = self.flow, set(self.names.theta)
        inside = flow.closure(theta)
        best: tuple[int, str] | None = None
        for name, all_of in flow.definitions.items():
            if name in inside or name not in self.names.values:
                continue
            for one in all_of:
                said = f"{name} {ast.unparse(one.value)}"
                is_kept = one.kind in ("appended", "stored")
                if not is_kept or NOT_LOSSES.search(name) or "sqrt" in said:
                    continue
                if not flow.closure(loads(one.value)) & theta or loads(one.value) & theta == (
                    loads(one.value) - {"np"}
                ):
                    continue
                if OF_LOSSES.search(said) and not NOT_LOSSES.search(ast.unparse(one.value)[:12]):
                    rank = 0 if OF_LOSSES.search(name) else 1
                    best = min(best or (9, ""), (rank, name))
        return best[1] if best else None

    def rules(self) -> Iterator[tuple[Any, float]]:
        """Give the rules that the loop may have, and by what its rate is multiplied."""
        flow = self.flow
        others = flow.core() - set(self.names.theta)
        kept = sorted(name for name in others if flow.is_velocity(name))
        squared = sorted(name for name in others if self._is_squared(name))
        beta: float | None
        if "momentum" in self.names.told:
            beta = self.names.told_number("momentum")
        else:
            first = [name for name in kept if name not in squared]
            beta = self._share(first[0]) if first else None
        if squared:
            yield self._adaptive(squared[0], beta), 1.0
        elif beta is None or not 0 <= beta < 1:
            yield None, 1.0
        else:
            yield rules.Momentum(beta), 1.0
            yield rules.Momentum(beta), 1 - beta
            yield rules.Nesterov(beta), 1.0

    def _is_squared(self, name: str) -> bool:
        """Whether squares are kept in it."""
        for one in self.flow.definitions[name]:
            for node in ast.walk(one.value):
                if isinstance(node, ast.Call) and called(node) == "square":
                    return True
                if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow):
                    return isinstance(node.right, ast.Constant) and node.right.value == 2
                if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
                    factors = [ast.dump(factor) for factor, _ in factors_of(node) if loads(factor)]
                    if len(set(factors)) < len(factors):
                        return True
        return False

    def _adaptive(self, squared: str, beta: float | None) -> Any:
        """Return the rule that divides by the root of what is kept of the squares."""
        share, epsilon = self._share(squared), 0.0
        for expression in self.flow.expressions(self.flow.closure(set(self.names.theta))):
            for node in ast.walk(expression):
                value = self._number(node) if isinstance(node, ast.expr) else None
                if value is not None and 0 < value < 1e-4:
                    epsilon = max(epsilon, value)
        if share is None or not 0 <= share < 1:
            return rules.AdaGrad(epsilon)
        if beta is None:
            return rules.RMSProp(share, epsilon)
        return rules.Adam(beta, share, epsilon)

    def _share(self, name: str) -> float | None:
        for one in self.flow.definitions[name]:
            if isinstance(one.operator, ast.Mult):
                return self._number(one.value)
            for _, term in terms_of(one.value):
                factors = [factor for factor, _ in factors_of(term)]
                rest = [factor for factor in factors if not is_name(factor, name)]
                if len(rest) == 1 and len(factors) == 2:
                    return self._number(rest[0])
        return None

    def _number(self, node: ast.expr) -> float | None:
        if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
            return float(node.value)
        return self.names.scalar(node.id) if isinstance(node, ast.Name) else None


def _is_rate(name: str) -> bool:
    key = re.sub(r"^.*\['|'\]$", "", name)
    return re.sub(r"_?\d+$", "", key.lower()) in RATE_NAMES


def _opened(node: ast.expr) -> ast.expr:
    """Return what a list is made of for each element, or what is turned into another type."""
    while True:
        if isinstance(node, ast.ListComp | ast.GeneratorExp):
            node = node.elt
        elif isinstance(node, ast.Call) and called(node) in TYPES and node.args:
            node = node.args[0]
        else:
            return node
