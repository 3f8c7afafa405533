"""Ctrl-C, cancellation, loops that go away: on real processes and sockets."""

import asyncio
import signal
import subprocess
import sys
import threading
from pathlib import Path
from queue import Queue
from typing import Any

import pytest

from matterapi import AsyncClient
from tests.support.scripted import Connection, answer, scripted, serve

FOREVER = {"timeout": None}


def client_for(url: str) -> AsyncClient:
    options = {"url": url, "auth": {"token": "t"}, "httpx_client_options": FOREVER}
    return AsyncClient(options=options)


CTRL_C = """
import io, signal, sys
from matterapi import SyncClient
signal.signal(signal.SIGINT, signal.default_int_handler)  # it may be ignored where the tests run
class Endless:
    def read(self, size): return b"x" * size
auth = {"login_id": "ann", "password": "pw"} if sys.argv[2] == "login" else {"token": "t"}
options = {"url": sys.argv[1], "auth": auth, "ws_concurrent": False}
client = SyncClient(options={**options, "httpx_client_options": {"timeout": None}})
blocked = {
    "request": lambda: client.users.get_user("me"),
    "upload": lambda: client.files.upload("c" * 26, ("a", Endless())),
    "download": lambda: client.files.download("f" * 26, to=sys.argv[3]),
    "login": lambda: client.users.get_user("me"),
    "events": lambda: client.start_ws_sync(print),
}
try:
    blocked[sys.argv[2]]()
except KeyboardInterrupt:
    print("interrupted")
"""


