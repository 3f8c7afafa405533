"""Signals at random moments of decoding; prints how many there were and how many exceptions they raised.

`python -m tests.attacks.interrupted_decoding KIND URL`: the server answers with teams, which the core lets
pydantic read.
"""

from __future__ import annotations

import asyncio
import inspect
import signal
import sys
from types import FrameType
from typing import Any

from matterapi import AsyncClient, SyncClient

ROUNDS = 20
DELAY = 0.001


class Interrupt(KeyboardInterrupt):
    """What Ctrl-C raises, and nothing else."""


def is_decoding(frame: FrameType | None) -> bool:
    """Whether pydantic reads for the core now: elsewhere an exception may have to pass code of others."""
    while frame is not None:
        if frame.f_code.co_name == "validate" and frame.f_code.co_filename.endswith("schema.py"):
            return True
        frame = frame.f_back
    return False


async def one_round(kind: str, url: str) -> bool:
    """Call until a signal has come while decoding; whether its exception came out of the call."""
    signals = 0

    def interrupt(_number: int, frame: FrameType | None) -> None:
        nonlocal signals
        if is_decoding(frame):
            signals += 1
            raise Interrupt
        signal.setitimer(signal.ITIMER_REAL, DELAY)

    options = {"url": url, "auth": {"token": "t" * 26}}
    client: Any = SyncClient(options=options) if kind == "sync" else AsyncClient(options=options)

    async def call() -> None:
        teams = client.teams.get_all_teams()
        if inspect.isawaitable(teams):
            await teams

    # What is imported and built on first use is not decoding.
    await call()
    signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, DELAY)
    try:
        while not signals:
            await call()
    except Interrupt:
        return True
    return False


if __name__ == "__main__":
    print(sum(asyncio.run(one_round(*sys.argv[1:])) for _ in range(ROUNDS)), "of", ROUNDS)
