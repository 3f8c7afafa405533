"""The catalogue of operations that the server answers from (catalogue.json, generated)."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, TypeAlias

import orjson

from .encoding import JsonObject

# A type expression: "str", {"list": T}, {"ref": "User"}, ...
TypeExpr: TypeAlias = str | dict[str, Any]


@dataclass(frozen=True, slots=True)
class Param:
    """A path or query parameter."""

    name: str
    type: TypeExpr
    required: bool


@dataclass(frozen=True, slots=True)
class Body:
    """What an operation takes as its body.

    Attributes:
        kind: ``json``, ``multipart``, ``form`` or ``raw``.
        required: Whether an empty body is refused.
        type: Type of the value; None when anything goes.
        files: Names of the parts of a multipart body that are files.
    """

    kind: str
    required: bool
    type: TypeExpr | None
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer of an operation; `type` None for an answer without JSON."""

    status: int
    content_type: str | None
    type: TypeExpr | None


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of the API.

    Attributes:
        id: Operation id, e.g. ``GetUser``.
        verb: HTTP verb.
        path: Path with parameters in braces.
        since: First server version, None when unknown.
        permissions: Permission ids the server asks for, None when unknown.
        auth: ``session``, ``none``, ``local-socket`` or another way of proving who asks.
        local_only: Whether a real server answers it on the local socket only.
        max_body: ``file`` where MaxFileSize is the limit of the body.
        path_params: Parameters in the path, in order.
        query: Parameters in the query.
        body: The body, None when there is none.
        answers: Documented answers; the first is the one given on success.
    """

    id: str
    verb: str
    path: str
    since: str | None
    permissions: tuple[str, ...] | None
    auth: str
    local_only: bool
    max_body: str | None
    path_params: tuple[Param, ...]
    query: tuple[Param, ...]
    body: Body | None
    answers: tuple[Answer, ...]

    @property
    def needs_session(self) -> bool:
        """Whether a request without a live session is refused."""
        return self.auth == "session"


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All operations, and the schemas their types refer to.

    Attributes:
        server_version: Version of the server that the catalogue describes.
        operations: Every operation.
        schemas: ``{"fields": ..., "extra": T}``, ``{"enum": [...]}`` or ``{"alias": T}`` by name.
    """

    server_version: str
    operations: tuple[Operation, ...]
    schemas: Mapping[str, JsonObject]


def parse(data: bytes) -> Catalogue:
    """Read a catalogue from its JSON."""
    raw = orjson.loads(data)
    operations = tuple(_operation(entry) for entry in raw["operations"])
    return Catalogue(raw["server_version"], operations, raw["schemas"])


@cache
def bundled() -> Catalogue:
    """Return the catalogue that comes with the package; read once per process."""
    return parse(files("matterapi.testing").joinpath("catalogue.json").read_bytes())


def _operation(raw: JsonObject) -> Operation:
    permissions = raw.get("permissions")
    return Operation(
        id=raw["id"],
        verb=raw["verb"],
        path=raw["path"],
        since=raw.get("since"),
        permissions=None if permissions is None else tuple(permissions),
        auth=raw["auth"],
        local_only=raw.get("local_only", False),
        max_body=raw.get("max_body"),
        path_params=tuple(Param(one["name"], one["type"], required=True) for one in raw["path_params"]),
        query=tuple(
            Param(one["name"], one["type"], required=one.get("required", False)) for one in raw["query"]
        ),
        body=_body(raw["body"]) if raw.get("body") else None,
        answers=tuple(
            Answer(one["status"], one.get("content_type"), one.get("type")) for one in raw["responses"]
        ),
    )


def _body(raw: JsonObject) -> Body:
    return Body(raw["kind"], raw.get("required", False), raw.get("type"), tuple(raw.get("files") or ()))


def is_available(operation: Operation, version: str) -> bool:
    """Tell whether a server of `version` (``11.2``) has the operation; an unknown age counts as old."""
    if operation.since is None or operation.since.startswith("<"):
        return True
    try:
        return _numbers(operation.since) <= _numbers(version)
    except ValueError:
        return True


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".")[:2])
