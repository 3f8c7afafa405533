"""What all measured programs share: the clock and the way a sample gets out of the process.

Only the standard library is used here, so that every environment can run it.
"""

from __future__ import annotations

import hashlib
import json
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

WARM_UP = 0.3
"""Seconds of calls before the measured ones: imports, connections, caches."""


@dataclass(frozen=True)
class Sample:
    """What one process measured.

    Args:
        calls: Calls made, events handled or posts decoded.
        seconds: Time they took.
        cpu_seconds: Processor time of all threads of the process during it, user and system.
        outcome: Fingerprint of what the calls returned; the same for every library of a case.
        memory: Bytes: of a post that is kept, of a process after an import, or by which a process grew; 0 if
            not measured.
        p50: Seconds, of what was timed one by one: half of them took no longer; 0 if not measured.
        p99: Seconds: of a hundred one took longer.
    """

    calls: int
    seconds: float
    cpu_seconds: float
    outcome: str
    memory: float = 0
    p50: float = 0
    p99: float = 0


class Clock:
    """Time and processor time from when it was made until it is stopped."""

    def __init__(self) -> None:
        self._cpu = _cpu_seconds()
        self._start = time.perf_counter()

    def stop(self) -> None:
        """Take the time now, before any work that does not belong to the measurement."""
        self._seconds = time.perf_counter() - self._start
        self._cpu_seconds = _cpu_seconds() - self._cpu

    def sample(self, calls: int, outcome: str) -> Sample:
        """The sample of `calls` calls that took until `stop`."""
        return Sample(calls, self._seconds, self._cpu_seconds, outcome)


def measure_calls(call: Callable[[], object], seconds: float, outcome: str) -> Sample:
    """Make the same blocking call again and again for `seconds`, after a warm-up."""
    _repeat(call, WARM_UP)
    clock = Clock()
    calls = _repeat(call, seconds)
    clock.stop()
    return clock.sample(calls, outcome)


def _repeat(call: Callable[[], object], seconds: float) -> int:
    calls = 0
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        call()
        calls += 1
    return calls


def _cpu_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def fingerprint(value: Any) -> str:
    """A short text that is the same for equal JSON values."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def model_fingerprint(model: Any) -> str:
    """The fingerprint of the JSON that a pydantic model was made from.

    A list that the server sent as null is left out: ours has an empty list there, 0.5.0 has `None`.
    """
    return json_fingerprint(model.model_dump(mode="json", by_alias=True, exclude_unset=True))


def json_fingerprint(value: Any) -> str:
    """The fingerprint of the JSON that a value was made from, nulls and empty lists left out.

    For libraries that have `None` for what was not there.
    """
    return fingerprint(_without_empty(value))


def _without_empty(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_empty(item) for key, item in value.items() if item not in (None, [])}
    return [_without_empty(item) for item in value] if isinstance(value, list) else value


def print_sample(sample: Sample) -> None:
    """Print the sample as the last line of standard output; libraries may print before it."""
    sys.stdout.write(json.dumps(asdict(sample)) + "\n")
