from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.emulator.peer import ID, Peer

if TYPE_CHECKING:
    from matterapi.testing import MattermostServer


def test_the_first_account_of_an_empty_server_becomes_system_admin() -> None:
    from matterapi.testing import MattermostServer

    with MattermostServer(empty=True) as server:
        body = {"username": "first", "email": "first@example.org", "password": "a-Password-1"}
        first = Peer(server).post("/users", body)
        assert (first.status, first.json["roles"]) == (201, "system_admin system_user")
        second = Peer(server).post("/users", {**body, "username": "second", "email": "second@example.org"})
        assert second.json["roles"] == "system_user"
        with pytest.raises(RuntimeError, match="empty=True"):
            _ = server.admin


@pytest.mark.parametrize(
    ("change", "error_id"),
    [
        ({"username": "admin"}, "app.user.save.username_exists.app_error"),
        ({"email": "ADMIN@example.org"}, "app.user.save.email_exists.app_error"),
        ({"username": "Bad Name"}, "model.user.is_valid.username.app_error"),
        ({"email": "nowhere"}, "model.user.is_valid.email.app_error"),
        ({"password": "short"}, "model.user.is_valid.pwd_min_length.app_error"),
    ],
)
def test_an_account_that_cannot_be_is_400(
    server: MattermostServer, change: dict[str, str], error_id: str
) -> None:
    body = {"username": "someone", "email": "some@example.org", "password": "a-Password-1"}
    answer = Peer(server).post("/users", {**body, **change})
    assert (answer.status, answer.error_id) == (400, error_id)


def test_others_see_less_of_an_account_than_its_owner(
    server: MattermostServer, admin: Peer, stranger: Peer
) -> None:
    mine = admin.get("/users/me").json
    theirs = stranger.get(f"/users/{server.admin.id}").json
    assert "notify_props" in mine
    assert "last_password_update" in mine
    assert not {"notify_props", "last_password_update"} & set(theirs)
    assert theirs["auth_data"] == ""


def test_users_are_listed_by_name_in_pages_of_at_most_200(server: MattermostServer, admin: Peer) -> None:
    for name in ("carl", "bert", "dora"):
        server.create_user(name)
    assert [one["username"] for one in admin.get("/users?per_page=2").json] == ["admin", "bert"]
    assert [one["username"] for one in admin.get("/users?page=1&per_page=2").json] == ["carl", "dora"]
    assert admin.get("/users?per_page=0").json == []
    assert len(admin.get("/users?per_page=-3&page=junk").json) == 4


def test_lists_by_team_and_channel_hold_members_only(member: Peer, team: Any, channel: Any) -> None:
    for where in (f"in_team={team['id']}", f"in_channel={channel['id']}"):
        names = [one["username"] for one in member.get(f"/users?{where}").json]
        assert names == ["admin", "member"], where
    assert member.get("/users?sort=nonsense").error_id == "api.context.invalid_url_param.app_error"


def test_ids_and_usernames_give_the_known_ones_sorted(server: MattermostServer, admin: Peer) -> None:
    other = server.create_user("other")
    both = sorted((server.admin.id, other["id"]))
    assert [one["id"] for one in admin.post("/users/ids", [*reversed(both), ID]).json] == both
    named = admin.post("/users/usernames", ["other", "admin", "nobody"]).json
    assert [one["username"] for one in named] == ["admin", "other"]
    assert admin.post("/users/ids", []).error_id == "api.context.invalid_body_param.app_error"
    assert admin.post("/users/ids", {"a": 1}).error_id == "api.payload.parse.error"


def test_users_are_found_by_name_email_and_beginning(admin: Peer) -> None:
    assert admin.get("/users/username/ADMIN").json["username"] == "admin"
    assert admin.get("/users/email/admin%40example.org").json["username"] == "admin"
    assert admin.get("/users/username/nobody").error_id == "app.user.get_by_username.app_error"
    assert [one["username"] for one in admin.post("/users/search", {"term": "adm"}).json] == ["admin"]
    assert admin.get("/users/autocomplete?name=adm").json["users"][0]["username"] == "admin"


