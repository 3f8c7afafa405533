"""Whole lists of an embedded server, item by item, while they change: each item comes once."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any

import pytest

from matterapi.models import Channel, ChannelMember, Post, User
from tests.support.effort import usually

if TYPE_CHECKING:
    from matterapi.testing import MattermostServer

full_runs_take_minutes = pytest.mark.timeout(usually(120, 900))


@full_runs_take_minutes
async def test_all_users_come_once_while_some_are_made_renamed_and_deactivated(
    client: Any, server: MattermostServer
) -> None:
    made = server.factory.users(usually(700, 50_000))
    stay, seen, numbers = {user["id"] for user in made}, list[str](), count()

    async for page in client.users.iter_users(active=True).pages():
        assert all(isinstance(user, User) for user in page)
        seen += [user.id for user in page]
        # In front of what comes next, each moves all of it.
        for user in [user for user in page if user.id in stay][:2]:
            await client.users.delete_user(user.id)
        await client.users.patch_user(page[-1].id, json_body={"nickname": "seen"})
        server.factory.users(3, prefix=f"aa{next(numbers)}")
    assert len(seen) == len(set(seen))
    assert stay <= set(seen)


@full_runs_take_minutes
async def test_all_channels_come_once_while_some_are_made_and_archived(
    client: Any, server: MattermostServer
) -> None:
    total = usually(420, 10_000)
    made = [server.factory.channel(f"room-{number:05}")["id"] for number in range(total)]
    seen, numbers = list[str](), count()

    async for page in client.channels.iter_all_channels().pages():
        seen += [channel.id for channel in page]
        for channel in [channel for channel in page if channel.name.startswith("room")][:2]:
            await client.channels.delete_channel(channel.id)
        server.factory.channel(f"a-room-{next(numbers)}")
    assert len(seen) == len(set(seen))
    assert set(made) <= set(seen)


@full_runs_take_minutes
@pytest.mark.parametrize("newest_first", [True, False], ids=["back", "forward"])
async def test_all_posts_come_once_while_some_are_written_edited_and_deleted(
    client: Any, server: MattermostServer, newest_first: bool
) -> None:
    channel_id = server.factory.channel("busy")["id"]
    stay = {post["id"] for post in server.factory.posts(channel_id, usually(600, 50_000), spacing_ms=0)}
    server.clock.advance(60_000)
    stay |= {post["id"] for post in server.factory.posts(channel_id, usually(600, 50_000), spacing_ms=1)}
    seen, last = list[Post](), None

    async for page in client.posts.iter_channel(channel_id, newest_first=newest_first).pages():
        assert all(isinstance(post, Post) for post in page)
        seen += page
        own = [post for post in page if post.id in stay]
        if len(seen) > len(stay) // 2 or not own:
            continue
        await client.posts.delete_post(own[0].id)
        await client.posts.patch_post(own[-1].id, json_body={"message": "edited"})
        if last is None or newest_first:
            last = await client.posts.create_post(json_body={"channel_id": channel_id, "message": "new"})
    ids = [post.id for post in seen]
    assert len(ids) == len(set(ids))
    assert stay <= set(ids)
    order = [(post.create_at, post.id) for post in seen]
    assert order == sorted(order, reverse=newest_first)


async def test_a_thousand_posts_of_one_millisecond_are_all_there(
    client: Any, server: MattermostServer
) -> None:
    channel_id = server.factory.channel("busy")["id"]
    made = {post["id"] for post in server.factory.posts(channel_id, 1_000, spacing_ms=0)}
    seen = [post.id async for post in client.posts.iter_channel(channel_id)]
    assert len(seen) == len(set(seen))
    assert made <= set(seen)


async def test_the_posts_of_a_span_of_time(client: Any, server: MattermostServer) -> None:
    channel_id = server.factory.channel("busy")["id"]
    made = server.factory.posts(channel_id, 1_500, spacing_ms=1)
    span = {"since": made[100]["create_at"], "until": made[1_300]["create_at"]}
    for newest_first in (True, False):
        found = client.posts.iter_channel(channel_id, newest_first=newest_first, **span)
        ids = [post.id async for post in found]
        assert ids == [post["id"] for post in made[100:1_300]][:: -1 if newest_first else 1]
    anchored = client.posts.iter_channel(channel_id, after=made[700]["id"], before=made[950]["id"])
    assert [post.id async for post in anchored] == [post["id"] for post in made[701:950]][::-1]


@pytest.mark.parametrize("is_frozen", [False, True], ids=["as they come", "of one millisecond"])
async def test_the_replies_of_a_thread_page(client: Any, server: MattermostServer, is_frozen: bool) -> None:
    channel_id = server.factory.channel("busy")["id"]
    if is_frozen:
        server.clock.freeze()
    root = await client.posts.create_post(json_body={"channel_id": channel_id, "message": "root"})
    body = {"channel_id": channel_id, "message": "reply", "root_id": root.id}
    replies = [await client.posts.create_post(json_body=body) for _ in range(23)]
    for asked in (root, replies[11]):
        for size in (1, 2, 5, 24):
            found = [post async for post in client.posts.iter_post_thread(asked.id, per_page=size)]
            assert sorted(post.id for post in found) == sorted([root.id, *(reply.id for reply in replies)])


async def test_the_threads_that_a_user_follows_page(client: Any, server: MattermostServer) -> None:
    channel = server.factory.channel("busy")
    roots = []
    for _ in range(7):
        root = await client.posts.create_post(json_body={"channel_id": channel["id"], "message": "root"})
        body = {"channel_id": channel["id"], "message": "reply", "root_id": root.id}
        await client.posts.create_post(json_body=body)
        roots.append(root.id)
        server.clock.advance(1_000)
    found = client.threads.iter_user_threads("me", channel["team_id"], per_page=2)
    assert [thread.id async for thread in found] == roots[::-1]


async def test_lists_in_objects_and_by_a_body(client: Any, server: MattermostServer) -> None:
    for number in range(7):
        server.factory.channel(f"room-{number}")
    found = client.channels.iter_search_all_channels(json_body={"term": "room"}, per_page=3)
    names = [channel.name async for channel in found]
    assert sorted(names) == [f"room-{number}" for number in range(7)]
    team = server.factory.team()
    teams = [
        found.id async for found in client.teams.iter_search_teams(json_body={"term": "team"}, per_page=1)
    ]
    assert teams == [team["id"]]
    posts = client.posts.iter_search_posts(team["id"], json_body={"terms": "nothing", "is_or_search": False})
    assert [post async for post in posts] == []


async def test_items_that_have_no_id_are_known_by_several_attributes(
    client: Any, server: MattermostServer
) -> None:
    members = [user["id"] for user in server.factory.users(25)]
    channel_id = server.factory.channel("busy", members=members)["id"]
    found = [member async for member in client.channels.iter_channel_members(channel_id, per_page=10)]
    assert all(isinstance(member, ChannelMember) for member in found)
    assert {*members} < {member.user_id for member in found}
    assert len(found) == 26


async def test_a_list_that_the_server_has_no_page_of_is_empty(client: Any, server: MattermostServer) -> None:
    team_id = server.factory.team()["id"]
    assert [one async for one in client.channels.iter_deleted_channels_for_team(team_id)] == []
    assert await client.channels.iter_deleted_channels_for_team(team_id).first() is None
    first = await client.channels.iter_public_channels_for_team(team_id).first()
    assert isinstance(first, Channel)
