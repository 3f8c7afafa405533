"""What the server has been asked, for tests to look at."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from aiohttp import web


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
    def start(cls, request: web.BaseRequest, connection: int) -> "RecordedRequest":
        """Begin the record of a request."""
        raw = request.raw_path
        return cls(request.method, raw.partition("?")[0], raw, connection, request.headers)
