"""Events of a websocket. The Rust server sends them, whatever answers the calls."""

from __future__ import annotations

from benches.plan.case import Case, Contestant, Lengths
from benches.served import Events
from benches.targets import Target, at_cpu, faster, within

OLD = "benches.cases.typed_events_of_0_5_0"
PICOWS = "benches.cases.picows_events"
SLOW = "benches.cases.slow_consumer"

PACE = 1_000
"""Events in a second, where it is measured how late they are."""


def event_cases(lengths: Lengths) -> tuple[Case, ...]:
    """All of them."""
    mixed, posts = Events(lengths.mixed, "mixed"), lengths.mixed // 4
    return (
        Case(
            "events",
            "posted events through start_ws, dicts",
            _dicts(lengths.events),
            server=Events(lengths.events),
        ),
        Case(
            "typed",
            "posted events, typed",
            _typed_posts(lengths.events, old=12, picows=(faster(2.5), at_cpu(0.5))),
            server=Events(lengths.events),
        ),
        Case(
            "filtered",
            "typed posts, a quarter of all events",
            _typed_posts(posts, old=40, picows=(faster(3),)),
            server=mixed,
        ),
        Case(
            "busy",
            "typed posts, a quarter of all events, beside a thread that computes",
            _typed_posts(posts, "busy", old=None, picows=(faster(2),)),
            server=mixed,
        ),
        Case(
            "delay",
            f"from the server to the handler, {PACE:,} typed posts in a second",
            _late(lengths.paced),
            shown="delays",
            waits=True,
            server=Events(lengths.paced, "posted", rate=PACE),
        ),
        Case(
            "slow",
            "growth with a handler ten times too slow",
            _slow(lengths.slowly),
            shown="costs",
            server=Events(lengths.slowly),
        ),
    )


def _old(module: str, arguments: tuple[str, ...], *targets: Target) -> Contestant:
    return Contestant("matterapi 0.5.0", "peer", module, arguments, targets, ("matterapi",))


def _picows(*arguments: str, targets: tuple[Target, ...] = ()) -> Contestant:
    name = "picows + orjson" if "dicts" in arguments else "picows + orjson + pydantic"
    return Contestant(name, "peer", PICOWS, arguments, targets, ("picows", "orjson", "pydantic"))


def _dicts(events: int) -> tuple[Contestant, ...]:
    module, count = "benches.cases.posted_events", str(events)
    return (
        Contestant("matterapi", "ours", module, (count,)),
        _old(module, (count,), faster(5)),
        _picows(count, "dicts", targets=(faster(1.2),)),
    )


def _typed_posts(
    posts: int, *busy: str, old: float | None, picows: tuple[Target, ...]
) -> tuple[Contestant, ...]:
    """Ours beside the others; `old`: how many times as fast as 0.5.0 we should be; `None` leaves it out."""
    arguments = (str(posts), *busy)
    return (
        Contestant("matterapi", "ours", "benches.cases.typed_events", arguments),
        *(() if old is None else (_old(OLD, arguments, faster(old)),)),
        Contestant(
            "mattermostautodriver + pydantic",
            "peer",
            "benches.cases.autodriver_events",
            arguments,
            needs=("mattermostautodriver",),
        ),
        _picows(str(posts), "typed", *busy, targets=picows),
    )


def _late(posts: int) -> tuple[Contestant, ...]:
    arguments = (str(posts), "delays")
    return (
        Contestant("matterapi", "ours", "benches.cases.typed_events", arguments),
        _old(OLD, arguments),
        _picows(str(posts), "typed", "delays"),
    )


def _slow(events: int) -> tuple[Contestant, ...]:
    count = str(events)
    return (
        Contestant("matterapi", "ours", SLOW, (count, "stream"), (within(16),)),
        Contestant("matterapi, start_ws", "ours", SLOW, (count, "dicts"), (within(16),)),
        _old(SLOW, (count, "dicts")),
    )
