"""A process that writes down each event before it takes the next, until it is killed."""

from __future__ import annotations

import asyncio
import os
import time
from dataclasses import dataclass, field
from typing import Any

from matterapi import AsyncClient, SyncClient
from matterapi.events import Event
from matterapi.events.checkpoint import SQLiteCheckpoint

from .records import CLASSES, record_of


@dataclass(frozen=True)
class Task:
    """What a process is to do.

    Args:
        url: The server.
        token: Its user's token.
        log: The file that records are appended to.
        said: The file that errors are appended to.
        run: The number of this process.
        kind: Which of the two clients listens.
        missed: What becomes of what it misses.
        checkpoint: The database of its position; none: it begins with its connection.
    """

    url: str
    token: str = field(repr=False)
    log: str
    said: str
    run: int
    kind: str
    missed: str
    checkpoint: str | None


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


def listen(task: Task) -> None:
    """Do it until the end of the process."""
    os.dup2(os.open(task.said, os.O_WRONLY | os.O_CREAT | os.O_APPEND), 2)
    log = _Log(task.log, task.run)
    choice: dict[str, Any] = {"missed": task.missed}
    if task.checkpoint:
        choice["checkpoint"] = SQLiteCheckpoint(task.checkpoint)
    options = {"url": task.url, "auth": {"token": task.token}}
    if task.kind == "sync":
        _listen(options, log, choice)
    else:
        asyncio.run(_listen_async(options, log, choice))
