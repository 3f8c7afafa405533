"""One socket of a client, from the server's side: numbering, queueing and the bytes on the wire."""

import asyncio
from collections import deque

from .frames import CLOSE, PING, PONG, TEXT, Event, frame

QUEUE_LIMIT = 256
SLOW_AT = 128
# Stands for the buffers of the two TCP stacks: below it a message counts as written at once.
_WRITE_BUFFER = 1 << 20


class Connection:
    """State of one authenticated socket.

    Messages go straight to the transport while it takes them; then they wait in a queue of 256, and a
    socket whose queue is full is closed with an empty Close frame (web_conn.go).

    Attributes:
        id: Connection id, as told in hello.
        user_id: Whose socket it is.
        token: The session's token; emptied when the session is found revoked.
        wants_ack: Whether it was opened with ``posted_ack=true``.
        sequence: Number of the next event.
        presence: What the client said it looks at (action ``presence``).
        closed: Whether nothing more may be written.
    """

    def __init__(
        self, transport: asyncio.Transport, connection_id: str, user_id: str, token: str, *, wants_ack: bool
    ) -> None:
        self.id = connection_id
        self.user_id = user_id
        self.token = token
        self.wants_ack = wants_ack
        self.sequence: int = 0
        self.presence: dict[str, str] = {}
        self.closed: bool = False
        self._transport = transport
        self._queue: deque[bytes] = deque()
        self._drain: asyncio.Task[None] | None = None

    @property
    def is_slow(self) -> bool:
        """Whether so much is queued that events of little worth are dropped."""
        return len(self._queue) >= SLOW_AT

    def looks_elsewhere(self, channel_id: str) -> bool:
        """Tell whether the client set its whole presence, and to other channels than this one."""
        seen = (self.presence.get("channel_id"), self.presence.get("thread_channel_id"))
        return all(seen) and channel_id not in seen

    def send_event(self, event: Event) -> None:
        """Number an event and send it."""
        data = event.encode(self.sequence, self.user_id, wants_ack=self.wants_ack)
        self.sequence += 1
        self._send(data)

    def send_compact(self, event: Event) -> None:
        """Number an event and send it in the compact encoding (hello)."""
        data = event.compact(self.sequence)
        self.sequence += 1
        self._send(data)

    def send_reply(self, reply: bytes) -> None:
        """Send a reply; it waits behind the events queued before it."""
        self._send(reply)

    def _send(self, payload: bytes) -> None:
        if self.closed:
            return
        if not self._queue and self._transport.get_write_buffer_size() < _WRITE_BUFFER:
            self._transport.write(frame(TEXT, payload))
            return
        if len(self._queue) >= QUEUE_LIMIT:
            self._drop()
            return
        self._queue.append(payload)
        if self._drain is None:
            self._drain = asyncio.get_running_loop().create_task(self._write_queue())

    async def _write_queue(self) -> None:
        while self._queue and not self._transport.is_closing():
            if self._transport.get_write_buffer_size() < _WRITE_BUFFER:
                self._transport.write(frame(TEXT, self._queue.popleft()))
            else:
                await asyncio.sleep(0.005)
        self._drain = None

    def _drop(self) -> None:
        """Close a socket that does not read: what is queued still goes out, then an empty Close frame."""
        for payload in self._queue:
            self._transport.write(frame(TEXT, payload))
        self._queue.clear()
        self.close(b"")

    def ping(self) -> None:
        """Send a Ping frame."""
        if not self.closed:
            self._transport.write(frame(PING, b""))

    def pong(self, payload: bytes) -> None:
        """Answer a Ping frame."""
        if not self.closed:
            self._transport.write(frame(PONG, payload))

    def close(self, payload: bytes | None = None) -> None:
        """End the socket, with a Close frame of that payload or, for None, by the end of TCP alone."""
        if self.closed:
            return
        if payload is not None:
            self._transport.write(frame(CLOSE, payload))
        self.closed = True
        if not self._transport.is_closing():
            self._transport.close()
