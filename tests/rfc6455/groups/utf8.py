"""Texts that are UTF-8, and such as are not."""

from __future__ import annotations

from tests.rfc6455.case import (
    AFTER,
    BINARY,
    CONTINUATION,
    PING,
    TEXT,
    A,
    B,
    Case,
    chopped,
    event,
    fragments,
    frame,
    joined,
)
from tests.rfc6455.texts import BROKEN, WHOLE

_AT_ITS_END = "found when the frame is complete: tokio-tungstenite checks the text of whole frames"

CASES: list[Case] = [
    *(
        Case(f"6.1.{n}", what, (frame(TEXT, event(text=text)), AFTER), (event(text=text), B))
        for n, (what, text) in enumerate(WHOLE.items(), 1)
    ),
    *(
        Case(
            f"6.2.{n}",
            f"{what}, a fragment for each byte",
            joined([*fragments(event(text=text), 1), AFTER]),
            (event(text=text), B),
        )
        for n, (what, text) in enumerate(WHOLE.items(), 1)
    ),
    *(
        Case(f"6.3.{n}", what, (frame(TEXT, event(text=text)), AFTER), close=1007)
        for n, (what, text) in enumerate(BROKEN.items(), 1)
    ),
    *(
        Case(
            f"6.4.{n}",
            f"{what}, a fragment for each byte",
            joined([*fragments(event(text=text), 1), AFTER]),
            close=1007,
        )
        for n, (what, text) in enumerate(BROKEN.items(), 1)
    ),
    Case(
        "6.5.1",
        "a character split between fragments",
        (
            frame(TEXT, event(text="é".encode())[:-4], final=False),
            frame(CONTINUATION, event(text="é".encode())[-4:]),
        ),
        (event(text="é".encode()),),
    ),
    Case(
        "6.5.2",
        "a character split between fragments, a Ping between them",
        (
            frame(TEXT, event(text="é".encode())[:-4], final=False),
            frame(PING, b"p"),
            frame(CONTINUATION, event(text="é".encode())[-4:]),
        ),
        (event(text="é".encode()),),
        (b"p",),
    ),
    Case("6.5.3", "a text that ends within a character", (frame(TEXT, b"\xf0\x9f"), AFTER), close=1007),
    Case(
        "6.5.4",
        "a text of fragments that ends within a character",
        (frame(TEXT, A[:9], final=False), frame(CONTINUATION, b"\xf0\x9f"), AFTER),
        close=1007,
    ),
    Case(
        "6.6.1",
        "a broken first fragment, and no further one",
        (frame(TEXT, event(text=b"\xff"), final=False),),
        close=1007,
    ),
    Case(
        "6.6.2",
        "a broken second fragment, and no further one",
        (frame(TEXT, A[:9], final=False), frame(CONTINUATION, b"\xed\xa0\x80", final=False)),
        close=1007,
    ),
    Case(
        "6.6.3",
        "a break at the border of two fragments, and no further one",
        (frame(TEXT, b"\xf4", final=False), frame(CONTINUATION, b"\x90", final=False)),
        close=1007,
    ),
    Case(
        "6.6.4",
        "a frame whose first bytes are broken, byte by byte",
        chopped(frame(TEXT, event(text=b"\xff")) + AFTER, 1),
        close=1007,
        note=_AT_ITS_END,
    ),
    Case(
        "6.7.1",
        "a binary message that is no UTF-8, and no event",
        (frame(BINARY, b"\xff\xfe\x00"), AFTER),
        (B,),
    ),
]
