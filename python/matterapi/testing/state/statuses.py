"""Who is online."""

from matterapi.testing.encoding import JsonObject

KNOWN = ("online", "away", "dnd", "offline")


class Statuses:
    """Statuses by user id; who was never seen is offline."""

    def __init__(self) -> None:
        self._of_user: dict[str, JsonObject] = {}

    def get(self, user_id: str) -> JsonObject:
        """Return a user's status; an offline one is made up for an unknown user, as the server does."""
        return self._of_user.get(user_id) or _offline(user_id)

    def set(self, user_id: str, status: str, now: int, *, manual: bool, dnd_end_time: int = 0) -> bool:
        """Set a status; tells whether it changed. `dnd_end_time` is in seconds."""
        old = self.get(user_id)
        self._of_user[user_id] = {
            "user_id": user_id,
            "status": status,
            "manual": manual,
            "last_activity_at": old["last_activity_at"] if manual else now,
            "dnd_end_time": dnd_end_time,
        }
        return bool(old["status"] != status)

    def touch(self, user_id: str, now: int) -> bool:
        """Note activity: an automatic status becomes online; tells whether it changed."""
        status = self.get(user_id)
        if status["manual"] and status["status"] != "offline":
            return False
        return self.set(user_id, "online", now, manual=False)

    def not_offline(self) -> dict[str, str]:
        """Return the statuses of all who are not offline, by user id."""
        return {key: one["status"] for key, one in self._of_user.items() if one["status"] != "offline"}


def _offline(user_id: str) -> JsonObject:
    return {
        "user_id": user_id,
        "status": "offline",
        "manual": False,
        "last_activity_at": 0,
        "dnd_end_time": 0,
    }
