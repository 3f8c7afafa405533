"""Versions of posts, roles, bots and users turned into each other, audits, the brand, usage and terms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from matterapi.testing.catalogue.samples import PNG
from tests.emulator.peer import ID, Peer

from .test_joining_teams import _send

if TYPE_CHECKING:
    from matterapi.testing import MattermostServer


def test_an_edited_post_is_given_back_an_earlier_text(member: Peer, admin: Peer, channel: Any) -> None:
    post = member.post("/posts", {"channel_id": channel["id"], "message": "first"}).json["id"]
    member.put(f"/posts/{post}/patch", {"message": "second"})
    (version,) = member.get(f"/posts/{post}/edit_history").json
    restored = member.post(f"/posts/{post}/restore/{version['id']}").json
    assert (restored["id"], restored["message"]) == (post, "first")
    assert [one["message"] for one in member.get(f"/posts/{post}/edit_history").json] == ["second", "first"]
    assert admin.post(f"/posts/{post}/restore/{version['id']}").status == 403
    assert member.post(f"/posts/{post}/restore/{ID}").status == 403
    other = member.post("/posts", {"channel_id": channel["id"], "message": "other"}).json["id"]
    wrong = member.post(f"/posts/{other}/restore/{version['id']}")
    assert wrong.error_id == "app.post.restore_post_version.not_an_history_item.app_error"


def test_what_a_role_loses_its_users_may_no_longer_do(admin: Peer, member: Peer, channel: Any) -> None:
    role = admin.get("/roles/name/channel_user").json
    fewer = [one for one in role["permissions"] if one != "create_post"]
    assert member.put(f"/roles/{role['id']}/patch", {"permissions": fewer}).status == 403
    body = {"channel_id": channel["id"], "message": "x"}
    assert member.post("/posts", body).status == 201
    with member.socket() as socket:
        changed = admin.put(f"/roles/{role['id']}/patch", {"permissions": fewer}).json
        assert changed["permissions"] == sorted(fewer)
        assert socket.event("role_updated")
    assert member.post("/posts", body).status == 403
    for permission in ("manage_system", "manage_roles"):
        refused = admin.put(f"/roles/{role['id']}/patch", {"permissions": [*fewer, permission]})
        assert refused.error_id == "api.roles.patch_roles.not_allowed_permission.error"
    guest = admin.get("/roles/name/channel_guest").json
    refused = admin.put(f"/roles/{guest['id']}/patch", {"permissions": []})
    assert (refused.status, refused.error_id) == (501, "api.roles.patch_roles.license.error")


def test_a_bot_becomes_a_user_who_can_log_in_and_a_bot_again(server: MattermostServer, admin: Peer) -> None:
    bot = admin.post("/bots", {"username": "worker"}).json["user_id"]
    fields = {"username": "worker", "email": "worker@example.org", "password": "a-Password-1"}
    shown = admin.post(f"/bots/{bot}/convert_to_user", fields).json
    assert (shown["is_bot"], shown["email"]) == (True, "worker@example.org")
    login = {"login_id": "worker", "password": "a-Password-1"}
    assert Peer(server).post("/users/login", login).status == 200
    assert "is_bot" not in admin.get(f"/users/{bot}").json
    again = admin.post(f"/users/{bot}/convert_to_bot").json
    assert (again["owner_id"], again["display_name"]) == (bot, "worker")
    assert admin.get(f"/users/{bot}").json["is_bot"] is True
    assert admin.post(f"/bots/{ID}/convert_to_user", fields).error_id == "store.sql_bot.get.missing.app_error"
    assert admin.post(f"/users/{ID}/convert_to_bot").error_id == "app.user.missing_account.const"


def test_logins_are_audited(admin: Peer, member: Peer) -> None:
    (first, *_) = member.get("/users/me/audits").json
    me = member.get("/users/me").json["id"]
    assert (first["user_id"], first["action"]) == (me, "/api/v4/users/login")
    assert member.get("/users/me/audits?page=9").json is None
    assert {one["user_id"] for one in admin.get("/audits").json} >= {me}
    assert member.get("/audits").status == 403
    assert member.get(f"/users/{admin.get('/users/me').json['id']}/audits").status == 403


def test_a_brand_image_is_shown_to_anybody(server: MattermostServer, admin: Peer, member: Peer) -> None:
    assert Peer(server).get("/brand/image").status == 404
    assert _send(member, "/brand/image", "image", PNG).status == 403
    assert _send(admin, "/brand/image", "image", PNG).status == 201
    assert Peer(server).get("/brand/image").body == PNG
    assert admin.delete("/brand/image").status == 200
    assert admin.delete("/brand/image").error_id == "api.admin.delete_brand_image.storage.not_found"


def test_usage_counts_what_there_is(admin: Peer, member: Peer, channel: Any) -> None:
    assert member.get("/usage/posts").json == {"count": 0}
    for _ in range(12):
        member.post("/posts", {"channel_id": channel["id"], "message": "x"})
    assert member.get("/usage/posts").json == {"count": 10}
    assert member.get("/usage/teams").json == {"active": 1, "cloud_archived": 0}
    assert admin.get("/limits/server").json["activeUserCount"] == 2
    assert member.get("/limits/server").json["activeUserCount"] == 0


def test_there_are_no_terms_of_service(admin: Peer, member: Peer) -> None:
    assert member.get("/terms_of_service").error_id == "app.terms_of_service.get.no_rows.app_error"
    accepted = {"termsOfServiceId": ID, "accepted": True}
    assert member.post("/users/me/terms_of_service", accepted).status == 404
    incomplete = member.post("/users/me/terms_of_service", {"accepted": True})
    assert incomplete.error_id == "api.context.invalid_body_param.app_error"
    assert admin.post("/terms_of_service", {"text": "x"}).status == 400


def test_a_test_notification_comes_from_the_systems_bot(admin: Peer, member: Peer) -> None:
    with member.socket() as socket:
        assert member.post("/notifications/test").status == 200
        assert socket.event("posted")["data"]["sender_name"] == "@system-bot"
    assert member.post("/notifications/test").status == 200
    assert [bot["username"] for bot in admin.get("/bots").json] == ["system-bot"]


def test_a_link_from_an_email_is_never_known(admin: Peer, member: Peer, server: MattermostServer) -> None:
    nobody = Peer(server)
    for path, error_id in (
        ("/users/password/reset", "api.user.reset_password.invalid_link.app_error"),
        ("/users/email/verify", "api.user.verify_email.bad_link.app_error"),
    ):
        assert nobody.post(path, {"token": "x" * 64, "new_password": "a-Password-1"}).error_id == error_id
        assert nobody.post(path, {"token": "x"}).error_id == "api.context.invalid_body_param.app_error"
    me = member.get("/users/me").json
    assert "email_verified" not in me
    assert member.post(f"/users/{me['id']}/email/verify/member").status == 403
    assert admin.post(f"/users/{me['id']}/email/verify/member").status == 200
    assert member.get("/users/me").json["email_verified"] is True


def _rows(peer: Peer, query: str = "") -> Any:
    return {row["name"]: row["value"] for row in peer.get(f"/analytics/old{query}").json}


def test_statistics_count_what_there_is(admin: Peer, member: Peer, team: Any, channel: Any) -> None:
    rows, of_team = _rows(admin), _rows(admin, f"?team_id={team['id']}")
    body = {"team_id": team["id"], "name": "more", "display_name": "More", "type": "P"}
    made = admin.post("/channels", body).json
    assert _rows(admin)["channel_private_count"] == rows["channel_private_count"] + 1
    assert of_team["unique_user_count"] <= rows["unique_user_count"]
    assert (of_team["inactive_user_count"], rows["inactive_user_count"]) == (-1, 0)
    before = _rows(admin, "?name=extra_counts")["incoming_webhook_count"]
    admin.post("/hooks/incoming", {"channel_id": made["id"]})
    assert _rows(admin, "?name=extra_counts")["incoming_webhook_count"] == before + 1
    assert _rows(admin, "?name=post_counts_day") == {}
    assert admin.get("/analytics/old?name=else").status == 400
    assert member.get("/analytics/old").status == 403


def test_pages_outside_are_not_fetched(admin: Peer, member: Peer) -> None:
    assert member.get("/redirect_location").status == 400
    assert member.get("/redirect_location?url=http://127.0.0.1:1/").json == {"location": ""}
    assert member.get("/image?url=/static/x.png").error_id == "api.image.get.app_error"
    admin.put("/config/patch", {"ImageProxySettings": {"Enable": True}})
    assert member.get("/image?url=http://127.0.0.1:1/x.png").status == 400
    own = member.get("/image?url=/static/x.png")
    assert (own.status, own.headers["Location"].endswith("/static/x.png")) == (302, True)
