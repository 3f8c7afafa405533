"""Slash commands that teams have made, and the lists of all (api4/command.go)."""

from matterapi.testing.http.encoding import JsonObject
from matterapi.testing.http.errors import AppError, forbidden, invalid_body, no_such_team, no_such_user
from matterapi.testing.http.integration_client import is_http_url
from matterapi.testing.http.response import Response, json_response, ok
from matterapi.testing.rest.call import Call
from matterapi.testing.rest.registry import operation
from matterapi.testing.state.clock import is_id
from matterapi.testing.state.integrations import texts
from matterapi.testing.state.permissions import can, can_in_team, require

from .builtin_commands import BUILT_IN

_OWN, _OTHERS = "manage_own_slash_commands", "manage_others_slash_commands"
_TEXTS = (
    "username",
    "icon_url",
    "auto_complete_desc",
    "auto_complete_hint",
    "display_name",
    "description",
)
_ORDER = (
    "id", "token", "create_at", "update_at", "delete_at", "creator_id", "team_id", "trigger", "method",
    "username", "icon_url", "auto_complete", "auto_complete_desc", "auto_complete_hint", "display_name",
    "description", "url", "plugin_id",
)  # fmt: skip
# What lists show of a command to those who do not manage it (Command.Sanitize).
_SECRET = ("token", "creator_id", "method", "url", "username", "icon_url")


def check_enabled(call: Call) -> None:
    """Refuse everything about commands where the settings switch them off.

    Raises:
        AppError: 501.
    """
    if not call.world.config.flag("ServiceSettings.EnableCommands"):
        raise AppError(501, "api.command.disabled.app_error", "Commands are switched off.")


def _may(call: Call, team_id: str, permission: str) -> bool:
    return can_in_team(call.world, call.user, team_id, permission)


def _unknown() -> AppError:
    return AppError(404, "store.sql_command.save.get.app_error", "No such command.")


def _command(call: Call) -> JsonObject:
    command = call.world.integrations.commands.get(call.params["command_id"])
    disabled = not call.world.config.flag("ServiceSettings.EnableCommands")
    if command is None or disabled or not _may(call, command["team_id"], _OWN):
        raise _unknown()
    return command


def _managed(call: Call) -> JsonObject:
    command = _command(call)
    require(command["creator_id"] == call.user["id"] or _may(call, command["team_id"], _OTHERS))
    return command


def _settled(fields: JsonObject) -> JsonObject:
    trigger, url = (str(fields.get(name) or "") for name in ("trigger", "url"))
    return {
        "trigger": trigger.lower(),
        "url": url,
        "method": str(fields.get("method") or ""),
        "auto_complete": bool(fields.get("auto_complete")),
        **texts(fields, *_TEXTS),
    }


def _check(command: JsonObject) -> None:
    trigger = command["trigger"]
    checks = (
        ("team_id", is_id(command["team_id"])),
        ("trigger", 1 <= len(trigger) <= 128 and not trigger.startswith("/") and " " not in trigger),
        ("url", 0 < len(command["url"]) <= 1024),
        ("url_http", is_http_url(command["url"])),
        ("method", command["method"] in ("P", "G")),
        ("display_name", len(command["display_name"].encode()) <= 64),
        ("description", len(command["description"].encode()) <= 128),
    )
    for name, passes in checks:
        if not passes:
            raise AppError(400, f"model.command.is_valid.{name}.app_error", f"The {name} is not valid.")


@operation("CreateCommand")
def create_command(call: Call) -> Response:
    """POST /commands: the name may not be one of the server's own, nor another of the team's."""
    fields = call.json_object("command")
    team_id = str(fields.get("team_id") or "")
    require(_may(call, team_id, _OWN))
    creator_id = str(fields.get("creator_id") or call.user["id"])
    if creator_id != call.user["id"]:
        require(_may(call, team_id, _OTHERS))
        if call.world.users.get(creator_id) is None:
            raise no_such_user()
    check_enabled(call)
    command: JsonObject = {
        "id": call.world.ids.new(),
        "token": call.world.ids.new(),
        "create_at": call.now,
        "update_at": call.now,
        "delete_at": 0,
        "creator_id": creator_id,
        "team_id": team_id,
        "plugin_id": "",
        **_settled(fields),
    }
    known = call.world.integrations.command(team_id, command["trigger"])
    if known is not None or command["trigger"] in BUILT_IN:
        raise AppError(400, "api.command.duplicate_trigger.app_error", "There is such a command.")
    _check(command)
    call.world.integrations.commands[command["id"]] = command
    return json_response(_shown(command), 201)


def _shown(command: JsonObject) -> JsonObject:
    return {name: command[name] for name in _ORDER}


