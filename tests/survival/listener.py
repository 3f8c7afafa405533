"""`python -m tests.survival.listener`: writes down each event before it takes the next, until killed."""

from __future__ import annotations

import argparse
import asyncio
import os
import time
from typing import Any

from matterapi import AsyncClient, SyncClient
from matterapi.events import Event
from matterapi.events.checkpoint import SQLiteCheckpoint

from .records import CLASSES, record_of

TOKEN = "SURVIVAL_LISTENER_TOKEN"
"""The variable of the environment that holds the token: others see the arguments of a process."""


class _Log:
    def __init__(self, path: str, run: int) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self._run = run
        # Ends a line that the process before did not finish.
        os.write(self._file, b"\n")

    def write(self, event: Event) -> None:
        os.write(self._file, record_of(event, self._run, time.time()).line())


def _listen(options: dict[str, Any], log: _Log, choice: dict[str, Any]) -> None:
    with SyncClient(options=options).events(*CLASSES, **choice) as stream:
        for event in stream:
            log.write(event)


async def _listen_async(options: dict[str, Any], log: _Log, choice: dict[str, Any]) -> None:
    async with AsyncClient(options=options).events(*CLASSES, **choice) as stream:
        async for event in stream:
            log.write(event)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", required=True)
    parser.add_argument("--log", required=True, help="file that records are appended to")
    parser.add_argument("--run", type=int, required=True, help="number of this process")
    parser.add_argument("--kind", choices=["sync", "async"], required=True)
    parser.add_argument("--checkpoint", help="database of the position; none: it begins with its connection")
    parser.add_argument("--missed", choices=["fetch", "skip"], required=True)
    given = parser.parse_args()
    log = _Log(given.log, given.run)
    choice = {"missed": given.missed}
    if given.checkpoint:
        choice["checkpoint"] = SQLiteCheckpoint(given.checkpoint)
    options = {"url": given.url, "auth": {"token": os.environ[TOKEN]}}
    if given.kind == "sync":
        _listen(options, log, choice)
    else:
        asyncio.run(_listen_async(options, log, choice))


if __name__ == "__main__":
    main()
