import pickle
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matterapi.client.exceptions import ResourceNotFound
from matterapi.response import Response


def make(content: bytes = b"", *headers: tuple[str, str], status: int = 200) -> Response:
    return Response(
        status,
        headers,
        content,
        url="https://chat.example.com/sub/api/v4/users/a%2Fb?page=0&page=1&q=x%20y#top",
        method="GET",
        request_headers=[("Authorization", "Bearer secret-token"), ("Accept", "*/*")],
        elapsed=0.25,
    )


def test_a_response_has_the_facts_of_the_exchange() -> None:
    response = make(b"abc", ("X-Request-Id", "r1"))
    assert (response.status_code, response.reason_phrase, response.http_version) == (200, "OK", "HTTP/1.1")
    assert response.elapsed == timedelta(milliseconds=250)
    assert (response.content, response.read(), response.num_bytes_downloaded) == (b"abc", b"abc", 3)
    assert (response.history, response.next_request, response.extensions) == ((), None, {})
    assert response.is_closed
    assert response.is_stream_consumed
    assert repr(response) == "<Response [200 OK]>"
    assert response.request.method == "GET"


def test_the_url_is_text_with_parts() -> None:
    url = make().url
    assert url == str(url) == "https://chat.example.com/sub/api/v4/users/a%2Fb?page=0&page=1&q=x%20y#top"
    assert (url.scheme, url.host, url.port) == ("https", "chat.example.com", None)
    assert (url.path, url.query) == ("/sub/api/v4/users/a/b", b"page=0&page=1&q=x%20y")
    assert (url.params, url.fragment) == ({"page": "0", "q": "x y"}, "top")


def test_header_names_are_read_in_any_case_and_repeated_values_are_joined() -> None:
    headers = make(b"", ("X-RateLimit-Limit", "101"), ("x-ratelimit-limit", "11, 12"), ("A", "b")).headers
    assert headers["X-RATELIMIT-LIMIT"] == "101, 11, 12"
    assert headers.get_list("x-ratelimit-limit") == ["101", "11, 12"]
    assert headers.get_list("x-ratelimit-limit", split_commas=True) == ["101", "11", "12"]
    assert headers.multi_items()[-1] == ("a", "b")
    assert headers.raw[-1] == (b"a", b"b")
    assert (list(headers), len(headers), "A" in headers, "b" in headers) == (
        ["x-ratelimit-limit", "a"],
        2,
        True,
        False,
    )
    assert headers.get("absent") is None
    assert make(b"", ("A", "b")).headers == {"a": "b"}


def test_header_bytes_outside_utf8_are_latin1() -> None:
    assert Response(200, [(b"Name", b"caf\xe9")]).headers["name"] == "café"


def test_credentials_of_the_request_are_masked_for_good() -> None:
    request = make().request
    assert request.headers["authorization"] == "[secure]"
    assert request.headers["accept"] == "*/*"
    assert "secret-token" not in repr(request.headers)


def test_the_repr_of_headers_masks_tokens_but_the_value_can_be_read() -> None:
    headers = make(b"", ("Token", "abc123"), ("Set-Cookie", "MMAUTHTOKEN=abc123")).headers
    assert "abc123" not in repr(headers)
    assert headers["token"] == "abc123"


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (101, "informational"),
        (204, "success"),
        (302, "redirect"),
        (404, "client_error"),
        (503, "server_error"),
    ],
)
def test_the_status_decides_the_kind(status: int, kind: str) -> None:
    kinds = ("informational", "success", "redirect", "client_error", "server_error")
    response = make(status=status)
    assert [name for name in kinds if getattr(response, f"is_{name}")] == [kind]
    assert response.is_error == (status >= 400)


def test_an_unknown_status_has_no_phrase() -> None:
    assert make(status=299).reason_phrase == ""


def test_a_redirect_location_needs_status_and_header() -> None:
    assert make(b"", ("Location", "/x"), status=302).has_redirect_location
    assert not make(status=302).has_redirect_location
    assert not make(b"", ("Location", "/x"), status=201).has_redirect_location


