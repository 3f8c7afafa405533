"""What the core needs to know about a client, as plain values."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from matterapi._core import VERSION
from matterapi.errors.exceptions import InvalidOptions
from matterapi.redaction.patterns import MASK

from . import extras, proxy
from .client import UNIX_SCHEME, ApiClientOptions, AuthLogin, AuthToken, drops_encryption
from .http import HttpxClientOptions
from .proxy import Proxies
from .timeouts import Limits, Timeout
from .tls import Cert, Verify, core_verify, read_cert


@dataclass(frozen=True, repr=False)
class CoreOptions:
    """The options of a client in the form that the core takes, under the names that users know.

    Attributes:
        url: URL of the server with its sub-path, without a slash at the end.
        ws_url: The same for the websocket.
        auth: How the client authenticates.
        verify: Whose certificates are trusted, and TLS versions.
        cert: The client's own certificate.
        proxies: For plain and for encrypted connections, and the hosts reached without one.
        timeout: Seconds for each phase.
        retries: How often a call is sent again, at most.
        deadline: Seconds for all attempts of a call together.
        max_calls_per_second: Calls that go out at most.
        limits: Connections at once, connections kept open, seconds that one is kept open.
        http1: Whether to speak HTTP/1.1.
        http2: Whether to speak HTTP/2.
        headers: Header fields sent with every request.
        params: Query parameters added to every request, encoded.
        max_redirects: How many redirects in a row are followed; 0 for none.
        max_response_size: Bytes that a response kept in memory may have, or `None` for any number.
        max_json_size: The same for those that are JSON.
    """

    url: str
    ws_url: str
    auth: AuthLogin | AuthToken | None
    verify: Verify
    cert: Cert | None
    proxies: Proxies
    timeout: Timeout
    retries: int
    deadline: float | None
    max_calls_per_second: float | None
    limits: Limits
    http1: bool
    http2: bool
    headers: list[tuple[str, str]]
    params: str
    max_redirects: int
    max_response_size: int | None
    max_json_size: int | None

    def __repr__(self) -> str:
        return f"CoreOptions(url={self.url!r})"


def core_options(options: ApiClientOptions, env: Mapping[str, str] = os.environ) -> CoreOptions:
    """Translate the options of a client for the core.

    Args:
        options: The options.
        env: The environment.

    Raises:
        InvalidOptions: The options come from a pickle, which holds no secrets, or two of them do not go
            together, or the environment names a proxy that is none.
    """
    http = options.httpx_client_options or HttpxClientOptions()
    auth = options.auth
    if (auth is not None and MASK in _secrets(auth)) or http.lost_its_secrets():
        raise InvalidOptions(
            "these options were pickled or dumped, which leaves the secrets out; set options.auth "
            "(and secret headers, cookies, parameters, proxies) again before use"
        )
    if drops_encryption(options):
        raise InvalidOptions(
            "ws_url is not encrypted while url is: the token would go over the network in clear; "
            "use wss://, or set ws_allow_unencrypted=True if that is meant"
        )
    try:
        found = CoreOptions(
            url=str(options.url),
            ws_url=str(options.ws_url),
            auth=auth,
            verify=core_verify(http.verify, http.trust_env, env),
            cert=read_cert(http.cert),
            proxies=_proxies(options, http, env),
            timeout=Timeout.of(http.timeout),
            retries=options.retries,
            deadline=options.deadline,
            max_calls_per_second=options.max_calls_per_second,
            limits=Limits.of(http.limits),
            http1=http.http1,
            http2=http.http2,
            headers=_headers(options, http),
            params=extras.query(http.params),
            max_redirects=http.max_redirects if http.follow_redirects else 0,
            max_response_size=options.max_response_size,
            max_json_size=options.max_json_size,
        )
    except ValueError as error:
        raise InvalidOptions(str(error)) from None
    for name in ("url", "ws_url", "auth", "verify", "cert", "proxies", "headers"):
        if _has_no_text(getattr(found, name)):
            place = name if name in ApiClientOptions.model_fields else f"httpx_client_options[{name!r}]"
            raise InvalidOptions(f"{place} has a lone surrogate, which is no character")
    return found


def _has_no_text(value: object) -> bool:
    """Whether UTF-8 has no form for a text somewhere in a value. In paths Python's own escapes may be."""
    if isinstance(value, (list, tuple)):
        return any(map(_has_no_text, value))
    if isinstance(value, AuthLogin):
        return _has_no_text((value.login_id, value.password, value.mfa_token))
    if isinstance(value, Verify):
        return _has_no_text(value.roots)
    try:
        if isinstance(value, Path):
            os.fsencode(value)
        elif isinstance(value, str):
            value.encode()
    except UnicodeEncodeError:
        return True
    return False


def _secrets(auth: AuthLogin | AuthToken) -> tuple[object, ...]:
    return (auth.password, auth.mfa_token) if isinstance(auth, AuthLogin) else (auth.token,)


def _headers(options: ApiClientOptions, http: HttpxClientOptions) -> list[tuple[str, str]]:
    headers = extras.header_pairs(http.headers)
    given = {name.lower() for name, _ in headers}
    cookies = "; ".join(f"{name}={value}" for name, value in extras.cookie_pairs(http.cookies, options.url))
    basic = extras.basic_auth(http.auth)
    if basic and options.auth is not None:
        raise ValueError(
            "httpx_client_options['auth'] cannot be sent beside a token or login: both travel as "
            "Authorization. A gateway has to let calls with a token pass, or to take another header"
        )
    for option, field, value in (("cookies", "Cookie", cookies), ("auth", "Authorization", basic)):
        if value and field.lower() in given:
            raise ValueError(
                f"httpx_client_options: give either [{option!r}] or the header {field}, not both"
            )
    defaults = [
        ("User-Agent", f"matterapi/{VERSION}"),
        ("Accept", "*/*"),
        ("Cookie", cookies),
        ("Authorization", basic),
    ]
    return headers + [(name, value) for name, value in defaults if value and name.lower() not in given]


def _proxies(options: ApiClientOptions, http: HttpxClientOptions, env: Mapping[str, str]) -> Proxies:
    rules = proxy.read_rules(http.proxy, http.proxies, http.mounts)
    urls = [url for url in (options.url, str(options.ws_url)) if not url.startswith(UNIX_SCHEME)]
    if not urls and any(rules.values()):
        raise ValueError("httpx_client_options: there is no proxy before a unix socket")
    given, without = proxy.choose(rules, urls), ""
    chosen = given
    if http.trust_env and not (http.proxy or http.proxies):
        environment, without = proxy.environment_rules(env)
        chosen = proxy.choose({**environment, **rules}, urls)
    return (*chosen, without, (chosen[0] != given[0], chosen[1] != given[1]))
