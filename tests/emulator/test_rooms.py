"""The emulator's rooms: what they are, who imports whom, and that handlers need no list."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import matterapi.testing
from matterapi.testing.rest.registry import handlers

PACKAGE = Path(matterapi.testing.__file__).parent
# Each room may use those before it, and itself.
ROOMS = ("http", "state", "catalogue", "websocket", "effects", "rest", "faults", "server")


def sources(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.py"))


def imported(path: Path) -> Iterator[str]:
    """Full names of the modules that a file imports, for annotations too."""
    package = ["matterapi", "testing", *path.relative_to(PACKAGE).parts[:-1]]
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) + 1 - node.level] if node.level else []
            yield ".".join([*base, *([node.module] if node.module else [])])


def rooms_used(path: Path) -> set[str]:
    names = [name.split(".") for name in imported(path)]
    return {name[2] for name in names if name[:2] == ["matterapi", "testing"] and len(name) > 2}


def test_the_top_level_has_rooms_and_a_door() -> None:
    names = {path.name for path in PACKAGE.iterdir() if path.name != "__pycache__"}
    assert names == {*ROOMS, "__init__.py", "__main__.py", "_requirements.py"}


def test_a_room_uses_only_those_below_it() -> None:
    for at, room in enumerate(ROOMS):
        for path in sources(PACKAGE / room):
            assert rooms_used(path) <= set(ROOMS[: at + 1]), path


def test_nothing_of_the_client_is_used() -> None:
    for path in sources(PACKAGE):
        inside = {name for name in imported(path) if name.split(".")[0] == "matterapi"}
        assert all(name == "matterapi.testing" or name.startswith("matterapi.testing.") for name in inside), (
            path
        )


def test_every_decorated_function_below_rest_is_a_handler() -> None:
    decorated = {
        argument.value
        for path in sources(PACKAGE / "rest")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for decorator in node.decorator_list
        if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "operation"
        for argument in decorator.args
        if isinstance(argument, ast.Constant)
    }
    assert len(decorated) > 300
    # Some are registered in a loop over names, by a call that is no decorator.
    assert decorated <= set(handlers())
