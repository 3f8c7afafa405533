"""Finding people, their roles, groups of them, and the ways into a team."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.conformance.rest.wire import NOBODY, form
from tests.conformance.scene import fresh_name

if TYPE_CHECKING:
    from tests.conformance.http import Answer, Http
    from tests.conformance.scene import Scene


@pytest.fixture
def member(scene: Scene, team: Any) -> Http:
    """A user in the team."""
    return scene.user(team)


def test_people_are_found_by_any_part_of_a_name(scene: Scene, team: Any, member: Http) -> None:
    """user_store.go, generateSearchQuery: LIKE %term%."""
    name = fresh_name("q")
    other = scene.user(team, nickname=f"x{name}y")
    found = member.post("/users/search", {"term": name[1:]}).json
    assert [one["id"] for one in found] == [other.id]


def test_completion_in_a_channel_needs_the_team(member: Http, channel: Any) -> None:
    """api4/user.go, autocompleteUsers: 500 without in_team."""
    member.made(f"/channels/{channel['id']}/members", {"user_id": member.id})
    answer = member.get(f"/users/autocomplete?name=x&in_channel={channel['id']}")
    assert answer.failure == (500, "api.user.autocomplete_users.missing_team_id.app_error")


def test_completion_leaves_out_an_empty_rest(member: Http) -> None:
    """model/user_autocomplete.go: out_of_channel is omitempty."""
    answer = member.get(f"/users/autocomplete?name={member.user['username']}").json
    assert ([one["id"] for one in answer["users"]], "out_of_channel" in answer) == ([member.id], False)


def test_active_and_inactive_at_once_are_a_list_with_an_error_behind_it(admin: Http) -> None:
    """api4/user.go, getUsers: SetInvalidURLParam without a return."""
    answer = admin.get("/users?active=true&inactive=true&per_page=1")
    assert answer.status == 200
    users, end = json.JSONDecoder().raw_decode(answer.body.decode())
    assert isinstance(users, list)
    error = json.loads(answer.body.decode()[end:])
    assert error["id"] == "api.context.invalid_url_param.app_error"


def test_system_user_means_those_who_are_nothing_else(admin: Http, member: Http) -> None:
    """user_store.go, applyMultiRoleFilters."""
    found = admin.get("/users?roles=system_user&per_page=200").json
    assert member.id in [one["id"] for one in found]
    assert {one["roles"] for one in found} == {"system_user"}


def test_system_admin_alone_is_no_role_to_give(admin: Http, member: Http) -> None:
    """model/user.go, IsValidUserRoles; asked before the permission."""
    for peer in (admin, member):
        answer = peer.put(f"/users/{member.id}/roles", {"roles": "system_admin"})
        assert answer.failure == (400, "api.context.invalid_body_param.app_error")


def test_newer_system_roles_need_a_licence(admin: Http, member: Http) -> None:
    """api4/user.go, updateUserRoles: model.NewSystemRoleIDs."""
    answer = admin.put(f"/users/{member.id}/roles", {"roles": "system_user system_manager"})
    assert answer.failure == (400, "api.user.update_user_roles.license.app_error")


def test_some_permissions_are_given_to_no_role(admin: Http) -> None:
    """api4/role.go, patchRole: notAllowedPermissions."""
    role = admin.get("/roles/name/channel_user").json
    wanted = {"permissions": [*role["permissions"], "manage_system"]}
    answer = admin.put(f"/roles/{role['id']}/patch", wanted)
    assert answer.failure == (501, "api.roles.patch_roles.not_allowed_permission.error")


def test_roles_of_guests_need_a_licence(admin: Http) -> None:
    """api4/role.go, patchRole."""
    role = admin.get("/roles/name/channel_guest").json
    answer = admin.put(f"/roles/{role['id']}/patch", {"permissions": role["permissions"]})
    assert answer.failure == (501, "api.roles.patch_roles.license.error")


def test_a_role_that_stays_the_same_can_be_patched_by_admins_alone(admin: Http, member: Http) -> None:
    """api4/role.go, patchRole: sysconsole_write_user_management_permissions."""
    role = admin.get("/roles/name/channel_user").json
    wanted = {"permissions": role["permissions"]}
    assert admin.put(f"/roles/{role['id']}/patch", wanted).json["permissions"] == sorted(role["permissions"])
    answer = member.put(f"/roles/{role['id']}/patch", wanted)
    assert answer.failure == (403, "api.context.permissions.app_error")


def test_an_invite_id_leads_into_the_team(scene: Scene, admin: Http) -> None:
    """api4/team.go, addUserToTeamFromInvite: 201 with the membership."""
    team, user = scene.team(), scene.user()
    answer = user.post(f"/teams/members/invite?invite_id={team['invite_id']}")
    assert (answer.status, answer.json["user_id"]) == (201, user.id)


@pytest.mark.parametrize(
    ("query", "failure"),
    [
        ("", (400, "api.team.add_user_to_team.missing_parameter.app_error")),
        ("?token=unknown", (400, "api.user.create_user.signup_link_invalid.app_error")),
        ("?invite_id=unknown", (404, "app.team.get_by_invite_id.finding.app_error")),
    ],
)
def test_no_other_way_leads_into_a_team(member: Http, query: str, failure: tuple[int, str]) -> None:
    """api4/team.go, addUserToTeamFromInvite."""
    assert member.post(f"/teams/members/invite{query}").failure == failure


def test_a_team_without_an_icon_has_404(admin: Http, team: Any) -> None:
    """app/team.go, GetTeamIcon: the file cannot be read."""
    answer = admin.get(f"/teams/{team['id']}/image")
    assert answer.failure == (404, "api.team.get_team_icon.read_file.app_error")


def test_a_team_icon_comes_in_a_field_of_its_own(admin: Http, team: Any) -> None:
    """api4/team.go, setTeamIcon."""
    body, headers = form(("wrong", "x.png", b"x"))
    answer = admin.call("POST", f"/api/v4/teams/{team['id']}/image", body, headers)
    assert answer.failure == (400, "api.team.set_team_icon.no_file.app_error")


def test_a_channel_of_a_team_has_no_common_teams(admin: Http, channel: Any) -> None:
    """app/channel.go, GetDirectOrGroupMessageMembersCommonTeams."""
    answer = admin.get(f"/channels/{channel['id']}/common_teams")
    assert answer.failure == (400, "app.channel.get_common_teams.incorrect_channel_type")


def _group(scene: Scene, team: Any, member: Http) -> tuple[Any, Http]:
    other = scene.user(team)
    return member.made("/channels/group", [member.id, other.id, scene.admin.id]), other


def test_a_group_is_found_by_its_members(scene: Scene, team: Any, member: Http) -> None:
    """channel_store.go, SearchGroupChannels: the names of its members."""
    group, other = _group(scene, team, member)
    found = member.post("/channels/group/search", {"term": other.user["username"]}).json
    assert [one["id"] for one in found] == [group["id"]]


def test_a_group_becomes_a_private_channel(scene: Scene, team: Any, member: Http) -> None:
    """app/channel.go, ConvertGroupMessageToChannel: who does it becomes its admin."""
    group, _ = _group(scene, team, member)
    body = {"channel_id": group["id"], "team_id": team["id"], "name": fresh_name("c"), "display_name": "Made"}
    path = f"/channels/{group['id']}/convert_to_channel"
    refused = member.post(path, {**body, "channel_id": NOBODY})
    assert refused.failure == (400, "api.context.invalid_body_param.app_error")
    made = member.post(path, body).json
    assert (made["type"], made["team_id"], made["display_name"]) == ("P", team["id"], "Made")
    assert member.get(f"/channels/{group['id']}/members/me").json["scheme_admin"] is True


def test_a_direct_channel_becomes_no_other(scene: Scene, admin: Http, team: Any, member: Http) -> None:
    """app/channel.go, validateForConvertGroupMessageToChannel: 404."""
    direct = member.made("/channels/direct", [member.id, admin.id])
    body = {
        "channel_id": direct["id"],
        "team_id": team["id"],
        "name": fresh_name("c"),
        "display_name": "Made",
    }
    answer = member.post(f"/channels/{direct['id']}/convert_to_channel", body)
    assert answer.failure == (404, "app.channel.group_message_conversion.original_channel_not_gm")


def _emoji(peer: Http, name: str, creator: str, *, image: bool = True) -> Answer:
    picture = bytes.fromhex(
        "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
        "1f15c4890000000d4944415478da6364f8cf500f000386018068d1f469"
    ) + bytes.fromhex("b00000000049454e44ae426082")
    fields = json.dumps({"name": name, "creator_id": creator}).encode()
    parts = [("emoji", None, fields), *([("image", "e.png", picture)] if image else [])]
    body, headers = form(*parts)
    return peer.call("POST", "/api/v4/emoji", body, headers)


def test_an_emoji_is_made_in_ones_own_name(admin: Http, member: Http) -> None:
    """app/emoji.go, CreateEmoji: 403 for another creator."""
    answer = _emoji(admin, fresh_name("e"), member.id)
    assert answer.failure == (403, "api.emoji.create.other_user.app_error")


def test_an_emoji_without_an_image_is_400(admin: Http) -> None:
    """app/emoji.go, CreateEmoji: the image comes last of all checks."""
    answer = _emoji(admin, fresh_name("e"), admin.id, image=False)
    assert answer.failure == (400, "api.context.invalid_body_param.app_error")


def test_reactions_to_no_posts_at_all_are_500(admin: Http) -> None:
    """app/reaction.go, GetBulkReactionsForPosts: an empty list of ids is an error of the database."""
    answer = admin.post("/posts/ids/reactions", [])
    assert answer.failure == (500, "app.reaction.bulk_get_for_post_ids.app_error")


def test_a_user_turned_into_a_bot_owns_himself(scene: Scene, admin: Http) -> None:
    """app/bot.go, ConvertUserToBot; model/bot.go, BotFromUser."""
    user = scene.user()
    bot = admin.post(f"/users/{user.id}/convert_to_bot").json
    assert (bot["owner_id"], bot["display_name"]) == (user.id, user.user["username"])
    assert user.get("/users/me").status == 401


def test_links_from_emails_have_64_characters(admin: Http) -> None:
    """api4/user.go, resetPassword and verifyUserEmail: model.TokenSize."""
    for path in ("/users/password/reset", "/users/email/verify"):
        short = admin.post(path, {"token": "x", "new_password": "a-Password-1"})
        assert short.failure == (400, "api.context.invalid_body_param.app_error")


def test_an_unknown_link_resets_nothing(admin: Http) -> None:
    """app/user.go, ResetPasswordFromToken."""
    answer = admin.post("/users/password/reset", {"token": "x" * 64, "new_password": "a-Password-1"})
    assert answer.failure == (400, "api.user.reset_password.invalid_link.app_error")


def test_without_groups_everybody_is_in_none(admin: Http, team: Any, member: Http) -> None:
    """api4/team.go, teamMembersMinusGroupMembers."""
    path = f"/teams/{team['id']}/members_minus_group_members"
    listed = admin.get(f"{path}?group_ids={NOBODY}&per_page=200").json
    assert member.id in [one["id"] for one in listed["users"]]
    assert admin.get(f"{path}?group_ids=x").failure == (400, "api.context.invalid_body_param.app_error")


def test_a_log_is_written_with_a_session_alone(admin: Http, member: Http) -> None:
    """api4/system.go, postLog: what was sent comes back."""
    entry = {"level": "DEBUG", "message": "hello"}
    told = {"level": "DEBUG", "message": "Client Logs API Endpoint Message: hello"}
    assert member.post("/logs", entry).json == told
    nobody = type(member)(member.target)
    assert nobody.post("/logs", entry).failure == (403, "api.context.permissions.app_error")
