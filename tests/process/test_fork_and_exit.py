"""Forks and interpreter exits with calls behind them and in flight."""

import ssl
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.process.programs import COMMON, asked_name, echo, python, user
from tests.support.certificates import Authority
from tests.support.effort import usually
from tests.support.scripted import Connection, answer, scripted

EXITS = usually(5, 25)
"""Of all kinds: how an exit meets a call is a matter of chance."""

FORK = (
    COMMON
    + """
before = [sync_client.users.get_user("a").username, asyncio.run(ask("a"))]
pid = os.fork()
who = "child" if pid == 0 else "parent"
after = [sync_client.users.get_user(who).username, asyncio.run(ask(who))]
ok = (before, after) == (["a", "a"], [who, who])
if pid == 0:
    os._exit(0 if ok else 1)
_, status = os.waitpid(pid, 0)
again = [sync_client.users.get_user("b").username, asyncio.run(ask("b"))]
print(ok, os.waitstatus_to_exitcode(status), again)
"""
)

FORK_IN_FLIGHT = (
    COMMON
    + """
thread = threading.Thread(target=lambda: sync_client.users.get_user("slow"), daemon=True)
thread.start()
sync_client.users.get_user("wait")  # answered when "slow" is in flight
pid = os.fork()
if pid == 0:
    os._exit(0 if sync_client.users.get_user("child").username == "child" else 1)
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), sync_client.users.get_user("b").username)
"""
)


@pytest.mark.skipif(sys.platform == "win32", reason="there is no fork")
def test_parent_and_child_both_go_on_after_a_fork_and_share_no_connection() -> None:
    with scripted(echo) as server:
        assert python(FORK, server.url) == ("True 0 ['b', 'b']\n", "", 0)


@pytest.mark.skipif(sys.platform == "win32", reason="there is no fork")
def test_a_fork_while_another_thread_is_in_a_call_works() -> None:
    in_flight = threading.Event()

    def script(connection: Connection) -> None:
        while (request := connection.read_request()) is not None:
            name = asked_name(request[0])
            if name == "slow":
                in_flight.set()
                connection.wait_closed()
                return
            if name == "wait":
                assert in_flight.wait(30)
            connection.send(user(name))

    with scripted(script) as server:
        assert python(FORK_IN_FLIGHT, server.url) == ("0 b\n", "", 0)


FORK_WITH_TLS = (
    COMMON
    + """
def call(name):
    assert sync_client.users.get_user(name).username == name
    assert asyncio.run(ask(name)) == name
    sync_client.close()
    async_client.sender.core.close()
call("first")
call("again")
pid = os.fork()
if pid == 0:
    call("child")
    call("grown-up")
    os._exit(0)
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
call("parent")
"""
)

FORK_IN_TRANSFERS = (
    COMMON
    + """
from matterapi.client.exceptions import ConnectionClosed
from matterapi.endpoints.operations import files as op

def begun():
    transfer = sync_client.sender.core.open(op.GET_FILE.core_route, {"file_id": "slow"}, None, in_pieces=True)
    assert transfer.next().status_code == 200
    assert transfer.next() == b"half"
    return transfer

async def begin():
    stream = async_client.files.stream("slow")
    await stream.__aenter__()
    assert await anext(stream) == b"half"
    return stream

loop = asyncio.new_event_loop()
transfer, stream = begun(), loop.run_until_complete(begin())
pid = os.fork()
if pid == 0:
    refused = 0
    try:
        transfer.next()
    except ConnectionClosed as error:
        refused += "belongs to the parent process" in str(error)
    asyncio.set_event_loop(None)
    try:
        asyncio.run(anext(stream))
    except ConnectionClosed as error:
        refused += "belongs to the parent process" in str(error)
    transfer.close()
    del transfer, stream
    os._exit(0 if refused == 2 else 1)
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)
sync_client.users.get_user("forked")  # the server goes on when the child has ended
print(transfer.next(), loop.run_until_complete(anext(stream)), transfer.next())
loop.run_until_complete(stream.aclose())
loop.run_until_complete(loop.shutdown_asyncgens())
loop.close()
"""
)


