"""The core's usual work, against the embedded server: `python -m training.work`.

What bots and scripts do, in proportions of theirs: long pages of posts and of users first, then small calls
of both clients, events, files, and now and then an error. Ends by itself after some seconds.
"""

from __future__ import annotations

import asyncio
import tempfile
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

from matterapi import AsyncClient, SyncClient
from matterapi.client.exceptions import ResourceNotFound
from matterapi.decoding.schema import decoder_for
from matterapi.models import ChannelMember, Post, PostList, User
from matterapi.testing import MattermostServer

USERS = 60
CHANNELS = 10
POSTS = 200
"""In each channel: a page."""

ROUNDS = 500
CALLS = 300
EVENTS = 4_000
FILE_SIZE = 50_000
ABSENT = "x" * 26

MESSAGES = (
    "Deploy is green again, thanks to the rollback of this morning: " + "see the pipeline of main, " * 5,
    "> quoted & <escaped>\n\n```\nlines of code\n```\nand what to say about them: " + "word " * 30,
    "caf\u00e9 at noon? na\u00efve question, d\u00e9j\u00e0 vu " + "and a lot more to say " * 5,
    "dashes \u2013 and quotes \u201cof a word processor\u201d " + "in an otherwise plain text " * 5,
    "shipped \U0001f680 see https://example.org/a/b?c=d&e=f\n" + "* an item of a list\n" * 8,
    "ok",
    "The metrics of the last week, without the weekend\n> see `#4711`: " + "please review tomorrow " * 6,
    "Whoever has the database open at the moment " + "should close it before the release " * 4,
)


class Finished(Exception):
    """Ends `start_ws`, which would listen for ever."""


def options(server: MattermostServer, **more: Any) -> dict[str, Any]:
    return {"url": server.url, "auth": {"token": server.admin.token}, **more}


