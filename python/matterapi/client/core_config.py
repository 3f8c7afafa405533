"""What the core needs to know about a client, as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from matterapi._core import VERSION
from matterapi.redaction import MASK

from .exceptions import InvalidOptions
from .http_options import HttpxClientOptions, Timeout, header_pairs
from .options import ApiClientOptions, AuthLogin, MfaToken


@dataclass(frozen=True)
class Login:
    """Credentials of a login with a password."""

    login_id: str
    password: str
    mfa_token: MfaToken | None

    def __repr__(self) -> str:
        return f"Login(login_id={self.login_id!r})"


@dataclass(frozen=True, repr=False)
class CoreConfig:
    """The options of a client in the form that the core takes.

    Attributes:
        base_url: URL of the server with its sub-path, without a slash at the end.
        ws_url: The same for the websocket.
        token: A token, if that is how the client authenticates.
        login: A login, if that is how the client authenticates.
        verify: Whether to check certificates.
        ca_file: File with the certificates to trust; `None` for the usual ones.
        connect_timeout: Seconds, or `None` for no limit; the other timeouts likewise.
        headers: Header fields sent with every request.
        max_response_size: Bytes that an answer kept in memory may have, or `None` for any number.
        user_agent: Value of `User-Agent`, unless `headers` has one.
    """

    base_url: str
    ws_url: str
    token: str | None
    login: Login | None
    verify: bool
    ca_file: str | None
    connect_timeout: float | None
    read_timeout: float | None
    write_timeout: float | None
    pool_timeout: float | None
    headers: list[tuple[str, str]]
    max_response_size: int | None
    user_agent: str

    def __repr__(self) -> str:
        return f"CoreConfig(base_url={self.base_url!r})"


def core_config(options: ApiClientOptions) -> CoreConfig:
    """Translate the options of a client for the core.

    Raises:
        InvalidOptions: The options come from a pickle, which holds no secrets.
    """
    http = options.httpx_client_options or HttpxClientOptions()
    auth = options.auth
    login = Login(auth.login_id, auth.password, auth.mfa_token) if isinstance(auth, AuthLogin) else None
    token = None if auth is None or isinstance(auth, AuthLogin) else auth.token
    headers = header_pairs(http.headers)
    secrets: list[Any] = [token, *(value for _, value in headers)]
    if login is not None:
        secrets += [login.password, login.mfa_token]
    if MASK in secrets:
        raise InvalidOptions(
            "these options were pickled or dumped, which leaves the secrets out; set options.auth "
            "(and secret headers) again before use"
        )
    timeout = Timeout.of(http.timeout)
    return CoreConfig(
        base_url=str(options.url),
        ws_url=str(options.ws_url),
        token=token,
        login=login,
        verify=http.verify is not False,
        ca_file=str(http.verify) if isinstance(http.verify, (str, Path)) else None,
        connect_timeout=timeout.connect,
        read_timeout=timeout.read,
        write_timeout=timeout.write,
        pool_timeout=timeout.pool,
        headers=headers,
        max_response_size=options.max_response_size,
        user_agent=f"matterapi/{VERSION}",
    )
