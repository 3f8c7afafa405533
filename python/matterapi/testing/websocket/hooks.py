"""Where a fault can reach into websockets: one protocol, with defaults that do nothing.

All methods are called on the server's event loop and must not block it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Protocol

from .connection import ConnectionHooks, WebsocketConnection
from .outgoing import OutgoingFrame

if TYPE_CHECKING:
    from .stream import Stream


class WebsocketHooks(ConnectionHooks, Protocol):
    """What can be changed about the websockets of one server."""

    def finds(self, connection: WebsocketConnection, connection_id: str, sequence: int) -> bool:
        """Whether a resume may find the stream it asks for; False makes it a new stream."""
        ...

    async def registering(self, connection: WebsocketConnection, stream: Stream) -> None:
        """Awaited in a resume between the lookup and the registration of `stream`.

        Meanwhile the stream is in no index: events are lost to it without a gap in its numbers, and
        `Stream.missed` counts them (`Stream.wait_missed` waits for some).
        """


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