@pytest.mark.parametrize(
    ("content", "content_type", "text"),
    [
        (b"caf\xc3\xa9", "text/plain", "café"),
        (b"caf\xe9", 'text/plain; x=1; charset="ISO-8859-1"', "café"),
        (b"caf\xc3\xa9", "text/plain; charset=no-such", "café"),
        (b"caf\xc3\xa9", "text/plain; charset=hex", "café"),
        (b"a\xff", "text/plain", "a\ufffd"),
    ],
)
def test_text_is_decoded_by_the_charset_or_utf8(content: bytes, content_type: str, text: str) -> None:
    assert make(content, ("Content-Type", content_type)).text == text


def test_the_encoding_can_be_set() -> None:
    response = make(b"caf\xe9")
    assert (response.charset_encoding, response.encoding) == (None, "utf-8")
    response.encoding = "latin-1"
    assert response.text == "café"


@pytest.mark.parametrize(
    ("content", "value"),
    [
        (b'{"a": [1, null]}', {"a": [1, None]}),
        (b"123456789012345678901234567890", 123456789012345678901234567890),
        (b"1e400", float("inf")),
        (b'{"a": 1, "a": 2}', {"a": 2}),
        (b'\xef\xbb\xbf"a"', "a"),
        (b'["\\ud800", "a\xff", "\\ud83d\\ude00"]', ["\ufffd", "a\ufffd", "\U0001f600"]),
    ],
)
def test_json_reads_what_can_be_read(content: bytes, value: Any) -> None:
    assert make(content).json() == value


@pytest.mark.parametrize(
    "content", [b"", b"NaN", b"[-Infinity]", b"[1] [2]", b"[" * 400 + b"]" * 400, b"<html>"]
)
def test_json_refuses_what_is_not_one_document(content: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        make(content).json()


def test_json_passes_arguments_to_the_standard_parser() -> None:
    assert make(b"1.5").json(parse_float=str) == "1.5"


def test_cookies_and_links_are_read() -> None:
    response = make(
        b"", ("Set-Cookie", "a=1; Path=/"), ("Set-Cookie", "b=2"), ("Link", '</x?p=2>; rel="next", </y>')
    )
    assert response.cookies == {"a": "1", "b": "2"}
    assert response.links == {"next": {"url": "/x?p=2", "rel": "next"}, "/y": {"url": "/y"}}


def test_raise_for_status_raises_the_class_of_the_status() -> None:
    with pytest.raises(ResourceNotFound) as caught:
        make(b"gone", status=404).raise_for_status()
    assert caught.value.response is not None
    fine = make()
    assert fine.raise_for_status() is fine


@given(st.text(), st.integers(1, 5))
def test_pieces_make_up_the_whole(text: str, size: int) -> None:
    content = text.encode()
    response = make(content)
    assert b"".join(response.iter_bytes(size)) == b"".join(response.iter_raw()) == content
    assert "".join(response.iter_text(size)) == text
    assert all(len(piece) <= size for piece in response.iter_bytes(size))
    assert list(response.iter_lines()) == text.splitlines()


def test_a_piece_has_a_size() -> None:
    with pytest.raises(ValueError, match="chunk_size"):
        make(b"abc").iter_bytes(0)


async def test_the_async_twins_give_the_same() -> None:
    async with make(b"a\nb") as response:
        assert await response.aread() == b"a\nb"
        assert [piece async for piece in response.aiter_bytes(2)] == [b"a\n", b"b"]
        assert [piece async for piece in response.aiter_raw()] == [b"a\nb"]
        assert [piece async for piece in response.aiter_text(1)] == ["a", "\n", "b"]
        assert [line async for line in response.aiter_lines()] == ["a", "b"]
    with response as same:
        assert same is response


def test_a_pickle_has_no_credentials_and_is_otherwise_the_same() -> None:
    response = make(b'{"token":"abcdefghijklmnopqrstuvwxyz"}', ("Token", "abc123"), ("A", "b"), status=401)
    pickled = pickle.dumps(response)
    assert not any(
        secret in pickled for secret in (b"abc123", b"abcdefghijklmnopqrstuvwxyz", b"secret-token")
    )
    loaded = pickle.loads(pickled)  # noqa: S301
    assert (loaded.status_code, loaded.url, loaded.headers["a"]) == (401, response.url, "b")
    assert (loaded.elapsed, loaded.request.method) == (response.elapsed, "GET")


def test_a_bounded_response_differs_only_in_its_body() -> None:
    response = make(b"abcdef", ("A", "b"))
    assert response.bounded(6) is response
    assert response.bounded(2).content == b"ab"
    assert response.bounded(2).headers == response.headers
    assert response.content == b"abcdef"
