"""What a client can ask over the websocket (websocket_router.go, wsapi)."""

from collections.abc import Callable

from matterapi.testing.encoding import JsonObject
from matterapi.testing.permissions import can_in_channel
from matterapi.testing.state.clock import is_id
from matterapi.testing.state.world import World

from .connection import Connection
from .frames import Broadcast, Event, fail_reply, ok_reply
from .hub import Hub


class UndecodableError(Exception):
    """The request ends the socket without a Close frame."""


class _RefusedError(Exception):
    def __init__(self, status: int, error_id: str, message: str) -> None:
        super().__init__(error_id)
        self.status, self.error_id, self.message = status, error_id, message


_Action = Callable[[World, Hub, Connection, JsonObject], JsonObject | None]


def answer(world: World, hub: Hub, connection: Connection, request: JsonObject) -> bytes | None:
    """Carry out one request and return the reply; None where the server never answers.

    Raises:
        UndecodableError: The server ends the connection.
    """
    seq = request["seq"]
    try:
        handler = _handler(hub, connection, seq, request["action"])
        return None if handler is None else ok_reply(seq, handler(world, hub, connection, request["data"]))
    except _RefusedError as refused:
        return fail_reply(seq, refused.status, refused.error_id, refused.message)


def _handler(hub: Hub, connection: Connection, seq: int, action: str) -> _Action | None:
    """Return what carries out an action; None for those that get no answer.

    `presence` alone is served whether or not the session still lives.
    """
    if not action:
        raise _RefusedError(400, "api.web_socket_router.no_action.app_error", "No websocket action.")
    if seq <= 0:
        raise _RefusedError(400, "api.web_socket_router.bad_seq.app_error", "Invalid sequence.")
    if action not in ("authentication_challenge", "presence") and not hub.is_live(connection):
        raise _RefusedError(
            401, "api.web_socket_router.not_authenticated.app_error", "The connection is not authenticated."
        )
    if action == "authentication_challenge" or action.startswith("custom_"):
        return None
    if action not in _ACTIONS:
        raise _RefusedError(500, "api.web_socket_router.bad_action.app_error", "Unknown WebSocket action.")
    return _ACTIONS[action]


def _presence(_world: World, _hub: Hub, connection: Connection, data: JsonObject) -> None:
    connection.presence.update({key: value for key, value in data.items() if isinstance(value, str)})


def _invalid(name: str) -> _RefusedError:
    return _RefusedError(400, "api.websocket_handler.invalid_param.app_error", f"Invalid {name} parameter.")


def _ping(world: World, _hub: Hub, _connection: Connection, _data: JsonObject) -> JsonObject:
    return {"text": "pong", "version": world.version, "server_time": world.now(), "node_id": ""}


def _user_typing(world: World, hub: Hub, connection: Connection, data: JsonObject) -> None:
    if world.now() < world.busy_until_ms:
        raise _RefusedError(503, "api.websocket_handler.server_busy.app_error", "Server is busy.")
    channel_id, parent_id = data.get("channel_id"), data.get("parent_id", "")
    user = world.users.get(connection.user_id)
    if (
        not is_id(channel_id)
        or user is None
        or not can_in_channel(world, user, str(channel_id), "create_post")
    ):
        raise _invalid("channel_id")
    publish_typing(hub, connection.user_id, str(channel_id), str(parent_id))


def publish_typing(hub: Hub, user_id: str, channel_id: str, parent_id: str) -> None:
    """Tell a channel's other members that somebody types."""
    hub.publish(
        Event(
            "typing",
            {"parent_id": parent_id, "user_id": user_id},
            Broadcast(channel_id=channel_id, omit_users=frozenset({user_id})),
        )
    )


def _update_active_status(world: World, hub: Hub, connection: Connection, data: JsonObject) -> None:
    active, manual = data.get("user_is_active"), data.get("manual", False)
    if not isinstance(active, bool):
        raise _invalid("user_is_active")
    status = "online" if active else "away"
    if world.statuses.set(connection.user_id, status, world.now(), manual=bool(manual)):
        publish_status(world, hub, connection.user_id)


def publish_status(world: World, hub: Hub, user_id: str) -> None:
    """Tell a user's own sockets of his status; nobody else is told."""
    status = world.statuses.get(user_id)["status"]
    hub.publish(Event("status_change", {"status": status, "user_id": user_id}, Broadcast(user_id=user_id)))


def _get_statuses(world: World, _hub: Hub, _connection: Connection, _data: JsonObject) -> JsonObject:
    return dict(world.statuses.not_offline())


def _get_statuses_by_ids(world: World, _hub: Hub, _connection: Connection, data: JsonObject) -> JsonObject:
    ids = data.get("user_ids")
    if not isinstance(ids, list) or not ids:
        raise _invalid("user_ids")
    return {str(user_id): world.statuses.get(str(user_id))["status"] for user_id in ids}


def _posted_notify_ack(_world: World, _hub: Hub, _connection: Connection, data: JsonObject) -> None:
    for name in ("status", "reason"):
        if not isinstance(data.get(name, ""), str):
            raise UndecodableError(name)


_ACTIONS: dict[str, _Action] = {
    "ping": _ping,
    "presence": _presence,
    "user_typing": _user_typing,
    "user_update_active_status": _update_active_status,
    "get_statuses": _get_statuses,
    "get_statuses_by_ids": _get_statuses_by_ids,
    "posted_notify_ack": _posted_notify_ack,
}
