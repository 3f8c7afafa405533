"""What the server makes of a post's props and links: attachments, channel mentions, embeds.

Attachments are kept and shown with all their fields (model.SlackAttachment); a link is shown as one, for its
page is never fetched, and neither are images.
"""

import re

from matterapi.testing.catalogue.decoding import decodes
from matterapi.testing.catalogue.operations import bundled
from matterapi.testing.http.encoding import JsonObject
from matterapi.testing.state.world import World

_TEXTS = (
    "fallback",
    "color",
    "pretext",
    "author_name",
    "author_link",
    "author_icon",
    "title",
    "title_link",
    "text",
)
_LATER_TEXTS = ("image_url", "thumb_url", "footer", "footer_icon")
# Left out of an action when empty (`omitempty` of model.PostAction), in the server's order.
_ACTION = (
    "id",
    "type",
    "name",
    "disabled",
    "style",
    "data_source",
    "options",
    "default_option",
    "integration",
    "cookie",
)
_CHANNEL_MENTION = re.compile(r"\B~[a-zA-Z0-9_-]+")
_CODE = re.compile(r"```.*?(?:```|$)|`[^`\n]+`", re.DOTALL)
_NAMED = re.compile(r"!?\[[^\]]*\]\([^)]*\)")
_LINK = re.compile(r"https?://[^\s<>\"]+")


def complete_props(world: World, post: JsonObject, team_id: str) -> None:
    """Write a post's attachments with all their fields, and name the public channels its message mentions.

    Args:
        world: The server's state: its channels and teams.
        post: The record, which gets new props.
        team_id: Team of the post's channel, "" for none.
    """
    props = {key: value for key, value in post["props"].items() if key != "channel_mentions"}
    if props.get("attachments") is not None:
        props["attachments"] = _attachments(world, props["attachments"])
    names = dict.fromkeys(found[1:] for found in _CHANNEL_MENTION.findall(post["message"]))
    channels = (world.channels.by_name(team_id, name) for name in names)
    team = world.teams.get(team_id) or {}
    mentions = {
        channel["name"]: {"display_name": channel["display_name"], "team_name": team["name"]}
        for channel in channels
        if channel is not None and channel["type"] == "O" and team
    }
    post["props"] = {**props, "channel_mentions": mentions} if mentions else props


def with_shown_attachments(props: JsonObject) -> JsonObject:
    """Return props as clients see them: without the integrations behind the buttons of attachments."""
    attachments = props.get("attachments")
    if not isinstance(attachments, list):
        return props
    return {**props, "attachments": [_shown(attachment) for attachment in attachments]}


def _shown(attachment: JsonObject) -> JsonObject:
    if "actions" not in attachment:
        return attachment
    actions = [
        {key: value for key, value in action.items() if key != "integration"}
        for action in attachment["actions"]
    ]
    return {**attachment, "actions": actions}


def embed_of(post: JsonObject) -> JsonObject | None:
    """Return the embed of a post: its attachments, or the first link of its message."""
    if "attachments" in post["props"]:
        return {"type": "message_attachment"}
    link = first_link(post["message"])
    return {"type": "link", "url": link} if link else None


def first_link(message: str) -> str:
    """Return the first bare address of a message that is outside code, images and named links."""
    match = _LINK.search(_NAMED.sub(" ", _CODE.sub(" ", message)))
    if match is None:
        return ""
    link = match[0].rstrip(".,:;!?'\"*_~")
    while link.endswith(")") and link.count(")") > link.count("("):
        link = link[:-1]
    return link


def _attachments(world: World, given: object) -> list[JsonObject]:
    """Complete those that are attachments; others are passed over (model.Post, Attachments)."""
    kind, schemas = {"ref": "MessageAttachment"}, bundled().schemas
    if not isinstance(given, list):
        return []
    return [_complete(world, embed) for embed in given if embed and decodes(kind, embed, schemas)]


def _complete(world: World, given: JsonObject) -> JsonObject:
    fields = given.get("fields")
    shown: JsonObject = {"id": given.get("id") or 0}
    shown |= {key: given.get(key) or "" for key in _TEXTS}
    shown["fields"] = (
        None if fields is None else [_field(field_name) for field_name in fields if field_name is not None]
    )
    shown |= {key: given.get(key) or "" for key in _LATER_TEXTS}
    shown["ts"] = given.get("ts")
    actions = [_action(world, action) for action in given.get("actions") or () if action is not None]
    return {**shown, "actions": actions} if actions else shown


def _field(given: JsonObject) -> JsonObject:
    return {"title": given.get("title") or "", "value": given.get("value"), "short": bool(given.get("short"))}


def _action(world: World, given: JsonObject) -> JsonObject:
    named = {**given, "id": given.get("id") or world.ids.new()}
    return {key: named[key] for key in _ACTION if named.get(key)}
