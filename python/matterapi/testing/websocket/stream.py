"""One stream of events to one socket: numbering, queueing, replay (web_conn.go)."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from matterapi.testing.http.encoding import JsonObject

from .connection import WebsocketConnection
from .dead_queue import DeadQueue, WrittenEvent
from .frames import PING, TEXT
from .messages import Event
from .outgoing import OutgoingFrame

QUEUE_LIMIT = 256
SLOW_AT = 128


@dataclass(slots=True)
class Presence:
    """What a client says it looks at (action `presence`); None for what it never said.

    Attributes:
        channel_id: The channel in view.
        team_id: The team in view.
        side_thread: Channel of the thread in the right-hand sidebar.
        thread_view: Channel of the thread in the view of all threads.
    """

    channel_id: str | None = None
    team_id: str | None = None
    side_thread: str | None = None
    thread_view: str | None = None

    def is_elsewhere(self, channel_id: str) -> bool:
        """Whether all three places are known, and none of them is this channel."""
        places = (self.channel_id, self.side_thread, self.thread_view)
        return None not in places and channel_id not in places


class Stream:
    """The server's memory of a stream, for the time of one socket and after it.

    A client that resumes gets a new `Stream` that takes the queues of the old one over.

    Args:
        connection: The socket.
        connection_id: Id, as told in hello.
        wants_ack: Whether it was opened with `posted_ack=true`.
        resumes: The stream whose queues it takes over; None for a fresh one.
        sequence: Number of the next event.

    Attributes:
        id: Connection id, which survives its sockets.
        user_id: Whose socket it is; empty until that is proved.
        token: The session's token; empty before authentication and once the session is found revoked.
        sequence: Number of the next event.
        is_active: Whether the server believes that the socket lives.
        is_cut: Whether its queue overflowed: what is queued still goes out, then the socket ends.
        reuse_count: How often the stream has been resumed.
        last_activity: When its user was last active, in seconds of the server's `Timers`.
        presence: What the client says it looks at.
        missed: Events lost to it while a resume had taken it out of the index.
    """

    def __init__(
        self,
        connection: WebsocketConnection,
        connection_id: str,
        *,
        wants_ack: bool,
        resumes: Stream | None = None,
        sequence: int = 0,
    ) -> None:
        self.id: str = connection_id
        self.user_id: str = ""
        self.token: str = ""
        self.wants_ack: bool = wants_ack
        self.sequence: int = sequence
        self.is_active: bool = False
        self.is_cut: bool = False
        self.last_activity: float = 0.0
        self.presence: Presence = Presence()
        self.missed: int = 0
        self.reuse_count: int = resumes.reuse_count + 1 if resumes else 0
        self._queue: deque[tuple[Event, JsonObject | None] | bytes] = resumes._queue if resumes else deque()
        self._dead: DeadQueue = resumes._dead if resumes else DeadQueue()
        self._replay: deque[WrittenEvent] = deque()
        self._connection = connection
        self._pumps = False
        self._waiting: list[tuple[int, asyncio.Future[None]]] = []

    @property
    def queued(self) -> int:
        """How many messages wait to be written."""
        return len(self._queue)

    @property
    def is_slow(self) -> bool:
        """Whether so much is queued that events of little worth are dropped."""
        return len(self._queue) >= SLOW_AT

    def start(self, hello: Callable[[], Event], new_id: str) -> None:
        """Begin to write: first what a resumed client lacks, then what is queued.

        Where events are lost that a resumed client lacks, the stream gets `new_id` and begins anew with
        `hello`. Without loss a resume is silent.
        """
        if self.sequence != 0:
            lacking = self._dead.since(self.sequence)
            if lacking is not None:
                self._replay.extend(lacking)
            elif self._dead.lacks(self.sequence):
                self._dead.clear()
                self.id = self._connection.connection_id = new_id
                self.sequence = 0
                self._queue.appendleft((hello(), None))
        self._pumps = True
        self.flush()

    def push(self, message: tuple[Event, JsonObject | None] | bytes) -> bool:
        """Queue an event, with the `data` keys for this recipient alone, or a reply; False when full."""
        if len(self._queue) >= QUEUE_LIMIT:
            return False
        self._queue.append(message)
        self.flush()
        return True

    def flush(self) -> None:
        """Write what can be written."""
        connection = self._connection
        while self._pumps and not connection.is_blocked and not connection.ended:
            if self._replay:
                written = self._replay.popleft()
                self.sequence += 1
                self._write(written)
            elif self._queue:
                self._write_queued(self._queue.popleft())
            elif self.is_cut:
                connection.close(b"")
            else:
                return

    def _write_queued(self, message: tuple[Event, JsonObject | None] | bytes) -> None:
        if isinstance(message, bytes):
            self._connection.send(OutgoingFrame("reply", TEXT, message))
            return
        written = WrittenEvent(self.sequence, *message)
        self.sequence += 1
        self._dead.add(written)
        self._write(written)

    def _write(self, written: WrittenEvent) -> None:
        payload = written.event.encode(written.sequence, written.extra)
        self._connection.send(OutgoingFrame("event", TEXT, payload, written.event.name, written.sequence))

    def ping(self) -> None:
        """Send a Ping frame."""
        if not self._connection.is_blocked:
            self._connection.send(OutgoingFrame("ping", PING, b""))

    def cut(self) -> None:
        """End the stream: its queue is full."""
        self.is_cut = True
        self.flush()

    def miss(self) -> None:
        """Count an event that it should have got."""
        self.missed += 1
        for count, future in self._waiting:
            if count <= self.missed and not future.done():
                future.set_result(None)

    async def wait_missed(self, count: int) -> None:
        """Wait until `count` events have been lost to it."""
        if self.missed < count:
            future = asyncio.get_running_loop().create_future()
            self._waiting.append((count, future))
            await future
