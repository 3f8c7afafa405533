"""Event streams that run beside a test and end with it, whatever the server does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from copy import copy
from typing import Any

from matterapi._core import EventStream

Event = dict[str, Any]


@asynccontextmanager
async def listening(
    kind: str, client: Any, handler: Callable[[Event], Any]
) -> AsyncIterator[asyncio.Future[None]]:
    """`start_ws` of the async client or `start_ws_sync` of the sync one, until the end of the block.

    The future is done when the stream has ended by itself.
    """
    if kind == "async":
        stream = asyncio.ensure_future(client.start_ws(handler))
        end: Callable[[], Any] = stream.cancel
    else:
        twin, streams = copy(client._target), list[EventStream]()
        make = twin.open_stream
        twin.open_stream = lambda **given: streams.append(make(**given)) or streams[-1]
        stream = asyncio.ensure_future(asyncio.to_thread(twin.start_ws_sync, handler))

        def end() -> None:
            for each in streams:
                each.close()

    try:
        yield stream
    finally:
        # A test that fails leaves no thread behind, which would hold up the end of its loop.
        end()
        await asyncio.gather(stream, return_exceptions=True)


async def events_until(kind: str, client: Any, last: int, coroutine: bool = False) -> list[Any]:
    """What a handler gets, up to the event with the number `last`; fails if the stream ends before.

    `coroutine`: The handler is a coroutine function.
    """
    seen: list[Any] = []
    done = asyncio.Event()
    loop = asyncio.get_running_loop()

    def note(event: Event) -> None:
        seen.append(event)
        if event.get("seq") == last:
            loop.call_soon_threadsafe(done.set)

    async def note_async(event: Event) -> None:
        note(event)

    async with listening(kind, client, note_async if coroutine else note) as stream:
        waiter = asyncio.ensure_future(done.wait())
        await asyncio.wait({stream, waiter}, timeout=60, return_when=asyncio.FIRST_COMPLETED)
        waiter.cancel()
        assert done.is_set(), stream
    return seen
