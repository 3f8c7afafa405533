"""What a client knows of the server's rate limit."""

from __future__ import annotations

from typing import NamedTuple


class RateLimit(NamedTuple):
    """The limit that all calls, iterators and event streams of a client share.

    The server counts by user or by address, as it is set up (RateLimitSettings), and says with every answer
    what is left; a server without a limit says nothing.

    Attributes:
        limit: Calls in a burst, as the server last said; `None` if it only refused a call.
        remaining: Calls that could go out at once now, by the client's count.
        rate: Calls a second that the client keeps to when the burst is used up.
        wait: Seconds until the next call may go; those that wait already go first.
    """

    limit: int | None
    remaining: int
    rate: float
    wait: float
