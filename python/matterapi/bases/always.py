"""Fields that the server always sends, though callers may leave them out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Optional, TypeAlias, TypeVar

__all__ = ["SENT", "Always"]

T = TypeVar("T")

if TYPE_CHECKING:
    Always: TypeAlias = Annotated[T, "in every answer"]
    """The type of a field that each answer of a supported server holds, and never as null.

    A type checker takes it for the type alone. At run time such a field may be `None`: where a program makes
    the instance and leaves it out, or where a server sends less than all that are known do. Nothing is
    refused or lost then.
    """
else:

    class Always:
        """See above."""

        def __class_getitem__(cls, kind: Any) -> Any:
            """What pydantic takes."""
            return Optional[kind]  # noqa: UP045 - a text has no `|`


SENT: Any = None
"""The default of these fields, of a type that fits every annotation."""
