"""Carries out the faults of requests: chooses them, has the request answered or not, and writes the bytes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from aiohttp import web
from multidict import CIMultiDict

from matterapi.testing.catalogue.operations import Operation
from matterapi.testing.catalogue.routing import PathError, RouteTable, below_subpath, decode_path
from matterapi.testing.http.listener import TcpConnection
from matterapi.testing.http.request_log import RecordedRequest
from matterapi.testing.websocket.endpoint import UPGRADE_HEAD
from matterapi.testing.websocket.handshake import accept_key

from .delivery import Delivery, DeliveryFault
from .fault import RequestFault
from .responses import EarlyResponse, ReplacingFault
from .rules import Faults, Rule
from .spoiling import SpoilingFault
from .waiting import first
from .wire import (
    WireResponse,
    WrittenResponse,
    date_header,
    flush,
    from_response,
    reset,
)

WEBSOCKET_ROUTE = "GET /api/v4/websocket"
_SLICE_S = 0.02

Respond = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


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
        self, request: web.BaseRequest, record: RecordedRequest, connection: TcpConnection, respond: Respond
    ) -> web.StreamResponse:
        """Answer a request, with the faults that it meets.

        Args:
            request: The request.
            record: Its record, filled in on the way.
            connection: The connection it came on.
            respond: Answers it as the server does.
        """
        if not len(self._faults):
            return await respond(request)
        operation = self._operation(request)
        chosen = self._choose(operation.route if operation else None, connection.number)
        if not chosen:
            return await respond(request)
        for rule in chosen:
            for fault in rule.faults:
                self._faults.note(rule, fault, connection.number, record)
        record.operation = operation.id if operation else None
        play = _FaultyExchange(self, request, record, connection, chosen)
        return await play.run(
            respond, is_websocket=operation is not None and operation.route == WEBSOCKET_ROUTE
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
        """Draw the rules of one occasion; only the oldest that replaces the response has its turn."""
        chosen: list[Rule] = []
        replaced = False
        for rule in self._faults.applying(RequestFault, route, number):
            replaces = any(isinstance(fault, ReplacingFault) for fault in rule.faults)
            if (replaces and replaced) or not rule.draw():
                continue
            chosen.append(rule)
            replaced = replaced or replaces
        return chosen


class _FaultyExchange:
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
        self._replacing = next(
            (wanted_fault for wanted_fault in faults if isinstance(wanted_fault, ReplacingFault)), None
        )
        self._spoiling = [wanted_fault for wanted_fault in faults if isinstance(wanted_fault, SpoilingFault)]
        self._delivery = Delivery()
        for fault in faults:
            if isinstance(fault, DeliveryFault):
                fault.shape(self._delivery)

    async def run(self, respond: Respond, *, is_websocket: bool) -> web.StreamResponse:
        """Return what aiohttp is told of the response."""
        delivery = self._delivery
        if is_websocket and delivery.stops_at is None and self._replacing is None:
            return await self._upgrade(respond)
        transport = self._request.transport
        if transport is None:
            return WrittenResponse(0, ends=True)
        early = isinstance(self._replacing, EarlyResponse)
        response = await self._respond(respond, is_websocket=is_websocket)
        self._record.status = response.status
        await self._pause(delivery.delay)
        ended = await self._write(transport, response)
        if not ended and early:
            await self._end_early(transport)
        ends = ended or response.closes
        if not ends and delivery.idle is not None:
            asyncio.get_running_loop().call_later(delivery.idle, self._end_idle, transport)
        return WrittenResponse(response.status, ends=ends)

    async def _upgrade(self, respond: Respond) -> web.StreamResponse:
        """Answer an upgrade late, slowly or wrongly, and let the server talk after that."""
        await self._pause(self._delivery.delay)
        transport = self._request.transport
        if transport is not None and (self._spoiling or self._delivery.rate is not None):
            response = _upgraded(self._request)
            for fault in self._spoiling:
                fault.spoil(response)
            response.framing = "none"
            head = response.encode()[0]
            if self._delivery.rate is not None:
                await self._write_slowly(transport, head[:-1])
                head = head[-1:]
            UPGRADE_HEAD.set(head)
        return await respond(self._request)

    async def _respond(self, respond: Respond, *, is_websocket: bool) -> WireResponse:
        if self._replacing is not None:
            limit = self._replacing.after if isinstance(self._replacing, EarlyResponse) else None
            await self._read(limit)
            response = self._replacing.wire_response()
            response.closes = response.closes or not self._keeps_alive()
        elif is_websocket:
            response = _upgraded(self._request)
        elif self._delivery.handles:
            sent = await respond(self._asked())
            if not isinstance(sent, web.Response):
                raise TypeError(f"{type(sent).__name__} has been written already")
            response = from_response(sent)
            response.closes = not self._keeps_alive()
        else:
            await self._read(None)
            response = WireResponse(0, [], b"", raw=b"")
        for fault in self._spoiling:
            fault.spoil(response)
        if self._request.method == "HEAD" and response.raw is None:
            response.framing, response.framed = "none", b""
        return response

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

    async def _write(self, transport: asyncio.Transport, response: WireResponse) -> bool:
        """Write the response; tells whether the connection has been ended."""
        data, body_at = response.encode()
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
        """End the connection of a response that came before the end of the request."""
        await flush(transport)
        if isinstance(self._replacing, EarlyResponse) and self._replacing.resets:
            reset(transport)
            return
        while await self._request.content.readany():
            pass


def _upgraded(request: web.BaseRequest) -> WireResponse:
    """Return the response to an upgrade."""
    accept = accept_key(request.headers.get("Sec-WebSocket-Key", ""))
    headers = [("Upgrade", "websocket"), ("Sec-WebSocket-Accept", accept), date_header()]
    headers.append(("Connection", "Upgrade"))
    return WireResponse(101, headers, b"", framing="none")
