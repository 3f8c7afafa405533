"""The floor of async calls: an `asyncio.Protocol` for HTTP/1.1 with a Content-Length, kept alive."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import cast
from urllib.parse import urlsplit

from benches.cases.measure import trusted

Answer = tuple[int, bytes]


class Connection(asyncio.Protocol):
    """One connection with one request at a time."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._waiting: asyncio.Future[Answer] | None = None
        self._data = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's is of no class of asyncio's.
        self._transport = cast("asyncio.Transport", transport)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(exc or ConnectionError("the server closed the connection"))

    def data_received(self, data: bytes) -> None:
        data = self._data + data if self._data else data
        answer = read_answer(data)
        if answer is None:
            self._data = data
            return
        self._data = b""
        assert self._waiting is not None
        self._waiting.set_result(answer)

    def send(self, request: bytes) -> asyncio.Future[Answer]:
        """The answer to a request, once it is there."""
        self._waiting = self._loop.create_future()
        assert self._transport is not None
        self._transport.write(request)
        return self._waiting

    def close(self) -> None:
        """Close it at once."""
        if self._transport is not None:
            self._transport.abort()


def read_answer(data: bytes) -> Answer | None:
    """Status and content of an answer; `None` until all of it is there."""
    end = data.find(b"\r\n\r\n")
    if end < 0:
        return None
    at = data.index(b"Content-Length: ") + 16
    length = end + 4 + int(data[at : data.index(b"\r", at)])
    return (int(data[9:12]), data[end + 4 : length]) if len(data) >= length else None


@asynccontextmanager
async def raw_connections(url: str) -> AsyncIterator[Callable[[], Awaitable[Answer]]]:
    """GETs of a URL, each by a connection that is free or a new one."""
    address = urlsplit(url)
    secure = ssl.create_default_context(cafile=trusted()) if address.scheme == "https" else None
    host, port = address.hostname, address.port
    assert host is not None
    assert port is not None
    request = f"GET {address.path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer bench\r\n\r\n".encode()
    loop = asyncio.get_running_loop()
    free: list[Connection] = []
    every: list[Connection] = []

    async def call() -> Answer:
        if free:
            connection = free.pop()
        else:
            _, connection = await loop.create_connection(Connection, host, port, ssl=secure)
            every.append(connection)
        answer = await connection.send(request)
        free.append(connection)
        return answer

    try:
        yield call
    finally:
        for connection in every:
            connection.close()
