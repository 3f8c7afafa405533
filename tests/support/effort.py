"""How much of a proof by numbers a run of the tests does: a part of it, or with `make exhaustive` all."""

from __future__ import annotations

import os
from typing import TypeVar

T = TypeVar("T")

EXHAUSTIVE = os.environ.get("MATTERAPI_EXHAUSTIVE") == "1"


def usually(usual: T, exhaustive: T) -> T:
    """What a test that repeats itself for certainty does in `make test`, and in `make exhaustive`."""
    return exhaustive if EXHAUSTIVE else usual
