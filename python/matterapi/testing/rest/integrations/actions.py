"""Buttons and menus of messages, and dialogs (api4/integration_action.go, app/integration_action.go)."""

from matterapi.testing.effects.post_actions import actions_of
from matterapi.testing.effects.posting import edit_post, send_ephemeral
from matterapi.testing.effects.slack_forms import links
from matterapi.testing.effects.triggers import new_trigger, open_trigger
from matterapi.testing.http.encoding import JsonObject, dumps, dumps_text, loads
from matterapi.testing.http.errors import AppError, forbidden, invalid_body, no_such_channel
from matterapi.testing.http.integration_client import IntegrationError, IntegrationResponse, is_http_url
from matterapi.testing.http.response import Response, json_response, ok
from matterapi.testing.rest.call import Call
from matterapi.testing.rest.registry import operation
from matterapi.testing.state.permissions import can_in_team, can_read, require
from matterapi.testing.websocket.messages import Broadcast, Event

_FAILED = "api.post.do_action.action_integration.app_error"
# Props that an update by the program does not touch (model.PostActionRetainPropKeys).
_RETAINED = ("from_webhook", "override_username", "override_icon_url")


async def _ask(call: Call, url: str, request: JsonObject) -> IntegrationResponse:
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    try:
        response = await call.integrations.ask("POST", url, dumps(request), headers)
    except IntegrationError:
        raise AppError(400, _FAILED, "The program could not be asked.") from None
    if response.status != 200:
        raise AppError(400, _FAILED, f"The program answered {response.status}.")
    return response


@operation("DoPostAction")
async def do_post_action(call: Call) -> Response:
    """POST /posts/{post_id}/actions/{action_id}: the program may change the message, and tell its user."""
    try:
        option = str(call.json_object("action").get("selected_option") or "")
    except AppError:
        option = ""
    post = call.world.posts.alive(call.params["post_id"])
    channel = call.world.channels.get(post["channel_id"]) if post else None
    if post is None or channel is None or not can_read(call.world, call.user, channel):
        raise forbidden()
    wanted = call.params["action_id"]
    action = next(
        (wanted_action for wanted_action in actions_of(post) if wanted_action.get("id") == wanted), None
    )
    integration = action.get("integration") if action else None
    if action is None or not isinstance(integration, dict):
        raise AppError(404, "api.post.do_action.action_id.app_error", "The message has no such action.")
    trigger = new_trigger(call.world, call.user["id"])
    request = _request(call, post, channel, action, trigger.token)
    if action.get("type") == "select" and option:
        request["data_source"] = str(action.get("data_source") or "")
        request["context"] = {**(request["context"] or {}), "selected_option": option}
    response = await _ask(call, str(integration.get("url") or ""), request)
    try:
        said = loads(response.body) if response.body else {}
    except ValueError:
        said = ""
    if not isinstance(said, dict):
        raise AppError(400, _FAILED, "The program answered no object.")
    _follow(call, post, said)
    return json_response({"status": "OK", "trigger_id": trigger.client_id})


def _request(
    call: Call, post: JsonObject, channel: JsonObject, action: JsonObject, trigger_id: str
) -> JsonObject:
    team = call.world.teams.get(channel["team_id"]) or {"name": ""}
    return {
        "user_id": call.user["id"],
        "user_name": call.user["username"],
        "channel_id": channel["id"],
        "channel_name": channel["name"],
        "team_id": channel["team_id"],
        "team_domain": team["name"],
        "post_id": post["id"],
        "trigger_id": trigger_id,
        "type": str(action.get("type") or ""),
        "data_source": "",
        "context": action["integration"].get("context"),
    }


