"""Redirects: off by default; followed by safe rules when asked for, by calls and by the websocket alike."""

from pathlib import Path
from typing import Any

import pytest

from matterapi.client import exceptions as e
from tests.support.both_ways import WAYS, Reached, reach
from tests.support.certificates import Authority
from tests.support.scripted import Connection, Script, answer, scripted, serve

FOLLOW = {"httpx_client_options": {"follow_redirects": True}}
CANARY = "CANARY" * 5
SECRETS = {"headers": {"X-Api-Key": CANARY, "Cookie": CANARY, "X-Own": CANARY}, "params": {"k": CANARY}}


def moved(to: str, status: int = 302) -> bytes:
    return answer(b"", f"{status} Moved", Location=to, Connection="close")


def at(path: str, redirect: bytes, otherwise: Script) -> Script:
    """Answers requests for `path` with a redirect, and leaves the connection to `otherwise` else."""

    def script(connection: Connection) -> None:
        if f" {path}" in connection.peek():
            connection.read_request()
            connection.send(redirect)
        else:
            otherwise(connection)

    return script


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_at_home_is_followed_with_credentials(way: str, status: int) -> None:
    reached = Reached()
    with scripted(at("/api", moved("/chat/api/v4/users/me", status), reached.script())) as server:
        await reach(way, server.url, follow_redirects=True)
    line, headers = reached.heads[0]
    assert line == "GET /chat/api/v4/users/me HTTP/1.1"
    assert headers["authorization"].startswith("Bearer ")


@pytest.mark.parametrize("way", WAYS)
async def test_no_credential_goes_to_another_origin(way: str) -> None:
    reached = Reached()
    with scripted(reached.script()) as other:
        away = f"http://ann:{CANARY}@{other.url.partition('://')[2]}/there"
        with scripted(serve(moved(away))) as server:
            await reach(way, server.url, follow_redirects=True, **SECRETS)
    line, headers = reached.heads[0]
    assert line == "GET /there HTTP/1.1"
    assert CANARY not in str(headers)
    assert "authorization" not in headers
    assert headers["user-agent"].startswith("matterapi/")


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("differs", ["scheme", "host", "port"])
async def test_an_origin_is_scheme_and_host_and_port(
    way: str, status: int, differs: str, tmp_path: Path
) -> None:
    authority, reached = Authority(tmp_path), Reached()
    tls = authority.server() if differs == "scheme" else None
    with scripted(reached.script(), tls) as other:

        def home(connection: Connection) -> None:
            url = server.url.replace("127.0.0.1", "localhost") if differs == "host" else other.url
            at("/api", moved(f"{url}/there", status), reached.script())(connection)

        with scripted(home) as server:
            await reach(way, server.url, follow_redirects=True, verify=authority.file, **SECRETS)
    ((line, headers),) = reached.heads[:1]
    assert line == "GET /there HTTP/1.1"
    assert CANARY not in str(headers)
    assert "authorization" not in headers


@pytest.mark.parametrize("way", WAYS)
async def test_encryption_is_not_given_up(way: str, tmp_path: Path) -> None:
    authority, reached = Authority(tmp_path), Reached()
    with scripted(reached.script()) as plain, scripted(serve(moved(plain.url)), authority.server()) as server:
        with pytest.raises((e.ApiError, e.ProtocolError), match=r"302|redirected"):
            await reach(way, server.url, follow_redirects=True, verify=authority.file)
    assert reached.heads == []


@pytest.mark.parametrize("status", [301, 302, 303])
async def test_a_write_is_not_turned_into_a_read(connect: Any, status: int) -> None:
    lines: list[str] = []

    def script(connection: Connection) -> None:
        request = connection.read_request()
        assert request is not None
        lines.append(request[0])
        connection.send(moved("/elsewhere", status))

    with scripted(script) as server, pytest.raises(e.ApiError, match="elsewhere") as caught:
        await connect(server.url, **FOLLOW).posts.create_post(json_body={"channel_id": "c", "message": "m"})
    assert lines == ["POST /api/v4/posts HTTP/1.1"]
    assert caught.value.status_code == status


@pytest.mark.parametrize("status", [307, 308])
async def test_a_write_is_repeated_at_home_only(connect: Any, status: int) -> None:
    requests: list[tuple[str, bytes]] = []

    def script(connection: Connection) -> None:
        request = connection.read_request()
        assert request is not None
        requests.append((request[0], request[2]))
        connection.send(moved("/there" if len(requests) == 1 else "http://localhost:9/", status))

    with scripted(script) as server, pytest.raises(e.ApiError, match="localhost:9"):
        await connect(server.url, **FOLLOW).posts.create_post(json_body={"channel_id": "c", "message": "m"})
    (first, body), (second, again) = requests
    assert (first, second) == ("POST /api/v4/posts HTTP/1.1", "POST /there HTTP/1.1")
    assert body == again != b""


async def test_a_login_is_not_sent_elsewhere(connect: Any) -> None:
    seen: list[bytes] = []

    def other(connection: Connection) -> None:
        request = connection.read_request()
        seen.append(request[2] if request else b"")

    with scripted(other) as thief, scripted(serve(moved(thief.url, 307))) as server:
        with pytest.raises(e.ApiError):
            await connect(server.url, {"login_id": "a", "password": CANARY}, **FOLLOW).users.get_user("me")
    assert seen == []


@pytest.mark.parametrize("limit", [1, 3, None])
async def test_a_loop_ends_at_the_limit(connect: Any, limit: int | None) -> None:
    lines: list[str] = []

    def script(connection: Connection) -> None:
        request = connection.read_request()
        assert request is not None
        lines.append(request[0])
        connection.send(moved("/api/v4/users/me"))

    http = {"follow_redirects": True} | ({} if limit is None else {"max_redirects": limit})
    with (
        scripted(script) as server,
        pytest.raises(e.ProtocolError, match=f"more than {limit or 20} redirects"),
    ):
        await connect(server.url, httpx_client_options=http).users.get_user("me")
    assert len(lines) == (limit or 20) + 1


@pytest.mark.parametrize("to", ["file:///etc/passwd", "gopher://h/", "http://[", ""])
async def test_a_target_that_is_no_http_url_is_left_alone(connect: Any, to: str) -> None:
    redirect = moved(to) if to else answer(b"", "302 Found")
    with scripted(serve(redirect)) as server, pytest.raises(e.ApiError) as caught:
        await connect(server.url, **FOLLOW).users.get_user("me")
    assert caught.value.status_code == 302


async def test_a_unix_socket_is_not_left(connect: Any, tmp_path: Path) -> None:
    path = tmp_path / "local.socket"
    with scripted(serve(moved("http://other.example/")), path=path) as _, pytest.raises(e.ApiError) as caught:
        await connect(f"unix://{path}", **FOLLOW).users.get_user("me")
    assert caught.value.status_code == 302
