"""Fuzzing of addresses: `python -m tests.fuzz.fuzz_url --seconds N [--seed S] [--first N]`.

Each case is a base URL, a value of a path, values of a query or a path of `client.request`, made of what URLs
are made of. Its requests go to a proxy on loopback, which sees the very URL. A case passes when the request
goes to the host of the base URL and to its own route below the base, with the very values, or when it is
refused with a typed error and nothing is sent.
"""

from __future__ import annotations

import posixpath
import random
import re
import socket
import sys
import unicodedata
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, unquote, urlsplit

from matterapi import SyncClient, exceptions

from .recorder import Recorder, Request, recording
from .runner import Outcome, main

HOST = "chat.example.com"
PREFIX = "/base"
PIECES = (
    *(
        ".",
        "..",
        "/",
        "//",
        "\\",
        "?",
        "#",
        "&",
        "=",
        ";",
        ":",
        "@",
        "%",
        "+",
        " ",
        ",",
        "{",
        "}",
        "{id}",
        "[",
    ),
    *(
        "%2e",
        "%2E%2e",
        "%2f",
        "%5c",
        "%00",
        "%0d%0a",
        "%25",
        "%252e",
        "%c0%af",
        "%ff",
        "..%2f",
        "/../",
        "/./",
    ),
    *("\r\n", "\n", "\t", "\0", "\x7f", "\x85", "\u2028", "\u202e", "\ufeff", "\u3002", "\uff0e", "\uff0f"),
    *("a", "users", "me", "é", "漢字", "😀", "x" * 300, "http://", "//evil.example", "@evil.example", ":80"),
    *("]", "..;", "\ud800"),
)
HOSTS = (
    *(HOST,) * 4,
    *("CHAT.example.COM", "chat.example.com.", "192.0.2.7", "0x7f.1", "2130706433", "[2001:db8::7]"),
    *("bücher.example", "xn--bcher-kva.example", "chat_example.com", "-a.example", ""),
    *("chat.example.com@evil.example", "chat.example.com\\@evil.example", "chat.example.com%40evil.example"),
    "chat.example.com:80@evil.example",
)
SCHEMES = (
    *("http://",) * 8,
    *("https://", "HTTP://", "http:/", "http:", "http:\\\\", "//", "", "ftp://", "file://", " http://"),
)


class Sent(NamedTuple):
    """What a proxy was asked for."""

    host: str
    port: int | None
    path: str
    query: str


def read(request: Request) -> Sent:
    """Where a request goes to."""
    verb, target, _ = request.line.split(" ")
    parts = urlsplit(f"//{target}" if verb == "CONNECT" else target)
    return Sent((parts.hostname or "").removesuffix("."), parts.port, parts.path, parts.query)


Check = Callable[[Sent], str | None]


class Case(NamedTuple):
    """A call, and what is wrong with a request of its."""

    what: str
    call: Callable[[SyncClient], object]
    check: Check


def make_case(rng: random.Random) -> Case:
    """A case in front of the client whose base URL is known."""
    return rng.choice((_path_value, _query_values, _any_route))(rng)


def _text(rng: random.Random) -> str:
    return "".join(rng.choices(PIECES, k=rng.choice((0, 1, 1, 2, 3, 5))))


def _path_value(rng: random.Random) -> Case:
    value = _text(rng)

    def check(sent: Sent) -> str | None:
        start, _, last = sent.path.rpartition("/")
        if start != f"{PREFIX}/api/v4/users":
            return f"another route: {sent.path}"
        if _climbs(last):
            return f"climbs: {sent.path}"
        return (
            None if unquote(last, errors="strict") == value and not sent.query else f"another value: {sent}"
        )

    return Case(f"get_user({value!r})", lambda client: client.users.get_user(value), check)


def _query_values(rng: random.Random) -> Case:
    given = {"in_team": _text(rng), "sort": _text(rng)}

    def check(sent: Sent) -> str | None:
        if sent.path != f"{PREFIX}/api/v4/users":
            return f"another route: {sent.path}"
        return _other_values(sent.query, {"page": "0", "per_page": "60", **given})

    def call(client: SyncClient) -> object:
        return client.users.get_users(in_team=given["in_team"], sort=given["sort"])

    return Case(f"get_users({given!r})", call, check)


def _any_route(rng: random.Random) -> Case:
    path, params = f"{rng.choice(('/', '/', '/plugins/', ''))}{_text(rng)}", {f"k{_text(rng)}": _text(rng)}

    def check(sent: Sent) -> str | None:
        if not sent.path.startswith(f"{PREFIX}/") or any(map(_climbs, sent.path.split("/"))):
            return f"another route: {sent.path}"
        if unquote(sent.path) != f"{PREFIX}{unquote(path.removeprefix(f'http://{HOST}{PREFIX}'))}":
            return f"another path: {sent.path}"
        return _other_values(sent.query, params)

    def call(client: SyncClient) -> object:
        return client.request("GET", path, params=params)

    return Case(f"request({path!r}, {params!r})", call, check)


