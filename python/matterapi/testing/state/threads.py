"""Who follows which thread, and how far they have read."""

from matterapi.testing.http.encoding import JsonObject


class Threads:
    """Thread memberships by root post id and user id.

    A membership is `{"following", "last_viewed_at", "unread_mentions"}`.
    """

    def __init__(self) -> None:
        self._by_root: dict[str, dict[str, JsonObject]] = {}

    def membership(self, root_id: str, user_id: str) -> JsonObject | None:
        """Return the user's membership in a thread."""
        return self._by_root.get(root_id, {}).get(user_id)

    def follow(self, root_id: str, user_id: str, *, following: bool = True) -> JsonObject:
        """Start or end following; returns the membership."""
        members = self._by_root.setdefault(root_id, {})
        fresh = {"following": following, "last_viewed_at": 0, "unread_mentions": 0}
        member = members.setdefault(user_id, fresh)
        member["following"] = following
        return member

    def followers(self, root_id: str) -> dict[str, JsonObject]:
        """Return the memberships of those who follow the thread, by user id."""
        members = self._by_root.get(root_id, {})
        return {user_id: member for user_id, member in members.items() if member["following"]}

    def followed_by(self, user_id: str) -> list[str]:
        """Return the root post ids of the threads that the user follows."""
        return [root_id for root_id in self._by_root if user_id in self.followers(root_id)]
