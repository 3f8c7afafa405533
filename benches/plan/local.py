"""Work without a server: decoding, imports, and the embedded server itself."""

from __future__ import annotations

from benches.plan.case import Case, Contestant, Lengths
from benches.targets import (
    Target,
    at_cpu,
    at_least,
    later_by,
    memory_below,
    quicker,
    ready_in,
    within,
)

DECODE = "benches.cases.decode"


def local_cases(lengths: Lengths, version: tuple[int, int]) -> tuple[Case, ...]:
    """All of them; `version` is the Python that measures: 0.5.0 decodes faster from 3.12 on."""
    dropped, kept = (7, 7) if version >= (3, 12) else (9, 8)
    return (
        Case(
            "decode",
            "decode 200 posts, dropped: a post",
            _decoders("dropped", lengths.amount, old=dropped),
            shown="costs",
            server=None,
        ),
        Case(
            "keep",
            "decode 200 posts, 20 lists kept: a post",
            _decoders("kept", lengths.amount, old=kept, pydantic=(memory_below(0.45),)),
            shown="costs",
            server=None,
        ),
        Case(
            "scale-decode",
            "decode 2,000 posts, ten times as many: a post",
            (
                Contestant("matterapi, 2,000", "ours", DECODE, ("matterapi", lengths.amount, "long")),
                Contestant(
                    "matterapi, 200",
                    "ours",
                    DECODE,
                    ("matterapi", lengths.amount, "dropped"),
                    (at_cpu(1.15),),
                ),
            ),
            shown="costs",
            server=None,
        ),
        Case(
            "emulate1",
            "events of the embedded server to one socket",
            _emulator(1, lengths.emulated, 10_000),
            server=None,
        ),
        Case(
            "emulate10",
            "events of the embedded server to each of 10 sockets",
            _emulator(10, lengths.emulated // 5, 2_000),
            server=None,
        ),
        Case("import", "import matterapi", _imports(), shown="costs", server=None),
        Case(
            "client", "from matterapi import SyncClient", _imports("SyncClient"), shown="costs", server=None
        ),
        Case(
            "emulator",
            "start the embedded server, first answer",
            (Contestant("matterapi", "ours", "benches.cases.emulator_start", (), (ready_in(50),)),),
            server=None,
        ),
    )


def _decoders(
    keeping: str, amount: str, *, old: float, pydantic: tuple[Target, ...] = ()
) -> tuple[Contestant, ...]:
    end = (amount, keeping)
    return (
        Contestant("matterapi", "ours", DECODE, ("matterapi", *end)),
        Contestant(
            "matterapi 0.5.0", "peer", DECODE, ("matterapi-0.5.0", *end), (quicker(old),), ("matterapi",)
        ),
        Contestant("our models, by pydantic", "ours", DECODE, ("pydantic", *end), (quicker(3), *pydantic)),
        Contestant("orjson, dict", "ours", DECODE, ("orjson", *end), (quicker(1 / 1.2),), ("orjson",)),
        Contestant("msgspec, Struct", "peer", DECODE, ("msgspec", *end), (quicker(1),), ("msgspec",)),
    )


def _emulator(sockets: int, events: int, rate: float) -> tuple[Contestant, ...]:
    module, arguments = "benches.cases.emulator_events", (str(sockets), str(events))
    return (Contestant("matterapi.testing", "ours", module, arguments, (at_least(rate),), ("aiohttp",)),)


def _imports(*name: str) -> tuple[Contestant, ...]:
    module = "benches.cases.import_name"
    return (
        Contestant("matterapi", "ours", module, ("matterapi", *name), (within(28),)),
        Contestant("matterapi 0.5.0", "peer", module, ("matterapi", *name), (), ("matterapi",)),
        Contestant("pydantic", "ours", module, ("pydantic", "BaseModel"), (later_by(20),)),
    )
