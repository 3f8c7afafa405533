"""Using slash commands (app/command.go): the team's own are asked outside, the server's own run here."""

import re
from urllib.parse import urlencode, urlsplit

from matterapi.testing.effects.posting import create_post, send_ephemeral
from matterapi.testing.effects.slack_forms import attachments, links, plain
from matterapi.testing.effects.triggers import new_trigger
from matterapi.testing.effects.webhook_posts import set_off_webhooks
from matterapi.testing.http.encoding import JsonObject, loads
from matterapi.testing.http.errors import AppError, forbidden, invalid_param, no_such_team
from matterapi.testing.http.integration_client import IntegrationError
from matterapi.testing.http.response import Response, json_response
from matterapi.testing.rest.call import Call
from matterapi.testing.rest.registry import operation
from matterapi.testing.state.clock import is_id
from matterapi.testing.state.forgetting import forget_while
from matterapi.testing.state.integrations import LATER_MS, CommandHook
from matterapi.testing.state.permissions import can_in_channel, require

from .builtin_commands import Use, response, run_built_in
from .commands import check_enabled

_MENTION = re.compile(r"(?<!\w)@([a-z0-9][a-z0-9._-]*)", re.IGNORECASE)
_CHANNEL = re.compile(r"(?<!\w)~([a-z0-9_-]+)")


@operation("ExecuteCommand")
async def execute_command(call: Call) -> Response:
    """POST /commands/execute."""
    fields = call.json_object("command_args")
    line, channel_id = str(fields.get("command") or ""), fields.get("channel_id")
    if len(line) <= 1 or not line.startswith("/") or not is_id(channel_id):
        raise AppError(400, "api.command.execute_command.start.app_error", "A command begins with a slash.")
    channel = call.world.channels.get(str(channel_id))
    if channel is None or not can_in_channel(call.world, call.user, channel["id"], "create_post"):
        raise forbidden()
    if channel["delete_at"]:
        raise AppError(400, "api.command.execute_command.deleted.error", "The channel is archived.")
    team_id = channel["team_id"] or str(fields.get("team_id") or "")
    if not channel["team_id"]:
        require(call.world.teams.is_member(team_id, call.user["id"]) or call.may("create_post"))
    check_enabled(call)
    found = re.match(r"/(\S*)\s?(.*)", line, re.DOTALL)
    name, text = (found[1].lower(), found[2]) if found else ("", "")
    if call.world.teams.get(team_id) is None:
        raise no_such_team()
    use = Use(call, channel, team_id, str(fields.get("root_id") or ""), text)
    command = call.world.integrations.command(team_id, name)
    if command is not None:
        said = await _ask(use, command)
        _respond(use, command, said)
        return json_response(said)
    response = run_built_in(name, use)
    if response is None:
        raise AppError(404, "api.command.execute_command.not_found.app_error", f"No command /{name}.")
    _respond(use, None, response)
    return json_response(response)


async def _ask(use: Use, command: JsonObject) -> JsonObject:
    """Ask the program behind a command; returns its response with all keys.

    Raises:
        AppError: 500, with an id for each way in which programs fail.
    """
    call = use.call
    hook_id = call.world.ids.new()
    hook = CommandHook(command["id"], call.user["id"], use.channel["id"], use.root_id, call.now)
    hooks = call.world.integrations.command_hooks
    hooks[hook_id] = hook
    forget_while(hooks, lambda hook: call.now - hook.at > LATER_MS)
    trigger = new_trigger(call.world, call.user["id"])
    site = call.world.config.text("ServiceSettings.SiteURL")
    form = _form(use, command, trigger.token, f"{site}/hooks/commands/{hook_id}")
    headers = {"Accept": "application/json", "Authorization": f"Token {command['token']}"}
    body, url = urlencode(form, doseq=True).encode(), command["url"]
    if command["method"] == "G":
        url += ("&" if urlsplit(url).query else "?") + body.decode()
        body = b""
    else:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    verb = "GET" if command["method"] == "G" else "POST"
    try:
        response = await call.integrations.ask(verb, url, body, headers)
    except IntegrationError:
        raise _failed("failed", command) from None
    if response.status != 200:
        raise _failed("failed_resp", command)
    try:
        said = read_response(response.content_type, response.body)
    except ValueError:
        raise _failed("failed", command) from None
    return {**said, "trigger_id": trigger.client_id}


def _failed(how: str, command: JsonObject) -> AppError:
    return AppError(500, f"api.command.execute_command.{how}.app_error", f"/{command['trigger']} failed.")


def _form(use: Use, command: JsonObject, trigger_id: str, response_url: str) -> dict[str, object]:
    call = use.call
    team = call.world.teams.get(use.team_id) or {"name": ""}
    form: dict[str, object] = {
        "token": command["token"],
        "team_id": command["team_id"],
        "team_domain": team["name"],
        "channel_id": use.channel["id"],
        "channel_name": use.channel["name"],
        "user_id": call.user["id"],
        "user_name": call.user["username"],
        "command": f"/{command['trigger']}",
        "text": use.text,
        "trigger_id": trigger_id,
        "root_id": use.root_id,
        "response_url": response_url,
    }
    users = {name.rstrip(".-_").lower() for name in _MENTION.findall(use.text)}
    members = {
        name: user["id"]
        for name in sorted(users)
        if (user := call.world.users.by_username(name)) is not None
        and call.world.teams.is_member(use.team_id, user["id"])
    }
    if members:
        form |= {"user_mentions": list(members), "user_mentions_ids": list(members.values())}
    names = sorted(set(_CHANNEL.findall(use.text)))
    channels = {
        name: channel["id"]
        for name in names
        if (channel := call.world.channels.by_name(use.team_id, name)) is not None and channel["type"] == "O"
    }
    if channels:
        form |= {"channel_mentions": list(channels), "channel_mentions_ids": list(channels.values())}
    return dict(sorted(form.items()))


