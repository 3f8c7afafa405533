"""Meets a gzip bomb in a process of its own; prints what it ended in, and the growth of its memory in KiB."""

import asyncio
import inspect
import io
import sys
from typing import Any

from matterapi import AsyncClient, SyncClient
from matterapi.client.exceptions import DecodeError
from tests.support.effort import usually
from tests.support.memory import peak

LIMIT = 16 * 1024 * 1024
GIB = 1024
"""In MiB, which is what the server counts in."""
TAKEN = usually(GIB // 8, GIB)
"""What is taken piece by piece, to its end; of the rest no more than the limit is unpacked."""


class Counter(io.RawIOBase):
    """A file object that keeps nothing."""

    taken = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.taken += len(data)
        return len(data)


async def run(kind: str, url: str, way: str) -> tuple[Any, int]:
    options = {"url": url, "auth": {"token": "t" * 26}, "max_response_size": LIMIT, "retries": 0}
    client: Any = SyncClient(options=options) if kind == "sync" else AsyncClient(options=options)
    counter = Counter()

    async def call(started: Any) -> Any:
        return await started if inspect.isawaitable(started) else started

    async def stream(name: str) -> int:
        pieces = client.files.stream(name)
        if kind == "sync":
            return sum(map(len, pieces))
        return sum([len(piece) async for piece in pieces])

    async def to_memory(name: str) -> Any:
        kept = []
        for _ in range(5):
            try:
                await call(client.files.download(name))
            except DecodeError as refused:
                kept.append(refused)
        raise kept[-1]

    ways = {
        "call": lambda: call(client.users.get_user(f"200-{10 * GIB}")),
        "error": lambda: call(client.users.get_user(f"500-{10 * GIB}")),
        "whole file": lambda: call(client.files.get_file(f"200-{10 * GIB}")),
        "to memory": lambda: to_memory(f"200-{10 * GIB}"),
        "to a file": lambda: call(client.files.download(f"200-{TAKEN}", counter)),
        "stream": lambda: stream(f"200-{TAKEN}"),
    }
    await call(client.users.get_user("warm"))
    before = peak()
    try:
        end = await ways[way]()
    except DecodeError as refused:
        end = "max_response_size" if "max_response_size" in str(refused) else refused
    return counter.taken if end is counter else end, peak() - before


if __name__ == "__main__":
    print(*asyncio.run(run(*sys.argv[1:])))  # noqa: T201