def _follow(call: Call, post: JsonObject, said: JsonObject) -> None:
    """Do what the program wants: another message, a word to the user."""
    update = said.get("update")
    retained = {key: post["props"][key] for key in _RETAINED if key in post["props"]}
    if isinstance(update, dict):
        given = update.get("props")
        if isinstance(given, dict):
            others = {key: value for key, value in given.items() if key not in _RETAINED}
            props = {**others, **retained}
        else:
            props = post["props"]
        changes = {"message": str(update.get("message") or ""), "props": props}
        edit_post(call.world, call.hub, post, changes)
    if said.get("ephemeral_text"):
        text = str(said["ephemeral_text"])
        fields = {
            "channel_id": post["channel_id"],
            "root_id": post["root_id"] or post["id"],
            "message": text if said.get("skip_slack_parsing") else links(text),
            "props": retained,
        }
        send_ephemeral(call.world, call.hub, call.user["id"], fields, user_id=call.user["id"])


@operation("OpenInteractiveDialog")
def open_interactive_dialog(call: Call) -> Response:
    """POST /actions/dialogs/open: needs no session, but a trigger that is not too old."""
    fields = call.json_object("dialog")
    if not fields.get("url"):
        raise invalid_body("url")
    trigger = open_trigger(call.world, str(fields.get("trigger_id") or ""))
    given = fields.get("dialog")
    shown = {
        "trigger_id": trigger.client_id,
        "url": fields["url"],
        "dialog": {**_BLANK, **(given if isinstance(given, dict) else {})},
    }
    data = {"dialog": dumps_text(shown)}
    call.hub.publish(Event("open_dialog", data, Broadcast(user_id=trigger.user_id)))
    return ok()


_BLANK: JsonObject = {
    "callback_id": "",
    "title": "",
    "introduction_text": "",
    "icon_url": "",
    "elements": None,
    "submit_label": "",
    "notify_on_cancel": False,
    "state": "",
    "source_url": "",
}


def _submission(call: Call) -> tuple[str, JsonObject]:
    """Return where a filled-in dialog goes, and what is sent there."""
    fields = call.json_object("dialog")
    url = str(fields.get("url") or "")
    if not url or (call.operation.id == "LookupInteractiveDialog" and not is_http_url(url)):
        raise invalid_body("url")
    channel = call.world.channels.get(str(fields.get("channel_id") or ""))
    if channel is None:
        raise no_such_channel(str(fields.get("channel_id") or ""))
    require(can_read(call.world, call.user, channel))
    require(can_in_team(call.world, call.user, str(fields.get("team_id") or ""), "view_team"))
    request = {
        "type": str(fields.get("type") or ""),
        "callback_id": str(fields.get("callback_id") or ""),
        "state": str(fields.get("state") or ""),
        "user_id": call.user["id"],
        "channel_id": channel["id"],
        "team_id": fields["team_id"],
        "submission": fields.get("submission"),
        "cancelled": bool(fields.get("cancelled")),
    }
    return url, request


@operation("SubmitInteractiveDialog")
async def submit_interactive_dialog(call: Call) -> Response:
    """POST /actions/dialogs/submit: answers what the program answers about the fields."""
    url, request = _submission(call)
    if request["type"] != "refresh":
        request["type"] = "dialog_submission"
    response = await _ask(call, url, request)
    said = _read(response, "app.submit_interactive_dialog.decode_json_error")
    kept = {key: said[key] for key in ("error", "errors", "type", "form") if said.get(key)}
    return json_response(kept)


@operation("LookupInteractiveDialog")
async def lookup_interactive_dialog(call: Call) -> Response:
    """POST /actions/dialogs/lookup: the choices of a field, from the program."""
    url, request = _submission(call)
    response = await _ask(call, url, {**request, "type": "dialog_lookup"})
    said = _read(response, "app.lookup_interactive_dialog.decode_json_error")
    items = said.get("items")
    return json_response({"items": items if isinstance(items, list) else []})


def _read(response: IntegrationResponse, error_id: str) -> JsonObject:
    try:
        said = loads(response.body) if response.body else {}
    except ValueError:
        raise AppError(500, error_id, "The program answered no JSON.") from None
    return said if isinstance(said, dict) else {}
