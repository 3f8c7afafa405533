"""What was lost and what came twice is seen."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from .oracle import Truth, judge
from .records import Record

TRUTH = Truth(messages={"a": "one", "b": "two, edited"}, deleted={"c"})
ALL = (
    Record(1, 10.0, "Connected"),
    Record(1, 11.0, "Posted", "a", 1, "one"),
    Record(1, 12.0, "Posted", "b", 2, "two"),
    Record(1, 13.0, "PostEdited", "b", 3, "two, edited"),
    Record(1, 14.0, "Posted", "c", 4, "three"),
    Record(1, 15.0, "PostDeleted", "c", 4),
)


def without(*kinds_and_ids: tuple[str, str]) -> list[Record]:
    return [record for record in ALL if (record.kind, record.id) not in kinds_and_ids]


def test_what_came_whole_is_good() -> None:
    verdict = judge(TRUTH, ALL)
    assert verdict.is_good
    assert verdict.complete_at == 15.0


@pytest.mark.parametrize(
    ("came", "posts", "deletes", "revisions"),
    [
        (without(("Posted", "a")), ["a"], [], ["a"]),
        (without(("PostEdited", "b")), [], [], ["b"]),
        (without(("Posted", "b")), ["b"], [], []),
        (without(("PostDeleted", "c")), [], ["c"], []),
        (without(("Posted", "c"), ("PostDeleted", "c")), ["c"], ["c"], []),
        (without(("Posted", "c")), [], [], []),
        ([], ["a", "b", "c"], ["c"], ["a", "b"]),
    ],
)
def test_what_did_not_come_is_lost(
    came: Iterable[Record], posts: list[str], deletes: list[str], revisions: list[str]
) -> None:
    verdict = judge(TRUTH, came)
    assert (verdict.lost_posts, verdict.lost_deletes, verdict.lost_revisions) == (posts, deletes, revisions)
    assert verdict.is_good is not bool(posts or deletes or revisions)


@pytest.mark.parametrize(
    ("again", "is_twice"),
    [
        (Record(1, 20.0, "Posted", "a", 9, "one"), True),
        (Record(1, 20.0, "PostDeleted", "c", 9), True),
        (Record(1, 20.0, "PostEdited", "b", 3, "two, edited"), True),
        (Record(1, 20.0, "PostEdited", "b", 4, "two, edited"), False),
        (Record(2, 20.0, "Posted", "a", 1, "one"), False),
        (Record(2, 20.0, "PostDeleted", "c", 4), False),
    ],
)
def test_what_comes_again_within_a_process_is_told(again: Record, is_twice: bool) -> None:
    verdict = judge(TRUTH, [*ALL, again])
    assert (len(verdict.twice), verdict.is_good) == (is_twice, not is_twice)
    assert verdict.complete_at == 15.0
