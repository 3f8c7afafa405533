"""Drafts of posts, one a user, channel and thread."""

from matterapi.testing.http.encoding import JsonObject


class Drafts:
    """All drafts by user id, channel id and root id."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str, str], JsonObject] = {}

    def put(self, draft: JsonObject) -> JsonObject:
        """Store a draft; one that was there keeps its `create_at`. Returns what is stored."""
        key = (draft["user_id"], draft["channel_id"], draft["root_id"])
        known = self._kept.get(key)
        self._kept[key] = {**draft, "create_at": known["create_at"]} if known else draft
        return self._kept[key]

    def pop(self, user_id: str, channel_id: str, root_id: str) -> JsonObject | None:
        """Forget a draft and return it."""
        return self._kept.pop((user_id, channel_id, root_id), None)

    def remove_user(self, user_id: str) -> None:
        """Forget all drafts of a user."""
        for key in [key for key in self._kept if key[0] == user_id]:
            del self._kept[key]

    def of_user(self, user_id: str) -> list[JsonObject]:
        """Return the user's drafts, the last changed first."""
        mine = [kept for key, kept in self._kept.items() if key[0] == user_id]
        return sorted(mine, key=lambda draft: int(draft["update_at"]), reverse=True)


def new_draft(user_id: str, now: int, fields: JsonObject) -> JsonObject:
    """Return the record of a draft; keys in the server's order, empty files and priority left out."""
    draft: JsonObject = {
        "create_at": now,
        "update_at": now,
        "delete_at": 0,
        "user_id": user_id,
        "channel_id": fields["channel_id"],
        "root_id": fields.get("root_id") or "",
        "message": fields.get("message") or "",
        "props": dict(fields.get("props") or {}),
    }
    if fields.get("file_ids"):
        draft["file_ids"] = list(fields["file_ids"])
    draft["metadata"] = {}
    if fields.get("priority"):
        draft["priority"] = dict(fields["priority"])
    return draft
