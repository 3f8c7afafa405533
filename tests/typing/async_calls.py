"""The async client: calls, sessions, events."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

from typing_extensions import assert_type

from matterapi import AsyncClient, Response
from matterapi.calls.pages import AsyncPageIterator
from matterapi.endpoints.async_api import UsersApi
from matterapi.endpoints.base import AsyncCaller
from matterapi.models import Channel, Draft, Post, PostList, Team, TeamsWithCount, User
from matterapi.response import ApiResponse


async def answers(client: AsyncClient) -> None:
    assert_type(client.users, UsersApi)
    assert_type(client.users.client, AsyncCaller)
    assert_type(await client.users.get_user("me"), User)
    assert_type(await client.users.get_users(), list[User])
    assert_type(await client.posts.get_posts_for_channel("c"), PostList)
    assert_type(await client.users.get_drafts("me", "t"), list[Draft])
    assert_type(await client.teams.get_all_teams(), list[Team])
    assert_type(await client.teams.get_all_teams(include_total_count=True), TeamsWithCount)
    assert_type(await client.files.get_file("f"), Response)


async def iterators(client: AsyncClient) -> None:
    users = client.users.iter_users(in_team="t", limit=5)
    assert_type(users, AsyncPageIterator[User])
    assert_type([user async for user in users], list[User])
    assert_type(await users.first(), User | None)
    async for page in users.pages():
        assert_type(page, list[User])
    async with client.posts.iter_channel("c") as posts:
        async for post in posts:
            assert_type(post, Post)
    assert_type(await client.posts.create_post(json_body={"channel_id": "c", "message": "m"}), Post)


async def many_at_once(client: AsyncClient) -> None:
    user, channel = await asyncio.gather(client.users.get_user("me"), client.channels.get_channel("c"))
    assert_type(user, User)
    assert_type(channel, Channel)


async def session(client: AsyncClient) -> None:
    async with client.session() as inner:
        assert_type(inner, AsyncClient)
        assert_type(await inner.users.get_user("me"), User)
    async with client as same:
        assert_type(same, AsyncClient)
    await client.aclose()


def handle(event: dict[str, Any]) -> None:
    """A handler that is a plain function."""


async def handle_later(event: dict[str, Any]) -> None:
    """A handler that is a coroutine function."""


async def handle_in(channel: str, event: dict[str, Any]) -> None:
    """A handler with an argument of its own."""


class Bot:
    """A handler that is an object."""

    async def __call__(self, event: dict[str, Any]) -> None:
        """Take an event."""


async def events(client: AsyncClient) -> None:
    await client.start_ws(handle)
    await client.start_ws(handle_later, relogin=True)
    await client.start_ws(partial(handle_in, "town-square"))
    await client.start_ws(Bot())


def events_without_a_loop(client: AsyncClient) -> None:
    client.start_ws_sync(handle)


async def raw_responses(client: AsyncClient) -> None:
    raw = client.with_options(timeout=5).with_raw_response
    answer = await raw.users.get_user("me")
    assert_type(answer, ApiResponse[User])
    assert_type(answer.parse(), User)
    assert_type((await raw.users.get_users(page=1)).parse(), list[User])
    await raw.users.get_user(5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
