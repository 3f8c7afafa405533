"""The memory of the process that asks. Imports nothing that an interpreter has not loaded at its start."""

from __future__ import annotations

import os


def resident() -> int:
    """Bytes of this process that are in memory, or 0 where there is no Linux to say."""
    try:
        with open("/proc/self/statm", encoding="ascii") as statm:  # noqa: PTH123 - pathlib takes memory too
            pages = int(statm.read().split()[1])
    except FileNotFoundError:
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")
