"""Masks, lengths and fragments of odd sizes."""

from __future__ import annotations

from tests.rfc6455.case import (
    AFTER,
    CLOSE,
    PING,
    TEXT,
    A,
    B,
    Case,
    chopped,
    event,
    fragments,
    frame,
)

CASES: list[Case] = [
    Case(
        "10.1.1",
        "text of 65,536 bytes in frames of 1,300",
        (*fragments(event(65536), 1300), AFTER),
        (event(65536), B),
    ),
    Case(
        "10.1.2",
        "text of 65,536 bytes in frames of 1,300, 7 bytes at a time",
        chopped(b"".join(fragments(event(65536), 1300)), 7),
        (event(65536),),
    ),
    Case("10.2.1", "masked text", (frame(TEXT, A, masked=True),), close=1002),
    Case("10.2.2", "masked Ping", (frame(PING, b"p", masked=True),), close=1002),
    Case("10.2.3", "masked Close", (frame(CLOSE, b"\x03\xe8", masked=True),), close=1002),
    Case("10.3.1", "a frame of 2^63 - 1 bytes announced", (b"\x81\x7f\x7f" + b"\xff" * 7,), close=1009),
    Case(
        "10.3.2",
        "a length whose highest bit is set",
        (b"\x81\x7f" + b"\xff" * 8,),
        close=1009,
        note="the RFC forbids the bit (section 5.2); 1009 says as much: a frame of that size is too large",
    ),
    Case(
        "10.3.3",
        "a length of 125 written in three bytes",
        (b"\x81\x7e\x00\x7d" + event(125), AFTER),
        (event(125), B),
        note="a length has to be written as short as can be (section 5.2); tokio-tungstenite does not mind",
    ),
    Case(
        "10.3.4",
        "a length of 125 written in nine bytes",
        (b"\x81\x7f" + bytes(7) + b"\x7d" + event(125), AFTER),
        (event(125), B),
        note="as 10.3.3",
    ),
    Case(
        "10.3.5",
        "a Ping of 5 bytes whose length is written in three",
        (b"\x89\x7e\x00\x05hello", AFTER),
        (B,),
        (b"hello",),
        note="as 10.3.3",
    ),
]
