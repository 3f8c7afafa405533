"""A warning about what the server would drop without a word: misspelled keys of a body given as a dict."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from matterapi.errors.caller import warn_caller
from matterapi.errors.warnings import UnknownKeyWarning

if TYPE_CHECKING:
    from .operation import Operation

MOST_WARNED = 1000
"""Pairs of operation and key that are remembered; further ones are not warned about."""

_warned: set[tuple[str, str]] = set()


def warn_about_unknown_keys(op: Operation[Any], body: Any) -> None:
    """Warn of keys that the operation does not know, once a process about each.

    Args:
        op: The operation called. One that takes any key warns of none.
        body: The body as the caller gave it: the keys of a dict are looked at, or of the dicts in a list.

    Raises:
        UnknownKeyWarning: The filters of `warnings` make it an error.
    """
    known = op.known_keys
    if not known:
        return
    for one in _objects(body):
        if not one.keys() <= known:
            _warn(op, [key for key in one if key not in known])


def _objects(body: Any) -> Iterator[Mapping[Any, Any]]:
    if isinstance(body, (dict, Mapping)):  # what is a dict is told at once
        yield body
    elif isinstance(body, (list, tuple)):
        yield from (item for item in body if isinstance(item, Mapping))


def _warn(op: Operation[Any], keys: list[Any]) -> None:
    for key in map(str, keys):
        if (op.route, key) in _warned or len(_warned) >= MOST_WARNED:
            continue
        warn_caller(_message(op, key), UnknownKeyWarning)
        _warned.add((op.route, key))  # not before: where the warning is an error, so is the next one


def _message(op: Operation[Any], key: str) -> str:
    near = get_close_matches(key, op.known_keys, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    return f"{op.core_route.label} knows no key {key!r}, and servers ignore what they do not know{hint}"
