"""The options of a client."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterator, Mapping
from ipaddress import ip_address
from typing import Annotated, Any, ClassVar, TypeAlias
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, model_validator
from typing_extensions import Self

from matterapi.decoding.plain_json import MAX_DECODED_SIZE
from matterapi.errors.caller import warn_caller
from matterapi.errors.exceptions import InvalidOptions
from matterapi.http.values import URL

from .etag_cache import EtagCacheLimits
from .http import HttpxClientOptions
from .secrets import SecretiveModel

API_PREFIX = "/api/v4"
"""Where the server's REST API begins, below the URL of the server."""

UNIX_SCHEME = "unix://"
"""Begins the URL of a local socket; its path follows."""

MfaToken: TypeAlias = str | Callable[[], str | Awaitable[str]]
"""A one-time code, or a function that returns the current one; it may be a coroutine function."""


def _mfa_token(value: Any) -> Any:
    if value is None or isinstance(value, (str, int)) or callable(value):
        return value
    raise ValueError("must be text or a function that returns text")


def _token(value: str) -> str:
    if not value:
        raise ValueError("must not be empty")
    if not re.fullmatch("[!-~]+", value):
        raise ValueError("must be one word of printable ASCII characters")
    return value


class AuthLogin(SecretiveModel):
    """Log in with a password.

    Args:
        login_id: User name or e-mail address.
        password: The password.
        mfa_token: One-time code of an account with multi-factor authentication. A fixed code works for
            one login only; give a function to let the client log in again.
    """

    _secret_fields: ClassVar[frozenset[str]] = frozenset({"password", "mfa_token"})
    _place: ClassVar[str] = "auth"

    login_id: Annotated[str, Field(min_length=1)]
    password: str
    mfa_token: Annotated[MfaToken | None, BeforeValidator(_mfa_token)] = None


class AuthToken(SecretiveModel):
    """Use a personal access token, a bot's token or a session token.

    Also serves a client of httpx: `httpx.Client(auth=AuthToken(token="..."))`.

    Args:
        token: The token. White space around it is dropped, such as the line break at the end of its file.
    """

    _secret_fields: ClassVar[frozenset[str]] = frozenset({"token"})
    _place: ClassVar[str] = "auth"

    token: Annotated[str, StringConstraints(strip_whitespace=True), AfterValidator(_token)]

    def __call__(self, request: Any) -> Any:
        """Add the token to a request of httpx, and return the request."""
        request.headers["Authorization"] = f"Bearer {self.token}"
        return request

    def auth_flow(self, request: Any) -> Iterator[Any]:
        """The same in the form of `httpx.Auth`, which this class was in 0.5.0."""
        yield self(request)


def _server_url(value: str) -> str:
    return _clean_url(value, "url", ("http", "https"))


def _socket_url(value: str) -> str:
    return _clean_url(value, "ws_url", ("ws", "wss"))


def _base_path(value: str) -> str:
    if value.strip("/") not in {"", API_PREFIX.strip("/")}:
        raise ValueError(
            f"basepath must be '' or '{API_PREFIX}'; the path of a server below a sub-path belongs to url"
        )
    return value


def _auth(value: Any) -> Any:
    if value is None or isinstance(value, (AuthLogin, AuthToken)):
        return value
    if not isinstance(value, Mapping):
        raise ValueError("auth must be a dict with token, or with login_id and password")  # noqa: TRY004 - pydantic's
    AuthLogin.check_names(value)
    model = AuthLogin if {"login_id", "password"} <= value.keys() else AuthToken
    if model is AuthToken and "token" not in value:
        raise ValueError("auth needs login_id and password, or token")
    return model.read({name: value[name] for name in model.model_fields if name in value})


def _etag_cache(value: EtagCacheLimits | bool) -> EtagCacheLimits | bool:
    EtagCacheLimits.of(value)
    return value


