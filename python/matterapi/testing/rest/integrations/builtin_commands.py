"""The slash commands that every server has (app/slashcommands). Their texts are this server's own."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from matterapi.testing.effects.channels import change_channel, direct_channel, group_channel
from matterapi.testing.effects.membership import DEFAULT_CHANNEL, join_channel, leave_channel
from matterapi.testing.effects.posting import create_post
from matterapi.testing.http.encoding import JsonObject, dumps_text
from matterapi.testing.http.errors import AppError
from matterapi.testing.rest.call import Call
from matterapi.testing.rest.users.statuses import clear_custom_status, set_custom_status
from matterapi.testing.state.custom_status import MOST_RUNES, ZERO_TIME
from matterapi.testing.state.permissions import can_in_channel, can_in_team
from matterapi.testing.websocket.actions import publish_status
from matterapi.testing.websocket.messages import Broadcast, Event

_EMOJI = re.compile(r":([a-zA-Z0-9_+-]+):\s*")
_GROUP = range(3, 9)


@dataclass(frozen=True, slots=True)
class Use:
    """One use of a command.

    Attributes:
        call: The request.
        channel: Where it was used.
        team_id: In which team.
        root_id: In which thread; empty for none.
        text: What follows the command's name.
    """

    call: Call
    channel: JsonObject
    team_id: str
    root_id: str
    text: str

    def may(self, public: str, private: str) -> bool:
        """Whether the user has the permission that the kind of channel asks for."""
        permission = public if self.channel["type"] == "O" else private
        return can_in_channel(self.call.world, self.call.user, self.channel["id"], permission)

    def user_named(self, word: str) -> JsonObject | None:
        """Return the active account of that name."""
        user = self.call.world.users.by_username(word.removeprefix("@"))
        return None if user is None or user["delete_at"] else user

    def write(self, channel: JsonObject, message: str) -> None:
        """Write a message in the user's name."""
        fields = {"channel_id": channel["id"], "message": message}
        create_post(self.call.world, self.call.hub, self.call.user, fields, as_user=False)

    def address(self, channel: JsonObject) -> str:
        """Return where a client finds a channel."""
        team = self.call.world.teams.get(self.team_id) or {"name": ""}
        site = self.call.world.config.text("ServiceSettings.SiteURL")
        return f"{site}/{team['name']}/channels/{channel['name']}"


Run: TypeAlias = Callable[[Use], JsonObject]


@dataclass(frozen=True, slots=True)
class BuiltIn:
    """A command, and how lists show it."""

    run: Run
    hint: str
    description: str


BUILT_IN: dict[str, BuiltIn] = {}


def response(text: str = "", kind: str = "", **more: object) -> JsonObject:
    """Return a command's answer with all its keys (model.CommandResponse)."""
    blank: JsonObject = {
        "response_type": kind,
        "text": text,
        "username": "",
        "channel_id": "",
        "icon_url": "",
        "type": "",
        "props": None,
        "goto_location": "",
        "trigger_id": "",
        "skip_slack_parsing": False,
        "attachments": None,
        "extra_responses": None,
    }
    return {**blank, **more}


def ephemeral(text: str) -> JsonObject:
    """Return a response that only the user sees."""
    return response(text, "ephemeral")


def _command(*names: str, hint: str = "", description: str) -> Callable[[Run], Run]:
    def register(run: Run) -> Run:
        BUILT_IN.update({name: BuiltIn(run, hint, description) for name in names})
        return run

    return register


@_command("me", hint="[message]", description="Say what you do")
def _me(use: Use) -> JsonObject:
    return response(f"*{use.text}*", "in_channel", type="me")


@_command("shrug", hint="[message]", description="Shrug at the end of a message")
def _shrug(use: Use) -> JsonObject:
    return response(f"{use.text} ¯\\\\\\_(ツ)\\_/¯".lstrip(), "in_channel")


@_command("code", hint="[text]", description="Show text as a block of code")
def _code(use: Use) -> JsonObject:
    if not use.text:
        return ephemeral("Give /code a text.")
    lines = "\n".join(f"    {line}" for line in use.text.split("\n"))
    return response(lines, "in_channel", skip_slack_parsing=True)


@_command("echo", hint="'message' [delay in seconds]", description="Say a message, at once here")
def _echo(use: Use) -> JsonObject:
    """Write the message; a delay is passed over, where a real server waits."""
    if not use.text:
        return ephemeral("Give /echo a message.")
    message = re.sub(r"\s+\d+$", "", use.text).strip('"')
    fields = {"channel_id": use.channel["id"], "message": message, "root_id": use.root_id}
    create_post(use.call.world, use.call.hub, use.call.user, fields, as_user=False)
    return response()


def _status(use: Use, status: str, text: str) -> JsonObject:
    call, user_id = use.call, use.call.user["id"]
    if status == "away":
        tells = call.world.statuses.go_away(user_id, call.now, manual=True)
    else:
        tells = call.world.statuses.set(user_id, status, call.now, manual=status != "online")
    if tells:
        publish_status(call.world, call.hub, user_id)
    return ephemeral(text)


