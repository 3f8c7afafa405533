"""Reads websockets as fast as it can: `python -m benches.cases.emulator_reader PORT TOKEN SOCKETS EVENTS`.

Says `ready` when all sockets are open, and at the end what it got. An event that is missing, repeated or
out of order makes it fail.
"""

from __future__ import annotations

import json
import selectors
import socket
import sys

from benches.cases.measure import fingerprint

KEY = "AAECAwQFBgcICQoLDA0ODw=="
OURS = b'{"event": "custom_bench_event", '


class Stream:
    """One websocket, read as far as what has come."""

    def __init__(self, port: int, token: str) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        head = (
            "GET /api/v4/websocket HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            "Upgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {KEY}\r\nAuthorization: Bearer {token}\r\n\r\n"
        )
        self.socket.sendall(head.encode())
        self._buffer = b""
        while b'"event":"hello"' not in self._buffer:
            self._buffer += self.socket.recv(65536)
        self._buffer = self._buffer.partition(b"\r\n\r\n")[2]
        self.next_number = 0
        self._next_seq = 0

    def read(self) -> None:
        """Take what has come.

        Raises:
            AssertionError: An event is missing, or comes twice or too early.
        """
        data = self.socket.recv(1 << 20)
        assert data, "the stream ended"
        buffer, at = self._buffer + data, 0
        while (payload := _payload(buffer, at)) is not None:
            start, end = payload
            at = end
            self._take(buffer[start:end])
        self._buffer = buffer[at:]

    def _take(self, text: bytes) -> None:
        message = json.loads(text)
        assert message["seq"] == self._next_seq, (message["seq"], self._next_seq)
        self._next_seq += 1
        if text.startswith(OURS):
            assert message["data"]["number"] == self.next_number
            self.next_number += 1


def _payload(buffer: bytes, at: int) -> tuple[int, int] | None:
    """Where the payload of the frame at `at` starts and ends; None if it is not all there."""
    if len(buffer) < at + 4:
        return None
    size, start = buffer[at + 1], at + 2
    if size == 126:
        size, start = int.from_bytes(buffer[at + 2 : at + 4], "big"), at + 4
    return (start, start + size) if len(buffer) >= start + size else None


def main(port: int, token: str, sockets: int, events: int) -> None:
    streams = [Stream(port, token) for _ in range(sockets)]
    waiting = selectors.DefaultSelector()
    for stream in streams:
        waiting.register(stream.socket, selectors.EVENT_READ, stream)
    print("ready", flush=True)
    while any(stream.next_number < events for stream in streams):
        for key, _ in waiting.select():
            key.data.read()
    print(fingerprint([stream.next_number for stream in streams]), flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
