"""Reading expressions of a cell: what is called, what goes in, terms and factors."""

from __future__ import annotations

import ast
import re
import types
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

#: What is known of an array without its numbers.
OF_SHAPE = {"shape", "size", "ndim", "dtype", "columns", "index"}
#: Functions whose result has none of the numbers that go in.
COUNTING = {
    "len",
    "range",
    "zeros_like",
    "ones_like",
    "empty_like",
    "print",
    "arange",
    "isinstance",
}


Node = TypeVar("Node", bound=ast.AST)


def copied(node: Node) -> Node:
    """Return a copy of a tree.

    Not that of `copy.deepcopy`: a context such as `ast.Load()` is one object in all trees of a
    process, and IPython, which writes tracebacks, hangs trees of its own on it.
    """

    def again(value: Any) -> Any:
        if isinstance(value, list):
            return [again(one) for one in value]
        return copied(value) if isinstance(value, ast.AST) else value

    names = (*node._fields, *node._attributes)
    held = {name: again(getattr(node, name)) for name in names if hasattr(node, name)}
    return type(node)(**held)


def parse(source: str) -> ast.Module:
    """Return the tree of a cell, what IPython alone understands passed over.

    Raises
    ------
    SyntaxError
        The cell is no Python.
    """
    try:
        return ast.parse(source)
    except SyntaxError:
        lines = []
        for line in source.split("\n"):
            said = line.strip()
            if said.startswith(("%", "!", "?")) or (said.endswith("?") and "#" not in said):
                line = line[: len(line) - len(line.lstrip())] + "pass"
            lines.append(re.sub(r"(?<![=!<>%])=\s*[!%].*$", "= None", line))
        return ast.parse("\n".join(lines))


class _Keys(ast.NodeTransformer):
    """Makes a name of its own of each params["W"]."""

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        self.generic_visit(node)
        key = node.slice
        if (
            isinstance(node.value, ast.Name)
            and isinstance(key, ast.Constant)
            and isinstance(key.value, str)
        ):
            name = f"{node.value.id}[{key.value!r}]"
            return ast.copy_location(ast.Name(name, node.ctx), node)
        return node


class _Globals(ast.NodeTransformer):
    """Hands to a call what its function reads of the notebook's names."""

    def __init__(self, reads: Mapping[str, set[str]]) -> None:
        self.reads = reads

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.func, ast.Name):
            more = sorted(self.reads.get(node.func.id, set()))
            node.args = [*node.args, *(ast.Name(name, ast.Load()) for name in more)]
        return node


def plain_names(loop: ast.For | ast.While, reads: Mapping[str, set[str]]) -> ast.For | ast.While:
    """Return a copy of a loop in which all that it reads is a name, or handed to a function."""
    renamed: ast.For | ast.While = _Globals(reads).visit(_Keys().visit(copied(loop)))
    return ast.fix_missing_locations(renamed)


def globals_of(tree: ast.Module, namespace: Mapping[str, object]) -> dict[str, set[str]]:
    """Return the names of the notebook that its functions read, by function."""
    found: dict[str, set[str]] = {}
    for name, value in namespace.items():
        if isinstance(value, types.FunctionType) and value.__globals__ is namespace:
            found[name] = set(value.__code__.co_names)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            own = {part.arg for part in ast.walk(node.args) if isinstance(part, ast.arg)}
            names = [part for part in ast.walk(node) if isinstance(part, ast.Name)]
            own |= {part.id for part in names if isinstance(part.ctx, ast.Store)}
            found[node.name] = {part.id for part in names} - own
    functions = set(found) | {name for name, value in namespace.items() if callable(value)}
    modules = {name for name, value in namespace.items() if isinstance(value, types.ModuleType)}
    return {name: names - functions - modules - {"np"} for name, names in found.items()}


def called(node: ast.expr) -> str:
    """Return the last name of what is called: dot for np.dot(…)."""
    if isinstance(node, ast.Call):
        node = node.func
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def loads(node: ast.AST | None) -> set[str]:
    """Return the names whose numbers go into an expression."""
    if node is None:
        return set()
    if isinstance(node, ast.Name):
        return {node.id} if isinstance(node.ctx, ast.Load) else set()
    if isinstance(node, ast.Attribute) and node.attr in OF_SHAPE:
        return set()
    if isinstance(node, ast.Call):
        if called(node) in COUNTING:
            return set()
        parts: list[ast.AST] = [*node.args, *(word.value for word in node.keywords)]
        if isinstance(node.func, ast.Attribute):
            parts.append(node.func.value)
        return set().union(*map(loads, parts))
    return set().union(*map(loads, ast.iter_child_nodes(node)))


def items_of(node: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    """Give what a dictionary is written to hold."""
    if isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                yield key.value, value
    elif isinstance(node, ast.Call) and called(node) == "dict":
        yield from ((word.arg, word.value) for word in node.keywords if word.arg)


def is_name(node: ast.expr, name: str) -> bool:
    """Whether it is the name, or an element of it."""
    while isinstance(node, ast.Subscript):
        node = node.value
    return isinstance(node, ast.Name) and node.id == name


def terms_of(node: ast.expr, sign: int = 1) -> list[tuple[int, ast.expr]]:
    """Return the terms of a sum, with their signs."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub):
        other = sign if isinstance(node.op, ast.Add) else -sign
        return terms_of(node.left, sign) + terms_of(node.right, other)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return terms_of(node.operand, -sign)
    return [(sign, node)]


def factors_of(node: ast.expr, power: int = 1) -> list[tuple[ast.expr, int]]:
    """Return the factors of a product with 1, and those that divide it with −1."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        return factors_of(node.left, power) + factors_of(node.right, power)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
        return factors_of(node.left, power) + factors_of(node.right, -power)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult):
        # a * X.T @ e is (a * X.T) @ e.
        return factors_of(node.left, power) + factors_of(node.right, power)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return factors_of(node.operand, power)
    if (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "dot"
        and len(node.args) == 1
        and not is_name(node.func.value, "np")
    ):
        return factors_of(node.func.value, power) + factors_of(node.args[0], power)
    return [(node, power)]


def stored(node: ast.AST) -> set[str]:
    """Return the names that a statement sets, or sets an element of."""
    found = set()
    for part in ast.walk(node):
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
            found.add(part.id)
        elif isinstance(part, ast.Subscript) and isinstance(part.ctx, ast.Store):
            base: ast.expr = part
            while isinstance(base, ast.Subscript | ast.Attribute):
                base = base.value
            if isinstance(base, ast.Name):
                found.add(base.id)
    return found