@_command("away", description="Say that you are away")
def _away(use: Use) -> JsonObject:
    return _status(use, "away", "You are away.")


@_command("offline", description="Look offline")
def _offline(use: Use) -> JsonObject:
    return _status(use, "offline", "You look offline.")


@_command("online", description="Say that you are online")
def _online(use: Use) -> JsonObject:
    return _status(use, "online", "You are online.")


@_command("dnd", description="Ask not to be disturbed")
def _dnd(use: Use) -> JsonObject:
    return _status(use, "dnd", "You are not disturbed.")


@_command("status", hint="[:emoji_name:] [status_message] or clear", description="Say what you are at")
def _custom_status(use: Use) -> JsonObject:
    text = use.text.strip()
    if text == "clear":
        clear_custom_status(use.call, use.call.user)
        return ephemeral("Your status is gone.")
    found = _EMOJI.match(text)
    emoji, text = (found[1], text[found.end() :]) if found else ("speech_balloon", text)
    status = {"emoji": emoji, "text": text[:MOST_RUNES], "duration": "", "expires_at": ZERO_TIME}
    set_custom_status(use.call, use.call.user, status)
    return ephemeral(f"Your status is :{emoji}: {text}")


def _prefer(use: Use, value: str) -> None:
    preference = {
        "user_id": use.call.user["id"],
        "category": "display_settings",
        "name": "collapse_previews",
        "value": value,
    }
    use.call.world.preferences.put(preference)
    data = {"preference": dumps_text(preference)}
    use.call.hub.publish(Event("preference_changed", data, Broadcast(user_id=use.call.user["id"])))


@_command("expand", description="Show pictures at once")
def _expand(use: Use) -> JsonObject:
    _prefer(use, "false")
    return ephemeral("Pictures are shown.")


@_command("collapse", description="Hide pictures at first")
def _collapse(use: Use) -> JsonObject:
    _prefer(use, "true")
    return ephemeral("Pictures are hidden.")


def _change(use: Use, key: str) -> JsonObject:
    may = use.may("manage_public_channel_properties", "manage_private_channel_properties")
    if use.channel["type"] in ("D", "G"):
        may = key == "header"
    if not may:
        return ephemeral("You may not change this channel.")
    if not use.text:
        return ephemeral("A text is missing.")
    if key == "display_name" and not 2 <= len(use.text.encode()) <= 64:
        return ephemeral("A name has 2 to 64 characters.")
    change_channel(use.call.world, use.call.hub, use.channel, use.call.user, {key: use.text})
    return response()


@_command("header", hint="[text]", description="Change the channel's header")
def _header(use: Use) -> JsonObject:
    return _change(use, "header")


@_command("purpose", hint="[text]", description="Change the channel's purpose")
def _purpose(use: Use) -> JsonObject:
    return _change(use, "purpose")


@_command("rename", hint="[text]", description="Rename the channel")
def _rename(use: Use) -> JsonObject:
    return _change(use, "display_name")


@_command("join", "open", hint="~[channel]", description="Join a channel")
def _join(use: Use) -> JsonObject:
    world, user = use.call.world, use.call.user
    channel = world.channels.by_name(use.team_id, use.text.lower().removeprefix("~"))
    if channel is None or channel["delete_at"]:
        return ephemeral("There is no such channel.")
    if channel["type"] == "O":
        may = can_in_team(world, user, channel["team_id"], "join_public_channels")
    else:
        may = can_in_channel(world, user, channel["id"], "read_channel")
    if not may:
        return ephemeral("You cannot join that channel.")
    join_channel(world, use.call.hub, channel, user, by=user)
    return response(goto_location=use.address(channel))


@_command("leave", description="Leave the channel")
def _leave(use: Use) -> JsonObject:
    if use.channel["name"] == DEFAULT_CHANNEL:
        return ephemeral("Nobody leaves that channel.")
    if use.channel["type"] in ("D", "G"):
        return ephemeral("A conversation cannot be left.")
    user = use.call.user
    leave_channel(use.call.world, use.call.hub, use.channel, user, by=user)
    return response(goto_location=use.address({"name": DEFAULT_CHANNEL}))


@_command("remove", "kick", hint="@[username]", description="Remove a member from the channel")
def _remove(use: Use) -> JsonObject:
    if use.channel["type"] in ("D", "G"):
        return ephemeral("Nobody can be removed from a conversation.")
    if not use.may("manage_public_channel_members", "manage_private_channel_members"):
        return ephemeral("You may not remove members.")
    user = use.user_named(use.text.partition(" ")[0]) if use.text else None
    if user is None:
        return ephemeral("There is no such user.")
    if user["id"] not in use.call.world.channels.members(use.channel["id"]):
        return ephemeral("He is no member.")
    if use.channel["name"] == DEFAULT_CHANNEL:
        return ephemeral("Nobody leaves that channel.")
    leave_channel(use.call.world, use.call.hub, use.channel, user, by=use.call.user)
    return response()


