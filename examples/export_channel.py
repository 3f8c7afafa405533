"""Writes the posts of a channel to a file, one JSON object a line: export_channel.py <team> <channel> <file>.

MATTERMOST_URL and MATTERMOST_TOKEN say where and as whom. The posts come page by page, so a channel may be of
any size.
"""

from __future__ import annotations

import json
import sys
from datetime import datetime, timezone
from pathlib import Path

from matterapi import SyncClient
from matterapi.models import Post


class Names:
    """The names of users, each asked for once."""

    def __init__(self, client: SyncClient) -> None:
        self._client = client
        self._known: dict[str, str] = {}

    def of(self, user_id: str) -> str:
        if user_id not in self._known:
            self._known[user_id] = self._client.users.get_user(user_id).username
        return self._known[user_id]


def line(post: Post, names: Names) -> str:
    at = datetime.fromtimestamp(post.create_at / 1000, timezone.utc)
    shown = {
        "id": post.id,
        "thread": post.root_id or post.id,
        "at": at.isoformat(),
        "by": names.of(post.user_id),
    }
    return json.dumps({**shown, "message": post.message, "files": post.file_ids or []}, ensure_ascii=False)


def main(team_name: str, channel_name: str, path: str) -> None:
    with SyncClient.from_env() as client:
        channel = client.channels.get_channel_by_name_for_team_name(team_name, channel_name)
        names, count = Names(client), 0
        with Path(path).open("w", encoding="utf-8") as file:
            for post in client.posts.iter_channel(channel.id):
                print(line(post, names), file=file)
                count += 1
        print(f"{count} posts of {channel.display_name}")


if __name__ == "__main__":
    main(*sys.argv[1:])
