"""OutgoingFrame webhooks (api4/webhook.go, app/webhook.go)."""

from matterapi.testing.http.encoding import JsonObject
from matterapi.testing.http.errors import AppError, invalid_body, no_such_channel, no_such_user
from matterapi.testing.http.integration_client import is_http_url
from matterapi.testing.http.response import Response, json_response, ok
from matterapi.testing.rest.call import Call
from matterapi.testing.rest.registry import operation
from matterapi.testing.state.clock import is_id
from matterapi.testing.state.integrations import texts
from matterapi.testing.state.permissions import can_in_channel, can_in_team, require

_OWN, _OTHERS = "manage_own_outgoing_webhooks", "manage_others_outgoing_webhooks"
_TEXTS = ("display_name", "description", "content_type", "username", "icon_url")
_LONGEST = {
    "display_name": (64, "is_valid.display_name"),
    "description": (500, "is_valid.description"),
    "content_type": (128, "is_valid.content_type"),
    "username": (64, "username"),
    "icon_url": (1024, "icon_url"),
}


def _enabled(call: Call) -> None:
    if not call.world.config.flag("ServiceSettings.EnableOutgoingWebhooks"):
        raise AppError(
            501, "api.outgoing_webhook.disabled.app_error", "OutgoingFrame webhooks are switched off."
        )


def _may(call: Call, team_id: str, permission: str) -> bool:
    return can_in_team(call.world, call.user, team_id, permission)


def _managed(call: Call) -> JsonObject:
    _enabled(call)
    hook = call.world.integrations.outgoing.get(call.params["hook_id"])
    if hook is None:
        raise AppError(404, "app.webhooks.get_outgoing.app_error", "No such webhook.")
    require(_may(call, hook["team_id"], _OWN))
    require(hook["creator_id"] == call.user["id"] or _may(call, hook["team_id"], _OTHERS))
    return hook


def _words(fields: JsonObject, name: str) -> list[str]:
    value = fields.get(name) or []
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise invalid_body("outgoing_webhook")
    return list(value)


def _settled(fields: JsonObject) -> JsonObject:
    return {
        "channel_id": str(fields.get("channel_id") or ""),
        "trigger_words": _words(fields, "trigger_words"),
        "trigger_when": fields.get("trigger_when") or 0,
        "callback_urls": _words(fields, "callback_urls"),
        **texts(fields, *_TEXTS),
    }


def _refused(end: str) -> AppError:
    return AppError(400, f"model.outgoing_hook.{end}.app_error", "The webhook is not valid.")


def _check(hook: JsonObject) -> None:
    if not is_id(hook["team_id"]):
        raise _refused("is_valid.team_id")
    if "" in hook["trigger_words"]:
        raise _refused("is_valid.trigger_words")
    if not hook["callback_urls"]:
        raise _refused("is_valid.callback")
    if not all(is_http_url(url) for url in hook["callback_urls"]):
        raise _refused("is_valid.url")
    for name, (most, end) in _LONGEST.items():
        if len(hook[name].encode()) > most:
            raise _refused(end)
    if hook["trigger_when"] not in (0, 1):
        raise _refused("is_valid.content_type")


def _check_clash(call: Call, hook: JsonObject, status: int, deed: str) -> None:
    """Refuse the same word for the same address in the same channel twice."""
    for other in call.world.integrations.outgoing.values():
        if other["id"] == hook["id"] or other["team_id"] != hook["team_id"]:
            continue
        same = other["channel_id"] == hook["channel_id"]
        shared = [set(other[name]) & set(hook[name]) for name in ("callback_urls", "trigger_words")]
        if same and all(shared):
            raise AppError(
                status, f"api.webhook.{deed}_outgoing.intersect.app_error", "There is one like it."
            )


