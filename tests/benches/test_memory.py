import sys

import pytest

from benches.cases.memory import resident


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux says it")
def test_memory_that_was_written_to_is_resident() -> None:
    before = resident()
    kept = b"x" * (32 * 2**20)

    assert resident() - before == pytest.approx(len(kept), rel=0.1)
