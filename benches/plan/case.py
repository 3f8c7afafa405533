"""A case and who takes part in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from benches.served import Pages, Served
from benches.targets import Target

Shown = Literal["rates", "timed", "costs", "delays"]
"""What of the figures counts: how many in a second, those and how long each took, what one takes of processor
and memory, or how late it is.

Costs are for programs of one thread that never waits: processor time is all of their time on a quiet
machine, and on a busy one it can still be compared.
"""


@dataclass(frozen=True)
class Lengths:
    """How much is measured.

    Args:
        amount: Of repeated calls: a time (`2s`) or a number.
        events: Of a server that sends posts as fast as they are taken.
        mixed: Of one that sends a mixture in which every fourth is a post.
        paced: Of one that sends a thousand in a second.
        slowly: For a consumer that cannot follow.
        emulated: Of the embedded server.
        soak: Calls during which memory is watched.
        many: Calls, or decoded lists, of the longer one of two runs; the other's are a tenth.
    """

    amount: str
    events: int
    mixed: int
    paced: int
    slowly: int
    emulated: int
    soak: int
    many: int


PLAIN = Pages()

FULL = Lengths("2s", 50_000, 200_000, 5_000, 20_000, 50_000, 200_000, 50_000)

SMOKE = Lengths("0.05s", 1_000, 2_000, 100, 200, 500, 1_000, 500)
"""Just enough for every program to do its work once: the figures say nothing."""


@dataclass(frozen=True)
class Contestant:
    """One library in one case.

    Args:
        name: As in the table.
        environment: The virtual environment whose interpreter runs it.
        module: The measured program.
        arguments: What the program is given, after the server's URL if the case has a server.
        targets: What our figures should be beside this one's; of ours itself, beside nothing.
        needs: Distributions without which it is left out, and that is said.
        floor: Whether it is no library but the least that such work takes.
    """

    name: str
    environment: Literal["ours", "peer"]
    module: str
    arguments: tuple[str, ...]
    targets: tuple[Target, ...] = ()
    needs: tuple[str, ...] = ()
    floor: bool = False


@dataclass(frozen=True)
class Case:
    """A job that several libraries do.

    Args:
        name: Short, for the command line.
        title: For the table.
        contestants: We come first; ratios are ours to each of the others, which must return the same.
        shown: What of the figures counts.
        waits: Whether the client waits for every answer before it goes on, so that the processors would
            fall asleep in between.
        server: What the server gives; `None` where the programs call none.
        once: Measured once, however many rounds there are: memory over a long time.
    """

    name: str
    title: str
    contestants: tuple[Contestant, ...]
    shown: Shown = "rates"
    waits: bool = False
    server: Served | None = PLAIN
    once: bool = False