class ApiClientOptions(SecretiveModel):
    """Where the server is, who calls it, and how.

    Args:
        url: `http` or `https` URL of the server, with its sub-path if it has one; or `unix://` and the
            absolute path of the server's local socket.
        ws_url: `ws` or `wss` URL of the server for events; by default `url` with the scheme exchanged,
            and the same socket. `ws` beside an `https` `url` needs `ws_allow_unencrypted`.
        basepath: `""` or `"/api/v4"`; both mean the same.
        auth: A login or a token, also as a dict. With `login_id`, `password` and `token` together the
            login is used.
        httpx_client_options: Settings of the HTTP client.
        debug: Log at level DEBUG.
        retries: How often a call is sent again after a failure that may pass, where that does nothing twice:
            no connection, a cut, a time-out, 408, 429, 502 to 504, for GET also 500. 0 for never.
        deadline: Seconds for all attempts of a call and the pauses between them, not counting the time in
            which the server's rate limit lets others go first. `None` for no limit. Files and other streams
            may take longer.
        max_calls_per_second: Calls that this client makes at most, and as many at once, whatever the server
            allows; `None` for as many as it allows.
        ws_concurrent: Handle events at the same time instead of one after the other.
        ws_reconnect_wait_time: Seconds; the longest wait before the event stream connects again. If it is
            not given, waits grow to 30 s.
        ws_wait_for_server: Seconds in which the server may still be starting when an event stream begins:
            what a proxy answers in its place (404, a page of HTML, a redirect) is waited out, and an error
            only after this time, as the sign of a wrong address. A server that refuses connections or answers
            5xx is waited for in any case.
        ws_catch_up: After every cut of the event stream, fetch the posts, edits and deletions that were
            missed, and hand them over as events marked `"recovered": true`.
        ws_allow_unencrypted: Let `ws_url` be `ws` although `url` is `https`: the token and all events then
            go over the network in clear. Otherwise the client refuses it (`InvalidOptions`), also for an
            address of this machine.
        etag_cache: Keep answers that have an entity tag, ask the server only whether it has something else,
            and take the kept one if not: True, or an `EtagCacheLimits`. For reads (GET) of one client and its
            views, apart for each token. Calls are as many as without; what is saved is the answers' way.
        skip_response_parsing: Return the raw `Response` from every call.
        max_response_size: Bytes; a larger answer is refused instead of being collected in memory.
            Compressed answers count by what they become. `None` takes any. The default of 128 MiB is
            more than the server's own limit for files (100 MiB, FileSettings.MaxFileSize). Downloads to
            a path, to a file object or as an iterator have no limit.
        max_json_size: Bytes; the same for answers that are JSON, and for errors. The default of 64 MiB is
            more than 1,000 posts of the greatest length that the server takes. `None` leaves
            `max_response_size` alone.
        max_decoded_size: Bytes of memory that the values of one answer may take, by estimate: a few bytes
            of JSON can become a model of a kilobyte. The default of 256 MiB is several times what the
            largest lists take. `None` takes any.

    Raises:
        InvalidOptions: See `SecretiveModel`.
    """

    url: Annotated[str, AfterValidator(_server_url)]
    ws_url: Annotated[str, AfterValidator(_socket_url)] | None = None
    basepath: Annotated[str, AfterValidator(_base_path)] = ""
    auth: Annotated[AuthLogin | AuthToken | None, BeforeValidator(_auth)] = None
    httpx_client_options: HttpxClientOptions | None = None
    debug: bool = False
    retries: Annotated[int, Field(ge=0, le=20)] = 2
    deadline: Annotated[float, Field(gt=0)] | None = 60.0
    max_calls_per_second: Annotated[float, Field(ge=0.01, le=1_000_000)] | None = None
    ws_concurrent: bool = True
    ws_reconnect_wait_time: Annotated[int, Field(ge=0)] = 5
    ws_wait_for_server: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0
    ws_catch_up: bool = True
    ws_allow_unencrypted: bool = False
    etag_cache: Annotated[EtagCacheLimits | bool, AfterValidator(_etag_cache)] = False
    skip_response_parsing: bool = False
    max_response_size: Annotated[int, Field(gt=0)] | None = 128 * 1024 * 1024
    max_json_size: Annotated[int, Field(gt=0)] | None = 64 * 1024 * 1024
    max_decoded_size: Annotated[int, Field(gt=0)] | None = MAX_DECODED_SIZE

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.ws_url is None:
            # "http" -> "ws", "https" -> "wss"
            self.ws_url = URL(re.sub("^http", "ws", self.url))
        # A step down is refused where a client is made, unless it is asked for.
        used = (self.url,) if drops_encryption(self) else (self.url, self.ws_url)
        exposed = next(filter(_is_exposed, used), None)
        if self.auth is not None and exposed is not None:
            warn_caller(
                f"The credentials go unencrypted over the network to {exposed}; use https and wss",
                UserWarning,
            )
        return self


