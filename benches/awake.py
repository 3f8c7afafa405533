"""Keeps the processors awake while something is measured.

A processor that sleeps between two packets takes longer to wake than a call takes, on virtual machines
above all: then the machine's mood is measured. A loop of the lowest priority on each of them keeps them
from sleeping and gives way to anything else at once.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

_SPIN = """
import os, sys
os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
while os.getppid() == int(sys.argv[1]):
    for _ in range(1_000_000):
        pass
"""


@contextmanager
def processors_awake() -> Iterator[None]:
    """Run one idle-priority loop for each processor; does nothing where there is no such priority."""
    count = len(os.sched_getaffinity(0)) if hasattr(os, "SCHED_IDLE") else 0
    with ExitStack() as stack:
        for _ in range(count):
            loop = stack.enter_context(subprocess.Popen([sys.executable, "-c", _SPIN, str(os.getpid())]))
            stack.callback(loop.kill)
        yield
