"""What the server has been asked, for tests to look at and to assert on."""

from __future__ import annotations

import difflib
import json as json_module
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

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
        body: The body, as far as it was read.
        operation: Id of the operation it found, None for none.
        status: Status of the answer, 0 until there is one.
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

    @classmethod
    def start(cls, request: web.BaseRequest, connection: int) -> RecordedRequest:
        """Begin the record of a request."""
        raw = request.raw_path
        return cls(request.method, raw.partition("?")[0], raw, connection, request.headers)

    @property
    def json(self) -> Any:
        """The body as JSON; None where it is none."""
        try:
            return json_module.loads(self.body)
        except ValueError:
            return None


class RequestLog(list[RecordedRequest]):
    """The requests up to the moment when it was asked for, oldest first."""

    def matching(
        self, route: str, *, json: Any = None, query: Mapping[str, str] | None = None
    ) -> list[RecordedRequest]:
        """Return the requests that fit.

        Args:
            route: Verb and path, e.g. ``POST /api/v4/posts``; ``{parameter}`` stands for any segment.
            json: What the body must hold: of an object the fields given here, everything else as it is.
            query: Values that query parameters must have.

        Raises:
            ValueError: `route` has no verb.
        """
        return [one for one in self if not _differences(one, route, json, query)]

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

        def likeness(one: RecordedRequest) -> tuple[bool, float]:
            told = f"{one.verb} {one.path}"
            return not _route_differs(one, route), difflib.SequenceMatcher(None, route, told).ratio()

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
    if found is None:
        return [f"- body {json_module.dumps(wanted)}", f"+ body {request.body[:200]!r}"]
    if isinstance(wanted, Mapping) and isinstance(found, dict):
        found = {key: value for key, value in found.items() if key in wanted}
    diff = difflib.ndiff(_lines(wanted), _lines(found))
    return [line.rstrip() for line in diff if not line.startswith("?")]


def _lines(value: Any) -> list[str]:
    return json_module.dumps(value, indent=2, sort_keys=True, ensure_ascii=False).splitlines()
