"""A catalogue small enough to see through: `toy/spec` as file texts, which tests change and generate from."""

from __future__ import annotations

from pathlib import Path

from codegen.generate import generate
from codegen.load import from_texts

TOY = Path(__file__).parent / "toy"


def texts() -> dict[str, str]:
    folder = TOY / "spec"
    return {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*.yaml")}


def changed(path: str, old: str, new: str) -> dict[str, str]:
    """The toy catalogue with one text replaced."""
    found = texts()
    assert old in found[path]
    return {**found, path: found[path].replace(old, new)}


def generated(files: dict[str, str]) -> dict[str, str]:
    return generate(from_texts(files))
