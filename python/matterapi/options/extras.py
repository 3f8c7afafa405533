"""`headers`, `cookies`, `params` and `auth` of `httpx_client_options`: what goes out with every request."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

_HEADERS = "httpx_client_options['headers']"
_COOKIES = "httpx_client_options['cookies']"
_PARAMS = "httpx_client_options['params']"
_AUTH = "httpx_client_options['auth']"
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER_VALUE = re.compile(r"[^\x00-\x08\x0a-\x1f\x7f]*")
_COOKIE_VALUE = re.compile(r"[!-:<-~]*(?: [!-:<-~]+)*")

Pairs = list[tuple[str, str]]


def header_pairs(headers: Any) -> Pairs:
    """Header fields given as a mapping or as pairs, in their order; `None` has none.

    Raises:
        ValueError: A name or value cannot be sent, or the whole is something else.
    """
    if headers is None:
        return []
    items: Iterable[Any] = headers.items() if isinstance(headers, Mapping) else headers
    try:
        pairs = [(_text(name), _text(value)) for name, value in items]
    except (TypeError, ValueError):
        raise ValueError(
            f"{_HEADERS} must be a mapping or pairs of names and values, in ASCII if bytes"
        ) from None
    for name, value in pairs:
        if not _HEADER_NAME.fullmatch(name):
            raise ValueError(f"{_HEADERS}: a name has characters that no name of a header field may have")
        if not _HEADER_VALUE.fullmatch(value):
            raise ValueError(f"{_HEADERS}: the value of {name!r} has control characters")
    return pairs


def cookie_pairs(cookies: Any, url: str) -> Pairs:
    """Names and values of the cookies that go to `url`; `None` has none.

    Args:
        cookies: A mapping, pairs, or a cookie jar (also inside `httpx.Cookies`).
        url: The server's URL; of a jar only the cookies for it are taken.

    Raises:
        ValueError: A name or value cannot be sent, or the whole is something else.
    """
    if cookies is None:
        return []
    jar = getattr(cookies, "jar", cookies)
    try:
        if hasattr(jar, "extract_cookies"):
            pairs = [(one.name, one.value or "") for one in jar if _is_for(one, url)]
        else:
            items: Iterable[Any] = cookies.items() if isinstance(cookies, Mapping) else cookies
            pairs = [(_text(name), _text(value)) for name, value in items]
    except (TypeError, ValueError):
        raise ValueError(
            f"{_COOKIES} must be a mapping, pairs of names and values, or a cookie jar"
        ) from None
    for name, value in pairs:
        if not _HEADER_NAME.fullmatch(name):
            raise ValueError(f"{_COOKIES}: a name has characters that no name of a cookie may have")
        if not _COOKIE_VALUE.fullmatch(value):
            raise ValueError(f"{_COOKIES}: the value of {name!r} has characters that no cookie may have")
    return pairs


def query(params: Any) -> str:
    """Query parameters, encoded. Given as a mapping, pairs, or text that is encoded already.

    Raises:
        ValueError: It is something else.
    """
    if params is None:
        return ""
    if isinstance(params, (str, bytes)):
        text = _text(params).lstrip("?")
        if not re.fullmatch(r"[!-\"$-~]*", text):
            raise ValueError(f"{_PARAMS} as text must be percent-encoded")
        return text
    multi = getattr(params, "multi_items", None)
    try:
        items: Any = multi() if callable(multi) else params.items() if isinstance(params, Mapping) else params
        pairs = [
            (str(name), _parameter(one))
            for name, value in items
            for one in (value if isinstance(value, (list, tuple)) else [value])
        ]
    except (TypeError, ValueError):
        raise ValueError(f"{_PARAMS} must be a mapping, pairs of names and values, or text") from None
    return urlencode(pairs)


def basic_auth(auth: Any) -> str | None:
    """The `Authorization` value of a pair of user name and password; `None` for `None`.

    Raises:
        ValueError: It is something else; the message does not quote it.
    """
    if auth is None:
        return None
    if not isinstance(auth, (tuple, list)) or len(auth) != len(("user", "password")):
        raise ValueError(f"{_AUTH} must be (user, password); for a token or a login use options.auth")
    try:
        user, password = map(_text, auth)
    except (TypeError, ValueError):
        raise ValueError(f"{_AUTH} must be (user, password), both as text") from None
    from base64 import b64encode  # noqa: PLC0415 - rare

    return f"Basic {b64encode(f'{user}:{password}'.encode()).decode()}"


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode("ascii")
    if isinstance(value, str):
        return value
    raise TypeError


def _parameter(value: Any) -> str:
    """A value as httpx writes it."""
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _is_for(cookie: Any, url: str) -> bool:
    parts = urlsplit(url)
    host, domain = parts.hostname or "", cookie.domain.lstrip(".").removesuffix(".local")
    return (
        (not domain or host == domain or (cookie.domain_initial_dot and host.endswith(f".{domain}")))
        # All calls go below the server's path; `/mm` is not above `/mmx` (RFC 6265, section 5.1.4).
        and f"{parts.path}/".startswith(f"{cookie.path.rstrip('/')}/")
        and (not cookie.secure or parts.scheme == "https")
        and not cookie.is_expired()
    )
