"""What a client can ask over the websocket (websocket_router.go, wsapi)."""

from collections.abc import Callable

from matterapi.testing.http.encoding import JsonObject
from matterapi.testing.state.clock import is_id
from matterapi.testing.state.credentials import find_session
from matterapi.testing.state.permissions import can_in_channel
from matterapi.testing.state.world import World

from .hub import Hub
from .messages import Broadcast, Event, fail_reply, ok_reply
from .requests import Request
from .stream import Stream

CHALLENGE = "authentication_challenge"


class HandlerPanicError(Exception):
    """The request makes the real server's handler panic: the socket ends, and its stream leaks."""


class _RefusedError(Exception):
    def __init__(self, status: int, error_id: str, message: str) -> None:
        super().__init__(error_id)
        self.status, self.error_id, self.message = status, error_id, message


_Action = Callable[[World, Hub, Stream, JsonObject], JsonObject | None]


def reply_to(world: World, hub: Hub, stream: Stream, request: Request) -> bytes | None:
    """Carry out one request and return the reply; None where the server never answers.

    A challenge that is to be taken up is not for here (see `is_challenge`).

    Raises:
        HandlerPanicError: The server ends the stream.
    """
    if request.action.startswith("custom_"):
        return None
    try:
        handler = _handler(world, hub, stream, request)
        if handler is None:
            return None
        return ok_reply(request.seq, handler(world, hub, stream, request.data))
    except _RefusedError as refused:
        return fail_reply(request.seq, refused.status, refused.error_id, refused.message)


def is_challenge(request: Request) -> bool:
    """Whether a request brings a token to authenticate with."""
    return request.action == CHALLENGE and request.seq > 0


def _handler(world: World, hub: Hub, stream: Stream, request: Request) -> _Action | None:
    """Return what carries out an action; None for those that get no reply.

    `presence` alone is served whether or not the session still lives.
    """
    action = request.action
    if not action:
        raise _RefusedError(400, "api.web_socket_router.no_action.app_error", "No websocket action.")
    if request.seq <= 0:
        raise _RefusedError(400, "api.web_socket_router.bad_seq.app_error", "Invalid sequence.")
    if action == CHALLENGE:
        return None
    if action == "presence":
        return _presence
    if not hub.is_live(stream):
        raise _RefusedError(
            401, "api.web_socket_router.not_authenticated.app_error", "The connection is not authenticated."
        )
    if action not in _ACTIONS:
        raise _RefusedError(500, "api.web_socket_router.bad_action.app_error", "Unknown WebSocket action.")
    return _ACTIONS[action]


def _presence(_world: World, _hub: Hub, stream: Stream, data: JsonObject) -> None:
    seen = stream.presence
    if isinstance(data.get("channel_id"), str):
        seen.channel_id = data["channel_id"]
    if isinstance(data.get("team_id"), str):
        seen.team_id = data["team_id"]
    if isinstance(data.get("thread_channel_id"), str):
        if data.get("is_thread_view") is True:
            seen.thread_view = data["thread_channel_id"]
        else:
            seen.side_thread = data["thread_channel_id"]


def _invalid(name: str) -> _RefusedError:
    return _RefusedError(400, "api.websocket_handler.invalid_param.app_error", f"Invalid {name} parameter.")


def _ping(world: World, _hub: Hub, _stream: Stream, _data: JsonObject) -> JsonObject:
    return {"text": "pong", "version": world.version, "server_time": world.now(), "node_id": ""}


def _user_typing(world: World, hub: Hub, stream: Stream, data: JsonObject) -> None:
    if world.now() < world.busy_until_ms:
        raise _RefusedError(503, "api.websocket_handler.server_busy.app_error", "Server is busy.")
    channel_id, parent_id = data.get("channel_id"), data.get("parent_id")
    user = world.users.get(stream.user_id)
    if (
        not is_id(channel_id)
        or user is None
        or not can_in_channel(world, user, str(channel_id), "create_post")
    ):
        raise _invalid("channel_id")
    shown = parent_id if isinstance(parent_id, str) else ""
    publish_typing(hub, stream.user_id, str(channel_id), shown)


def publish_typing(hub: Hub, user_id: str, channel_id: str, parent_id: str) -> None:
    """Tell a channel's other members that somebody types."""
    hub.publish(
        Event(
            "typing",
            {"parent_id": parent_id, "user_id": user_id},
            Broadcast(channel_id=channel_id, omit_users=frozenset({user_id})),
        )
    )


def _update_active_status(world: World, hub: Hub, stream: Stream, data: JsonObject) -> None:
    active, manual = data.get("user_is_active"), data.get("manual") is True
    if not isinstance(active, bool):
        raise _invalid("user_is_active")
    user_id, now = stream.user_id, world.now()
    if active:
        changed = world.statuses.touch(user_id, now, manual=manual)
    else:
        changed = world.statuses.go_away(user_id, now, manual=manual)
    if changed:
        publish_status(world, hub, user_id)


def publish_status(world: World, hub: Hub, user_id: str) -> None:
    """Tell a user's own sockets of his status; nobody else is told, and nobody while the server is busy."""
    if world.now() < world.busy_until_ms:
        return
    status = world.statuses.get(user_id)["status"]
    hub.publish(Event("status_change", {"status": status, "user_id": user_id}, Broadcast(user_id=user_id)))


def publish_online(world: World, hub: Hub, user_id: str) -> None:
    """Connecting makes a user online, and his own sockets are told."""
    if world.statuses.touch(user_id, world.now()):
        publish_status(world, hub, user_id)


def _get_statuses(world: World, _hub: Hub, _stream: Stream, _data: JsonObject) -> JsonObject:
    return dict(world.statuses.not_offline())


def _get_statuses_by_ids(world: World, _hub: Hub, _stream: Stream, data: JsonObject) -> JsonObject:
    ids = data.get("user_ids")
    wanted = [wanted_id for wanted_id in ids if isinstance(wanted_id, str)] if isinstance(ids, list) else []
    if not wanted:
        raise _invalid("user_ids")
    return {user_id: world.statuses.get(user_id)["status"] for user_id in wanted}


def _posted_notify_ack(_world: World, _hub: Hub, _stream: Stream, data: JsonObject) -> None:
    status, reason = data.get("status"), data.get("reason")
    if status is None:
        return
    if not isinstance(status, str) or (reason is not None and not isinstance(reason, str)):
        raise HandlerPanicError


_ACTIONS: dict[str, _Action] = {
    "ping": _ping,
    "user_typing": _user_typing,
    "user_update_active_status": _update_active_status,
    "get_statuses": _get_statuses,
    "get_statuses_by_ids": _get_statuses_by_ids,
    "posted_notify_ack": _posted_notify_ack,
}


def session_user(world: World, token: object) -> str | None:
    """Return whose live session a challenge's token opens; None for a token that opens none."""
    session = find_session(world, token) if isinstance(token, str) and token else None
    return session.user_id if session else None
