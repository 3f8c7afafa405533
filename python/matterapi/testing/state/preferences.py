"""Per-user preferences."""

from matterapi.testing.http.encoding import JsonObject


class Preferences:
    """Preferences by user, category and name."""

    def __init__(self) -> None:
        self._of_user: dict[str, dict[tuple[str, str], JsonObject]] = {}

    def of_user(self, user_id: str, category: str | None = None) -> list[JsonObject]:
        """Return a user's preferences, of one category if given, sorted by category and name."""
        mine = self._of_user.get(user_id, {})
        return [mine[key] for key in sorted(mine) if category is None or key[0] == category]

    def get(self, user_id: str, category: str, name: str) -> JsonObject | None:
        """Return one preference."""
        return self._of_user.get(user_id, {}).get((category, name))

    def put(self, preference: JsonObject) -> None:
        """Store a preference, over an older one."""
        mine = self._of_user.setdefault(preference["user_id"], {})
        mine[preference["category"], preference["name"]] = preference

    def remove_user(self, user_id: str) -> None:
        """Forget all preferences of a user."""
        self._of_user.pop(user_id, None)

    def delete(self, preference: JsonObject) -> None:
        """Remove a preference, if it is there."""
        self._of_user.get(preference["user_id"], {}).pop((preference["category"], preference["name"]), None)