@pytest.mark.parametrize("what", ["request", "upload", "download", "login", "events"])
def test_ctrl_c_ends_every_blocked_call_and_closes_its_connection(what: str, tmp_path: Path) -> None:
    arrived, closed = threading.Event(), threading.Event()

    def script(connection: Connection) -> None:
        connection.read_headers()
        if what == "download":
            connection.send(answer(b"x" * 100_000, content_type="image/png")[:50_000])
        arrived.set()
        connection.wait_closed()
        closed.set()

    with scripted(script) as server:
        child = subprocess.Popen(
            [sys.executable, "-W", "error", "-c", CTRL_C, server.url, what, tmp_path / "file"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert arrived.wait(30)
        child.send_signal(signal.SIGINT)
        out, err = child.communicate(timeout=30)
        assert closed.wait(30)
    assert (out, err, child.returncode) == ("interrupted\n", "", 0)
    assert list(tmp_path.iterdir()) == []


def test_a_signal_handler_that_raises_nothing_leaves_the_call_alone() -> None:
    code = """
import signal, sys
from matterapi import SyncClient
seen = []
signal.signal(signal.SIGUSR1, lambda *args: seen.append("signal"))
options = {"url": sys.argv[1], "auth": {"token": "t"}}
print(SyncClient(options=options).users.get_user("me").username, seen)
"""
    arrived, go_on = threading.Event(), threading.Event()

    def script(connection: Connection) -> None:
        connection.read_request()
        arrived.set()
        go_on.wait(30)
        connection.send(answer())
        connection.wait_closed()

    with scripted(script) as server:
        child = subprocess.Popen([sys.executable, "-c", code, server.url], stdout=subprocess.PIPE, text=True)
        assert arrived.wait(30)
        child.send_signal(signal.SIGUSR1)
        go_on.set()
        out, _ = child.communicate(timeout=30)
    assert out.startswith("ann")


async def test_cancelling_a_task_closes_its_connection_and_spares_the_others() -> None:
    closed: Queue[int] = Queue()
    arrived: Queue[int] = Queue()
    go_on = threading.Event()

    def script(connection: Connection) -> None:
        request = connection.read_request()
        assert request is not None
        if "/users/victim" in request[0]:
            arrived.put(1)
            connection.wait_closed()
            closed.put(connection.number)
            return
        arrived.put(1)
        go_on.wait(30)
        connection.send(answer())
        connection.wait_closed()

    with scripted(script) as server:
        client = client_for(server.url)
        victim = asyncio.create_task(client.users.get_user("victim"))
        other = asyncio.create_task(client.users.get_user("other"))
        for _ in range(2):
            await asyncio.to_thread(arrived.get, timeout=30)
        victim.cancel()
        with pytest.raises(asyncio.CancelledError):
            await victim
        assert await asyncio.to_thread(closed.get, timeout=30)
        go_on.set()
        assert (await other).username == "ann"


async def test_calls_are_real_coroutines() -> None:
    with scripted(serve(answer())) as server:
        call = client_for(server.url).users.get_user("me")
        assert asyncio.iscoroutine(call)
        assert (await asyncio.create_task(call)).username == "ann"


@pytest.fixture(params=["asyncio", "uvloop", "no add_reader"])
def new_loop(request: pytest.FixtureRequest) -> Any:
    """Makes event loops: also such that cannot watch descriptors, like the default one on Windows."""
    if request.param == "uvloop":
        return pytest.importorskip("uvloop").new_event_loop

    class Blind(asyncio.SelectorEventLoop):
        def add_reader(self, *args: Any) -> Any:
            raise NotImplementedError

    return Blind if request.param == "no add_reader" else asyncio.SelectorEventLoop


def run(new_loop: Any, coroutine: Any) -> Any:
    loop = new_loop()
    try:
        return loop.run_until_complete(coroutine)
    finally:
        loop.close()


def test_one_client_serves_one_loop_after_the_other(new_loop: Any) -> None:
    with scripted(serve(answer())) as server:
        client = client_for(server.url)
        names = [run(new_loop, client.users.get_user("me")).username for _ in range(3)]
    assert names == ["ann"] * 3


def test_one_client_serves_two_loops_at_the_same_time(new_loop: Any) -> None:
    def script(connection: Connection) -> None:
        while (request := connection.read_request()) is not None:
            name = request[0].split()[1].rsplit("/", 1)[1]
            connection.send(answer(f'{{"id":"{name}"}}'.encode()))

    async def many(prefix: str) -> list[str]:
        calls = (client.users.get_user(f"{prefix}{i}") for i in range(50))
        return [str(user.id) for user in await asyncio.gather(*calls)]

    results: dict[str, list[str]] = {}
    with scripted(script) as server:
        client = client_for(server.url)
        threads = [
            threading.Thread(target=lambda p=p: results.update({p: run(new_loop, many(p))})) for p in "ab"
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
    assert results == {p: [f"{p}{i}" for i in range(50)] for p in "ab"}


def test_a_loop_closed_in_mid_flight_harms_nobody_and_its_request_ends(new_loop: Any) -> None:
    arrived, closed = threading.Event(), threading.Event()

    def script(connection: Connection) -> None:
        request = connection.read_request()
        assert request is not None
        if "/users/stuck" in request[0]:
            arrived.set()
            connection.wait_closed()
            closed.set()
            return
        connection.send(answer())
        connection.wait_closed()

    with scripted(script) as server:
        client = client_for(server.url)
        loop = new_loop()
        task = loop.create_task(client.users.get_user("stuck"))
        loop.run_until_complete(asyncio.wait_for(asyncio.to_thread(arrived.wait, 30), 60))
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()
        assert run(new_loop, client.users.get_user("me")).username == "ann"
        assert closed.wait(30)
        task._log_destroy_pending = False  # it was left behind on purpose
        del task


def test_an_answer_to_a_closed_loop_is_dropped(new_loop: Any) -> None:
    arrived, go_on = threading.Event(), threading.Event()

    def script(connection: Connection) -> None:
        while (request := connection.read_request()) is not None:
            if "/users/late" in request[0]:
                arrived.set()
                assert go_on.wait(30)
            connection.send(answer())

    with scripted(script) as server:
        client = client_for(server.url)
        loop = new_loop()
        task = loop.create_task(client.users.get_user("late"))
        loop.run_until_complete(asyncio.wait_for(asyncio.to_thread(arrived.wait, 30), 60))
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()
        wakers = [thread for thread in threading.enumerate() if thread.name == "matterapi-wake"]
        go_on.set()
        for waker in wakers:  # the thread that would wake the loop ends
            waker.join(30)
            assert not waker.is_alive()
        assert run(new_loop, client.users.get_user("me")).username == "ann"
        task._log_destroy_pending = False  # it was left behind on purpose
        del task


async def test_closing_the_client_leaves_it_usable() -> None:
    with scripted(serve(answer())) as server:
        async with client_for(server.url) as client:
            await client.users.get_user("me")
        assert (await client.users.get_user("me")).username == "ann"
