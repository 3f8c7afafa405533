"""Time limits in the server's own time: real seconds by a scale, plus what a test skips."""

import asyncio
import heapq
import time
from collections.abc import Callable
from itertools import count


class Timer:
    """One call to come."""

    __slots__ = ("_function",)

    def __init__(self, function: Callable[[], None]) -> None:
        self._function: Callable[[], None] | None = function

    def cancel(self) -> None:
        """Never call it."""
        self._function = None

    def fire(self) -> None:
        """Call it, once."""
        function, self._function = self._function, None
        if function is not None:
            function()


class Timers:
    """All time limits of one server, on its event loop.

    Args:
        scale: Real seconds that one second of a limit takes; below 1 makes limits shorter.
    """

    def __init__(self, scale: float = 1.0) -> None:
        self._scale = scale
        self._start = time.monotonic()
        self._skipped = 0.0
        self._due: list[tuple[float, int, Timer]] = []
        self._order = count()
        self._wake: asyncio.TimerHandle | None = None
        self._wake_at = 0.0

    def now(self) -> float:
        """Return the seconds since the server began, as its limits count them."""
        return (time.monotonic() - self._start) / self._scale + self._skipped

    def call_later(self, seconds: float, function: Callable[[], None]) -> Timer:
        """Call `function` on the event loop when that many seconds have passed."""
        timer = Timer(function)
        heapq.heappush(self._due, (self.now() + seconds, next(self._order), timer))
        self._arm()
        return timer

    def skip(self, seconds: float) -> None:
        """Let that time pass at once: what becomes due is called now, in its order."""
        target = self.now() + seconds
        while self._due and self._due[0][0] <= target:
            self._skipped += max(self._due[0][0] - self.now(), 0.0)
            heapq.heappop(self._due)[2].fire()
        self._skipped += max(target - self.now(), 0.0)
        self._arm()

    def _arm(self) -> None:
        if not self._due:
            return
        at = self._due[0][0]
        if self._wake is not None:
            if self._wake_at <= at:
                return
            self._wake.cancel()
        self._wake_at = at
        delay = max(at - self.now(), 0.0) * self._scale
        self._wake = asyncio.get_running_loop().call_later(delay, self._run)

    def _run(self) -> None:
        self._wake = None
        while self._due and self._due[0][0] <= self.now():
            heapq.heappop(self._due)[2].fire()
        self._arm()
