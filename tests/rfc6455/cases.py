"""All cases, by the groups of rules that Autobahn's test suite has: a new case is a line of its group."""

from __future__ import annotations

from .case import AnyCase
from .groups import (
    closing,
    fragmentation,
    framing,
    large,
    masks_and_lengths,
    opcodes,
    pings,
    reserved_bits,
    utf8,
)

_GROUPS = {
    "1": ("Framing", framing),
    "2": ("Pings and Pongs", pings),
    "3": ("Reserved bits", reserved_bits),
    "4": ("Opcodes", opcodes),
    "5": ("Fragmentation", fragmentation),
    "6": ("UTF-8", utf8),
    "7": ("Closing", closing),
    "9": ("Large messages", large),
    "10": ("Masks, lengths, other fragments", masks_and_lengths),
}

GROUPS = {number: title for number, (title, _) in _GROUPS.items()}
"""The titles of the groups."""

CASES: list[AnyCase] = [case for _, group in _GROUPS.values() for case in group.CASES]
