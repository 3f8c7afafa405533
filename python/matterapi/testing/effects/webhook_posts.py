"""Posts that come through webhooks, and webhooks that posts set off (app/webhook.go)."""

from urllib.parse import urlencode

from matterapi.testing.http.encoding import JsonObject, dumps, loads
from matterapi.testing.http.errors import AppError, invalid_param
from matterapi.testing.http.integration_client import IntegrationClient, IntegrationError
from matterapi.testing.state.posts import MAX_RUNES
from matterapi.testing.state.world import World
from matterapi.testing.websocket.hub import Hub

from .posting import create_post
from .slack_forms import attachments, links, plain

_DEFAULT_NAME = "webhook"
_EXACT, _STARTS_WITH = 0, 1
_RESERVED = ("override_icon_url", "override_username", "from_webhook")


def webhook_post(
    world: World, hub: Hub, author: JsonObject, channel: JsonObject, request: JsonObject, *, root_id: str = ""
) -> None:
    """Write what a webhook sent; a text that is too long for one post becomes several.

    Args:
        world: The server's state.
        hub: Where events are published.
        author: In whose name.
        channel: Where.
        request: `text`, `attachments`, `props`, `type`, `username`, `icon_url`, `icon_emoji`, `priority`.
        root_id: The post that it answers.

    Raises:
        AppError: 400 for a type or a priority that cannot be, 500 where a post is refused.
    """
    kind = str(request.get("type") or "")
    priority = request.get("priority")
    if priority is not None and (not isinstance(priority, dict) or priority.get("priority") is None):
        raise invalid_param("webhook.priority.priority")
    if kind.startswith("system_"):
        raise invalid_param("post.type")
    props = _props(world, request)
    found = attachments(world, request.get("attachments"))
    text = links(plain(world, str(request.get("text") or "")))
    for number, piece in enumerate(_pieces(text)):
        is_last = (number + 1) * MAX_RUNES >= len(text)
        fields: JsonObject = {
            "channel_id": channel["id"],
            "message": piece,
            "type": kind or ("slack_attachment" if found else ""),
            "root_id": root_id,
            "props": {**props, "attachments": found} if found and is_last else dict(props),
        }
        if priority is not None:
            fields["metadata"] = {"priority": priority}
        try:
            create_post(world, hub, author, fields, set_online=False, as_user=False)
        except AppError as refused:
            raise AppError(500, "api.post.create_webhook_post.creating.app_error") from refused


def _pieces(text: str) -> list[str]:
    return [text[at : at + MAX_RUNES] for at in range(0, len(text), MAX_RUNES)] or [""]


def _props(world: World, request: JsonObject) -> JsonObject:
    given = request.get("props")
    props = {
        key: value
        for key, value in (given.items() if isinstance(given, dict) else ())
        if key not in (*_RESERVED, "attachments")
    }
    props["from_webhook"] = "true"
    if world.config.flag("ServiceSettings.EnablePostUsernameOverride"):
        props["override_username"] = str(request.get("username") or _DEFAULT_NAME)
    if world.config.flag("ServiceSettings.EnablePostIconOverride"):
        for key in ("icon_url", "icon_emoji"):
            if request.get(key):
                props[f"override_{key}"] = str(request[key])
    return props


def set_off_webhooks(world: World, hub: Hub, integrations: IntegrationClient, post: JsonObject) -> None:
    """Tell a new post to the outgoing webhooks that wait for one like it; their answers become posts."""
    channel = world.channels.get(post["channel_id"])
    if channel is None or channel["type"] != "O":
        return
    if not world.config.flag("ServiceSettings.EnableOutgoingWebhooks"):
        return
    words = post["message"].split()
    for hook in list(world.integrations.outgoing.values()):
        if hook["team_id"] != channel["team_id"] or hook["channel_id"] not in ("", channel["id"]):
            continue
        word = _trigger(hook, channel["id"], words[0] if words else "")
        if word is None:
            continue
        for url in hook["callback_urls"]:
            payload = _payload(world, hook, post, channel, word)
            integrations.later(_tell(world, hub, integrations, hook, url=url, payload=payload))


def _trigger(hook: JsonObject, channel_id: str, first: str) -> str | None:
    """Return the word that sets a webhook off, "" for every post of its channel, None for no match."""
    if hook["channel_id"] == channel_id and not hook["trigger_words"]:
        return ""
    if not first:
        return None
    for word in hook["trigger_words"]:
        exact = hook["trigger_when"] == _EXACT and word == first
        if exact or (hook["trigger_when"] == _STARTS_WITH and first.startswith(word)):
            return str(word)
    return None


def _payload(world: World, hook: JsonObject, post: JsonObject, channel: JsonObject, word: str) -> JsonObject:
    author = world.users.get(post["user_id"]) or {"username": ""}
    team = world.teams.get(channel["team_id"]) or {"name": ""}
    return {
        "token": hook["token"],
        "team_id": hook["team_id"],
        "team_domain": team["name"],
        "channel_id": post["channel_id"],
        "channel_name": channel["name"],
        "timestamp": post["create_at"],
        "user_id": post["user_id"],
        "user_name": author["username"],
        "post_id": post["id"],
        "text": post["message"],
        "trigger_word": word,
        "file_ids": ",".join(post["file_ids"]),
    }


async def _tell(
    world: World,
    hub: Hub,
    integrations: IntegrationClient,
    hook: JsonObject,
    *,
    url: str,
    payload: JsonObject,
) -> None:
    is_json = hook["content_type"] == "application/json"
    form = {**payload, "timestamp": str(payload["timestamp"] // 1000)}
    body = dumps(payload) if is_json else urlencode(form).encode()
    kind = "application/json" if is_json else "application/x-www-form-urlencoded"
    try:
        response = await integrations.ask(
            "POST", url, body, {"Content-Type": kind, "Accept": "application/json"}
        )
        said = loads(response.body)
    except (IntegrationError, ValueError):
        return
    author, channel = world.users.get(hook["creator_id"]), world.channels.get(payload["channel_id"])
    if not isinstance(said, dict) or author is None or channel is None:
        return
    if said.get("text") is None and not said.get("attachments"):
        return
    given = said.get("props")
    request = {
        **said,
        "username": said.get("username") or hook["username"],
        "icon_url": said.get("icon_url") or hook["icon_url"],
        "icon_emoji": "",
        "props": {
            **(given if isinstance(given, dict) else {}),
            "webhook_display_name": hook["display_name"],
        },
    }
    root = world.posts.alive(payload["post_id"])
    responses = said.get("response_type") == "comment" and root is not None
    root_id = (root["root_id"] or root["id"]) if responses and root else ""
    try:
        webhook_post(world, hub, author, channel, request, root_id=root_id)
    except AppError:
        return
