"""What a server gives, and where it is."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal


class SetupError(Exception):
    """Something that the benchmarks need is missing; the message says what to do."""


@dataclass(frozen=True)
class Pages:
    """Answers to calls.

    Args:
        tls: Over TLS.
        echo: Posts that are sent come back, which nginx cannot do.
    """

    tls: bool = False
    echo: bool = False


@dataclass(frozen=True)
class Events:
    """What each websocket gets; nginx has none.

    Args:
        count: How many events.
        kind: Posts alone, or a mixture in which every fourth is a post and the others are of people typing.
        rate: Events in a second; `None` for as many as are taken.
    """

    count: int = 50_000
    kind: Literal["posted", "mixed"] = "posted"
    rate: int | None = None


Served = Pages | Events


@dataclass(frozen=True)
class Address:
    """A server that runs.

    Args:
        url: Where.
        name: `rust` or `nginx`, for the table.
        trusted: The authority of its certificate, if it speaks TLS.
    """

    url: str
    name: str
    trusted: Path | None = None
