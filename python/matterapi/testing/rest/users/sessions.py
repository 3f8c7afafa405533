"""Listing and ending sessions (api4/user.go)."""

from matterapi.testing.effects.accounts import revoke_all
from matterapi.testing.http.errors import AppError
from matterapi.testing.http.response import Response, json_response, ok
from matterapi.testing.rest.call import Call
from matterapi.testing.rest.registry import operation
from matterapi.testing.state.permissions import require
from matterapi.testing.state.sessions import render_session

from .users import require_self_or


@operation("GetSessions")
def get_sessions(call: Call) -> Response:
    """GET /users/{user_id}/sessions, newest first."""
    user = call.target_user()
    require_self_or(call, user["id"])
    teams = call.world.teams.memberships(user["id"])
    sessions = call.world.sessions.of_user(user["id"])
    return json_response([render_session(session, user["roles"], teams) for session in sessions])


@operation("RevokeSession")
def revoke_session(call: Call) -> Response:
    """POST /users/{user_id}/sessions/revoke."""
    user, session_id = call.target_user(), call.json_strings().get("session_id", "")
    require_self_or(call, user["id"])
    mine = call.world.sessions.of_user(user["id"])
    session = next((category for category in mine if category.id == session_id), None)
    if session is None:
        raise AppError(400, "app.session.get.app_error", "No such session.")
    call.world.sessions.revoke(session.token)
    return ok()


@operation("RevokeAllSessions")
def revoke_all_sessions(call: Call) -> Response:
    """POST /users/{user_id}/sessions/revoke/all."""
    user = call.target_user()
    require_self_or(call, user["id"])
    revoke_all(call.world, user["id"])
    return ok()


@operation("RevokeSessionsFromAllUsers")
def revoke_sessions_from_all_users(call: Call) -> Response:
    """POST /users/sessions/revoke/all: the caller's own ends, too."""
    require(call.is_admin)
    for session in call.world.sessions:
        call.world.sessions.revoke(session.token)
    return ok()