@operation("UpdateCommand")
def update_command(call: Call) -> Response:
    """PUT /commands/{command_id}."""
    fields = call.json_object("command")
    if fields.get("id") != call.params["command_id"]:
        raise invalid_body("command")
    command = call.world.integrations.commands.get(call.params["command_id"])
    if command is None:
        raise _unknown()
    if fields.get("team_id") != command["team_id"]:
        raise AppError(400, "api.command.team_mismatch.app_error", "A command stays in its team.")
    command = _managed(call)
    changed = {**command, **_settled(fields), "update_at": call.now}
    _check(changed)
    command.update(changed)
    return json_response(_shown(command))


@operation("MoveCommand")
def move_command(call: Call) -> Response:
    """PUT /commands/{command_id}/move: to a team where its creator may have commands."""
    team_id = str(call.json_object("team_id").get("team_id") or "")
    if call.world.teams.get(team_id) is None:
        raise no_such_team()
    require(_may(call, team_id, _OWN))
    command = _managed(call)
    creator = call.world.users.get(command["creator_id"])
    if creator is None or not can_in_team(call.world, creator, team_id, _OWN):
        raise AppError(
            400, "api.command.move_command.creator_no_permission.app_error", "Its creator may not be there."
        )
    command.update(team_id=team_id, update_at=call.now)
    return ok()


@operation("DeleteCommand")
def delete_command(call: Call) -> Response:
    """DELETE /commands/{command_id}."""
    del call.world.integrations.commands[_managed(call)["id"]]
    return ok()


@operation("GetCommandById")
def get_command_by_id(call: Call) -> Response:
    """GET /commands/{command_id}: 404 also for who may not see it."""
    try:
        return json_response(_shown(_managed(call)))
    except AppError:
        raise _unknown() from None


@operation("RegenCommandToken")
def regen_command_token(call: Call) -> Response:
    """PUT /commands/{command_id}/regen_token."""
    command = _managed(call)
    command["token"] = call.world.ids.new()
    return json_response({"token": command["token"]})


@operation("ListCommands")
def list_commands(call: Call) -> Response:
    """GET /commands: all of a team, or with `custom_only=true` its own ones, with their tokens."""
    team_id = call.text("team_id")
    if not team_id:
        raise invalid_body("team_id")
    require(_may(call, team_id, "view_team"))
    manages = _may(call, team_id, _OWN)
    mine = "" if _may(call, team_id, _OTHERS) else call.user["id"]
    own = [channel for channel in _of_team(call, team_id) if mine in ("", channel["creator_id"])]
    if call.flag("custom_only"):
        if not manages:
            raise forbidden()
        check_enabled(call)
        return json_response([_shown(entry) for entry in own])
    if not manages:
        return json_response(autocompleted(call, team_id))
    return json_response([*_built_in(), *(_public(entry) for entry in own)])


def _of_team(call: Call, team_id: str) -> list[JsonObject]:
    return [command for command in call.world.integrations.commands.values() if command["team_id"] == team_id]


def _public(command: JsonObject) -> JsonObject:
    return {**_shown(command), **dict.fromkeys(_SECRET, "")}


def _built_in() -> list[JsonObject]:
    blank: JsonObject = {name: 0 if name.endswith("_at") else "" for name in _ORDER}
    return [
        {
            **blank,
            "trigger": name,
            "auto_complete": True,
            "auto_complete_desc": codepoints.description,
            "auto_complete_hint": codepoints.hint,
            "display_name": name,
        }
        for name, codepoints in BUILT_IN.items()
    ]


def autocompleted(call: Call, team_id: str) -> list[JsonObject]:
    """Return the commands that clients offer: the team's that are to be offered, and the server's own."""
    enabled = call.world.config.flag("ServiceSettings.EnableCommands")
    own = [channel for channel in _of_team(call, team_id) if channel["auto_complete"]] if enabled else []
    return [*(_public(entry) for entry in own), *_built_in()]


@operation("ListAutocompleteCommands")
def list_autocomplete_commands(call: Call) -> Response:
    """GET /teams/{team_id}/commands/autocomplete."""
    require(_may(call, call.params["team_id"], "view_team"))
    return json_response(autocompleted(call, call.params["team_id"]))


@operation("ListCommandAutocompleteSuggestions")
def list_command_autocomplete_suggestions(call: Call) -> Response:
    """GET /teams/{team_id}/commands/autocomplete_suggestions: commands that begin like `user_input`."""
    require(can(call.world, call.user, "view_team") or _may(call, call.params["team_id"], "view_team"))
    typed = call.text("user_input").removeprefix("/")
    if not call.text("user_input"):
        raise invalid_body("userInput")
    found = [
        {
            "Complete": command["trigger"],
            "Suggestion": command["trigger"],
            "Hint": command["auto_complete_hint"],
            "Description": command["auto_complete_desc"],
            "IconData": "",
        }
        for command in autocompleted(call, call.params["team_id"])
        if command["trigger"].startswith(typed.lower())
    ]
    return json_response(sorted(found, key=lambda entry: str(entry["Complete"])))
