"""How much of a proof by numbers a run of the tests does: a part of it, or with `make exhaustive` all."""

from __future__ import annotations

import os
from collections.abc import Iterable
from itertools import product
from typing import Any, TypeVar

T = TypeVar("T")

EXHAUSTIVE = os.environ.get("MATTERAPI_EXHAUSTIVE") == "1"


def usually(usual: T, exhaustive: T) -> T:
    """What a test that repeats itself for certainty does in `make test`, and in `make exhaustive`."""
    return exhaustive if EXHAUSTIVE else usual


def checkered(*choices: Iterable[Any]) -> list[tuple[Any, ...]]:
    """All combinations of some choices; usually every other one, like the black fields of a chessboard.

    Of client, option and fault every fault still comes with every option, and to both clients, but to one of
    them only with each option. Of two lists each choice meets every other one of the other list.
    """
    places = product(*(enumerate(one) for one in choices))
    return [
        tuple(choice for _, choice in place)
        for place in places
        if EXHAUSTIVE or sum(number for number, _ in place) % 2 == 0
    ]
