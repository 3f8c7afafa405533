"""What a stream has received and not yet handed out.

Frames become events when they are taken, one by one. Events that wait in hundreds would be looked through by
Python's garbage collector again and again, which cost more than making them; a frame is nothing to it.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from .checkpoint import Checkpoint
from .event import CaughtUp, Connected, Disconnected, Event, GapNotice, SlowConsumer, arrival_of
from .notices import NoticeLog
from .progress import Progress
from .typed import read_event

E = TypeVar("E", bound=Event)

Frame = tuple[bytes, float]
"""A frame, and when it came in seconds since 1970."""


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
        self._items: deque[Event | Frame | int] = deque()
        self._log = NoticeLog()
        self._manual = manual
        self._follows = checkpoint is not None
        self.progress: Progress = Progress(checkpoint)
        self._anew = anew
        self.is_ready: bool = False
        self.delivered: int = 0

    def add(self, batch: list[Any]) -> None:
        """Take what the core hands over: frames and notices.

        Raises:
            Exception: What the checkpoint's `save` raises.
        """
        for item in batch:
            if type(item[0]) is bytes:
                self._items.append(item)
            elif item[0] == "position":
                self.is_ready = True
                self._reached(item[1])
            else:
                self._notice(*item)

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
            event = _LIFE_CYCLE[name](*details)
            if isinstance(event, self._wanted):
                self._items.append(event)

    def begin(self) -> None:
        """The user asks for more."""
        if self._follows and not self._manual:
            self.progress.all_done()

    def take(self) -> E | None:
        """The next event, or `None` when there is none now.

        Raises:
            Exception: What the checkpoint's `save` raises.
        """
        items, wanted = self._items, self._wanted
        while items:
            item = items.popleft()
            if isinstance(item, tuple):
                try:
                    read = read_event(*item)
                except BaseException:
                    # A signal's: the frame is still to be read.
                    items.appendleft(item)
                    raise
                if read is None or (wanted and not isinstance(read, wanted)):
                    continue
                event = read
            elif isinstance(item, int):
                self.progress.position(item)
                continue
            else:
                event = item
            if self._follows:
                self.progress.handed_out(event)
            self.delivered += 1
            return event  # type: ignore[return-value]
        return None

    @property
    def waiting(self) -> int:
        """Events and frames that were not taken yet."""
        return sum(not isinstance(item, int) for item in self._items)

    @property
    def lag(self) -> float:
        """Seconds since the event came that is taken next; 0 if there is none."""
        first = next((item for item in self._items if not isinstance(item, int)), None)
        if first is None:
            return 0.0
        received_at = arrival_of(first).received_at if isinstance(first, Event) else first[1]
        return max(0.0, time.time() - received_at)

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
