"""An error about a connection that was not made says where it should have gone, and through what."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from matterapi import exceptions
from matterapi.events import Disconnected
from tests.support.scripted import Connection, answer, scripted

pytestmark = pytest.mark.asyncio

Connect = Callable[..., Any]


@contextmanager
def closed_port() -> Iterator[int]:
    """A port of this machine that nobody listens on and nobody else gets."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


async def test_a_refused_connection_names_host_and_port(connect: Connect) -> None:
    with closed_port() as port:
        with pytest.raises(
            exceptions.ConnectError, match=rf"cannot connect to 127\.0\.0\.1:{port}: "
        ) as caught:
            await connect(f"http://127.0.0.1:{port}").users.get_user("me")
    assert caught.value.retryable


async def test_a_refused_proxy_is_named_without_its_password(connect: Connect) -> None:
    with closed_port() as port:
        http = {"proxy": f"http://ann:secret@127.0.0.1:{port}"}
        client = connect("http://127.0.0.9:80", httpx_client_options=http)
        with pytest.raises(exceptions.ConnectError) as caught:
            await client.users.get_user("me")
    assert f"127.0.0.9:80 through the proxy 127.0.0.1:{port} (from the options): " in str(caught.value)
    assert "secret" not in str(caught.value)
    assert caught.value.retryable


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_a_refused_proxy_of_the_environment_is_named_as_such(
    connect: Connect, monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    with closed_port() as port:
        monkeypatch.setenv("ALL_PROXY", f"http://ann:secret@127.0.0.1:{port}")
        with pytest.raises(exceptions.ConnectError) as caught:
            await connect(f"{scheme}://127.0.0.9").users.get_user("me")
    said = f"through the proxy 127.0.0.1:{port} (from {scheme.upper()}_PROXY or ALL_PROXY): "
    assert said in str(caught.value)
    assert "secret" not in str(caught.value)


async def test_a_websocket_says_the_same(connect: Connect) -> None:
    with closed_port() as port:
        async with connect(f"http://127.0.0.1:{port}").events(Disconnected) as stream:
            event = await anext(aiter(stream))
    assert f"cannot connect to 127.0.0.1:{port}: " in event.reason


async def test_a_port_without_tls_is_told_from_a_certificate_that_is_not_good(connect: Connect) -> None:
    def script(connection: Connection) -> None:
        connection.socket.recv(1)
        connection.send(answer(b"bad request", "400 Bad Request"))

    with scripted(script) as server:
        with pytest.raises(exceptions.TLSError, match="does not speak TLS") as caught:
            await connect(server.url.replace("http:", "https:")).users.get_user("me")
    assert "certificate authority" not in str(caught.value)
