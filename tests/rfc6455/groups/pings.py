"""Pings and Pongs."""

from __future__ import annotations

from tests.rfc6455.case import (
    AFTER,
    PING,
    PONG,
    B,
    Case,
    chopped,
    frame,
    joined,
)

CASES: list[Case] = [
    Case("2.1", "Ping without content", (frame(PING),), pongs=(b"",)),
    *(
        Case(f"2.2.{size}", f"Ping of {size} bytes", (frame(PING, b"p" * size),), pongs=(b"p" * size,))
        for size in range(1, 126)
    ),
    Case(
        "2.3",
        "Ping of bytes that are no text",
        (frame(PING, b"\x00\xff\xfe\xfd\xfc\xfb\x00\xff"),),
        pongs=(b"\x00\xff\xfe\xfd\xfc\xfb\x00\xff",),
    ),
    Case("2.4", "Ping of 126 bytes", (frame(PING, b"p" * 126), AFTER), close=1002),
    Case("2.5", "Ping of 125 bytes, byte by byte", chopped(frame(PING, b"p" * 125), 1), pongs=(b"p" * 125,)),
    Case("2.6", "Pong that nobody asked for, without content", (frame(PONG), AFTER), (B,)),
    Case("2.7", "Pong that nobody asked for", (frame(PONG, b"unasked"), AFTER), (B,)),
    Case(
        "2.8",
        "Pong that nobody asked for, and a Ping",
        (frame(PONG, b"unasked"), frame(PING, b"p")),
        pongs=(b"p",),
    ),
    Case("2.9", "Pong of 126 bytes", (frame(PONG, b"p" * 126), AFTER), close=1002),
    Case(
        "2.10",
        "ten Pings",
        tuple(frame(PING, b"%d" % n) for n in range(10)),
        pongs=tuple(b"%d" % n for n in range(10)),
    ),
    Case(
        "2.11",
        "ten Pings in one piece",
        joined([frame(PING, b"%d" % n) for n in range(10)]),
        pongs=tuple(b"%d" % n for n in range(10)),
    ),
    Case(
        "2.12",
        "ten Pings, byte by byte",
        chopped(b"".join(frame(PING, b"%d" % n) for n in range(10)), 1),
        pongs=tuple(b"%d" % n for n in range(10)),
    ),
]
