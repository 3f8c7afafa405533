"""What the user of a stream is done with, and so where another one may go on."""

from __future__ import annotations

from collections import deque
from threading import Lock

from .checkpoint import Checkpoint
from .event import Event


class Progress:
    """Saves a position when all events handed out before it are done with. Threads may share it.

    Args:
        checkpoint: Where positions go.
    """

    def __init__(self, checkpoint: Checkpoint | None) -> None:
        self._checkpoint = checkpoint
        self._next = 0
        self._in_hand: dict[int, Event] = {}
        self._positions: deque[tuple[int, int]] = deque()
        self._lock = Lock()

    def handed_out(self, event: Event) -> None:
        """The user has it, and is not done with it."""
        if self._checkpoint is not None:
            with self._lock:
                self._in_hand[self._next] = event
                self._next += 1

    def position(self, position: int) -> None:
        """Everything before this position has been handed out."""
        if self._checkpoint is not None:
            with self._lock:
                self._positions.append((self._next, position))
                self._save()

    def done(self, event: Event) -> None:
        """The user is done with it.

        Raises:
            ValueError: It was not handed out, or was done with before.
        """
        if self._checkpoint is None:
            return
        with self._lock:
            number = next((number for number, other in self._in_hand.items() if other is event), None)
            if number is None:
                raise ValueError(
                    "this event is not in hand: it was acknowledged before, or comes from elsewhere"
                )
            del self._in_hand[number]
            self._save()

    def all_done(self) -> None:
        """The user is done with everything that was handed out."""
        if self._in_hand:
            with self._lock:
                self._in_hand.clear()
                self._save()

    def _save(self) -> None:
        first = next(iter(self._in_hand), self._next)
        reached = None
        while self._positions and self._positions[0][0] <= first:
            reached = self._positions.popleft()[1]
        if reached is not None and self._checkpoint is not None:
            self._checkpoint.save(reached)
