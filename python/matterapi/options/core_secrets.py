"""What of a client's options must not be shown."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterator
from urllib.parse import parse_qsl, unquote, urlsplit

from matterapi.redaction.known_secrets import Secrets
from matterapi.redaction.patterns import is_secret_header

from .client import AuthLogin
from .core_options import CoreOptions
from .totp import Totp

Pair = tuple[str, str]


def core_secrets(options: CoreOptions) -> Secrets:
    """The credentials of a client, without the token of its session.

    They are the password and a fixed MFA code, those of proxies, the values of header fields and cookies that
    may hold a credential, all values of query parameters, and the password of the client certificate's key.
    """
    pairs = [*_logins(options), *_proxies(options), *_basic(options)]
    single = [password for _, password in pairs]
    # Some proxies take a key as the name of a user without a password.
    single += [user for user, password in pairs if not password]
    return Secrets(filter(None, [*single, *_others(options)]), pairs)


def _others(options: CoreOptions) -> Iterator[str]:
    if isinstance(options.auth, AuthLogin) and isinstance(options.auth.mfa_token, str):
        yield options.auth.mfa_token
    if isinstance(options.auth, AuthLogin) and isinstance(options.auth.mfa_token, Totp):
        yield options.auth.mfa_token.secret
    if options.cert is not None:
        yield options.cert[2] or ""
    yield from (value for _, value in parse_qsl(options.params))
    for name, value in options.headers:
        if name.lower() == "cookie":
            values = [cookie.partition("=")[2].strip() for cookie in value.split(";")]
            yield from (*values, *map(unquote, values))
        elif is_secret_header(name):
            yield value
            # Without its scheme, such as Bearer.
            yield value.rpartition(" ")[2]


def _logins(options: CoreOptions) -> Iterator[Pair]:
    if isinstance(options.auth, AuthLogin):
        yield options.auth.login_id, options.auth.password


def _proxies(options: CoreOptions) -> Iterator[Pair]:
    for url in options.proxies[:2]:
        parts = urlsplit(url or "")
        if parts.username is not None:
            yield unquote(parts.username), unquote(parts.password or "")


def _basic(options: CoreOptions) -> Iterator[Pair]:
    for _, value in options.headers:
        scheme, _, encoded = value.partition(" ")
        if scheme.lower() == "basic":
            try:
                user, _, password = b64decode(encoded).decode("utf-8", "replace").partition(":")
            except ValueError:
                continue
            yield user, password