@_command("invite", hint="@[username]... ~[channel]...", description="Add users to channels")
def _invite(use: Use) -> JsonObject:
    words = use.text.split()
    users = [use.user_named(word) for word in words if word.startswith("@")]
    names = [word[1:] for word in words if word.startswith("~")]
    if not users:
        return ephemeral("Name a user.")
    if None in users:
        return ephemeral("There is no such user.")
    world = use.call.world
    found = [world.channels.by_name(use.team_id, name) for name in names] or [use.channel]
    done = [_add(use, channel, user) for channel in found for user in users if user is not None]
    return ephemeral("\n".join(text for text in done if text))


def _add(use: Use, channel: JsonObject | None, user: JsonObject) -> str:
    """Add one user to one channel; returns what is to be told of it."""
    world = use.call.world
    if channel is None or channel["type"] in ("D", "G"):
        return "There is no such channel."
    kind = "public" if channel["type"] == "O" else "private"
    if not can_in_channel(world, use.call.user, channel["id"], f"manage_{kind}_channel_members"):
        return "You may not add members."
    if user["id"] in world.channels.members(channel["id"]):
        return f"@{user['username']} is a member."
    if not world.teams.is_member(channel["team_id"], user["id"]):
        return f"@{user['username']} is not in the team."
    join_channel(world, use.call.hub, channel, user, by=use.call.user)
    return "" if channel is use.channel else f"@{user['username']} is in {channel['name']} now."


@_command("msg", hint="@[username] 'message'", description="Write to a user")
def _msg(use: Use) -> JsonObject:
    name, _, message = use.text.partition(" ")
    call, user = use.call, use.user_named(name)
    if user is None or user["id"] == call.user["id"]:
        return ephemeral("There is no such user.")
    channel = direct_channel(call.world, call.hub, call.user["id"], user["id"])
    if message:
        use.write(channel, message)
    return response(kind="ephemeral", goto_location=use.address(channel))


@_command("groupmsg", hint="@[username1],@[username2] 'message'", description="Write to several users")
def _groupmsg(use: Use) -> JsonObject:
    parts = [part.strip() for part in use.text.split(",")]
    last, _, message = parts[-1].partition(" ")
    users = [use.user_named(name) for name in (*parts[:-1], last) if name]
    if None in users:
        return ephemeral("There is no such user.")
    me = use.call.user["id"]
    ids = list(dict.fromkeys([me, *(user["id"] for user in users if user is not None)]))
    if len(ids) == 2:
        other = use.call.world.users.get(ids[1]) or {}
        return _msg(Use(use.call, use.channel, use.team_id, use.root_id, f"{other['username']} {message}"))
    if len(ids) not in _GROUP:
        return ephemeral("A group has three to eight members.")
    channel = group_channel(use.call.world, use.call.hub, ids)
    if message:
        use.write(channel, message)
    return response(kind="ephemeral", goto_location=use.address(channel))


@_command("mute", hint="~[channel]", description="Mute a channel, or let it be heard again")
def _mute(use: Use) -> JsonObject:
    world, name = use.call.world, use.text.split(" ")[0].removeprefix("~")
    channel = world.channels.by_name(use.channel["team_id"], name) if name else use.channel
    if channel is None:
        return ephemeral("There is no such channel.")
    member = world.channels.member(channel["id"], use.call.user["id"])
    if member is None:
        return ephemeral("You are no member.")
    muted = member["notify_props"].get("mark_unread") == "mention"
    member["notify_props"]["mark_unread"] = "all" if muted else "mention"
    member["last_update_at"] = use.call.now
    data = {"channelMember": dumps_text(member)}
    use.call.hub.publish(Event("channel_member_updated", data, Broadcast(user_id=use.call.user["id"])))
    return ephemeral("The channel is heard again." if muted else "The channel is muted.")


@_command("logout", description="Log out")
def _logout(_use: Use) -> JsonObject:
    return response(goto_location="/login")


@_command("help", description="Show help")
def _help(_use: Use) -> JsonObject:
    return ephemeral("Commands begin with a slash.")


@_command("invite_people", hint="[name@domain.com ...]", description="Invite people by mail")
def _invite_people(_use: Use) -> JsonObject:
    return ephemeral("Invitations are sent.")


def _clients_own(_use: Use) -> JsonObject:
    return ephemeral("That is done by the client itself.")


for _name, _hint in (("search", "[text]"), ("settings", ""), ("shortcuts", "")):
    _command(_name, hint=_hint, description="Done by the client itself")(_clients_own)
# EventEntry, but shown in no list.
HIDDEN: dict[str, Run] = {"marketplace": _clients_own}


def run_built_in(name: str, use: Use) -> JsonObject | None:
    """Run a command of the server's own; None if there is none of that name."""
    known = BUILT_IN.get(name)
    run = known.run if known else HIDDEN.get(name)
    if run is None:
        return None
    try:
        return run(use)
    except AppError as refused:
        return ephemeral(refused.message)
