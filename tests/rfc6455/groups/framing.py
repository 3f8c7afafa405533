"""Framing: texts and binary messages of every way to write a length, whole and in pieces."""

from __future__ import annotations

from tests.rfc6455.case import (
    AFTER,
    BINARY,
    TEXT,
    A,
    B,
    Case,
    chopped,
    event,
    frame,
    joined,
)

BORDERS = (125, 126, 127, 128, 65535, 65536)
"""Where the length of a frame is written in another way, and beside it."""


CASES: list[Case] = [
    *(
        Case(f"1.1.{n}", f"text of {size} bytes", (frame(TEXT, event(size)), AFTER), (event(size), B))
        for n, size in enumerate(BORDERS, 1)
    ),
    *(
        Case(
            f"1.2.{n}",
            f"binary message of {size} bytes",
            (frame(BINARY, event(size)), AFTER),
            (event(size), B),
        )
        for n, size in enumerate(BORDERS, 1)
    ),
    Case("1.1.7", "text without content, which is no event", (frame(TEXT), AFTER), (B,)),
    Case("1.2.7", "binary message without content", (frame(BINARY), AFTER), (B,)),
    *(
        Case(
            f"1.3.{n}",
            f"text of {size} bytes, byte by byte",
            chopped(frame(TEXT, event(size)) + AFTER, 1),
            (event(size), B),
        )
        for n, size in enumerate(BORDERS[:4], 1)
    ),
    *(
        Case(
            f"1.4.{n}",
            f"text of 65,536 bytes, {size} bytes at a time",
            chopped(frame(TEXT, event(65536)) + AFTER, size),
            (event(65536), B),
        )
        for n, size in enumerate((997, 1000, 2048), 1)
    ),
    Case("1.5.1", "a hundred texts in one piece", joined([frame(TEXT, A)] * 100), (A,) * 100),
]
