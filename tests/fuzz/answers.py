"""Whole HTTP answers as broken servers, proxies and attackers might send them: head, body and ending."""

from __future__ import annotations

import gzip
import random
import zlib
from typing import NamedTuple

from .bodies import recorded_bodies
from .mutations import ODD, mutate

KEEP, FIN, RST = "keep", "fin", "rst"
ENDS = (KEEP,) * 6 + (FIN,) * 5 + (RST,) * 2
"""What happens behind the last byte; to keep an answer open that is not complete costs a time-out."""

_STATUS_LINES = (
    *("HTTP/1.1 200 OK",) * 12,
    *(
        f"HTTP/1.1 {status} Status"
        for status in (
            *(201, 202, 204, 205, 206, 226, 301, 302, 303, 304, 307, 308, 400, 401, 403, 404, 408, 409, 413),
            *(416, 429, 500, 501, 502, 503, 504, 520, 599, 600, 999),
        )
    ),
    "HTTP/1.0 200 OK",
    "HTTP/1.1 200",
    "HTTP/1.1 200 " + "x" * 9000,
    "HTTP/1.1 500 \x1b[31mred\x07",
    "HTTP/1.1 500 caf\xe9",
    "HTTP/1.1 0200 OK",
    "HTTP/1.1 99 Low",
    "HTTP/1.1 1000 High",
    "HTTP/2 200",
    "HTTP/9.9 200 OK",
    "ICY 200 OK",
    "http/1.1 200 ok",
    "HTTP/1.1  200  OK",
    "",
)
_FIELDS = (
    *(f"Content-Type: {kind}" for kind in (
        *("application/json",) * 6,
        "application/json; charset=idna", "application/json; charset=punycode", "text/html; charset=utf-7",
        "text/plain; charset=undefined", "application/x-ndjson", "text/html", "text/html; charset=\"\"",
        "image/png", "", ";;;", "application/json; charset=" + "x" * 5000, "text/plain; charset=utf-16",
    )),
    *(f"Retry-After: {wait}" for wait in (
        "0", "1", "-1", "1e400", "nan", "9" * 400, "Wed, 21 Oct 99999999999999999999 07:28:00 GMT",
        "Fri, 31 Dec 1999 23:59:59 GMT", "soon",
    )),
    "Date: Fri, 31 Dec 1999 23:59:59 GMT",
    "Date: yesterday",
    "X-RateLimit-Reset: 1441983590",
    "X-Request-Id: \x1b]0;title\x07",
    "X-Request-Id: " + "r" * 3000,
    "Link: <https://a>; rel=next, <b>; rel=\"prev\"; title*=utf-8''x",
    "Link: " + "<" * 4000,
    "Link: " + "a,;=\"<>" * 800,
    "Set-Cookie: MMAUTHTOKEN=fuzz; Path=/; HttpOnly",
    "Set-Cookie: " + "=;" * 2000,
    "Content-Disposition: attachment; filename*=idna''%ff%00; filename=\"..\\..\\x\"",
    "Content-Disposition: attachment; filename*=undefined''x",
    "Content-Disposition: " + ";" * 4000,
    "Content-Encoding: br",
    "Content-Encoding: gzip, gzip",
    "Content-Encoding: identity",
    "Content-Range: bytes 0-9/10",
    "Content-Range: bytes 5-1/0",
    "ETag: \"x\"",
    "Location: /api/v4/users/elsewhere",
    "Location: //127.0.0.1:1/x",
    "Location: file:///etc/passwd",
    "Location: http://[",
    "Token: ",
    "Token: " + "t" * 26,
    "Token: a b\tc",
    "Connection: close",
    "Connection: keep-alive, upgrade",
    "Upgrade: websocket",
    "Transfer-Encoding: gzip, chunked",
    "Transfer-Encoding: identity",
    "Trailer: X",
    " folded: line",
    "No colon here",
    ": no name",
    "N\x00ul: x",
    "Sp ace: x",
    "X-Bytes: \xff\xfe\x80",
    "X-Long: " + "x" * 70000,
)  # fmt: skip
_INTERIM = (
    b"HTTP/1.1 100 Continue\r\n\r\n",
    b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" * 3,
    b"HTTP/1.1 102 Processing\r\n\r\n" * 200,
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
)
_TEXTS = (
    b"",
    b"<html><body>" + b"<p>502 Bad Gateway</p>" * 50,
    b"404 page not found\n",
    b'{"id":"api.x.app_error","message":"\\u001b[31m\\nno","status_code":"400"}',
    b'{"id":"api.x.app_error","message":"no","detailed_error":"","request_id":"r","status_code":400}',
    b'[{"id":"a"},{"id":"api.x.app_error","message":"no","detailed_error":"","status_code":500}',
    b"Bearer " * 5000,
    b'token="' * 3000,
    b"[" + b"{}," * 20000 + b"{}]",
    b"[" * 100000,
    b'{"a":' * 5000,
    b'{"id":1,"username":[],"roles":{}}',
    b"[" + b'{"id":1,"props":[],"create_at":"x"},' * 3000 + b"null]",
)


