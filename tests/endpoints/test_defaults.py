"""What a call sends when the caller said nothing."""

from typing import Any

import pytest

from matterapi.testing import MattermostServer
from tests.support.faces import make_client

CALLS = {
    "channels.get_all_channels": {},
    "channels.channel_members_minus_group_members": {"channel_id": "c" * 26, "group_ids": "g" * 26},
    "shared_channels.get_all_shared_channels": {"team_id": "t" * 26},
    "teams.team_members_minus_group_members": {"team_id": "t" * 26, "group_ids": "g" * 26},
}


@pytest.mark.parametrize("place", CALLS)
async def test_a_page_size_that_nobody_chose_is_not_sent(kind: str, place: str) -> None:
    with MattermostServer(stateless=True) as server:
        client: Any = make_client(kind, server.url, {"token": server.admin.token})
        group, method = place.split(".")
        await getattr(getattr(client, group), method)(**CALLS[place])
        asked = server.requests[-1].query
    assert "page" in asked
    assert "per_page" not in asked


async def test_all_channels_are_more_than_none(client: Any) -> None:
    await client.teams.create_team(json_body={"name": "books", "display_name": "Books", "type": "O"})
    assert "town-square" in [channel.name for channel in await client.channels.get_all_channels()]
