"""The server side of a websocket for scripted servers: frames written and read byte by byte."""

from __future__ import annotations

import base64
import hashlib
import json
import struct
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from tests.support.scripted import Connection, answer

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
ME = "/api/v4/users/me"
PING = "/api/v4/system/ping"


def framed(payload: bytes, opcode: int = 1, final: bool = True) -> bytes:
    """A frame as a server sends it."""
    size = len(payload)
    if size < 126:
        length = bytes([size])
    elif size < 65536:
        length = b"\x7e" + struct.pack(">H", size)
    else:
        length = b"\x7f" + struct.pack(">Q", size)
    return bytes([(0x80 if final else 0) | opcode]) + length + payload


class WebSocket:
    """A connection after its upgrade."""

    def __init__(self, connection: Connection, headers: dict[str, str]) -> None:
        self.connection = connection
        self.headers = headers
        self._has_read = False
        self._is_whole = True

    def send(self, payload: bytes, opcode: int = 1, final: bool = True) -> None:
        self.connection.send(framed(payload, opcode, final))

    def hello(self) -> None:
        self.event("hello", 0, connection_id="c" * 26, server_version="11.2.0")

    def event(self, name: str, seq: int, **data: Any) -> None:
        frame = {"event": name, "data": data, "broadcast": {}, "seq": seq}
        self.send(json.dumps(frame).encode())

    def close(self, code: int | None) -> None:
        self.send(b"" if code is None else struct.pack(">H", code), opcode=8)

    def read(self) -> tuple[int, bytes] | None:
        """Opcode and payload of the client's next frame; `None` at the end."""
        self._has_read = True
        head = self.connection.read_exactly(2)
        if len(head) < 2:
            return None
        assert head[1] & 0x80, "a client masks its frames (RFC 6455, section 5.3)"
        size = head[1] & 0x7F
        if size == 126:
            (size,) = struct.unpack(">H", self.connection.read_exactly(2))
        elif size == 127:
            (size,) = struct.unpack(">Q", self.connection.read_exactly(8))
        mask = self.connection.read_exactly(4)
        payload = self.connection.read_exactly(size)
        self._is_whole = bool(head[0] & 0x80)
        return head[0] & 0x0F, bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload))

    def read_text(self) -> bytes | None:
        """The client's next text, whose frames are put together; `None` at the end."""
        text = b""
        while (frame := self.read()) is not None:
            if frame[0] in {0, 1}:
                text += frame[1]
                if self._is_whole:
                    return text
        return None

    def answer_ping(self, server_time: int | None = None) -> None:
        """Answer the client's next ping: from the first answer on, it fetches what it misses.

        Args:
            server_time: What the server's clock shows, in ms; that of this machine by default.
        """
        while (frame := self.read()) is not None:
            request = json.loads(frame[1]) if frame[0] == 1 else {}
            if request.get("action") == "ping":
                data = {"text": "pong", "server_time": server_time or time.time_ns() // 1_000_000}
                self.send(json.dumps({"status": "OK", "seq_reply": request["seq"], "data": data}).encode())
                return

    def wait_received(self) -> None:
        """Wait until the client has received all that was sent: it answers a ping after that."""
        self.send(b"", opcode=9)
        while (frame := self.read()) is not None and frame[0] != 10:
            pass

    def read_ping(self) -> None:
        """Take the ping that every client begins with, unless something was read already.

        A socket that is closed with unread bytes is reset, and what was sent over it may be lost.
        """
        if not self._has_read:
            with suppress(OSError):
                self.read()


def handshake(headers: dict[str, str], fields: tuple[str, ...] = (), accept: bool = True) -> bytes:
    """The 101 to a request with these headers.

    Args:
        headers: Of the request, in lower case.
        fields: Further lines of the head.
        accept: Whether the key is the right one.
    """
    key = base64.b64encode(hashlib.sha1(headers["sec-websocket-key"].encode() + GUID).digest())
    lines = [
        "HTTP/1.1 101 Switching Protocols",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Accept: {key.decode() if accept else 'wrong'}",
        *fields,
    ]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def websocket_server(
    session: Callable[[WebSocket], None], rest: Callable[[str, dict[str, str]], bytes] | None = None
) -> Callable[[Connection], None]:
    """A script: `session` for each upgraded connection, `rest` for other requests (default: all well)."""

    def script(connection: Connection) -> None:
        while (request := connection.read_request()) is not None:
            line, headers, _ = request
            if "upgrade" not in headers:
                connection.send(rest(line, headers) if rest else answer(b'{"status":"OK"}'))
                continue
            connection.send(handshake(headers))
            ws = WebSocket(connection, headers | {":line": line})
            session(ws)
            ws.read_ping()
            return

    return script
