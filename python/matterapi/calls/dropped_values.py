"""A warning about what the server did not take of a list, without a word."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from matterapi.errors.caller import warn_caller
from matterapi.errors.warnings import DroppedValueWarning

if TYPE_CHECKING:
    from .operation import Operation

_MOST_NAMED = 10


def warn_about_dropped_values(op: Operation[Any], body: Any, answer: Any) -> None:
    """Warn of the values in the body's list that the list of the answer lacks.

    Args:
        op: The operation called, which has a `kept_key`.
        body: The body as the caller gave it: a model or a dict; nothing is known of others.
        answer: What the call returns; nothing is known of what is no model.

    Raises:
        DroppedValueWarning: The filters of `warnings` make it an error.
    """
    given = _list(body, op.kept_key)
    if not given or not isinstance(answer, BaseModel):
        return
    kept = _list(answer, op.kept_key)
    if dropped := [str(value) for value in given if value not in (kept or ())]:
        warn_caller(_message(op, dropped), DroppedValueWarning)


def may_drop_values(op: Operation[Any], body: Any) -> bool:
    """Whether a call has to be looked at by `warn_about_dropped_values`."""
    return bool(op.kept_key and _list(body, op.kept_key))


def _list(value: Any, key: str) -> list[Any] | None:
    found = value.get(key) if isinstance(value, (dict, Mapping)) else getattr(value, key, None)
    return found if isinstance(found, list) else None


def _message(op: Operation[Any], dropped: list[str]) -> str:
    named = ", ".join(dropped[:_MOST_NAMED]) + (", ..." if len(dropped) > _MOST_NAMED else "")
    return (
        f"{op.core_route.label} was done without {len(dropped)} of its {op.kept_key}: {named}; unknown, of "
        "another user, or in use elsewhere"
    )
