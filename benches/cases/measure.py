"""What all measured programs share: the clock and the way a sample gets out of the process.

Only the standard library is used here, so that every environment can run it.
"""

from __future__ import annotations

import hashlib
import json
import resource
import sys
import time
from dataclasses import asdict, dataclass
from typing import Any

WARM_UP = 0.3
"""Seconds of calls before the measured ones: imports, connections, caches."""


@dataclass(frozen=True)
class Sample:
    """What one process measured.

    Args:
        calls: Calls made, or events handled.
        seconds: Time they took.
        cpu_seconds: Processor time of all threads of the process during it, user and system.
        outcome: Fingerprint of what the calls returned; the same for every library of a case.
    """

    calls: int
    seconds: float
    cpu_seconds: float
    outcome: str


class Clock:
    """Time and processor time since it was made."""

    def __init__(self) -> None:
        self._cpu = _cpu_seconds()
        self._start = time.perf_counter()

    def sample(self, calls: int, outcome: str) -> Sample:
        """The sample of `calls` calls that took until now."""
        seconds = time.perf_counter() - self._start
        return Sample(calls, seconds, _cpu_seconds() - self._cpu, outcome)


def _cpu_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def fingerprint(value: Any) -> str:
    """A short text that is equal for equal JSON values."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def model_fingerprint(model: Any) -> str:
    """The fingerprint of the JSON that a pydantic model was made from."""
    return fingerprint(model.model_dump(mode="json", by_alias=True, exclude_unset=True))


def print_sample(sample: Sample) -> None:
    """Print the sample as the last line of standard output; libraries may print before it."""
    sys.stdout.write(json.dumps(asdict(sample)) + "\n")
