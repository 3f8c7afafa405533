"""Reactions to posts."""

from matterapi.testing.http.encoding import JsonObject


class Reactions:
    """Reactions by post id, in the order in which they were added."""

    def __init__(self) -> None:
        self._of_post: dict[str, dict[tuple[str, str], JsonObject]] = {}

    def of_post(self, post_id: str) -> list[JsonObject]:
        """Return the reactions to a post."""
        return list(self._of_post.get(post_id, {}).values())

    def save(self, reaction: JsonObject) -> JsonObject:
        """Store a reaction; one that exists already only gets a new `update_at`."""
        stored = self._of_post.setdefault(reaction["post_id"], {})
        known = stored.setdefault((reaction["user_id"], reaction["emoji_name"]), reaction)
        known["update_at"] = reaction["update_at"]
        return known

    def remove_by(self, user_id: str) -> None:
        """Remove all reactions of a user."""
        for stored in self._of_post.values():
            for key in [key for key in stored if key[0] == user_id]:
                del stored[key]

    def delete(self, post_id: str, user_id: str, emoji_name: str) -> bool:
        """Remove a reaction; tells whether there was one."""
        return self._of_post.get(post_id, {}).pop((user_id, emoji_name), None) is not None
