import socket
import ssl
import sys
import threading
from contextlib import ExitStack
from typing import Any

import pytest
import trustme

from matterapi.client import exceptions as e
from tests.support.scripted import Connection, answer, scripted, serve

ROUTE = "GET /api/v4/users/{user_id}"
NO_WAIT = {"httpx_client_options": {"timeout": 0.2}}


async def test_nobody_listening_is_a_connect_error_that_a_retry_can_mend(connect: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
    with pytest.raises(e.ConnectError) as caught:
        await connect(url).users.get_user("me")
    assert caught.value.route == ROUTE
    assert caught.value.retryable


async def test_an_unknown_host_is_a_connect_error(connect: Any) -> None:
    with pytest.warns(UserWarning, match="unencrypted"):
        client = connect("http://no-such-host.invalid")
    with pytest.raises(e.ConnectError):
        await client.users.get_user("me")


@pytest.mark.skipif(sys.platform != "linux", reason="other systems take connections that nobody accepts")
async def test_a_server_that_takes_no_connection_is_a_connect_timeout(connect: Any) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as busy, ExitStack() as waiting:
        for _ in range(4):
            caller = waiting.enter_context(socket.socket())
            caller.setblocking(False)
            caller.connect_ex(busy.getsockname())
        client = connect(f"http://127.0.0.1:{busy.getsockname()[1]}", **NO_WAIT)
        with pytest.raises(e.ConnectTimeout) as caught:
            await client.users.get_user("me")
    assert (caught.value.route, caught.value.retryable) == (ROUTE, True)


async def test_a_tls_handshake_that_nobody_answers_is_a_connect_timeout(connect: Any) -> None:
    with scripted(lambda connection: connection.wait_closed()) as server:
        client = connect(server.url.replace("http:", "https:"), **NO_WAIT)
        with pytest.raises(e.ConnectTimeout, match=r"0\.2 s"):
            await client.users.get_user("me")


async def test_a_silent_server_is_a_read_timeout(connect: Any) -> None:
    with scripted(lambda connection: connection.wait_closed()) as server:
        with pytest.raises(e.ReadTimeout, match=r"0\.2 s"):
            await connect(server.url, **NO_WAIT).users.get_user("me")


async def test_a_body_that_stops_half_way_is_a_read_timeout(connect: Any) -> None:
    def script(connection: Connection) -> None:
        connection.read_request()
        connection.send(answer()[:-5])
        connection.wait_closed()

    with scripted(script) as server, pytest.raises(e.ReadTimeout):
        await connect(server.url, **NO_WAIT).users.get_user("me")


async def test_a_body_that_is_not_taken_is_a_write_timeout(connect: Any) -> None:
    release = threading.Event()
    with scripted(lambda connection: release.wait(60) and None) as server:
        client = connect(server.url, **NO_WAIT)
        try:
            with pytest.raises(e.WriteTimeout):
                await client.files.upload_file(
                    multipart_data={"files": {"big.bin": bytes(64 * 1024 * 1024)}}, channel_id="c"
                )
        finally:
            release.set()


async def test_a_connection_closed_without_an_answer_names_the_route(connect: Any) -> None:
    with scripted(lambda connection: connection.read_request() and None) as server:
        with pytest.raises(e.ConnectionClosed) as caught:
            await connect(server.url).users.get_user("me")
    assert caught.value.route == ROUTE
    assert caught.value.retryable


async def test_a_short_body_is_a_closed_connection_and_never_a_short_answer(connect: Any) -> None:
    with scripted(lambda c: c.read_request() and c.send(answer()[:-5])) as server:
        with pytest.raises(e.ConnectionClosed):
            await connect(server.url).users.get_user("me")


async def test_what_is_not_http_is_a_protocol_error(connect: Any) -> None:
    with scripted(lambda c: c.read_request() and c.send(b"SSH-2.0-OpenSSH_9\r\n\r\n")) as server:
        with pytest.raises(e.ProtocolError) as caught:
            await connect(server.url).users.get_user("me")
    assert not caught.value.retryable


async def test_broken_gzip_is_a_decode_error(connect: Any) -> None:
    broken = answer(b"\x1f\x8b\x08\x00garbage that is no deflate stream", Content_Encoding="gzip")
    with scripted(serve(broken)) as server, pytest.raises(e.DecodeError):
        await connect(server.url).users.get_user("me")


def _hang_up_when_reused(connection: Connection) -> None:
    """Serves one request per connection and closes it when a second one has arrived."""
    connection.read_request()
    connection.send(answer())
    connection.read_request()


async def test_an_idempotent_call_on_a_dead_pooled_connection_is_sent_again(connect: Any) -> None:
    numbers: list[int] = []

    def script(connection: Connection) -> None:
        numbers.append(connection.number)
        _hang_up_when_reused(connection)

    with scripted(script) as server:
        client = connect(server.url)
        await client.users.get_user("me")
        assert numbers == [1]
        assert (await client.users.get_user("me")).username == "ann"
    assert numbers == [1, 2]


async def test_a_post_is_never_sent_twice(connect: Any) -> None:
    with scripted(_hang_up_when_reused) as server:
        client = connect(server.url)
        await client.users.get_user("me")
        with pytest.raises(e.ConnectionClosed) as caught:
            await client.posts.create_post(json_body={"channel_id": "c", "message": "once"})
    assert not caught.value.retryable


async def test_a_call_on_a_fresh_connection_is_not_repeated(connect: Any) -> None:
    accepted: list[int] = []

    def script(connection: Connection) -> None:
        accepted.append(connection.number)
        connection.read_request()

    with scripted(script) as server, pytest.raises(e.ConnectionClosed):
        await connect(server.url).users.get_user("me")
    assert accepted == [1]


async def test_connections_are_reused_without_a_session(connect: Any) -> None:
    numbers: list[int] = []

    def script(connection: Connection) -> None:
        while connection.read_request() is not None:
            numbers.append(connection.number)
            connection.send(answer())

    with scripted(script) as server:
        client = connect(server.url)
        for _ in range(5):
            await client.users.get_user("me")
    assert numbers == [1] * 5


async def test_a_redirect_is_not_followed_and_names_its_target(connect: Any) -> None:
    with scripted(serve(answer(b"", "302 Found", Location="https://other.example/login"))) as server:
        with pytest.raises(e.ApiError, match=r"other\.example") as caught:
            await connect(server.url).users.get_user("me")
    assert caught.value.status_code == 302


async def test_a_sub_path_is_kept_and_basepath_is_not_doubled(connect: Any) -> None:
    lines: list[str] = []

    def script(connection: Connection) -> None:
        while (request := connection.read_request()) is not None:
            lines.append(request[0])
            connection.send(answer())

    with scripted(script) as server:
        for basepath in ("", "/api/v4"):
            client = connect(f"{server.url}/mm/", basepath=basepath)
            await client.users.get_user("me")
    assert lines == ["GET /mm/api/v4/users/me HTTP/1.1"] * 2


async def test_headers_name_the_library_and_carry_the_users_own(connect: Any) -> None:
    seen: list[dict[str, str]] = []

    def script(connection: Connection) -> None:
        while (request := connection.read_request()) is not None:
            seen.append(request[1])
            connection.send(answer())

    with scripted(script) as server:
        await connect(server.url, httpx_client_options={"headers": {"X-Own": "1"}}).users.get_user("me")
    assert seen[0]["user-agent"].startswith("matterapi/")
    assert seen[0]["x-own"] == "1"
    assert "gzip" in seen[0]["accept-encoding"]
    assert "cookie" not in seen[0]


def _tls(authority: trustme.CA, *names: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names).configure_cert(context)
    return context


async def test_an_unknown_authority_is_refused_and_the_error_says_what_to_do(connect: Any) -> None:
    with scripted(serve(answer()), _tls(trustme.CA(), "127.0.0.1")) as server:
        with pytest.raises(e.TLSError, match="verify") as caught:
            await connect(server.url).users.get_user("me")
    assert not caught.value.retryable


async def test_verify_false_takes_any_certificate(connect: Any) -> None:
    with scripted(serve(answer()), _tls(trustme.CA(), "127.0.0.1")) as server:
        client = connect(server.url, httpx_client_options={"verify": False})
        assert (await client.users.get_user("me")).username == "ann"


async def test_a_ca_file_makes_its_certificates_trusted(connect: Any, tmp_path: Any) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    options = {"httpx_client_options": {"verify": str(tmp_path / "ca.pem")}}
    with scripted(serve(answer()), _tls(authority, "127.0.0.1")) as server:
        assert (await connect(server.url, **options).users.get_user("me")).username == "ann"
    with scripted(serve(answer()), _tls(authority, "other.example")) as server, pytest.raises(e.TLSError):
        await connect(server.url, **options).users.get_user("me")


def test_a_ca_file_that_is_none_is_refused_at_once(kind: str, connect: Any, tmp_path: Any) -> None:
    with pytest.raises(e.InvalidOptions, match=r"absent\.pem"):
        connect("https://h", httpx_client_options={"verify": str(tmp_path / "absent.pem")})
    (tmp_path / "empty.pem").write_text("nothing")
    with pytest.raises(e.InvalidOptions, match="no certificate"):
        connect("https://h", httpx_client_options={"verify": str(tmp_path / "empty.pem")})
