"""Ways into a team, its icon, and group channels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from matterapi.testing.catalogue.samples import PNG
from tests.emulator.peer import ID, Peer

if TYPE_CHECKING:
    from matterapi.testing import MattermostServer

BOUNDARY = "b0undary"


def _form(name: str, content: bytes) -> tuple[bytes, dict[str, str]]:
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"; filename="x.png"\r\n\r\n'
    body = head.encode() + content + f"\r\n--{BOUNDARY}--\r\n".encode()
    return body, {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}


def _send(peer: Peer, path: str, name: str, content: bytes) -> Any:
    body, headers = _form(name, content)
    return peer.call("POST", f"/api/v4{path}", body, headers=headers)


def test_an_invite_id_leads_into_the_team(stranger: Peer, team: Any) -> None:
    joined = stranger.post(f"/teams/members/invite?invite_id={team['invite_id']}")
    assert (joined.status, joined.json["team_id"]) == (201, team["id"])
    assert [one["id"] for one in stranger.get("/users/me/teams").json] == [team["id"]]
    for query, error_id in (
        ("invite_id=unknown", "app.team.get_by_invite_id.finding.app_error"),
        ("token=unknown", "api.user.create_user.signup_link_invalid.app_error"),
        ("", "api.team.add_user_to_team.missing_parameter.app_error"),
    ):
        assert stranger.post(f"/teams/members/invite?{query}").error_id == error_id


def test_invitations_by_email_tell_of_each_address(admin: Peer, stranger: Peer, team: Any) -> None:
    path = f"/teams/{team['id']}/invite/email"
    assert admin.post(path, ["a@example.org"]).json == {"status": "OK"}
    told = [{"email": "a@example.org", "error": None}]
    assert admin.post(f"{path}?graceful=true", ["A@example.org"]).json == told
    assert admin.post(f"{path}?graceful=true", {"emails": ["a@example.org"]}).json == told
    assert admin.post(path, []).error_id == "api.context.invalid_body_param.app_error"
    assert stranger.post(path, ["a@example.org"]).status == 403


def test_a_team_icon_is_kept_with_an_etag(admin: Peer, member: Peer, team: Any) -> None:
    path = f"/teams/{team['id']}/image"
    assert member.get(path).status == 404
    assert _send(member, path, "image", PNG).status == 403
    assert _send(admin, path, "wrong", PNG).error_id == "api.team.set_team_icon.no_file.app_error"
    assert _send(admin, path, "image", b"none").error_id == "api.team.set_team_icon.decode.app_error"
    assert _send(admin, path, "image", PNG).status == 200
    icon = member.get(path)
    assert (icon.body, icon.headers["Content-Type"]) == (PNG, "image/png")
    assert member.get(path, If_None_Match=icon.headers["ETag"]).status == 304
    assert str(admin.get(f"/teams/{team['id']}").json["last_team_icon_update"]) == icon.headers["ETag"]
    assert admin.delete(path).status == 200
    assert "last_team_icon_update" not in admin.get(f"/teams/{team['id']}").json


def _group(server: MattermostServer, admin: Peer, member: Peer, team: Any) -> Any:
    third = server.create_user("third")["id"]
    admin.post(f"/teams/{team['id']}/members", {"team_id": team["id"], "user_id": third})
    ids = [member.get("/users/me").json["id"], third, admin.get("/users/me").json["id"]]
    return member.post("/channels/group", ids).json


def test_groups_are_found_by_their_members(
    server: MattermostServer, admin: Peer, member: Peer, stranger: Peer, team: Any
) -> None:
    group = _group(server, admin, member, team)
    found = member.post("/channels/group/search", {"term": "thi mem"}).json
    assert [one["id"] for one in found] == [group["id"]]
    assert member.post("/channels/group/search", {"term": "third nobody"}).json == []
    assert member.post("/channels/group/search", {"term": ""}).json == []
    assert stranger.post("/channels/group/search", {"term": "third"}).json == []
    common = member.get(f"/channels/{group['id']}/common_teams").json
    assert [one["id"] for one in common] == [team["id"]]


def test_a_group_becomes_a_private_channel_of_a_common_team(
    server: MattermostServer, admin: Peer, member: Peer, team: Any, channel: Any
) -> None:
    group = _group(server, admin, member, team)
    body = {"channel_id": group["id"], "team_id": team["id"], "name": "made", "display_name": "Made"}
    path = f"/channels/{group['id']}/convert_to_channel"
    wrong = {**body, "channel_id": ID}
    assert member.post(path, wrong).error_id == "api.context.invalid_body_param.app_error"
    with admin.socket() as socket:
        made = member.post(path, body).json
        assert (made["type"], made["name"], made["team_id"]) == ("P", "made", team["id"])
        assert socket.event("channel_updated")
        assert socket.event("posted")["data"]["channel_type"] == "P"
    assert member.get(f"/channels/{group['id']}/members/me").json["scheme_admin"] is True
    public = {**body, "channel_id": channel["id"]}
    refused = member.post(f"/channels/{channel['id']}/convert_to_channel", public)
    assert refused.error_id == "app.channel.get_common_teams.incorrect_channel_type"
