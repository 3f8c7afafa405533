"""The catalogue of operations that the server answers from (operations.json, generated)."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from typing import Any, TypeAlias

import orjson

from matterapi.testing.http.encoding import JsonObject

# A type expression: "str", {"list": T}, {"ref": "User"}, ...
TypeExpr: TypeAlias = str | dict[str, Any]

# Between the parts of the file: server version, operations, schemas.
_LAYOUT = re.compile(rb',\n"operations": \[\n|\],\n"schemas": {\n')


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
        kind: `json`, `multipart`, `form` or `raw`.
        required: Whether an empty body is refused.
        type: Type of the value; None when anything goes.
        files: Names of the parts of a multipart body that are files.
    """

    kind: str
    required: bool
    type: TypeExpr | None
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DocumentedResponse:
    """One response of an operation; `type` None for a response without JSON."""

    status: int
    content_type: str | None
    type: TypeExpr | None


class Operation:
    """One operation of the API, read from its entry in the catalogue.

    Parameters, body and responses are read when they are first asked for: most servers are asked for a few
    operations of many, and keeping all of them as objects would take most of a server's start, for the
    garbage collector goes through them.

    Args:
        entry: JSON of the entry.

    Attributes:
        id: Operation id, e.g. `GetUser`.
        verb: HTTP verb.
        path: Path with parameters in braces.
        since: First server version, None when unknown.
        auth: `session`, `none`, `local-socket` or another way of proving who asks.
        gone: Whether servers no longer have it.
        local_only: Whether a real server answers it on the local socket only.
        max_body: `file` where MaxFileSize is the limit of the body.
    """

    def __init__(self, entry: bytes) -> None:
        self._entry = entry
        raw = orjson.loads(entry)
        self.id: str = raw["id"]
        self.verb: str = raw["verb"]
        self.path: str = raw["path"]
        self.since: str | None = raw.get("since")
        self.auth: str = raw["auth"]
        self.gone: bool = raw.get("gone", False)
        self.local_only: bool = raw.get("local_only", False)
        self.max_body: str | None = raw.get("max_body")

    @property
    def route(self) -> str:
        """Verb and path template, as in `GET /api/v4/users/{user_id}`."""
        return f"{self.verb} {self.path}"

    @property
    def needs_session(self) -> bool:
        """Whether a request without a live session is refused."""
        return self.auth == "session"

    @cached_property
    def _raw(self) -> JsonObject:
        return dict(orjson.loads(self._entry))

    @cached_property
    def permissions(self) -> tuple[str, ...] | None:
        """Permission ids the server asks for, None when unknown."""
        permissions = self._raw.get("permissions")
        return None if permissions is None else tuple(permissions)

    @cached_property
    def path_params(self) -> tuple[Param, ...]:
        """Parameters in the path, in order."""
        return tuple(Param(entry["name"], entry["type"], required=True) for entry in self._raw["path_params"])

    @cached_property
    def query(self) -> tuple[Param, ...]:
        """Parameters in the query."""
        return tuple(
            Param(entry["name"], entry["type"], required=entry.get("required", False))
            for entry in self._raw["query"]
        )

    @cached_property
    def body(self) -> Body | None:
        """The body, None when there is none."""
        raw = self._raw.get("body")
        if not raw:
            return None
        files = tuple(raw.get("files") or ())
        return Body(raw["kind"], raw.get("required", False), raw.get("type"), files)

    @cached_property
    def responses(self) -> tuple[DocumentedResponse, ...]:
        """Documented responses; the first is the one given on success."""
        return tuple(
            DocumentedResponse(entry["status"], entry.get("content_type"), entry.get("type"))
            for entry in self._raw["responses"]
        )


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All operations, and the schemas their types refer to.

    Attributes:
        server_version: Version of the server that the catalogue describes.
        operations: Every operation.
        schemas: `{"fields": ..., "extra": T}`, `{"enum": [...]}` or `{"alias": T}` by name.
    """

    server_version: str
    operations: tuple[Operation, ...]
    schemas: Mapping[str, JsonObject]


class Schemas(Mapping[str, JsonObject]):
    """The schemas by name, each read when it is first asked for.

    Args:
        lines: `"Name":{...}`, one for each schema.
    """

    def __init__(self, lines: Iterable[bytes]) -> None:
        named = (line.split(b":", 1) for line in lines)
        self._unread: dict[str, bytes] = {name[1:-1].decode(): entry for name, entry in named}
        self._read: dict[str, JsonObject] = {}

    def __getitem__(self, name: str) -> JsonObject:
        if name not in self._read:
            self._read[name] = orjson.loads(self._unread[name])
        return self._read[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._unread)

    def __len__(self) -> int:
        return len(self._unread)


def parse(data: bytes) -> Catalogue:
    """Read a catalogue: JSON with one operation or schema a line, as codegen writes it."""
    head, operations, schemas = _LAYOUT.split(data, maxsplit=2)
    return Catalogue(
        orjson.loads(head + b"}")["server_version"],
        tuple(Operation(line) for line in _lines(operations)),
        Schemas(_lines(schemas.removesuffix(b"\n}}\n"))),
    )


def _lines(part: bytes) -> list[bytes]:
    return [line.removesuffix(b",") for line in part.splitlines()]


@cache
def bundled() -> Catalogue:
    """Return the catalogue that comes with the package; read once per process."""
    return parse(files("matterapi.testing.catalogue").joinpath("operations.json").read_bytes())


def is_available(operation: Operation, version: str) -> bool:
    """Whether a server of `version` (`11.2`) has the operation; an unknown age counts as old."""
    since = operation.since
    if since is None or since.startswith("<"):
        return True
    try:
        if since.startswith(">"):
            return _numbers(since[1:]) < _numbers(version)
        return _numbers(since) <= _numbers(version)
    except ValueError:
        return True


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".")[:2])
