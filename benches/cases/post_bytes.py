"""Lists of posts as bytes, for decoders that are measured without a server.

In the shape and size of a real server's, and as Go writes them: compact, keys
in the order of the server's structs, UTF-8, `<`, `>` and `&` escaped.
"""

from __future__ import annotations

import json
from random import Random
from typing import Any

POSTS = 200
"""Posts in a list: the most that the server gives at once (`per_page`)."""

_FIRST_TIME = 1_767_225_600_000
_AUTHORS = 12
_ALPHABET = "ybndrfg8ejkmcpqxot1uwisza345h769"
_WORDS = (
    *("deploy", "pipeline", "review", "branch", "green", "rollback", "metrics", "please"),
    *("tomorrow", "database", "the", "with", "coffee", "and", "release", "rocket"),
)
# Of eight posts five are ASCII, one has Latin-1, one a dash, one an emoji: Python stores the four kinds in 1,
# 1, 2 and 4 bytes a character. In the posts recorded on a real server the shares are 62, 11, 17 and 9 %.
_MARKS = ("", "café", "", "", "🚀", "", "\u2014", "")
_ESCAPES = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})


def post_list(seed: int, posts_in_it: int = POSTS) -> bytes:
    """A list of posts of one channel, about 185 kB for 200.

    Args:
        seed: Which list. Lists of different seeds have no post, author or text in common, so that keeping
            many of them costs what it costs in life.
        posts_in_it: How many. Of the same seed a longer list starts with the shorter one's posts.
    """
    source = Random(seed)
    channel = _id(source)
    authors = [_id(source) for _ in range(_AUTHORS)]
    posts = [_post(source, number, channel, authors[number % _AUTHORS]) for number in range(posts_in_it)]
    value = {
        "order": [post["id"] for post in posts],
        "posts": {post["id"]: post for post in posts},
        "next_post_id": "",
        "prev_post_id": "",
        "first_inaccessible_post_time": 0,
    }
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).translate(_ESCAPES).encode()


def _id(source: Random) -> str:
    return "".join(source.choices(_ALPHABET, k=26))


def _post(source: Random, number: int, channel: str, author: str) -> dict[str, Any]:
    """A post; every second one has a reaction, every fourth a file."""
    id_, time = _id(source), _FIRST_TIME + number * 1_000
    times = {"create_at": time, "update_at": time, "delete_at": 0}
    metadata: dict[str, Any] = {}
    if number % 4 == 0:
        metadata["files"] = [
            {
                "id": _id(source),
                "user_id": author,
                "post_id": id_,
                "channel_id": channel,
                **times,
                "name": f"chart-{number}.png",
                "extension": "png",
                "size": 20_000 + number,
                "mime_type": "image/png",
                "width": 1184,
                "height": 314,
                "has_preview_image": True,
                "mini_preview": None,
                "remote_id": "",
                "archived": False,
            }
        ]
    if number % 2 == 0:
        reaction = {"user_id": author, "post_id": id_, "emoji_name": "+1", **times}
        metadata["reactions"] = [{**reaction, "remote_id": "", "channel_id": channel}]
    return {
        "id": id_,
        "create_at": time,
        "update_at": time,
        "edit_at": 0,
        "delete_at": 0,
        "is_pinned": False,
        "user_id": author,
        "channel_id": channel,
        "root_id": "",
        "original_id": "",
        "message": f"{' '.join(source.choices(_WORDS, k=30))} {_MARKS[number % 8]}\n> see `#{number}`",
        "type": "",
        "props": {"disable_group_highlight": True},
        "hashtags": "",
        "file_ids": [file["id"] for file in metadata.get("files", [])],
        "pending_post_id": "",
        "remote_id": "",
        "reply_count": 0,
        "last_reply_at": 0,
        "participants": None,
        "metadata": metadata,
    }
