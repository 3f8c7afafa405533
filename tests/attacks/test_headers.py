"""No header field and no error answer ends in an error that is not one of this library."""

from __future__ import annotations

import asyncio
import encodings
import encodings.aliases
import pickle
from collections.abc import Callable
from contextlib import suppress
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matterapi.calls.codec import decode
from matterapi.calls.operation import Operation
from matterapi.calls.stream import Stream
from matterapi.errors.body import retry_after
from matterapi.errors.exceptions import ApiError, DecodeError, MatterapiError
from matterapi.errors.from_response import api_error
from matterapi.errors.response_hooks import raise_async, raise_sync
from matterapi.http.file_names import offered_name, safe_name
from matterapi.http.values import Headers, Request
from matterapi.models.posts import Post
from matterapi.redaction.patterns import redact
from matterapi.response import Response
from tests.support.scripted import Connection, answer, serve

from .conftest import Attack

CODECS = sorted(
    {*encodings.aliases.aliases, *encodings.aliases.aliases.values(), "idna", "undefined", "punycode"}
)

PIECES = st.one_of(
    st.sampled_from(
        ["charset=", "filename=", "filename*=", "filename*=utf-8''", "rel=next", "Path=/", "xn--"]
    ),
    st.sampled_from(["text/plain;", "application/json;", "application/x-ndjson;"]),
    st.sampled_from([*"'\"\\;,=<> %-\x80\xff\u00b2\u0663", "''", "%e9", "%zz", "1e400", "nan", "1" * 20]),
    st.sampled_from(["Tue, 24 Nov 2026 01:08:57 GMT", "Tue, 24 Nov ", " 01:08:57 GMT", "+9999"]),
    st.sampled_from(CODECS),
    st.text(max_size=6),
    st.integers().map(str),
)
VALUES = st.one_of(
    st.binary(max_size=40),
    st.lists(PIECES, max_size=8).map("".join),
    st.lists(PIECES, max_size=8).map(lambda pieces: "".join(pieces).encode("utf-8", "replace")),
    st.builds("text/plain; charset={}".format, st.sampled_from(CODECS)),
    st.builds(
        "attachment; filename*={}''{}".format,
        st.sampled_from(CODECS),
        st.sampled_from(["a%e9", "..", "xn--a", ""]),
    ),
    st.builds(
        "Tue, 24 Nov {} 01:08:57 {}".format,
        st.integers(-(10**21), 10**21),
        st.sampled_from(["GMT", "+9999", "-2360", "x", ""]),
    ),
)
NAMES = [
    "content-type",
    "content-disposition",
    "content-length",
    "retry-after",
    "date",
    "link",
    "location",
    "set-cookie",
    "x-request-id",
    "token",
]


def response(name: str, value: str | bytes, status: int = 200, body: bytes = b"a\xff") -> Response:
    return Response(status, [(name, value), ("Date", "Tue, 24 Nov 2026 01:08:47 GMT")], body, url="http://h/")


def stream(answered: Response) -> Stream:
    return cast("Stream", SimpleNamespace(response=answered))


READERS: dict[str, Callable[[Response], object]] = {
    "text": lambda r: r.text,
    "encoding": lambda r: r.encoding,
    "lines": lambda r: list(r.iter_lines()),
    "links": lambda r: r.links,
    "cookies": lambda r: r.cookies,
    "headers": lambda r: (
        repr(r.headers),
        r.headers.raw,
        r.headers.masked(),
        dict(r.headers),
        r.headers == r.headers,
    ),
    "lists": lambda r: [r.headers.get_list(name, True) for name in NAMES],
    "redirect": lambda r: r.has_redirect_location,
    "repr": lambda r: (repr(r), repr(r.request), r.url),
    "pickle": lambda r: pickle.loads(pickle.dumps(r)).text,  # noqa: S301
    "retry_after": lambda r: retry_after(r.headers),
    "size": lambda r: cast("Any", Stream.size).fget(stream(r)),
    "name": lambda r: cast("Any", Stream.name).fget(stream(r)),
    "content type": lambda r: cast("Any", Stream.content_type).fget(stream(r)),
}


@given(st.sampled_from(NAMES), VALUES, st.integers(100, 599))
def test_no_reader_of_headers_fails(name: str, value: str | bytes, status: int) -> None:
    answered = response(name, value, status)
    for read in READERS.values():
        read(answered)


@pytest.mark.parametrize("reader", READERS)
def test_no_codec_of_python_is_asked_because_a_server_says_so(reader: str) -> None:
    read = READERS[reader]
    for codec in CODECS:
        read(response("content-type", f"text/plain; charset={codec}", 500, b"caf\xe9 xn--\xff"))
        read(response("content-disposition", f"attachment; filename*={codec}''a%e9.xn--%ff"))


@pytest.mark.parametrize("year", ["0", "99999", "9" * 20, "9" * 63, "-1", "\u0663" * 4])
@pytest.mark.parametrize("zone", ["GMT", "+9999", "-9999", "+99999999999999999999", ""])
def test_no_date_makes_the_time_to_wait_fail(year: str, zone: str) -> None:
    date = f"Tue, 24 Nov {year} 01:08:57 {zone}"
    for pair in (
        {"retry-after": date, "date": date},
        {"retry-after": date, "date": "Tue, 24 Nov 2026 01:08:57 GMT"},
    ):
        assert (retry_after(pair) or 0.0) >= 0.0


@given(VALUES)
def test_no_name_of_a_file_fails(value: str | bytes) -> None:
    text = value if isinstance(value, str) else value.decode("latin-1")
    assert safe_name(offered_name(text))
    assert isinstance(redact(text), str)
    assert repr(Request("GET", text, Headers({"a": text})))


