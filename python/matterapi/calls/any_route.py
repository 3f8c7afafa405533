"""Calls of routes that the catalogue does not know: those of plugins, and newer ones."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, TypeVar

from matterapi.errors.exceptions import InvalidRequest

from .operation import Operation

T = TypeVar("T")

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

# What RFC 3986 lets stand in a path, without the percent sign, which would let a path say one thing and
# mean another to the next server: there is none in Mattermost's routes.
_PATH = re.compile(r"(?:/[A-Za-z0-9\-._~!$&'()*+,;=:@]*)+")
_NAME = re.compile(r"[A-Za-z0-9\-._~\[\]]+")


class AnyOperation(Operation[T]):
    """An operation that is no line of the tables: its route may name a thing of which there are many."""


def any_operation(
    url: str, method: str, path: str, params: Mapping[str, Any], returns: type[T]
) -> Operation[T]:
    """The operation that a verb and a path name.

    Args:
        url: The URL of the server.
        method: The verb.
        path: The path below the URL of the server, or a whole URL on it; without a query.
        params: The query parameters.
        returns: What a 2xx answer becomes.

    Raises:
        InvalidRequest: The verb is none, or the path leads elsewhere or cannot be sent as it stands.
    """
    verb = method.upper()
    if verb not in METHODS:
        raise InvalidRequest(f"there is no method {method!r}: give one of {', '.join(sorted(METHODS))}")
    local = path.removeprefix(url) if path.startswith(url) else path
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]*:|//", local):
        raise InvalidRequest("the token belongs to this client's server: give the path of one of its routes")
    if not _PATH.fullmatch(local):
        raise InvalidRequest(
            "the path must begin with / and hold letters, digits and -._~!$&'()*+,;=:@ only; "
            "give what stands behind the question mark as params"
        )
    if {".", ".."} & set(local.split("/")):
        raise InvalidRequest("the path must not climb: it has a part that is . or ..")
    if unusable := [name for name in params if not _NAME.fullmatch(name)]:
        raise InvalidRequest(f"a query parameter cannot be named {unusable[0]!r}")
    # A list is sent as one pair for each element.
    names = ",".join(
        f"{name}*" if isinstance(value, (list, tuple)) else name for name, value in params.items()
    )
    return AnyOperation(f"{verb} {local}" + (f"{{?{names}}}" if names else ""), returns)
