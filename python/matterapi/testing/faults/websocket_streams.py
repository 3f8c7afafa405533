"""Faults of the stream of events on a websocket: silence, loss, repetition, disorder, strange numbers.

They act on frames that the server writes; `skip` lets some of them pass first.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from dataclasses import dataclass

from matterapi.testing.websocket.outgoing import OutgoingFrame

from .fault import Fault, WebsocketFault
from .websocket_actors import Actor, Deafener, Selector, frame

_PING = 0x9
_KINDS = ("hello", "event", "reply", "ping", "pong", "close")


@dataclass(frozen=True, slots=True)
class Deaf(WebsocketFault):
    """The server neither writes nor notices anything any more; TCP stays open, as when its process stops.

    Args:
        after_frames: After how many frames; at once on a socket that has come further.
    """

    after_frames: int = 0

    def __post_init__(self) -> None:
        self.require_count("after_frames")

    def actor(self) -> Actor:
        """Return what carries it out on one socket."""
        return Deafener(self.after_frames)


@dataclass(frozen=True, slots=True)
class MissingPong(WebsocketFault):
    """Pings are not answered.

    Args:
        of_requests: Whether the action `ping` of a client is not answered, too.
    """

    of_requests: bool = False

    def actor(self) -> Actor:
        """Return what carries it out on one socket."""
        return _Ignorer(of_requests=self.of_requests)


class _Ignorer(Actor):
    def __init__(self, *, of_requests: bool) -> None:
        self._of_requests = of_requests

    def incoming(self, opcode: int, payload: bytes) -> bool:
        if opcode == _PING or (self._of_requests and _action(payload) == "ping"):
            self.note()
            return False
        return True


def _action(payload: bytes) -> object:
    try:
        request = json.loads(payload)
    except ValueError:
        return None
    return request.get("action") if isinstance(request, dict) else None


@dataclass(frozen=True, slots=True)
class Selected(WebsocketFault):
    """Something that happens to some of the frames on a socket.

    Args:
        skip: How many of the kind pass by first.
        count: How many it happens to; None for all that follow.
        kind: `hello`, `event` (hello not among them), `reply`, `ping`, `pong` or `close`.
        event: Only events of this name; None for all.
    """

    skip: int = 0
    count: int | None = 1
    kind: str = "event"
    event: str | None = None

    def __post_init__(self) -> None:
        self.require_count("skip")
        if self.count is not None:
            self.require_count("count", least=1)
        self.require_one_of("kind", _KINDS)
        self.require(self.event is None or self.kind == "event", "event", "None unless kind is event")

    def takes(self, sent: OutgoingFrame) -> bool:
        """Whether a frame is of the kind."""
        kind = "hello" if sent.event == "hello" else sent.kind
        return kind == self.kind and self.event in (None, sent.event)


@dataclass(frozen=True, slots=True)
class Gap(Selected):
    """Frames that are never written; an event's number is used up all the same."""

    def actor(self) -> Actor:
        """Return what carries it out on one socket."""
        return _Dropper(self.takes, self.skip, self.count)


class _Dropper(Selector):
    def treat(self, sent: OutgoingFrame, data: list[bytes]) -> Iterable[bytes]:
        return ()


@dataclass(frozen=True, slots=True)
class Duplicate(Selected):
    """Frames that are written twice."""

    def actor(self) -> Actor:
        """Return what carries it out on one socket."""
        return _Repeater(self.takes, self.skip, self.count)


class _Repeater(Selector):
    def treat(self, sent: OutgoingFrame, data: list[bytes]) -> Iterable[bytes]:
        return (*data, *data)


@dataclass(frozen=True, slots=True)
class Late(Selected):
    """Frames that are written some time after those behind them.

    Args:
        seconds: How long after.
    """

    seconds: float = 1.0

    def __post_init__(self) -> None:
        Selected.__post_init__(self)
        self.require_seconds("seconds")

    def actor(self) -> Actor:
        """Return what carries it out on one socket."""
        return _Delayer(self)


