"""What ordinary users, members, admins of channels and teams, and bots may do (api4/*.go)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from tests.conformance.http import Http
from tests.conformance.scene import fresh_name

if TYPE_CHECKING:
    from typing import Any

    from tests.conformance.scene import Scene
    from tests.conformance.target import Target

FORBIDDEN = (403, "api.context.permissions.app_error")


@dataclass(frozen=True)
class Place:
    """A team with a public and a private channel, and people of every standing in them."""

    team: Any
    public: Any
    private: Any
    people: dict[str, Http]


@pytest.fixture(scope="module")
def place(scene: Scene) -> Place:
    team = scene.team()
    people = {"stranger": scene.user()}
    people |= {name: scene.user(team) for name in ("teammate", "member", "channel_admin", "team_admin")}
    inside = [people[name] for name in ("member", "channel_admin", "team_admin")]
    public, private = scene.channel(team, *inside), scene.channel(team, *inside, type="P")
    admin = scene.admin
    for channel in (public, private):
        path = f"/channels/{channel['id']}/members/{people['channel_admin'].id}/roles"
        assert admin.put(path, {"roles": "channel_user channel_admin"}).status == 200
    path = f"/teams/{team['id']}/members/{people['team_admin'].id}/roles"
    assert admin.put(path, {"roles": "team_user team_admin"}).status == 200
    return Place(team, public, private, people)


EVERYBODY = ("stranger", "teammate", "member", "channel_admin", "team_admin")
TEAM = ("teammate", "member", "channel_admin", "team_admin")
INSIDE = ("member", "channel_admin", "team_admin")
NOBODY_OF_THEM = ()
EPHEMERAL = {"user_id": "{self}", "post": {"channel_id": "{public}", "message": "x"}}
# Verb, path and body, and who may; all others get 403.
DEEDS: list[tuple[str, str, Any, tuple[str, ...]]] = [
    ("GET", "/teams/{team}", None, TEAM),
    ("GET", "/teams/{team}/members", None, TEAM),
    ("GET", "/teams/{team}/stats", None, TEAM),
    ("GET", "/teams/{team}/channels", None, TEAM),
    ("GET", "/teams/{team}/channels/private", None, NOBODY_OF_THEM),
    ("PUT", "/teams/{team}/patch", {"description": "x"}, ("team_admin",)),
    ("POST", "/teams/{team}/regenerate_invite_id", None, ("team_admin",)),
    ("GET", "/channels/{public}", None, TEAM),
    ("GET", "/channels/{public}/posts", None, TEAM),
    ("GET", "/channels/{public}/members", None, INSIDE),
    ("GET", "/channels/{private}", None, INSIDE),
    ("GET", "/channels/{private}/posts", None, INSIDE),
    ("GET", "/channels/{private}/members", None, INSIDE),
    ("GET", "/channels/{private}/pinned", None, INSIDE),
    ("GET", "/channels/{private}/stats", None, INSIDE),
    ("POST", "/posts", {"channel_id": "{public}", "message": "x"}, INSIDE),
    ("POST", "/posts", {"channel_id": "{private}", "message": "x"}, INSIDE),
    ("PUT", "/channels/{public}/patch", {"header": "x"}, INSIDE),
    ("PUT", "/channels/{private}/patch", {"header": "x"}, INSIDE),
    ("PUT", "/channels/{public}/privacy", {"privacy": "O"}, ("team_admin",)),
    ("POST", "/users/ids", ["{self}"], EVERYBODY),
    ("GET", "/users/me/teams", None, EVERYBODY),
    ("GET", "/channels", None, NOBODY_OF_THEM),
    ("GET", "/audits", None, NOBODY_OF_THEM),
    ("GET", "/logs", None, NOBODY_OF_THEM),
    ("GET", "/analytics/old", None, NOBODY_OF_THEM),
    ("GET", "/users/tokens", None, NOBODY_OF_THEM),
    ("POST", "/posts/ephemeral", EPHEMERAL, NOBODY_OF_THEM),
    ("POST", "/caches/invalidate", None, NOBODY_OF_THEM),
    ("POST", "/server_busy", None, NOBODY_OF_THEM),
    ("GET", "/plugins", None, NOBODY_OF_THEM),
    ("GET", "/roles", None, NOBODY_OF_THEM),
    ("GET", "/bots", None, NOBODY_OF_THEM),
    ("POST", "/bots", {"username": "{name}"}, NOBODY_OF_THEM),
    ("POST", "/users/me/tokens", {"description": "x"}, NOBODY_OF_THEM),
    ("GET", "/users/{admin}/sessions", None, NOBODY_OF_THEM),
    ("PUT", "/users/{admin}/patch", {"nickname": "x"}, NOBODY_OF_THEM),
    ("PUT", "/users/{admin}/roles", {"roles": "system_user"}, NOBODY_OF_THEM),
    ("GET", "/users/{admin}/preferences", None, NOBODY_OF_THEM),
]


def _filled(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, str):
        for name, given in names.items():
            value = value.replace(f"{{{name}}}", given)
        return value
    if isinstance(value, dict):
        return {key: _filled(one, names) for key, one in value.items()}
    return [_filled(one, names) for one in value] if isinstance(value, list) else value


@pytest.mark.parametrize("deed", DEEDS, ids=[f"{verb} {path}" for verb, path, _, _ in DEEDS])
def test_who_may_do_what(admin: Http, place: Place, deed: tuple[str, str, Any, tuple[str, ...]]) -> None:
    """api4/*.go, SessionHasPermissionTo...; model/role.go, MakeDefaultRoles."""
    verb, path, body, allowed = deed
    found = {}
    for name, user in place.people.items():
        names = {
            "team": place.team["id"],
            "public": place.public["id"],
            "private": place.private["id"],
            "admin": admin.id,
            "self": user.id,
            "name": fresh_name("b"),
        }
        answer = user.call(verb, "/api/v4" + _filled(path, names), _filled(body, names))
        found[name] = answer.status < 300 or answer.failure
    assert found == {name: True if name in allowed else FORBIDDEN for name in place.people}


def test_a_post_is_changed_by_its_author_alone(admin: Http, scene: Scene, place: Place) -> None:
    """api4/post.go: edit_post and edit_others_posts; deleting others' is for admins of the team."""
    member = place.people["member"]
    for name in ("teammate", "channel_admin"):
        post = scene.post(place.public, author=member)
        answer = place.people[name].put(f"/posts/{post['id']}/patch", {"message": "x"})
        assert answer.failure == FORBIDDEN, name
    post = scene.post(place.public, author=member)
    assert member.put(f"/posts/{post['id']}/patch", {"message": "x"}).status == 200
    assert admin.put(f"/posts/{post['id']}/patch", {"message": "x"}).status == 200


@pytest.mark.parametrize(
    ("name", "allowed"),
    [("teammate", False), ("member", True), ("channel_admin", False), ("team_admin", True)],
)
def test_a_post_is_deleted_by_its_author_and_by_admins_of_the_team(
    scene: Scene, place: Place, name: str, allowed: bool
) -> None:
    """api4/post.go, deletePost: delete_post and delete_others_posts."""
    post = scene.post(place.public, author=place.people["member"])
    answer = place.people[name].delete(f"/posts/{post['id']}")
    assert (answer.status == 200) == allowed
    assert allowed or answer.failure == FORBIDDEN


def test_any_member_of_a_team_joins_its_public_channels(scene: Scene, place: Place) -> None:
    """api4/channel.go, addChannelMember: join_public_channels, of oneself."""
    channel = scene.channel(place.team)
    path = f"/channels/{channel['id']}/members"
    assert place.people["teammate"].post(path, {"user_id": place.people["teammate"].id}).status == 201
    stranger = place.people["stranger"]
    assert stranger.post(path, {"user_id": stranger.id}).failure == FORBIDDEN


def test_members_add_others_to_channels_too(scene: Scene, place: Place) -> None:
    """api4/channel.go, addChannelMember: manage_public_channel_members."""
    other = scene.user(place.team)
    for channel in (place.public, place.private):
        path = f"/channels/{channel['id']}/members"
        assert place.people["teammate"].post(path, {"user_id": other.id}).failure == FORBIDDEN
        assert place.people["member"].post(path, {"user_id": other.id}).status == 201


def test_a_bot_does_what_its_memberships_allow(
    target: Target, admin: Http, scene: Scene, place: Place
) -> None:
    """app/bot.go: a bot is a system_user; it posts where it is a member."""
    bot = admin.made("/bots", {"username": fresh_name("b")})
    token = admin.made(f"/users/{bot['user_id']}/tokens", {"description": "facts"})["token"]
    peer = Http(target, token, {"id": bot["user_id"]})
    body = {"channel_id": place.public["id"], "message": "x"}
    assert peer.post("/posts", body).failure == FORBIDDEN
    member = {"team_id": place.team["id"], "user_id": bot["user_id"]}
    admin.made(f"/teams/{place.team['id']}/members", member)
    admin.made(f"/channels/{place.public['id']}/members", {"user_id": bot["user_id"]})
    made = peer.made("/posts", body)
    assert made["props"]["from_bot"] == "true"
    assert peer.get("/channels").failure == FORBIDDEN


def test_channels_are_made_by_members_of_the_team(place: Place) -> None:
    """api4/channel.go, createChannel: create_public_channel and create_private_channel."""
    for kind in ("O", "P"):
        name = fresh_name("c")
        body = {"team_id": place.team["id"], "name": name, "display_name": name, "type": kind}
        assert place.people["stranger"].post("/channels", body).failure == FORBIDDEN
        made = place.people["teammate"].post("/channels", body)
        assert made.status == 201
        path = f"/channels/{made.json['id']}/members/me"
        assert place.people["teammate"].get(path).json["scheme_admin"] is True


def test_anybody_writes_to_anybody_directly(place: Place) -> None:
    """api4/channel.go, createDirectChannel: create_direct_channel."""
    first, second = place.people["stranger"], place.people["teammate"]
    channel = first.made("/channels/direct", [first.id, second.id])
    assert first.made("/channels/direct", [second.id, first.id])["id"] == channel["id"]
    assert first.post("/posts", {"channel_id": channel["id"], "message": "x"}).status == 201
    third = place.people["member"]
    assert third.get(f"/channels/{channel['id']}/posts").failure == FORBIDDEN
    assert third.post("/channels/direct", [first.id, second.id]).failure == FORBIDDEN


def test_who_left_a_team_may_do_nothing_there(scene: Scene, place: Place) -> None:
    """app/authorization.go, HasPermissionToTeam: a membership that has ended gives no permission."""
    team, channel = place.team["id"], place.public["id"]
    user = scene.user(place.team)
    path = f"/teams/{team}/members/{user.id}"
    assert scene.admin.put(f"{path}/roles", {"roles": "team_user team_admin"}).status == 200
    name = fresh_name("c")
    new = {"team_id": team, "name": name, "display_name": name, "type": "O"}
    deeds: list[tuple[str, str, Any]] = [
        ("GET", f"/teams/{team}", None),
        ("PUT", f"/teams/{team}/patch", {"description": "x"}),
        ("GET", f"/channels/{channel}/posts", None),
        ("POST", f"/channels/{channel}/members", {"user_id": user.id}),
        ("POST", "/channels", new),
    ]
    assert user.get(f"/teams/{team}").status == 200
    assert user.delete(path).status == 200
    for verb, way, body in deeds:
        assert user.call(verb, f"/api/v4{way}", body).failure == FORBIDDEN, way
