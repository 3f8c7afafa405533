"""The call sequences of five public bots, against the embedded server."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from matterapi import AsyncClient, SyncClient
from matterapi.events import Posted
from matterapi.testing import MattermostServer
from matterapi.testing.faults import Status

from .ports.alerts import Alert, Forwarder
from .ports.bridge import Bridge
from .ports.chat_backend import Backend, Message
from .ports.feed import Feed
from .ports.plugin_bot import Bot, add_plugins

if TYPE_CHECKING:
    from matterapi.models import Post


class Room:
    """A channel of a server with the user ann and a bot, whose account is an ordinary one."""

    def __init__(self, server: MattermostServer) -> None:
        self.admin = SyncClient(server.url, token=server.admin.token)
        team = server.factory.team("core", members=[server.admin.id])
        ids = {name: server.create_user(name)["id"] for name in ("ann", "bot")}
        for user_id in ids.values():
            self.admin.teams.add_team_member(
                team["id"], json_body={"team_id": team["id"], "user_id": user_id}
            )
        body = {"team_id": team["id"], "name": "room", "display_name": "Room", "type": "O"}
        self.channel_id = self.admin.channels.create_channel(json_body=body).id
        for user_id in ids.values():
            self.admin.channels.add_channel_member(self.channel_id, json_body={"user_id": user_id})
        self.ann, self.bot = (SyncClient(server.url, token=server.create_session(ids[name])) for name in ids)
        self.bot_token = server.create_session(ids["bot"])
        self.ann_id = ids["ann"]

    def write(self, message: str, root_id: str = "") -> Post:
        body = {"channel_id": self.channel_id, "message": message, "root_id": root_id}
        return self.ann.posts.create_post(json_body=body)

    def messages(self) -> list[str]:
        """What was written, newest first, without what the server says of members."""
        posts = self.admin.posts.get_posts_for_channel(self.channel_id)
        return [post.message for post in posts if not post.type]


@pytest.fixture
def room(server: MattermostServer) -> Room:
    return Room(server)


def test_a_chat_backend(room: Room) -> None:
    backend = Backend(room.bot, "core")
    assert backend.me.username == "bot"
    assert backend.person("@nobody") is None
    assert "room" in backend.rooms()
    known = backend.room("room")
    assert known.id == room.channel_id
    assert {"ann", "bot"} <= set(backend.occupants(known))
    own = backend.room("cellar")
    backend.invite(own, "ann")
    assert sorted(backend.occupants(own)) == ["ann", "bot"]
    assert backend.topic(own, "wine") == "wine"

    def speak() -> None:
        root = room.write("hello")
        room.write("you there?", root.id)
        direct = room.ann.channels.create_direct_channel(json_body=[room.ann_id, backend.me.id])
        room.ann.posts.create_post(json_body={"channel_id": direct.id, "message": "psst"})
        backend.change_presence("dnd")
        room.admin.teams.add_team_member(
            backend.team_id, json_body={"team_id": backend.team_id, "user_id": room.ann_id}
        )
        backend.invite(known, "ann")
        backend.invite(backend.room("attic"), "ann")

    came = list(backend.serve_once(speak))
    said = [one for one in came if isinstance(one, Message) and one.sender == "ann"]
    assert [(one.text, one.is_direct) for one in said] == [
        ("hello", False),
        ("you there?", False),
        ("psst", True),
    ]
    assert said[0].thread == said[1].thread
    assert "dnd" in came
    assert came[-1] == room.ann_id
    post = backend.send(known, "answer", said[0].thread)
    backend.react(post, "wave")
    assert [one.emoji_name for one in room.ann.reactions.get_reactions(post.id) or []] == ["wave"]
    backend.unreact(post, "wave")
    assert room.ann.reactions.get_reactions(post.id) == []
    assert backend.whisper("ann", "secret").message == "secret"
    backend.leave(own)
    assert own.name not in backend.rooms()


def test_a_bot_of_plugins(room: Room) -> None:
    # Ephemeral posts need `create_post_ephemeral`, which system admins have.
    bot = Bot(room.admin)
    add_plugins(bot)
    with room.admin.events(Posted, channels=[room.channel_id], own_posts=False) as stream:
        stream.ready(timeout=30)

        def hear(message: str) -> tuple[Post, int]:
            post = room.write(message)
            event = stream.wait(timeout=30)
            assert event is not None
            return post, bot.handle(event)

        assert hear("hello")[1] == 0
        post, called = hear("@admin hello")
        assert called == 1
        assert bot.said_in_thread(post) == ["@admin hello", "Hello you"]
        post, called = hear("file some text")
        assert called == 1
    (reply,) = (one for one in room.ann.posts.get_post_thread(post.id) if one.id != post.id)
    assert room.ann.files.get_file((reply.file_ids or [""])[0]).content == b"some text"
    assert [one.emoji_name for one in room.ann.reactions.get_reactions(post.id) or []] == ["floppy_disk"]


async def test_a_bridge(room: Room) -> None:
    with MattermostServer() as other:
        channel_there = other.factory.channel("mirror")["id"]
        there = AsyncClient(other.url, token=other.admin.token)
        here = AsyncClient(room.bot.options.url, token=room.bot_token)
        bridge = Bridge(here, there, room.channel_id, channel_there)
        ready = asyncio.Event()
        running = asyncio.create_task(bridge.run(ready.set, 5))
        await ready.wait()

        def speak() -> tuple[str, str]:
            root = room.write("one")
            (file,) = room.ann.files.upload(room.channel_id, ("a.txt", b"content"))
            body = {
                "channel_id": room.channel_id,
                "root_id": root.id,
                "message": "two",
                "file_ids": [file.id],
            }
            room.ann.posts.create_post(json_body=body)
            gone = room.write("three")
            room.ann.posts.patch_post(root.id, json_body={"message": "one, edited"})
            room.ann.posts.delete_post(gone.id)
            return root.id, gone.id

        root_id, gone_id = await asyncio.to_thread(speak)
        await asyncio.wait_for(running, 30)
        found = {post.id: post async for post in there.posts.iter_channel(channel_there)}
        messages = {post.message: post for post in found.values() if not post.type}
        assert set(messages) == {"**ann**: one, edited", "**ann**: two"}
        two = messages["**ann**: two"]
        assert two.root_id == bridge.known[root_id]
        assert (await there.files.get_file((two.file_ids or [""])[0])).content == b"content"
        assert bridge.known[gone_id] not in found
        await asyncio.gather(here.aclose(), there.aclose())


FEED = """<rss><channel>{}</channel></rss>"""
ITEM = "<item><guid>{0}</guid><title>News {0}</title><link>https://news.example.com/{0}</link></item>"


def test_a_feed(room: Room) -> None:
    feed = Feed(room.admin, room.channel_id, "news")
    assert feed.show(FEED.format(ITEM.format(2) + ITEM.format(1))) == 2
    assert feed.show(FEED.format(ITEM.format(3) + ITEM.format(2))) == 1
    posts = [post for post in room.ann.posts.get_posts_for_channel(room.channel_id) if not post.type]
    shown = [post for post in room.ann.posts.iter_channel(room.channel_id) if "attachments" in post.props]
    assert sorted(post.props["attachments"][0]["title"] for post in shown) == ["News 1", "News 2", "News 3"]
    assert posts == []  # what a hook writes has a type
    feed.remove()
    assert room.admin.webhooks.get_incoming_webhooks() == []


def alert(status: str, fingerprint: str = "f1") -> Alert:
    return Alert(
        fingerprint=fingerprint,
        status="firing" if status == "firing" else "resolved",
        labels={"severity": "critical", "host": "db1"},
        annotations={"summary": "disk full"},
    )


def test_alerts(server: MattermostServer, room: Room) -> None:
    forwarder = Forwarder(room.bot, room.channel_id)
    assert forwarder.forward(alert("firing"))
    assert forwarder.forward(alert("firing"))
    (post,) = room.ann.channels.get_pinned_posts(room.channel_id)
    assert post.props["attachments"][0]["color"] == "#d24b4e"
    assert post.metadata is not None
    # Another process: what is open is pinned.
    again = Forwarder(room.bot, room.channel_id)
    assert again.open == {"f1": post.id}
    with server.faults.add(Status(503), route="PUT /api/v4/posts/{post_id}/patch"):
        assert not again.forward(alert("resolved"))
    assert again.forward(alert("resolved"))
    assert list(room.ann.channels.get_pinned_posts(room.channel_id)) == []
    edited, reply = room.ann.posts.get_post_thread(post.id)
    assert (edited.props["attachments"][0]["color"], reply.message) == ("#3db887", "It is over.")
    assert again.open == {}
