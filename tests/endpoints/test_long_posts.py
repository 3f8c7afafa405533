"""`client.posts.create_long_post`: messages of any length, in order and with their code whole."""

from __future__ import annotations

from typing import Any

import pytest

from matterapi import exceptions
from matterapi.content import MOST_CHARACTERS, split_message
from matterapi.testing import MattermostServer

LONG = "```python\n" + "print('🎉')\n" * 3_000 + "```"


async def test_a_long_message_becomes_posts_in_order(client: Any, server: MattermostServer) -> None:
    channel_id = server.factory.channel()["id"]
    posts = await client.posts.create_long_post(channel_id, LONG)
    assert [post.message for post in posts] == split_message(LONG)
    assert len(posts) == 3
    stored = [post async for post in client.posts.iter_channel(channel_id, newest_first=False, limit=50)]
    assert [post.message for post in stored if post.message.startswith("```")] == split_message(LONG)


async def test_replies_stay_in_the_thread_and_the_first_has_files_and_props(
    client: Any, server: MattermostServer
) -> None:
    channel_id = server.factory.channel()["id"]
    [root] = server.factory.posts(channel_id)
    [info] = await client.files.upload(channel_id, ("a.txt", b"a"))
    posts = await client.posts.create_long_post(
        channel_id, LONG, root_id=root["id"], file_ids=[info.id], props={"mark": "x"}
    )
    assert {post.root_id for post in posts} == {root["id"]}
    assert [post.file_ids or [] for post in posts] == [[info.id], [], []]
    assert [post.props.get("mark") for post in posts] == ["x", None, None]


async def test_a_short_message_is_one_call(client: Any, server: MattermostServer) -> None:
    channel_id = server.factory.channel()["id"]
    [post] = await client.posts.create_long_post(channel_id, "x" * 4_000)
    assert post.message == "x" * 4_000
    assert server.requests.matching("GET /api/v4/config/client") == []


async def test_the_limit_is_the_servers(client: Any, server: MattermostServer) -> None:
    channel_id = server.factory.channel()["id"]
    assert len(await client.posts.create_long_post(channel_id, "x" * MOST_CHARACTERS)) == 1
    assert len(server.requests.matching("GET /api/v4/config/client")) == 1
    with pytest.raises(exceptions.InvalidOrMissingParameters):
        body = {"channel_id": channel_id, "message": "x" * (MOST_CHARACTERS + 1)}
        await client.posts.create_post(json_body=body)


async def test_parts_without_a_word_are_left_out(client: Any, server: MattermostServer) -> None:
    channel_id = server.factory.channel()["id"]
    posts = await client.posts.create_long_post(channel_id, "a" + "\n" * 2 * MOST_CHARACTERS + "b")
    assert [post.message.strip() for post in posts] == ["a", "b"]
    with pytest.raises(exceptions.InvalidRequest, match="empty"):
        await client.posts.create_long_post(channel_id, " \n")
