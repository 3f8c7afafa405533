"""The server's milliseconds as times."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any, overload

from typing_extensions import Self

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def time_of_milliseconds(value: Any) -> datetime | None:
    """The time in UTC that a number of milliseconds since 1970 means, to the millisecond.

    Args:
        value: What a field of a model holds.

    Returns:
        The time; `None` for 0, by which the server says never, for what is no number, and for a time
        outside the years 1 to 9999.
    """
    if not isinstance(value, int) or not value:
        return None
    try:
        return _EPOCH + timedelta(milliseconds=value)
    except OverflowError:
        return None


class TimeOf:
    """An attribute of a model: the time that one of its fields gives in milliseconds.

    `post.create_time` is `post.create_at` as an aware `datetime` in UTC, or `None` where there is none: the
    field is 0 (never) or missing. It is no field: it is neither validated, compared nor dumped, costs nothing
    before it is read, and cannot be set.

    Args:
        field: Name of the field.
    """

    __slots__ = ("_field",)

    def __init__(self, field: str) -> None:
        self._field = field

    @overload
    def __get__(self, instance: None, owner: type) -> Self: ...
    @overload
    def __get__(self, instance: object, owner: type) -> datetime | None: ...
    def __get__(self, instance: object | None, owner: type) -> Self | datetime | None:
        return self if instance is None else time_of_milliseconds(getattr(instance, self._field))

    def __repr__(self) -> str:
        return f"TimeOf({self._field!r})"
