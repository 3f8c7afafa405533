"""Lets the faults of websockets happen, at the places where the server asks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from matterapi.testing.websocket.connection import WebsocketConnection
from matterapi.testing.websocket.outgoing import OutgoingFrame
from matterapi.testing.websocket.stream import Stream

from .fault import WebsocketFault
from .rules import Faults, Released, Rule
from .waiting import first
from .websocket_actors import Actor
from .websocket_streams import LostEvents, RefusedResume, ResumeFault

R = TypeVar("R", bound=ResumeFault)


class FaultyHooks:
    """The faults of the websockets of one running server (`WebsocketHooks`).

    Args:
        faults: The rules.
        released: Waits until all of some rules are removed.
    """

    def __init__(self, faults: Faults, released: Released) -> None:
        self._faults = faults
        self._released = released
        self._actors: dict[WebsocketConnection, list[tuple[Rule, Actor]]] = {}
        self._considered: dict[WebsocketConnection, set[Rule]] = {}

    def consider_open(self) -> None:
        """Let new rules happen to the sockets that are open."""
        for connection in list(self._actors):
            self._consider(connection)

    def opened(self, connection: WebsocketConnection) -> None:
        """Let a new socket meet its faults."""
        self._actors[connection] = []
        self._considered[connection] = set()
        self._consider(connection)

    def _consider(self, connection: WebsocketConnection) -> None:
        """Draw the rules that a socket has not met yet."""
        if not len(self._faults):
            return
        for rule in self._faults.applying(WebsocketFault, None, connection.number, connection.connection_id):
            if rule in self._considered[connection]:
                continue
            self._considered[connection].add(rule)
            if not rule.draw():
                continue
            for fault in rule.faults:
                if isinstance(fault, WebsocketFault):
                    self._begin(connection, rule, fault)

    def _begin(self, connection: WebsocketConnection, rule: Rule, fault: WebsocketFault) -> None:
        actor = fault.actor()
        actor.connection = connection
        actor.note = lambda: self._faults.note(rule, fault, connection.number)
        self._actors[connection].append((rule, actor))
        actor.start()

    def _acting(self, connection: WebsocketConnection) -> list[Actor]:
        if not len(self._faults) or connection not in self._actors:
            return []
        self._consider(connection)
        return [actor for rule, actor in self._actors.get(connection, ()) if self._faults.holds(rule)]

    def outgoing(self, connection: WebsocketConnection, frame: OutgoingFrame) -> Iterable[bytes]:
        """Return what is written for a frame."""
        if not len(self._faults):
            return (frame.encode(),)
        return self._treated(connection, frame)

    def _treated(self, connection: WebsocketConnection, frame: OutgoingFrame) -> Iterable[bytes]:
        # Frames of a connection id are the first to be met by rules for it: hello is sent before any other.
        actors = self._acting(connection)
        data = [frame.encode()]
        for actor in actors:
            data = actor.outgoing(frame, data)
        yield from data
        for actor in actors:
            actor.written()

    def incoming(self, connection: WebsocketConnection, opcode: int, payload: bytes) -> bool:
        """Whether the server takes notice of what a client sent."""
        return all(actor.incoming(opcode, payload) for actor in self._acting(connection))

    def finds(self, connection: WebsocketConnection, connection_id: str, sequence: int) -> bool:
        """Whether a resume may find its stream."""
        return self._drawn(connection, connection_id, RefusedResume) is None

    async def registering(self, connection: WebsocketConnection, stream: Stream) -> None:
        """Hold a resume up until events are lost to it."""
        drawn = self._drawn(connection, stream.id, LostEvents)
        if drawn is not None:
            rule, fault = drawn
            await first(stream.wait_missed(fault.count), connection.closed, self._released([rule]))

    def _drawn(
        self, connection: WebsocketConnection, connection_id: str, kind: type[R]
    ) -> tuple[Rule, R] | None:
        if not len(self._faults):
            return None
        for rule in self._faults.applying(ResumeFault, None, connection.number, connection_id):
            for fault in rule.faults:
                if isinstance(fault, kind) and rule.draw():
                    self._faults.note(rule, fault, connection.number)
                    return rule, fault
        return None

    def ended(self, connection: WebsocketConnection) -> None:
        """Forget a socket."""
        self._actors.pop(connection, None)
        self._considered.pop(connection, None)
