"""As matterbridge: what is written, edited and deleted here is repeated there, with files; asyncio."""

from __future__ import annotations

from typing import Any

from matterapi import AsyncClient
from matterapi.events import PostDeleted, Posted, PostEdited
from matterapi.models import Post


class Bridge:
    """One channel here and one there."""

    def __init__(self, here: AsyncClient, there: AsyncClient, channel_here: str, channel_there: str) -> None:
        self._here, self._there = here, there
        self._channel_here, self._channel_there = channel_here, channel_there
        self._names: dict[str, str] = {}
        self.known: dict[str, str] = {}
        """The id there of each post here."""

    async def run(self, ready: Any, until: int) -> None:
        """Repeat so many events."""
        async with self._here.events(
            Posted, PostEdited, PostDeleted, channels=[self._channel_here], own_posts=False
        ) as stream:
            await stream.ready(timeout=30)
            ready()
            async for event in stream:
                await self.repeat(event)
                until -= 1
                if not until:
                    return

    async def repeat(self, event: Posted | PostEdited | PostDeleted) -> None:
        post = event.post
        twin = self.known.get(post.id)
        if isinstance(event, Posted):
            # What joins and leaves of channels write has a type.
            if not post.type:
                self.known[post.id] = await self._write(post)
        elif twin and isinstance(event, PostEdited):
            await self._there.posts.patch_post(twin, json_body={"message": await self._text(post)})
        elif twin:
            await self._there.posts.delete_post(twin)

    async def _write(self, post: Post) -> str:
        files: list[str] = []
        for file_id in post.file_ids or []:
            info = await self._here.files.get_file_info(file_id)
            async with self._here.files.stream(file_id) as content:
                uploaded = await self._there.files.upload(
                    self._channel_there, (info.name or file_id, content)
                )
            files += [file.id for file in uploaded]
        body = {
            "channel_id": self._channel_there,
            "message": await self._text(post),
            "root_id": self.known.get(post.root_id, ""),
            "file_ids": files,
            "props": {"override_username": await self._name(post.user_id), "from_webhook": "true"},
        }
        return (await self._there.posts.create_post(json_body=body)).id

    async def _text(self, post: Post) -> str:
        return f"**{await self._name(post.user_id)}**: {post.message}"

    async def _name(self, user_id: str) -> str:
        if user_id not in self._names:
            user = await self._here.users.get_user(user_id)
            self._names[user_id] = user.nickname or user.username
        return self._names[user_id]
