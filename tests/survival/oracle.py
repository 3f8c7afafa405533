"""What was lost and what came twice: what the listener got beside what the server has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from .records import Record
from .rest import Rest
from .writer import Written


@dataclass
class Truth:
    """What the server has at the end.

    Attributes:
        messages: Of the posts that are there, by id.
        deleted: Ids of the posts that are not there any more.
        vanished: Ids of posts that the server confirmed and has not, although nobody deleted them.
    """

    messages: dict[str, str]
    deleted: set[str] = field(default_factory=set)
    vanished: set[str] = field(default_factory=set)


def truth(rest: Rest, channels: Iterable[str], written: Written) -> Truth:
    """Ask the server, which nobody writes to any more."""
    there = [post for channel_id in channels for post in rest.posts(channel_id)]
    messages = {post["id"]: post["message"] for post in there if post["create_at"] >= written.begin}
    gone = written.ids - messages.keys()
    return Truth(messages, gone & written.deleting, gone - written.deleting)


@dataclass(frozen=True)
class Verdict:
    """What is wrong with what came.

    Attributes:
        lost_posts: Ids of posts that never came. A deleted one counts as come with its deletion: after
            that nobody can read it.
        lost_deletes: Ids of deleted posts whose deletion did not come.
        lost_revisions: Ids of posts whose text of the end did not come.
        twice: What came twice within a process: its number, the kind, the post's id and its `update_at`,
            which is left out for new posts and deletions, as there is one of each in a post's life.
        needless: How many edits came to a process that had the post's text already: what happens to a post's
            replies changes its `update_at` as well. No fault, but work for whoever gets them.
        complete_at: When the last of what had to come did, in seconds since 1970.
    """

    lost_posts: list[str]
    lost_deletes: list[str]
    lost_revisions: list[str]
    twice: list[tuple[int, str, str, int]]
    needless: int
    complete_at: float

    @property
    def is_missing(self) -> bool:
        return bool(self.lost_posts or self.lost_deletes or self.lost_revisions)

    @property
    def is_good(self) -> bool:
        return not (self.is_missing or self.twice)


def judge(truth: Truth, records: Iterable[Record]) -> Verdict:
    """Compare."""
    posted: dict[str, float] = {}
    deleted: dict[str, float] = {}
    texts: dict[tuple[str, str], float] = {}
    times: Counter[tuple[int, str, str, int]] = Counter()
    seen: set[tuple[int, str, str]] = set()
    needless = 0
    for record in records:
        if record.kind not in {"Posted", "PostEdited", "PostDeleted"}:
            continue
        update_at = record.update_at if record.kind == "PostEdited" else 0
        times[record.run, record.kind, record.id, update_at] += 1
        if record.kind == "PostDeleted":
            deleted.setdefault(record.id, record.at)
            continue
        texts.setdefault((record.id, record.message), record.at)
        needless += record.kind == "PostEdited" and (record.run, record.id, record.message) in seen
        seen.add((record.run, record.id, record.message))
        if record.kind == "Posted":
            posted.setdefault(record.id, record.at)
    revisions = truth.messages.items()
    needed = [posted.get(post_id, 0.0) for post_id in truth.messages]
    needed += [deleted.get(post_id, 0.0) for post_id in truth.deleted]
    needed += [texts.get(revision, 0.0) for revision in revisions]
    return Verdict(
        lost_posts=sorted((truth.messages.keys() | (truth.deleted - deleted.keys())) - posted.keys()),
        lost_deletes=sorted(truth.deleted - deleted.keys()),
        lost_revisions=sorted(post_id for post_id, text in revisions if (post_id, text) not in texts),
        twice=sorted(what for what, count in times.items() if count > 1),
        needless=needless,
        complete_at=max(needed, default=0.0),
    )
