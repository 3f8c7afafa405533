"""What the benchmark server itself can do, read by plain sockets: `python -m benches.ceiling`.

A client that comes near these figures would be measuring the server.
"""

from __future__ import annotations

import selectors
import socket
import tempfile
import time
from pathlib import Path

from benches import awake
from benches.served import Events
from benches.servers import serving, write_pages

ROOT = Path(__file__).resolve().parent.parent
REQUEST = b"GET /api/v4/users/me HTTP/1.1\r\nHost: bench\r\n\r\n"
UPGRADE = (
    b"GET /api/v4/websocket HTTP/1.1\r\nHost: bench\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
)
SECONDS = 2.0


def requests_per_second(port: int, connections: int) -> float:
    """Calls in a second, each connection with one request on its way."""
    with selectors.DefaultSelector() as selector:
        sockets = [socket.create_connection(("127.0.0.1", port)) for _ in range(connections)]
        for connection in sockets:
            connection.sendall(REQUEST)
            selector.register(connection, selectors.EVENT_READ, connection)
        answers = 0
        start = time.perf_counter()
        while time.perf_counter() < start + SECONDS:
            for key, _ in selector.select():
                # An answer is smaller than a segment on loopback: one read takes all of it.
                key.data.recv(8192)
                key.data.sendall(REQUEST)
                answers += 1
        seconds = time.perf_counter() - start
        for connection in sockets:
            connection.close()
    return answers / seconds


def events_per_second(port: int, events: int) -> float:
    """Events in a second, their bytes read and thrown away."""
    last = b'"seq": %d}' % events, b'"seq":%d}\n' % events
    buffer = bytearray(256 * 1024)
    with socket.create_connection(("127.0.0.1", port)) as connection:
        start = time.perf_counter()
        connection.sendall(UPGRADE)
        tail = b""
        while not tail.endswith(last):
            size = connection.recv_into(buffer)
            if size == 0:
                raise ConnectionError("the server closed the websocket early")
            tail = (tail + buffer[max(0, size - 32) : size])[-32:]
        return events / (time.perf_counter() - start)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        write_pages(Path(folder))
        with serving("rust", Events(), Path(folder), ROOT) as address:
            port = int(address.url.rpartition(":")[2])
            with awake.processors_awake():
                print(f"1 in flight: {requests_per_second(port, 1):,.0f} requests/s")
            print(f"64 in flight: {requests_per_second(port, 64):,.0f} requests/s")
            print(f"websocket: {events_per_second(port, Events().count):,.0f} events/s")


if __name__ == "__main__":
    main()
