"""What of a client's options must not be shown."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterator
from urllib.parse import parse_qsl, unquote, urlsplit

from matterapi.own_secrets import Secrets
from matterapi.redaction import is_secret_header

from .core_config import CoreConfig

Pair = tuple[str, str]


def config_secrets(config: CoreConfig) -> Secrets:
    """The credentials of a client, without the token of its session.

    They are the password and a fixed MFA code, those of proxies, the values of header fields and cookies that
    may hold a credential, all values of query parameters, and the password of the client certificate's key.
    """
    pairs = [*_logins(config), *_proxies(config), *_basic(config)]
    single = [password for _, password in pairs]
    # Some proxies take a key as the name of a user without a password.
    single += [user for user, password in pairs if not password]
    return Secrets(filter(None, [*single, *_others(config)]), pairs)


def _others(config: CoreConfig) -> Iterator[str]:
    if config.login is not None and isinstance(config.login.mfa_token, str):
        yield config.login.mfa_token
    if config.tls.identity is not None:
        yield config.tls.identity[2] or ""
    yield from (value for _, value in parse_qsl(config.query))
    for name, value in config.headers:
        if name.lower() == "cookie":
            values = [cookie.partition("=")[2].strip() for cookie in value.split(";")]
            yield from (*values, *map(unquote, values))
        elif is_secret_header(name):
            yield value
            # Without its scheme, such as Bearer.
            yield value.rpartition(" ")[2]


def _logins(config: CoreConfig) -> Iterator[Pair]:
    if config.login is not None:
        yield config.login.login_id, config.login.password


def _proxies(config: CoreConfig) -> Iterator[Pair]:
    for url in config.proxies[:2]:
        parts = urlsplit(url or "")
        if parts.username is not None:
            yield unquote(parts.username), unquote(parts.password or "")


def _basic(config: CoreConfig) -> Iterator[Pair]:
    for _, value in config.headers:
        scheme, _, encoded = value.partition(" ")
        if scheme.lower() == "basic":
            try:
                user, _, password = b64decode(encoded).decode("utf-8", "replace").partition(":")
            except ValueError:
                continue
            yield user, password
