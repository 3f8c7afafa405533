"""Cases carried out: a server that sends them, and a stream of events that meets one after the other."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from hashlib import sha256
from typing import NamedTuple, TypeAlias, cast

from matterapi.events import Disconnected, PluginEvent
from matterapi.events.event import arrival_of
from tests.support.faces import make_client
from tests.support.scripted import scripted
from tests.support.websocket import WebSocket, websocket_server

from .case import CLOSE, NO_CLOSE, NO_CODE, PING, PONG, AnyCase

_END = b"end of the case"
_PATIENCE = 60.0

Said: TypeAlias = tuple[tuple[bytes, ...], int | None]
"""The payloads of the client's Pongs, and the code of the Close with which it ended the connection."""


class Outcome(NamedTuple):
    """What the client made of a case; see `Case`. Of its messages the digests are kept."""

    delivered: tuple[bytes, ...]
    pongs: tuple[bytes, ...]
    close: int | None

    def __str__(self) -> str:
        """The outcome in words."""
        events = {0: "", 1: "event"}.get(len(self.delivered), f"{len(self.delivered)} events")
        pongs = {0: "", 1: "Pong"}.get(len(self.pongs), f"{len(self.pongs)} Pongs")
        ends = {None: "goes on", NO_CODE: "Close without a code", NO_CLOSE: "cut without a Close"}
        end = ends.get(self.close, f"Close {self.close}")
        return ", ".join(part for part in (events, pongs, end) if part)


def expected(case: AnyCase) -> Outcome:
    """What has to come of a case."""
    return Outcome(tuple(map(_digest, case.delivered)), case.pongs, case.close)


def _digest(message: bytes) -> bytes:
    return sha256(message).digest()


async def outcomes(kind: str, cases: Sequence[AnyCase]) -> list[Outcome]:
    """What comes of each case with clients of this kind, each with a client and a connection of its own."""
    numbered = {f"{number:026}": case for number, case in enumerate(cases)}

    def session(ws: WebSocket) -> None:
        # The token says which case it is; a client that connects again comes too late for it.
        case = numbered.pop(ws.headers["authorization"].removeprefix("Bearer "), None)
        if case is None:
            ws.connection.wait_closed()
        else:
            server.seen.put(_converse(ws, case))

    found: list[Outcome] = []
    with scripted(websocket_server(session)) as server:
        for token in list(numbered):
            client = make_client(kind, server.url, {"token": token})
            delivered: list[bytes] = []
            async with client.events(PluginEvent, Disconnected, missed="skip") as stream:
                while isinstance(event := await asyncio.wait_for(stream.__anext__(), _PATIENCE), PluginEvent):
                    delivered.append(_digest(arrival_of(event).frame or b""))
            await client.aclose()
            pongs, code = cast("Said", await asyncio.to_thread(server.seen.get, timeout=_PATIENCE))
            found.append(Outcome(tuple(delivered), pongs, code))
    return found


def _converse(ws: WebSocket, case: AnyCase) -> Said:
    """Send a case, and read what the client says to it."""
    ws.read_ping()
    ws.hello()
    # A client that has had enough closes before all is sent.
    with suppress(ConnectionError):
        for piece in case.sent:
            ws.connection.send(piece)
        ws.send(_END, PING)
    pongs: list[bytes] = []
    code: int | None = NO_CLOSE
    with suppress(ConnectionError):
        while (frame := ws.read()) is not None:
            opcode, payload = frame
            if opcode == CLOSE:
                code = int.from_bytes(payload[:2], "big") if payload else NO_CODE
                break
            if opcode == PONG and payload == _END:
                code = None
                _take_leave(ws)
                break
            if opcode == PONG:
                pongs.append(payload)
    return tuple(pongs), code


def _take_leave(ws: WebSocket) -> None:
    with suppress(ConnectionError):
        ws.close(1000)
        while ws.read() is not None:
            pass
