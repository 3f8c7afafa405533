"""Fields that the server always sends, though callers may leave them out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Optional, TypeAlias, TypeVar

__all__ = ["SENT", "Always", "always_sent"]

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


def always_sent(model: type) -> frozenset[str]:
    """The fields of a model, by their attributes, that are `Always`.

    As the class was written: at run time nothing else is left of it, and a model is as quick to make as
    without.
    """
    return frozenset(
        name
        for owner in model.__mro__
        for name, declared in vars(owner).get("__annotations__", {}).items()
        if isinstance(declared, str) and declared.startswith("Always[")
    )


SENT: Any = None
"""The default of these fields, of a type that fits every annotation."""
