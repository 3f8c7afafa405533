"""Incoming webhooks, and what is posted to them (api4/webhook.go, web/webhook.go)."""

import re
from urllib.parse import parse_qs

from matterapi.testing.effects.channels import direct_channel
from matterapi.testing.effects.webhook_posts import webhook_post
from matterapi.testing.http.encoding import JsonObject, loads
from matterapi.testing.http.errors import AppError, invalid_body, no_such_channel, no_such_user
from matterapi.testing.http.response import Response, json_response, ok
from matterapi.testing.rest.call import Call
from matterapi.testing.rest.registry import operation
from matterapi.testing.state.integrations import texts
from matterapi.testing.state.permissions import can_in_team, can_read, require
from matterapi.testing.state.users import valid_username

_OWN, _OTHERS = "manage_own_incoming_webhooks", "manage_others_incoming_webhooks"
_LONGEST = {"display_name": 64, "description": 500, "username": 64, "icon_url": 1024}
_CONTROL = re.compile(rb'(?s)"(?:text|fallback|pretext|author_name|title|value)"\s*:\s*"(?:\\"|[^"])*"')


def _enabled(call: Call) -> None:
    if not call.world.config.flag("ServiceSettings.EnableIncomingWebhooks"):
        raise AppError(501, "api.incoming_webhook.disabled.app_error", "Incoming webhooks are switched off.")


def _channel(call: Call, channel_id: object) -> JsonObject:
    channel = call.world.channels.get(str(channel_id or ""))
    if channel is None:
        raise no_such_channel(str(channel_id or ""))
    return channel


def _may(call: Call, team_id: str, permission: str) -> bool:
    return can_in_team(call.world, call.user, team_id, permission)


def _hook(call: Call) -> JsonObject:
    _enabled(call)
    hook = call.world.integrations.incoming.get(call.params["hook_id"])
    if hook is None or hook["delete_at"]:
        raise AppError(404, "app.webhooks.get_incoming.app_error", "No such webhook.")
    return hook


def _managed(call: Call) -> JsonObject:
    hook = _hook(call)
    channel = _channel(call, hook["channel_id"])
    require(_may(call, hook["team_id"], _OWN))
    require(channel["type"] == "O" or can_read(call.world, call.user, channel))
    require(hook["user_id"] == call.user["id"] or _may(call, hook["team_id"], _OTHERS))
    return hook


def _settled(call: Call, fields: JsonObject, before: JsonObject) -> JsonObject:
    """Return the fields that a client may give, as far as the settings let it."""
    wanted = texts(fields, *_LONGEST)
    for name, kind in (("username", "Username"), ("icon_url", "Icon")):
        if not call.world.config.flag(f"ServiceSettings.EnablePost{kind}Override"):
            wanted[name] = before.get(name, "")
    if wanted["username"] and not valid_username(wanted["username"]):
        raise AppError(400, "api.incoming_webhook.invalid_username.app_error", "The username is not valid.")
    for name, most in _LONGEST.items():
        if len(wanted[name].encode()) > most:
            raise AppError(400, f"model.incoming_hook.{name}.app_error", f"The {name} is too long.")
    return wanted


@operation("CreateIncomingWebhook")
def create_incoming_webhook(call: Call) -> Response:
    """POST /hooks/incoming: for a channel that the caller may read."""
    fields = call.json_object("incoming_webhook")
    channel = _channel(call, fields.get("channel_id"))
    require(_may(call, channel["team_id"], _OWN))
    require(can_read(call.world, call.user, channel))
    user_id = str(fields.get("user_id") or call.user["id"])
    if user_id != call.user["id"]:
        require(_may(call, channel["team_id"], _OTHERS))
        if call.world.users.get(user_id) is None:
            raise no_such_user()
    _enabled(call)
    locked = not _may(call, channel["team_id"], "bypass_incoming_webhook_channel_lock")
    hook: JsonObject = {
        "id": call.world.ids.new(),
        "create_at": call.now,
        "update_at": call.now,
        "delete_at": 0,
        "user_id": user_id,
        "channel_id": channel["id"],
        "team_id": channel["team_id"],
        **_settled(call, fields, {}),
        "channel_locked": locked or bool(fields.get("channel_locked")),
    }
    call.world.integrations.incoming[hook["id"]] = hook
    return json_response(hook, 201)


@operation("UpdateIncomingWebhook")
def update_incoming_webhook(call: Call) -> Response:
    """PUT /hooks/incoming/{hook_id}: answers 201."""
    fields = call.json_object("incoming_webhook")
    if fields.get("id") != call.params["hook_id"]:
        raise invalid_body("hook_id")
    hook = _hook(call)
    if fields.get("team_id") not in (None, "", hook["team_id"]):
        raise AppError(400, "api.webhook.team_mismatch.app_error", "A webhook stays in its team.")
    channel = _channel(call, fields.get("channel_id"))
    if channel["team_id"] != hook["team_id"]:
        raise invalid_body("channel_id")
    require(_may(call, hook["team_id"], _OWN))
    require(hook["user_id"] == call.user["id"] or _may(call, hook["team_id"], _OTHERS))
    require(channel["type"] == "O" or can_read(call.world, call.user, channel))
    locked = not _may(call, hook["team_id"], "bypass_incoming_webhook_channel_lock")
    hook.update(_settled(call, fields, hook), channel_id=channel["id"], update_at=call.now)
    hook["channel_locked"] = locked or bool(fields.get("channel_locked"))
    return json_response(hook, 201)


