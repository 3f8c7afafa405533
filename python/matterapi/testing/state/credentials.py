"""Whose request it is (app/authentication.go, ParseAuthTokenFromRequest)."""

from collections.abc import Mapping
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie

from matterapi.testing.http.errors import AppError

from .sessions import TOKEN_LENGTH_MS, Session
from .world import World

_TOKEN_LENGTH = 50


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a request brought to prove whose it is.

    Attributes:
        token: The token; empty when there was none.
        by_cookie: Whether it came as the cookie MMAUTHTOKEN, which goes before every header.
        session: The live session that the token opens.
    """

    token: str
    by_cookie: bool
    session: Session | None


def credentials(world: World, headers: Mapping[str, str], query: Mapping[str, list[str]]) -> Credentials:
    """Look up the session of a request: cookie first, then Authorization, then `access_token`.

    Raises:
        AppError: 401 when `access_token` names a session that is not OAuth; none is here.
    """
    token, place = token_of(headers, query)
    session = find_session(world, token) if token else None
    if place == "query" and session is not None:
        raise AppError(401, "api.context.token_provided.app_error", "The session is not OAuth.")
    return Credentials(token, place == "cookie", session)


def token_of(headers: Mapping[str, str], query: Mapping[str, list[str]]) -> tuple[str, str]:
    """Return the token that a request brought and where it was: `cookie`, `header` or `query`."""
    places = (
        ("cookie", _cookie_token(headers.get("Cookie", ""))),
        ("header", _header_token(headers.get("Authorization", ""))),
        ("query", query.get("access_token", [""])[0]),
    )
    place, token = next((found for found in places if found[1]), ("", ""))
    return token[:_TOKEN_LENGTH], place


def find_session(world: World, token: str) -> Session | None:
    """Return the live session of `token`; a personal access token opens one at its first use."""
    now = world.now()
    session = world.sessions.find(token, now)
    if world.database_away and (session is None or not _in_memory(world, session, now)):
        return None
    if session is None:
        personal = world.sessions.personal_by_secret(token)
        if personal is None or not _tokens_work(world, personal["user_id"]):
            return None
        session = open_session(world, personal["user_id"], token=token)
    elif session.personal and not _tokens_work(world, session.user_id):
        return None
    session.used_at = now
    user = world.users.get(session.user_id)
    return session if user is not None and not user["delete_at"] else None


def _in_memory(world: World, session: Session, now: int) -> bool:
    """Whether a server knows the session without its database."""
    minutes = world.config.number("ServiceSettings.SessionCacheInMinutes")
    return session.used_at > 0 and now - session.used_at <= minutes * 60_000


def _tokens_work(world: World, user_id: str) -> bool:
    """Whether the settings let the user's personal access tokens open sessions: a bot's always do."""
    user = world.users.get(user_id)
    allowed = world.config.flag("ServiceSettings.EnableUserAccessTokens")
    return allowed or (user is not None and bool(user["is_bot"]))


def open_session(world: World, user_id: str, *, length_ms: int = TOKEN_LENGTH_MS, token: str = "") -> Session:
    """Open a session.

    Args:
        world: The server's state.
        user_id: Whose session it is.
        length_ms: How long it lives.
        token: Secret of a personal access token; empty for a login, which gets a token of its own.
    """
    now = world.now()
    session = Session(
        id=world.ids.new(),
        token=token or world.ids.new(),
        user_id=user_id,
        create_at=now,
        expires_at=now + length_ms,
        csrf=world.ids.new(),
        personal=bool(token),
        last_activity_at=now,
    )
    world.sessions.add(session)
    return session


def csrf_passes(method: str, found: Credentials, headers: Mapping[str, str], *, strict: bool) -> bool:
    """Whether a request that came by cookie may change something; `strict` takes no header for it."""
    if method == "GET" or not found.by_cookie or found.session is None:
        return True
    requested_with = not strict and headers.get("X-Requested-With") == "XMLHttpRequest"
    return requested_with or headers.get("X-CSRF-Token") == found.session.csrf


def _cookie_token(header: str) -> str:
    try:
        morsel = SimpleCookie(header).get("MMAUTHTOKEN")
    except CookieError:
        return ""
    return morsel.value if morsel else ""


def _header_token(header: str) -> str:
    scheme, _, token = header.partition(" ")
    return token if scheme.lower() in ("bearer", "token") else ""
