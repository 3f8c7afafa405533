"""`client.posts.permalink` and `get_by_link`: one gives what the other takes."""

from __future__ import annotations

from typing import Any

import pytest

from matterapi import exceptions
from matterapi.models import Post
from matterapi.testing import MattermostServer
from tests.support.faces import make_client

ID = "a" * 26


async def test_a_post_is_found_by_its_link(client: Any, server: MattermostServer) -> None:
    [made] = server.factory.posts(server.factory.channel()["id"])
    post = await client.posts.get_post(made["id"])
    team = await client.teams.resolve("team")
    links = [client.posts.permalink(post), client.posts.permalink(post.id, "team")]
    assert links == [f"{server.url}/_redirect/pl/{post.id}", f"{server.url}/team/pl/{post.id}"]
    assert client.posts.permalink(post, team) == links[1]
    for link in [*links, f"{server.url}/team/threads/{post.id}"]:
        found = await client.posts.get_by_link(link)
        assert isinstance(found, Post)
        assert found.id == post.id


async def test_the_address_that_people_see_can_be_another(kind: str) -> None:
    with MattermostServer(config={"ServiceSettings": {"SiteURL": "https://chat.example.com"}}) as server:
        client = make_client(kind, server.url, {"token": server.admin.token})
        [post] = server.factory.posts(server.factory.channel()["id"])
        link = client.posts.permalink(post["id"], "team", site="https://chat.example.com/")
        assert link == f"https://chat.example.com/team/pl/{post['id']}"
        assert (await client.posts.get_by_link(link)).id == post["id"]


async def test_a_link_to_no_post_is_refused(client: Any, server: MattermostServer) -> None:
    with pytest.raises(exceptions.InvalidRequest, match="leads to no post"):
        await client.posts.get_by_link(f"{server.url}/team/channels/town-square")
    with pytest.raises(exceptions.InvalidRequest, match="not one of this server"):
        await client.posts.get_by_link(f"https://other.example.com/team/pl/{ID}")
    with pytest.raises(exceptions.InvalidRequest, match="not one of this server"):
        await client.posts.get_by_link("no link")


def test_a_client_of_a_socket_has_to_say_the_address(kind: str) -> None:
    client = make_client(kind, "unix:///run/server.socket")
    with pytest.raises(exceptions.InvalidRequest, match="site"):
        client.posts.permalink(ID)
    assert client.posts.permalink(ID, site="https://chat.example.com").endswith(f"/_redirect/pl/{ID}")
