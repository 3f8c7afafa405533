"""What all measured programs share: the clock and the way a sample gets out of the process.

Only the standard library is used here, so that every environment can run it.
"""

from __future__ import annotations

import hashlib
import json
import os
import resource
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NoReturn

WARM_UP = 0.3
"""Seconds of calls before the measured ones, at most: imports, connections, caches."""


@dataclass(frozen=True)
class Amount:
    """How much is measured: for so many seconds, or so many calls.

    Args:
        seconds: For how long; 0 if calls are counted.
        calls: How many; 0 if time is.
    """

    seconds: float = 0
    calls: int = 0

    @classmethod
    def read(cls, text: str) -> Amount:
        """`2s` is a time, `5000` a number of calls."""
        return cls(seconds=float(text[:-1])) if text.endswith("s") else cls(calls=int(text))

    @property
    def warm_up(self) -> Amount:
        """What goes before: a short time, or a tenth of the calls."""
        return Amount(min(WARM_UP, self.seconds), self.calls // 10)

    def share(self, workers: int) -> Amount:
        """What each of `workers` does: as long, or its part of the calls."""
        return Amount(self.seconds, self.calls // workers)


def trusted() -> str | None:
    """The file of the authority whose certificate the server has, if it speaks TLS."""
    return os.environ.get(TRUSTED)


def trusted_bytes() -> bytes | None:
    """What is in it."""
    path = trusted()
    return Path(path).read_bytes() if path else None


TRUSTED = "BENCH_TRUSTED"
"""The variable that names it."""


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
        switches: How often a thread waited during it (voluntary context switches).
    """

    calls: int
    seconds: float
    cpu_seconds: float
    outcome: str
    memory: float = 0
    p50: float = 0
    p99: float = 0
    switches: int = 0


class Clock:
    """Time, processor time and switches from when it was made until it is stopped."""

    def __init__(self) -> None:
        self._usage = resource.getrusage(resource.RUSAGE_SELF)
        self._start = time.perf_counter()

    def stop(self) -> None:
        """Take the time now, before any work that does not belong to the measurement."""
        self._seconds = time.perf_counter() - self._start
        end = resource.getrusage(resource.RUSAGE_SELF)
        self._cpu_seconds = end.ru_utime + end.ru_stime - self._usage.ru_utime - self._usage.ru_stime
        self._switches = end.ru_nvcsw - self._usage.ru_nvcsw

    def sample(self, calls: int, outcome: str) -> Sample:
        """The sample of `calls` calls that took until `stop`."""
        return Sample(calls, self._seconds, self._cpu_seconds, outcome, switches=self._switches)


def measure_calls(call: Callable[[], object], amount: Amount, outcome: str) -> Sample:
    """Make the same blocking call again and again, after a warm-up."""
    repeat(call, amount.warm_up)
    clock = Clock()
    calls = repeat(call, amount)
    clock.stop()
    return clock.sample(calls, outcome)


def repeat(call: Callable[[], object], amount: Amount) -> int:
    """Make a call so long or so often; returns how often."""
    if amount.calls:
        for _ in range(amount.calls):
            call()
        return amount.calls
    calls = 0
    end = time.perf_counter() + amount.seconds
    while not calls or time.perf_counter() < end:
        call()
        calls += 1
    return calls


def measure_threads(calls: Sequence[Callable[[], object]], amount: Amount, outcome: str) -> Sample:
    """The same with a thread for each of `calls`, all from the same moment.

    Raises:
        RuntimeError: A thread failed; the cause is its failure.
    """
    made: list[int] = []
    failures: list[Exception] = []
    share = amount.share(len(calls))
    ready, go = threading.Barrier(len(calls) + 1), threading.Barrier(len(calls) + 1)

    def work(call: Callable[[], object]) -> None:
        try:
            repeat(call, share.warm_up)
        except Exception as error:  # noqa: BLE001 - handed to the thread that waits
            failures.append(error)
        ready.wait()
        go.wait()
        try:
            made.append(repeat(call, share))
        except Exception as error:  # noqa: BLE001 - as above
            failures.append(error)

    threads = [threading.Thread(target=work, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    ready.wait()
    clock = Clock()
    go.wait()
    for thread in threads:
        thread.join()
    clock.stop()
    if failures:
        raise RuntimeError("a thread failed") from failures[0]
    return clock.sample(sum(made), outcome)


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


def leave() -> NoReturn:
    """End the process without the interpreter's end, in which pyreqwest 0.15.1 crashes."""
    sys.stdout.flush()
    os._exit(0)


def print_sample(sample: Sample) -> None:
    """Print the sample as the last line of standard output; libraries may print before it."""
    sys.stdout.write(json.dumps(asdict(sample)) + "\n")
