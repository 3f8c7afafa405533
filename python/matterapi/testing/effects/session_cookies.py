"""The cookies of a session, and the longer life that activity gives it (app/session.go, app/login.go)."""

from email.utils import formatdate

from matterapi.testing.state.sessions import Session
from matterapi.testing.state.world import World

_HOUR_MS = 3_600_000
_DAY_MS = 24 * _HOUR_MS
_SHORTEST_MS = 5 * 60 * 1000


def session_length_ms(world: World) -> int:
    """Return how long a session of a login lives."""
    return world.config.number("ServiceSettings.SessionLengthWebInHours") * _HOUR_MS


def session_cookies(world: World, session: Session) -> list[tuple[str, str]]:
    """Return the three headers that give a browser the session."""
    seconds = session_length_ms(world) // 1000
    expires = formatdate(world.now() // 1000 + seconds, usegmt=True)
    secure = "; Secure" if world.site_url.startswith("https:") else ""
    lifetime = f"Path={world.subpath}; Expires={expires}; Max-Age={seconds}"
    return [
        ("Set-Cookie", f"MMAUTHTOKEN={session.token}; {lifetime}; HttpOnly{secure}"),
        ("Set-Cookie", f"MMUSERID={session.user_id}; {lifetime}{secure}"),
        ("Set-Cookie", f"MMCSRF={session.csrf}; {lifetime}{secure}"),
    ]


def extend_session(world: World, session: Session) -> list[tuple[str, str]]:
    """Lengthen an ageing session where the settings want it; returns its cookies, none if nothing changed.

    A session ages until the lesser of 1 % of its length and a day has passed, but for 5 minutes at least.
    """
    if not world.config.flag("ServiceSettings.ExtendSessionLengthWithActivity"):
        return []
    length = session_length_ms(world)
    threshold = max(min(length // 100, _DAY_MS), _SHORTEST_MS)
    if world.now() - (session.expires_at - length) < threshold:
        return []
    session.expires_at = world.now() + length
    return session_cookies(world, session)
