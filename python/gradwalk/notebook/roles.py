"""Which names of a loop are X, y and θ: by how they are used, and what they hold."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .expressions import called, factors_of, is_name, loads, terms_of
from .flow import Flow

#: What selects rows, or turns an array, and keeps its numbers.
KEEPING = {
    "T", "values", "iloc", "loc", "at", "iat", "flat", "reshape", "ravel", "flatten", "squeeze",
    "to_numpy", "astype", "copy", "transpose", "array", "asarray", "item", "float", "list",
    "tolist", "take", "atleast_2d", "permutation", "permuted",
}  # fmt: skip


#: What puts a 1 beside the features of a row.
JOINING = {"append", "insert", "hstack", "concatenate", "column_stack"}
OF_ONES = re.compile("ones|bias|intercept", re.I)


class Missing(Exception):
    """What could not be found: X, y, theta, rate, or what else."""

    def __init__(self, what: str, **figures: object) -> None:
        super().__init__(what)
        self.what, self.figures = what, figures


@dataclass(frozen=True, slots=True)
class Source:
    """An array of the cell, or a column of it."""

    name: str
    column: int | None = None

    def __str__(self) -> str:
        return self.name if self.column is None else f"{self.name}[:, {self.column}]"


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

    tree: ast.Module
    flow: Flow
    values: Mapping[str, object]
    told: Mapping[str, str]
    theta: list[str] = field(default_factory=list)
    X: list[Source] = field(default_factory=list)
    y: Source = Source("")
    copies: set[str] = field(default_factory=set)
    """What θ is kept in for the gradient, if that is not θ itself."""
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
        found = [name for name in sorted(met) if not flow.is_velocity(name)]
        if found and len(found) < len(met):
            raise Missing("look ahead", names=", ".join(sorted(met - set(found))))
        places = {
            name
            for expression in flow.expressions(closure)
            for node in ast.walk(expression)
            if isinstance(node, ast.Subscript)
            for name in loads(node.slice)
        }
        found = [name for name in found if name not in places] or found
        going = [name for name in found if flow.goes_on(name)]
        if found and not going:
            # The gradient is taken at a copy of what moves.
            self.copies = set(found)
            made = set().union(*map(flow.made_of, found))
            going = [name for name in sorted(core & made) if flow.goes_on(name)]
        found = going or found
        return found or sorted(met)

    def find_still(self, theta: list[str]) -> list[str]:
        """Return an intercept that is added to the product of `theta` and data, and never moved."""
        flow, data = self.flow, self.data()
        found: set[str] = set()
        for expression in flow.expressions(flow.closure(set(theta))):
            for node in ast.walk(expression):
                terms = [term for _, term in terms_of(node)] if isinstance(node, ast.BinOp) else []
                is_score = any(
                    isinstance(term, ast.BinOp | ast.Call)
                    and loads(term) & set(theta)
                    and flow.closure(loads(term), stop=flow.carried) & data
                    for term in terms
                )
                found |= {
                    term.id
                    for term in terms
                    if is_score
                    and isinstance(term, ast.Name)
                    and term.id in self.held
                    and term.id not in flow.definitions
                    and term.id not in data
                }
        return sorted(found)

    def find_subtracted(self, theta: list[str]) -> list[str]:
        """Return an intercept that is subtracted from the product of weights and data."""
        flow = self.flow
        found: set[str] = set()
        for expression in flow.expressions(flow.closure(set(theta))):
            for node in ast.walk(expression):
                terms = terms_of(node) if isinstance(node, ast.BinOp) else []
                signs = {sign for sign, term in terms if self._is_score(term, set(theta))}
                rest = [one for one in terms if not self._is_score(one[1], set(theta))]
                # y − wx + b is no score, but one without its brackets.
                if len(rest) == 1 and signs == {-rest[0][0]}:
                    found |= {name for name in theta if ast.unparse(rest[0][1]) == name}
        return sorted(found)

    def _is_score(self, term: ast.expr, theta: set[str]) -> bool:
        """Whether it is a product of parameters and data, and of nothing else."""
        parts = [part for part, _ in factors_of(term)]
        if len(parts) == 1 and isinstance(parts[0], ast.Call):
            parts = parts[0].args
        is_plain = not any(isinstance(part, ast.BinOp) for part in parts)
        return is_plain and bool(loads(term) & theta) and any(map(self.source, parts))

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
        if isinstance(node, ast.BinOp):
            return self._power(node, depth)
        is_joined = isinstance(node, ast.Call) and (
            called(node) in JOINING or OF_ONES.search(called(node))
        )
        if is_joined or (isinstance(node, ast.Subscript) and called(node.value) in ("r_", "c_")):
            return self._joined(node, depth)
        if isinstance(node, ast.Call) and called(node) in KEEPING:
            inner = node.func.value if isinstance(node.func, ast.Attribute) else None
            if inner is not None and not is_name(inner, "np"):
                return self._selected(inner, depth + 1)
            return self._selected(node.args[0], depth + 1) if node.args else None
        if isinstance(node, ast.Subscript):
            return self._subscript(node, depth)
        return None

    def _power(self, node: ast.BinOp, depth: int) -> tuple[Source, bool] | None:
        """Take a power of x for a feature of its own."""
        found = self._selected(node.left, depth + 1) if isinstance(node.op, ast.Pow) else None
        power = whole_number(node.right)
        if found is None or power is None or found[0].column is not None:
            return None
        name = f"{found[0]}**{power}"
        self.held.setdefault(name, self.held[found[0].name].astype(np.float64) ** power)
        return Source(name), found[1]

    def _batch(self, node: ast.Subscript, depth: int) -> tuple[Source, bool] | None:
        """Look for X and y among what a function was given that deals out batches of them."""
        inner = node.value
        place = whole_number(node.slice)
        if not isinstance(inner, ast.Subscript) or not isinstance(inner.value, ast.Call):
            return None
        given = [found for part in inner.value.args if (found := self._selected(part, depth + 1))]
        return given[place] if place is not None and place < len(given) else None

    def _joined(self, node: ast.expr, depth: int) -> tuple[Source, bool] | None:
        """Look for X beside a 1, or a column of ones."""
        parts = node.args if isinstance(node, ast.Call) else [getattr(node, "slice", node)]
        if parts and isinstance(parts[0], ast.Tuple | ast.List):
            parts = parts[0].elts
        for part in parts:
            found = self._selected(part, depth + 1)
            if found:
                return found
        return None

    def _subscript(self, node: ast.Subscript, depth: int) -> tuple[Source, bool] | None:
        found = self._selected(node.value, depth + 1)
        if found is None:
            return self._batch(node, depth)
        source, is_row = found
        at, array = node.slice, self.held[source.name]
        if array.ndim < 2 or array.shape[1] == 1 or source.column is not None:
            return found
        if isinstance(at, ast.Tuple) and len(at.elts) == 2:
            column = whole_number(at.elts[1])
            return (Source(source.name, column), False) if column is not None else found
        column = whole_number(at)
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
        flow, theta = self.flow, set(self.theta) | self.copies
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
        labels = {
            found: set(np.unique(self.array(found)).tolist())
            for expression in flow.expressions(flow.closure(theta))
            for node in ast.walk(expression)
            if isinstance(node, ast.Name | ast.Subscript)
            and (found := self.source(node))
            and self.array(found).size == len(self.array(found))
        }
        for found, values in labels.items():
            if values in ({-1, 1}, {0, 1}):
                return found
        for name in self.data() & self.flow.read:
            if name.lower() in ("y", "ys", "target", "targets", "labels", "y_train", "t"):
                return Source(name)
        raise Missing("y")

    def find_X(self) -> list[Source]:
        """Return the features: what the parameters are multiplied with."""
        flow, theta = self.flow, set(self.theta) | self.copies
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
        found: NDArray[Any] = array[:, column]
        return found

    def told_number(self, kind: str) -> float:
        """Return a number that was told, or that a name holds which was told."""
        told = self.told[kind]
        value = self.scalar(told)
        try:
            return float(told) if value is None else value
        except ValueError:
            raise Missing("number", key=kind, got=told) from None

    def scalar(self, name: str) -> float | None:
        """Return the one number that a name holds."""
        array = self.held.get(name)
        return float(array.reshape(-1)[0]) if array is not None and array.size == 1 else None


def whole_number(node: ast.expr) -> int | None:
    """Return the whole number that is written there, if one is."""
    try:
        value = ast.literal_eval(node)
    except (ValueError, SyntaxError):
        return None
    return value if isinstance(value, int) and not isinstance(value, bool) else None
