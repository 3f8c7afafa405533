"""`httpx_client_options`: the settings of the HTTP client, under the names that httpx gave them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any, ClassVar

from pydantic import ConfigDict, field_validator, model_validator
from typing_extensions import Self

from matterapi.redaction import MASK, is_secret_header

from .secrets import SecretiveModel

_NAME = "httpx_client_options"
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER_VALUE = re.compile(r"[^\x00-\x08\x0a-\x1f\x7f]*")
_PHASES = ("connect", "read", "write", "pool")

# What the client does anyway: asking for it changes nothing.
_ALREADY_SO: dict[str, Any] = {
    "http1": True,
    "http2": False,
    "follow_redirects": False,
    "trust_env": False,
    "default_encoding": "utf-8",
}


@dataclass(frozen=True)
class Timeout:
    """Seconds that each phase of a call may take; `None` waits without end.

    Args:
        connect: Until the connection is ready, TLS included.
        read: Between two reads of the answer.
        write: Between two writes of the request.
        pool: For a free connection.
    """

    connect: float | None = 10.0
    read: float | None = 10.0
    write: float | None = 10.0
    pool: float | None = 10.0

    @classmethod
    def of(cls, value: Any) -> Timeout:
        """Read what httpx takes as a timeout.

        Args:
            value: Seconds for every phase, `None` for no limit, four values in the order of the fields,
                or an object with these four attributes, such as `httpx.Timeout`.

        Raises:
            ValueError: It is something else, or not a positive number.
        """
        if isinstance(value, cls):
            return cls(*map(_seconds, astuple(value)))
        if all(hasattr(value, phase) for phase in _PHASES):
            return cls(*(_seconds(getattr(value, phase)) for phase in _PHASES))
        if isinstance(value, (tuple, list)):
            if len(value) != len(_PHASES):
                raise ValueError(f"a timeout of several values needs four: {', '.join(_PHASES)}")
            return cls(*map(_seconds, value))
        seconds = _seconds(value)
        return cls(seconds, seconds, seconds, seconds)


class HttpxClientOptions(SecretiveModel):
    """Settings of the HTTP client.

    Every option of `httpx.Client` may be named; one that is not supported yet is refused when it has a
    value, so that no setting is ignored in silence.

    Args:
        verify: Whether to check the server's certificate, or the path of a file with the certificates
            (PEM) to trust.
        timeout: Seconds, `None`, a tuple of four (connect, read, write, pool), a `Timeout` or an
            `httpx.Timeout`. Default 10 s for each phase.
        headers: Header fields sent with every request, as a mapping or pairs.
        auth: Not supported yet.
        cert: Not supported yet.
        mounts: Not supported yet.
        proxy: Not supported yet.
    """

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="allow", arbitrary_types_allowed=True)

    verify: bool | Any = True
    timeout: Any | None = 10.0
    headers: Any | None = None
    auth: Any | None = None
    cert: Any | None = None
    mounts: dict[Any, Any] | None = None
    proxy: str | None = None

    @field_validator("verify")
    @classmethod
    def _check_verify(cls, value: Any) -> Any:
        # Known by a method, because importing `ssl` for its class costs every program 30 ms.
        if hasattr(value, "load_verify_locations"):
            raise ValueError(
                f"{_NAME}['verify'] as an ssl.SSLContext is not supported yet; give a bool or a path"
            )
        if isinstance(value, (bool, Path)) or (isinstance(value, str) and value):
            return {"true": True, "false": False}.get(str(value).lower(), value)
        raise ValueError(f"{_NAME}['verify'] must be a bool or the path of a certificate file")

    @field_validator("timeout")
    @classmethod
    def _check_timeout(cls, value: Any) -> Any:
        timeout = Timeout.of(value)
        return timeout if hasattr(value, "connect") else value

    @field_validator("headers")
    @classmethod
    def _check_headers(cls, value: Any) -> Any:
        for name, text in header_pairs(value):
            if not _HEADER_NAME.fullmatch(name):
                raise ValueError(f"{_NAME}['headers']: {name!r} is no name of a header field")
            if not _HEADER_VALUE.fullmatch(text):
                raise ValueError(f"{_NAME}['headers']: the value of {name!r} has control characters")
        return value

    @model_validator(mode="after")
    def _refuse_unsupported(self) -> Self:
        values = {**self.__dict__, **(self.model_extra or {})}
        for name in sorted(values.keys() - {"verify", "timeout", "headers"}):
            value = values[name]
            if name in _ALREADY_SO and value == _ALREADY_SO[name]:
                continue
            if value is not None and not _is_empty(value):
                raise ValueError(f"{_NAME}[{name!r}] is not supported yet")
        return self

    @classmethod
    def _masked(cls, name: str, value: Any) -> Any:
        if name != "headers" or value is None:
            return value
        pairs = ((field, MASK if is_secret_header(field) else text) for field, text in header_pairs(value))
        return dict(pairs) if isinstance(value, Mapping) else list(pairs)


def header_pairs(headers: Any) -> list[tuple[str, str]]:
    """Header fields given as a mapping or as pairs, in their order; `None` has none.

    Raises:
        ValueError: A name or value is neither text nor ASCII bytes, or the whole is something else.
    """
    if headers is None:
        return []
    pairs: Iterable[Any] = headers.items() if isinstance(headers, Mapping) else headers
    try:
        return [(_header_text(name), _header_text(value)) for name, value in pairs]
    except TypeError:
        raise ValueError(f"{_NAME}['headers'] must be a mapping or pairs of names and values") from None


def _header_text(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode("ascii")
    if isinstance(value, str):
        return value
    raise TypeError


def _is_empty(value: Any) -> bool:
    return isinstance(value, (str, bytes, Mapping, list, tuple, set)) and not value


def _seconds(value: Any) -> float | None:
    if value is None:
        return None
    try:
        seconds = float(value)
    except (TypeError, ValueError):
        seconds = 0.0
    if isinstance(value, bool) or not 0 < seconds < float("inf"):
        raise ValueError(f"{_NAME}['timeout'] must be positive seconds or None for no limit")
    return seconds
