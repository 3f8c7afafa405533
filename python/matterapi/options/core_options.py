"""What the core needs to know about a client, as plain values."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from matterapi._core import VERSION
from matterapi.errors.exceptions import InvalidOptions
from matterapi.redaction.patterns import MASK

from . import extras, proxy
from .client import UNIX_SCHEME, ApiClientOptions, AuthLogin, MfaToken, drops_encryption
from .http import HttpxClientOptions
from .proxy import Proxies
from .timeouts import Limits, Timeout
from .tls import TlsSettings, tls_settings


@dataclass(frozen=True)
class Login:
    """Credentials of a login with a password."""

    login_id: str
    password: str
    mfa_token: MfaToken | None

    def __repr__(self) -> str:
        return f"Login(login_id={self.login_id!r})"


@dataclass(frozen=True, repr=False)
class CoreOptions:
    """The options of a client in the form that the core takes.

    Attributes:
        base_url: URL of the server with its sub-path, without a slash at the end.
        ws_url: The same for the websocket.
        token: A token, if that is how the client authenticates.
        login: A login, if that is how the client authenticates.
        tls: Certificates and TLS versions.
        connect_timeout: Seconds, or `None` for no limit; the other timeouts likewise.
        limits: Connections at once, connections kept open, seconds that one is kept open.
        http1: Whether to speak HTTP/1.1.
        http2: Whether to speak HTTP/2.
        proxies: For plain and for encrypted connections, and the hosts reached without one.
        headers: Header fields sent with every request.
        query: Query parameters added to every request, encoded.
        max_redirects: How many redirects in a row are followed.
        max_response_size: Bytes that an answer kept in memory may have, or `None` for any number.
        max_json_size: The same for those that are JSON.
    """

    base_url: str
    ws_url: str
    token: str | None
    login: Login | None
    tls: TlsSettings
    connect_timeout: float | None
    read_timeout: float | None
    write_timeout: float | None
    pool_timeout: float | None
    limits: tuple[int | None, int | None, float | None]
    http1: bool
    http2: bool
    proxies: Proxies
    headers: list[tuple[str, str]]
    query: str
    max_redirects: int
    max_response_size: int | None
    max_json_size: int | None

    def __repr__(self) -> str:
        return f"CoreOptions(base_url={self.base_url!r})"


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
    login = Login(auth.login_id, auth.password, auth.mfa_token) if isinstance(auth, AuthLogin) else None
    token = None if auth is None or isinstance(auth, AuthLogin) else auth.token
    if MASK in (token, login and login.password, login and login.mfa_token) or http.lost_its_secrets():
        raise InvalidOptions(
            "these options were pickled or dumped, which leaves the secrets out; set options.auth "
            "(and secret headers, cookies, parameters, proxies) again before use"
        )
    if drops_encryption(options):
        raise InvalidOptions(
            "ws_url is not encrypted while url is: the token would go over the network in clear; "
            "use wss://, or set ws_allow_unencrypted=True if that is meant"
        )
    timeout, limits = Timeout.of(http.timeout), Limits.of(http.limits)
    try:
        return CoreOptions(
            base_url=str(options.url),
            ws_url=str(options.ws_url),
            token=token,
            login=login,
            tls=tls_settings(http.verify, http.cert, http.trust_env, env),
            connect_timeout=timeout.connect,
            read_timeout=timeout.read,
            write_timeout=timeout.write,
            pool_timeout=timeout.pool,
            limits=(limits.max_connections, limits.max_keepalive_connections, limits.keepalive_expiry),
            http1=http.http1,
            http2=http.http2,
            proxies=_proxies(options, http, env),
            headers=_headers(options, http),
            query=extras.query(http.params),
            max_redirects=http.max_redirects if http.follow_redirects else 0,
            max_response_size=options.max_response_size,
            max_json_size=options.max_json_size,
        )
    except ValueError as error:
        raise InvalidOptions(str(error)) from None


def _headers(options: ApiClientOptions, http: HttpxClientOptions) -> list[tuple[str, str]]:
    headers = extras.header_pairs(http.headers)
    given = {name.lower() for name, _ in headers}
    cookies = "; ".join(f"{name}={value}" for name, value in extras.cookie_pairs(http.cookies, options.url))
    basic = extras.basic_auth(http.auth) if options.auth is None else None
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
    without = ""
    if http.trust_env and not (http.proxy or http.proxies):
        environment, without = proxy.environment_rules(env)
        rules = {**environment, **rules}
    return (*proxy.choose(rules, urls), without)
