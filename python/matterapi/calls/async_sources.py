"""Async iterators as content: tasks of the event loop that feed a request while it is sent."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, AsyncIterator
from contextlib import asynccontextmanager, suppress
from inspect import iscoroutinefunction

from matterapi._core import Feed
from matterapi.errors.exceptions import LocalFileError

from .body import Body, Source
from .loop_bridge import complete


def has_async_source(body: Body) -> bool:
    """Whether a body has content that only an event loop can read."""
    return _is_async(body.data) or any(_is_async(part.source) for part in body.parts)


@asynccontextmanager
async def fed(body: Body) -> AsyncIterator[Body]:
    """The same body with feeds for its async iterators, which are read while the block runs.

    An exception of an iterator ends the request with a `LocalFileError` that it is the cause of. An
    iterator that was not read to its end is closed.
    """
    pumps: list[asyncio.Task[None]] = []

    def ready(source: Source) -> Source:
        if not _is_async(source):
            return source
        feed = Feed()
        pumps.append(asyncio.create_task(_pump(feed, source)))  # type: ignore[arg-type]
        return feed

    parts = tuple(part._replace(source=ready(part.source)) for part in body.parts)
    try:
        yield body._replace(data=ready(body.data), parts=parts)
    except LocalFileError as error:
        causes = [pump.exception() for pump in pumps if pump.done() and not pump.cancelled()]
        raise error from next(filter(None, causes), error.__cause__)
    finally:
        for pump in pumps:
            pump.cancel()
        await asyncio.gather(*pumps, return_exceptions=True)


async def _pump(feed: Feed, source: AsyncIterable[bytes]) -> None:
    pieces = source.__aiter__()
    try:
        async for piece in pieces:
            await complete(feed.submit, piece)
    except Exception as error:
        feed.close(f"{type(error).__name__}: {error}")
        raise
    else:
        feed.close()
    finally:
        if (aclose := getattr(pieces, "aclose", None)) is not None:
            with suppress(Exception):
                await aclose()


def _is_async(source: Source) -> bool:
    read = getattr(source, "read", None)
    return hasattr(source, "__aiter__") and (read is None or iscoroutinefunction(read))
