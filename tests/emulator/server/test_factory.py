"""What the factory writes is what REST would have made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.emulator.peer import Peer

if TYPE_CHECKING:
    from matterapi.testing import MattermostServer

OWN = {"id", "create_at", "update_at", "message", "user_id"}


def test_a_hundred_thousand_posts_can_be_walked_and_counted(server: MattermostServer, admin: Peer) -> None:
    channel = server.factory.channel()
    before = admin.get(f"/channels/{channel['id']}").json["total_msg_count"]
    posts = server.factory.posts(channel["id"], 100_000)
    assert len({post["id"] for post in posts}) == 100_000
    assert admin.get(f"/channels/{channel['id']}").json["total_msg_count"] == before + 100_000
    newest = admin.get(f"/channels/{channel['id']}/posts?per_page=1").json
    assert newest["order"] == [posts[-1]["id"]]
    older = admin.get(f"/channels/{channel['id']}/posts?before={posts[50_000]['id']}&per_page=1").json
    assert older["posts"][older["order"][0]]["message"] == "message 50000"


def test_a_post_and_its_traces_are_as_if_posted(server: MattermostServer, admin: Peer) -> None:
    made: list[tuple[Any, Any, Any]] = []
    for name, by_rest in (("first", True), ("second", False)):
        channel = server.factory.channel(name)
        if by_rest:
            post_id = admin.post("/posts", {"channel_id": channel["id"], "message": "x"}).json["id"]
        else:
            post_id = server.factory.posts(channel["id"], message="x")[0]["id"]
        post = admin.get(f"/posts/{post_id}").json
        member = admin.get(f"/channels/{channel['id']}/members/me").json
        counts = admin.get(f"/channels/{channel['id']}").json
        own = OWN | {"channel_id"}
        made.append(
            (
                {key: value for key, value in post.items() if key not in own},
                {key: member[key] for key in ("msg_count", "msg_count_root", "mention_count", "roles")},
                {key: counts[key] for key in ("total_msg_count", "total_msg_count_root")},
            )
        )
    assert made[0] == made[1]


def test_users_are_numbered_on_and_can_log_in(server: MattermostServer, admin: Peer) -> None:
    first, second = server.factory.users(1), server.factory.users(1)
    assert [first[0]["username"], second[0]["username"]] == ["user-1", "user-2"]
    body = {"login_id": "user-2", "password": "a-Password-1"}
    assert Peer(server).post("/users/login", body).status == 200
    assert admin.get("/users/username/user-1").json["id"] == first[0]["id"]


def test_impossible_wishes_are_refused(server: MattermostServer) -> None:
    channel = server.factory.channel()
    with pytest.raises(ValueError, match="mention"):
        server.factory.posts(channel["id"], message="@channel")
    with pytest.raises(ValueError, match="count cannot be -1"):
        server.factory.posts(channel["id"], -1)
    with pytest.raises(KeyError, match="no channel has the id"):
        server.factory.posts("nowhere")
    with pytest.raises(KeyError, match="not in the channel"):
        server.factory.posts(channel["id"], authors=["stranger"])