class Answer(NamedTuple):
    """Bytes as they are sent one after another, and what happens behind the last."""

    pieces: tuple[bytes, ...]
    end: str


def make_answer(rng: random.Random) -> Answer:
    """An answer that is wrong in a few ways; sometimes in none."""
    body = _coded(rng, _body(rng))
    interim = rng.choice(_INTERIM) if rng.random() < 0.08 else b""
    head = "\r\n".join([rng.choice(_STATUS_LINES), *_some_fields(rng)]).encode("latin-1")
    data = interim + head + _framed(rng, *body)
    if rng.random() < 0.1:
        data = mutate(rng, data, data)
    if rng.random() < 0.1:
        data += rng.choice((b"\r\n", b"\x00", data, b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"))
    return Answer(_split(rng, data), rng.choice(ENDS))


def _some_fields(rng: random.Random) -> list[str]:
    fields = rng.sample(_FIELDS, rng.choice((0, 1, 1, 2, 3, 6)))
    if rng.random() < 0.7:
        fields.insert(0, "Content-Type: application/json")
    if rng.random() < 0.02:
        fields += [f"X-{n}: x" for n in range(rng.choice((90, 300)))]
    return fields


def _body(rng: random.Random) -> bytes:
    chance = rng.random()
    if chance < 0.5:
        return mutate(rng, rng.choice(recorded_bodies())[1], rng.choice(recorded_bodies())[1])
    if chance < 0.6:
        return rng.choice(ODD)
    return rng.choice(_TEXTS)


def _coded(rng: random.Random, body: bytes) -> tuple[bytes, bytes]:
    """The field that names the content coding, and the coded body; not always of each other."""
    chance = rng.random()
    if chance < 0.75:
        return b"", body
    packed = gzip.compress(body, 6)
    damaged = rng.choice(
        (packed, packed, packed[:-5], packed[:-8] + bytes(8), body, zlib.compress(body), b"")
    )
    return b"\r\nContent-Encoding: gzip", damaged


def _framed(rng: random.Random, coding: bytes, body: bytes) -> bytes:
    """The rest of the head, and the body, by one of the many ways to say where it ends."""
    length = b"\r\nContent-Length: %d"
    ways = (
        *(length % len(body),) * 12,
        length % (len(body) + 7),
        length % (len(body) // 2),
        length % 0,
        length % 2**63,
        length % 2**70,
        b"\r\nContent-Length: -5",
        b"\r\nContent-Length: five",
        (length % len(body)) * 2,
        (length % len(body)) + length % (len(body) + 1),
        b"",
    )
    chance = rng.random()
    if chance < 0.75:
        return coding + rng.choice(ways) + b"\r\n\r\n" + body
    both = rng.choice(ways) if chance > 0.95 else b""
    return coding + both + b"\r\nTransfer-Encoding: chunked\r\n\r\n" + _chunks(rng, body)


def _chunks(rng: random.Random, body: bytes) -> bytes:
    size = rng.choice((1, 7, 1000, 100_000))
    parts = [body[at : at + size] for at in range(0, min(len(body), 200 * size), size)]
    sent = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts)
    ends = (b"0\r\n\r\n",) * 8 + (
        b"",
        b"0\r\n",
        b"0\r\nX: y\r\n\r\n",
        b"-1\r\n\r\n",
        b"f" * 30 + b"\r\n",
        b"zz\r\n",
    )
    return sent + rng.choice(ends)


def _split(rng: random.Random, data: bytes) -> tuple[bytes, ...]:
    cuts = sorted(rng.randrange(len(data) + 1) for _ in range(rng.choice((0, 0, 0, 1, 2, 8))))
    if rng.random() < 0.2:
        data = data[: rng.randrange(len(data) + 1)]
    return tuple(data[a:b] for a, b in zip([0, *cuts], [*cuts, len(data)], strict=True))