def read_options(options: ApiClientOptions | Mapping[str, Any]) -> ApiClientOptions:
    """The options of a client, which may be given as a dict.

    An `ApiClientOptions` is returned as it is, not copied.

    Raises:
        InvalidOptions: A value cannot be used, or there is no option of that name.
    """
    if isinstance(options, ApiClientOptions):
        return options
    if not isinstance(options, Mapping):
        raise InvalidOptions(f"options must be a dict or ApiClientOptions, not {type(options).__name__}")
    return ApiClientOptions.model_validate(dict(options))


_NO_HOST = re.compile(r"(?![\w.:%-])[\x00-\x7f]")
"""A character of ASCII that no name or address of a host has; `%` is for zones and for what is encoded."""


def _clean_url(value: str, name: str, schemes: tuple[str, str]) -> URL:
    """Check a URL and drop slashes at its end.

    Raises:
        ValueError: It cannot be the base of a server; the message does not quote it, since what is
            wrong may be a password in it.
    """
    text = value.strip()
    if text.startswith(UNIX_SCHEME):
        return _clean_socket(text, name)
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise ValueError(f"{name} is no valid URL") from error
    # A backslash is a slash to the core, which would then see another host than the checks here.
    has_odd_signs = re.search(r"[\\\s\x00-\x1f\x7f]", text) or (host and _NO_HOST.search(host))
    if parts.scheme not in schemes or not host or has_odd_signs:
        raise ValueError(f"{name} must be a URL such as {schemes[1]}://chat.example.com")
    if "@" in parts.netloc:
        raise ValueError(f"{name} must not hold a user name or password; use auth")
    if "?" in text or "#" in text:
        raise ValueError(f"{name} must not have a query or a fragment")
    path = parts.path.rstrip("/")
    # `https://http://host` has the host `http`, an empty port and the path `//host`.
    if "//" in path or parts.netloc.endswith(":"):
        raise ValueError(f"{name} must have one scheme, and no empty port or part of its path")
    if path.endswith(API_PREFIX):
        raise ValueError(f"{name} must not end in {API_PREFIX}; the client adds it")
    return URL(f"{parts.scheme}://{parts.netloc}{path}")


def _clean_socket(text: str, name: str) -> URL:
    path = text.removeprefix(UNIX_SCHEME)
    if not path.startswith("/") or not path.strip("/") or re.search(r"[?#\s\x00-\x1f]", path):
        raise ValueError(
            f"{name} must be {UNIX_SCHEME} and the absolute path of a socket, "
            f"such as {UNIX_SCHEME}/run/mattermost_local.socket"
        )
    return URL(text)


def drops_encryption(options: ApiClientOptions) -> bool:
    """Whether `ws_url` gives up the encryption of `url` without being asked to."""
    encrypted = urlsplit(options.url).scheme == "https"
    return encrypted and urlsplit(options.ws_url).scheme == "ws" and not options.ws_allow_unencrypted


def _is_exposed(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in {"http", "ws"} and not _is_loopback(parts.hostname or "")


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
