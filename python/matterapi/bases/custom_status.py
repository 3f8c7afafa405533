"""What users say about themselves: an object for the JSON text in their props."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, Literal, TypeAlias, cast, overload

from typing_extensions import Self

Duration: TypeAlias = Literal[
    "", "thirty_minutes", "one_hour", "four_hours", "today", "this_week", "date_and_time"
]
"""The choice in the menu of Mattermost's own clients that `expires_at` came from."""

_KEY = "customStatus"
_LONGEST_FRACTION = 6  # digits of a second that Python keeps; Go writes up to 9


@dataclass(frozen=True)
class CustomStatus:
    """What a user says about himself, with an emoji, until some time.

    The server keeps it as a JSON text in the user's props (model/custom_status.go). It does not take it
    back when it expires: Mattermost's own clients stop to show it.

    Attributes:
        text: At most 100 characters, the rest of which the server cuts off.
        emoji: Name of an emoji, without colons; an unknown one is refused.
        expires_at: When it ends, with a time zone; `None` for never.
        duration: How its user chose that time; not needed, the server takes `date_and_time` then.
    """

    text: str = ""
    emoji: str = ""
    expires_at: datetime | None = None
    duration: Duration = ""

    @classmethod
    def of(cls, user: Any) -> Self | None:
        """The custom status in the props of a user; `None` for none, and for a text that is no status.

        Args:
            user: A `User`, or another model with its `props`.
        """
        props = getattr(user, "props", None)
        text = props.get(_KEY) if props is not None else None
        try:
            known = json.loads(text) if isinstance(text, str) and text else None
        except (ValueError, RecursionError):
            return None
        if not isinstance(known, dict):
            return None
        words, emoji, duration = (str(known.get(key) or "") for key in ("text", "emoji", "duration"))
        if not words and not emoji:
            return None
        return cls(words, emoji, _time(known.get("expires_at")), cast("Duration", duration))

    def to_json(self) -> dict[str, Any]:
        """The body of `status.update_user_custom_status`.

        Raises:
            ValueError: There is neither text nor emoji, or `expires_at` has no time zone.
        """
        if not self.text and not self.emoji:
            raise ValueError("a custom status needs a text or an emoji")
        body: dict[str, Any] = {"emoji": self.emoji.strip(":"), "text": self.text}
        if self.duration:
            body["duration"] = self.duration
        if self.expires_at is not None:
            if self.expires_at.utcoffset() is None:
                raise ValueError("expires_at needs a time zone, such as datetime.now(timezone.utc)")
            body["expires_at"] = self.expires_at.isoformat()
        return body


class CustomStatusOf:
    """The attribute `custom_status` of a user: what its props hold as an object, or `None`."""

    __slots__ = ()

    @overload
    def __get__(self, instance: None, owner: type) -> Self: ...
    @overload
    def __get__(self, instance: object, owner: type) -> CustomStatus | None: ...
    def __get__(self, instance: object | None, owner: type) -> Self | CustomStatus | None:
        return self if instance is None else CustomStatus.of(instance)


def _time(text: Any) -> datetime | None:
    """The time that Go wrote; `None` for its zero time, which means never."""
    match = re.fullmatch(r"(.{19})(?:\.(\d+))?(Z|[+-]\d\d:\d\d)", text) if isinstance(text, str) else None
    if match is None:
        return None
    fraction = (match[2] or "0")[:_LONGEST_FRACTION].ljust(_LONGEST_FRACTION, "0")
    try:
        found = datetime.fromisoformat(f"{match[1]}.{fraction}{match[3].replace('Z', '+00:00')}")
        return None if found.year == 1 else found.astimezone(timezone.utc)
    except (ValueError, OverflowError):
        return None
