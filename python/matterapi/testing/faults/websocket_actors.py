"""Carries a fault out on one websocket."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from typing import ClassVar

from typing_extensions import override

from matterapi.testing.websocket.connection import WebsocketConnection
from matterapi.testing.websocket.outgoing import OutgoingFrame


def frame(opcode: int, payload: bytes, *, final: bool = True, size: int | None = None) -> bytes:
    """Return a frame of a server.

    Args:
        opcode: Opcode, with extension bits where wanted.
        payload: Its payload.
        final: Whether it ends its message.
        size: Length that its head tells, in place of the truth.
    """
    length = len(payload) if size is None else size
    first = (0x80 if final else 0) | opcode
    if length < 126:
        return bytes((first, length)) + payload
    if length < 65536:
        return bytes((first, 126)) + length.to_bytes(2, "big") + payload
    return bytes((first, 127)) + length.to_bytes(8, "big") + payload


class Actor:
    """One fault on one socket; does nothing by itself.

    Attributes:
        connection: The socket.
        note: Called when the fault happens.
    """

    connection: WebsocketConnection
    note: Callable[[], None]

    def start(self) -> None:
        """Begin; the socket may be new, or have come far."""

    def outgoing(self, sent: OutgoingFrame, data: list[bytes]) -> list[bytes]:
        """Return what is written for a frame, where so far it would be `data`."""
        return data

    def written(self) -> None:
        """What `outgoing` gave has been written."""

    def incoming(self, opcode: int, payload: bytes) -> bool:
        """Whether the server takes notice of a message or control frame."""
        return True


class Pointed(Actor, ABC):
    """Does something once, after some frames.

    Args:
        after_frames: After how many.
    """

    def __init__(self, after_frames: int) -> None:
        self._after = after_frames
        self._done = False

    @override
    def start(self) -> None:
        self.written()

    @override
    def written(self) -> None:
        if not self._done and self.connection.frames_sent >= self._after:
            self._done = True
            self.note()
            self.act()

    @abstractmethod
    def act(self) -> None:
        """Do it."""


class Injector(Pointed):
    """Writes bytes out of turn.

    Args:
        after_frames: After how many frames.
        data: The bytes.
        ends: Whether the socket then ends by FIN.
    """

    def __init__(self, after_frames: int, data: bytes, *, ends: bool) -> None:
        super().__init__(after_frames)
        self._data = data
        self._ends = ends

    @override
    def act(self) -> None:
        self.connection.write(self._data)
        if self._ends:
            self.connection.finish()


class Stopper(Pointed):
    """Ends the socket, after frames or within one.

    Args:
        after_frames: After how many frames.
        after_bytes: After how many bytes, in place of frames.
        resets: Whether by RST.
    """

    def __init__(self, after_frames: int, after_bytes: int | None, *, resets: bool) -> None:
        super().__init__(after_frames)
        self._after_bytes = after_bytes
        self._resets = resets

    @override
    def outgoing(self, sent: OutgoingFrame, data: list[bytes]) -> list[bytes]:
        if self._after_bytes is None:
            return data
        return [b"".join(data)[: max(self._after_bytes - self.connection.bytes_sent, 0)]]

    @override
    def written(self) -> None:
        if self._after_bytes is None or self.connection.bytes_sent >= self._after_bytes:
            super().written()

    @override
    def act(self) -> None:
        if self._resets:
            self.connection.abort()
        else:
            self.connection.finish()


class Deafener(Pointed):
    """Writes and notices nothing more."""

    def act(self) -> None:
        """Nothing is to be done but to be silent from now on."""

    @override
    def outgoing(self, sent: OutgoingFrame, data: list[bytes]) -> list[bytes]:
        return [] if self._done else data

    @override
    def incoming(self, opcode: int, payload: bytes) -> bool:
        return not self._done


class Selector(Actor, ABC):
    """Treats some frames of a kind.

    Args:
        takes: Tells whether a frame is of the kind.
        skip: How many of them pass by first.
        count: How many are treated; None for all.
    """

    treats: ClassVar[str] = ""

    def __init__(self, takes: Callable[[OutgoingFrame], bool], skip: int, count: int | None) -> None:
        self._takes = takes
        self._skip = skip
        self._left = count

    @override
    def outgoing(self, sent: OutgoingFrame, data: list[bytes]) -> list[bytes]:
        if self._left == 0 or not self._takes(sent):
            return data
        if self._skip:
            self._skip -= 1
            return data
        if self._left is not None:
            self._left -= 1
        self.note()
        return list(self.treat(sent, data))

    @abstractmethod
    def treat(self, sent: OutgoingFrame, data: list[bytes]) -> Iterable[bytes]:
        """Return what is written for the frame."""
