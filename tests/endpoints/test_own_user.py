"""`client.users.me`: asked once for each session."""

from __future__ import annotations

from typing import Any

from matterapi import SyncClient
from matterapi.models import User
from matterapi.testing import MattermostServer
from tests.support.faces import make_client

ROUTE = "GET /api/v4/users/{user_id}"


async def test_the_own_user_is_asked_for_once(client: Any, server: MattermostServer) -> None:
    first = await client.users.me()
    assert isinstance(first, User)
    assert first.id == server.admin.id
    assert await client.users.me() is first
    async with client.session() as session:
        assert (await session.users.me()).id == first.id
    assert len(server.requests.matching(ROUTE)) == 1


async def test_after_a_login_he_is_asked_for_anew(client: Any, server: MattermostServer) -> None:
    first = await client.users.me()
    server.revoke_session(client.active_token)
    # Logs in again: the session is another.
    await client.teams.get_all_teams()
    assert await client.users.me() is not first
    assert len(server.requests.matching(ROUTE)) == 2


async def test_he_can_be_asked_for_all_the_same(client: Any, server: MattermostServer) -> None:
    first = await client.users.me()
    await client.users.patch_user("me", json_body={"nickname": "Chief"})
    assert (await client.users.me()).nickname == first.nickname
    assert (await client.users.me(refresh=True)).nickname == "Chief"
    assert (await client.users.me()).nickname == "Chief"


async def test_another_client_and_a_view_with_another_token_have_their_own(
    kind: str, server: MattermostServer
) -> None:
    bob = server.create_user("bob")
    token = server.create_session(bob["id"])
    auth, headers = {"token": server.admin.token}, {"Authorization": f"Bearer {token}"}
    mine, his = make_client(kind, server.url, auth), make_client(kind, server.url, {"token": token})
    assert (await mine.users.me()).username == server.admin.username
    assert (await his.users.me()).username == "bob"
    client = SyncClient(options={"url": server.url, "auth": auth})
    first = client.users.me()
    assert client.with_options(timeout=30).users.me() is first
    assert client.with_options(headers=headers).users.me().username == "bob"
    assert client.users.me().username == server.admin.username
