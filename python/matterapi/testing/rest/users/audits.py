"""Audits: here logins are kept, nothing else (api4/user.go, system.go)."""

from collections.abc import Iterable

from matterapi.testing.http.encoding import JsonObject
from matterapi.testing.http.response import Response, json_response
from matterapi.testing.rest.call import Call
from matterapi.testing.rest.registry import operation
from matterapi.testing.state.permissions import require
from matterapi.testing.state.sessions import Session

from .users import require_self_or


@operation("GetUserAudits")
def get_user_audits(call: Call) -> Response:
    """GET /users/{user_id}/audits: newest first, `null` when there are none."""
    user = call.target_user()
    require_self_or(call, user["id"], "edit_other_users")
    return json_response(call.cut(_audits(call.world.sessions.of_user(user["id"]))) or None)


@operation("GetAudits")
def get_audits(call: Call) -> Response:
    """GET /audits: everybody's, for admins."""
    require(call.may("read_audits"))
    return json_response(call.cut(_audits(call.world.sessions)) or None)


def _audits(sessions: Iterable[Session]) -> list[JsonObject]:
    newest_first = sorted(sessions, key=lambda session: session.create_at, reverse=True)
    return [
        {
            "id": session.id,
            "create_at": session.create_at,
            "user_id": session.user_id,
            "action": "/api/v4/users/login",
            "extra_info": f"success session_user={session.user_id}",
            "ip_address": "127.0.0.1",
            "session_id": session.id,
        }
        for session in newest_first
    ]
