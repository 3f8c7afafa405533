"""Posts, and the questions that lists ask about them."""

import re
from bisect import bisect_left, bisect_right, insort
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator

from matterapi.testing.http.encoding import JsonObject

from .forgetting import forget_while

SINCE_LIMIT = 1000
MAX_RUNES = 16383
PENDING_TTL_MS = 30_000

_HASHTAG = re.compile(r"(?<!\S)#[^\W\d_][\w.-]*[^\W_]")


def _created(post: JsonObject) -> int:
    return int(post["create_at"])


class Posts:
    """All posts by id, each channel's in the order of `create_at`, threads, and copies of edited posts."""

    def __init__(self) -> None:
        self._by_id: dict[str, JsonObject] = {}
        self._in_channel: dict[str, list[JsonObject]] = {}
        self._replies: dict[str, list[JsonObject]] = {}
        self._edits: dict[str, list[JsonObject]] = {}
        self._pending: OrderedDict[str, tuple[str, int]] = OrderedDict()

    def __iter__(self) -> Iterator[JsonObject]:
        return iter(self._by_id.values())

    def get(self, post_id: str) -> JsonObject | None:
        """Return the post with that id, deleted ones too."""
        return self._by_id.get(post_id)

    def alive(self, post_id: str) -> JsonObject | None:
        """Return the post with that id unless it was deleted."""
        post = self._by_id.get(post_id)
        return None if post is None or post["delete_at"] else post

    def add(self, post: JsonObject) -> None:
        """Store a new post."""
        self._by_id[post["id"]] = post
        insort(self._in_channel.setdefault(post["channel_id"], []), post, key=_created)
        if post["root_id"]:
            insort(self._replies.setdefault(post["root_id"], []), post, key=_created)

    def remove(self, post_id: str) -> None:
        """Forget a post and its replies for good."""
        post = self._by_id.pop(post_id)
        self._in_channel[post["channel_id"]].remove(post)
        if post["root_id"]:
            self._replies[post["root_id"]].remove(post)
        for reply in self._replies.pop(post_id, []):
            del self._by_id[reply["id"]]
            self._in_channel[reply["channel_id"]].remove(reply)

    def remove_by(self, user_id: str) -> None:
        """Forget all posts of a user for good, and the replies to them."""
        for post in [post for post in self._by_id.values() if post["user_id"] == user_id]:
            if post["id"] in self._by_id:
                self.remove(post["id"])

    def remove_channel(self, channel_id: str) -> None:
        """Forget all posts of a channel."""
        for post in self._in_channel.pop(channel_id, []):
            del self._by_id[post["id"]]
            self._replies.pop(post["id"], None)

    def add_edit(self, copy: JsonObject) -> None:
        """Keep what a post was before an edit; `original_id` of the copy names the post."""
        self._edits.setdefault(copy["channel_id"], []).append(copy)

    def edits(self, post: JsonObject) -> list[JsonObject]:
        """Return the former versions of a post, newest first."""
        copies = self._edits.get(post["channel_id"], [])
        return [copy for copy in reversed(copies) if copy["original_id"] == post["id"]]

    def version(self, version_id: str) -> JsonObject | None:
        """Return the former version of a post that has that id."""
        copies = (copy for edits in self._edits.values() for copy in edits)
        return next((copy for copy in copies if copy["id"] == version_id), None)

    def in_channel(self, channel_id: str) -> list[JsonObject]:
        """Return all posts of a channel, oldest first, deleted ones too; not to be changed by the caller."""
        return self._in_channel.get(channel_id, [])

    def replies(self, root_id: str) -> list[JsonObject]:
        """Return the replies of a thread that are not deleted, oldest first."""
        return [post for post in self._replies.get(root_id, ()) if not post["delete_at"]]

    def thread(self, post: JsonObject) -> list[JsonObject]:
        """Return the thread that `post` belongs to, oldest first."""
        root = self.alive(post["root_id"] or post["id"])
        return ([root] if root else []) + self.replies(post["root_id"] or post["id"])

    def last_update(self, channel_id: str) -> int:
        """Return the greatest `update_at` of the channel: the second half of its ETag."""
        return max((int(post["update_at"]) for post in self.in_channel(channel_id)), default=0)

    def since(self, channel_id: str, since: int) -> list[JsonObject]:
        """Return what changed after `since` (ms, exclusive), newest first.

        Deleted posts and copies of edited ones are among them. Of more than 1000 changes any 1000 come back:
        the query has a limit without an order (post_store.go, GetPostsSince). Here it is those with the least
        ids, which are random: whoever goes on from the greatest `update_at` loses posts, as on a real server.
        """
        copies = ({**copy, "message": ""} for copy in self._edits.get(channel_id, ()))
        rows = [*self.in_channel(channel_id), *copies]
        changed = sorted((row for row in rows if row["update_at"] > since), key=lambda row: str(row["id"]))
        return sorted(changed[:SINCE_LIMIT], key=_created, reverse=True)

    def before(self, channel_id: str, anchor: JsonObject) -> list[JsonObject]:
        """Return the channel's posts created strictly before `anchor`, oldest first."""
        posts = self.in_channel(channel_id)
        return posts[: bisect_left(posts, _created(anchor), key=_created)]

    def after(self, channel_id: str, anchor: JsonObject) -> list[JsonObject]:
        """Return the channel's posts created strictly after `anchor`, oldest first."""
        posts = self.in_channel(channel_id)
        return posts[bisect_right(posts, _created(anchor), key=_created) :]

    def remember_pending(self, pending_id: str, post_id: str, now: int) -> None:
        """Note that `pending_id` made that post; kept for 30 s from the last write."""
        self._pending[pending_id] = (post_id, now)
        self._pending.move_to_end(pending_id)
        forget_while(self._pending, lambda kept: now - kept[1] >= PENDING_TTL_MS)

    def find_pending(self, pending_id: str, now: int) -> JsonObject | None:
        """Return the post that `pending_id` made within the last 30 s."""
        post_id, written = self._pending.get(pending_id, ("", 0))
        return self._by_id.get(post_id) if now - written < PENDING_TTL_MS else None


