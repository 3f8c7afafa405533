from __future__ import annotations

import contextlib
import gc
import http.client
import json
import os
import signal
import socket
import ssl
import struct
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from matterapi.testing import MattermostServer
from tests.emulator.peer import Peer


def _open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="counts open files through /proc")
def test_two_hundred_servers_leave_no_thread_no_file_and_no_port() -> None:
    with MattermostServer() as server:
        Peer(server, server.admin.token).get("/users/me")
    gc.collect()
    threads, files = set(threading.enumerate()), _open_files()
    ports = set()
    for _ in range(200):
        with MattermostServer() as server:
            admin = Peer(server, server.admin.token)
            with admin.socket() as opened:
                opened.event("status_change")
                assert admin.get("/users/me").status == 200
            ports.add(server_port := server.port)
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.1", server_port)) != 0
    assert ports
    gc.collect()
    assert set(threading.enumerate()) <= threads
    assert _open_files() <= files


def test_several_servers_run_side_by_side_with_state_of_their_own() -> None:
    with MattermostServer() as first, MattermostServer() as second:
        assert first.port != second.port
        first.create_user("only-here")
        assert Peer(first, first.admin.token).get("/users/username/only-here").status == 200
        assert Peer(second, second.admin.token).get("/users/username/only-here").status == 404
        assert Peer(second, first.admin.token).get("/users/me").status == 401


def test_the_same_seed_gives_the_same_ids() -> None:
    with MattermostServer(seed=7) as first, MattermostServer(seed=7) as second:
        assert first.admin == second.admin


def test_stopping_ends_open_sockets_and_frees_the_port() -> None:
    server = MattermostServer()
    server.start()
    port = server.port
    with Peer(server, server.admin.token).socket() as opened:
        opened.event("status_change")
        server.stop()
        assert opened.frame() is None
    server.stop()
    with pytest.raises(RuntimeError, match="not running"):
        _ = server.url
    with MattermostServer(port=port) as again:
        assert again.port == port


def test_a_restart_between_a_request_and_its_answer_is_the_clients_affair(server: MattermostServer) -> None:
    over = threading.Event()

    def ask() -> None:
        while not over.is_set():
            connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)
            with contextlib.suppress(OSError, http.client.HTTPException):
                while not over.is_set():
                    connection.request("GET", "/api/v4/system/ping")
                    connection.getresponse().read()
            connection.close()

    askers = [threading.Thread(target=ask) for _ in range(8)]
    for asker in askers:
        asker.start()
    # What a server says of its own accord fails a test.
    for _ in range(10):
        server.restart()
    over.set()
    for asker in askers:
        asker.join()


def test_a_port_that_is_taken_raises_and_leaves_no_thread() -> None:
    before = threading.active_count()
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        pytest.raises(OSError, match="address already in use"),
    ):
        MattermostServer(port=taken.getsockname()[1]).start()
    assert threading.active_count() == before


def test_https_is_verified_by_the_authority_of_the_server() -> None:
    with MattermostServer(tls=True) as server:
        assert server.url.startswith("https://127.0.0.1:")
        assert server.ws_url.startswith("wss://127.0.0.1:")
        assert server.ca_pem is not None
        context = ssl.create_default_context(cadata=server.ca_pem.decode())
        connection = http.client.HTTPSConnection("127.0.0.1", server.port, context=context, timeout=20)
        connection.request("GET", "/api/v4/system/ping")
        assert json.loads(connection.getresponse().read())["status"] == "OK"
        connection.close()


@pytest.mark.filterwarnings("error")
def test_stopping_breaks_off_a_tls_connection_that_the_client_keeps() -> None:
    server = MattermostServer(tls=True)
    server.start()
    assert server.ca_pem is not None
    context = ssl.create_default_context(cadata=server.ca_pem.decode())
    plain = socket.create_connection(("127.0.0.1", server.port), timeout=20)
    with context.wrap_socket(plain, server_hostname="127.0.0.1") as kept:
        kept.sendall(b"GET /api/v4/system/ping HTTP/1.1\r\nHost: x\r\n\r\n")
        assert kept.recv(12) == b"HTTP/1.1 200"
        server.stop()
        # A transport that the event loop had not let go of would be reported here, as an error.
        gc.collect()
        kept.settimeout(5)
        with contextlib.suppress(ConnectionError, ssl.SSLError):
            while kept.recv(4096):
                pass


