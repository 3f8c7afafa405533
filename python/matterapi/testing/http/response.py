"""What handlers return: status, body and headers, before the transport has its say."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from .encoding import JsonObject, dumps

JSON = "application/json"
OK_BODY = b'{"status":"OK"}'


@dataclass(slots=True)
class Response:
    """A response.

    Attributes:
        status: HTTP status code.
        body: The bytes, not compressed.
        content_type: None for a response that has none (301, 304).
        headers: Further headers; a name may occur more than once.
        etag: Value for `ETag`; a request that names it in `If-None-Match` gets 304.
        ranges: Whether `Range` is honoured (files).
        api: Whether it carries the headers of routed API responses.
    """

    status: int = 200
    body: bytes = OK_BODY
    content_type: str | None = JSON
    headers: list[tuple[str, str]] = field(default_factory=list)
    etag: str = ""
    ranges: bool = False
    api: bool = True


def ok() -> Response:
    """The response `{"status":"OK"}`."""
    return Response()


def json_response(
    value: object, status: int = 200, *, etag: str = "", headers: Iterable[tuple[str, str]] = ()
) -> Response:
    """A response with a JSON value."""
    return Response(status, dumps(value), etag=etag, headers=list(headers))


def text_response(status: int, text: str) -> Response:
    """A response of the HTTP layer itself: text, and none of the API's headers."""
    return Response(status, text.encode(), "text/plain; charset=utf-8", api=False)


def post_list(order: list[str], posts: JsonObject, next_id: str = "", prev_id: str = "") -> JsonObject:
    """Return a PostList; keys in the server's order, `posts` sorted by id as Go writes maps."""
    return {
        "order": order,
        "posts": dict(sorted(posts.items())),
        "next_post_id": next_id,
        "prev_post_id": prev_id,
        "first_inaccessible_post_time": 0,
    }
