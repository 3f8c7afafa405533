"""Carries out the faults of requests: chooses them, has the request answered or not, and writes the bytes."""

from __future__ import annotations

import asyncio
import base64
import hashlib
from collections.abc import Awaitable, Callable

from aiohttp import web
from multidict import CIMultiDict

from matterapi.testing.catalogue import Operation
from matterapi.testing.events.socket import UPGRADE_HEAD
from matterapi.testing.listening import TcpConnection
from matterapi.testing.recording import RecordedRequest
from matterapi.testing.routing import PathError, RouteTable, below_subpath, decode_path

from .answers import EarlyAnswer, ReplacingFault
from .delivery import Delivery, DeliveryFault
from .fault import RequestFault
from .rules import Faults, Rule
from .spoiling import SpoilingFault
from .waiting import first
from .wire import WireAnswer, Written, date_header, flush, from_response, reset

WEBSOCKET_ROUTE = "GET /api/v4/websocket"
_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_SLICE_S = 0.02

Honest = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


class RequestFaults:
    """The faults of the requests of one running server.

    Args:
        faults: The rules.
        routes: Finds the operation of a request.
        subpath: Where the routes are.
    """

    def __init__(self, faults: Faults, routes: RouteTable, subpath: str) -> None:
        self._faults = faults
        self._routes = routes
        self._subpath = subpath
        self._removed = asyncio.Event()

    def look_again(self) -> None:
        """Look again at what rules still hold up."""
        self._removed.set()
        self._removed = asyncio.Event()

    async def released(self, rules: list[Rule]) -> None:
        """Wait until all of some rules are removed."""
        while any(self._faults.holds(rule) for rule in rules):
            await self._removed.wait()

    async def exchange(
        self, request: web.BaseRequest, record: RecordedRequest, connection: TcpConnection, honest: Honest
    ) -> web.StreamResponse:
        """Answer a request, with the faults that it meets.

        Args:
            request: The request.
            record: Its record, filled in on the way.
            connection: The connection it came on.
            honest: Answers it as the server does.
        """
        if not len(self._faults):
            return await honest(request)
        operation = self._operation(request)
        chosen = self._choose(operation.route if operation else None, connection.number)
        if not chosen:
            return await honest(request)
        for rule in chosen:
            for fault in rule.faults:
                self._faults.note(rule, fault, connection.number, record)
        record.operation = operation.id if operation else None
        play = _Play(self, request, record, connection, chosen)
        return await play.run(
            honest, is_websocket=operation is not None and operation.route == WEBSOCKET_ROUTE
        )

    def _operation(self, request: web.BaseRequest) -> Operation | None:
        try:
            path = decode_path(request.raw_path.partition("?")[0])
        except PathError:
            return None
        inside = below_subpath(path, self._subpath)
        found = None if inside is None else self._routes.find(request.method, inside)
        return None if found is None else found[0]

    def _choose(self, route: str | None, number: int) -> list[Rule]:
        """Draw the rules of one occasion; only the oldest that replaces the answer has its turn."""
        chosen: list[Rule] = []
        replaced = False
        for rule in self._faults.applying(RequestFault, route, number):
            replaces = any(isinstance(fault, ReplacingFault) for fault in rule.faults)
            if (replaces and replaced) or not rule.draw():
                continue
            chosen.append(rule)
            replaced = replaced or replaces
        return chosen