_LISTS = ("attachments", "extra_responses")


def _is_answer(said: object, blank: JsonObject) -> bool:
    """Whether a JSON value is an object whose fields have the types of a response."""
    if not isinstance(said, dict):
        return False
    for name, value in said.items():
        kind = list if name in _LISTS else dict if name == "props" else type(blank.get(name))
        if name in blank and value is not None and not isinstance(value, kind):
            return False
    return True


def read_response(content_type: str, body: bytes) -> JsonObject:
    """Read a command's answer: JSON, or text that is all of it.

    Raises:
        ValueError: It says that it is JSON and is none.
    """
    if content_type.partition(";")[0].strip() != "application/json":
        return response(body.decode("utf-8", errors="replace"))
    said, blank = loads(body), response()
    if said is None:
        return blank
    if not _is_answer(said, blank):
        raise ValueError(f"no answer of a command: {said!r}")
    return {key: said.get(key) if said.get(key) is not None else blank[key] for key in blank}


def _respond(use: Use, command: JsonObject | None, said: JsonObject) -> None:
    """Write what a command said, and its further responses.

    Raises:
        AppError: 500 when one of them could not be written.
    """
    failed = False
    for message in (said, *(said["extra_responses"] or ())):
        try:
            write_response(use.call, use.channel, use.root_id, command, {**response(), **message})
        except AppError:
            failed = True
    if failed:
        raise AppError(500, "api.command.execute_command.create_post_failed.app_error")


def write_response(
    call: Call,
    channel: JsonObject,
    root_id: str,
    command: JsonObject | None,
    said: JsonObject,
    *,
    user_id: str = "",
) -> None:
    """Write one response: into the channel, or to the user alone (HandleCommandResponsePost).

    Args:
        call: The request.
        channel: Where the command was used.
        root_id: In which thread.
        command: The team's command; None for one of the server's own.
        said: The response, with all its keys.
        user_id: Who used it; by default who asks.

    Raises:
        AppError: The post is refused.
    """
    world, config = call.world, call.world.config
    author = world.users.get(user_id) if user_id else call.user
    if author is None:
        raise forbidden()
    target = channel["id"]
    if said["channel_id"]:
        target = str(said["channel_id"])
        if author["id"] not in world.channels.members(target):
            raise AppError(403, "api.command.command_post.forbidden.app_error", "Not a member.")
    props, from_program = dict(said["props"] or {}), command is not None
    own = command or {"username": "", "icon_url": ""}
    name = own["username"] or said["username"]
    if name and config.flag("ServiceSettings.EnablePostUsernameOverride"):
        props["override_username"], from_program = name, True
    if config.flag("ServiceSettings.EnablePostIconOverride"):
        icon = own["icon_url"] or said["icon_url"]
        props["override_icon_url"], from_program = icon, from_program or bool(icon)
    if from_program:
        props["from_webhook"] = "true"
    parse = not said["skip_slack_parsing"]
    text = links(plain(world, said["text"])) if parse else said["text"]
    found = attachments(world, said["attachments"])
    if str(said["type"]).startswith("system_"):
        raise invalid_param("post.type")
    fields: JsonObject = {
        "channel_id": target,
        "root_id": root_id,
        "message": text,
        "type": said["type"] or ("slack_attachment" if found else ""),
        "props": {**props, "attachments": found} if found else props,
    }
    if said["response_type"] == "in_channel":
        post = create_post(world, call.hub, author, fields, as_user=False)
        set_off_webhooks(world, call.hub, call.integrations, post)
    elif said["response_type"] in ("", "ephemeral") and (text or found):
        send_ephemeral(world, call.hub, author["id"], fields, user_id=author["id"])


@operation("RespondToCommand")
def respond_to_command(call: Call) -> Response:
    """POST /hooks/commands/{hook}: what a command says later; five times, without a session."""
    try:
        said = read_response(call.headers.get("Content-Type", ""), call.body)
    except ValueError:
        raise AppError(400, "web.command_webhook.parse.app_error", "The response cannot be read.") from None
    hook = call.world.integrations.command_hooks.get(call.params["hook"])
    if hook is None:
        raise _general(404)
    command = call.world.integrations.commands.get(hook.command_id)
    channel = call.world.channels.get(hook.channel_id)
    if command is None or channel is None or hook.left <= 0:
        raise _general(400)
    hook.left -= 1
    try:
        for message in (said, *(said["extra_responses"] or ())):
            write_response(
                call, channel, hook.root_id, command, {**response(), **message}, user_id=hook.user_id
            )
    except AppError:
        raise _general(500) from None
    return Response(200, b"ok", "text/plain")


def _general(status: int) -> AppError:
    return AppError(status, "web.command_webhook.general.app_error", "The response is not taken.")
