"""What is compared with what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from benches.bench_server import Events
from benches.targets import (
    Target,
    at_cpu,
    at_least,
    faster,
    later_by,
    memory_below,
    quicker,
    ready_in,
    within,
)

SECONDS = 2.0
"""Length of one measurement of repeated calls."""

CALLS = Events()
"""Of a server that is called: it sends the same to every websocket."""

FILTERED = Events(200_000, "mixed")
POSTS = FILTERED.count // 4
"""Events that are left of those."""

PACED = Events(5_000, "posted", rate=1_000)

SLOWLY = 20_000
"""Events for a consumer that cannot follow."""

Shown = Literal["rates", "costs", "delays"]
"""The table a case goes to: how many in a second, what one takes of processor and memory, or how late it is.

Costs are for programs of one thread that never waits: processor time is all of their time on a quiet
machine, and on a busy one it can still be compared.
"""


@dataclass(frozen=True)
class Contestant:
    """One library in one case.

    Args:
        name: As in the table.
        environment: The virtual environment whose interpreter runs it.
        module: The measured program.
        arguments: What the program is given, after the server's URL if the case has a server.
        targets: What our figures should be beside this one's; of ours itself, beside nothing.
    """

    name: str
    environment: Literal["ours", "peer"]
    module: str
    arguments: tuple[str, ...]
    targets: tuple[Target, ...] = ()


@dataclass(frozen=True)
class Case:
    """A job that several libraries do.

    Args:
        name: Short, for the command line.
        title: For the table.
        contestants: We come first; ratios are ours to each of the others, which must return the same.
        shown: The table it goes to.
        waits: Whether the client waits for every answer before it goes on, so that the processors would
            fall asleep in between.
        server: What the server sends over websockets; `None` where the programs call none.
    """

    name: str
    title: str
    contestants: tuple[Contestant, ...]
    shown: Shown = "rates"
    waits: bool = False
    server: Events | None = CALLS


def _pair(module: str, *arguments: str, target: float) -> tuple[Contestant, Contestant]:
    return (
        Contestant("matterapi", "ours", module, arguments),
        Contestant("matterapi 0.5.0", "peer", module, arguments, (faster(target),)),
    )


def _decoders(keeping: str, *, pydantic: tuple[Target, ...] = ()) -> tuple[Contestant, ...]:
    module = "benches.cases.decode"
    end = (str(SECONDS), keeping)
    return (
        Contestant("matterapi", "ours", module, ("matterapi", *end)),
        Contestant("matterapi 0.5.0", "peer", module, ("matterapi-0.5.0", *end), (quicker(8),)),
        Contestant("our models, by pydantic", "ours", module, ("pydantic", *end), (quicker(3), *pydantic)),
        Contestant("orjson, dict", "ours", module, ("orjson", *end), (quicker(1 / 1.2),)),
        Contestant("msgspec, Struct", "peer", module, ("msgspec", *end)),
    )


def _typed_posts(
    posts: int, *busy: str, old: float | None, picows: tuple[Target, ...]
) -> tuple[Contestant, ...]:
    """Ours beside the others; `old`: how many times as fast as 0.5.0 we should be; `None` leaves it out."""
    arguments = (str(posts), *busy)
    module = "benches.cases.typed_events_of_0_5_0"
    replaced = (
        () if old is None else (Contestant("matterapi 0.5.0", "peer", module, arguments, (faster(old),)),)
    )
    return (
        Contestant("matterapi", "ours", "benches.cases.typed_events", arguments),
        *replaced,
        Contestant("mattermostautodriver + pydantic", "peer", "benches.cases.autodriver_events", arguments),
        Contestant(
            "picows + orjson + pydantic",
            "peer",
            "benches.cases.picows_events",
            (str(posts), "typed", *busy),
            picows,
        ),
    )


def _emulator(sockets: int, events: int, rate: float) -> tuple[Contestant, ...]:
    module, arguments = "benches.cases.emulator_events", (str(sockets), str(events))
    return (Contestant("matterapi.testing", "ours", module, arguments, (at_least(rate),)),)


def _imports(*name: str) -> tuple[Contestant, ...]:
    module = "benches.cases.import_name"
    return (
        Contestant("matterapi", "ours", module, ("matterapi", *name), (within(28),)),
        Contestant("matterapi 0.5.0", "peer", module, ("matterapi", *name)),
        Contestant("pydantic", "ours", module, ("pydantic", "BaseModel"), (later_by(30),)),
    )


CASES = (
    Case(
        "sync",
        "sync call in a session, typed User",
        (
            *_pair("benches.cases.sync_call", str(SECONDS), target=4),
            Contestant("httpx, dict", "peer", "benches.cases.raw_httpx", (str(SECONDS),)),
        ),
        waits=True,
    ),
    Case(
        "async64",
        "64 async calls in flight, typed User",
        _pair("benches.cases.async_calls", str(SECONDS), "64", target=40),
    ),
    Case(
        "async1",
        "one async call at a time, typed User",
        _pair("benches.cases.async_calls", str(SECONDS), "1", target=3),
        waits=True,
    ),
    Case(
        "events",
        "posted events through start_ws, dicts",
        (
            *_pair("benches.cases.posted_events", str(CALLS.count), target=5),
            Contestant(
                "picows + orjson",
                "peer",
                "benches.cases.picows_events",
                (str(CALLS.count), "dicts"),
                (faster(1.2),),
            ),
        ),
    ),
    Case(
        "typed",
        "posted events, typed",
        _typed_posts(CALLS.count, old=12, picows=(faster(2.5), at_cpu(0.5))),
    ),
    Case(
        "filtered",
        "typed posts, a quarter of all events",
        _typed_posts(POSTS, old=30, picows=(faster(3),)),
        server=FILTERED,
    ),
    Case(
        "busy",
        "typed posts, a quarter of all events, beside a thread that computes",
        _typed_posts(POSTS, "busy", old=None, picows=(faster(2),)),
        server=FILTERED,
    ),
    Case(
        "delay",
        "from the server to the handler, 1,000 typed posts in a second",
        (
            Contestant("matterapi", "ours", "benches.cases.typed_events", (str(PACED.count), "delays")),
            Contestant(
                "matterapi 0.5.0", "peer", "benches.cases.typed_events_of_0_5_0", (str(PACED.count), "delays")
            ),
            Contestant(
                "picows + orjson + pydantic",
                "peer",
                "benches.cases.picows_events",
                (str(PACED.count), "typed", "delays"),
            ),
        ),
        shown="delays",
        waits=True,
        server=PACED,
    ),
    Case(
        "slow",
        "growth with a handler ten times too slow",
        (
            Contestant(
                "matterapi", "ours", "benches.cases.slow_consumer", (str(SLOWLY), "stream"), (within(16),)
            ),
            Contestant(
                "matterapi, start_ws",
                "ours",
                "benches.cases.slow_consumer",
                (str(SLOWLY), "dicts"),
                (within(16),),
            ),
            Contestant("matterapi 0.5.0", "peer", "benches.cases.slow_consumer", (str(SLOWLY), "dicts")),
        ),
        shown="costs",
        server=Events(SLOWLY),
    ),
    Case(
        "posts",
        "sync list of 200 posts, typed",
        _pair("benches.cases.post_list", str(SECONDS), "client", target=8),
        waits=True,
    ),
    Case(
        "session",
        "sync list of 200 posts in a session, typed",
        _pair("benches.cases.post_list", str(SECONDS), "session", target=8),
        waits=True,
    ),
    Case(
        "decode",
        "decode 200 posts, dropped: a post",
        _decoders("dropped"),
        shown="costs",
        server=None,
    ),
    Case(
        "keep",
        "decode 200 posts, 20 lists kept: a post",
        _decoders("kept", pydantic=(memory_below(0.55),)),
        shown="costs",
        server=None,
    ),
    Case(
        "emulate1",
        "events of the embedded server to one socket",
        _emulator(1, 50_000, 10_000),
        server=None,
    ),
    Case(
        "emulate10",
        "events of the embedded server to each of 10 sockets",
        _emulator(10, 10_000, 2_000),
        server=None,
    ),
    Case("import", "import matterapi", _imports(), shown="costs", server=None),
    Case("client", "from matterapi import SyncClient", _imports("SyncClient"), shown="costs", server=None),
    Case(
        "emulator",
        "start the embedded server, first answer",
        (Contestant("matterapi", "ours", "benches.cases.emulator_start", (), (ready_in(50),)),),
        server=None,
    ),
)
