"""Hooks, slash commands and what they leave behind."""

from collections import OrderedDict
from dataclasses import dataclass, field

from matterapi.testing.http.encoding import JsonObject

# How often a command may answer later through the address it was given.
LATER_RESPONSES = 5
# And for how long (model.CommandWebhookLifetime).
LATER_MS = 30 * 60 * 1000


@dataclass(slots=True)
class CommandHook:
    """Where a command may answer later: `/hooks/commands/{id}`.

    Attributes:
        command_id: The command.
        user_id: Who used it.
        channel_id: Where.
        root_id: In which thread; empty for none.
        at: When it was used, in ms.
        left: How many responses are still taken.
    """

    command_id: str
    user_id: str
    channel_id: str
    root_id: str
    at: int
    left: int = LATER_RESPONSES


@dataclass(slots=True)
class Trigger:
    """A use of a command or a button, which may open a dialog for its user.

    Attributes:
        client_id: Id that the user's client knows it by.
        user_id: Who is to see the dialog.
        at: When it was, in ms.
    """

    client_id: str
    user_id: str
    at: int


@dataclass(slots=True)
class Integrations:
    """All integrations of one server, by id."""

    incoming: dict[str, JsonObject] = field(default_factory=dict)
    outgoing: dict[str, JsonObject] = field(default_factory=dict)
    commands: dict[str, JsonObject] = field(default_factory=dict)
    command_hooks: OrderedDict[str, CommandHook] = field(default_factory=OrderedDict)
    triggers: OrderedDict[str, Trigger] = field(default_factory=OrderedDict)
    oauth_apps: dict[str, JsonObject] = field(default_factory=dict)

    def command(self, team_id: str, trigger: str) -> JsonObject | None:
        """Return the team's own command of that name."""
        for command in self.commands.values():
            if command["team_id"] == team_id and command["trigger"] == trigger:
                return command
        return None


def texts(fields: JsonObject, *names: str) -> JsonObject:
    """Return those fields as texts; empty where they are missing."""
    return {name: str(fields.get(name) or "") for name in names}
