"""Faults of websockets that happen at one point of the stream: ends, frames that nobody expects, silence.

`after_frames` counts the frames that the server wrote on the socket, hello included: with 0 the fault
happens right after the upgrade. On a socket that has come further it happens at once.
"""

from __future__ import annotations

import json
from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar

from typing_extensions import override

from .fault import WebsocketFault
from .websocket_actors import Actor, Injector, Stopper, frame

TEXT, BINARY, CLOSE, PING = 0x1, 0x2, 0x8, 0x9


@dataclass(frozen=True, slots=True)
class CutSocket(WebsocketFault):
    """The socket ends without a Close frame.

    Args:
        after_frames: After how many frames.
        after_bytes: After how many bytes of frames, in place of whole frames; may be within one.
        resets: Whether by RST; otherwise by FIN.
    """

    after_frames: int = 0
    after_bytes: int | None = None
    resets: bool = True

    def __post_init__(self) -> None:
        self.require_count("after_frames")
        if self.after_bytes is not None:
            self.require_count("after_bytes")
            self.require(self.after_frames == 0, "after_bytes", "None where after_frames is given")

    def actor(self) -> Actor:
        """Return what carries it out on one socket."""
        return Stopper(self.after_frames, self.after_bytes, resets=self.resets)


class InjectedFault(WebsocketFault):
    """Bytes that come after some frames, out of turn."""

    __slots__ = ()
    ends: ClassVar[bool] = False
    after_frames: int

    @abstractmethod
    def data(self) -> bytes:
        """Return the bytes."""

    def actor(self) -> Actor:
        """Return what carries it out on one socket."""
        return Injector(self.after_frames, self.data(), ends=self.ends)


@dataclass(frozen=True, slots=True)
class CloseFrame(InjectedFault):
    """A Close frame, then the end of TCP.

    Args:
        code: Any number of 16 bits, legal or not; None for a frame without one.
        reason: Text after the code.
        after_frames: After how many frames.
        payload: The whole payload in place of code and reason, e.g. a single byte.
    """

    code: int | None = 1000
    reason: str = ""
    after_frames: int = 0
    payload: bytes | None = None

    ends = True

    def __post_init__(self) -> None:
        fits = self.code is None or (isinstance(self.code, int) and 0 <= self.code <= 0xFFFF)
        self.require(fits, "code", "a number from 0 to 65535, or None")
        fits = isinstance(self.reason, str) and (not self.reason or self.code is not None)
        self.require(fits, "reason", "text, and only with a code")
        self.require_count("after_frames")

    @override
    def data(self) -> bytes:
        code = b"" if self.code is None else self.code.to_bytes(2, "big")
        return frame(CLOSE, code + self.reason.encode() if self.payload is None else self.payload)


@dataclass(frozen=True, slots=True)
class Text(InjectedFault):
    """A text message that the server would not send: an unknown event, one without data, a reply to nothing.

    Args:
        text: The message; a dict is sent as JSON.
        after_frames: After how many frames.
    """

    text: str | dict[str, object]
    after_frames: int = 1

    def __post_init__(self) -> None:
        self.require(isinstance(self.text, (str, dict)), "text", "text, or a dict to send as JSON")
        self.require_count("after_frames")

    @override
    def data(self) -> bytes:
        text = self.text if isinstance(self.text, str) else json.dumps(self.text)
        return frame(TEXT, text.encode())


@dataclass(frozen=True, slots=True)
class Oversized(InjectedFault):
    """A frame of any length, or one that only says so.

    Args:
        size: Bytes of payload that its head tells, up to 2^64 - 1.
        sent: Bytes of payload that come; by default all, up to 1 GiB. They are a JSON string.
        after_frames: After how many frames.
    """

    size: int
    sent: int | None = None
    after_frames: int = 1

    def __post_init__(self) -> None:
        self.require_count("size", least=2)
        self.require(self.size < 1 << 64, "size", "below 2^64")
        if self.sent is not None:
            self.require_count("sent")
        too_many = self.sent is None and self.size > 1 << 30
        self.require(not too_many, "sent", "a number of bytes where size is above 1 GiB")
        self.require_count("after_frames")

    @override
    def data(self) -> bytes:
        sent = self.size if self.sent is None else self.sent
        payload = b'"' + b"x" * (self.size - 2) + b'"' if sent == self.size else b"x" * sent
        return frame(TEXT, payload, size=self.size)


@dataclass(frozen=True, slots=True)
class InvalidFrame(InjectedFault):
    """A frame that breaks the websocket protocol, or one the server never sends.

    Args:
        kind: `utf8` (text that is none), `masked`, `rsv1`, `rsv2`, `rsv3`, `opcode` (reserved),
            `control-opcode` (reserved), `long-control` (126 bytes), `fragmented-control`,
            `continuation` (of nothing), `interrupted` (a text within a fragmented one), `long-length`
            (a length in more bytes than it needs), or `binary` (JSON in a binary frame: valid).
        after_frames: After how many frames.
    """

    kind: str
    after_frames: int = 1

    def __post_init__(self) -> None:
        self.require_one_of("kind", tuple(_INVALID))
        self.require_count("after_frames")

    @override
    def data(self) -> bytes:
        return _INVALID[self.kind]


_JSON = b'{"event":"fault","data":{},"broadcast":{},"seq":0}'
_INVALID = {
    "utf8": frame(TEXT, b'{"event":"\xff"}'),
    "masked": bytes((0x81, 0x80 | len(_JSON), 0, 0, 0, 0)) + _JSON,
    "rsv1": frame(TEXT | 0x40, _JSON),
    "rsv2": frame(TEXT | 0x20, _JSON),
    "rsv3": frame(TEXT | 0x10, _JSON),
    "opcode": frame(0x3, _JSON),
    "control-opcode": frame(0xB, b""),
    "long-control": frame(PING, b"x" * 126),
    "fragmented-control": frame(PING, b"x", final=False),
    "continuation": frame(0x0, _JSON),
    "interrupted": frame(TEXT, b'{"event":', final=False) + frame(TEXT, _JSON),
    "long-length": bytes((0x81, 126)) + len(_JSON).to_bytes(2, "big") + _JSON,
    "binary": frame(BINARY, _JSON),
}


@dataclass(frozen=True, slots=True)
class PingFlood(InjectedFault):
    """Many Pings at once.

    Args:
        count: How many, up to 10 million.
        after_frames: After how many frames.
    """

    count: int = 1000
    after_frames: int = 1

    def __post_init__(self) -> None:
        self.require_count("count", least=1)
        self.require(self.count <= 10_000_000, "count", "at most 10 million")
        self.require_count("after_frames")

    @override
    def data(self) -> bytes:
        return frame(PING, b"") * self.count
