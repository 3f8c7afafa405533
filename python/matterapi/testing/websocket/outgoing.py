"""What the server is about to write on a websocket."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

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
