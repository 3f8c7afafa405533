"""Messages of any length: what `client.posts` offers beside the server's own operations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from matterapi.calls import script
from matterapi.calls.dropped_values import warn_about_dropped_values
from matterapi.calls.script import Script
from matterapi.models.posts import Post

from .base import AsyncApi, SyncApi
from .operations import posts as op
from .steps import call, client_setting, refuse

_EVERY_SERVER_TAKES = 4_000
"""Characters that even old databases hold (PostMessageMaxRunesV1, model/post.go)."""


def _create(
    channel_id: str, message: str, first: Mapping[str, Any], root_id: str | None
) -> Script[list[Post]]:
    # Here, because most programs write short messages only.
    from matterapi.content.split import split_message  # noqa: PLC0415

    parts = [part for part in split_message(message, (yield from _limit(message))) if part.strip()]
    if not parts:
        raise refuse("the message is empty", op.CREATE_POST)
    posts: list[Post] = []
    for part in parts:
        body = {"channel_id": channel_id, "message": part, "root_id": root_id, **({} if posts else first)}
        body = {name: value for name, value in body.items() if value is not None}
        posts.append((yield from call(op.CREATE_POST, body)))
        warn_about_dropped_values(op.CREATE_POST, body, posts[-1])
    return posts


def _limit(message: str) -> Script[int]:
    if len(message) <= _EVERY_SERVER_TAKES:
        return _EVERY_SERVER_TAKES
    from matterapi.content.split import MOST_CHARACTERS  # noqa: PLC0415 - see `_create`

    told = yield from client_setting("MaxPostSize")
    return int(told) if told.isdecimal() and int(told) >= _EVERY_SERVER_TAKES else MOST_CHARACTERS


class SyncLongPosts(SyncApi):
    """Long messages of the sync client."""

    def create_long_post(
        self,
        channel_id: str,
        message: str,
        *,
        root_id: str | None = None,
        file_ids: Sequence[str] | None = None,
        props: Mapping[str, Any] | None = None,
    ) -> list[Post]:
        """Write a message of any length, as several posts if it is longer than the server takes.

        It is cut as `matterapi.content.split_message` does it: at the ends of lines, with code blocks whole.
        The server is asked for its limit if the message has more than 4,000 characters. The posts are
        written one after the other; when one fails, those before it stay.

        Args:
            channel_id: Id of the channel (26 characters).
            message: The text.
            root_id: Id of the post whose thread all of them belong to.
            file_ids: Ids of the files of the first post.
            props: Properties of the first post.

        Returns:
            The posts, in order.

        Raises:
            InvalidRequest: The message is empty.
            ApiError: The server refused a post.
        """
        first = {"file_ids": list(file_ids) if file_ids else None, "props": props}
        return script.run(self.client.sender, _create(channel_id, message, first, root_id))


class AsyncLongPosts(AsyncApi):
    """Long messages of the async client."""

    async def create_long_post(
        self,
        channel_id: str,
        message: str,
        *,
        root_id: str | None = None,
        file_ids: Sequence[str] | None = None,
        props: Mapping[str, Any] | None = None,
    ) -> list[Post]:
        """As `SyncLongPosts.create_long_post`."""
        first = {"file_ids": list(file_ids) if file_ids else None, "props": props}
        return await script.wait(self.client.sender, _create(channel_id, message, first, root_id))
