"""Calls of an event loop."""

from __future__ import annotations

from typing import Literal

from benches.plan.case import Case, Contestant, Lengths
from benches.served import Pages
from benches.targets import Target, at_cpu, evenly, faster

OURS = "benches.cases.async_calls"
PEERS = "benches.cases.async_peers"

Loop = Literal["asyncio", "uvloop"]


def async_cases(lengths: Lengths) -> tuple[Case, ...]:
    """All of them."""
    amount = lengths.amount
    return (
        Case("async64", "64 async calls in flight, typed User", _many("asyncio", amount, old=faster(150))),
        Case("async64-uvloop", "the same with uvloop", _many("uvloop", amount)),
        Case(
            "async64-tls",
            "64 async calls in flight over TLS, typed User",
            _against("asyncio", 64, "plain", amount, {"wreq": (faster(1.5),)}),
            server=Pages(tls=True),
        ),
        Case(
            "async64-busy",
            "64 async calls in flight beside a thread that computes, typed User",
            _against("asyncio", 64, "busy", amount, {"wreq": (faster(3),)}),
        ),
        Case(
            "async1",
            "one async call at a time, typed User",
            _against(
                "asyncio",
                1,
                "plain",
                amount,
                {"wreq": (faster(1.2),), "pyreqwest": (faster(1.2),), "aiohttp": (faster(1.2),)},
            ),
            waits=True,
        ),
        Case(
            "async1000",
            "1,000 async calls in flight over 100 connections, typed User",
            (
                _ours("matterapi, 1,000 in flight", 1_000, "timed", amount, evenly(5)),
                _ours("matterapi, 64 in flight", 64, "timed", amount, faster(1)),
            ),
            shown="timed",
        ),
    )


def _ours(
    name: str, in_flight: int, how: str, amount: str, *targets: Target, loop: Loop = "asyncio"
) -> Contestant:
    return Contestant(
        name,
        "ours",
        OURS,
        ("matterapi", str(in_flight), loop, how, amount),
        targets,
        ("uvloop",) if loop == "uvloop" else (),
    )


def _against(
    loop: Loop, in_flight: int, how: str, amount: str, targets: dict[str, tuple[Target, ...]]
) -> tuple[Contestant, ...]:
    """Ours beside all others, with targets by library; the floor is `protocol`."""
    end = (str(in_flight), loop, how, amount)
    needs = ("uvloop",) if loop == "uvloop" else ()
    return (
        _ours("matterapi", in_flight, how, amount, loop=loop),
        Contestant(
            "matterapi 0.5.0",
            "peer",
            OURS,
            ("matterapi", *end),
            targets.get("matterapi", ()),
            ("matterapi", *needs),
        ),
        *(
            Contestant(
                f"{library}, bytes",
                "peer",
                PEERS,
                (library, *end),
                targets.get(library, ()),
                (library, *needs),
            )
            for library in ("wreq", "pyreqwest", "aiohttp")
        ),
        Contestant(
            "a hand-written protocol, bytes",
            "peer",
            PEERS,
            ("protocol", *end),
            targets.get("protocol", ()),
            needs,
            floor=True,
        ),
    )


def _many(loop: Loop, amount: str, *, old: Target | None = None) -> tuple[Contestant, ...]:
    return _against(
        loop,
        64,
        "plain",
        amount,
        {
            "matterapi": (old,) if old else (),
            "wreq": (faster(2), at_cpu(0.5)),
            "protocol": (at_cpu(1),),
        },
    )