@operation("CreateOutgoingWebhook")
def create_outgoing_webhook(call: Call) -> Response:
    """POST /hooks/outgoing: for an open channel, or for words in all open channels of a team."""
    fields = call.json_object("outgoing_webhook")
    team_id = str(fields.get("team_id") or "")
    require(_may(call, team_id, _OWN))
    creator_id = str(fields.get("creator_id") or "")
    if creator_id:
        require(_may(call, team_id, _OTHERS))
        if call.world.users.get(creator_id) is None:
            raise no_such_user()
    _enabled(call)
    hook: JsonObject = {
        "id": call.world.ids.new(),
        "token": call.world.ids.new(),
        "create_at": call.now,
        "update_at": call.now,
        "delete_at": 0,
        "creator_id": creator_id or call.user["id"],
        "team_id": team_id,
        **_settled(fields),
    }
    _check_channel(call, hook, "api.outgoing_webhook.disabled.app_error", 400)
    _check_clash(call, hook, 500, "create")
    _check(hook)
    call.world.integrations.outgoing[hook["id"]] = hook
    return json_response(_shown(hook), 201)


def _check_channel(call: Call, hook: JsonObject, not_open: str, wordless: int) -> None:
    if not hook["channel_id"]:
        if not hook["trigger_words"]:
            error_id = "api.webhook.create_outgoing.triggers.app_error"
            raise AppError(wordless, error_id, "A channel or words are needed.")
        return
    channel = call.world.channels.get(hook["channel_id"])
    if channel is None:
        raise no_such_channel(hook["channel_id"])
    if channel["type"] != "O":
        raise AppError(403, not_open, "Only for open channels.")
    if channel["team_id"] != hook["team_id"]:
        raise AppError(403, "api.webhook.create_outgoing.permissions.app_error", "Another team's channel.")


def _shown(hook: JsonObject) -> JsonObject:
    order = (
        "id", "token", "create_at", "update_at", "delete_at", "creator_id", "channel_id", "team_id",
        "trigger_words", "trigger_when", "callback_urls", *_TEXTS,
    )  # fmt: skip
    return {name: hook[name] for name in order}


@operation("UpdateOutgoingWebhook")
def update_outgoing_webhook(call: Call) -> Response:
    """PUT /hooks/outgoing/{hook_id}: answers 200; the token stays what the body says."""
    fields = call.json_object("outgoing_webhook")
    if fields.get("id") != call.params["hook_id"]:
        raise invalid_body("hook_id")
    _enabled(call)
    hook = call.world.integrations.outgoing.get(call.params["hook_id"])
    if hook is None:
        raise AppError(404, "app.webhooks.get_outgoing.app_error", "No such webhook.")
    if fields.get("team_id") not in (None, "", hook["team_id"]):
        raise AppError(400, "api.webhook.team_mismatch.app_error", "A webhook stays in its team.")
    hook = _managed(call)
    changed = {**hook, **_settled(fields), "token": str(fields.get("token") or ""), "update_at": call.now}
    _check_channel(call, changed, "api.webhook.create_outgoing.not_open.app_error", 500)
    _check_clash(call, changed, 400, "update")
    hook.update(changed)
    return json_response(_shown(hook))


@operation("GetOutgoingWebhooks")
def get_outgoing_webhooks(call: Call) -> Response:
    """GET /hooks/outgoing: one's own, or everybody's for who may manage them."""
    team_id, channel_id = call.text("team_id"), call.text("channel_id")

    def may(permission: str) -> bool:
        if channel_id:
            return can_in_channel(call.world, call.user, channel_id, permission)
        return _may(call, team_id, permission) if team_id else call.may(permission)

    require(may(_OWN))
    _enabled(call)
    mine = "" if may(_OTHERS) else call.user["id"]
    found = [
        _shown(hook)
        for hook in call.world.integrations.outgoing.values()
        if mine in ("", hook["creator_id"])
        and channel_id in ("", hook["channel_id"])
        and (channel_id or team_id in ("", hook["team_id"]))
    ]
    return json_response(call.cut(found))


@operation("GetOutgoingWebhook")
def get_outgoing_webhook(call: Call) -> Response:
    """GET /hooks/outgoing/{hook_id}."""
    return json_response(_shown(_managed(call)))


@operation("RegenOutgoingHookToken")
def regen_outgoing_hook_token(call: Call) -> Response:
    """POST /hooks/outgoing/{hook_id}/regen_token."""
    hook = _managed(call)
    hook.update(token=call.world.ids.new(), update_at=call.now)
    return json_response(_shown(hook))


@operation("DeleteOutgoingWebhook")
def delete_outgoing_webhook(call: Call) -> Response:
    """DELETE /hooks/outgoing/{hook_id}."""
    del call.world.integrations.outgoing[_managed(call)["id"]]
    return ok()
