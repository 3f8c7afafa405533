"""The imports of a package, read from its files: those inside functions and those for annotations too."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "python" / "matterapi"


def files_of(package: Path) -> dict[str, Path]:
    """The files of the package `matterapi` by the names of their modules, without that of the package."""
    return {name_of(path, package): path for path in sorted(package.rglob("*.py"))}


def name_of(path: Path, package: Path) -> str:
    parts = path.relative_to(package).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def room_of(module: str) -> str:
    """The folder or file directly below the package that a module belongs to, or the package itself."""
    return module.partition(".")[0] or PACKAGE.name


def imports(files: dict[str, Path]) -> dict[str, set[str]]:
    """For each module the modules of the same package that it imports; the compiled core is `_core`."""
    known = {*files, "_core"}
    found: dict[str, set[str]] = {}
    for name, path in files.items():
        inside = name.split(".") if path.name == "__init__.py" else name.split(".")[:-1]
        targets = {target for full in _named(path, [part for part in inside if part])
                   if (target := _longest(full, known)) is not None}  # fmt: skip
        found[name] = targets - {name}
    return found


def _named(path: Path, inside: list[str]) -> Iterator[list[str]]:
    """What a file imports of the package, as parts of a name below it."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            full = [alias.name.split(".") for alias in node.names]
            yield from (parts[1:] for parts in full if parts[0] == "matterapi")
        elif isinstance(node, ast.ImportFrom):
            module = node.module.split(".") if node.module else []
            if node.level:
                base = inside[: len(inside) + 1 - node.level] + module
            elif module[0] == "matterapi":
                base = module[1:]
            else:
                continue
            yield from ([*base, alias.name] for alias in node.names)


def _longest(parts: list[str], known: set[str]) -> str | None:
    """The longest beginning of a name that is a module; the package itself counts if it alone is named."""
    for length in range(len(parts), 0, -1):
        if (name := ".".join(parts[:length])) in known:
            return name
    return None


def circles(found: dict[str, set[str]]) -> list[list[str]]:
    """Groups of modules that import each other, directly or by others."""
    order: dict[str, int] = {}
    lowest: dict[str, int] = {}
    stack: list[str] = []
    groups: list[list[str]] = []

    def visit(name: str) -> None:
        order[name] = lowest[name] = len(order)
        stack.append(name)
        for target in found.get(name, ()):
            if target not in order:
                visit(target)
                lowest[name] = min(lowest[name], lowest[target])
            elif target in stack:
                lowest[name] = min(lowest[name], order[target])
        if lowest[name] == order[name]:
            group = stack[stack.index(name) :]
            del stack[stack.index(name) :]
            if len(group) > 1:
                groups.append(sorted(group))

    for name in found:
        if name not in order:
            visit(name)
    return sorted(groups)
