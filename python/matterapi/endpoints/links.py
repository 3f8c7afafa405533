"""Links as Mattermost's own clients show them: what they lead to."""

from __future__ import annotations

from typing import Any, NamedTuple
from urllib.parse import SplitResult, unquote, urlsplit

from matterapi.calls.operation import Operation
from matterapi.calls.script import Script

from .steps import client_setting, is_id, refuse

_SCHEMES = {"http": 80, "https": 443, "mattermost": 443}
_POST_PATHS = frozenset({"pl", "threads"})
_CHANNEL_PATHS = frozenset({"channels", "messages"})
_NO_TEAM = "_redirect"


class Link(NamedTuple):
    """What a link leads to.

    Attributes:
        team: Name of the team; empty in a link to a post that names none.
        channel: Name or id of the channel, or `@` and a user's name; empty if it names none.
        post: Id of the post; empty if it leads to none.
    """

    team: str
    channel: str = ""
    post: str = ""


def is_link(text: str) -> bool:
    """Whether a text is meant as a link."""
    return "://" in text


def read_link(text: str, server: str, op: Operation[Any]) -> Script[Link]:
    """What a link on this server leads to.

    The server may be known by two addresses: that of the client and the one that its users see, which is
    asked for when the link does not begin with the first.

    Args:
        text: The link.
        server: URL of the client.
        op: The operation that an error names.

    Raises:
        InvalidRequest: It leads elsewhere, or to nothing that can be asked for.
    """
    path = below(text, server)
    if path is None:
        path = below(text, (yield from client_setting("SiteURL")))
    if path is None:
        raise refuse(f"the link {text!r} is not one of this server", op)
    link = parse_path(path)
    if link is None:
        raise refuse(f"the link {text!r} leads to no team, channel or post", op)
    return link


def below(text: str, site: str) -> list[str] | None:
    """The parts of a link's path below the address of a site; `None` if it is not there."""
    try:
        link, root = urlsplit(text.strip()), urlsplit(site)
        if not site or link.scheme not in _SCHEMES or _host(link) != _host(root):
            return None
    except ValueError:
        return None
    parts, above = ([part for part in url.path.split("/") if part] for url in (link, root))
    return [unquote(part) for part in parts[len(above) :]] if parts[: len(above)] == above else None


def _host(url: SplitResult) -> tuple[str | None, int | None]:
    """Host and port; the usual ports are one, for http leads to https."""
    port = url.port
    return url.hostname, None if port in {None, 80, 443} else port


def parse_path(parts: list[str]) -> Link | None:
    """What a path below the server's address leads to; `None` for what is no link to a post or place."""
    match parts:
        case [team, kind, post] if kind in _POST_PATHS and is_id(post):
            return Link("" if team == _NO_TEAM else team, post=post)
        case [team, kind, channel] if kind in _CHANNEL_PATHS:
            return Link(team, channel)
        case [team, kind, channel, post] if kind in _CHANNEL_PATHS and is_id(post):
            return Link(team, channel, post)
        case [team]:
            return Link(team)
    return None
