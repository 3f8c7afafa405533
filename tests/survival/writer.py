"""Writes posts, edits and deletes them, in threads too, and remembers what the server confirmed."""

from __future__ import annotations

import heapq
import random
import time
from dataclasses import dataclass, field

from .rest import FAILURES, Rest

SHARE_EDITED = 0.2
SHARE_DELETED = 0.1
SHARE_REPLIES = 0.2
SHARE_SOON = 0.5
"""Of the edits and deletions: within a second of the post. A cut then covers both, or only the latter."""

SOON, LATE = 1.0, 20.0
RECENT = 50
"""Threads are about one of so many posts before."""


@dataclass
class Written:
    """What a writer has done.

    Attributes:
        posts: How many posts the server confirmed.
        edits: How many edits.
        deletes: How many deletions.
        failed: Calls without an answer or with an error; they may have had an effect.
        ids: Of the posts that the server confirmed.
        deleting: Ids of the posts whose deletion was asked for.
        begin: When the server made the first post, in its milliseconds.
        last_at: When the last call was answered, in seconds since 1970.
    """

    posts: int = 0
    edits: int = 0
    deletes: int = 0
    failed: int = 0
    ids: set[str] = field(default_factory=set)
    deleting: set[str] = field(default_factory=set)
    begin: int = 0
    last_at: float = 0.0


class Writer:
    """Writes at a rate.

    Args:
        rest: Calls of who writes.
        channels: Where.
        rate: Posts a second.
        seed: Of its choices.
    """

    def __init__(self, rest: Rest, channels: list[str], rate: float, seed: int) -> None:
        self._rest = rest
        self._channels = channels
        self._rate = rate
        self._random = random.Random(seed)
        self._number = 0
        self._due: list[tuple[float, int, str, str]] = []
        self._roots: list[tuple[str, str]] = []
        self.written = Written()

    def run(self, seconds: float) -> Written:
        """Write for so long; what is due later is done at the end."""
        end = time.monotonic() + seconds
        next_post = time.monotonic()
        while (now := time.monotonic()) < end:
            if next_post <= now:
                self._post(end)
                # A server that was away gets no burst for it.
                next_post = max(next_post + 1 / self._rate, now - 1)
            self._change(time.monotonic())
            first = min(next_post, self._due[0][0] if self._due else end, end)
            time.sleep(max(0.0, first - time.monotonic()))
        self._change(end + 1)
        return self.written

    def _post(self, end: float) -> None:
        self._number += 1
        number, now = self._number, time.monotonic()
        is_edited = self._random.random() < SHARE_EDITED
        is_deleted = self._random.random() < SHARE_DELETED
        channel_id, root_id = self._random.choice(self._channels), ""
        if self._roots and self._random.random() < SHARE_REPLIES:
            channel_id, root_id = self._random.choice(self._roots[-RECENT:])
        body = {"channel_id": channel_id, "root_id": root_id, "message": f"post {number}"}
        try:
            post = self._rest.call("POST", "/posts", body)
        except FAILURES:
            self.written.failed += 1
            return
        self.written.last_at = time.time()
        self.written.posts += 1
        self.written.ids.add(post["id"])
        self.written.begin = self.written.begin or post["create_at"]
        # A thread that is deleted at once tells of its first post only.
        if not root_id and not is_deleted:
            self._roots.append((channel_id, post["id"]))
        for what, is_due in (("edit", is_edited), ("delete", is_deleted)):
            if is_due:
                is_soon = self._random.random() < SHARE_SOON
                when = now + self._random.uniform(0, SOON if is_soon else LATE)
                heapq.heappush(self._due, (min(when, end), number, what, post["id"]))

    def _change(self, until: float) -> None:
        while self._due and self._due[0][0] <= until:
            _, number, what, post_id = heapq.heappop(self._due)
            if post_id in self.written.deleting:
                continue
            try:
                if what == "edit":
                    self._rest.call("PUT", f"/posts/{post_id}/patch", {"message": f"post {number}, edited"})
                    self.written.edits += 1
                else:
                    self.written.deleting.add(post_id)
                    self._rest.call("DELETE", f"/posts/{post_id}")
                    self.written.deletes += 1
            except FAILURES:
                self.written.failed += 1
                continue
            self.written.last_at = time.time()
