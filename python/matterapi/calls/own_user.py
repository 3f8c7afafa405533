"""Whose session a client has: asked once."""

from __future__ import annotations

from typing import Any


class OwnUser:
    """The user of a session, kept as long as the session is the same; shared by a client's views."""

    def __init__(self) -> None:
        self._known: tuple[object, Any] | None = None

    def get(self, session: object) -> Any | None:
        """The user, if he was asked for in this session.

        Args:
            session: What tells sessions apart.
        """
        known = self._known
        return known[1] if known is not None and known[0] == session else None

    def keep(self, session: object, user: Any) -> None:
        """Remember the user of a session; that of another is forgotten."""
        self._known = (session, user)
