"""The end of a connection: codes, reasons, and what comes after."""

from __future__ import annotations

from tests.rfc6455.case import (
    CLOSE,
    CONTINUATION,
    NO_CODE,
    PING,
    TEXT,
    A,
    Case,
    close,
    event,
    frame,
    joined,
)

KIB, MIB = 1024, 1024 * 1024

_SENDABLE = (*range(1000, 1004), *range(1007, 1014), 3000, 3999, 4000, 4999)
_FORBIDDEN = (0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535)
_LATER = (
    "registered with IANA after the RFC, which reserves it (section 7.4.2); a stream comes back all the same"
)

CASES: list[Case] = [
    Case("7.1.1", "Close 1000", (frame(TEXT, A), close(1000)), (A,), close=1000),
    Case("7.1.2", "Close twice", (close(1000), close(1000)), close=1000),
    Case("7.1.3", "a Ping after the Close", joined([close(1000), frame(PING, b"p")]), close=1000),
    Case("7.1.4", "a text after the Close", joined([close(1000), frame(TEXT, A)]), close=1000),
    Case(
        "7.1.5",
        "a message that the Close leaves without an end",
        joined([frame(TEXT, A[:9], final=False), close(1000), frame(CONTINUATION, A[9:])]),
        close=1000,
    ),
    Case(
        "7.1.6",
        "256 KiB, Close and a Ping in one piece",
        joined([frame(TEXT, event(256 * KIB)), close(1000), frame(PING)]),
        (event(256 * KIB),),
        close=1000,
    ),
    Case("7.3.1", "Close without a code", (frame(CLOSE),), close=NO_CODE),
    Case("7.3.2", "Close of one byte", (frame(CLOSE, b"\x03"),), close=1002),
    Case("7.3.3", "Close with a code only", (close(1000),), close=1000),
    Case("7.3.4", "Close with a reason", (close(1000, b"bye"),), close=1000),
    Case("7.3.5", "Close with the longest reason", (close(1000, b"x" * 123),), close=1000),
    Case("7.3.6", "Close of 126 bytes", (close(1000, b"x" * 124),), close=1002),
    Case("7.5.1", "Close whose reason is no UTF-8", (close(1000, b"\xce\xba\xed\xa0\x80"),), close=1007),
    Case("7.5.2", "Close whose reason ends within a character", (close(1000, b"bye \xe6\xbc"),), close=1007),
    Case(
        "7.5.3", "Close with a reason of many languages", (close(1000, "κόσμε 漢字 😀".encode()),), close=1000
    ),
    *(Case(f"7.7.{code}", f"Close {code}", (close(code),), close=code) for code in _SENDABLE),
    *(
        Case(f"7.9.{code}", f"Close {code}, which nobody may send", (close(code),), close=1002)
        for code in _FORBIDDEN
    ),
    Case("7.9.1014", "Close 1014", (close(1014),), close=1002, note=_LATER),
]
