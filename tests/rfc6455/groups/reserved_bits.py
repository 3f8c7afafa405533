"""Reserved bits, which mean nothing without an extension."""

from __future__ import annotations

from tests.rfc6455.case import (
    AFTER,
    BINARY,
    CLOSE,
    CONTINUATION,
    PING,
    TEXT,
    A,
    B,
    Case,
    chopped,
    frame,
)

CASES: list[Case] = [
    *(
        Case(
            f"3.1.{bits}",
            f"text with reserved bits {bits:03b}",
            (frame(TEXT, A), frame(TEXT, B, reserved=bits)),
            (A,),
            close=1002,
        )
        for bits in range(1, 8)
    ),
    *(
        Case(
            f"3.2.{bits}",
            f"binary message with reserved bits {bits:03b}",
            (frame(BINARY, A, reserved=bits), AFTER),
            close=1002,
        )
        for bits in range(1, 8)
    ),
    *(
        Case(
            f"3.3.{bits}",
            f"Ping with reserved bits {bits:03b}",
            (frame(PING, b"p", reserved=bits), AFTER),
            close=1002,
        )
        for bits in range(1, 8)
    ),
    *(
        Case(
            f"3.4.{bits}",
            f"Close with reserved bits {bits:03b}",
            (frame(CLOSE, b"\x03\xe8", reserved=bits), AFTER),
            close=1002,
        )
        for bits in range(1, 8)
    ),
    Case(
        "3.5.1",
        "reserved bit in a later fragment",
        (frame(TEXT, A[:9], final=False), frame(CONTINUATION, A[9:], reserved=4)),
        close=1002,
    ),
    Case(
        "3.5.2", "text with a reserved bit, byte by byte", chopped(frame(TEXT, A, reserved=4), 1), close=1002
    ),
]
