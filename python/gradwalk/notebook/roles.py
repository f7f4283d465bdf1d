"""Which name of a loop is X, which y, θ, rate: by how they are used, and what they hold."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradwalk.check.student import NAMES

from .flow import Definition, Flow, called, factors_of, is_name, loads, terms_of

#: What selects rows, or turns an array, and keeps its numbers.
KEEPING = {
    "T", "values", "iloc", "loc", "at", "iat", "flat", "reshape", "ravel", "flatten", "squeeze",
    "to_numpy", "astype", "copy", "transpose", "array", "asarray", "item", "float", "list",
    "tolist", "take", "atleast_2d",
}  # fmt: skip
RATE_NAMES = {*NAMES["learning_rate"].split(), "rate", "step_size", "stepsize", "step", "η", "α"}
RATE_NAMES |= {"learningrate", "l_rate", "a", "epsilon", "gamma", "lr_t", "eta_t", "alpha_t"}
L2_NAMES = {*NAMES["l2"].split(), "lmbda", "lambd", "lamda", "l", "c", "alpha", "weight_decay"}
L2_NAMES |= {"wd", "ridge", "λ", "reg_strength", "l2_reg", "lambda_reg", "penalty", "decay"}
OF_LOSSES = re.compile(r"loss|cost|mse|err|^j|_j|sse|entropy|obj|hist|오차|손실|비용", re.I)
NOT_LOSSES = re.compile(r"val|test|acc|rmse|mae|theta|weight|param|^w|^b_|grad|sqrt", re.I)


class Missing(Exception):
    """What could not be found: X, y, theta, rate, or what else."""

    def __init__(self, what: str, **figures: object) -> None:
        super().__init__(what)
        self.what, self.figures = what, figures


@dataclass(frozen=True, slots=True)
class Source:
    """An array of the cell, or a column of it."""

    name: str
    column: int | str | None = None

    def __str__(self) -> str:
        return self.name if self.column is None else f"{self.name}[:, {self.column!r}]"


def numbers(value: object) -> NDArray[Any] | None:
    """Return a value as an array of real numbers, if it is one."""
    if value is None or isinstance(value, str | Mapping):
        return None
    try:
        array = np.asarray(value)
        if array.dtype.kind == "O":
            array = array.astype(np.float64)
        return array if array.dtype.kind in "fiub" else None
    except (TypeError, ValueError):
        return None


@dataclass(slots=True)
class Names:
    """The names of a loop, and what they held as it began."""

    flow: Flow
    values: Mapping[str, object]
    columns: Mapping[str, list[object]]
    told: Mapping[str, str]
    theta: list[str] = field(default_factory=list)
    X: list[Source] = field(default_factory=list)
    y: Source = Source("")
    held: dict[str, NDArray[Any]] = field(init=False)

    def __post_init__(self) -> None:
        read = {name: numbers(value) for name, value in self.values.items()}
        self.held = {name: array for name, array in read.items() if array is not None}

    def data(self) -> set[str]:
        """Return the names of what may be X or y."""
        core = self.flow.core() | set(self.theta)
        return {
            name
            for name, array in self.held.items()
            if name not in core and array.ndim and max(array.shape) > 1 and array.size > 1
        }

    # -- the parameters ----------------------------------------------------------------------

    def find_theta(self) -> list[str]:
        """Return the parameters: what goes into a product with data, and is carried on."""
        flow, core = self.flow, self.flow.core() & set(self.held)
        data = self.data()
        closure = flow.closure(core)
        met: set[str] = set()
        for one, other in flow.products(closure):
            if flow.closure(loads(other), stop=core) & data:
                met |= flow.closure(loads(one), stop=flow.carried) & core
        return [name for name in sorted(met) if not flow.is_velocity(name)] or sorted(met)

    # -- the data ----------------------------------------------------------------------------

    def source(self, node: ast.expr, depth: int = 0) -> Source | None:
        """Return the array that an expression selects rows or a column of."""
        found = self._selected(node, depth)
        return found[0] if found else None

    def _selected(self, node: ast.expr, depth: int) -> tuple[Source, bool] | None:
        if depth > 12:
            return None
        if isinstance(node, ast.Name):
            if node.id in self.data() and node.id not in self._of_pass():
                return Source(node.id), False
            for one in self.flow.definitions.get(node.id, []):
                if one.kind in ("assigned", "element"):
                    found = self._selected(one.value, depth + 1)
                    if found:
                        return found
            return None
        if isinstance(node, ast.Attribute) and node.attr in KEEPING:
            return self._selected(node.value, depth + 1)
        if isinstance(node, ast.UnaryOp):
            return self._selected(node.operand, depth + 1)
        if isinstance(node, ast.Call) and called(node) in KEEPING:
            inner = node.func.value if isinstance(node.func, ast.Attribute) else None
            if inner is not None and not is_name(inner, "np"):
                return self._selected(inner, depth + 1)
            return self._selected(node.args[0], depth + 1) if node.args else None
        if isinstance(node, ast.Subscript):
            return self._subscript(node, depth)
        return None

    def _subscript(self, node: ast.Subscript, depth: int) -> tuple[Source, bool] | None:
        found = self._selected(node.value, depth + 1)
        if found is None:
            return None
        source, is_row = found
        at, array = node.slice, self.held[source.name]
        if isinstance(at, ast.Constant) and isinstance(at.value, str):
            return Source(source.name, at.value), False
        if array.ndim < 2 or source.column is not None:
            return found
        if isinstance(at, ast.Tuple) and len(at.elts) == 2:
            column = _whole(at.elts[1])
            return (Source(source.name, column), False) if column is not None else found
        column = _whole(at)
        if is_row and column is not None:
            return Source(source.name, column), False
        is_one = isinstance(at, ast.Name | ast.BinOp | ast.Call | ast.Constant)
        return source, is_one

    def _of_pass(self) -> set[str]:
        """Return the names that each pass sets before it reads them."""
        kinds = {"assigned", "element"}
        return {
            name
            for name, all_of in self.flow.definitions.items()
            if name not in self.flow.carried and any(one.kind in kinds for one in all_of)
        }

    def find_y(self) -> Source:
        """Return the targets: what a prediction is subtracted from."""
        flow, theta = self.flow, set(self.theta)
        votes: dict[Source, int] = {}
        for expression in flow.expressions(flow.closure(theta)):
            for node in ast.walk(expression):
                if not (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub)):
                    continue
                for one, other in ((node.left, node.right), (node.right, node.left)):
                    source = self.source(one)
                    if source and flow.closure(loads(other), stop=flow.carried) & theta:
                        votes[source] = votes.get(source, 0) + 1
        for name in flow.closure(theta):
            for definition in flow.definitions.get(name, []):
                if definition.kind == "augmented" and isinstance(definition.at, ast.Tuple):
                    source = self.source(definition.at.elts[-1])
                    if source:
                        votes[source] = 1
        if votes:
            return max(votes, key=lambda source: votes[source])
        for name in self.data() & self.flow.read:
            if name.lower() in ("y", "ys", "target", "targets", "labels", "y_train", "t"):
                return Source(name)
        raise Missing("y")

    def find_X(self) -> list[Source]:
        """Return the features: what the parameters are multiplied with."""
        flow, theta = self.flow, set(self.theta)
        closure = flow.closure(theta)
        near: list[Source] = []
        far: list[Source] = []
        for one, other in flow.products(closure):
            source = self.source(other)
            if source is None or source == self.y:
                continue
            direct = {
                part for name in loads(one) for part in ({name} | self._elements(name))
            } & theta
            if direct:
                near.append(source)
            elif flow.closure(loads(one), stop=flow.carried) & theta:
                far.append(source)
        found = list(dict.fromkeys(near or far))
        if not found:
            raise Missing("X")
        n = self.rows()
        whole = [s for s in found if s.column is None and self._is_of(s, n)]
        matrices = [s for s in whole if self.held[s.name].ndim > 1]
        if matrices:
            return matrices[:1]
        return [s for s in found if self._is_of(s, n)] or found[:1]

    def _elements(self, name: str) -> set[str]:
        """Return what a name of a comprehension or an inner loop runs over."""
        found = set()
        for one in self.flow.definitions.get(name, []):
            if one.kind == "element":
                found |= loads(one.value)
        return found

    def _is_of(self, source: Source, n: int) -> bool:
        return n in self.held[source.name].shape[:2]

    def rows(self) -> int:
        """Return n."""
        array = self.array(self.y)
        return int(array.shape[1] if array.ndim > 1 and len(array) == 1 else len(array))

    def array(self, source: Source) -> NDArray[Any]:
        """Return the numbers of a source."""
        array, column = self.held[source.name], source.column
        if column is None:
            return array
        if isinstance(column, str):
            names = [str(name) for name in self.columns.get(source.name, [])]
            if column not in names:
                raise Missing("X", name=str(source))
            return array[:, names.index(column)]
        found: NDArray[Any] = array[:, column]
        return found

    # -- the numbers -------------------------------------------------------------------------

    def scalar(self, name: str) -> float | None:
        """Return the one number that a name holds."""
        array = self.held.get(name)
        return float(array.reshape(-1)[0]) if array is not None and array.size == 1 else None

    def moves(self) -> Iterator[ast.expr]:
        """Give the terms by which the parameters move, the names between them looked through."""
        seen: set[str] = set()
        left = list(self.theta)
        while left:
            name = left.pop(0)
            if name in seen:
                continue
            seen.add(name)
            for one in self.flow.definitions.get(name, []):
                yield from self._terms(one, name)
                left += sorted(loads(one.value) - self.data())

    def _terms(self, one: Definition, name: str) -> Iterator[ast.expr]:
        for _, term in terms_of(one.value):
            if not is_name(term, name):
                yield term

    def find_rate(self) -> tuple[str, list[tuple[ast.expr, int]]]:
        """Return the rate as it is called, and the factors that make it."""
        counts = {float(self.rows()), 1.0, 2.0, 0.5}
        guess: tuple[int, str, list[tuple[ast.expr, int]]] | None = None
        core = self.flow.core() | set(self.theta)
        for place, term in enumerate(self.moves()):
            factors = [pair for pair in factors_of(term) if not loads(pair[0]) & core]
            for factor, power in factors:
                name = self._named_rate(factor, core)
                if name is None or (power < 0 and not _is_rate(name)):
                    continue
                rank = 0 if _is_rate(name) else 2
                if rank and (place > 3 or self.scalar(name) in counts):
                    continue
                if guess is None or rank < guess[0]:
                    guess = rank, name, self._varying(factor, power, factors)
        if guess is None:
            guess = self._literal()
        if guess is None:
            raise Missing("rate")
        return guess[1:]

    def _named_rate(self, factor: ast.expr, core: set[str]) -> str | None:
        inside = {
            name
            for name in loads(factor)
            if (self.scalar(name) is not None or name in self.flow.definitions)
            and not self.flow.closure({name}) & (core | self.data())
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
            and not self.flow.closure(loads(other)) & (self.data() | set(self.theta))
            and not isinstance(other, ast.Name)
        ]
        return [(factor, power), *rest]

    def _literal(self) -> tuple[int, str, list[tuple[ast.expr, int]]] | None:
        for name in self.theta:
            for one in self.flow.definitions.get(name, []):
                for term in self._terms(one, name):
                    for factor, power in factors_of(term):
                        is_number = isinstance(factor, ast.Constant) and power > 0
                        value = factor.value if isinstance(factor, ast.Constant) else None
                        if is_number and isinstance(value, float) and value not in (1.0, 2.0, 0.5):
                            return 1, f"{value}", [(factor, 1)]
        return None

    def find_l2(self) -> tuple[str, float] | None:
        """Return the penalty's name and number, if θ is in the gradient by itself."""
        rate = self.find_rate()[0]
        n = float(self.rows())
        for name in self.flow.closure(set(self.theta)):
            for one in self.flow.definitions.get(name, []):
                for expression in self._sums(one.value):
                    for _, term in terms_of(expression):
                        found = self._penalty(term, name, rate, n)
                        if found:
                            return found
        return None

    @staticmethod
    def _sums(expression: ast.expr) -> Iterator[ast.expr]:
        for node in ast.walk(expression):
            if isinstance(node, ast.expr):
                yield node

    def _penalty(self, term: ast.expr, name: str, rate: str, n: float) -> tuple[str, float] | None:
        factors = [factor for factor, _ in factors_of(term)]
        if len(factors) < 2 or not any(is_name(f, theta) for theta in self.theta for f in factors):
            return None
        rest = [f for f in factors if not any(is_name(f, theta) for theta in self.theta)]
        used = set().union(*map(loads, rest)) if rest else set()
        if self.flow.closure(used) & (self.data() | self.flow.core()) or not rest:
            return None
        known = {part: self.scalar(part) for part in used if part != rate}
        scalars = {p: v for p, v in known.items() if v is not None and v != n and v > 0}
        for part in sorted(scalars, key=lambda one: one.lower() not in L2_NAMES):
            if part.lower() in L2_NAMES or scalars[part] != round(scalars[part] or 0):
                return part, float(scalars[part] or 0)
        for factor in rest:
            if isinstance(factor, ast.Constant) and isinstance(factor.value, float):
                return f"{factor.value}", factor.value
        return None

    def find_losses(self) -> str | None:
        """Return the list of losses that the loop keeps, if it does."""
        flow, theta = self.flow, set(self.theta)
        inside = flow.closure(theta)
        best: tuple[int, str] | None = None
        for name, all_of in flow.definitions.items():
            if name in inside or name not in self.values:
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


def _is_rate(name: str) -> bool:
    return re.sub(r"_?\d+$", "", name.lower()) in RATE_NAMES


def _whole(node: ast.expr) -> int | None:
    try:
        value = ast.literal_eval(node)
    except (ValueError, SyntaxError):
        return None
    return value if isinstance(value, int) and not isinstance(value, bool) else None
