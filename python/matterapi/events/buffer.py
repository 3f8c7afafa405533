"""What a stream has received and not yet handed out."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any, Generic, TypeVar

from matterapi._core import AsyncEventIterator, EventIterator, EventQueue, Frames

from .checkpoint import Checkpoint
from .event import CaughtUp, Connected, Disconnected, Event, GapNotice, SlowConsumer
from .notices import NoticeLog
from .progress import Progress
from .typed import DECODER, judge_event

E = TypeVar("E", bound=Event)


class EventBuffer(Generic[E]):
    """Keeps what is in the core's batches until it is taken, and makes events of it.

    Args:
        wanted: Classes of the events that are handed out; empty for all events of the server.
        checkpoint: Where the position goes.
        manual: The user says which events are done with; otherwise those are that were taken before the next.
        anew: What the stream misses is fetched from a time on that it is yet to learn from the server.

    Attributes:
        is_ready: Whether there was a connection; of a stream that begins anew, whether it knows the time.
    """

    def __init__(
        self,
        wanted: tuple[type[Event], ...],
        checkpoint: Checkpoint | None = None,
        manual: bool = False,
        anew: bool = False,
    ) -> None:
        self._wanted = wanted
        # Takes some ms a class, which is better now than when the first frame has come.
        for event in wanted:
            if event.NAME:
                DECODER.prepare(event.NAME)
        self._queue = EventQueue(DECODER, judge_event, wanted)
        self._log = NoticeLog()
        self._manual = manual
        self._follows = checkpoint is not None
        self.progress: Progress = Progress(checkpoint)
        self._anew = anew
        self.is_ready: bool = False

    def add(self, batch: list[Any]) -> None:
        """Take what the core hands over: frames and notices.

        Raises:
            Exception: What the checkpoint's `save` raises.
        """
        for item in batch:
            if type(item) is Frames:
                self._queue.add_frames(item)
            elif item[0] == "position":
                self.is_ready = True
                self._reached(item[1])
            else:
                self._notice(*item)

    def _reached(self, position: int) -> None:
        if not self._queue.add_position(position):
            self.progress.position(position)

    def _notice(self, name: str, *details: Any) -> None:
        self._log.tell(name, *details)
        if name == "connected" and not self._anew:
            self.is_ready = True
        if self._wanted:
            event = _LIFE_CYCLE[name](*details)
            if isinstance(event, self._wanted):
                self._queue.add_event(event, time.time())

    def begin(self) -> None:
        """The user asks for more."""
        if self._follows and not self._manual:
            self.progress.all_done()

    def take(self) -> E | None:
        """The next event, or `None` when there is none now.

        Raises:
            Exception: What the checkpoint's `save` raises.
        """
        event: E | None = self._queue.take(self._told)
        return event

    def events(self, rest: Callable[[], E]) -> Iterator[E]:
        """The events that wait, as by `begin` and `take`.

        Args:
            rest: Gives the next one where none waits, and after `hold`.
        """
        return EventIterator(self._queue, self._told, self._begin, rest)

    def async_events(self, rest: Callable[[], Awaitable[E]]) -> AsyncIterator[E]:
        """The same for `async for`."""
        return AsyncEventIterator(self._queue, self._told, self._begin, rest)

    @property
    def _told(self) -> Progress | None:
        return self.progress if self._follows else None

    @property
    def _begin(self) -> Callable[[], None] | None:
        return self.begin if self._follows and not self._manual else None

    def hold(self) -> None:
        """From now on `rest` decides about each event."""
        self._queue.hold()

    @property
    def delivered(self) -> int:
        """Events that were taken."""
        return self._queue.delivered

    @property
    def waiting(self) -> int:
        """Events and frames that were not taken yet."""
        return self._queue.waiting

    @property
    def lag(self) -> float:
        """Seconds since the event came that is taken next; 0 if there is none."""
        received_at = self._queue.next_received_at
        return 0.0 if received_at is None else max(0.0, time.time() - received_at)

    def clear(self) -> None:
        """Drop what was not taken."""
        self._queue.clear()


_LIFE_CYCLE: dict[str, Callable[..., Event]] = {
    "connected": lambda version, resumed: Connected(resumed=resumed, server_version=version),
    "reconnecting": lambda reason, seconds: Disconnected(reason=reason, retry_in=seconds),
    "caught_up": lambda posted, edited, deleted, _gaps, channels, _calls: CaughtUp(
        posted=posted, edited=edited, deleted=deleted, channels=channels
    ),
    "gap": lambda channel, since, until, kind: GapNotice(
        channel_id=channel, since=since, until=until, kind=kind
    ),
    "full": lambda depth, size: SlowConsumer(depth=depth, size=size, paused=True),
}
