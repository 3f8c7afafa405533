"""Bot accounts."""

from matterapi.testing.http.encoding import JsonObject


def new_bot(user_id: str, username: str, owner_id: str, now: int, fields: JsonObject) -> JsonObject:
    """Return the record of a new bot; keys in the server's order."""
    return {
        "user_id": user_id,
        "username": username,
        "display_name": fields.get("display_name") or "",
        "description": fields.get("description") or "",
        "owner_id": owner_id,
        "create_at": now,
        "update_at": now,
        "delete_at": 0,
    }


def render_bot(bot: JsonObject) -> JsonObject:
    """Return a bot as the server shows it: without an empty display name or description."""
    return {key: value for key, value in bot.items() if value != ""}