@pytest.mark.skipif(sys.platform == "win32", reason="there is no fork")
def test_a_child_does_not_take_up_the_tls_sessions_of_its_parent(tmp_path: Path) -> None:
    """Both would spend the same tickets, which are good for one connection each (RFC 8446, appendix C.4)."""
    resumed: dict[str, list[bool]] = {}

    def script(connection: Connection) -> None:
        sock = connection.socket
        assert isinstance(sock, ssl.SSLSocket)
        while (request := connection.read_request()) is not None:
            name = asked_name(request[0])
            resumed.setdefault(name, []).append(bool(sock.session_reused))
            connection.send(user(name))

    authority = Authority(tmp_path)
    with scripted(script, authority.server()) as server:
        code = FORK_WITH_TLS.replace('"timeout"', f'"verify": {str(authority.file)!r}, "timeout"')
        assert python(code, server.url) == ("0\n", "", 0)
    assert resumed == {
        "first": [False, False],
        "again": [True, True],
        "child": [False, False],
        "grown-up": [True, True],
        "parent": [True, True],
    }


@pytest.mark.skipif(sys.platform == "win32", reason="there is no fork")
def test_a_transfer_goes_on_in_the_parent_and_is_refused_in_the_child() -> None:
    forked = threading.Event()
    after: list[bytes] = []

    def script(connection: Connection) -> None:
        while (request := connection.read_request()) is not None:
            name = asked_name(request[0])
            if name == "forked":
                forked.set()
                connection.send(user(name))
                continue
            connection.send(answer(b"halfrest", content_type="image/png")[:-4])
            assert forked.wait(30)
            # What the child did to the connection would have come by now: it has ended.
            connection.socket.setblocking(False)
            with suppress(BlockingIOError):
                after.append(connection.socket.recv(1))
            connection.socket.setblocking(True)
            connection.send(b"rest")

    with scripted(script) as server:
        assert python(FORK_IN_TRANSFERS, server.url) == ("0\nb'rest' b'rest' None\n", "", 0)
    assert after == []


IN_FLIGHT: dict[str, str] = {
    "async tasks": """
async def main():
    tasks = [asyncio.create_task(ask("slow")) for _ in range(5)]
    await ask("a")
    os._exit(0) if "hard" in sys.argv else sys.exit(0)
asyncio.run(main())
""",
    "daemon threads in sync calls": """
for _ in range(3):
    threading.Thread(target=lambda: sync_client.users.get_user("slow"), daemon=True).start()
sync_client.users.get_user("a")
""",
    "a loop left open": """
loop = asyncio.new_event_loop()
task = loop.create_task(ask("slow"))
loop.run_until_complete(ask("a"))
task._log_destroy_pending = False
loop.close()
""",
    "an event stream": """
from contextlib import suppress
from matterapi._core import EventStream
from matterapi.exceptions import ProtocolError
stream = EventStream(async_client.sender.core, longest_wait=None, relogin=False, catch_up=False)
def listen():
    with suppress(ProtocolError):  # the server knows no websocket
        stream.next_batch()
threading.Thread(target=listen, daemon=True).start()
sync_client.users.get_user("a")
""",
    "uploads that read a file object": """
import time
reading = threading.Event()
class Slow:
    def read(self, size):
        reading.set()
        time.sleep(0.002)
        return b"x"
for _ in range(4):
    upload = lambda: sync_client.files.upload("slow", ("a", Slow()))
    threading.Thread(target=upload, daemon=True).start()
reading.wait(30)
""",
}


@pytest.mark.parametrize("what", IN_FLIGHT)
def test_the_interpreter_ends_quietly_with_calls_in_flight(what: str) -> None:
    code = COMMON + IN_FLIGHT[what]
    with scripted(echo) as server, ThreadPoolExecutor(2) as pool:
        ends: list[Any] = list(pool.map(lambda _: python(code, server.url), range(EXITS // len(IN_FLIGHT))))
    assert ends == [("", "", 0)] * len(ends)
