"""What an error of the server says beyond its words: where the fault lies, and what to do."""

from __future__ import annotations

from typing import Protocol
from urllib.parse import urlsplit

from matterapi.http.response import Response
from matterapi.redaction.patterns import redact_beginning
from matterapi.redaction.printable import summary

from .body import is_html

_LOGIN = "POST /api/v4/users/login"
_NO_SUCH_ROUTE = "api.context.404.app_error"
_LONGEST_URL = 200
_LONGEST_READ = 2048
_API = "/api/v4"


class Refusal(Protocol):
    """What is looked at of an `ApiError`."""

    status_code: int | None
    error_id: str | None
    route: str | None
    retry_after: float | None
    response: Response | None


_CHALLENGE = (
    "A CDN in front of the server wants a browser to prove itself: let it pass calls of this address or "
    "user agent."
)


def advice(error: Refusal) -> str:
    """What to do about an answer that is no success; empty where its words say it all."""
    if _header(error, "cf-mitigated") == "challenge":
        return _CHALLENGE
    status = error.status_code or 0
    if 300 <= status < 400:
        return _redirected(error)
    by_status = {401: _refused, 403: _forbidden, 404: _not_found, 429: _limited}
    return by_status[status](error) if status in by_status else ""


def _limited(error: Refusal) -> str:
    return "" if error.retry_after is None else f"Try again in {error.retry_after:g} s."


def _redirected(error: Refusal) -> str:
    try:
        target = urlsplit(_header(error, "location")[:_LONGEST_READ])
    except ValueError:  # what a server writes need be no URL
        return ""
    if not target.netloc:
        return ""
    base, is_api, _ = target.path.partition(_API)
    if not is_api:
        return (
            "Something in front of the server wants a login, or another address: url must lead to the server "
            "itself."
        )
    url = redact_beginning(f"{target.scheme}://{target.netloc}{base}", _LONGEST_URL)
    return f"Use {summary(url, _LONGEST_URL)} as url."


def _refused(error: Refusal) -> str:
    scheme = _header(error, "www-authenticate").partition(" ")[0].lower()
    if scheme in {"basic", "digest", "negotiate", "ntlm"} and error.error_id is None:
        return (
            f"A gateway in front of the server asks for {scheme.capitalize()} authentication, not the server "
            "itself: the token never got there. Both travel as Authorization: the gateway has to let calls "
            "with a token pass, or to take another header (httpx_client_options['headers'])."
        )
    if error.route == _LOGIN:
        return (
            "What auth gives as login_id, password and mfa_token was refused; the account may be locked or "
            "inactive."
        )
    if error.response is None:
        return ""
    if error.response.lacks_credentials:
        return 'The client has no credentials: give token="...", or login_id and password.'
    return "The token was refused: it is wrong, revoked or expired."


def _forbidden(error: Refusal) -> str:
    # Here, because few programs ever need the table.
    from .permissions import PERMISSIONS  # noqa: PLC0415

    needed = PERMISSIONS.get(error.route or "", "").split()
    if not needed:
        return "The account of this token lacks a permission for it."
    return f"The account of this token lacks a permission for it, which is {' or '.join(needed)}."


def _not_found(error: Refusal) -> str:
    if error.error_id == _NO_SUCH_ROUTE:
        return "The server has no such route: it is of an older version, or the base URL is wrong."
    # The server's own words are an object with an id; its router and others know no route either.
    if error.response is None or error.error_id is not None or _API not in error.response.url:
        return ""
    return wrong_address(error.response)


def wrong_address(response: Response) -> str:
    """What an answer says about `url` that is not the API's: a page, or the words of a router.

    A team's page and the login page have addresses below the server's, which answer everything.
    """
    kind = "The answer is a web page: " if is_html(response) else ""
    base = response.url.partition(_API)[0]
    try:
        parts = urlsplit(base)
    except ValueError:  # nothing that this client has called
        return ""
    server = redact_beginning(f"{parts.scheme}://{parts.netloc}", _LONGEST_URL)
    if not parts.path.strip("/"):
        return f"{kind}{server} is not the address of a Mattermost server, or a login in front of it answers."
    return f"{kind}url leads below the server, to {parts.path[:_LONGEST_URL]}: most likely it is {server}."


def _header(error: Refusal, name: str) -> str:
    return error.response.headers.get(name, "") if error.response is not None else ""
