"""What a case is, and the frames that cases are made of."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, TypeAlias

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
CONTINUATION = 0

NO_CODE = 1005
"""A Close frame without a code, by the RFC's own name for it (section 7.4.1)."""
NO_CLOSE = 1006
"""The end of the connection without a Close frame."""

_HEAD = b'{"event":"custom_case","data":{"text":"'
_TAIL = b'"}}'


@dataclass(frozen=True)
class Case:
    """What a server sends after its hello, and what the client has to make of it.

    Attributes:
        id: The group of the RFC's rules, and a number in it.
        what: The case in words.
        sent: Bytes, each piece written by itself.
        delivered: The messages that have to come out as events, byte for byte and in this order.
        pongs: The payloads of the client's Pongs.
        close: The code of the client's Close frame; `None` where the connection has to go on.
        note: Why the client does something else than the strictest reading of the RFC.
    """

    id: str
    what: str
    sent: tuple[bytes, ...]
    delivered: tuple[bytes, ...] = ()
    pongs: tuple[bytes, ...] = ()
    close: int | None = None
    note: str = ""

    @property
    def size(self) -> int:
        """Bytes that the server sends."""
        return sum(map(len, self.sent))


@dataclass(frozen=True)
class LargeCase:
    """As a `Case`, of one message that is large, and an event after it: made only when it is needed.

    Attributes:
        id: As of a `Case`.
        opcode: Of the message.
        length: Its bytes.
        in_frames_of: Bytes of each frame; 0 for all in one.
        in_pieces_of: Bytes that are written at a time; 0 for whole frames.
        close: As of a `Case`.
    """

    id: str
    opcode: int
    length: int
    in_frames_of: int = 0
    in_pieces_of: int = 0
    close: int | None = None

    pongs: ClassVar[tuple[bytes, ...]] = ()
    note: ClassVar[str] = ""

    @property
    def what(self) -> str:
        """The case in words."""
        kind = "text" if self.opcode == TEXT else "binary message"
        frames = f" in frames of {self.in_frames_of:,} bytes" if self.in_frames_of else ""
        pieces = f", {self.in_pieces_of:,} bytes at a time" if self.in_pieces_of else ""
        refused = ", more than the client takes" if self.close else ""
        return f"{kind} of {self.length:,} bytes{frames}{pieces}{refused}"

    @property
    def sent(self) -> tuple[bytes, ...]:
        """As of a `Case`."""
        frames = (*fragments(event(self.length), self.in_frames_of or self.length, self.opcode), AFTER)
        return chopped(b"".join(frames), self.in_pieces_of) if self.in_pieces_of else frames

    @property
    def delivered(self) -> tuple[bytes, ...]:
        """As of a `Case`."""
        return () if self.close else (event(self.length), B)

    @property
    def size(self) -> int:
        """Bytes of the message."""
        return self.length


AnyCase: TypeAlias = Case | LargeCase


def event(size: int = 0, text: bytes = b"") -> bytes:
    """An event of the server's, which is that long if it can be."""
    padding = max(0, size - len(_HEAD) - len(text) - len(_TAIL))
    return _HEAD + text + b"*" * padding + _TAIL


def frame(
    opcode: int, payload: bytes = b"", final: bool = True, reserved: int = 0, masked: bool = False
) -> bytes:
    """A frame as a server sends it; `reserved`: its three bits RSV1 to RSV3 as a number."""
    first = (0x80 if final else 0) | reserved << 4 | opcode
    bit = 0x80 if masked else 0
    size = len(payload)
    if size < 126:
        length = bytes([bit | size])
    elif size < 65536:
        length = bytes([bit | 126]) + struct.pack(">H", size)
    else:
        length = bytes([bit | 127]) + struct.pack(">Q", size)
    return bytes([first]) + length + (bytes(4) if masked else b"") + payload


def close(code: int, reason: bytes = b"") -> bytes:
    """A Close frame."""
    return frame(CLOSE, struct.pack(">H", code) + reason)


def fragments(payload: bytes, size: int, opcode: int = TEXT) -> list[bytes]:
    """A message in frames of `size` bytes, of which the last one may be shorter."""
    parts = chopped(payload, size) or (b"",)
    last = len(parts) - 1
    return [
        frame(opcode if number == 0 else CONTINUATION, part, final=number == last)
        for number, part in enumerate(parts)
    ]


def chopped(data: bytes, size: int) -> tuple[bytes, ...]:
    """The same bytes, that many at a time."""
    return tuple(data[at : at + size] for at in range(0, len(data), size))


def joined(frames: Sequence[bytes]) -> tuple[bytes, ...]:
    """Frames that are written at once."""
    return (b"".join(frames),)


A, B = event(text=b"a"), event(text=b"b")
AFTER = frame(TEXT, B)
"""An event behind what is tried: it comes where the connection goes on."""
