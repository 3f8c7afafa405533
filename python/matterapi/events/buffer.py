"""What a stream has received and not yet handed out."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import Any, Generic, TypeVar, cast

from .checkpoint import Checkpoint
from .event import CaughtUp, Connected, Disconnected, Event, GapNotice, SlowConsumer, arrival_of
from .notices import NoticeLog
from .progress import Progress
from .typed import judge_event

E = TypeVar("E", bound=Event)


class EventBuffer(Generic[E]):
    """Makes events of the core's batches, and keeps those that are wanted until they are taken.

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
        self._items: deque[Event | int] = deque()
        self._log = NoticeLog()
        self._manual = manual
        self.progress: Progress = Progress(checkpoint)
        self._anew = anew
        self.is_ready: bool = False
        self.delivered: int = 0

    def add(self, batch: list[Any]) -> None:
        """Take what the core hands over: events, frames that it could not judge, and notices.

        Raises:
            Exception: What the checkpoint's `save` raises.
        """
        for item in batch:
            if not isinstance(item, tuple):
                self._add(item)
            elif isinstance(item[0], bytes):
                self._add(judge_event(*item))
            elif item[0] == "position":
                self.is_ready = True
                self._reached(item[1])
            else:
                self._notice(*item)

    def _add(self, event: Event | None) -> None:
        if event is not None and (not self._wanted or isinstance(event, self._wanted)):
            self._items.append(event)

    def _reached(self, position: int) -> None:
        if self._items:
            self._items.append(position)
        else:
            self.progress.position(position)

    def _notice(self, name: str, *details: Any) -> None:
        self._log.tell(name, *details)
        if name == "connected" and not self._anew:
            self.is_ready = True
        if self._wanted:
            self._add(_LIFE_CYCLE[name](*details))

    def begin(self) -> None:
        """The user asks for more."""
        if not self._manual:
            self.progress.all_done()

    def take(self) -> E | None:
        """The next event, or `None` when there is none now.

        Raises:
            Exception: What the checkpoint's `save` raises.
        """
        while self._items:
            item = self._items.popleft()
            if isinstance(item, int):
                self.progress.position(item)
                continue
            self.progress.handed_out(item)
            self.delivered += 1
            return cast("E", item)
        return None

    @property
    def waiting(self) -> int:
        """Events that were not taken yet."""
        return sum(not isinstance(item, int) for item in self._items)

    @property
    def lag(self) -> float:
        """Seconds since the event came that is taken next; 0 if there is none."""
        first = next((item for item in self._items if not isinstance(item, int)), None)
        return 0.0 if first is None else max(0.0, time.time() - arrival_of(first).received_at)

    def clear(self) -> None:
        """Drop what was not taken."""
        self._items.clear()


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
