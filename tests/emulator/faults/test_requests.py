"""Every HTTP fault, seen by a plain socket."""

from __future__ import annotations

import gzip
import json
import select
import ssl
import zlib
from typing import Any

import pytest

from matterapi.testing import MattermostServer
from matterapi.testing.faults import (
    BadCertificate,
    BadFraming,
    BadGzip,
    Bandwidth,
    Close,
    CloseIdle,
    EarlyResponse,
    Html,
    Informational,
    InvalidJson,
    Latency,
    NoContinue,
    OddHead,
    RawResponse,
    Redirect,
    Reset,
    Stall,
    Status,
    Unserved,
    WrongLength,
)
from tests.emulator.peer import Peer

from .raw import GET, connect, exchange, read_end, split


def test_a_server_that_is_down_refuses_and_comes_back_on_its_port(server: MattermostServer) -> None:
    with server.down(), pytest.raises(ConnectionRefusedError):
        connect(server)
    assert split(exchange(server)[0])[0] == 200


@pytest.mark.parametrize("flaw", ["expired", "wrong-host", "unknown-authority"])
def test_a_certificate_is_refused_for_its_flaw(flaw: Any) -> None:
    with MattermostServer(tls=True) as server:
        context = ssl.create_default_context(cadata=(server.ca_pem or b"").decode())
        with server.faults.add(BadCertificate(flaw), times=1) as rule:
            with connect(server) as sock, pytest.raises(ssl.SSLCertVerificationError):
                context.wrap_socket(sock, server_hostname="127.0.0.1")
            rule.wait_fired()
        with connect(server) as sock, context.wrap_socket(sock, server_hostname="127.0.0.1") as good:
            good.sendall(GET)
            assert good.recv(12) == b"HTTP/1.1 200"


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (Unserved(after=1), (b"", "reset")),
        (
            Unserved("close", sends=b"HTTP/1.1 400 Bad Request\r\n\r\n"),
            (b"HTTP/1.1 400 Bad Request\r\n\r\n", "fin"),
        ),
    ],
)
def test_a_handshake_is_reset_or_answered_in_plain(fault: Unserved, expected: tuple[bytes, str]) -> None:
    with MattermostServer(tls=True) as server, server.faults.add(fault), connect(server) as sock:
        if fault.after:
            sock.sendall(b"\x16")
        assert read_end(sock) == expected


def test_a_connection_stalls_until_the_fault_is_removed(server: MattermostServer) -> None:
    rule = server.faults.add(Unserved("stall"))
    with connect(server) as sock:
        rule.wait_fired()
        assert not select.select([sock], [], [], 0)[0]
        rule.remove()
        assert read_end(sock) == (b"", "fin")


@pytest.mark.parametrize("handled", [True, False])
def test_a_reset_before_the_first_byte_may_come_after_the_deed(
    server: MattermostServer, admin: Peer, handled: bool
) -> None:
    channel = server.factory.channel()
    with server.faults.add(Reset(handled=handled), route="POST /api/v4/posts"):
        with pytest.raises(ConnectionResetError):
            admin.post("/posts", {"channel_id": channel["id"], "message": "once"})
    posts = admin.get(f"/channels/{channel['id']}/posts").json["posts"].values()
    assert [post["message"] for post in posts].count("once") == int(handled)


@pytest.mark.parametrize(("kind", "ending"), [(Reset, "reset"), (Close, "fin")])
def test_an_answer_ends_at_every_byte(server: MattermostServer, kind: Any, ending: str) -> None:
    with server.faults.add(Latency(0)):
        size = len(exchange(server)[0])
    for at in range(size):
        with server.faults.add(kind(at=at)):
            got, ended = exchange(server)
        assert (len(got), ended) == (at, ending)


def test_h16_an_answer_stalls_at_a_byte_and_goes_on_when_the_fault_is_removed(
    server: MattermostServer,
) -> None:
    rule = server.faults.add(Stall(at=3, of_body=True))
    with connect(server) as sock:
        sock.sendall(GET)
        got = b""
        while len(got.partition(b"\r\n\r\n")[2]) < 3:
            got += sock.recv(4096)
        assert not select.select([sock], [], [], 0)[0]
        rule.remove()
        rest, ending = read_end(sock)
    assert json.loads(split(got + rest)[2])["status"] == "OK"
    assert ending == "fin"


@pytest.mark.parametrize("by", [5, -5])
def test_a_length_is_wrong(server: MattermostServer, by: int) -> None:
    with server.faults.add(WrongLength(by)):
        _, headers, body = split(exchange(server)[0])
    assert int(headers["content-length"]) == len(body) + by


