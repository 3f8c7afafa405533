"""PUT of users, channels and teams: what the body leaves out is emptied, some of it cannot be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.conformance.scene import PASSWORD

if TYPE_CHECKING:
    from tests.conformance.http import Http
    from tests.conformance.scene import Scene

NO_BODY = (400, "api.context.invalid_body_param.app_error")


def test_an_account_that_is_updated_loses_what_is_left_out(scene: Scene) -> None:
    """api4/user.go, updateUser; sqlstore, User().Update: notifications go back to the defaults."""
    user = scene.user(first_name="Ada", nickname="N", position="P", locale="de")
    patch = {"notify_props": {**user.user["notify_props"], "desktop": "all"}, "props": {"a": "b"}}
    assert user.put("/users/me/patch", patch).status == 200
    kept = {key: user.user[key] for key in ("id", "username", "email")}
    got = user.put(f"/users/{user.id}", kept).json
    emptied = ("first_name", "nickname", "position", "locale")
    assert [got[key] for key in emptied] == [""] * 4
    assert (got.get("props"), got["timezone"], got["notify_props"]["desktop"]) == (None, None, "mention")
    assert [user.get("/users/me").json[key] for key in emptied] == [""] * 4


@pytest.mark.parametrize(("left_out", "reason"), [("username", "username"), ("email", "email")])
def test_an_account_keeps_a_name_and_an_address(scene: Scene, left_out: str, reason: str) -> None:
    """model/user.go, IsValid."""
    user = scene.user()
    body = {key: user.user[key] for key in ("id", "username", "email") if key != left_out}
    assert user.put(f"/users/{user.id}", body).failure == (400, f"model.user.is_valid.{reason}.app_error")


def test_a_new_address_of_ones_own_needs_the_password(scene: Scene) -> None:
    """api4/user.go, updateUser."""
    user = scene.user()
    body = {"id": user.id, "username": user.user["username"], "email": f"new.{user.user['email']}"}
    assert user.put(f"/users/{user.id}", body).failure == NO_BODY
    assert user.put(f"/users/{user.id}", {**body, "password": PASSWORD}).json["email"] == body["email"]


def test_roles_and_times_of_an_account_are_not_the_users_to_change(scene: Scene) -> None:
    """model/user.go, SanitizeInput."""
    user = scene.user()
    body = {key: user.user[key] for key in ("id", "username", "email")}
    got = user.put(f"/users/{user.id}", {**body, "roles": "system_admin", "create_at": 1}).json
    assert (got["roles"], got["create_at"]) == ("system_user", user.user["create_at"])


def test_a_channel_that_is_updated_loses_header_and_purpose(admin: Http, scene: Scene, team: Any) -> None:
    """api4/channel.go, updateChannel: an empty name says nothing."""
    channel = scene.channel(team, header="h", purpose="p")
    got = admin.put(f"/channels/{channel['id']}", {"id": channel["id"], "name": "", "display_name": ""}).json
    assert [got[key] for key in ("header", "purpose", "name")] == ["", "", channel["name"]]
    assert got["display_name"] == channel["display_name"]
    changed = admin.put(f"/channels/{channel['id']}", {"id": channel["id"], "header": "new"}).json
    assert (changed["header"], changed["purpose"]) == ("new", "")


def test_an_update_does_not_change_the_type_of_a_channel(admin: Http, channel: Any) -> None:
    """api4/channel.go, updateChannel."""
    answer = admin.put(f"/channels/{channel['id']}", {"id": channel["id"], "type": "P"})
    assert answer.failure == (400, "api.channel.update_channel.typechange.app_error")


def test_a_team_that_is_updated_loses_what_is_left_out(admin: Http, scene: Scene) -> None:
    """app/team.go, UpdateTeam: name, address and type stay as they are."""
    team = scene.team(description="d")
    path, new = f"/teams/{team['id']}", {"id": team["id"], "display_name": "New"}
    fields = {"company_name": "c", "allowed_domains": "example.org", "allow_open_invite": True}
    got = admin.put(path, {**new, **fields, "name": "other", "type": "I"}).json
    assert {key: got[key] for key in fields} == fields
    assert (got["name"], got["type"], got["description"]) == (team["name"], team["type"], "")
    got = admin.put(path, new).json
    assert {key: got[key] for key in fields} == {
        "company_name": "",
        "allowed_domains": "",
        "allow_open_invite": False,
    }


def test_a_team_keeps_a_display_name(admin: Http, team: Any) -> None:
    """model/team.go, IsValid."""
    answer = admin.put(f"/teams/{team['id']}", {"id": team["id"]})
    assert answer.failure == (400, "model.team.is_valid.name.app_error")
