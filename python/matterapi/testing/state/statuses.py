"""Who is online."""

from matterapi.testing.http.encoding import JsonObject

KNOWN = ("online", "away", "dnd", "offline")
AWAY_AFTER_MS = 300_000


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

    def touch(self, user_id: str, now: int, *, manual: bool = False) -> bool:
        """Note activity: the status becomes online, unless it was set by hand; tells whether it changed.

        Args:
            user_id: Whose status it is.
            now: In ms.
            manual: Whether the user asks for it, which overrides what was set by hand.
        """
        if self.get(user_id)["manual"] and not manual:
            return False
        return self.set(user_id, "online", now, manual=False)

    def go_away(self, user_id: str, now: int, *, manual: bool = False) -> bool:
        """Note idleness: after 5 minutes without activity, or on demand, the user is away.

        Args:
            user_id: Whose status it is.
            now: In ms.
            manual: Whether the user asks for it.

        Returns:
            Whether the status is to be told: on demand it is told even if it was away before.
        """
        status = self.get(user_id)
        idle = now - status["last_activity_at"] >= AWAY_AFTER_MS
        if not manual and (status["manual"] or status["status"] == "away" or not idle):
            return False
        self._of_user[user_id] = {**status, "status": "away", "manual": manual}
        return True

    def go_offline(self, user_id: str, now: int) -> bool:
        """Note that a user has no socket left; a status set by hand stays. Tells whether it was set."""
        if self.get(user_id)["manual"]:
            return False
        self.set(user_id, "offline", now, manual=False)
        return True

    def not_offline(self) -> dict[str, str]:
        """Return the statuses of all who are not offline, by user id."""
        return {key: owned["status"] for key, owned in self._of_user.items() if owned["status"] != "offline"}


def _offline(user_id: str) -> JsonObject:
    return {
        "user_id": user_id,
        "status": "offline",
        "manual": False,
        "last_activity_at": 0,
        "dnd_end_time": 0,
    }
