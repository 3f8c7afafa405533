"""Opcodes that are reserved."""

from __future__ import annotations

from tests.rfc6455.case import (
    AFTER,
    CONTINUATION,
    TEXT,
    A,
    Case,
    frame,
)

_RESERVED_DATA, _RESERVED_CONTROL = range(3, 8), range(11, 16)

CASES: list[Case] = [
    *(
        Case(f"4.{group}.1.{code}", f"opcode {code} alone", (frame(code),), close=1002)
        for group, codes in ((1, _RESERVED_DATA), (2, _RESERVED_CONTROL))
        for code in codes
    ),
    *(
        Case(f"4.{group}.2.{code}", f"opcode {code} with content", (frame(code, A),), close=1002)
        for group, codes in ((1, _RESERVED_DATA), (2, _RESERVED_CONTROL))
        for code in codes
    ),
    *(
        Case(
            f"4.{group}.3.{code}",
            f"opcode {code} between two texts",
            (frame(TEXT, A), frame(code), AFTER),
            (A,),
            close=1002,
        )
        for group, codes in ((1, _RESERVED_DATA), (2, _RESERVED_CONTROL))
        for code in codes
    ),
    *(
        Case(
            f"4.{group}.4.{code}",
            f"opcode {code} within a message",
            (frame(TEXT, A[:9], final=False), frame(code, b"x"), frame(CONTINUATION, A[9:])),
            close=1002,
        )
        for group, codes in ((1, _RESERVED_DATA), (2, _RESERVED_CONTROL))
        for code in codes
    ),
]
