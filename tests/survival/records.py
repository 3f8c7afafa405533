"""What a listener got, a line of JSON for each event."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from matterapi.events import (
    CaughtUp,
    Connected,
    Disconnected,
    Event,
    GapNotice,
    PostDeleted,
    Posted,
    PostEdited,
    SlowConsumer,
)

CLASSES = (Posted, PostEdited, PostDeleted, Connected, Disconnected, CaughtUp, GapNotice, SlowConsumer)


@dataclass(frozen=True)
class Record:
    """An event that came.

    Attributes:
        run: The number of the process that got it.
        at: When, in seconds since 1970.
        kind: The name of the event's class.
        id: The post's.
        update_at: The post's.
        message: The post's.
        recovered: Whether it came by REST.
        resumed: Of `Connected`.
        detail: What a reader may want to know beside it.
    """

    run: int
    at: float
    kind: str
    id: str = ""
    update_at: int = 0
    message: str = ""
    recovered: bool = False
    resumed: bool = False
    detail: str = ""

    def line(self) -> bytes:
        return json.dumps(asdict(self)).encode() + b"\n"


def record_of(event: Event, run: int, at: float) -> Record:
    """The record of an event."""
    kind = type(event).__name__
    if isinstance(event, Posted | PostEdited | PostDeleted):
        post: Any = event.post
        detail = f"seq {event.seq}, create_at {post.create_at}, edit_at {post.edit_at}"
        return Record(run, at, kind, post.id, post.update_at, post.message, event.recovered, detail=detail)
    resumed = isinstance(event, Connected) and event.resumed
    return Record(run, at, kind, resumed=resumed, detail=event.model_dump_json())


def read(path: Path) -> list[Record]:
    """The records of a file. A line that a killed process did not finish is none: its event comes again."""
    found = []
    for line in path.read_bytes().split(b"\n"):
        try:
            found.append(Record(**json.loads(line)))
        except ValueError:
            continue
    return found
