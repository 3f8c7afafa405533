"""The clock of a running server, for a test to stop and to move."""

from matterapi.testing.http.listener import Listener
from matterapi.testing.state.clock import Clock
from matterapi.testing.state.timers import Timers


class ServerClock:
    """The wall clock that gives all times, and with it the time limits of the websocket.

    Args:
        clock: The wall clock.
        timers: The time limits.
        listener: Runs what is done to them on the server's thread.
    """

    def __init__(self, clock: Clock, timers: Timers, listener: Listener) -> None:
        self._clock = clock
        self._timers = timers
        self._listener = listener

    def now(self) -> int:
        """Return the server's time in ms."""
        return self._clock.now()

    def freeze(self, at: int | None = None) -> None:
        """Stop the wall clock at `at` (ms), by default at the present; time limits run on."""
        self._listener.run(lambda: self._clock.freeze(at))

    def advance(self, ms: int) -> None:
        """Let `ms` pass at once, stopped or running.

        Every time limit that falls due in them is called before this returns, in its order: pings,
        deadlines, the reaper. Nothing is received meanwhile, so that over more than 100 s a client that
        answers every ping has no chance to: go in steps of at most 60 s where it should live.

        Raises:
            ValueError: `ms` is negative.
        """
        if ms < 0:
            raise ValueError(f"time does not run backwards: advance({ms})")
        self._listener.run(lambda: self._advance(ms))

    def resume(self) -> None:
        """Let a stopped clock run again, from the real time."""
        self._listener.run(self._clock.resume)

    def _advance(self, ms: int) -> None:
        self._clock.advance(ms)
        self._timers.skip(ms / 1000)
