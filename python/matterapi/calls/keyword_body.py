"""A JSON body whose fields were given as keywords of the call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .operation import Operation


class _Keywords:
    """What signatures show as the default of a `json_body` in whose place keywords are needed."""

    def __repr__(self) -> str:
        return "<keywords>"


KEYWORDS: Any = _Keywords()


def keyword_body(op: Operation[Any], method: str, json_body: Any, fields: dict[str, Any]) -> Any:
    """The body of a call that may have its fields as keywords: a dict of these, with the server's keys.

    Nothing is checked but that the body is there, once and whole: values, and what an unknown keyword means,
    are as in a dict.

    Args:
        op: The operation called.
        method: Its name for the caller, such as `PostsApi.create_post`.
        json_body: What was given as the body; `KEYWORDS` where it was left out and one is needed, `None`
            where none is.
        fields: The keywords that are no parameters of the call.

    Raises:
        TypeError: The body was given in both ways or in none, or a required field is missing.
    """
    if not fields:
        if json_body is KEYWORDS:
            raise TypeError(f"{method}() needs its body: json_body, or keywords{_required(op)}")
        return json_body
    if json_body is not KEYWORDS and json_body is not None:
        raise TypeError(
            f"{method}() takes its body as json_body or as keywords, not both: "
            f"beside json_body it got {_listed(fields)}"
        )
    if missing := [name for name in op.needed_keywords if name not in fields]:
        raise TypeError(
            f"{method}() lacks required keywords of its body: {_listed(missing)}{_odd(op, fields)}"
        )
    names = op.renamed_keywords
    return {names.get(name, name): value for name, value in fields.items()} if names else fields


def _required(op: Operation[Any]) -> str:
    return (
        f", of which {_listed(op.needed_keywords)} are required" if op.needed_keywords else " of its fields"
    )


def _odd(op: Operation[Any], fields: dict[str, Any]) -> str:
    """A word about keywords that are no fields: one of them may be the missing one, misspelled."""
    names = op.renamed_keywords
    odd = [name for name in fields if names.get(name, name) not in op.known_keys] if op.known_keys else []
    return f"; it got {_listed(odd)}, which it does not know" if odd else ""


def _listed(names: Any) -> str:
    return ", ".join(map(repr, names))
