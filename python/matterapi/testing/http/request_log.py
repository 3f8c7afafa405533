"""What the server has been asked, for tests to look at and to assert on."""

from __future__ import annotations

import difflib
import json as json_module
import re
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from .encoding import MAX_DEPTH, nesting

MOST_REQUESTS = 10_000
MOST_HEAD_BYTES = 64 * 1024 * 1024
MOST_BODY_BYTES = 64 * 1024 * 1024

_NEAREST = 3
_PARAM = re.compile(r"\\{\w+\\}")


@dataclass(slots=True)
class RecordedRequest:
    """One request as it arrived.

    Attributes:
        verb: HTTP verb.
        path: Decoded path; as sent, if the request never came as far as routing.
        raw_path: Path and query as sent.
        query: Query parameters, all values of each.
        connection: Number of the TCP connection it came on, from 1.
        headers: Request headers, names in any case.
        body: The body, as far as it was read and is still kept.
        dropped: Bytes of the body that were let go, because it was old and the log kept enough bodies; 0 for
            a body that is there.
        operation: Id of the operation it found, None for none.
        status: Status of the response, 0 until there is one.
    """

    verb: str
    path: str
    raw_path: str
    connection: int
    headers: Mapping[str, str]
    query: dict[str, list[str]] = field(default_factory=dict)
    body: bytes = b""
    operation: str | None = None
    status: int = 0
    dropped: int = 0

    @classmethod
    def start(cls, request: web.BaseRequest, connection: int) -> RecordedRequest:
        """Begin the record of a request."""
        raw = request.raw_path
        return cls(request.method, raw.partition("?")[0], raw, connection, request.headers)

    @property
    def json(self) -> Any:
        """The body as JSON; None where it is none, nested deeper than a server reads, or let go."""
        try:
            return json_module.loads(self.body) if nesting(self.body) <= MAX_DEPTH else None
        except ValueError:
            return None

    @property
    def head_size(self) -> int:
        """About how many bytes the request has without its body."""
        return len(self.raw_path) + sum(len(name) + len(value) for name, value in self.headers.items())

    def drop_body(self) -> None:
        """Let the body go."""
        self.dropped, self.body = len(self.body), b""


class RequestHistory:
    """What a server remembers of its requests: so many, and so many bytes. Only its thread may add."""

    def __init__(self) -> None:
        self._kept: deque[RecordedRequest] = deque()
        self._with_body: deque[RecordedRequest] = deque()
        self._head_bytes = 0
        self._body_bytes = 0

    def __iter__(self) -> Iterator[RecordedRequest]:
        return iter(self._kept.copy())

    def add(self, record: RecordedRequest) -> None:
        """Keep a request, and let the oldest go if there are too many."""
        self._kept.append(record)
        self._head_bytes += record.head_size
        while len(self._kept) > MOST_REQUESTS or self._head_bytes > MOST_HEAD_BYTES:
            self._head_bytes -= self._kept.popleft().head_size

    def note_body(self, record: RecordedRequest) -> None:
        """Count the body of an answered request, and let the oldest bodies go if there are too many bytes."""
        if record.body:
            self._with_body.append(record)
            self._body_bytes += len(record.body)
        while self._body_bytes > MOST_BODY_BYTES or len(self._with_body) > MOST_REQUESTS:
            old = self._with_body.popleft()
            self._body_bytes -= len(old.body)
            old.drop_body()


class RequestLog(list[RecordedRequest]):
    """The requests up to the moment when it was asked for, oldest first.

    A body that the server has let go (`RecordedRequest.dropped`) fits no expected `json`.
    """

    def matching(
        self, route: str, *, json: Any = None, query: Mapping[str, str] | None = None
    ) -> list[RecordedRequest]:
        """Return the requests that fit.

        Args:
            route: Verb and path, e.g. `POST /api/v4/posts`; `{parameter}` stands for any segment.
            json: What the body must hold: of an object the fields given here, everything else as it is.
            query: Values that query parameters must have.

        Raises:
            ValueError: `route` has no verb.
        """
        return [request for request in self if not _differences(request, route, json, query)]

    def assert_requested(
        self,
        route: str,
        *,
        json: Any = None,
        query: Mapping[str, str] | None = None,
        times: int | None = None,
    ) -> RecordedRequest:
        """Return the last request that fits, as `matching` decides.

        Args:
            route: Verb and path.
            json: What the body must hold.
            query: Values that query parameters must have.
            times: How many must fit; None for one or more.

        Raises:
            AssertionError: None does, or not so many; the message shows the nearest requests, and where they
                differ.
            ValueError: `route` has no verb.
        """
        found = self.matching(route, json=json, query=query)
        if found and times in (None, len(found)):
            return found[-1]
        raise AssertionError(self._complaint(route, json, query, len(found), times))

    def _complaint(
        self, route: str, json: Any, query: Mapping[str, str] | None, found: int, times: int | None
    ) -> str:
        if found:
            return f"{route} was requested {found} times, not {times}"
        lines = [f"{route} was not requested as expected; there were {len(self)} requests"]

        def likeness(request: RecordedRequest) -> tuple[bool, float]:
            requested = f"{request.verb} {request.path}"
            return not _route_differs(request, route), difflib.SequenceMatcher(None, route, requested).ratio()

        for number, near in enumerate(sorted(self, key=likeness, reverse=True)[:_NEAREST], 1):
            lines.append(f"{number}. {near.verb} {near.raw_path} -> {near.status}")
            lines += [f"   {line}" for line in _differences(near, route, json, query)]
        return "\n".join(lines)


def _differences(
    request: RecordedRequest, route: str, json: Any, query: Mapping[str, str] | None
) -> list[str]:
    """Return what of a request is other than expected, in lines; none for a request that fits."""
    lines: list[str] = []
    if _route_differs(request, route):
        lines += [f"- {route}", f"+ {request.verb} {request.path}"]
    for name, value in (query or {}).items():
        values = request.query.get(name)
        if values is None or value not in values:
            lines += [f"- query {name}={value}", f"+ query {name}={', '.join(values or ['(absent)'])}"]
    if json is not None and not _holds(request.json, json):
        lines += _diff(json, request)
    return lines


def _route_differs(request: RecordedRequest, route: str) -> bool:
    verb, _, path = route.partition(" ")
    if not path.startswith("/"):
        raise ValueError(f"{route!r} is no route: write verb and path, like 'POST /api/v4/posts'")
    pattern = _PARAM.sub("[^/]+", re.escape(path))
    return request.verb != verb or re.fullmatch(pattern, request.path) is None


def _holds(found: Any, wanted: Any) -> bool:
    if isinstance(wanted, Mapping):
        return isinstance(found, dict) and all(
            key in found and _holds(found[key], value) for key, value in wanted.items()
        )
    return bool(found == wanted)


def _diff(wanted: Any, request: RecordedRequest) -> list[str]:
    found = request.json
    if request.dropped:
        gone = f"+ body: the log let its {request.dropped:,} bytes go, for newer ones"
        return [f"- body {json_module.dumps(wanted)}", gone]
    if found is None:
        return [f"- body {json_module.dumps(wanted)}", f"+ body {request.body[:200]!r}"]
    if isinstance(wanted, Mapping) and isinstance(found, dict):
        found = {key: value for key, value in found.items() if key in wanted}
    diff = difflib.ndiff(_lines(wanted), _lines(found))
    return [line.rstrip() for line in diff if not line.startswith("?")]


def _lines(value: Any) -> list[str]:
    return json_module.dumps(value, indent=2, sort_keys=True, ensure_ascii=False).splitlines()
