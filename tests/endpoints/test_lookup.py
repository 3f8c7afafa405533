"""Teams, channels and direct channels by id, by name and by link."""

from __future__ import annotations

from typing import Any

import pytest

from matterapi import exceptions
from matterapi.endpoints.links import Link, below, parse_path
from matterapi.models import Team, User
from matterapi.testing import MattermostServer
from tests.support.faces import make_client

SITE = "https://chat.example.com/mm"
ID = "a" * 26


async def test_a_team_is_found_by_id_name_and_link(client: Any, server: MattermostServer) -> None:
    team = server.factory.team("core")
    links = [f"{server.url}/core", f"{server.url}/core/", f"{server.url}/core/channels/town-square"]
    for text in [team["id"], "core", *links, f"{server.url}/core/pl/{ID}"]:
        found = await client.teams.resolve(text)
        assert isinstance(found, Team)
        assert found.id == team["id"]


async def test_a_channel_is_found_by_id_name_and_link(client: Any, server: MattermostServer) -> None:
    team = server.factory.team("core")
    channel_id = server.factory.channel("lunch", team_id=team["id"])["id"]
    named = await client.teams.resolve("core")
    for text in [channel_id, *(f"{server.url}/core/{kind}/lunch" for kind in ("channels", "messages"))]:
        assert (await client.channels.resolve(text)).id == channel_id
    assert (await client.channels.resolve(f"{server.url}/core/channels/{channel_id}")).id == channel_id
    assert (await client.channels.resolve(f"{server.url}/core/channels/lunch?x=1#y")).id == channel_id
    for where in ["core", team["id"], named, f"{server.url}/core"]:
        for name in ["lunch", "~lunch"]:
            assert (await client.channels.resolve(name, where)).id == channel_id


async def test_a_direct_channel_is_found_by_the_name_of_the_other(
    client: Any, server: MattermostServer
) -> None:
    bob = server.create_user("bob")
    channel = await client.channels.get_direct_channel("bob")
    assert channel.type == "D"
    assert {server.admin.id, bob["id"]} == set(channel.name.split("__"))
    for user in ["@bob", bob["id"], User(id=bob["id"])]:
        assert (await client.channels.get_direct_channel(user)).id == channel.id
    server.factory.team("core")
    for text in ["@bob", f"{server.url}/core/messages/@bob"]:
        assert (await client.channels.resolve(text)).id == channel.id


async def test_the_address_that_people_see_is_asked_for_only_where_it_is_needed(kind: str) -> None:
    config = {"ServiceSettings": {"SiteURL": SITE}}
    with MattermostServer(config=config) as server:
        client = make_client(kind, server.url, {"token": server.admin.token})
        channel_id = server.factory.channel("lunch")["id"]
        assert (await client.channels.resolve(f"{server.url}/team/channels/lunch")).id == channel_id
        assert server.requests.matching("GET /api/v4/config/client") == []
        assert (await client.channels.resolve(f"{SITE}/team/channels/lunch")).id == channel_id
        for text in ["https://other.example.com/team/channels/lunch", f"{SITE}2/team/channels/lunch"]:
            with pytest.raises(exceptions.InvalidRequest, match="not one of this server"):
                await client.channels.resolve(text)


async def test_what_names_no_channel_or_team_is_refused_and_not_sent(
    client: Any, server: MattermostServer
) -> None:
    with pytest.raises(exceptions.InvalidRequest, match="in which team"):
        await client.channels.resolve("lunch")
    with pytest.raises(exceptions.InvalidRequest, match="names no channel"):
        await client.channels.resolve(f"{server.url}/core")
    with pytest.raises(exceptions.InvalidRequest, match="names no team"):
        await client.teams.resolve(f"{server.url}/_redirect/pl/{ID}")
    with pytest.raises(exceptions.InvalidRequest, match="no team, channel or post"):
        await client.teams.resolve(f"{server.url}/admin_console/a/b/c/d")
    assert list(server.requests) == []


async def test_what_is_not_there_is_the_servers_refusal(client: Any) -> None:
    for call in [client.channels.resolve("lunch", "nowhere"), client.teams.resolve("nowhere"),
                 client.channels.get_direct_channel("@nobody")]:  # fmt: skip
        with pytest.raises(exceptions.ResourceNotFound):
            await call


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (SITE, []),
        (f"{SITE}/core/pl/{ID}", ["core", "pl", ID]),
        (f" {SITE}/core/channels/a%20b/ ", ["core", "channels", "a b"]),
        ("http://CHAT.example.com:80/mm/core", ["core"]),
        ("mattermost://chat.example.com/mm/core", ["core"]),
        ("https://chat.example.com:8443/mm/core", None),
        ("https://chat.example.com/core", None),
        ("https://chat.example.com/mm2/core", None),
        ("https://user@evil.example.com/mm/core", None),
        ("javascript://chat.example.com/mm/core", None),
        ("https://[/mm/core", None),
        ("https://chat.example.com:x/mm/core", None),
    ],
)
def test_a_link_is_below_the_site_or_it_is_not(text: str, parts: list[str] | None) -> None:
    assert below(text, SITE) == parts


@pytest.mark.parametrize(
    ("parts", "link"),
    [
        (["core"], Link("core")),
        (["core", "pl", ID], Link("core", post=ID)),
        (["_redirect", "pl", ID], Link("", post=ID)),
        (["core", "threads", ID], Link("core", post=ID)),
        (["core", "channels", "lunch"], Link("core", "lunch")),
        (["core", "channels", "lunch", ID], Link("core", "lunch", ID)),
        (["core", "messages", "@bob"], Link("core", "@bob")),
        (["core", "pl", "short"], None),
        (["core", "channels", "lunch", "short"], None),
        (["core", "integrations", "bots"], None),
        ([], None),
    ],
)
def test_a_path_leads_to_a_place_or_a_post(parts: list[str], link: Link | None) -> None:
    assert parse_path(parts) == link