def fill(server: MattermostServer, client: SyncClient) -> list[str]:
    """Channels with members and posts; their ids."""
    members = [user["id"] for user in server.factory.users(USERS)]
    channels = [server.factory.channel(f"channel-{number}", members=members) for number in range(CHANNELS)]
    for channel in channels:
        client.channels.add_channel_member(channel["id"], json_body={"user_id": server.admin.id})
        for message in MESSAGES:
            server.factory.posts(channel["id"], POSTS // 2 // len(MESSAGES), message=message, authors=members)
        write(server, client, channel["id"])
    return [channel["id"] for channel in channels]


def write(server: MattermostServer, client: SyncClient, channel_id: str) -> None:
    """The other half of a channel's posts: with files, reactions, replies and properties."""
    root_id = ""
    with tempfile.TemporaryDirectory() as folder:
        picture = Path(folder) / "chart.png"
        picture.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(FILE_SIZE))
        for number in range(POSTS // 2):
            files = client.files.upload(channel_id, picture) if number % 3 == 0 else []
            body = {
                "channel_id": channel_id,
                "message": MESSAGES[number % len(MESSAGES)],
                "file_ids": [file.id for file in files],
                "root_id": root_id if number % 5 == 0 else "",
                "props": {"disable_group_highlight": True} if number % 2 else {},
            }
            post = client.posts.create_post(json_body=body)
            root_id = root_id or str(post.id)
            if number % 2 == 0:
                reaction = {"user_id": server.admin.id, "post_id": post.id, "emoji_name": "+1"}
                client.reactions.save_reaction(json_body=reaction)


def page(client: SyncClient, channel_id: str) -> list[Post]:
    """The newest posts of a channel."""
    posts = client.posts.get_posts_for_channel(channel_id, per_page=200).posts
    assert posts is not None
    return list(posts.values())


def read(client: SyncClient, channel_ids: list[str]) -> None:
    """What ingestion reads: pages as long as the server gives them."""
    for channel_id in channel_ids:
        for _ in range(10):
            assert len(page(client, channel_id)) == POSTS
            client.users.get_users(per_page=200)
            client.channels.get_channel_members(channel_id, per_page=200)


def decode(server: MattermostServer, channel_ids: list[str]) -> None:
    """The same pages again and again: only so do the counts of decoding show beside those of transport.

    By turns, because in life no page comes twice in a row.
    """
    raw = SyncClient(options=options(server, skip_response_parsing=True))
    bodies: list[tuple[Any, Any]] = [
        (PostList, raw.posts.get_posts_for_channel(channel_id, per_page=200)) for channel_id in channel_ids
    ]
    bodies += [
        (list[User], raw.users.get_users(per_page=200)),
        (list[ChannelMember], raw.channels.get_channel_members(channel_ids[0], per_page=200)),
        (User, raw.users.get_user("me")),
    ]
    for _ in range(ROUNDS):
        for type_, response in bodies:
            decoder_for(type_).decode(response.content)


def call(client: SyncClient, channel_id: str) -> None:
    """Small calls, one after the other."""
    for number in range(CALLS):
        client.users.get_user("me")
        client.channels.get_channel(channel_id)
        if number % 10 == 0:
            (file,) = client.files.upload(channel_id, ("report.txt", bytes(FILE_SIZE)))
            assert len(client.files.get_file(str(file.id)).content) == FILE_SIZE
            with suppress(ResourceNotFound):
                client.posts.get_post(ABSENT)


async def call_together(client: AsyncClient, channel_id: str) -> None:
    """Small calls, many at a time."""
    async with client.session() as session:
        for _ in range(CALLS // 30):
            await asyncio.gather(*(session.users.get_user("me") for _ in range(30)))
            await session.posts.get_posts_for_channel(channel_id, per_page=200)


class Counter:
    """Counts events until enough have come."""

    def __init__(self) -> None:
        self.count = 0
        self.ready = threading.Event()

    def await_ready(self, server: MattermostServer) -> None:
        """Wait until the first event has come: from then on none is missed."""
        for _ in range(300):
            server.emit("custom_training_begins")
            if self.ready.wait(0.1):
                return
        raise TimeoutError("no event has come within 30 s")

    def __call__(self, event: dict[str, Any]) -> None:
        self.ready.set()
        self.count += event["event"] == "posted"
        if self.count == EVENTS:
            raise Finished


def emit(server: MattermostServer, client: SyncClient, channel_id: str) -> None:
    """Events of posts, in batches that the server's queues take."""
    posts = page(client, channel_id)
    for number in range(EVENTS // POSTS):
        # Posts of their own each time: one that came is not handed out again.
        copies = [post.model_copy(update={"id": f"{number:03}{(post.id or '')[3:]}"}) for post in posts]
        texts = [copy.model_dump_json(exclude_unset=True) for copy in copies]
        data = [{"post": text, "channel_type": "O", "sender_name": "@admin"} for text in texts]
        server.emit("posted", data[0], channel_id=channel_id, copies=data[1:])
        # An answer means that the server's loop, which sends, went round.
        client.users.get_user("me")


def listen(server: MattermostServer, client: SyncClient, channel_id: str) -> None:
    """Events, with a function."""
    counter = Counter()

    def start() -> None:
        with suppress(Finished):
            SyncClient(options=options(server, ws_concurrent=False)).start_ws_sync(counter)

    thread = threading.Thread(target=start, daemon=True)
    thread.start()
    counter.await_ready(server)
    emit(server, client, channel_id)
    thread.join(60)
    assert counter.count == EVENTS


async def listen_async(server: MattermostServer, client: SyncClient, channel_id: str) -> None:
    """Events, in a task."""
    counter = Counter()
    task = asyncio.create_task(AsyncClient(options=options(server, ws_concurrent=False)).start_ws(counter))
    await asyncio.to_thread(counter.await_ready, server)
    await asyncio.to_thread(emit, server, client, channel_id)
    with suppress(Finished):
        await asyncio.wait_for(task, 60)
    assert counter.count == EVENTS


def main() -> None:
    with MattermostServer(seed=1) as server:
        client = SyncClient(options=options(server))
        channel_ids = fill(server, client)
        read(client, channel_ids)
        decode(server, channel_ids)
        call(client, channel_ids[0])
        asyncio.run(call_together(AsyncClient(options=options(server)), channel_ids[0]))
        listen(server, client, channel_ids[0])
        asyncio.run(listen_async(server, client, channel_ids[0]))


if __name__ == "__main__":
    main()
