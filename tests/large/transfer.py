"""One large transfer in a process of its own; prints the bytes moved and the growth of its memory in KiB."""

import asyncio
import sys
from pathlib import Path

from matterapi import AsyncClient, SyncClient
from tests.support.memory import peak


async def run(kind: str, way: str, url: str, path: Path, size: int) -> tuple[int, int]:
    options = {"url": url, "auth": {"token": "t" * 26}}
    client = SyncClient(options=options) if kind == "sync" else AsyncClient(options=options)

    async def move(size: int) -> int:
        if way == "up":
            with path.open("r+b") as file:
                file.truncate(size)
            moved = client.files.upload("c1", path)
            infos = await moved if kind == "async" else moved  # type: ignore[misc]
            return infos[0].size or 0  # type: ignore[index]
        done = client.files.download(str(size), path)
        written = await done if kind == "async" else done  # type: ignore[misc]
        return written.stat().st_size  # type: ignore[attr-defined]

    await move(1024 * 1024)
    before = peak()
    return await move(size), peak() - before


if __name__ == "__main__":
    kind, way, url, path, size = sys.argv[1:]
    print(*asyncio.run(run(kind, way, url, Path(path), int(size))))  # noqa: T201
