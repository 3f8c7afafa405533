import mmap
import sys

import pytest

from benches.cases.memory import resident


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux says it")
def test_memory_that_was_written_to_is_resident() -> None:
    # From the system: what an allocator hands out may have been resident for long.
    with mmap.mmap(-1, 32 * 2**20) as fresh:
        before = resident()
        for _ in range(32):
            fresh.write(b"x" * 2**20)
        assert resident() - before == pytest.approx(len(fresh), rel=0.1)
