"""Keeping only what is still of use, so that a server that runs for long does not grow."""

from collections import OrderedDict
from collections.abc import Callable
from typing import TypeVar

K = TypeVar("K")
V = TypeVar("V")


def forget_while(kept: OrderedDict[K, V], is_old: Callable[[V], bool]) -> None:
    """Drop entries from the front as long as they are old; the oldest have to be there."""
    while kept and is_old(kept[next(iter(kept))]):
        kept.popitem(last=False)