BODIES = st.one_of(
    st.binary(max_size=60),
    st.builds(
        b'{"id":%s,"message":%s,"status_code":%s,"request_id":%s}'.__mod__,
        st.tuples(
            *[
                st.sampled_from(
                    [
                        b'"x"',
                        b"1",
                        b"null",
                        b"[]",
                        b'"\\ud800"',
                        b"-1",
                        b"1e400",
                        b"9" * 4000,
                        b"{}",
                        b"404.0",
                    ]
                )
            ]
            * 4
        ),
    ),
)


@given(st.sampled_from(NAMES), VALUES, st.integers(100, 599), BODIES)
def test_no_answer_makes_its_error_fail(name: str, value: str | bytes, status: int, body: bytes) -> None:
    error = api_error(response(name, value, status, body), "GET /api/v4/posts")
    assert isinstance(error, ApiError)
    assert str(error).isprintable()
    assert repr(error).isprintable()
    assert isinstance(error.message, str)
    assert error.status_code in range(100, 600)
    twin = pickle.loads(pickle.dumps(error))  # noqa: S301
    assert str(twin) == str(error)


@given(st.sampled_from(NAMES), VALUES, BODIES)
def test_no_success_fails_in_another_way(name: str, value: str | bytes, body: bytes) -> None:
    with suppress(MatterapiError):
        decode(Operation("GET /api/v4/posts", list[Post]), response(name, value, 200, body))


class Foreign:
    """As much of an `httpx.Response` as a response hook needs."""

    is_success = False
    request = Request("GET", "http://h")

    def __init__(self, name: str, value: str | bytes, status: int, content: bytes) -> None:
        self.status_code, self.content, self.headers = status, content, Headers([(name, value)])

    def read(self) -> bytes:
        return self.content

    async def aread(self) -> bytes:
        return self.content


@given(st.sampled_from(NAMES), VALUES, st.integers(300, 599), BODIES)
def test_no_answer_of_httpx_makes_a_hook_fail(
    name: str, value: str | bytes, status: int, body: bytes
) -> None:
    foreign = Foreign(name, value, status, body)
    with pytest.raises(ApiError):
        raise_sync(foreign)
    with pytest.raises(ApiError):
        asyncio.run(raise_async(foreign))


def test_a_charset_that_is_none_of_the_web_leaves_nothing_behind() -> None:
    before = set(encodings._cache)  # type: ignore[attr-defined]
    for number in range(100):
        response("content-type", f"text/plain; charset=x-{number}").text  # noqa: B018
        offered_name(f"attachment; filename*=x-{number}''a")
    assert set(encodings._cache) == before  # type: ignore[attr-defined]


FIELDS = [
    *(
        ("Content-Type", f"text/html; charset={charset}")
        for charset in ("idna", "undefined", "punycode", "unicode_escape", "\xff")
    ),
    *(
        ("Retry-After", date)
        for date in (
            "Tue, 24 Nov 12345678901234567890 01:08:57 GMT",
            "Tue, 24 Nov 2026 01:08:57 +9999999999",
            "9" * 400,
            "nan",
            "\xb2",
        )
    ),
    *(
        ("Content-Disposition", f"attachment; filename*={charset}''a%e9")
        for charset in ("idna", "undefined", "punycode", "hex")
    ),
    ("Location", "//[\xff"),
    ("Location", "http://[::1"),
    ("Set-Cookie", '="\\'),
    ("Link", "<" * 1000),
    ("X-Request-Id", "\xff\x80"),
    ("Date", "Tue, 24 Nov 12345678901234567890 01:08:57 GMT"),
]


def with_field(status: str, name: str, value: str, body: bytes) -> bytes:
    head = answer(body, status, "text/html" if name != "Content-Type" else "x")
    if name == "Content-Type":
        head = head.replace(b"Content-Type: x\r\n", b"")
    return head.replace(b"\r\n\r\n", b"\r\n%s: %s\r\n\r\n" % (name.encode(), value.encode("latin-1")), 1)


@pytest.mark.parametrize(
    ("wire", "status"), [("plain", "200 OK"), ("plain", "302 Found"), ("tls", "418 X"), ("plain", "503 X")]
)
async def test_no_field_of_a_real_answer_raises_what_is_not_ours(attack: Attack, status: str) -> None:
    for name, value in FIELDS:
        with attack(serve(with_field(status, name, value, b"caf\xe9"))) as (_, client):
            with pytest.raises(MatterapiError) as caught:
                await client.users.get_user("me")
            error = caught.value
            assert isinstance(error, DecodeError if status == "200 OK" else ApiError)
            assert error.response is not None
            assert all(read(error.response) is not ... for read in READERS.values())
            with pytest.raises(MatterapiError):
                async with client.session() as session:
                    await session.users.get_user("me")


async def test_a_download_takes_any_name(attack: Attack, tmp_path: Any) -> None:
    for name, value in FIELDS:
        # A page would be no file.
        reply = with_field("200 OK", name, value, b"content").replace(b"text/html", b"text/plain")
        with attack(serve(reply)) as (_, client):
            path = await client.files.download("f1", tmp_path)
            assert path.read_bytes() == b"content"
            assert path.parent == tmp_path


async def test_a_refused_login_with_such_a_field_is_typed(attack: Attack) -> None:
    def script(connection: Connection, field: tuple[str, str]) -> None:
        while connection.read_request() is not None:
            connection.send(with_field("429 X", *field, b"limit exceeded"))

    for field in FIELDS:
        auth = {"login_id": "ann", "password": "sesame"}
        with attack(lambda connection, field=field: script(connection, field), auth=auth) as (_, client):
            with pytest.raises(ApiError):
                await client.users.get_user("me")
