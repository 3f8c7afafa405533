"""The last events that were written to a stream, for a client that comes back (web_conn.go)."""

from typing import NamedTuple

from .messages import Event

DEAD_QUEUE_SIZE = 128


class WrittenEvent(NamedTuple):
    """An event as it was written.

    Attributes:
        sequence: Its number.
        event: The event.
        extra: The `data` keys that this recipient alone got; None for none.
    """

    sequence: int
    event: Event
    extra: dict[str, object] | None


class DeadQueue:
    """A ring of 128. It is searched from its first slot, not from its oldest entry: after numbering has
    started anew (a resume from 0) it holds two series, and a search finds whichever comes first.
    """

    def __init__(self) -> None:
        self._ring: list[WrittenEvent | None] = [None] * DEAD_QUEUE_SIZE
        self._next = 0

    def add(self, written: WrittenEvent) -> None:
        """Keep an event in the place of the oldest."""
        self._ring[self._next] = written
        self._next = (self._next + 1) % DEAD_QUEUE_SIZE

    def clear(self) -> None:
        """Forget everything."""
        self._ring = [None] * DEAD_QUEUE_SIZE
        self._next = 0

    def lacks(self, sequence: int) -> bool:
        """Whether something is missing: the newest event kept is not the one before `sequence`."""
        newest = self._ring[self._next - 1]
        return newest is not None and newest.sequence != sequence - 1

    def since(self, sequence: int) -> list[WrittenEvent] | None:
        """Return the events from `sequence` on; None when it is not here."""
        at = self._find(sequence)
        if at is None:
            return None
        if self._ring[self._next] is None:
            return [written for written in self._ring[at : self._next] if written is not None]
        found: list[WrittenEvent] = []
        while (written := self._ring[at]) is not None and (
            not found or written.sequence > found[-1].sequence
        ):
            found.append(written)
            at = (at + 1) % DEAD_QUEUE_SIZE
        return found

    def _find(self, sequence: int) -> int | None:
        for at, written in enumerate(self._ring):
            if written is None:
                return None
            if written.sequence == sequence:
                return at
        return None
