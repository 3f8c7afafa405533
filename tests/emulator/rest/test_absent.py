"""What an ordinary server has none of, what clients report, and members without groups."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.emulator.peer import ID, Peer

if TYPE_CHECKING:
    from matterapi.testing import MattermostServer


@pytest.mark.parametrize(
    ("verb", "path", "status", "error_id"),
    [
        ("GET", f"/schemes/{ID}", 404, "app.scheme.get.app_error"),
        ("GET", "/exports/x.zip", 404, "api.export.export_not_found.app_error"),
        ("GET", "/agents", 500, "app.agents.get_agents.app_error"),
        ("POST", f"/users/{ID}/promote", 501, "api.user.promote_guest_to_user.no_guest.app_error"),
        ("POST", "/remotecluster/ping", 401, "api.context.session_expired.app_error"),
    ],
)
def test_what_is_not_there_is_an_error(admin: Peer, verb: str, path: str, status: int, error_id: str) -> None:
    answer = admin.call(verb, f"/api/v4{path}", b"{}" if verb == "POST" else None)
    assert (answer.status, answer.error_id) == (status, error_id)


def test_what_is_not_there_is_an_empty_list(admin: Peer, member: Peer) -> None:
    assert admin.get("/schemes").json == []
    assert admin.get("/cluster/status").json == []
    refused = member.get("/schemes")
    assert (refused.status, refused.error_id) == (403, "api.context.permissions.app_error")


def test_a_client_may_write_to_the_log_with_a_session(server: MattermostServer, member: Peer) -> None:
    entry = {"level": "DEBUG", "message": "m" * 500}
    told = member.post("/logs", entry).json
    assert (told["level"], len(told["message"])) == ("DEBUG", len("Client Logs API Endpoint Message: ") + 399)
    assert Peer(server).post("/logs", entry).status == 403
    report = member.post("/client_perf", {"version": "0.1.0"})
    assert (report.status, report.body) == (200, b"")


def test_without_groups_all_members_are_in_none(admin: Peer, member: Peer, team: Any, channel: Any) -> None:
    for path in (f"/teams/{team['id']}", f"/channels/{channel['id']}"):
        listed = admin.get(f"{path}/members_minus_group_members?group_ids={ID}").json
        assert [one["username"] for one in listed["users"]] == sorted(
            one["username"] for one in listed["users"]
        )
        assert listed["total_count"] == len(listed["users"]) == 2
        assert {(one["scheme_user"], tuple(one["groups"])) for one in listed["users"]} == {(True, ())}
        assert member.get(f"{path}/members_minus_group_members?group_ids={ID}").status == 403
        assert admin.get(f"{path}/members_minus_group_members?group_ids=x").status == 400
