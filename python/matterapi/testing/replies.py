"""What handlers return: status, body and headers, before the transport has its say."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from .encoding import JsonObject, dumps

JSON = "application/json"
OK_BODY = b'{"status":"OK"}'


@dataclass(slots=True)
class Reply:
    """An answer.

    Attributes:
        status: HTTP status code.
        body: The bytes, not compressed.
        content_type: None for an answer that has none (301, 304).
        headers: Further headers; a name may occur more than once.
        etag: Value for ``ETag``; a request that names it in ``If-None-Match`` gets 304.
        ranges: Whether ``Range`` is honoured (files).
        api: Whether it carries the headers of routed API answers.
    """

    status: int = 200
    body: bytes = OK_BODY
    content_type: str | None = JSON
    headers: list[tuple[str, str]] = field(default_factory=list)
    etag: str = ""
    ranges: bool = False
    api: bool = True


def ok() -> Reply:
    """The answer ``{"status":"OK"}``."""
    return Reply()


def json_reply(
    value: object, status: int = 200, *, etag: str = "", headers: Iterable[tuple[str, str]] = ()
) -> Reply:
    """An answer with a JSON value."""
    return Reply(status, dumps(value), etag=etag, headers=list(headers))


def text_reply(status: int, text: str) -> Reply:
    """An answer of the HTTP layer itself: text, and none of the API's headers."""
    return Reply(status, text.encode(), "text/plain; charset=utf-8", api=False)


def post_list(order: list[str], posts: JsonObject, next_id: str = "", prev_id: str = "") -> JsonObject:
    """Return a PostList; keys in the server's order, `posts` sorted by id as Go writes maps."""
    return {
        "order": order,
        "posts": dict(sorted(posts.items())),
        "next_post_id": next_id,
        "prev_post_id": prev_id,
        "first_inaccessible_post_time": 0,
    }
