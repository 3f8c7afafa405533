"""What integrations may send in the forms of another chat: announcements, mentions, links, attachments."""

import re

from matterapi.testing.http.encoding import JsonObject
from matterapi.testing.state.world import World

_LINK = re.compile(r"<([^\n<|>]+)\|([^|\n>]+)>")
_USER = re.compile(r"<@([a-zA-Z0-9]+)>")
_ANNOUNCEMENTS = {"<!channel>": "@channel", "<!here>": "@here", "<!all>": "@all"}


def plain(world: World, text: str) -> str:
    """Turn announcements and mentions into those of this server (app/slack.go, ProcessSlackText)."""
    for other, own in _ANNOUNCEMENTS.items():
        text = text.replace(other, own)

    def name(found: "re.Match[str]") -> str:
        user = world.users.get(found[1])
        return f"@{user['username']}" if user else found[0]

    return _USER.sub(name, text)


def links(text: str) -> str:
    """Turn links into Markdown."""
    return _LINK.sub(r"[\2](\1)", text)


def attachments(world: World, given: object) -> list[JsonObject]:
    """Return attachments with their texts turned into this server's (app/slack.go)."""
    found = (
        [dict(attachment) for attachment in given if isinstance(attachment, dict)]
        if isinstance(given, list)
        else []
    )
    for attachment in found:
        for name in ("pretext", "text", "title"):
            text = plain(world, str(attachment.get(name) or ""))
            attachment[name] = text if name == "title" else links(text)
        fields = attachment.get("fields")
        if isinstance(fields, list):
            attachment["fields"] = [_field(world, field) for field in fields if isinstance(field, dict)]
    return found


def _field(world: World, given: JsonObject) -> JsonObject:
    value = given.get("value")
    return given if value is None else {**given, "value": links(plain(world, str(value)))}
