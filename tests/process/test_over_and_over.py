"""Forks and loops that end, so often that what is left behind by one of them adds up."""

import sys
from pathlib import Path

import pytest

from tests.process.programs import COMMON, echo, python
from tests.support.effort import usually
from tests.support.scripted import scripted

FORKS = usually(20, 50)

FORKS_IN_FLIGHT = (
    COMMON
    + """
import signal
wrong, stop, started = [], threading.Event(), threading.Barrier(9)
def calls(thread):
    for number in range(1_000_000):
        name = f"t{thread}c{number}"
        if sync_client.users.get_user(name).username != name:
            wrong.append(name)
        if not number:
            started.wait(30)
        if stop.is_set():
            return
threads = [threading.Thread(target=calls, args=(thread,), daemon=True) for thread in range(8)]
for thread in threads:
    thread.start()
started.wait(30)
ends = []
for fork in range(int(sys.argv[2])):
    pid = os.fork()
    if pid == 0:
        signal.alarm(20)
        names = [sync_client.users.get_user("child").username, asyncio.run(ask("child"))]
        os._exit(0 if names == ["child"] * 2 else 1)
    ends.append(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
stop.set()
for thread in threads:
    thread.join(30)
print(set(ends), wrong, [thread.is_alive() for thread in threads].count(True))
"""
)


@pytest.mark.skipif(sys.platform == "win32", reason="there is no fork")
def test_forks_with_calls_of_eight_threads_in_flight_disturb_nobody() -> None:
    with scripted(echo) as server:
        assert python(FORKS_IN_FLIGHT, server.url, str(FORKS)) == ("{0} [] 0\n", "", 0)


EARLY_ENDS = (
    COMMON
    + """
import gc
async def leave(turns):
    tasks = [asyncio.ensure_future(ask("slow")) for _ in range(2)]
    for _ in range(turns):
        await asyncio.sleep(0)
for run in range(1000):
    asyncio.run(leave(run % 4))
gc.collect()
print(asyncio.run(ask("a")), len(os.listdir("/proc/self/fd")) < 200)
"""
)


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="descriptors are counted in /proc")
def test_a_thousand_loops_that_end_before_their_calls_leave_nothing() -> None:
    with scripted(echo) as server:
        assert python(EARLY_ENDS, server.url) == ("a True\n", "", 0)
