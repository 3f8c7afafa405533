"""Whatever a server sends, the work on it grows as its size does: nothing is searched twice over.

`PLACES` lists every place that works on a body, a header or a frame; what is added to the library is added
there. Each is driven with megabytes of what is worst for it.
"""

from __future__ import annotations

import asyncio
import json
import logging
import pickle
from collections.abc import Callable
from contextlib import suppress
from typing import Any, NamedTuple

import pytest

from matterapi.calls.codec import decode, decode_exactly
from matterapi.calls.operation import Operation
from matterapi.decoding import lenient
from matterapi.decoding.plain_json import parse_json
from matterapi.endpoints.memberships import _Lines
from matterapi.errors.body import retry_after
from matterapi.errors.exceptions import ApiError, DecodeError, MatterapiError
from matterapi.errors.from_core import core_error
from matterapi.errors.from_response import api_error
from matterapi.errors.httpx_classes import raised_class, status_error
from matterapi.errors.response_hooks import raise_async, raise_sync
from matterapi.events.frames import Reader
from matterapi.http.file_names import offered_name, safe_name
from matterapi.http.values import Headers, Request, parse_cookies, parse_links
from matterapi.logs import library_logger
from matterapi.models.posts import Post, PostList
from matterapi.models.users import User
from matterapi.options.timeouts import Limits, Timeout
from matterapi.redaction.patterns import redact, redact_value
from matterapi.response import Response
from tests.support.effort import EXHAUSTIVE, usually

from .cost import assert_linear

