"""One test body for both clients: the sync client with the face of the async one."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from matterapi import AsyncClient, SyncClient
from matterapi.endpoints.base import SyncApi


class AwaitableFace:
    """A sync client, or one of its groups, whose methods run in a thread and are awaited."""

    def __init__(self, target: Any) -> None:
        self._target = target

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._target, name)
        if isinstance(value, SyncApi):
            return AwaitableFace(value)
        if not callable(value):
            return value

        @functools.wraps(value)
        async def call(*args: Any, **kwargs: Any) -> Any:
            return await asyncio.to_thread(value, *args, **kwargs)

        return call

    @asynccontextmanager
    async def session(self) -> AsyncIterator[AwaitableFace]:
        with self._target.session() as session:
            yield AwaitableFace(session)

    async def aclose(self) -> None:
        self._target.close()


def make_client(kind: str, url: str, auth: dict[str, Any] | None = None, **options: Any) -> Any:
    """A client of the kind `sync` or `async`, both with the methods of the async one."""
    options = {"url": url, "auth": auth, **options}
    return AwaitableFace(SyncClient(options=options)) if kind == "sync" else AsyncClient(options=options)