@pytest.mark.parametrize(
    ("kind", "sign"),
    [
        ("conflicting-lengths", lambda head, _: head.count(b"Content-Length:") == 2),
        ("length-and-chunked", lambda head, _: b"Content-Length:" in head and b"chunked" in head),
        ("bad-chunk-size", lambda _, body: body.startswith(b"xyz\r\n")),
        ("unterminated", lambda head, body: b"chunked" in head and not body.endswith(b"0\r\n\r\n")),
    ],
)
def test_the_end_of_a_body_cannot_be_told(server: MattermostServer, kind: str, sign: Any) -> None:
    with server.faults.add(BadFraming(kind)):
        head, _, body = exchange(server)[0].partition(b"\r\n\r\n")
    assert sign(head, body)


def test_bytes_come_one_by_one(server: MattermostServer) -> None:
    with server.faults.add(Bandwidth(0.01)) as rule, connect(server) as sock:
        sock.sendall(GET)
        rule.wait_fired()
        assert sock.recv(4096) == b"H"
        assert not select.select([sock], [], [], 0)[0]


def test_an_answer_comes_late(server: MattermostServer) -> None:
    with server.faults.add(Latency(3600)) as rule, connect(server) as sock:
        sock.sendall(GET)
        rule.wait_fired()
        assert not select.select([sock], [], [], 0.05)[0]


@pytest.mark.parametrize("hint", ["0", "1.5", "-1", "abc", "99999", "Wed, 21 Oct 2015 07:28:00 GMT"])
def test_a_limit_is_told_with_any_hint(server: MattermostServer, hint: str) -> None:
    with server.faults.add(Status(429, headers={"Retry-After": hint, "X-RateLimit-Reset": "1"})):
        status, headers, body = split(exchange(server, GET)[0])
    assert (status, headers["retry-after"], headers["x-ratelimit-reset"]) == (429, hint, "1")
    assert body == b"limit exceeded\n"


def test_a_burst_has_an_end_and_a_probability_repeats_with_its_seed(server: MattermostServer) -> None:
    def statuses(**options: Any) -> list[int]:
        with server.faults.add(Status(503, closes=True), **options):
            return [split(exchange(server)[0])[0] for _ in range(30)]

    assert statuses(times=2, skip=1)[:5] == [200, 503, 503, 200, 200]
    first, again, other = (statuses(probability=0.5, seed=seed) for seed in (1, 1, 2))
    assert first == again != other
    assert {200, 503} == set(first)


@pytest.mark.parametrize(
    ("fault", "start"),
    [
        (Html(), b"HTTP/1.1 502 Bad Gateway"),
        (Html(200), b"HTTP/1.1 200 OK"),
        (Status(200, body=b"", closes=True), b"HTTP/1.1 200 OK"),
        (Status(204, body=b"x", closes=True), b"HTTP/1.1 204 No Content"),
        (Status(304, closes=True), b"HTTP/1.1 304 Not Modified"),
        (Status(101, closes=True), b"HTTP/1.1 101 Switching Protocols"),
        (RawResponse(b"SSH-2.0\r\n"), b"SSH-2.0"),
    ],
)
def test_something_else_answers(server: MattermostServer, fault: Any, start: bytes) -> None:
    with server.faults.add(fault), connect(server) as sock:
        sock.sendall(GET)
        assert sock.recv(1 << 16).startswith(start + b"\r\n")


@pytest.mark.parametrize(
    ("kind", "sign"),
    [
        ("text", b"this is not JSON"),
        ("utf8", b'":"\xff'),
        ("bom", b"\xef\xbb\xbf{"),
        ("deep", b"[" * 50),
        ("long-string", b'"xxxx'),
        ("duplicate-key", b'"fault":"first","fault":"last"'),
        ("nan", b'"fault":NaN'),
        ("infinity", b'"fault":Infinity'),
        ("huge-float", b'"fault":1e400'),
        ("huge-integer", b'"fault":1180591620717411303424'),
    ],
)
def test_json_is_odd(server: MattermostServer, kind: str, sign: bytes) -> None:
    with server.faults.add(InvalidJson(kind, size=100)):
        assert sign in split(exchange(server)[0])[2]


def test_json_is_cut_short(server: MattermostServer) -> None:
    with server.faults.add(InvalidJson("truncated")), pytest.raises(ValueError, match=r"."):
        json.loads(split(exchange(server)[0])[2])


@pytest.mark.parametrize("kind", ["magic", "truncated", "crc"])
def test_gzip_cannot_be_unpacked(server: MattermostServer, kind: str) -> None:
    with server.faults.add(BadGzip(kind)):
        _, headers, body = split(exchange(server)[0])
    assert headers["content-encoding"] == "gzip"
    with pytest.raises((OSError, EOFError, zlib.error)):
        gzip.decompress(body)