def test_only_oneself_or_an_admin_may_change_an_account(
    server: MattermostServer, admin: Peer, stranger: Peer
) -> None:
    path = f"/users/{server.admin.id}/patch"
    refused = stranger.put(path, {"nickname": "x"})
    assert (refused.status, refused.error_id) == (403, "api.context.permissions.app_error")
    assert stranger.put("/users/me/patch", {"nickname": "nick"}).json["nickname"] == "nick"
    address = stranger.put("/users/me/patch", {"email": "new@example.org"})
    assert address.error_id == "api.context.invalid_body_param.app_error"
    assert admin.put(path, {"nickname": "boss"}).json["nickname"] == "boss"


def test_a_deactivated_account_cannot_log_in_and_loses_its_sessions(
    server: MattermostServer, admin: Peer, stranger: Peer
) -> None:
    user_id = stranger.get("/users/me").json["id"]
    assert admin.delete(f"/users/{user_id}").json == {"status": "OK"}
    assert stranger.get("/users/me").status == 401
    refused = Peer(server).post("/users/login", {"login_id": "stranger", "password": "a-Password-1"})
    assert (refused.status, refused.error_id) == (401, "api.user.login.inactive.app_error")


@pytest.mark.parametrize("path", ["/channels", "/roles", "/plugins", "/bots", "/config", "/audits"])
def test_routes_for_admins_are_403_for_others(admin: Peer, stranger: Peer, path: str) -> None:
    refused = stranger.get(path)
    assert (refused.status, refused.error_id) == (403, "api.context.permissions.app_error")
    assert admin.get(path).status == 200


def test_a_bot_greets_its_owner_and_works_by_token(server: MattermostServer, admin: Peer) -> None:
    bot = admin.post("/bots", {"username": "helper", "display_name": "Helper"})
    assert bot.status == 201
    assert list(bot.json) == [
        "user_id", "username", "display_name", "owner_id", "create_at", "update_at", "delete_at"
    ]  # fmt: skip
    token = admin.post(f"/users/{bot.json['user_id']}/tokens", {"description": "x"}).json["token"]
    peer = Peer(server, token)
    me = peer.get("/users/me").json
    assert me["is_bot"] is True
    assert "remote_id" not in me
    (direct,) = peer.get("/users/me/channels").json
    assert direct["type"] == "D"
    login = {"login_id": "helper", "password": "x"}
    refused = Peer(server).post("/users/login", login)
    assert refused.error_id == "api.user.login.bot_login_forbidden.app_error"
    assert admin.post(f"/bots/{bot.json['user_id']}/disable").json["delete_at"] > 0
    assert peer.get("/users/me").status == 401
    assert Peer(server).post("/users/login", login).error_id == "api.user.login.inactive.app_error"


def test_preferences_are_kept_by_category_and_name(admin: Peer, server: MattermostServer) -> None:
    one = {"user_id": server.admin.id, "category": "display_settings", "name": "clock", "value": "24"}
    assert admin.put("/users/me/preferences", [one]).status == 200
    assert admin.get("/users/me/preferences").json == [one]
    assert admin.get("/users/me/preferences/display_settings/name/clock").json == one
    assert admin.get("/users/me/preferences/none").status == 404
    assert admin.get("/users/me/preferences/display_settings/name/none").status == 400
    foreign = admin.put("/users/me/preferences", [{**one, "user_id": ID}])
    assert (foreign.status, foreign.error_id) == (403, "api.preference.update_preferences.set.app_error")
    admin.post("/users/me/preferences/delete", [one])
    assert admin.get("/users/me/preferences").json is None


def test_an_unknown_user_is_offline_and_dnd_end_is_in_whole_minutes(admin: Peer) -> None:
    assert admin.get(f"/users/{ID}/status").json["status"] == "offline"
    status = {"status": "dnd", "dnd_end_time": 1_795_486_126}
    assert admin.put("/users/me/status", status).json["dnd_end_time"] == 1_795_486_080
    assert admin.put("/users/me/status", {"status": "bogus"}).status == 400
