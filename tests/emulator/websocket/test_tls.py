"""The websocket over TLS, by a client that shares no code with ours."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest

from matterapi.testing import MattermostServer

_PATIENCE_S = 20.0


@pytest.fixture
def encrypted() -> Iterator[MattermostServer]:
    with MattermostServer(tls=True) as server:
        yield server


@asynccontextmanager
async def connected(server: MattermostServer) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    context = ssl.create_default_context(cadata=(server.ca_pem or b"").decode())
    headers = {"Authorization": f"Bearer {server.admin.token}"}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.ws_connect(f"{server.url}/api/v4/websocket", ssl=context) as socket,
    ):
        connection = socket._response.connection
        assert connection is not None
        transport = connection.transport
        assert transport is not None
        yield socket
    # aiohttp does not wait for the end of TLS, which would outlive the loop and be told of in another test.
    transport.abort()
    await asyncio.sleep(0)


async def received(socket: aiohttp.ClientWebSocketResponse) -> Any:
    return json.loads(await socket.receive_str(timeout=_PATIENCE_S))


async def test_events_go_on_after_the_first(encrypted: MattermostServer) -> None:
    async with connected(encrypted) as socket:
        assert (await received(socket))["event"] == "hello"
        assert (await received(socket))["event"] == "status_change"
        for number in range(3):
            encrypted.emit("custom_test_event", {"number": number})
            assert (await received(socket))["data"] == {"number": number}
        await socket.send_json({"seq": 1, "action": "ping"})
        assert (await received(socket))["data"]["text"] == "pong"


async def test_many_and_large_events_arrive_in_order(encrypted: MattermostServer) -> None:
    async with connected(encrypted) as socket:
        sent = [{"number": number, "fill": "x" * 60_000} for number in range(100)]
        emitting = asyncio.create_task(
            asyncio.to_thread(encrypted.emit, "custom_test_event", sent[0], copies=sent[1:])
        )
        numbers = list[int]()
        while len(numbers) < len(sent):
            message = await received(socket)
            if message["event"] == "custom_test_event":
                numbers.append(message["data"]["number"])
        assert numbers == list(range(100))
        await emitting


async def test_a_close_is_answered(encrypted: MattermostServer) -> None:
    async with connected(encrypted) as socket:
        assert (await received(socket))["event"] == "hello"
        await socket.close(code=1000)
        assert socket.close_code == 1000


async def test_a_restart_ends_the_socket_without_a_close_frame(encrypted: MattermostServer) -> None:
    async with connected(encrypted) as socket:
        assert (await received(socket))["event"] == "hello"
        assert (await received(socket))["event"] == "status_change"
        encrypted.restart_sockets()
        message = await socket.receive(timeout=_PATIENCE_S)
        assert message.type in (aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.ERROR)


async def test_a_client_that_does_not_read_is_cut_off(encrypted: MattermostServer) -> None:
    async with connected(encrypted) as socket:
        assert (await received(socket))["event"] == "hello"
        event = {"fill": "x" * 200_000}
        await asyncio.to_thread(encrypted.emit, "custom_test_event", event, copies=[event] * 500)
        assert encrypted.connections == []