@operation("GetIncomingWebhooks")
def get_incoming_webhooks(call: Call) -> Response:
    """GET /hooks/incoming: one's own, or everybody's for who may manage them."""
    team_id = call.text("team_id")
    own, others = (
        _may(call, team_id, commands) if team_id else call.may(commands) for commands in (_OWN, _OTHERS)
    )
    require(own)
    _enabled(call)
    found = [
        hook
        for hook in call.world.integrations.incoming.values()
        if not hook["delete_at"]
        and team_id in ("", hook["team_id"])
        and (others or hook["user_id"] == call.user["id"])
    ]
    shown = call.cut(found)
    if call.flag("include_total_count"):
        return json_response({"incoming_webhooks": shown, "total_count": len(found)})
    return json_response(shown)


@operation("GetIncomingWebhook")
def get_incoming_webhook(call: Call) -> Response:
    """GET /hooks/incoming/{hook_id}."""
    return json_response(_managed(call))


@operation("DeleteIncomingWebhook")
def delete_incoming_webhook(call: Call) -> Response:
    """DELETE /hooks/incoming/{hook_id}."""
    hook = _managed(call)
    hook["delete_at"] = hook["update_at"] = call.now
    return ok()


@operation("PostToIncomingWebhook")
def post_to_incoming_webhook(call: Call) -> Response:
    """POST /hooks/{hook}: needs no session; every refusal has one of a few ids, and answers are text."""
    request = _request(call)
    try:
        _post(call, request)
    except AppError as refused:
        raise AppError(refused.status, "web.incoming_webhook.general.app_error", str(refused)) from None
    return Response(200, b"ok", "text/plain")


def _request(call: Call) -> JsonObject:
    """Read what was sent: JSON, JSON in the form field `payload`, or a multipart form."""
    kind = call.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    undecodable = AppError(400, "web.incoming_webhook.decode.app_error", "The payload cannot be decoded.")
    if kind == "multipart/form-data":
        parts = call.form(AppError(400, "web.incoming_webhook.parse_multipart.app_error", "Not a form."))
        return {part.name: part.content.decode("utf-8", errors="replace") for part in parts}
    data = call.body
    if kind == "application/x-www-form-urlencoded":
        fields = parse_qs(call.body.decode("utf-8", errors="replace"), keep_blank_values=True)
        data = fields.get("payload", [""])[0].encode()
    for body in (data, _CONTROL.sub(_escaped, data)):
        try:
            value = loads(body)
        except ValueError:
            continue
        if _is_payload(value):
            return dict(value or {})
        break
    raise undecodable


_PAYLOAD: dict[str, type] = {
    **dict.fromkeys(("text", "username", "icon_url", "channel", "type", "icon_emoji"), str),
    **dict.fromkeys(("props", "priority"), dict),
    "attachments": list,
}


def _is_payload(value: object) -> bool:
    """Whether a JSON value can be decoded as a payload: null, or an object with fields that fit."""
    if not isinstance(value, dict):
        return value is None
    return all(value.get(name) is None or isinstance(value[name], kind) for name, kind in _PAYLOAD.items())


def _escaped(found: "re.Match[bytes]") -> bytes:
    """Mend a text that has line breaks in its JSON."""
    return found[0].replace(b"\n", b"\\n").replace(b"\t", b"\\t")


def _post(call: Call, request: JsonObject) -> None:
    world = call.world
    if not world.config.flag("ServiceSettings.EnableIncomingWebhooks"):
        raise AppError(501, "web.incoming_webhook.disabled.app_error")
    if not request.get("text") and request.get("attachments") is None:
        raise AppError(400, "web.incoming_webhook.text.app_error")
    hook = world.integrations.incoming.get(call.params["hook"])
    if hook is None or hook["delete_at"]:
        raise AppError(400, "web.incoming_webhook.invalid.app_error")
    author = world.users.get(hook["user_id"])
    if author is None:
        raise AppError(403, "web.incoming_webhook.user.app_error")
    channel = _wanted_channel(call, hook, str(request.get("channel") or ""))
    if hook["channel_locked"] and channel["id"] != hook["channel_id"]:
        raise AppError(403, "web.incoming_webhook.channel_locked.app_error")
    if channel["type"] != "O" and author["id"] not in world.channels.members(channel["id"]):
        raise AppError(403, "web.incoming_webhook.permissions.app_error")
    given = request.get("props")
    props = {**(given if isinstance(given, dict) else {}), "webhook_display_name": hook["display_name"]}
    wanted = {
        **request,
        "props": props,
        "username": request.get("username") or hook["username"],
        "icon_url": request.get("icon_url") or hook["icon_url"],
    }
    webhook_post(world, call.hub, author, channel, wanted)


def _wanted_channel(call: Call, hook: JsonObject, name: str) -> JsonObject:
    """Return the channel that a request names, by default the webhook's; `@name` is a direct one."""
    if not name:
        return _channel(call, hook["channel_id"])
    if name.startswith("@"):
        user = call.world.users.by_username(name[1:])
        if user is None:
            raise AppError(400, "web.incoming_webhook.user.app_error")
        return direct_channel(call.world, call.hub, hook["user_id"], user["id"])
    channel = call.world.channels.by_name(hook["team_id"], name.removeprefix("#"))
    if channel is None or channel["delete_at"]:
        raise AppError(404, "web.incoming_webhook.channel.app_error")
    return channel
