"""One client in many threads and loops; what cancelled calls leave behind."""

import asyncio
import os
import random
import sys
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Queue
from typing import Any

import pytest

from matterapi import AsyncClient, SyncClient
from tests.process.programs import asked_name, echo, python, user
from tests.support.effort import usually
from tests.support.scripted import Connection, ScriptedServer, scripted

THREADS = 32
CALLS = usually(250, 1000)
LOOPS = 3
CANCELLED = usually(2_000, 10_000)
AT_ONCE = 100
"""Connections of a client at most: so many calls fit only into a pool that has lost none."""


def options(url: str) -> dict[str, Any]:
    return {"url": url, "auth": {"token": "t"}, "httpx_client_options": {"timeout": 60}}


def test_many_threads_get_the_answers_to_their_own_calls() -> None:
    with scripted(echo) as server:
        client = SyncClient(options=options(server.url))
        start = threading.Barrier(THREADS)

        def calls(thread: int) -> list[str]:
            start.wait(60)
            names = (f"t{thread}c{call}" for call in range(CALLS))
            return [name for name in names if client.users.get_user(name).username != name]

        with ThreadPoolExecutor(THREADS) as pool:
            wrong = list(pool.map(calls, range(THREADS)))
    assert wrong == [[]] * THREADS


def test_many_loops_get_the_answers_to_their_own_calls() -> None:
    with scripted(echo) as server:
        client = AsyncClient(options=options(server.url))
        start = threading.Barrier(LOOPS)

        async def ask(name: str) -> bool:
            return (await client.users.get_user(name)).username == name

        async def calls(loop: int) -> int:
            right = 0
            for first in range(0, CALLS, 50):
                names = (f"l{loop}c{call}" for call in range(first, first + 50))
                right += sum(await asyncio.gather(*map(ask, names)))
            return right

        def run(loop: int) -> int:
            start.wait(60)
            return asyncio.run(calls(loop))

        with ThreadPoolExecutor(LOOPS) as pool:
            assert list(pool.map(run, range(LOOPS))) == [CALLS] * LOOPS


class Stalling:
    """Echoes, but stops where the name says: after the request, in the head or in the body of its answer.

    Names beginning with `together` are answered when `AT_ONCE` of them are there.
    """

    def __init__(self) -> None:
        self.stalled: Queue[str] = Queue()
        self.together = threading.Barrier(AT_ONCE)

    def __call__(self, connection: Connection) -> None:
        while (request := connection.read_request()) is not None:
            name = asked_name(request[0])
            whole = user(name)
            cut = {"request": 0, "head": 20, "body": len(whole) - 5}.get(name.split("-")[0])
            if cut is not None:
                connection.send(whole[:cut])
                self.stalled.put(name)
                connection.wait_closed()
                return
            if name.startswith("together"):
                self.together.wait(60)
            connection.send(whole)


async def descriptors_without_connections(server: ScriptedServer, expected: int | None = None) -> int:
    """The number of open descriptors when both sides have closed their connections.

    The client's side closes a moment after the server has seen the end: waits for `expected` at most.
    """
    loop = asyncio.get_running_loop()
    limit = loop.time() + 30
    while True:
        count = len(list(Path("/proc/self/fd").iterdir()))
        done = not server.open_connections() and (expected is None or count <= expected)
        if done or loop.time() > limit:
            assert server.open_connections() == 0
            return count
        await asyncio.sleep(0.01)


async def end(*tasks: asyncio.Task[Any]) -> None:
    """Cancels tasks; each of them has ended well or was cancelled."""
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
    assert [task for task in tasks if not task.cancelled() and task.exception()] == []


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="descriptors are counted in /proc")
async def test_cancelled_calls_leave_a_whole_pool_and_no_descriptor() -> None:
    stalling = Stalling()
    dice = random.Random(5)  # noqa: S311 - moments, not secrets
    with scripted(stalling) as server:
        client = AsyncClient(options=options(server.url))
        await client.users.get_user("warm")
        await client.aclose()
        before = await descriptors_without_connections(server)
        ends: Counter[bool] = Counter()

        def start(name: str) -> asyncio.Task[Any]:
            return asyncio.create_task(client.users.get_user(name))

        for stage in ("request", "head", "body") * 4:
            tasks = [start(f"{stage}-{i}") for i in range(25)]
            for _ in tasks:
                await asyncio.to_thread(stalling.stalled.get, timeout=60)
            await end(*tasks)
        while ends[True] < CANCELLED:
            tasks = [start(f"c{i}") for i in range(AT_ONCE)]
            # Some have their answers by then; the others are anywhere between the call and its answer.
            for ended in asyncio.as_completed(tasks[: dice.randrange(20)]):
                await ended
            await end(*tasks)
            ends.update(task.cancelled() for task in tasks)
        assert ends[False] > AT_ONCE
        names = [f"together{i}" for i in range(AT_ONCE)]
        answers = await asyncio.gather(*map(client.users.get_user, names))
        assert [answer.username for answer in answers] == names
        await client.aclose()
        assert await descriptors_without_connections(server, before) <= before


async def test_time_limits_of_asyncio_end_a_call() -> None:
    stalling = Stalling()
    with scripted(stalling) as server:
        client = AsyncClient(options=options(server.url))
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(client.users.get_user("request-1"), 0.05)
        if sys.version_info >= (3, 11):
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.05):
                    await client.users.get_user("body-1")
        assert (await client.users.get_user("next")).username == "next"


@pytest.mark.skipif(sys.version_info < (3, 11), reason="Python 3.10 has no TaskGroup")
async def test_a_failing_task_group_ends_the_calls_of_its_other_tasks() -> None:
    closed: Queue[str] = Queue()
    stalling = Stalling()

    def script(connection: Connection) -> None:
        stalling(connection)
        closed.put("closed")

    with scripted(script) as server:
        client = AsyncClient(options=options(server.url))

        async def fail() -> None:
            for _ in range(2):
                await asyncio.to_thread(stalling.stalled.get, timeout=30)
            raise LookupError("on purpose")

        with pytest.raises(ExceptionGroup):  # type: ignore[name-defined,unused-ignore]  # noqa: F821,RUF100
            async with asyncio.TaskGroup() as group:  # type: ignore[attr-defined,unused-ignore]
                group.create_task(client.users.get_user("head-1"))
                group.create_task(client.users.get_user("body-1"))
                group.create_task(fail())
        for _ in range(2):
            assert await asyncio.to_thread(closed.get, timeout=30)
        assert (await client.users.get_user("next")).username == "next"


INTERRUPTED = """
import os, signal, sys
from matterapi import SyncClient
class Stop(Exception): pass
def stop(*arguments): raise Stop
signal.signal(signal.SIGALRM, stop)
options = {"url": sys.argv[1], "auth": {"token": "t"}, "httpx_client_options": {"timeout": 60}}
client = SyncClient(options=options)
client.users.get_user("warm")
client.close()
before = len(os.listdir("/proc/self/fd"))
for i in range(60):
    stage = ("request", "head", "body")[i % 3]
    signal.setitimer(signal.ITIMER_REAL, 0.0005 * (i + 1))
    try:
        client.users.get_user(f"{stage}-{i}")
    except Stop:
        assert client.users.get_user(f"n{i}").username == f"n{i}"
client.close()
print(len(os.listdir("/proc/self/fd")) - before)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there are no timers that signal")
def test_sync_calls_ended_by_a_signal_handler_leave_a_usable_client_and_no_descriptor() -> None:
    with scripted(Stalling()) as server:
        assert python(INTERRUPTED, server.url) == ("0\n", "", 0)
