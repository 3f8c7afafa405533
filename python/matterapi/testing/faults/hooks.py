"""Lets the faults of websockets happen, at the places where the server asks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from matterapi.testing.events.connection import Connection
from matterapi.testing.events.hooks import Outgoing
from matterapi.testing.events.link import Link

from .acting import Actor
from .fault import SocketFault
from .rules import Faults, Released, Rule
from .streams import LostEvents, RefusedResume, ResumeFault
from .waiting import first

R = TypeVar("R", bound=ResumeFault)


class FaultyHooks:
    """The faults of the websockets of one running server (`SocketHooks`).

    Args:
        faults: The rules.
        released: Waits until all of some rules are removed.
    """

    def __init__(self, faults: Faults, released: Released) -> None:
        self._faults = faults
        self._released = released
        self._actors: dict[Link, list[tuple[Rule, Actor]]] = {}
        self._met: dict[Link, set[Rule]] = {}

    def consider(self) -> None:
        """Let new rules happen to the sockets that are open."""
        for link in list(self._actors):
            self._meet(link)

    def opened(self, link: Link) -> None:
        """Let a new socket meet its faults."""
        self._actors[link] = []
        self._met[link] = set()
        self._meet(link)

    def _meet(self, link: Link) -> None:
        """Draw the rules that a socket has not met yet."""
        if not len(self._faults):
            return
        for rule in self._faults.applying(SocketFault, None, link.number, link.connection_id):
            if rule in self._met[link]:
                continue
            self._met[link].add(rule)
            if not rule.draw():
                continue
            for fault in rule.faults:
                if isinstance(fault, SocketFault):
                    self._begin(link, rule, fault)

    def _begin(self, link: Link, rule: Rule, fault: SocketFault) -> None:
        actor = fault.actor()
        actor.link = link
        actor.note = lambda: self._faults.note(rule, fault, link.number)
        self._actors[link].append((rule, actor))
        actor.start()

    def _acting(self, link: Link) -> list[Actor]:
        if not len(self._faults) or link not in self._actors:
            return []
        self._meet(link)
        return [actor for rule, actor in self._actors.get(link, ()) if self._faults.holds(rule)]

    def outgoing(self, link: Link, frame: Outgoing) -> Iterable[bytes]:
        """Return what is written for a frame."""
        if not len(self._faults):
            return (frame.encode(),)
        return self._treated(link, frame)

    def _treated(self, link: Link, frame: Outgoing) -> Iterable[bytes]:
        # Frames of a connection id are the first to be met by rules for it: hello is sent before any other.
        actors = self._acting(link)
        data = [frame.encode()]
        for actor in actors:
            data = actor.outgoing(frame, data)
        yield from data
        for actor in actors:
            actor.written()

    def incoming(self, link: Link, opcode: int, payload: bytes) -> bool:
        """Tell whether the server takes notice of what a client sent."""
        return all(actor.incoming(opcode, payload) for actor in self._acting(link))

    def finds(self, link: Link, connection_id: str, sequence: int) -> bool:
        """Tell whether a resume may find its stream."""
        return self._drawn(link, connection_id, RefusedResume) is None

    async def registering(self, link: Link, connection: Connection) -> None:
        """Hold a resume up until events are lost to it."""
        drawn = self._drawn(link, connection.id, LostEvents)
        if drawn is not None:
            rule, fault = drawn
            await first(connection.wait_missed(fault.count), link.closed, self._released([rule]))

    def _drawn(self, link: Link, connection_id: str, kind: type[R]) -> tuple[Rule, R] | None:
        if not len(self._faults):
            return None
        for rule in self._faults.applying(ResumeFault, None, link.number, connection_id):
            for fault in rule.faults:
                if isinstance(fault, kind) and rule.draw():
                    self._faults.note(rule, fault, link.number)
                    return rule, fault
        return None

    def ended(self, link: Link) -> None:
        """Forget a socket."""
        self._actors.pop(link, None)
        self._met.pop(link, None)
