"""Where a server may be: a unix socket, a sub-path, an IPv6 address, a name of another script."""

import socket
from pathlib import Path
from typing import Any

import pytest

from matterapi.client import exceptions as e
from tests.support.both_ways import WAYS, Reached, reach
from tests.support.scripted import scripted

pytestmark = pytest.mark.parametrize("way", WAYS)


async def test_a_unix_socket_takes_calls_and_websockets(way: str, tmp_path: Path) -> None:
    path, reached = tmp_path / "local.socket", Reached()
    with scripted(reached.script(), path=path):
        await reach(way, f"unix://{path}")
        await reach(way, f"unix://{path}", options_auth=None)
    line, headers = reached.heads[0]
    assert line.startswith("GET /api/v4/")
    assert headers["host"] == "localhost"


async def test_an_absent_unix_socket_is_a_connect_error(way: str, tmp_path: Path) -> None:
    if "websocket" in way:
        pytest.skip("a websocket waits for its server")
    with pytest.raises(e.ConnectError):
        await reach(way, f"unix://{tmp_path}/absent.socket")


async def test_websockets_may_have_a_server_of_their_own(way: str) -> None:
    calls, sockets = Reached(), Reached()
    with scripted(calls.script()) as server, scripted(sockets.script()) as other:
        ws_url = other.url.replace("http", "ws") + "/events"
        await reach(way, server.url, ws_url=ws_url)
    (used, unused) = (calls, sockets) if "HTTP" in way else (sockets, calls)
    path = "/api/v4/users/me" if "HTTP" in way else "/events/api/v4/websocket"
    assert [line for line, _ in used.heads] == [f"GET {path} HTTP/1.1"]
    assert unused.heads == []


@pytest.mark.parametrize("slashes", ["", "/", "//"])
async def test_a_sub_path_stays_before_every_path(way: str, slashes: str) -> None:
    reached = Reached()
    with scripted(reached.script()) as server:
        await reach(way, f"{server.url}/chat/team{slashes}")
    target = "/api/v4/users/me" if "HTTP" in way else "/api/v4/websocket"
    assert reached.heads[0][0] == f"GET /chat/team{target} HTTP/1.1"


async def test_an_ipv6_address_is_an_address(way: str) -> None:
    if not socket.has_dualstack_ipv6():
        pytest.skip("this machine has no IPv6")
    reached = Reached()
    with scripted(reached.script(), host="::1") as server:
        await reach(way, server.url)
    assert reached.heads[0][1]["host"].startswith("[::1]:")


async def test_headers_cookies_and_parameters_go_out_with_everything(way: str) -> None:
    reached = Reached()
    sent: dict[str, Any] = {
        "headers": [("X-Own", "1"), ("X-Own", "2")],
        "cookies": {"node": "a"},
        "params": {"k": ["v w", True], "q": None},
        "auth": ("ann", "sesame"),
    }
    with scripted(reached.script()) as server:
        await reach(way, server.url, options_auth=None, **sent)
    line, headers = reached.heads[0]
    assert line.split()[1].endswith("?k=v+w&k=true&q=")
    assert headers["x-own"] == "2"
    assert headers["cookie"] == "node=a"
    assert headers["authorization"] == "Basic YW5uOnNlc2FtZQ=="
