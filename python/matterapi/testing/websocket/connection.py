"""One websocket as a TCP connection, from the server's side: bytes in, frames out, the end."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Iterable
from typing import Protocol

from .frames import CLOSE, PONG, FrameError, FrameReader
from .outgoing import OutgoingFrame

MAX_REQUEST_BYTES = 8192
_RESET = struct.pack("ii", 1, 0)


class ConnectionOwner(Protocol):
    """Who is told what happens on a connection."""

    def received(self, opcode: int, payload: bytes) -> None:
        """A whole message or control frame has come."""

    def blocked(self) -> None:
        """What is written does not go out any more."""

    def writable(self) -> None:
        """All that was written has gone out."""

    def lost(self) -> None:
        """The connection is over."""


class ConnectionHooks(Protocol):
    """What can be changed about one websocket after another; `hooks.py` adds what concerns streams."""

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

    def ended(self, connection: WebsocketConnection) -> None:
        """Called once per socket when it is over."""


class WebsocketConnection(asyncio.Protocol):
    """A TCP connection that has been upgraded.

    Args:
        number: Ordinal of the socket on this server, from 1.
        query: Query of the upgrade request, all values of each name.
        transport: The connection.
        former: The protocol that had the connection before; it is told when the connection ends.
        hooks: What faults may change.

    Attributes:
        user_id: Whose socket it is; empty until that is proved.
        connection_id: Connection id that hello tells of its stream; empty until it is registered.
        frames_sent: Frames that went out so far.
        bytes_sent: Bytes that went out after the 101 so far.
        is_blocked: Whether a frame that was written has not gone out yet.
        ended: Whether the server is done with it.
        closed: Done when the connection is gone.
    """

    def __init__(
        self,
        number: int,
        query: dict[str, list[str]],
        transport: asyncio.Transport,
        former: asyncio.Protocol,
        hooks: ConnectionHooks,
    ) -> None:
        self.number = number
        self.query = query
        self.user_id = ""
        self.connection_id: str = ""
        self.frames_sent: int = 0
        self.bytes_sent: int = 0
        self.is_blocked: bool = False
        self.ended: bool = False
        self.closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._transport = transport
        self._former = former
        self._hooks = hooks
        self._reader = FrameReader(MAX_REQUEST_BYTES)
        self._owner: ConnectionOwner | None = None

    def open(self, head: bytes) -> None:
        """Take the connection over and answer the upgrade request with `head`."""
        self._transport.set_protocol(self)
        self._transport.pause_reading()
        # Whatever the kernel does not take at once counts as blocked, as in a server that writes by itself.
        # Under TLS a limit of 0 is reached by an empty buffer from Python 3.11 on: nothing would go out.
        # There the transport below keeps a limit of its own: blocked is what fits into neither.
        is_encrypted = self._transport.get_extra_info("ssl_object") is not None
        self._transport.set_write_buffer_limits(high=1 if is_encrypted else 0)
        self._transport.write(head)
        self._hooks.opened(self)

    def start(self, owner: ConnectionOwner) -> None:
        """Begin to read, for `owner`."""
        self._owner = owner
        if self.ended or self._transport.is_closing():
            self._end()
        else:
            self._transport.resume_reading()

    def send(self, frame: OutgoingFrame) -> None:
        """Write a frame: every frame of the server goes through here, and through the hook `outgoing`."""
        if self.ended:
            return
        self.frames_sent += 1
        for data in self._hooks.outgoing(self, frame):
            self.write(data)

    def write(self, data: bytes) -> None:
        """Write bytes past all hooks; nothing is written once it has ended, or the client has gone away."""
        if not (self.ended or self._transport.is_closing()):
            self.bytes_sent += len(data)
            self._transport.write(data)

    def pong(self, payload: bytes) -> None:
        """Answer a Ping; dropped while the socket is blocked."""
        if not self.is_blocked:
            self.send(OutgoingFrame("pong", PONG, payload))

    def close(self, payload: bytes) -> None:
        """Send a Close frame, then end TCP; a blocked socket just ends."""
        if not self.is_blocked:
            self.send(OutgoingFrame("close", CLOSE, payload))
        self.finish()

    def finish(self) -> None:
        """End TCP (FIN) without a word; what has not gone out by now never will."""
        if self.ended:
            return
        if self.is_blocked:
            self._transport.abort()
        else:
            self._transport.close()
        self._end()

    def abort(self) -> None:
        """Reset TCP (RST)."""
        if self.ended:
            return
        raw = self._transport.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        self._transport.abort()
        self._end()

    def _end(self) -> None:
        if not self.ended:
            self.ended = True
            self._hooks.ended(self)
        owner, self._owner = self._owner, None
        if owner is not None:
            owner.lost()

    def data_received(self, data: bytes) -> None:
        """Read the client's frames."""
        try:
            for opcode, payload in self._reader.feed(data):
                if self._owner is None:
                    return
                is_taken = self._hooks.incoming(self, opcode, payload)
                # A fault may have ended it meanwhile.
                if is_taken and self._owner is not None:
                    self._owner.received(opcode, payload)
        except FrameError as wrong:
            if wrong.close is None:
                self.finish()
            else:
                self.close(wrong.close)

    def pause_writing(self) -> None:
        """Note that the kernel takes no more."""
        self.is_blocked = True
        if self._owner is not None:
            self._owner.blocked()

    def resume_writing(self) -> None:
        """Note that the kernel took everything; the owner is told once the transport has done its part.

        A transport that is closed while it tells us so calls `connection_lost` twice.
        """
        self.is_blocked = False
        asyncio.get_running_loop().call_soon(self._tell_writable)

    def _tell_writable(self) -> None:
        if self._owner is not None and not self.is_blocked:
            self._owner.writable()

    def connection_lost(self, exc: Exception | None) -> None:
        """Note the end of the connection, whoever ended it."""
        self._end()
        if not self.closed.done():
            self.closed.set_result(None)
        self._former.connection_lost(exc)
