"""Process pools and preloading servers: the client is made before the workers are."""

import multiprocessing
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.process.programs import COMMON, asked_name, python, user
from tests.support.scripted import Connection, ScriptedServer, scripted

POOL = """
import asyncio, multiprocessing, os, sys
from matterapi import AsyncClient, SyncClient
options = {"url": sys.argv[1], "auth": {"token": "t"}}
sync_client, async_client = SyncClient(options=options), AsyncClient(options=options)
def work(number):
    name = f"p{os.getpid()}n{number}"
    both = [sync_client.users.get_user(name), asyncio.run(async_client.users.get_user(name))]
    return [user.username for user in both] == [name, name]
if __name__ == "__main__":
    before = work(0)
    with multiprocessing.get_context(sys.argv[2]).Pool(3) as pool:
        print(before, pool.map(work, range(20)) == [True] * 20)
        pool.close()
        pool.join()
    print(work(1))
"""

PRELOADED = (
    COMMON
    + """
import gc
def work(calls):
    name = f"p{os.getpid()}n"
    for _ in range(calls):
        assert (sync_client.users.get_user(name).username, asyncio.run(ask(name))) == (name, name)
def worker(calls):
    global sync_client, async_client
    if pid := os.fork():
        return pid
    work(calls)
    del sync_client, async_client  # a worker that ends drops everything, used or not
    gc.collect()
    os._exit(0)
work(2)
workers = [worker(3), worker(0), worker(3), worker(0)]
work(2)
ends = [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in workers]
work(2)
replaced = worker(3)
ends.append(os.waitstatus_to_exitcode(os.waitpid(replaced, 0)[1]))
work(2)
print(ends)
"""
)

FORK_IN_A_SIGNAL_HANDLER = (
    COMMON
    + """
import signal
children = []
def fork(*arguments):
    if pid := os.fork():
        children.append(pid)
        os.kill(os.getpid(), signal.SIGTERM)
class Ended(Exception): pass
def end(*arguments): raise Ended
signal.signal(signal.SIGTERM, end)
signal.signal(signal.SIGALRM, fork)
try:
    sync_client.users.get_user(f"alarm{os.getpid()}")
except Ended:
    print(os.waitstatus_to_exitcode(os.waitpid(children[0], 0)[1]))
except Exception as error:
    right = "belongs to the parent" in str(error) and sync_client.users.get_user("child").username == "child"
    os._exit(0 if right else 1)
"""
)

INHERITED_STREAM = (
    COMMON
    + """
from matterapi._core import EventStream
stream = EventStream(sync_client.sender.core, longest_wait=None, relogin=False, catch_up=False)
pid = os.fork()
if pid == 0:
    stream.close()
    try:
        stream.next_batch()
    except Exception as error:
        os._exit(0 if "belongs to the parent" in str(error) else 1)
    os._exit(2)
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
stream.close()
"""
)


class Processes:
    """Echoes names, and notes the part before `n` (the process) for each connection.

    The process named after `alarm` gets that signal, and no answer.
    """

    def __init__(self) -> None:
        self.processes: dict[int, set[str]] = {}

    def __call__(self, connection: Connection) -> None:
        while (request := connection.read_request()) is not None:
            name = asked_name(request[0])
            if name.startswith("alarm"):
                os.kill(int(name.removeprefix("alarm")), signal.SIGALRM)
                connection.wait_closed()
                return
            self.processes.setdefault(connection.number, set()).add(name.split("n")[0])
            connection.send(user(name))

    def check(self, processes: int) -> None:
        assert [users for users in self.processes.values() if len(users) > 1] == []
        assert len(set().union(*self.processes.values())) == processes


def run_pool(server: ScriptedServer, method: str, folder: Path) -> tuple[str, str, int]:
    program = folder / "program.py"
    program.write_text(POOL)
    # Python warns of threads in a forking process; ours wait for nothing that the child needs.
    done = subprocess.run(
        [
            sys.executable,
            "-W",
            "error",
            "-W",
            "ignore:.*fork:DeprecationWarning",
            program,
            server.url,
            method,
        ],
        check=False,
        capture_output=True,
        text=True,
        timeout=100,
    )
    return done.stdout, done.stderr, done.returncode


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_a_client_of_module_level_works_in_a_process_pool(method: str, tmp_path: Path) -> None:
    if method not in multiprocessing.get_all_start_methods():
        pytest.skip(f"this system has no {method}")
    processes = Processes()
    with scripted(processes) as server:
        assert run_pool(server, method, tmp_path) == ("True True\nTrue\n", "", 0)
    assert [users for users in processes.processes.values() if len(users) > 1] == []


@pytest.mark.skipif(sys.platform == "win32", reason="there is no fork")
def test_preloaded_workers_and_their_master_share_no_connection() -> None:
    processes = Processes()
    with scripted(processes) as server:
        assert python(PRELOADED, server.url) == ("[0, 0, 0, 0, 0]\n", "", 0)
    processes.check(4)


@pytest.mark.skipif(sys.platform == "win32", reason="there is no fork")
def test_a_fork_in_a_signal_handler_ends_the_blocked_call_in_the_child() -> None:
    with scripted(Processes()) as server:
        assert python(FORK_IN_A_SIGNAL_HANDLER, server.url) == ("0\n", "", 0)


@pytest.mark.skipif(sys.platform == "win32", reason="there is no fork")
def test_an_event_stream_stays_with_the_parent() -> None:
    with scripted(Processes()) as server:
        assert python(INHERITED_STREAM, server.url) == ("0\n", "", 0)
