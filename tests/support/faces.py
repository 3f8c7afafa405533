"""One test body for both clients: the sync client with the face of the async one."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, asynccontextmanager
from typing import Any

from typing_extensions import Self

from matterapi import AsyncClient, SyncClient
from matterapi.calls.pages import PageIterator
from matterapi.calls.stream import FileStream
from matterapi.client.raw_view import RawView
from matterapi.endpoints.base import SyncApi
from matterapi.endpoints.raw import SyncRawApi
from matterapi.events.actions import SyncActions
from matterapi.events.stream import SyncEventStream

_NONE_LEFT = object()


class AwaitableFace:
    """A sync client, or one of its groups, whose methods run in a thread and are awaited."""

    def __init__(self, target: Any) -> None:
        self._target = target

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._target, name)
        if isinstance(value, (SyncApi, SyncRawApi, RawView)):
            return AwaitableFace(value)
        if not callable(value) or name == "permalink":
            return value
        if face := iterated if name.startswith("iter_") else FACES.get(name):
            return lambda *args, **kwargs: face(value(*args, **kwargs))

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


@asynccontextmanager
async def awaitable_block(block: AbstractContextManager[Any]) -> AsyncIterator[Any]:
    """A context manager that is entered and left in a thread."""
    value = await asyncio.to_thread(block.__enter__)
    try:
        yield value
    finally:
        await asyncio.to_thread(block.__exit__, None, None, None)


class AwaitableIterator:
    """An iterator or stream of the sync client, each step of which runs in a thread and is awaited."""

    def __init__(self, target: Iterator[Any] | FileStream | SyncEventStream[Any]) -> None:
        self._target: Any = target

    def __getattr__(self, name: str) -> Any:
        return getattr(self._target, name)

    def __aiter__(self) -> AwaitableIterator:
        return self

    async def __anext__(self) -> Any:
        value = await asyncio.to_thread(next, self._target, _NONE_LEFT)
        if value is _NONE_LEFT:
            raise StopAsyncIteration
        return value

    async def aclose(self) -> None:
        await asyncio.to_thread(self._target.close)

    async def __aenter__(self) -> Self:
        await asyncio.to_thread(self._target.__enter__)
        return self

    async def __aexit__(self, *exc: object) -> None:
        await asyncio.to_thread(self._target.__exit__, *exc)


class AwaitablePages(AwaitableIterator):
    """A `PageIterator`, each step of which runs in a thread and is awaited."""

    def pages(self) -> AwaitableIterator:
        return AwaitableIterator(self._target.pages())

    async def first(self) -> Any:
        return await asyncio.to_thread(self._target.first)


def iterated(target: Any) -> AwaitableIterator:
    return AwaitablePages(target) if isinstance(target, PageIterator) else AwaitableIterator(target)


class AwaitableEvents(AwaitableIterator):
    """A `SyncEventStream` whose waits run in a thread and are awaited."""

    def batches(self, *args: Any, **kwargs: Any) -> AwaitableIterator:
        return AwaitableIterator(self._target.batches(*args, **kwargs))

    async def ready(self, timeout: float | None = None) -> Self:
        await asyncio.to_thread(self._target.ready, timeout)
        return self

    async def wait(self, timeout: float | None) -> Any:
        return await asyncio.to_thread(self._target.wait, timeout)

    def __getattr__(self, name: str) -> Any:
        value = super().__getattr__(name)
        if not hasattr(SyncActions, name):
            return value

        async def call(*args: Any, **kwargs: Any) -> Any:
            return await asyncio.to_thread(value, *args, **kwargs)

        return call


FACES: dict[str, Callable[[Any], Any]] = {
    "stream": AwaitableIterator,
    "events": AwaitableEvents,
    "typing": awaitable_block,
}
"""What is made of the values of methods that neither of the clients awaits."""


def make_client(kind: str, url: str, auth: dict[str, Any] | None = None, **options: Any) -> Any:
    """A client of the kind `sync` or `async`, both with the methods of the async one.

    It sends a call once, so that what a test sees is one answer of the server's; tests of repeats say
    `retries`.
    """
    options = {"url": url, "auth": auth, "retries": 0, **options}
    return AwaitableFace(SyncClient(options=options)) if kind == "sync" else AsyncClient(options=options)