def _climbs(segment: str) -> bool:
    """Whether any server might take a segment for a step in the tree: decoded once, and once more."""
    once = unquote(segment)
    return segment in {".", ".."} or once in {".", ".."} or posixpath.normpath(f"/a/{once}") == "/"


def _other_values(query: str, wanted: dict[str, str]) -> str | None:
    found = dict(parse_qsl(query, keep_blank_values=True, errors="strict"))
    return None if found == wanted else f"another query: {query}"


def complaint(case: Case, client: SyncClient, recorder: Recorder) -> tuple[str, str | None]:
    """What became of a call, and what is wrong with that."""
    recorder.take()
    try:
        case.call(client)
    except exceptions.InvalidRequest as error:
        return "refused", f"refused, and sent: {error}" if recorder.take() else None
    except exceptions.MatterapiError as error:
        return type(error).__name__, f"{error!r:.300}"
    except Exception as error:  # noqa: BLE001 - the finding
        return "", f"untyped {error!r:.300}"
    (request,) = recorder.take()
    sent = read(request)
    if sent.host != HOST:
        return "sent", f"another host: {request.line}"
    return "sent", case.check(sent)


def base_complaint(rng: random.Random, recorder: Recorder) -> tuple[str, str, str | None]:
    """A base URL, what became of a call to it, and what is wrong with that."""
    port = rng.choice(("", "", ":8065", ":80", ":0", ":99999", ":x"))
    path = rng.choice(("", "", "/", PREFIX)) + (_text(rng) if rng.random() < 0.5 else "")
    url = f"{rng.choice(SCHEMES)}{rng.choice(HOSTS)}{port}{path}"
    recorder.take()
    try:
        with _client(url, recorder) as client:
            client.users.get_user("me")
    except exceptions.InvalidOptions:
        return url, "base refused", "refused, and sent" if recorder.take() else None
    except exceptions.MatterapiError as error:
        requests = recorder.take()
        wrong = None if all(map(_is_connect, requests)) else f"{error!r:.300}"
        return url, f"base {type(error).__name__}", wrong or _other_base(url, requests)
    except Exception as error:  # noqa: BLE001 - the finding
        return url, "", f"untyped {error!r:.300}"
    return url, "base sent", _other_base(url, recorder.take())


def _is_connect(request: Request) -> bool:
    return request.line.startswith("CONNECT ")


def _other_base(url: str, requests: list[Request]) -> str | None:
    """What is wrong with requests to a base URL: their host is what the standard library finds in it."""
    for request in requests:
        sent = read(request)
        host = _host(url)
        if sent.host != host:
            return f"{request.line}, where urllib finds {host!r}"
        if _is_connect(request):
            continue
        if not sent.path.endswith("/api/v4/users/me") or any(map(_is_step, sent.path.split("/"))):
            return f"another route: {request.line}"
    return None


def _is_step(segment: str) -> bool:
    return unquote(segment) in {".", ".."}


def _host(url: str) -> str:
    """The host of a URL, as the standard library finds it and a resolver takes it: numbers are addresses."""
    host = unquote(urlsplit(url.strip()).hostname or "").replace("\ufeff", "")
    # Other writings have other dots (RFC 3490, section 3.1).
    labels = re.sub("[\u3002\uff0e\uff61]", ".", host).split(".")
    host = ".".join(map(_label, labels)).removesuffix(".")
    try:
        return socket.inet_ntoa(socket.inet_aton(host))
    except OSError:
        return host


def _label(text: str) -> str:
    """A part of a name as it is looked up; Python's own codec refuses those that are empty or long."""
    if text.isascii():
        return text.lower()
    return "xn--" + unicodedata.normalize("NFKC", text).lower().encode("punycode").decode()


def _client(url: str, recorder: Recorder) -> SyncClient:
    http: dict[str, Any] = {"proxy": recorder.url, "trust_env": False}
    # Without credentials, of which the library would say that they go unencrypted.
    return SyncClient(url, options={"retries": 0, "httpx_client_options": http})


def work(seed: int, numbers: Iterator[int]) -> Iterator[Outcome]:
    """Make the calls of a seed; see `runner.Work`."""
    with recording() as recorder, _client(f"http://{HOST}{PREFIX}", recorder) as client:
        for number in numbers:
            rng = random.Random(f"{seed}:{number}")
            if rng.random() < 0.3:
                url, sort, found = base_complaint(rng, recorder)
                yield Outcome(sort, found and f"{url!r}: {found}")
                continue
            case = make_case(rng)
            sort, found = complaint(case, client, recorder)
            yield Outcome(sort, found and f"{case.what:.500}: {found}")


if __name__ == "__main__":
    sys.exit(main(work, "Fuzz base URLs, paths and query values."))
