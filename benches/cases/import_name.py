"""An import in a new process: `python -m benches.cases.import_name MODULE [NAME]`.

With a name it is `from MODULE import NAME`, else `import MODULE`. The memory is that of the whole process
when the import is done. Nothing is imported at the top that the measured module might need: it would not
be counted.
"""

from __future__ import annotations

import sys
import time
from importlib import import_module

from benches.cases.memory import resident


def main(module: str, *names: str) -> None:
    start, cpu_start = time.perf_counter(), time.process_time()
    imported = import_module(module)
    for name in names:
        getattr(imported, name)
    cpu_seconds = time.process_time() - cpu_start
    seconds = time.perf_counter() - start
    memory = resident()

    from benches.cases.measure import Sample, print_sample

    print_sample(Sample(calls=1, seconds=seconds, cpu_seconds=cpu_seconds, outcome="imported", memory=memory))


if __name__ == "__main__":
    main(*sys.argv[1:])
