"""A websocket flood met by a process of its own: `python -m tests.attacks.floods flood kind wire`.

Prints what the handler got and the growth of the memory's peak in KiB.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

from tests.support.certificates import Authority
from tests.support.faces import make_client
from tests.support.memory import peak
from tests.support.scripted import scripted
from tests.support.websocket import WebSocket, framed, websocket_server

MIB = 1024 * 1024
ROUNDS = 64


class Enough(Exception):
    """Raised by the handler to end the stream."""


class Flood:
    """What the server sends after its first event, and how the handler takes it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.sent = threading.Event()
        self.seen: list[Any] = []
        self.before = 0

    def session(self, ws: WebSocket) -> None:
        ws.hello()
        ws.event("posted", 1, round=0)
        flood = {"pings": self.pings, "hellos": self.hellos}[self.name]()
        for number in range(1, ROUNDS + 1):
            ws.connection.send(flood)
            # After a hello the server counts anew.
            ws.event("posted", 1 if self.name == "hellos" else number + 1, round=number)
        self.sent.set()
        ws.connection.wait_closed()

    @staticmethod
    def pings() -> bytes:
        """A MiB of pings, whose answers nobody reads."""
        return framed(b"p" * 125, opcode=9) * (MIB // 127)

    @staticmethod
    def hellos() -> bytes:
        """A MiB of a server's version, told again and again while the handler is busy."""
        text = b'{"event": "hello", "data": {"server_version": "%s"}, "seq": 0}' % (b"1" * MIB)
        return framed(text)

    def handle(self, event: dict[str, Any]) -> None:
        number = event["data"]["round"]
        if number == 0:
            self.before = peak()
            if self.name == "hellos":
                self.sent.wait(30)
        self.seen.append(number)
        if number == ROUNDS:
            raise Enough


async def main(flood: Flood, kind: str, wire: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        authority = Authority(Path(folder))
        context, http = (authority.server(), {"verify": str(authority.file)}) if wire == "tls" else (None, {})
        with scripted(websocket_server(flood.session), context) as server:
            more = {"httpx_client_options": http, "ws_concurrent": False}
            client = make_client(kind, server.url, {"token": "t" * 26}, **more)
            try:
                await (client.start_ws_sync if kind == "sync" else client.start_ws)(flood.handle)
            except Enough:
                print(flood.seen == list(range(ROUNDS + 1)))
                print(peak() - flood.before)


if __name__ == "__main__":
    asyncio.run(main(Flood(sys.argv[1]), *sys.argv[2:]))
