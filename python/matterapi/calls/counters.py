"""What the calls of a client have done so far, in numbers."""

from __future__ import annotations

from typing import Any, NamedTuple

from matterapi.errors.from_core import class_name


class CallCounters(NamedTuple):
    """What the calls of a client, its views and its streams have done since it was made.

    A forked child begins anew.

    Attributes:
        calls: Calls that were begun.
        attempts: Times that one was sent. A new login, or a second connection, is a part of an attempt.
        retries: Attempts that failed and were followed by a further one.
        failures: Calls that ended in an error status or without an answer, by the name of the exception,
            such as `{"ReadTimeout": 2, "ServiceUnavailable": 1}`. What is found wrong with an answer only
            when it is read (`DecodeError`) is not among them.
        limiter_waits: Attempts that had to wait for their turn under the server's rate limit.
        bytes_received: Bytes of the bodies that came, content coding undone.
    """

    calls: int
    attempts: int
    retries: int
    failures: dict[str, int]
    limiter_waits: int
    bytes_received: int

    @classmethod
    def of(cls, core: dict[str, Any]) -> CallCounters:
        """What the core has counted, with failures under the names that programs know them by."""
        failures: dict[str, int] = {}
        for cause, count in core.pop("failures").items():
            name = class_name(cause)
            failures[name] = failures.get(name, 0) + count
        return cls(**core, failures=failures)
