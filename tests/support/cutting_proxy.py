"""A TCP proxy that cuts websockets: as a network, a proxy or a server does it."""

from __future__ import annotations

import asyncio
import socket
import struct
import threading
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urlsplit

Way = Literal["rst", "close", "silence"]
"""How a connection is cut.

`rst`: both ends of every connection are reset. `close`: the client gets a Close frame, and no event after it.
`silence`: every connection stays open at both ends, and nothing that is sent arrives any more; with
`silent_for` the client's end is reset after that time, as by a machine in between that has forgotten the
connection, and the server does not hear of it.
"""

GOING_AWAY = b"\x88\x02" + struct.pack(">H", 1001)
_NO_LINGER = struct.pack("ii", 1, 0)


@dataclass(eq=False)
class _Link:
    """A client's connection, and the one to the server that belongs to it."""

    client: asyncio.StreamWriter
    server: asyncio.StreamWriter
    is_websocket: bool = False
    is_silent: bool = False
    is_closing: bool = False
    held: bytearray = field(default_factory=bytearray)

    def reset(self) -> None:
        for end in (self.client, self.server):
            _reset(end)


class CuttingProxy:
    """Forwards connections to a server, and cuts every websocket some seconds after its handshake.

    Args:
        url: The server's.
        ways: How to cut, in turn; none: nothing is cut.
        after: Seconds from a handshake until its cut, in turn.
        silent_for: See `Way`.

    Attributes:
        cuts: The ways of the cuts so far.
    """

    def __init__(
        self, url: str, ways: Sequence[Way], after: Sequence[float], silent_for: float | None = None
    ) -> None:
        parts = urlsplit(url)
        self._target = (parts.hostname or "127.0.0.1", parts.port or 80)
        self._ways = ways
        self._after = after
        self._silent_for = silent_for
        self._is_calm = False
        self._handshakes = 0
        self._links: set[_Link] = set()
        self._running: set[asyncio.Task[None]] = set()
        self._loop = asyncio.new_event_loop()
        self._listener: asyncio.Server | None = None
        self._thread = threading.Thread(target=self._loop.run_forever)
        self.cuts: list[Way] = []

    @property
    def url(self) -> str:
        assert self._listener is not None
        host, port = self._listener.sockets[0].getsockname()
        return f"http://{host}:{port}"

    def start(self) -> None:
        self._thread.start()
        self._run(self._listen())

    def calm(self) -> None:
        """Cut nothing from now on; what is silent stays so."""
        self._is_calm = True

    def stop(self) -> None:
        self._run(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def _run(self, what: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(what, self._loop).result(10)

    async def _listen(self) -> None:
        self._listener = await asyncio.start_server(self._accepted, "127.0.0.1", 0)

    async def _end(self) -> None:
        assert self._listener is not None
        self._listener.close()
        for link in list(self._links):
            link.reset()
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    async def _accepted(self, from_client: asyncio.StreamReader, client: asyncio.StreamWriter) -> None:
        try:
            from_server, server = await asyncio.open_connection(*self._target)
        except OSError:
            _reset(client)
            return
        link = _Link(client, server)
        self._links.add(link)
        for pump in (self._up(from_client, link), self._down(from_server, link)):
            task = asyncio.ensure_future(pump)
            self._running.add(task)
            task.add_done_callback(self._running.discard)

    async def _up(self, source: asyncio.StreamReader, link: _Link) -> None:
        with suppress(OSError):
            while data := await source.read(65536):
                if b"upgrade: websocket" in data.lower():
                    link.is_websocket = True
                if not link.is_silent:
                    link.server.write(data)
                    await link.server.drain()
        self._ended(link)

    async def _down(self, source: asyncio.StreamReader, link: _Link) -> None:
        """Of a websocket only whole frames are forwarded, so that another one may come between two."""
        with suppress(OSError):
            while data := await source.read(65536):
                if link.is_silent or link.is_closing:
                    continue
                if link.is_websocket:
                    link.held += data
                    data = self._take_whole(link)
                link.client.write(data)
                await link.client.drain()
        self._ended(link)

    def _ended(self, link: _Link) -> None:
        """One end is gone, of which the other one hears, unless there is silence between them."""
        if not link.is_silent:
            link.client.close()
            link.server.close()
            self._links.discard(link)

    def _take_whole(self, link: _Link) -> bytes:
        size = 0
        if link.held.startswith(b"HTTP/1.1 "):
            size = link.held.find(b"\r\n\r\n") + 4
            if size < 4:
                return b""
            if link.held.startswith(b"HTTP/1.1 101 "):
                self._shaken(link)
        size += whole_frames(memoryview(link.held)[size:])
        data = bytes(link.held[:size])
        del link.held[:size]
        return data

    def _shaken(self, link: _Link) -> None:
        if self._ways and not self._is_calm:
            number = self._handshakes
            self._handshakes += 1
            way = self._ways[number % len(self._ways)]
            self._loop.call_later(self._after[number % len(self._after)], self._cut, link, way)

    def _cut(self, link: _Link, way: Way) -> None:
        if self._is_calm or link not in self._links:
            return
        self.cuts.append(way)
        if way == "close":
            link.is_closing = True
            link.client.write(GOING_AWAY)
            return
        # Whatever cuts one connection of a machine in such a way cuts the others, too.
        for other in list(self._links):
            if way == "rst":
                other.reset()
                continue
            other.is_silent = True
            if self._silent_for is not None:
                self._loop.call_later(self._silent_for, _reset, other.client)


def whole_frames(data: memoryview | bytes) -> int:
    """The size of the whole frames, as a server sends them, at the beginning of `data`."""
    end = 0
    while len(data) - end >= 2:
        size, head = data[end + 1] & 0x7F, 2
        if size >= 126:
            head = 4 if size == 126 else 10
            if len(data) - end < head:
                break
            size = int.from_bytes(data[end + 2 : end + head], "big")
        if len(data) - end < head + size:
            break
        end += head + size
    return end


def _reset(end: asyncio.StreamWriter) -> None:
    sock = end.get_extra_info("socket")
    with suppress(OSError):
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
    end.transport.abort()


@contextmanager
def cutting_proxy(
    url: str, ways: Sequence[Way] = (), after: Sequence[float] = (5.0, 8.0), silent_for: float | None = None
) -> Iterator[CuttingProxy]:
    """A running `CuttingProxy`."""
    proxy = CuttingProxy(url, ways, after, silent_for)
    proxy.start()
    try:
        yield proxy
    finally:
        proxy.stop()
