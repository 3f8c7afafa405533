"""The buttons and menus of attachments (model/integration_action.go)."""

from collections.abc import Iterator

from matterapi.testing.http.encoding import JsonObject


def actions_of(post: JsonObject) -> Iterator[JsonObject]:
    """Return the actions of a stored post's attachments."""
    attachments = post["props"].get("attachments")
    for attachment in attachments if isinstance(attachments, list) else ():
        actions = attachment.get("actions") if isinstance(attachment, dict) else None
        yield from (
            action for action in (actions if isinstance(actions, list) else ()) if isinstance(action, dict)
        )