def new_post(post_id: str, now: int, user_id: str, fields: JsonObject) -> JsonObject:
    """Return the record of a new post; keys in the server's order.

    `metadata` is not stored: it is made when the post is shown.
    """
    message = fields.get("message") or ""
    return {
        "id": post_id,
        "create_at": now,
        "update_at": now,
        "edit_at": 0,
        "delete_at": 0,
        "is_pinned": bool(fields.get("is_pinned", False)),
        "user_id": user_id,
        "channel_id": fields["channel_id"],
        "root_id": fields.get("root_id") or "",
        "original_id": "",
        "message": message,
        "type": fields.get("type") or "",
        "props": dict(fields.get("props") or {}),
        "hashtags": hashtags(message),
        "file_ids": list(fields.get("file_ids") or []),
        "pending_post_id": fields.get("pending_post_id") or "",
        "has_reactions": False,
        "remote_id": "",
        "reply_count": 0,
        "last_reply_at": 0,
        "participants": None,
    }


def _has_word(text: str, word: str) -> bool:
    end = "" if word.endswith("*") else r"(?!\w|\.\w)"
    return re.search(rf"(?<![\w.])({re.escape(word.rstrip('*'))}){end}", text) is not None


def hashtags(message: str) -> str:
    """Return the hashtags of a message, separated by spaces; three characters or more each."""
    return " ".join(tag for tag in _HASHTAG.findall(message) if len(tag) > 3)


def newest_first(
    posts: list[JsonObject], page: int, per_page: int, keep: Callable[[JsonObject], bool]
) -> list[JsonObject]:
    """Return one page of `posts` (given oldest first), newest first, of those that `keep` accepts."""
    skip, wanted, found = page * per_page, per_page, list[JsonObject]()
    for post in reversed(posts):
        if len(found) == wanted:
            break
        if not keep(post):
            continue
        if skip:
            skip -= 1
        else:
            found.append(post)
    return found


def oldest_page(
    posts: list[JsonObject], page: int, per_page: int, keep: Callable[[JsonObject], bool]
) -> list[JsonObject]:
    """Return page `page` counted from the oldest post, the page itself newest first (style of `after`)."""
    kept = [post for post in posts if keep(post)]
    return kept[page * per_page : (page + 1) * per_page][::-1]


def matching(posts: Iterable[JsonObject], terms: str, *, any_term: bool) -> list[JsonObject]:
    """Return the posts that contain the words of `terms`, newest first.

    A name with dots or digits is one word, as for PostgreSQL; `word*` stands for all that begin like it.
    """
    words = [word.strip('"').lower() for word in terms.split()]
    test = any if any_term else all
    found = [post for post in posts if test(_has_word(post["message"].lower(), word) for word in words)]
    return sorted(found, key=_created, reverse=True)
