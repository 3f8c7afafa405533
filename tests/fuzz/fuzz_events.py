"""Fuzzing of the event decoder: `python -m tests.fuzz.fuzz_events --seconds N [--seed S] [--first N]`.

Each case is a damaged frame of an event. It passes when the core makes the event that Python makes of the
whole frame or leaves it to Python, when it is an event exactly where the standard library finds one in it,
and when its members are those that the standard library reads.
"""

from __future__ import annotations

import json
import math
import random
import re
import sys
from collections.abc import Iterator
from functools import cache
from typing import Any

from matterapi import events
from matterapi.events import Event
from matterapi.events.catalog import HOMES
from matterapi.events.event import arrival_of
from matterapi.events.typed import DECODER, judge_event, read_event
from tests.support.event_frames import ENCODINGS, SAMPLES, Json, folded, recorded

from .mutations import mutate
from .oracle import mended, shown
from .runner import Outcome, main

NOW = 1_700_000_000.5
_LONG_INTEGER = re.compile(rb"[0-9]{4301}")
"""Python reads no integer of more than 4,300 digits, unless it is told to."""

DEEPEST = 128
"""How deep JSON is read (docs/reference/limits.md); the standard library has another limit."""


@cache
def frames() -> tuple[bytes, ...]:
    """A frame of every event of the catalogue, and those that were recorded, in both encodings."""
    samples: list[Json] = [{"event": name, "data": data, "broadcast": {}} for name, data in SAMPLES.items()]
    return tuple(
        encode(one["event"], folded(one["data"] or {}, _texts_of(one["event"])), one["broadcast"])
        for encode in ENCODINGS
        for one in [*samples, *recorded()]
    )


def _texts_of(name: str) -> frozenset[str]:
    return getattr(events, HOMES[name][1]).JSON_TEXTS if name in HOMES else frozenset()


def make_case(seed: int, number: int) -> bytes:
    """The frame of a number: the same one in every process and on every machine."""
    rng = random.Random(f"{seed}:{number}")
    return mutate(rng, rng.choice(frames()), rng.choice(frames()))


def complaint(frame: bytes) -> tuple[str, str | None]:
    """How a frame was read, and what is wrong with that."""
    try:
        core = DECODER.decode(frame, NOW)
        python = judge_event(frame, NOW)
        sort = "left to Python" if core is NotImplemented else "read by the core"
        event = read_event(frame, NOW)
        if _LONG_INTEGER.search(frame):
            return sort, _unusable(event) if event else None
        if core is not NotImplemented and (python is None or _seen(core) != _seen(python)):
            return sort, f"the core reads {_seen(core)!r:.300}, Python {python and _seen(python)!r:.300}"
        return sort if event else "no event", _against_json(frame, event)
    except Exception as error:  # noqa: BLE001 - whatever is raised is the finding
        return "", f"raised {error!r:.300}"


def _unusable(event: Event) -> str | None:
    """Where Python itself refuses to read a number, the event is there all the same, without its frame."""
    return None if event.broadcast is None or event.raw else "it has a broadcast without a frame"


def _seen(event: Event) -> Any:
    """All that users see of an event, as text: it tells 0.0 from -0.0, and NaN is itself."""
    arrival = arrival_of(event)
    values = event.model_dump(mode="json", warnings=False)
    return repr((type(event), values, sorted(event.model_fields_set), tuple(arrival), event.broadcast))


def _against_json(frame: bytes, event: Event | None) -> str | None:
    try:
        value = json.loads(mended(frame).decode(errors="replace"), parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        return f"it is no JSON ({error!r:.100}), and read as {type(event).__name__}" if event else None
    if not isinstance(value, dict) or not isinstance(value.get("event"), str) or _depth(value) > DEEPEST:
        return None if event is None or _depth(value) > DEEPEST else "it has no name of an event"
    if event is None:
        return "it is an event, and was left out"
    seq = value.get("seq")
    if event.seq != (seq if type(seq) is int and abs(seq) < 2**63 else event.seq):
        return f"its number is {seq}, not {event.seq}"
    return None if _same(event.raw, value) else f"raw is {event.raw!r:.300}, not {value!r:.300}"


def _refuse(constant: str) -> None:
    raise ValueError(constant)


def _depth(value: Any) -> int:
    deepest, level = 0, [value]
    while level:
        deepest += 1
        level = [
            inner
            for one in level
            if isinstance(one, (dict, list))
            for inner in (one.values() if isinstance(one, dict) else one)
        ]
    return deepest


def _same(ours: Any, theirs: Any) -> bool:
    if isinstance(theirs, dict):
        return (
            isinstance(ours, dict)
            and ours.keys() == theirs.keys()
            and all(_same(ours[key], theirs[key]) for key in theirs)
        )
    if isinstance(theirs, list):
        return isinstance(ours, list) and len(ours) == len(theirs) and all(map(_same, ours, theirs))
    if isinstance(theirs, int) and abs(theirs) >= 2**63:
        # Beyond 64 bits orjson makes a float of it.
        return ours == theirs if isinstance(ours, int) else math.isclose(ours, theirs, rel_tol=1e-15)
    return type(ours) is type(theirs) and repr(ours) == repr(theirs)


def work(seed: int, numbers: Iterator[int]) -> Iterator[Outcome]:
    """Read the frames of a seed; see `runner.Work`."""
    for number in numbers:
        frame = make_case(seed, number)
        sort, found = complaint(frame)
        yield Outcome(sort, found and f"{found}\n  {shown(frame)}")


if __name__ == "__main__":
    sys.exit(main(work, "Fuzz the event decoder against Python's own reading."))
