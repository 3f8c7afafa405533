"""`python -m tests.docs.peer_names`: write the tables of names in docs/coming-from-mattermost*.md anew."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from matterapi import SyncClient
from tests.docs.peers import ROOT, methods, routes_of_methods, server_operations

BEGIN, END = "<!-- table of names -->\n", "<!-- end of the table of names -->\n"
LIBRARIES = ("mattermostdriver", "mattermostautodriver")
BY_HAND = {
    "mattermostdriver": {
        "channels.convert_channel": "channels.update_channel_privacy",
        "commands.delete_command": "commands.delete_command",
        "commands.generate_new_token": "commands.regen_command_token",
        "commands.list_autocomplete_commands": "commands.list_autocomplete_commands",
        "commands.update_command": "commands.update_command",
        "oauth.get_authorized_oauth_apps": "oauth.get_authorized_oauth_apps_for_user",
        "reactions.get_reactions_of_post": "reactions.get_reactions",
        "roles.get_list_of_roles_by_name": "roles.get_roles_by_names",
        "webhooks.call_webhook": "webhooks.send",
        "webhooks.regenerate_token_outgoing_hook": "webhooks.regen_outgoing_hook_token",
    },
    "mattermostautodriver": {"system.connect_web_socket": "client.events"},
}
"""Methods that send to no route of the server, or send nothing, and what they are for."""


def path(library: str) -> Path:
    return ROOT / "docs" / f"coming-from-{library}.md"


def others(library: str) -> dict[str, str]:
    """The methods of a library that are called otherwise here, and our names."""
    ours: dict[str, list[str]] = {}
    for name, route in server_operations().items():
        ours.setdefault(route, []).append(name)
    found = dict(BY_HAND[library])
    for name, route in routes_of_methods(library).items():
        same_group = [one for one in ours[route] if one.split(".")[0] == name.split(".")[0]]
        found[name] = name if name in ours[route] else (same_group or ours[route])[0]
    return {name: here for name, here in sorted(found.items()) if name != here}


def gone(library: str) -> list[str]:
    """The methods of a library that have no counterpart, as the server has none."""
    known = {*routes_of_methods(library), *BY_HAND[library]}
    return sorted(name for name in methods(library) if name not in known and not is_ours(name))


def is_ours(name: str) -> bool:
    """Whether a client has a method of that name, such as `users.get_user`; `client` is the client itself."""
    target: Any = SyncClient("http://localhost")
    for part in name.removeprefix("client.").split("."):
        target = getattr(target, part, None)
    return callable(target)


def table(library: str) -> str:
    """The table of names."""
    lines = [f"| {library} | matterapi |", "|---|---|"]
    lines += [f"| `{name}` | `{here}` |" for name, here in others(library).items()]
    lines += [f"| `{name}` | |" for name in gone(library)]
    return "\n".join(lines) + "\n"


def written(library: str) -> str:
    """The table as the page has it."""
    return path(library).read_text("utf-8").partition(BEGIN)[2].partition(END)[0]


if __name__ == "__main__":
    for one in LIBRARIES:
        head, _, rest = path(one).read_text("utf-8").partition(BEGIN)
        path(one).write_text(head + BEGIN + table(one) + END + rest.partition(END)[2], "utf-8")
