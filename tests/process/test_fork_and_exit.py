"""Forks and interpreter exits with calls behind them and in flight."""

import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.process.programs import COMMON, asked_name, echo, python, user
from tests.scripted import Connection, scripted

EXITS = 200

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
from matterapi._core import EventStream
stream = EventStream(async_client._core, first_wait=None, relogin=False)
threading.Thread(target=stream.next_batch, daemon=True).start()
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