class _Delayer(Selector):
    def __init__(self, fault: Late) -> None:
        super().__init__(fault.takes, fault.skip, fault.count)
        self._seconds = fault.seconds

    def treat(self, sent: OutgoingFrame, data: list[bytes]) -> Iterable[bytes]:
        asyncio.get_running_loop().call_later(self._seconds, self.connection.write, b"".join(data))
        return ()


@dataclass(frozen=True, slots=True)
class Reordered(Selected):
    """Frames that are held until all `count` of them are there, and then written in reverse order."""

    count: int | None = 2

    def __post_init__(self) -> None:
        Selected.__post_init__(self)
        self.require(self.count is not None and self.count >= 2, "count", "a whole number from 2")

    def actor(self) -> Actor:
        """Return what carries it out on one socket."""
        return _Reverser(self)


class _Reverser(Selector):
    def __init__(self, fault: Reordered) -> None:
        super().__init__(fault.takes, fault.skip, fault.count)
        self._held: list[bytes] = []

    def treat(self, sent: OutgoingFrame, data: list[bytes]) -> Iterable[bytes]:
        self._held.insert(0, b"".join(data))
        return self._held if self._left == 0 else ()


@dataclass(frozen=True, slots=True)
class Renumbered(Selected):
    """Events with another number than theirs.

    Args:
        to: The number: 0, below 0, above 2^53; None for an event without one.
    """

    to: int | None = 0

    def __post_init__(self) -> None:
        Selected.__post_init__(self)
        fits = self.to is None or (isinstance(self.to, int) and not isinstance(self.to, bool))
        self.require(fits, "to", "a whole number or None")
        self.require(self.kind in ("hello", "event"), "kind", "hello or event")

    def actor(self) -> Actor:
        """Return what carries it out on one socket."""
        return _Renumberer(self)


class _Renumberer(Selector):
    def __init__(self, fault: Renumbered) -> None:
        super().__init__(fault.takes, fault.skip, fault.count)
        self._to = fault.to

    def treat(self, sent: OutgoingFrame, data: list[bytes]) -> Iterable[bytes]:
        message = json.loads(sent.payload)
        del message["seq"]
        if self._to is not None:
            message["seq"] = self._to
        return (frame(sent.opcode, json.dumps(message).encode()),)


@dataclass(frozen=True, slots=True)
class Fragmented(Selected):
    """Messages in several frames; a real server never does that.

    Args:
        size: Bytes of each fragment.
        with_pings: Whether a Ping comes between any two.
        finished: Whether the last fragment comes.
    """

    size: int = 1
    with_pings: bool = False
    finished: bool = True

    def __post_init__(self) -> None:
        Selected.__post_init__(self)
        self.require_count("size", least=1)
        self.require(self.kind in ("hello", "event", "reply"), "kind", "hello, event or reply")

    def actor(self) -> Actor:
        """Return what carries it out on one socket."""
        return _Fragmenter(self)


class _Fragmenter(Selector):
    def __init__(self, fault: Fragmented) -> None:
        super().__init__(fault.takes, fault.skip, fault.count)
        self._fault = fault

    def treat(self, sent: OutgoingFrame, data: list[bytes]) -> Iterable[bytes]:
        fault, payload = self._fault, sent.payload
        pieces = [payload[at : at + fault.size] for at in range(0, len(payload), fault.size)]
        last = len(pieces) - 1
        frames: list[bytes] = []
        for at, piece in enumerate(pieces):
            if at == last and not fault.finished:
                break
            frames.append(frame(sent.opcode if at == 0 else 0x0, piece, final=at == last))
            if fault.with_pings and at < last:
                frames.append(frame(_PING, b""))
        return (b"".join(frames),)


class ResumeFault(Fault):
    """A fault of a resume; each try of a client to resume is an occasion."""

    __slots__ = ()
    happens_to = "resumes"


@dataclass(frozen=True, slots=True)
class RefusedResume(ResumeFault):
    """The stream that a client wants to resume is not found: it gets a new one."""


@dataclass(frozen=True, slots=True)
class LostEvents(ResumeFault):
    """A resume that is held up between lookup and registration until events have been lost to it.

    No number is missing afterwards (web_hub.go: the stream is in no index meanwhile).

    Args:
        count: How many events are lost.
    """

    count: int = 1

    def __post_init__(self) -> None:
        self.require_count("count", least=1)
