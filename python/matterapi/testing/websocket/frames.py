"""Reads a client's frames the way the server's library does (gorilla/websocket 1.5.3, conn.go)."""

from collections.abc import Iterator

TEXT, BINARY, CLOSE, PING, PONG = 0x1, 0x2, 0x8, 0x9, 0xA
CONTINUATION = 0x0
PROTOCOL_ERROR, TOO_BIG = 1002, 1009
_MAX_CONTROL = 125
_CLOSE_CODES = frozenset({1000, 1001, 1002, 1003, *range(1007, 1014)})


class FrameError(Exception):
    """The client broke the rules: the socket ends.

    Attributes:
        close: Payload of the Close frame that tells why; None for an end without a word.
    """

    def __init__(self, close: bytes | None) -> None:
        super().__init__()
        self.close = close


def close_payload(code: int, reason: str = "") -> bytes:
    """Return the payload of a Close frame."""
    return (code.to_bytes(2, "big") + reason.encode())[:_MAX_CONTROL]


def close_reply(payload: bytes) -> bytes:
    """Return the payload that answers a client's Close: its code, never its reason.

    Raises:
        FrameError: The client's code or reason is not allowed.
    """
    if len(payload) < 2:
        return b""
    code = int.from_bytes(payload[:2], "big")
    if code not in _CLOSE_CODES and not 3000 <= code <= 4999:
        raise FrameError(close_payload(PROTOCOL_ERROR, f"bad close code {code}"))
    try:
        payload[2:].decode()
    except UnicodeDecodeError:
        raise FrameError(close_payload(PROTOCOL_ERROR, "invalid utf8 payload in close frame")) from None
    return payload[:2]


class FrameReader:
    """Puts frames together from bytes, and messages together from frames.

    Args:
        limit: The most bytes a message may have, over all its fragments.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._buffer = bytearray()
        self._opcode: int | None = None
        self._message = bytearray()

    def feed(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        """Yield the opcode and payload of each whole message and control frame.

        Raises:
            FrameError: A frame breaks the rules; what came before it has been yielded.
        """
        self._buffer += data
        while (frame := self._frame()) is not None:
            final, opcode, payload = frame
            if opcode >= CLOSE:
                yield opcode, payload
                continue
            if opcode != CONTINUATION:
                self._opcode = opcode
            self._message += payload
            if final and self._opcode is not None:
                message, kind = bytes(self._message), self._opcode
                self._opcode = None
                self._message.clear()
                yield kind, message

    def _frame(self) -> tuple[bool, int, bytes] | None:
        buffer = self._buffer
        if len(buffer) < 2:
            return None
        self._check(buffer[0], buffer[1])
        final, opcode = bool(buffer[0] & 0x80), buffer[0] & 0x0F
        size, at = buffer[1] & 0x7F, 2
        if size >= 126:
            at = 4 if size == 126 else 10
            size = int.from_bytes(buffer[2:at], "big")
        mask_end = at + 4
        if len(buffer) < mask_end:
            return None
        if opcode < CLOSE:
            self._check_size(size)
        if len(buffer) < mask_end + size:
            return None
        payload = _unmask(bytes(buffer[mask_end : mask_end + size]), bytes(buffer[at:mask_end]))
        del buffer[: mask_end + size]
        return final, opcode, payload

    def _check(self, first: int, second: int) -> None:
        """Refuse a frame by its first two bytes; all that is wrong goes into one reason."""
        opcode, final = first & 0x0F, first & 0x80
        wrong = [f"RSV{number} set" for number, bit in ((1, 0x40), (2, 0x20), (3, 0x10)) if first & bit]
        if opcode in (CLOSE, PING, PONG):
            if second & 0x7F > _MAX_CONTROL:
                wrong.append("len > 125 for control")
            if not final:
                wrong.append("FIN not set on control")
        elif opcode in (TEXT, BINARY):
            if self._opcode is not None:
                wrong.append("data before FIN")
        elif opcode != CONTINUATION:
            wrong.append(f"bad opcode {opcode}")
        elif self._opcode is None:
            wrong.append("continuation after FIN")
        if not second & 0x80:
            wrong.append("bad MASK")
        if wrong:
            raise FrameError(close_payload(PROTOCOL_ERROR, ", ".join(wrong)))

    def _check_size(self, size: int) -> None:
        if size >= 1 << 63:
            raise FrameError(None)
        if len(self._message) + size > self._limit:
            raise FrameError(close_payload(TOO_BIG))


def _unmask(payload: bytes, mask: bytes) -> bytes:
    size = len(payload)
    key = int.from_bytes((mask * (size // 4 + 1))[:size], "big")
    return (int.from_bytes(payload, "big") ^ key).to_bytes(size, "big")