class _Play:
    """One request with faults."""

    def __init__(
        self,
        owner: RequestFaults,
        request: web.BaseRequest,
        record: RecordedRequest,
        connection: TcpConnection,
        rules: list[Rule],
    ) -> None:
        self._owner = owner
        self._request = request
        self._record = record
        self._connection = connection
        self._rules = rules
        faults = [fault for rule in rules for fault in rule.faults]
        self._replacing = next((one for one in faults if isinstance(one, ReplacingFault)), None)
        self._spoiling = [one for one in faults if isinstance(one, SpoilingFault)]
        self._delivery = Delivery()
        for fault in faults:
            if isinstance(fault, DeliveryFault):
                fault.shape(self._delivery)

    async def run(self, honest: Honest, *, is_websocket: bool) -> web.StreamResponse:
        """Return what aiohttp is told of the answer."""
        delivery = self._delivery
        if is_websocket and delivery.stops_at is None and self._replacing is None:
            return await self._upgrade(honest)
        transport = self._request.transport
        if transport is None:
            return Written(0, ends=True)
        early = isinstance(self._replacing, EarlyAnswer)
        answer = await self._answer(honest, is_websocket=is_websocket)
        self._record.status = answer.status
        await self._pause(delivery.delay)
        ended = await self._write(transport, answer)
        if not ended and early:
            await self._end_early(transport)
        ends = ended or answer.closes
        if not ends and delivery.idle is not None:
            asyncio.get_running_loop().call_later(delivery.idle, self._end_idle, transport)
        return Written(answer.status, ends=ends)

    async def _upgrade(self, honest: Honest) -> web.StreamResponse:
        """Answer an upgrade late, slowly or wrongly, and let the server talk after that."""
        await self._pause(self._delivery.delay)
        transport = self._request.transport
        if transport is not None and (self._spoiling or self._delivery.rate is not None):
            answer = _upgraded(self._request)
            for fault in self._spoiling:
                fault.spoil(answer)
            answer.framing = "none"
            head = answer.encode()[0]
            if self._delivery.rate is not None:
                await self._write_slowly(transport, head[:-1])
                head = head[-1:]
            UPGRADE_HEAD.set(head)
        return await honest(self._request)

    async def _answer(self, honest: Honest, *, is_websocket: bool) -> WireAnswer:
        if self._replacing is not None:
            limit = self._replacing.after if isinstance(self._replacing, EarlyAnswer) else None
            await self._read(limit)
            answer = self._replacing.answer()
            answer.closes = answer.closes or not self._keeps_alive()
        elif is_websocket:
            answer = _upgraded(self._request)
        elif self._delivery.handles:
            response = await honest(self._asked())
            if not isinstance(response, web.Response):
                raise TypeError(f"{type(response).__name__} has been written already")
            answer = from_response(response)
            answer.closes = not self._keeps_alive()
        else:
            await self._read(None)
            answer = WireAnswer(0, [], b"", raw=b"")
        for fault in self._spoiling:
            fault.spoil(answer)
        if self._request.method == "HEAD" and answer.raw is None:
            answer.framing, answer.framed = "none", b""
        return answer

    def _asked(self) -> web.BaseRequest:
        """Return the request as the server is to see it."""
        headers = CIMultiDict(self._request.headers)
        if self._spoiling:
            headers.popall("Accept-Encoding", None)
        if not self._delivery.continues:
            headers.popall("Expect", None)
        return self._request.clone(headers=headers)

    def _keeps_alive(self) -> bool:
        return bool(self._request.keep_alive)

    async def _read(self, limit: int | None) -> None:
        """Read the body into the record, up to `limit` bytes."""
        expects = self._request.headers.get("Expect", "").lower() == "100-continue"
        transport = self._request.transport
        if expects and limit is None and self._delivery.continues and transport is not None:
            transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        body = bytearray()
        while limit is None or len(body) < limit:
            chunk = await self._request.content.readany()
            if not chunk:
                break
            body += chunk
        self._record.body = bytes(body)

    async def _pause(self, seconds: float) -> None:
        """Wait, but not for a client that is gone."""
        if seconds:
            await first(asyncio.sleep(seconds), self._connection.lost.wait())

    async def _write(self, transport: asyncio.Transport, answer: WireAnswer) -> bool:
        """Write the answer; tells whether the connection has been ended."""
        data, body_at = answer.encode()
        delivery = self._delivery
        stops_at = delivery.stops_at
        if stops_at is None:
            await self._write_slowly(transport, data)
            return transport.is_closing()
        stops_at += body_at if delivery.of_body else 0
        await self._write_slowly(transport, data[:stops_at])
        await flush(transport)
        if delivery.ending == "stall":
            ended = asyncio.sleep(delivery.stall) if delivery.stall is not None else self._released()
            await first(ended, self._connection.lost.wait())
            await self._write_slowly(transport, data[stops_at:])
            return transport.is_closing()
        if delivery.ending == "reset":
            reset(transport)
        else:
            transport.close()
        return True

    async def _released(self) -> None:
        await self._owner.released(self._rules)

    async def _write_slowly(self, transport: asyncio.Transport, data: bytes) -> None:
        rate = self._delivery.rate
        if rate is None:
            if not transport.is_closing():
                transport.write(data)
            return
        size = max(int(rate * _SLICE_S), 1)
        for start in range(0, len(data), size):
            if transport.is_closing():
                return
            transport.write(data[start : start + size])
            await self._pause(min(size, len(data) - start) / rate)

    def _end_idle(self, transport: asyncio.Transport) -> None:
        if transport.is_closing():
            return
        if self._delivery.idle_resets:
            reset(transport)
        else:
            transport.close()

    async def _end_early(self, transport: asyncio.Transport) -> None:
        """End the connection of an answer that came before the end of the request."""
        await flush(transport)
        if isinstance(self._replacing, EarlyAnswer) and self._replacing.resets:
            reset(transport)
            return
        while await self._request.content.readany():
            pass


def _upgraded(request: web.BaseRequest) -> WireAnswer:
    """Return the answer to an upgrade."""
    key = request.headers.get("Sec-WebSocket-Key", "").encode("latin-1")
    accept = base64.b64encode(hashlib.sha1(key + _GUID).digest()).decode()  # noqa: S324
    headers = [("Upgrade", "websocket"), ("Sec-WebSocket-Accept", accept), date_header()]
    headers.append(("Connection", "Upgrade"))
    return WireAnswer(101, headers, b"", framing="none")
