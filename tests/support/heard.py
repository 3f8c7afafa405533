"""A stream of typed events that runs beside a test, of the sync client or of the async one."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from matterapi import AsyncClient, SyncClient
from matterapi.events import Connected, Disconnected, Event, PostDeleted, Posted, PostEdited
from matterapi.events.stream import EventStream

E = TypeVar("E", bound=Event)

POSTS_AND_LIFE = (Posted, PostEdited, PostDeleted, Connected, Disconnected)
PATIENCE = 60.0


class Heard:
    """What a stream has brought.

    Attributes:
        events: In order.
        messages: Of the posts that came.
        error: What ended it, if something did.
        may_take: Unset, the stream's user takes nothing.
    """

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.messages: list[Any] = []
        self.error: BaseException | None = None
        self.may_take = threading.Event()
        self.may_take.set()
        self._changed = threading.Condition()
        self._is_over = False

    def of(self, kind: type[E]) -> list[E]:
        return [event for event in self.events if isinstance(event, kind)]

    def until(self, holds: Callable[[], bool]) -> None:
        """Wait until something holds; it is looked at after each event.

        Raises:
            TimeoutError: It does not.
        """
        with self._changed:
            if not self._changed.wait_for(lambda: self._is_over or holds(), PATIENCE) or not holds():
                last = [str(event)[:100] for event in self.events[-20:]]
                raise TimeoutError(f"ended by {self.error!r} after {last}")

    def until_over(self) -> BaseException | None:
        """Wait for the end of the stream; what ended it."""
        self.until(lambda: self._is_over)
        return self.error

    def take(self, event: Event) -> None:
        self.may_take.wait(PATIENCE)
        with self._changed:
            self.events.append(event)
            if isinstance(event, Posted):
                self.messages.append(event.post.message)
            self._changed.notify_all()

    def end(self, error: BaseException | None) -> None:
        with self._changed:
            self.error = error
            self._is_over = True
            self._changed.notify_all()


@contextmanager
def hearing(
    kind: str, options: dict[str, Any], *classes: type[Event], **choice: Any
) -> Iterator[tuple[Heard, EventStream[Any]]]:
    """A stream that is connected, until the end of the block.

    Args:
        kind: `sync` or `async`.
        options: Of the client.
        classes: Of the events that come; by default posts and the life of the connection.
        choice: Further options of `events`.
    """
    heard, streams, opened = Heard(), list[EventStream[Any]](), threading.Event()
    wanted = classes or POSTS_AND_LIFE

    def listen() -> None:
        with SyncClient(options=options).events(*wanted, **choice) as stream:
            streams.append(stream)
            opened.set()
            for event in stream:
                heard.take(event)

    async def listen_async() -> None:
        async with AsyncClient(options=options).events(*wanted, **choice) as stream:
            streams.append(stream)
            opened.set()
            async for event in stream:
                heard.take(event)

    def run() -> None:
        error = None
        try:
            if kind == "sync":
                listen()
            else:
                asyncio.run(listen_async())
        except Exception as caught:  # noqa: BLE001 - handed to the test
            error = caught
        heard.end(error)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        assert opened.wait(PATIENCE), heard.error
        yield heard, streams[0]
    finally:
        heard.may_take.set()
        for stream in streams:
            stream.close()
        thread.join(PATIENCE)
        assert not thread.is_alive()
