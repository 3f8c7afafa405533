"""`httpx_client_options`: the settings of the HTTP client, under the names that httpx gave them."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Mapping
from typing import Annotated, Any, ClassVar

from pydantic import ConfigDict, Field, field_validator, model_validator
from typing_extensions import Self

from matterapi.redaction.patterns import MASK, is_secret_header

from . import extras, proxy, tls
from .hooks import EventHooks
from .secrets import SecretiveModel
from .timeouts import Limits, Timeout

_NAME = "httpx_client_options"
_HTTPX_MAX_REDIRECTS = 20
_REFUSED_VALUE = {
    "transport": (
        "the connections are made in the compiled core; to test without a network use "
        "matterapi.testing.MattermostServer, for a unix socket a unix:// url"
    ),
}
"""Options of httpx that cannot be honoured, and what to do instead."""


class HttpxClientOptions(SecretiveModel):
    """Settings of the HTTP client; those of connections hold for the websocket too.

    The names and forms are those of `httpx.Client`. A value that cannot be honoured is refused here,
    and an unknown name too: nothing is ignored in silence.

    Args:
        verify: Whether to check the server's certificate, the path of a file or folder with the
            certificates (PEM) to trust, or an `ssl.SSLContext`. A client certificate inside a context
            cannot be read from it: give it as `cert`.
        timeout: Seconds, `None`, a tuple (connect, read, write, pool), a `Timeout` or an
            `httpx.Timeout`. Default 10 s for each phase.
        headers: Header fields sent with every request, as a mapping or pairs.
        auth: (user, password) for HTTP Basic authentication, where `options.auth` is `None`.
        cert: Our own certificate: a path, (cert, key) or (cert, key, password).
        mounts: Proxies by URL pattern, or `None` for no proxy; they win over `proxy`.
        proxy: URL of a proxy (http, https, socks5 or socks5h), or an `httpx.Proxy`.
        proxies: A proxy, or proxies by URL pattern, as before httpx 0.28.
        cookies: A mapping, pairs or a cookie jar, sent with every request. No cookie of the server is kept.
        params: Query parameters added to every request. They may be keys: no URL of an answer shows them.
        limits: A `Limits` or an `httpx.Limits`.
        http1: Whether to speak HTTP/1.1.
        http2: Whether to speak HTTP/2. The websocket always goes over HTTP/1.1.
        follow_redirects: Follow redirects of reads, and repetitions (307, 308) of writes to the same
            server; never from https to http, and to another server without credentials.
        max_redirects: How many in a row.
        trust_env: Whether `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY`, `NO_PROXY`, `SSL_CERT_FILE` and
            `SSL_CERT_DIR` count.
        default_encoding: Encoding of `Response.text` where the answer names none, or a function that
            finds it out from the body.
        event_hooks: Functions called with every `request`, with every `response`, and with every attempt that
            ends in an `error`: see `matterapi.options.hooks.EventHooks`.

    Raises:
        InvalidOptions: See `SecretiveModel`.
    """

    model_config: ClassVar[ConfigDict] = ConfigDict(arbitrary_types_allowed=True)

    _place: ClassVar[str] = _NAME

    verify: bool | Any = True
    timeout: Any | None = 10.0
    headers: Any | None = None
    auth: Any | None = None
    cert: Any | None = None
    mounts: dict[Any, Any] | None = None
    proxy: Any | None = None
    proxies: Any | None = None
    cookies: Any | None = None
    params: Any | None = None
    limits: Any | None = None
    http1: bool = True
    http2: bool = False
    follow_redirects: bool = False
    max_redirects: Annotated[int, Field(ge=0)] = _HTTPX_MAX_REDIRECTS
    trust_env: bool = True
    default_encoding: str | Callable[[bytes], str] = "utf-8"
    event_hooks: Any | None = None

    @model_validator(mode="before")
    @classmethod
    def _known_names(cls, data: Any) -> Any:
        if not isinstance(data, Mapping):
            return data
        for name, reason in _REFUSED_VALUE.items():
            if data.get(name) is not None:
                raise ValueError(f"{_NAME}[{name!r}] cannot be honoured: {reason}")
        honoured = {name: value for name, value in data.items() if name not in _REFUSED_VALUE}
        cls.check_names(honoured)
        return honoured

    @field_validator("verify")
    @classmethod
    def _check_verify(cls, value: Any) -> Any:
        return tls.read_verify(value)

    @field_validator("timeout")
    @classmethod
    def _check_timeout(cls, value: Any) -> Any:
        timeout = Timeout.of(value)
        return timeout if hasattr(value, "connect") else value

    @field_validator("default_encoding")
    @classmethod
    def _check_encoding(cls, value: Any) -> Any:
        if isinstance(value, str):
            try:
                codecs.lookup(value)
            except LookupError:
                raise ValueError(f"{_NAME}['default_encoding']: {value!r} is no encoding") from None
        return value

    @model_validator(mode="after")
    def _check_values(self) -> Self:
        # Every value is read once to no other end than to find the one that cannot be used. Masks are
        # refused later, with a word about where they come from.
        if self.lost_its_secrets():
            return self
        extras.header_pairs(self.headers)
        extras.cookie_pairs(self.cookies, "https://localhost")
        extras.query(self.params)
        extras.basic_auth(self.auth)
        tls.core_verify(self.verify, self.trust_env, {})
        tls.read_cert(self.cert)
        proxy.read_rules(self.proxy, self.proxies, self.mounts)
        EventHooks.of(self.event_hooks)
        Limits.of(self.limits)
        if not (self.http1 or self.http2):
            raise ValueError(f"{_NAME}: one of ['http1'] and ['http2'] must be on")
        return self

    @classmethod
    def _masked(cls, name: str, value: Any) -> Any:
        if not value:
            return value
        if name in {"auth", "params"}:
            return MASK
        if name == "cert" and isinstance(value, (tuple, list)):
            return tuple(MASK if index > 1 else part for index, part in enumerate(value))
        if name in {"proxy", "proxies", "mounts"}:
            return proxy.masked(value)
        if name == "cookies":
            return dict.fromkeys(value, MASK) if isinstance(value, Mapping) else MASK
        return _masked_headers(value) if name == "headers" else value

    def lost_its_secrets(self) -> bool:
        """Whether these options come from a pickle or a dump, where masks stand for secrets."""
        return any(MASK in repr(value) for value in self.__dict__.values())


def _masked_headers(headers: Any) -> Any:
    pairs = extras.header_pairs(headers)
    masked = ((name, MASK if is_secret_header(name) else value) for name, value in pairs)
    return dict(masked) if isinstance(headers, Mapping) else list(masked)
