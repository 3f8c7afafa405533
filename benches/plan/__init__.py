"""What is compared with what: `cases()`, in the order of the table."""

from __future__ import annotations

from benches.plan.async_calls import async_cases
from benches.plan.case import FULL, SMOKE, Case, Contestant, Lengths, Shown
from benches.plan.events import event_cases
from benches.plan.local import local_cases
from benches.plan.sync_calls import sync_cases

__all__ = ["FULL", "SMOKE", "Case", "Contestant", "Lengths", "Shown", "cases"]


def cases(lengths: Lengths, version: tuple[int, int]) -> tuple[Case, ...]:
    """All cases, measured so long by a Python of this version."""
    return (
        *sync_cases(lengths),
        *async_cases(lengths),
        *event_cases(lengths),
        *local_cases(lengths, version),
    )