MIB = 1024 * 1024
LARGE = usually(MIB // 8, MIB // 2)
"""Of the smaller input, where nothing else bounds it."""
FIRST = 16 * 1024
"""Small enough to find what grows by the square before a megabyte of it takes hours."""


class Worst(NamedTuple):
    """A text of any size: `piece` over and over between `head` and `tail`."""

    piece: str
    head: str = ""
    tail: str = ""

    def text(self, size: int) -> str:
        return self.head + self.piece * (size // len(self.piece)) + self.tail

    def body(self, size: int) -> bytes:
        return self.text(size).encode()


def quiet(work: Callable[[Any], object]) -> Callable[[Any], object]:
    """The same work, whose typed errors do not matter here; any other error fails the test."""

    def run(given: Any) -> None:
        with suppress(MatterapiError, ValueError):
            work(given)

    return run


def response(
    content: bytes, status: int = 200, content_type: str = "application/json", **fields: str
) -> Response:
    headers = [("Content-Type", content_type), *((k.replace("_", "-"), v) for k, v in fields.items())]
    return Response(status, headers, content, url="https://chat.example.com/api/v4/posts")


class HttpxResponse:
    """As much of an `httpx.Response` as a response hook needs."""

    is_success = False
    status_code = 500
    request = Request("GET", "https://chat.example.com")

    def __init__(self, text: str) -> None:
        self.content = text.encode()
        self.headers = Headers([("Content-Type", "text/plain"), ("X-Long", text)])

    def read(self) -> bytes:
        return self.content

    async def aread(self) -> bytes:
        return self.content


def show(error: BaseException) -> None:
    """Everything that a program does to an error."""
    str(error), repr(error), pickle.dumps(error)


def shown_error(status: int, content_type: str = "text/plain") -> Callable[[bytes], None]:
    return lambda body: show(api_error(response(body, status, content_type), "GET /api/v4/posts"))


POST, POSTS, PAGE = (Operation("GET /api/v4/posts", kind) for kind in (Post, list[Post], PostList))
LINES = "application/x-ndjson"
LOGGER = library_logger("matterapi.client")


def decoded(op: Operation[Any], content_type: str = "application/json") -> Callable[[bytes], object]:
    def work(body: bytes) -> None:
        lenient._reported.clear()
        decode(op, response(body, content_type=content_type))

    return work


def refused(op: Operation[Any], content_type: str = "application/json") -> Callable[[bytes], object]:
    """The way of a success that turns out to be an error, and what a program does to it."""

    def work(body: bytes) -> None:
        try:
            decode_exactly(op, response(body, content_type=content_type))
        except DecodeError as error:
            show(error)

    return work


def log(text: str) -> None:
    LOGGER.handle(LOGGER.makeRecord(LOGGER.name, logging.ERROR, "", 0, "%s", (text,), None))


def log_failure(text: str) -> None:
    error = RuntimeError(text)
    LOGGER.handle(
        LOGGER.makeRecord(LOGGER.name, logging.ERROR, "", 0, "failed", (), (type(error), error, None))
    )


def lines_of_bytes(body: bytes) -> None:
    class Answer:
        response = response(b"")

    lines = _Lines(Answer())  # type: ignore[arg-type]
    for start in range(0, len(body), 16):
        list(lines.of(body[start : start + 16]))


ANYWHERE = [
    *map(
        Worst,
        ("a", " ", '"', "\\", "<", "\0", "é", "=", "%41", "a.", "x-", "://", "a://", "token", "bearer "),
    ),
    *map(Worst, ("cookie:", 'token="', '"token":"', '"token"  ', '\\"token\\":\\"', "'password': '", "\r\n")),
    Worst("a", "bearer "),
    Worst(" ", "bearer"),
    Worst(" ", '"token"'),
    Worst('\\"', '"token":"'),
    Worst("a", "https://"),
    Worst("aaaaaaaaaaaaaaaaaaaaaaaaa ", "token"),
]
"""What is hard for a pattern that looks for credentials."""

HARDEST = [Worst("a"), Worst("a."), Worst("x-"), Worst('"token":"'), Worst("\0"), Worst('\\"', '"token":"')]
"""Those that each pattern and each escape is slowest with."""

FIELDS = [
    *map(
        Worst,
        ("a", " ", "\t", '"', "\\", '\\"', ";", ",", "=", "<", "<a", "'", "%", "%e9", ";a=", ';a="', "é"),
    ),
    *map(
        Worst,
        (" ;", "a;", "a=b;", "a=b, ", '="\\', "<a>;rel=", "filename", "filename=", "filename*=", "9", "0"),
    ),
    Worst(" ", ";a"),
    Worst("a", "<x>;"),
    Worst(" ", "<x>;"),
    Worst('a"', '<x>;a="'),
    Worst("\\073", 'a="', '"'),
    Worst("\\\\", 'a="', '"'),
    Worst(" ", "filename*"),
    Worst("filename*=utf-8'"),
    Worst("a", "filename*=utf-8''"),
    Worst("%e2%98%83", "filename*=utf-8''"),
    Worst(' filename="', tail=";"),
    Worst("\\a", 'x;filename="'),
    Worst("charset=;"),
]
"""What is hard for a reader of a structured field."""

CHARSETS = (
    "punycode",
    "idna",
    "utf-7",
    "undefined",
    "unicode_escape",
    "utf-16",
    "gb18030",
    "shift_jis",
    "x" * 999,
)

BODIES = [
    *map(Worst, ("[", "{", "]", '{"a":', '{"id":"', '"', "9", "-", "\\", "é", " ", "\n", "NaN,", "<a>")),
    Worst("9", "[", "]"),
    Worst("9", "[1.", "]"),
    Worst("0", "[1e", "1]"),
    Worst("\\ud800", '["', '"]'),
    Worst("\\u00e9", '["', '"]'),
    Worst("\\\\", '["', '"]'),
    Worst("[],", "[", "1]"),
    Worst("{},", "[", "1]"),
    Worst("1,", "[", "1]"),
    Worst("1,", "[", "1] x"),
    Worst("1\n"),
    Worst("null,", "[", "null]"),
    Worst('{"id":"a"},', "[", "{}]"),
    Worst('{"id":"a"},', "[", '{"id":"x","message":"m","status_code":404}'),
    Worst('{"id":"a"},', "[", '{}]{"id":"x","message":"m","status_code":404}'),
    Worst("a", '{"id":"x","status_code":400,"message":"', '"}'),
    Worst("a\\n", '{"id":"x","status_code":400,"message":"m","detailed_error":"', '"}'),
    Worst('"token":"x",', '{"message":[{', '"a":1}]}'),
    Worst('{"id":"x","message":"m","status_code":404}\n'),
]
"""What is hard for readers of JSON and of errors."""

ERRORS = [
    one for one in BODIES if one.piece not in {"]", "9", "-", "0", "é", " ", "\n", "[],", "{},", "<a>", "1\n"}
]
"""What is hard for readers of errors."""

MISFITS = [
    Worst("1,", "[", "1]"),
    Worst('"a",', "[", "1]"),
    Worst("[],", "[", "1]"),
    Worst('{"id":1},', "[", "{}]"),
    Worst('{"id":1,"create_at":"x","props":[]},', "[", "{}]"),
    Worst('{"metadata":{"embeds":[1],"files":[{"id":1}]}},', "[", "{}]"),
    Worst("1,", '[{"file_ids":[', "1]}]"),
    Worst('{"emoji_name":1},', '[{"metadata":{"reactions":[', "1]}}]"),
    Worst('"a":1,', '{"posts":{', '"b":2}}'),
    Worst('"a",', '{"order":1,"posts":["x"],"x":[', "1]}"),
]
"""JSON of other types than declared."""


class Place(NamedTuple):
    """What is done, what is worst for it, and how much of that it is given at least.

    What only ever sees the 64 KiB that an error reads, or a header, is slow enough with that.
    """

    work: Callable[[Any], object]
    worst: list[Worst]
    as_bytes: bool = False
    size: int = LARGE


def texts(work: Callable[[str], object], worst: list[Worst], size: int = LARGE) -> Place:
    return Place(work, worst, size=size)


def fields(work: Callable[[str], object], worst: list[Worst]) -> Place:
    # The core takes heads of about 400 KB.
    return Place(work, worst, size=MIB // 4)


def bodies(work: Callable[[bytes], object], worst: list[Worst], size: int = LARGE) -> Place:
    return Place(work, worst, as_bytes=True, size=size)


DATE = "Tue, 24 Nov 2026 01:08:57 GMT"
KEPT = 64 * 1024
HALF = KEPT // 2
"""For what is given no more than that, and never cuts it: twice the size is all."""

PLACES: dict[str, Place] = {
    "redact": texts(redact, ANYWHERE, HALF),
    "redact_value": texts(lambda text: redact_value({text: [text], "token": text}), HARDEST, HALF),
    "Request": texts(lambda text: repr(Request("GET", text, [("X-Long", text)])), HARDEST, HALF),
    "core_error": texts(lambda text: show(core_error("protocol", text, "GET /x", True)), HARDEST),
    "httpx_compat": texts(lambda text: (raised_class(ApiError)(text), status_error(None, text)), HARDEST),
    "response_hooks, sync": texts(lambda text: raise_sync(HttpxResponse(text)), HARDEST, KEPT),
    "response_hooks, async": texts(lambda text: asyncio.run(raise_async(HttpxResponse(text))), HARDEST, KEPT),
    "log": texts(log, HARDEST),
    "log of a failure": texts(log_failure, HARDEST),
    "error, text": bodies(shown_error(502), HARDEST),
    "error, JSON": bodies(shown_error(500), ERRORS, 2 * KEPT),
    "error behind a success": bodies(shown_error(200), ERRORS[:6]),
    "error, Location": texts(
        lambda text: show(api_error(response(b"", 302, Location=text), None)), HARDEST, KEPT
    ),
    "error, request id": texts(
        lambda text: show(api_error(response(b"", 500, X_Request_Id=text), None)), HARDEST, KEPT
    ),
    "retry_after": fields(lambda text: retry_after({"retry-after": text}), FIELDS),
    "retry_after, Date": fields(lambda text: retry_after({"retry-after": DATE, "date": text}), FIELDS),
    "links": fields(parse_links, FIELDS),
    "cookies": fields(lambda text: parse_cookies([text, text]), FIELDS),
    "response.links": fields(lambda text: response(b"", Link=text).links, FIELDS[:8]),
    "response.cookies": fields(lambda text: response(b"", Set_Cookie=text).cookies, FIELDS[:8]),
    "response.headers": texts(lambda text: repr(response(b"", X_Long=text).headers), FIELDS[::3], HALF),
    "response.headers, split": fields(lambda text: Headers({"x": text}).get_list("x", True), FIELDS),
    "many headers": texts(
        lambda text: repr(Headers((one, "a") for one in text.split(","))), [Worst("a,")], HALF
    ),
    "response.encoding": fields(lambda text: response(b"a", content_type=f"a;charset={text}").text, FIELDS),
    "response.encoding, parameters": fields(lambda text: response(b"", content_type=text).encoding, FIELDS),
    "response.repr and pickle": bodies(
        lambda body: (repr(response(body)), pickle.dumps(response(body, 500))), HARDEST
    ),
    **{
        f"response.text, {charset:.20}": bodies(
            lambda body, charset=charset: response(body, content_type=f"text/plain; charset={charset}").text,  # type: ignore[misc]
            [*map(Worst, ("a", "é", "-", "a-é", "+AGE-", "\\u00e9", "xn--a.")), Worst("a9", "x-")],
        )
        for charset in CHARSETS
    },
    "response.json": bodies(lambda body: response(body).json(), BODIES),
    "json_text": bodies(parse_json, BODIES),
    "offered_name": fields(offered_name, FIELDS),
    "safe_name": fields(safe_name, [*FIELDS[:6], *map(Worst, ("/", ".", "☃.", "\u200b"))]),
    "timeouts": texts(lambda text: (Timeout.of(text), Limits.of(text)), FIELDS[:4]),
    "misfits": bodies(decoded(POSTS), MISFITS[:-2:2], usually(KEPT, 2 * KEPT)),
    "misfits, page": bodies(decoded(PAGE), MISFITS[-3:]),
    "misfits, one": bodies(
        decoded(Operation("GET /api/v4/users/me", User)), MISFITS[:3], usually(KEPT, 2 * KEPT)
    ),
    "decode": bodies(refused(POSTS), ERRORS, KEPT),
    "decode, lines": bodies(refused(POSTS, LINES), ERRORS, KEPT),
    "decode, a page of HTML": bodies(refused(POSTS, "text/html"), [*BODIES[:6], *HARDEST]),
    "lines in pieces": bodies(lines_of_bytes, [*map(Worst, ("a", "{}\n", "\n"))], HALF),
    # Large enough for both sizes to be counted before they are read.
    "events": bodies(lambda body: list(Reader().events([body, body])), BODIES, MIB * 5 // 8),
    "event dicts": texts(
        lambda text: list(Reader().events([json.dumps({"data": {"post": text}}).encode()])), BODIES[:6]
    ),
}


def worst_of(place: str) -> list[Worst]:
    """What a place is driven with: usually every other one, and next to it the rest, but all of `redact`.

    Most places read with the same few readers, so that each reader still meets everything.
    """
    worst = PLACES[place].worst
    if EXHAUSTIVE or place == "redact" or len(worst) < 6:
        return worst
    return worst[list(PLACES).index(place) % 2 :: 2]


@pytest.mark.timeout(300)
@pytest.mark.parametrize("place", PLACES)
def test_the_work_grows_with_the_size_only(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LOGGER, "propagate", False)
    work, _, as_bytes, most = PLACES[place]
    for one in worst_of(place):
        for size in (FIRST, most):
            try:
                assert_linear(quiet(work), one.body if as_bytes else one.text, size)
            except AssertionError as failure:
                raise AssertionError(f"{one.head[:30]!r} {one.piece!r} {one.tail[:30]!r}") from failure
