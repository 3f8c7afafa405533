"""One run: a writer, a listener, and what comes between them."""

from __future__ import annotations

import multiprocessing
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from threading import Event

from matterapi.events.checkpoint import SQLiteCheckpoint
from tests.support.cutting_proxy import Way, cutting_proxy

from . import listener, oracle, records
from .peers import PEERS, PeerProcess
from .report import Figures, figures
from .rest import Rest
from .scene import set_up
from .server import Server
from .writer import Writer

CUTS: dict[str, tuple[Way, ...]] = {
    "rst": ("rst",),
    "close": ("close",),
    "silence": ("silence",),
    "turns": ("rst", "close", "silence"),
}
MODES = (*CUTS, "restart", "kill", "client")

AWAY_AT = (0.25, 0.65)
"""When a server is restarted or killed: parts of the time of a run."""


@dataclass(frozen=True)
class Plan:
    """What a run is to be.

    Attributes:
        url: The server's.
        token: A system admin's.
        mode: One of `MODES`.
        server: To be restarted and killed.
        client: `sync` or `async`, or one of `PEERS`.
        python: The interpreter that has the peer.
        seconds: How long is written.
        rate: Posts a second.
        cut_after: Seconds from the handshake of a websocket until its cut, in turn.
        silent_for: See `Way`; without it the client has to find out itself, which takes 40 s.
        away: Seconds for which a killed server is away.
        kill_after: Seconds after which the listener is killed at the earliest and at the latest.
        patience: Seconds to wait after the last write for what is missing.
        settle: Seconds to wait then for what comes twice: a catch-up asks a second time 5 s later.
        missed: `skip` has the listener fetch nothing, to see that this shows.
        seed: Of all choices.
    """

    url: str
    token: str
    mode: str
    server: Server
    client: str = "sync"
    python: str = sys.executable
    seconds: float = 120
    rate: float = 10
    cut_after: tuple[float, ...] = (5, 8)
    silent_for: float | None = None
    away: float = 20
    kill_after: tuple[float, float] = (2, 10)
    patience: float = 90
    settle: float = 8
    missed: str = "fetch"
    seed: int = 1


@dataclass(frozen=True)
class Outcome:
    """What came of a run: its figures, and what shows why."""

    figures: Figures
    truth: oracle.Truth
    verdict: oracle.Verdict
    records: list[records.Record]


# A process that has imported everything forks each of them: a start takes milliseconds.
_PROCESSES = multiprocessing.get_context("forkserver")
_PROCESSES.set_forkserver_preload([listener.__name__])


class Listener:
    """A process that listens, and its successors."""

    def __init__(self, plan: Plan, url: str, token: str, folder: Path) -> None:
        self.log = folder / "log"
        self.checkpoint = folder / "position"
        self.said = folder / "said"
        self.log.touch()
        self._plan = plan
        self._url = url
        self._token = token
        self._process: ForkServerProcess | PeerProcess | None = None
        self.started = 0

    def start(self) -> None:
        self.started += 1
        task = listener.Task(
            url=self._url,
            token=self._token,
            log=str(self.log),
            said=str(self.said),
            run=self.started,
            kind=self._plan.client,
            missed=self._plan.missed,
            checkpoint=str(self.checkpoint) if self._plan.mode == "client" else None,
        )
        if self._plan.client in PEERS:
            self._process = PeerProcess(self._plan.client, task, self._plan.python)
        else:
            self._process = _PROCESSES.Process(target=listener.listen, args=(task,), daemon=True)
        self._process.start()

    def kill(self) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.join()

    def signal(self, number: int) -> None:
        assert self._process is not None
        assert self._process.pid is not None
        os.kill(self._process.pid, number)

    def has_begun(self) -> bool:
        """Whether it is connected and, with a checkpoint, has a position to go on from."""
        if self._process is not None and self._process.exitcode is not None:
            raise RuntimeError(f"the listener has ended: {self.said.read_text()}")
        if not any(record.kind == "Connected" for record in records.read(self.log)):
            return False
        return self._plan.mode != "client" or SQLiteCheckpoint(self.checkpoint).load() is not None


def run(plan: Plan) -> Outcome:
    """Write, cut, wait and judge."""
    rest = Rest(plan.url, plan.token)
    scene = set_up(rest)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        proxy = None
        if plan.mode in CUTS:
            cuts = cutting_proxy(plan.url, CUTS[plan.mode], plan.cut_after, plan.silent_for)
            proxy = stack.enter_context(cuts)
        listening = Listener(plan, proxy.url if proxy else plan.url, scene.listener, folder)
        listening.start()
        stack.callback(listening.kill)
        _wait_until(listening.has_begun, plan.patience)
        with _disturbing(plan, listening) as done:
            written = Writer(rest, scene.channels, plan.rate, plan.seed).run(plan.seconds)
        if proxy:
            proxy.calm()
        truth = oracle.truth(rest, scene.channels, written)
        rest.close()
        _wait_until(lambda: not _judge(truth, listening).is_missing, plan.patience)
        time.sleep(plan.settle)
        found = records.read(listening.log)
        verdict = oracle.judge(truth, found)
        disturbed = len(proxy.cuts) if proxy else done[0]
    counted = figures(
        mode=plan.mode,
        client=plan.client,
        cuts=disturbed,
        written=written,
        truth=truth,
        records=found,
        verdict=verdict,
    )
    return Outcome(counted, truth, verdict, found)


def _judge(truth: oracle.Truth, listening: Listener) -> oracle.Verdict:
    return oracle.judge(truth, records.read(listening.log))


def _wait_until(is_so: Callable[[], bool], seconds: float) -> None:
    until = time.monotonic() + seconds
    while not is_so() and time.monotonic() < until:
        time.sleep(0.25)


@contextmanager
def _disturbing(plan: Plan, listening: Listener) -> Iterator[list[int]]:
    """Ends the server or the listener again and again; gives how often."""
    done, over = [0], Event()
    disturb = {"restart": _restart, "kill": _kill_server, "client": _kill_client}.get(plan.mode)
    if disturb is None:
        yield done
        return
    with ThreadPoolExecutor(1) as executor:
        task = executor.submit(disturb, plan, listening, done, over)
        try:
            yield done
        finally:
            over.set()
        task.result()


def _restart(plan: Plan, _: Listener, done: list[int], over: Event) -> None:
    for _when in _moments(plan, over):
        plan.server.restart()
        done[0] += 1


def _kill_server(plan: Plan, _: Listener, done: list[int], over: Event) -> None:
    for _when in _moments(plan, over):
        plan.server.kill()
        done[0] += 1
        over.wait(plan.away)
        plan.server.start()


def _moments(plan: Plan, over: Event) -> Iterator[float]:
    begin = time.monotonic()
    for part in AWAY_AT:
        if over.wait(max(0.0, begin + part * plan.seconds - time.monotonic())):
            return
        yield part


def _kill_client(plan: Plan, listening: Listener, done: list[int], over: Event) -> None:
    choice = random.Random(plan.seed)
    while not over.wait(choice.uniform(*plan.kill_after)):
        listening.kill()
        done[0] += 1
        # Sometimes it is away for a while.
        over.wait(choice.choice([0, 0, choice.uniform(0, plan.kill_after[1])]))
        listening.start()
