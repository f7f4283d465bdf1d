"""Looks for circles among modules: nothing lower knows anything higher.

A module of the core is a file or folder of src/ or of a folder in it, which may use its mod.rs; one
of the package is a file of python/gradwalk/. What tests use does not count. Run it from the root of
the repository: it prints the circles, and fails if there is one.
"""

import ast
import re
import sys
from importlib.util import resolve_name
from pathlib import Path


def rust_edges(folder: Path) -> dict[str, set[str]]:
    """Which modules of `folder`, which is src/ or in it, each of them uses."""
    prefix = "::".join(("crate", *folder.parts[1:], ""))
    modules = {path.stem: path for path in folder.iterdir() if path.stem not in ("lib", "mod")}
    # What mod.rs hands on under a shorter name belongs to the module that it comes from.
    owner, root = {name: name for name in modules}, folder / "mod.rs"
    handed_on = r"pub(?:\(\w+\))? use (?:self::)?(\w+)::(?:\w+::)*(\w+|\{[^;]*\});"
    text = re.sub(r"//.*", "", root.read_text()) if root.exists() else ""
    for module, names in re.findall(handed_on, text):
        owner |= {name: module for name in re.findall(r"\w+", names) if module in modules}
    edges = {name: set() for name in modules}
    for name, path in modules.items():
        for file in [path] if path.is_file() else path.rglob("*.rs"):
            if {"tests", "tests.rs", "testing.rs"} & {*file.parts}:
                continue
            text = re.sub(r"//.*", "", file.read_text()).split("#[cfg(test)]\nmod tests {")[0]
            # Modules between this file and the folder, each of which is one `super`.
            depth = len(file.relative_to(folder).parts) - (file.name == "mod.rs")
            for start in (prefix, "super::" * depth):
                for found in re.findall(rf"(?<![\w:]){start}(\w+|\{{[^;]*\}})", text):
                    names = re.findall(r"(?<!::)\b\w+", found)
                    edges[name] |= {owner[other] for other in names if other in owner} - {name}
    return edges


def python_edges(folder: Path) -> dict[str, set[str]]:
    """Which files of the package each of them imports, at its top or in a function."""
    files = {}
    for path in [*folder.rglob("*.py"), *folder.rglob("*.pyi")]:
        parts = path.relative_to(folder.parent).with_suffix("").parts
        files[".".join(parts).removesuffix(".__init__")] = path
    edges = {name: set() for name in files}
    for name, path in files.items():
        if path.suffix == ".pyi":
            continue
        package = name if path.name == "__init__.py" else name.rpartition(".")[0]
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                found = {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                base = resolve_name("." * node.level + (node.module or ""), package)
                inner = {f"{base}.{alias.name}" for alias in node.names}
                found = {other if other in files else base for other in inner}
            else:
                continue
            # The package itself is there to be imported, by a function that runs later.
            edges[name] |= (found & files.keys()) - {name, folder.name}
    return edges


def circles(edges: dict[str, set[str]]) -> list[set[str]]:
    """The sets of modules that all reach each other."""
    reach = {}
    for name in edges:
        found, waiting = set(), [name]
        while waiting:
            new = edges[waiting.pop()] - found
            found |= new
            waiting += new
        reach[name] = found
    in_circles = {frozenset({b for b in reach[a] if a in reach[b]}) for a in edges if a in reach[a]}
    return sorted((set(circle) for circle in in_circles), key=sorted)


def main() -> int:
    folders = sorted({file.parent for file in Path("src").rglob("*.rs")})
    parts = {str(folder): rust_edges(folder) for folder in folders}
    parts["python/gradwalk"] = python_edges(Path("python/gradwalk"))
    n_found = 0
    for part, edges in parts.items():
        for circle in circles(edges):
            n_found += 1
            print(f"{part}: a circle of {len(circle)} modules")
            for name in sorted(circle):
                print(f"  {name} -> {', '.join(sorted(edges[name] & circle))}")
    return int(n_found > 0)


if __name__ == "__main__":
    sys.exit(main())
