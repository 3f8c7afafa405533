"""Where a fault can reach into websockets: one protocol, with defaults that do nothing.

All methods are called on the server's event loop and must not block it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from .connection import WebsocketConnection
    from .stream import Stream

FrameKind = Literal["event", "reply", "ping", "pong", "close"]


@dataclass(frozen=True, slots=True)
class OutgoingFrame:
    """One frame that the server is about to write.

    Attributes:
        kind: What it is for.
        opcode: Opcode of the frame (1 text, 8 close, 9 ping, 10 pong).
        payload: Its payload, as a well-behaved server sends it.
        event: Event name (`hello` included); empty for other kinds.
        sequence: Number of the event; None for other kinds.
    """

    kind: FrameKind
    opcode: int
    payload: bytes
    event: str = ""
    sequence: int | None = None

    def encode(self) -> bytes:
        """Return the whole frame: final, unmasked, without extension bits."""
        size = len(self.payload)
        if size < 126:
            head = bytes((0x80 | self.opcode, size))
        elif size < 65536:
            head = bytes((0x80 | self.opcode, 126)) + size.to_bytes(2, "big")
        else:
            head = bytes((0x80 | self.opcode, 127)) + size.to_bytes(8, "big")
        return head + self.payload


class WebsocketHooks(Protocol):
    """What can be changed about the websockets of one server."""

    def opened(self, connection: WebsocketConnection) -> None:
        """Called once per socket when its 101 is written, before any frame of it."""

    def outgoing(self, connection: WebsocketConnection, frame: OutgoingFrame) -> Iterable[bytes]:
        """Return what is written for `frame`: every outgoing frame of every socket passes here.

        `(frame.encode(),)` is what a good server writes. Nothing drops the frame (its number is used up);
        several or foreign bytes duplicate, reorder, fragment or spoil it. The hook may end the socket with
        `WebsocketConnection.finish` or `WebsocketConnection.abort`, and may write held bytes later with
        `WebsocketConnection.write`.
        """
        ...

    def incoming(self, connection: WebsocketConnection, opcode: int, payload: bytes) -> bool:
        """Whether the server takes notice of a whole message or control frame of the client."""
        ...

    def finds(self, connection: WebsocketConnection, connection_id: str, sequence: int) -> bool:
        """Whether a resume may find the stream it asks for; False makes it a new stream."""
        ...

    async def registering(self, connection: WebsocketConnection, stream: Stream) -> None:
        """Awaited in a resume between the lookup and the registration of `stream`.

        Meanwhile the stream is in no index: events are lost to it without a gap in its numbers, and
        `Stream.missed` counts them (`Stream.wait_missed` waits for some).
        """

    def ended(self, connection: WebsocketConnection) -> None:
        """Called once per socket when it is over."""


class NoHooks:
    """Changes nothing; a base for hooks that change little."""

    def opened(self, connection: WebsocketConnection) -> None:
        """Do nothing."""

    def outgoing(self, connection: WebsocketConnection, frame: OutgoingFrame) -> Iterable[bytes]:
        """Write the frame as it is."""
        return (frame.encode(),)

    def incoming(self, connection: WebsocketConnection, opcode: int, payload: bytes) -> bool:
        """Take notice of everything."""
        return True

    def finds(self, connection: WebsocketConnection, connection_id: str, sequence: int) -> bool:
        """Let the lookup do its work."""
        return True

    async def registering(self, connection: WebsocketConnection, stream: Stream) -> None:
        """Register at once."""

    def ended(self, connection: WebsocketConnection) -> None:
        """Do nothing."""
