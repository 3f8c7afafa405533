"""What is compared with what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

SECONDS = 2.0
"""Length of one measurement of repeated calls."""

EVENTS = 50_000
"""Events that the server sends on each websocket."""


@dataclass(frozen=True)
class Contestant:
    """One library in one case.

    Args:
        name: As in the table.
        environment: The virtual environment whose interpreter runs it.
        module: The measured program.
        arguments: What the program is given after the server's URL.
    """

    name: str
    environment: Literal["ours", "peer"]
    module: str
    arguments: tuple[str, ...]


@dataclass(frozen=True)
class Case:
    """A job that several libraries do.

    Args:
        name: Short, for the command line.
        title: For the table.
        contestants: We come first; ratios are ours to each of the others, which must return the same.
        target: Expected ratio of our throughput to matterapi 0.5.0's, if one is set.
        waits: Whether the client waits for every answer before it goes on, so that the processors would
            fall asleep in between.
    """

    name: str
    title: str
    contestants: tuple[Contestant, ...]
    target: float | None = None
    waits: bool = False


def _pair(module: str, *arguments: str) -> tuple[Contestant, Contestant]:
    return (
        Contestant("matterapi", "ours", module, arguments),
        Contestant("matterapi 0.5.0", "peer", module, arguments),
    )


CASES = (
    Case(
        "sync",
        "sync call in a session, typed User",
        (
            *_pair("benches.cases.sync_call", str(SECONDS)),
            Contestant("httpx, dict", "peer", "benches.cases.raw_httpx", (str(SECONDS),)),
        ),
        target=4,
        waits=True,
    ),
    Case(
        "async64",
        "64 async calls in flight, typed User",
        _pair("benches.cases.async_calls", str(SECONDS), "64"),
        target=40,
    ),
    Case(
        "async1",
        "one async call at a time, typed User",
        _pair("benches.cases.async_calls", str(SECONDS), "1"),
        target=3,
        waits=True,
    ),
    Case(
        "events",
        "posted events through start_ws, dicts",
        _pair("benches.cases.posted_events", str(EVENTS)),
        target=5,
    ),
    Case(
        "posts",
        "sync list of 200 posts, typed",
        _pair("benches.cases.post_list", str(SECONDS)),
        waits=True,
    ),
)
