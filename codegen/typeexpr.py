"""The type expressions of the catalogue: `User`, `list[str]`, `map[Post]`, `Team?`, `int | str`.

`?` marks a value that may be null, `~` one that is null when it is empty (Go's nil slices and maps).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from .errors import SpecError

SCALARS = frozenset({"str", "int", "float", "bool", "any", "file"})
_TOKEN = re.compile(r"\s*([A-Za-z_][\w.]*|[\[\]|?~])")


@dataclass(frozen=True)
class Type:
    """One type: a scalar, a reference to a named schema, or `list`, `map`, `union` of others."""

    kind: str
    args: tuple[Type, ...] = ()
    nullable: bool = False
    null_as_empty: bool = False

    @property
    def is_ref(self) -> bool:
        """Whether this names a schema or an enum."""
        return self.kind[:1].isupper()

    def plain(self) -> Type:
        """The same type without its null marks."""
        return replace(self, nullable=False, null_as_empty=False)

    def refs(self) -> Iterator[str]:
        """The names of all schemas in this type."""
        if self.is_ref:
            yield self.kind
        for arg in self.args:
            yield from arg.refs()

    def __str__(self) -> str:
        if self.kind == "union":
            text = " | ".join(map(str, self.args))
        elif self.args:
            text = f"{self.kind}[{self.args[0]}]"
        else:
            text = self.kind
        return text + "?" * self.nullable + "~" * self.null_as_empty


ANY = Type("any")


def list_of(item: Type) -> Type:
    """The type of a JSON array of `item`."""
    return Type("list", (item,))


def map_of(value: Type) -> Type:
    """The type of a JSON object with arbitrary keys and values of type `value`."""
    return Type("map", (value,))


def parse(text: str, place: str = "type") -> Type:
    """Read a type expression.

    Raises:
        SpecError: The text is no type expression; `place` says where it stands.
    """
    tokens = _tokens(text, place)
    result, rest = _union(tokens, place, text)
    if rest:
        raise SpecError(place, f"cannot read the type {text!r} from {rest[0]!r} on")
    return result


def _tokens(text: str, place: str) -> list[str]:
    tokens, at = [], 0
    while text[at:].strip():
        match = _TOKEN.match(text, at)
        if not match:
            raise SpecError(place, f"cannot read the type {text!r}")
        tokens.append(match.group(1))
        at = match.end()
    return tokens


def _union(tokens: list[str], place: str, text: str) -> tuple[Type, list[str]]:
    first, rest = _single(tokens, place, text)
    parts = [first]
    while rest and rest[0] == "|":
        part, rest = _single(rest[1:], place, text)
        parts.append(part)
    return (first if len(parts) == 1 else Type("union", tuple(parts))), rest


def _single(tokens: list[str], place: str, text: str) -> tuple[Type, list[str]]:
    if not tokens:
        raise SpecError(place, f"the type {text!r} ends too early")
    name, rest = tokens[0], tokens[1:]
    if name in {"list", "map"}:
        if rest[:1] != ["["]:
            raise SpecError(place, f"{name} needs its element type in brackets: {text!r}")
        inner, rest = _union(rest[1:], place, text)
        if rest[:1] != ["]"]:
            raise SpecError(place, f"a bracket is not closed: {text!r}")
        result, rest = Type(name, (inner,)), rest[1:]
    elif name in SCALARS or name[:1].isupper():
        result = Type(name)
    else:
        raise SpecError(place, f"unknown type name {name!r} in {text!r}")
    while rest and rest[0] in "?~":
        result = replace(result, nullable=True) if rest[0] == "?" else replace(result, null_as_empty=True)
        rest = rest[1:]
    return result, rest
