"""Sessions and personal access tokens."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from matterapi.testing.http.encoding import JsonObject

LOGIN_LENGTH_MS = 30 * 24 * 3600 * 1000
TOKEN_LENGTH_MS = 100 * 365 * 24 * 3600 * 1000


@dataclass(slots=True)
class Session:
    """One session: a login, or the use of a personal access token.

    Attributes:
        id: Session id.
        token: What clients send.
        user_id: Whose session it is.
        create_at: Start in ms.
        expires_at: End in ms.
        csrf: Value that `X-CSRF-Token` must have when the session comes by cookie.
        personal: Whether a personal access token opened it.
        last_activity_at: When its user was last active, in ms.
        used_at: When it was last asked for, in ms; 0 for never. A server keeps what is used in memory.
    """

    id: str
    token: str
    user_id: str
    create_at: int
    expires_at: int
    csrf: str
    personal: bool = False
    last_activity_at: int = field(default=0)
    used_at: int = field(default=0)


class Sessions:
    """All open sessions by token, and the personal access tokens that can open one."""

    def __init__(self) -> None:
        self._by_token: dict[str, Session] = {}
        self.personal_tokens: dict[str, JsonObject] = {}

    def __iter__(self) -> Iterator[Session]:
        return iter(list(self._by_token.values()))

    def add(self, session: Session) -> None:
        """Open a session."""
        self._by_token[session.token] = session

    def find(self, token: str, now: int) -> Session | None:
        """Return the live session of `token`; `now` in ms."""
        session = self._by_token.get(token)
        if session is None or session.expires_at <= now:
            return None
        return session

    def revoke(self, token: str) -> None:
        """End the session of `token`, if there is one."""
        self._by_token.pop(token, None)

    def of_user(self, user_id: str) -> list[Session]:
        """Return the user's sessions, newest first."""
        mine = [session for session in self._by_token.values() if session.user_id == user_id]
        return sorted(mine, key=lambda session: session.create_at, reverse=True)

    def personal_by_secret(self, secret: str) -> JsonObject | None:
        """Return the active personal access token whose secret is `secret`."""
        for token in self.personal_tokens.values():
            if token["token"] == secret and token["is_active"]:
                return token
        return None


def render_session(session: Session, roles: str, team_members: list[JsonObject]) -> JsonObject:
    """Return a session as `GET /users/{user_id}/sessions` lists it: without its token."""
    return {
        "id": session.id,
        "token": "",
        "create_at": session.create_at,
        "expires_at": session.expires_at,
        "last_activity_at": session.last_activity_at,
        "user_id": session.user_id,
        "device_id": "",
        "roles": roles,
        "is_oauth": False,
        "expired_notify": False,
        "props": {
            "browser": "Unknown/0.0",
            "csrf": session.csrf,
            "isMobile": "false",
            "isOAuthUser": "false",
            "isSaml": "false",
            "is_guest": "false",
            "os": "",
            "platform": "Unknown",
        },
        "team_members": team_members,
        "local": False,
    }
