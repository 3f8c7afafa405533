import subprocess
import sys

import pytest

from benches.cases.decode import LISTS, measure
from benches.cases.measure import Amount
from benches.cases.post_bytes import POSTS

ONCE = Amount(calls=1)


@pytest.mark.parametrize("library", ["pydantic", "orjson"])
def test_every_library_returns_what_ours_does(library: str) -> None:
    ours = measure("matterapi", ONCE, "dropped")
    theirs = measure(library, ONCE, "dropped")

    assert theirs.outcome == ours.outcome
    assert ours.calls % (LISTS * POSTS) == 0
    assert ours.memory == 0


def test_longer_lists_have_as_many_posts_together() -> None:
    assert measure("matterapi", ONCE, "long").calls == measure("matterapi", ONCE, "dropped").calls


# One byte string of 1 MiB for a list: the growth is that, spread over its posts.
MEASURE = "from benches.cases.decode import memory_of_post; print(memory_of_post(lambda _: b'x' * 2**20))"


def test_memory_of_a_post_is_what_the_process_grows_by() -> None:
    # A process of its own: in this one, memory that earlier tests gave back would be filled first.
    done = subprocess.run([sys.executable, "-c", MEASURE], capture_output=True, text=True, check=True)

    assert float(done.stdout) == pytest.approx(2**20 / POSTS, rel=0.1)
