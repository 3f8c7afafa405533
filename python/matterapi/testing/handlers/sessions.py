"""Listing and ending sessions (api4/user.go)."""

from matterapi.testing.call import Call
from matterapi.testing.errors import AppError
from matterapi.testing.flows.accounts import revoke_all
from matterapi.testing.permissions import require
from matterapi.testing.replies import Reply, json_reply, ok
from matterapi.testing.state.sessions import render_session

from .registry import operation
from .users import require_self_or


@operation("GetSessions")
def get_sessions(call: Call) -> Reply:
    """GET /users/{user_id}/sessions, newest first."""
    user = call.target_user()
    require_self_or(call, user["id"])
    teams = call.world.teams.memberships(user["id"])
    sessions = call.world.sessions.of_user(user["id"])
    return json_reply([render_session(session, user["roles"], teams) for session in sessions])


@operation("RevokeSession")
def revoke_session(call: Call) -> Reply:
    """POST /users/{user_id}/sessions/revoke."""
    user, session_id = call.target_user(), call.json_strings().get("session_id", "")
    require_self_or(call, user["id"])
    mine = call.world.sessions.of_user(user["id"])
    session = next((one for one in mine if one.id == session_id), None)
    if session is None:
        raise AppError(400, "app.session.get.app_error", "No such session.")
    call.world.sessions.revoke(session.token)
    return ok()


@operation("RevokeAllSessions")
def revoke_all_sessions(call: Call) -> Reply:
    """POST /users/{user_id}/sessions/revoke/all."""
    user = call.target_user()
    require_self_or(call, user["id"])
    revoke_all(call.world, user["id"])
    return ok()


@operation("RevokeSessionsFromAllUsers")
def revoke_sessions_from_all_users(call: Call) -> Reply:
    """POST /users/sessions/revoke/all: the caller's own ends, too."""
    require(call.is_admin)
    for session in call.world.sessions:
        call.world.sessions.revoke(session.token)
    return ok()