def test_requests_are_recorded(server: MattermostServer, admin: Peer) -> None:
    admin.call("PUT", "/api/v4/users/me/patch?a=1&a=2", {"nickname": "x"}, headers={"X-Mine": "yes"})
    record = server.requests[-1]
    assert (record.verb, record.path, record.status) == ("PUT", "/api/v4/users/me/patch", 200)
    assert record.query == {"a": ["1", "2"]}
    assert record.headers["x-mine"] == "yes"
    assert json.loads(record.body) == {"nickname": "x"}
    assert record.operation == "PatchUser"
    admin.get("/nope")
    assert (server.requests[-1].operation, server.requests[-1].status) == (None, 404)


def test_a_request_may_ask_to_continue(server: MattermostServer) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as raw:
        raw.sendall(
            b"POST /api/v4/users/login HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n"
            b"Expect: 100-continue\r\nConnection: close\r\n\r\n"
        )
        assert raw.recv(64).startswith(b"HTTP/1.1 100 Continue\r\n\r\n")
        raw.sendall(b"{}")
        assert b"api.user.login.blank_pwd.app_error" in b"".join(iter(lambda: raw.recv(4096), b""))


def _command(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "matterapi.testing", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONWARNINGS": "error"},
    )


def _ready(process: subprocess.Popen[str]) -> Any:
    assert process.stdout is not None
    return json.loads(process.stdout.readline())


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_command_says_when_it_is_ready_and_ends_cleanly(number: signal.Signals) -> None:
    with _command() as process:
        ready = _ready(process)
        port = int(ready["url"].rpartition(":")[2])
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        headers = {"Authorization": f"Bearer {ready['admin']['token']}"}
        connection.request("GET", "/api/v4/users/me", headers=headers)
        assert json.loads(connection.getresponse().read())["username"] == ready["admin"]["username"]
        process.send_signal(number)
        out, err = process.communicate(timeout=20)
        connection.close()
    assert (process.returncode, out, err) == (0, "", "")


@pytest.mark.parametrize("encrypted", [False, True])
def test_the_command_says_nothing_of_clients_that_cut(encrypted: bool) -> None:
    with _command(*(["--tls"] if encrypted else [])) as process:
        ready = _ready(process)
        port = int(ready["url"].rpartition(":")[2])
        token = f"Authorization: Bearer {ready['admin']['token']}\r\n"
        upgrade = (
            "GET /api/v4/websocket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
        )
        for begun, waits in (
            ("", False),
            ("GET /api/v4/users/me HTTP/1.1\r\nHost:", False),
            ("POST /api/v4/posts HTTP/1.1\r\nHost: x\r\nContent-Length: 999\r\n\r\n{", False),
            (f"GET /api/v4/config HTTP/1.1\r\nHost: x\r\n{token}\r\n", False),
            (f"{upgrade}{token}\r\n", True),
            (f"{upgrade}\r\n", True),
        ):
            _cut(port, begun.encode(), encrypted=encrypted, waits=waits)
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=20)
    assert (process.returncode, err) == (0, "")


def _cut(port: int, begun: bytes, *, encrypted: bool, waits: bool) -> None:
    """Send the begin of something and reset the connection; if it waits, after the first byte that comes."""
    plain = socket.create_connection(("127.0.0.1", port), timeout=20)
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with context.wrap_socket(plain) if encrypted else plain as stream:
        stream.sendall(begun)
        if waits:
            assert stream.recv(1)
        stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def test_the_command_can_start_without_accounts() -> None:
    with _command("--empty", "--tls") as process:
        ready = _ready(process)
        assert ready["admin"] is None
        assert ready["url"].startswith("https://")
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=20)
    assert process.returncode == 0


def test_the_command_takes_seed_version_licence_and_log() -> None:
    options = ("--seed", "7", "--version", "10.5", "--licensed", "--log")
    admins = []
    for _ in range(2):
        with _command(*options) as process:
            ready = _ready(process)
            admins.append(ready["admin"])
            port = int(ready["url"].rpartition(":")[2])
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
            connection.request("GET", "/api/v4/system/ping")
            response = connection.getresponse()
            assert json.loads(response.read())["status"] == "OK"
            version = response.getheader("X-Version-Id") or ""
            connection.close()
            process.send_signal(signal.SIGTERM)
            _, err = process.communicate(timeout=20)
        assert version.startswith("10.5.0.")
        assert version.endswith(".true")
        assert err == "GET /api/v4/system/ping 200\n"
    assert admins[0] == admins[1]


def test_the_command_says_that_a_port_is_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with _command("--port", str(port)) as process:
            out, err = process.communicate(timeout=20)
    assert process.returncode == 1
    assert out == ""
    assert f"cannot listen on port {port}: address already in use" in err
    assert err.count("\n") == 1


def test_without_its_extra_the_package_says_what_to_install() -> None:
    program = "import sys; sys.modules['trustme'] = None; import matterapi.testing"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "pip install matterapi[testing]" in done.stderr
