from __future__ import annotations

from matterapi.testing.server.rate_limits import Bucket


def test_of_too_many_keys_the_one_unused_for_the_longest_time_is_forgotten() -> None:
    bucket = Bucket(per_second=1, burst=0, size=2)
    assert bucket.take("first", 0).passes
    assert bucket.take("second", 1).passes
    assert bucket.take("third", 2).passes
    assert not bucket.take("third", 3).passes
    assert not bucket.take("second", 4).passes
    assert bucket.take("first", 5).passes


def test_use_keeps_a_key_from_being_forgotten() -> None:
    bucket = Bucket(per_second=1, burst=1, size=2)
    assert bucket.take("first", 0).passes
    assert bucket.take("second", 1).passes
    assert bucket.take("first", 2).passes
    assert bucket.take("third", 3).passes
    assert not bucket.take("first", 4).passes


def test_a_key_that_is_refused_counts_no_further() -> None:
    bucket = Bucket(per_second=1, burst=0, size=2)
    assert bucket.take("key", 0).passes
    assert [bucket.take("key", now).passes for now in (1, 500, 999)] == [False] * 3
    assert bucket.take("key", 1000).passes
