"""Which events a stream hands out, in the form in which the core asks for it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from matterapi.errors.exceptions import InvalidRequest

from .event import Event, PluginEvent, UnknownEvent


class Choice(NamedTuple):
    """Some of the values of one kind.

    Attributes:
        only: Only these; `None` for all. What has none of the kind is not among them.
        without: None of these.
    """

    only: frozenset[str] | None = None
    without: frozenset[str] = frozenset()


class EventFilter(NamedTuple):
    """What passes: the core decides it from a frame's text, before anything is made of it.

    Attributes:
        events: The server's names of events.
        channels: Ids of the channels that events are about.
        teams: Ids of the teams that events say they are about.
        users: Ids of the users who caused them.
        not_own_posts: Leave out posts, edits and deletions of posts of the client's own user.
    """

    events: Choice = Choice()
    channels: Choice = Choice()
    teams: Choice = Choice()
    users: Choice = Choice()
    not_own_posts: bool = False


def choice(what: str, only: Iterable[str] | None, without: Iterable[str]) -> Choice:
    """A choice of ids.

    Raises:
        InvalidRequest: A text was given where several are expected, or something that is none.
    """
    return Choice(None if only is None else ids(what, only), ids(f"not_{what}", without))


def ids(name: str, values: Iterable[str]) -> frozenset[str]:
    """Ids that were given under a name.

    Raises:
        InvalidRequest: See `choice`.
    """
    if isinstance(values, str):
        raise InvalidRequest(f"{name} takes a list of ids, not one: [{values!r}]")
    found = frozenset(values)
    for value in found:
        if not isinstance(value, str) or not value:
            raise InvalidRequest(f"{name} takes ids, not {value!r}")
    return found


def events_by_class(classes: tuple[type[Event], ...], without: Iterable[type[Event]]) -> Choice:
    """The choice of events that some classes stand for.

    Raises:
        InvalidRequest: One of them is no class of an event.
    """
    left_out = tuple(without)
    for each in (*classes, *left_out):
        if not (isinstance(each, type) and issubclass(each, Event)):
            raise InvalidRequest(f"events are chosen by their classes, such as Posted, not by {each!r}")
    for each in left_out:
        if not each.NAME:
            raise InvalidRequest(
                f"{each.__name__} cannot be left out: name the classes that you want instead"
            )
    names = frozenset(each.NAME for each in classes if each.NAME)
    everything = not classes or any(each in {Event, UnknownEvent, PluginEvent} for each in classes)
    return Choice(None if everything else names, frozenset(each.NAME for each in left_out))


def takes_posts(events: Choice) -> bool:
    """Whether any event about posts is wanted: these can be fetched when they were missed."""
    wanted = _ABOUT_POSTS if events.only is None else _ABOUT_POSTS & events.only
    return bool(wanted - events.without)


_ABOUT_POSTS = frozenset({"posted", "post_edited", "post_deleted"})