def test_gzip_is_a_bomb_nested_or_unknown(server: MattermostServer) -> None:
    with server.faults.add(BadGzip("bomb", size=1 << 20)):
        body = split(exchange(server)[0])[2]
    assert len(gzip.decompress(body)) == 1 << 20 > 500 * len(body)
    with server.faults.add(BadGzip("nested")):
        assert json.loads(gzip.decompress(gzip.decompress(split(exchange(server)[0])[2])))
    with server.faults.add(BadGzip("unknown")):
        assert split(exchange(server)[0])[1]["content-encoding"] == "x-unknown"


@pytest.mark.parametrize("location", ["/x", "//elsewhere/x", "file:///etc/passwd", None])
def test_a_redirect_leads_anywhere_or_nowhere(server: MattermostServer, location: str | None) -> None:
    with server.faults.add(Redirect(location, 307)), connect(server) as sock:
        sock.sendall(GET)
        status, headers, _ = split(sock.recv(4096))
    assert (status, headers.get("location")) == (307, location)


@pytest.mark.parametrize("resets", [True, False])
def test_a_kept_connection_ends_when_idle(server: MattermostServer, resets: bool) -> None:
    with server.faults.add(CloseIdle(0.001, resets=resets)), connect(server) as sock:
        sock.sendall(GET.replace(b"Connection: close\r\n", b""))
        got, ending = read_end(sock)
    assert split(got)[0] == 200
    assert ending == ("reset" if resets else "fin")


def test_many_interim_answers_come_first(server: MattermostServer) -> None:
    with server.faults.add(Informational(500, 103)):
        got = exchange(server)[0]
    assert got.count(b"HTTP/1.1 103 Early Hints\r\n\r\n") == 500
    assert b"HTTP/1.1 200 OK\r\n" in got


@pytest.mark.parametrize(
    ("kind", "sign"),
    [
        ("many-headers", lambda head: head.count(b"\r\nX-Fault-") == 200),
        ("huge-header", lambda head: b"x" * (1 << 20) in head),
        ("obs-fold", lambda head: b"X-Fault: first\r\n second" in head),
        ("lf-only", lambda head: b"\r" not in head),
        ("http-1.0", lambda head: head.startswith(b"HTTP/1.0 200")),
    ],
)
def test_heads_are_odd(server: MattermostServer, kind: str, sign: Any) -> None:
    with server.faults.add(OddHead(kind)):
        assert sign(exchange(server)[0])


UPLOAD = b"POST /api/v4/posts HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n"


def test_an_upload_is_answered_before_its_end_and_reset(server: MattermostServer) -> None:
    with server.faults.add(EarlyResponse(Status(401), after=10)), connect(server) as sock:
        sock.sendall(UPLOAD + b"\r\n" + b"x" * 20)
        got, ending = read_end(sock)
    assert split(got)[0] == 401
    assert ending == "reset"


def test_continue_is_never_sent(server: MattermostServer) -> None:
    request = b"POST /api/v4/users/login HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nConnection: close\r\n"
    with server.faults.add(NoContinue()) as rule, connect(server) as sock:
        sock.sendall(request + b"Expect: 100-continue\r\n\r\n")
        rule.wait_fired()
        sock.sendall(b"{}")
        assert b"100 Continue" not in read_end(sock)[0]


def test_faults_are_told_apart_by_connection_and_removed(server: MattermostServer) -> None:
    exchange(server)
    number = server.requests[-1].connection
    rule = server.faults.add(Status(500, closes=True), connection=number + 2)
    answers = [split(exchange(server)[0])[0] for _ in range(3)]
    assert answers == [200, 500, 200]
    assert [one.connection for one in rule.fired] == [number + 2]
    assert server.faults.fired[-1].request is server.requests[-2]
    server.faults.clear()
    assert not rule.is_active


def test_invalid_use_says_what_to_do(server: MattermostServer) -> None:
    with pytest.raises(TypeError, match="Status has no field 'code'; its fields are status, headers"):
        Status(code=503)  # type: ignore[call-arg]
    with pytest.raises(ValueError, match=r"did you mean 'GET /api/v4/users/{user_id}'"):
        server.faults.add(Status(503), route="GET /api/v4/users/{id}")
    with pytest.raises(ValueError, match=r"Status\.status cannot be 42: it is 101, or a number"):
        Status(42)
    with pytest.raises(ValueError, match="one of magic, truncated"):
        BadGzip("wet")
    with pytest.raises(TypeError, match=r"write Html\(...\)"):
        server.faults.add(Html)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="happens to connections, not to routes"):
        server.faults.add(Unserved(), route="GET /api/v4/users")
    with pytest.raises(ValueError, match="add them one by one"):
        server.faults.add(Unserved(), Html())
    with pytest.raises(ValueError, match="times cannot be 0"):
        server.faults.add(Html(), times=0)
    with pytest.raises(ValueError, match="probability cannot be 2"):
        server.faults.add(Html(), probability=2)
    assert len(server.faults) == 0
