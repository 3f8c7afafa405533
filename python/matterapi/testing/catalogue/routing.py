"""Which operation a verb and a path mean.

The server matches path parameters after percent-decoding, knows no 405 and no trailing slash, and cleans a
path with `//`, `.` or `..` by a redirect.
"""

import posixpath
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import unquote_to_bytes

from .operations import Operation

_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_PARAM = re.compile(r"\{(\w+)\}")
_ALNUM = re.compile(r"[A-Za-z0-9]+")
_LOOSE = re.compile(r"[^/]+")
# Parameters whose route pattern is not [A-Za-z0-9]+ (the mux column of the server's route table).
_PATTERNS = {
    "category": re.compile(r"[A-Za-z0-9_]+"),
    "preference_name": re.compile(r"[A-Za-z0-9_]+"),
    "category_id": re.compile(r"[A-Za-z0-9_-]+"),
    "channel_name": re.compile(r"[A-Za-z0-9_-]+"),
    "team_name": re.compile(r"[A-Za-z0-9_-]+"),
    "name": re.compile(r"[A-Za-z0-9_-]+"),
    "emoji_name": re.compile(r"[A-Za-z0-9_+-]+"),
    "plugin_id": re.compile(r"[A-Za-z0-9_.-]+"),
    "invoice_id": re.compile(r"[_A-Za-z0-9]+"),
    "username": re.compile(r"[A-Za-z0-9_.-]+"),
    "role_name": re.compile(r"[a-z0-9_]+"),
    "hook": _ALNUM,
    "timestamp": re.compile(r"[0-9]+"),
}


class PathError(ValueError):
    """The path holds a `%` that is not an escape."""


@dataclass(slots=True)
class _Node:
    literals: dict[str, "_Node"] = field(default_factory=dict)
    params: list[tuple[str, re.Pattern[str], "_Node"]] = field(default_factory=list)
    operations: dict[str, Operation] = field(default_factory=dict)


class RouteTable:
    """Finds operations by verb and decoded path; a literal segment goes before a parameter.

    Args:
        operations: What can be found.
        strict: Whether parameters must fit the server's route patterns. Otherwise any segment fits.
    """

    def __init__(self, operations: Iterable[Operation], *, strict: bool = True) -> None:
        self._root = _Node()
        for operation in operations:
            node = self._root
            for segment in operation.path.strip("/").split("/"):
                node = _child(node, segment, strict=strict)
            node.operations.setdefault(operation.verb, operation)

    def find(self, verb: str, path: str) -> tuple[Operation, dict[str, str]] | None:
        """Return the operation and its path parameters; None for an unknown route."""
        return _walk(self._root, path[1:].split("/"), 0, verb)


def _child(node: _Node, segment: str, *, strict: bool) -> _Node:
    match = _PARAM.search(segment)
    if match is None:
        return node.literals.setdefault(segment, _Node())
    name = match.group(1)
    pattern = _pattern(name) if strict else _LOOSE
    if segment != match.group(0):
        head, tail = segment.split(match.group(0))
        pattern = re.compile(f"{re.escape(head)}(.+){re.escape(tail)}")
    for known, known_pattern, child in node.params:
        if (known, known_pattern) == (name, pattern):
            return child
    child = _Node()
    node.params.append((name, pattern, child))
    return child


def _pattern(name: str) -> re.Pattern[str]:
    if name in _PATTERNS:
        return _PATTERNS[name]
    return _ALNUM if name.endswith("_id") else _LOOSE


def _walk(node: _Node, segments: list[str], at: int, verb: str) -> tuple[Operation, dict[str, str]] | None:
    if at == len(segments):
        operation = node.operations.get(verb)
        return None if operation is None else (operation, {})
    segment = segments[at]
    literal = node.literals.get(segment)
    if literal is not None:
        found = _walk(literal, segments, at + 1, verb)
        if found is not None:
            return found
    for name, pattern, child in node.params:
        match = pattern.fullmatch(segment)
        if match is None:
            continue
        found = _walk(child, segments, at + 1, verb)
        if found is not None:
            found[1][name] = match.group(1) if match.groups() else segment
            return found
    return None


def decode_path(raw: str) -> str:
    """Percent-decode a path.

    Raises:
        PathError: A `%` is not followed by two hexadecimal digits.
    """
    if _BAD_ESCAPE.search(raw):
        raise PathError(raw)
    return unquote_to_bytes(raw).decode("utf-8", errors="replace")


def below_subpath(path: str, subpath: str) -> str | None:
    """Return the path as it is below the server's subpath; None when it is outside."""
    if subpath == "/":
        return path
    if path == subpath:
        return "/"
    return path.removeprefix(subpath) if path.startswith(subpath + "/") else None


def clean_path(path: str) -> str:
    """Return the path that the server redirects to; equal to `path` when that is clean already."""
    cleaned = posixpath.normpath("/" + path.lstrip("/"))
    return cleaned + "/" if path.endswith("/") and cleaned != "/" else cleaned
