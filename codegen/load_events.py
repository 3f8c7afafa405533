"""Reads `spec/events.yaml`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .api import EventFacts, EventField
from .errors import SpecError
from .typeexpr import parse

EVENT_ADDRESSES = (
    "omit_users",
    "user_id",
    "channel_id",
    "team_id",
    "connection_id",
    "omit_connection_id",
    "contains_sanitized_data",
    "contains_sensitive_data",
)
_WORDS = {
    "sent": (None, "never", "enterprise"),
    "cluster": (None, "reliable"),
    "when_slow": (None, "dropped"),
    "viewers": (None, True),
}
_TEXTS = ("topic", "about", "who")
_KEYS = {*_TEXTS, *_WORDS, "note", "since", "until", "to", "may", "recovery", "data"}
_FIELD_KEYS = {"type", "since", "known", "rest", "about"}


def load_event(name: str, entry: dict[str, Any]) -> EventFacts:
    """The facts of one event.

    Raises:
        SpecError: The entry has something that is not known, or lacks what each needs.
    """
    place = f"events.yaml: {name}"
    _refuse(place, "key", set(entry) - _KEYS, _KEYS)
    _refuse(
        place, "address", {*entry.get("to", ()), *entry.get("may", ())} - {*EVENT_ADDRESSES}, EVENT_ADDRESSES
    )
    for key in _TEXTS:
        if not entry.get(key):
            raise SpecError(place, f"has no {key!r}")
    for key, allowed in _WORDS.items():
        if entry.get(key) not in allowed:
            raise SpecError(place, f"{key} is {' or '.join(str(one) for one in allowed[1:])}, or left out")
    return EventFacts(
        name=name,
        topic=entry["topic"],
        about=entry["about"],
        who=entry["who"],
        note=entry.get("note", ""),
        since=str(entry["since"]),
        until=entry.get("until"),
        sent=entry.get("sent", "yes"),
        always=tuple(entry.get("to", ())),
        possible=tuple(entry.get("may", ())),
        is_reliable="cluster" in entry,
        is_dropped_when_slow="when_slow" in entry,
        is_for_viewers="viewers" in entry,
        recovery=entry.get("recovery", ""),
        data={key: _field(one, f"{place}.{key}") for key, one in entry.get("data", {}).items()},
    )


def _field(entry: str | dict[str, Any], place: str) -> EventField:
    facts: dict[str, Any] = {"type": entry} if isinstance(entry, str) else entry
    _refuse(place, "key", set(facts) - _FIELD_KEYS, _FIELD_KEYS)
    text: str = facts["type"]
    kind = text.rstrip("!")
    return EventField(
        type=parse(kind.removeprefix("json "), place),
        required=text.endswith("!"),
        is_text=kind.startswith("json "),
        about=facts.get("about", ""),
        since=str(facts.get("since", "")),
        known=tuple(facts.get("known", ())),
        rest=facts.get("rest", True),
    )


def _refuse(place: str, what: str, unknown: set[str], known: Iterable[str]) -> None:
    if unknown:
        raise SpecError(place, f"{min(unknown)!r} is no {what}; known are {', '.join(sorted(known))}")
