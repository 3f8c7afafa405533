"""`verify` and `cert` of `httpx_client_options`: whom to trust, and who we are."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

_VERIFY = "httpx_client_options['verify']"
_CERT = "httpx_client_options['cert']"
_CERT_FORM = f"{_CERT} must be a path, (cert, key) or (cert, key, password)"
_CA_VARIABLES = ("SSL_CERT_FILE", "SSL_CERT_DIR")
_PATHS = 2

Cert = tuple[Path, Path, str | None]
"""Files of our own certificate and its key, and the key's password."""


@dataclass(frozen=True)
class Verify:
    """How servers prove who they are, in the form that the core takes.

    Attributes:
        roots: `"system"`, `"bundled"`, a file or folder of certificates (PEM), or certificates (DER).
        check: `"full"`, `"any name"` or `"off"`.
        tls12: Whether TLS 1.2 may be spoken.
        tls13: Whether TLS 1.3 may be spoken.
    """

    roots: str | Path | list[bytes] = "system"
    check: str = "full"
    tls12: bool = True
    tls13: bool = True


def core_verify(verify: Any, trust_env: bool, env: Mapping[str, str]) -> Verify:
    """The option `verify` in the form that the core takes.

    Args:
        verify: A bool, the path of a file or folder of certificates, or an `ssl.SSLContext`.
        trust_env: Whether `SSL_CERT_FILE` and `SSL_CERT_DIR` may name the authorities.
        env: The environment.

    Raises:
        ValueError: It is something else, or a context has a setting that cannot be honoured.
    """
    if is_context(verify):
        return _read_context(verify)
    if verify is False:
        return Verify(check="off")
    if verify is not True:
        return Verify(Path(verify))
    # The core's way to the system's roots follows these variables.
    named = any(env.get(name) for name in _CA_VARIABLES)
    return Verify("bundled" if named and not trust_env else "system")


def read_verify(value: Any) -> Any:
    """The value of `verify` without the forms that mean the same.

    Raises:
        ValueError: It is neither a bool nor a path nor an `ssl.SSLContext`.
    """
    if is_context(value) or isinstance(value, bool):
        return value
    if isinstance(value, (str, PathLike)) and (text := os.fspath(value)):
        return {"true": True, "false": False}.get(str(text).lower(), value)
    raise ValueError(
        f"{_VERIFY} must be a bool, the path of a file or folder of certificates, or an ssl.SSLContext"
    )


def is_context(value: Any) -> bool:
    """Whether this is an `ssl.SSLContext`, told without importing `ssl`, which costs 30 ms."""
    return hasattr(value, "load_verify_locations")


def read_cert(value: Any) -> Cert | None:
    """Certificate file, key file and password of `cert`.

    Raises:
        ValueError: It has another form; the message does not quote it.
    """
    if value is None or value == "":
        return None
    parts = [value] if isinstance(value, (str, PathLike)) else value
    if not isinstance(parts, (tuple, list)) or not 1 <= len(parts) <= _PATHS + 1:
        raise ValueError(_CERT_FORM)
    paths = [part for part in parts[:_PATHS] if part is not None]
    if not paths or not all(isinstance(part, (str, PathLike)) and os.fspath(part) for part in paths):
        raise ValueError(_CERT_FORM)
    password = parts[_PATHS] if len(parts) > _PATHS else None
    if isinstance(password, bytes):
        password = password.decode()
    if password is not None and not isinstance(password, str):
        raise ValueError(f"{_CERT_FORM}; the password as text or bytes")
    return Path(paths[0]), Path(paths[-1]), password


def _read_context(context: Any) -> Verify:
    """What an `ssl.SSLContext` says. A client certificate inside it cannot be read by anybody.

    Raises:
        ValueError: It has a setting that the core cannot honour.
    """
    import ssl  # noqa: PLC0415 - see `is_context`

    if context.protocol == ssl.PROTOCOL_TLS_SERVER:
        raise ValueError(f"{_VERIFY}: this ssl.SSLContext is for servers")
    if context.verify_flags & (ssl.VERIFY_CRL_CHECK_LEAF | ssl.VERIFY_CRL_CHECK_CHAIN):
        raise ValueError(f"{_VERIFY}: revocation lists of an ssl.SSLContext cannot be read from it")
    if _names_of_ciphers(context) != _names_of_ciphers(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)):
        raise ValueError(
            f"{_VERIFY}: a cipher list of one's own cannot be honoured; only modern ones are used"
        )
    oldest, newest = context.minimum_version, context.maximum_version
    unbounded = ssl.TLSVersion.MAXIMUM_SUPPORTED

    def allows(version: ssl.TLSVersion, switched_off: ssl.Options) -> bool:
        below = newest == unbounded or version <= newest
        # The oldest supported version is the smallest number there is.
        return oldest <= version and below and not context.options & switched_off

    tls12 = allows(ssl.TLSVersion.TLSv1_2, ssl.OP_NO_TLSv1_2)
    tls13 = allows(ssl.TLSVersion.TLSv1_3, ssl.OP_NO_TLSv1_3)
    if not (tls12 or tls13):
        raise ValueError(f"{_VERIFY}: this ssl.SSLContext allows neither TLS 1.2 nor TLS 1.3")
    if context.verify_mode == ssl.CERT_NONE:
        return Verify("bundled", "off", tls12, tls13)
    check = "full" if context.check_hostname else "any name"
    return Verify(_roots(context), check, tls12, tls13)


def _names_of_ciphers(context: Any) -> set[str]:
    return {cipher["name"] for cipher in context.get_ciphers()}


def _roots(context: Any) -> str | list[bytes]:
    if type(context).__module__.partition(".")[0] == "truststore":
        return "system"
    certificates: list[bytes] = context.get_ca_certs(binary_form=True)
    if not certificates:
        raise ValueError(
            f"{_VERIFY}: this ssl.SSLContext lists no certificates (those of a folder are not in it); "
            "give True for the system's, or the path of the file or folder"
        )
    return certificates
