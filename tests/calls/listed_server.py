"""Servers that list things page by page, without a network: what walks are driven against."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from matterapi.calls.paging import Ask, Walk


def named(name: str) -> Any:
    return SimpleNamespace(id=name)


@dataclass
class ByNumber:
    """Gives pages by number and size.

    Attributes:
        names: What is listed, in order.
        cap: The most items of a page.
        asked: The questions.
        between: Called after each answer; changes `names`.
    """

    names: list[str]
    cap: int = 200
    asked: list[Ask] = field(default_factory=list)
    between: Callable[[ByNumber], None] = lambda _server: None

    def answer(self, ask: Ask) -> Any:
        self.asked.append(ask)
        size = min(ask["per_page"], self.cap)
        found = self.names[ask["page"] * size : (ask["page"] + 1) * size]
        self.between(self)
        return [named(name) for name in found]


@dataclass
class Channel:
    """Lists posts as the server does: by the time of another one, newest first, and by number."""

    posts: list[Any]
    asked: list[Ask] = field(default_factory=list)
    between: Callable[[Channel], None] = lambda _server: None

    def answer(self, ask: Ask) -> Any:
        self.asked.append(ask)
        size, start = ask["per_page"], ask.get("page", 0) * ask["per_page"]
        newest = sorted(self.posts, key=lambda post: -post.create_at)
        before, after = ask.get("before"), ask.get("after")
        if before or after:
            anchor = next((post for post in self.posts if post.id == (before or after)), None)
            if anchor is None:
                newest = []
            elif before:
                newest = [post for post in newest if post.create_at < anchor.create_at]
            else:
                newest = [post for post in newest if post.create_at > anchor.create_at][::-1]
        found = newest[start : start + size]
        ids = ("", "") if len(found) < size else self._neighbours(found)
        if after:
            found = found[::-1]
        self.between(self)
        return Posts(found, *ids)

    def _neighbours(self, found: list[Any]) -> tuple[str, str]:
        """Ids of an earlier and a later post, by times only: "" though more of the page's times are left."""
        times = [post.create_at for post in found]
        earlier = [post.id for post in self.posts if post.create_at < min(times)]
        later = [post.id for post in self.posts if post.create_at > max(times)]
        return next(iter(earlier), ""), next(iter(later), "")


class Posts(list[Any]):
    """A list of posts with the ids of its neighbours."""

    def __init__(self, posts: list[Any], prev_post_id: str, next_post_id: str) -> None:
        super().__init__(posts)
        self.prev_post_id = prev_post_id
        self.next_post_id = next_post_id


def walked(walk: Walk, answer: Callable[[Ask], Any], most: int = 5_000) -> list[Any]:
    """The items that a walk yields, from a server that answers its questions; at most so many questions."""
    found: list[Any] = []
    given = None
    for _ in range(2 * most):
        try:
            step = walk.send(given)
        except StopIteration:
            return found
        given = answer(step) if isinstance(step, dict) else found.extend(step)
    raise AssertionError("the walk has no end")
