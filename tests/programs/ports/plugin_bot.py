"""As mmpy_bot: functions that listen to patterns, replies in threads, files, ephemeral answers."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeAlias

from matterapi import SyncClient
from matterapi.events import Posted
from matterapi.models import FileInfo, Post

Listener: TypeAlias = Callable[["Bot", Posted, "re.Match[str]"], None]


class Bot:
    """Listeners by their patterns."""

    def __init__(self, client: SyncClient) -> None:
        self.client = client
        self.me = client.users.get_user("me")
        self._listeners: list[tuple[re.Pattern[str], bool, Listener]] = []

    def listen(self, pattern: str, needs_mention: bool = False) -> Callable[[Listener], Listener]:
        def add(listener: Listener) -> Listener:
            self._listeners.append((re.compile(pattern, re.IGNORECASE), needs_mention, listener))
            return listener

        return add

    def handle(self, event: Posted) -> int:
        """Call who listens to a post; returns how many did."""
        called = 0
        is_for_me = event.channel_type == "D" or self.me.id in (event.mentions or [])
        text = event.post.message.replace(f"@{self.me.username}", "").strip()
        for pattern, needs_mention, listener in self._listeners:
            if (found := pattern.match(text)) and (is_for_me or not needs_mention):
                listener(self, event, found)
                called += 1
        return called

    def reply(self, to: Post, text: str, files: list[FileInfo] | None = None) -> Post:
        ids = [file.id for file in files or []]
        body = {"channel_id": to.channel_id, "root_id": to.root_id or to.id, "message": text, "file_ids": ids}
        return self.client.posts.create_post(json_body=body)

    def whisper(self, to: Post, text: str) -> Post:
        post = {"channel_id": to.channel_id, "message": text}
        return self.client.posts.create_post_ephemeral(json_body={"user_id": to.user_id, "post": post})

    def react(self, to: Post, emoji: str) -> None:
        body = {"user_id": self.me.id, "post_id": to.id, "emoji_name": emoji}
        self.client.reactions.save_reaction(json_body=body)

    def said_in_thread(self, post: Post) -> list[str]:
        return [one.message for one in self.client.posts.get_post_thread(post.root_id or post.id)]


def add_plugins(bot: Bot) -> None:
    @bot.listen("hello", needs_mention=True)
    def hello(bot: Bot, event: Posted, _: re.Match[str]) -> None:
        name = bot.client.users.get_user(event.post.user_id).first_name or "you"
        bot.reply(event.post, f"Hello {name}")

    @bot.listen(r"file (?P<text>.+)")
    def send_file(bot: Bot, event: Posted, found: re.Match[str]) -> None:
        content = found["text"].encode()
        files = bot.client.files.upload(event.post.channel_id, ("said.txt", content))
        bot.reply(event.post, "in a file", files)
        bot.react(event.post, "floppy_disk")
        bot.whisper(event.post, "only you see this")
