"""Models that never show the secrets they hold: a log line or a traceback is no place for a token."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar

from matterapi.redaction.keys import MASK, is_secret_key

_DEEPEST = 128  # levels of JSON; what is deeper holds itself


class HidesSecrets:
    """Part of the parents of the generated models: `repr` and `str` show `**********` for a secret.

    That is a field that `_secret_fields` names and, among keys that the model does not declare and in plain
    dicts at any depth, one whose name says so. Attributes, dumps and what is sent have the value.
    """

    __slots__ = ()

    _secret_fields: ClassVar[frozenset[str]] = frozenset()

    if not TYPE_CHECKING:  # a checker knows them from pydantic, which comes later among the parents

        def __repr_args__(self) -> Iterator[tuple[str | None, Any]]:
            fields = type(self).model_fields
            for name, value in super().__repr_args__():
                is_secret = name in self._secret_fields if name in fields else is_secret_key(name or "")
                yield name, _masked(value) if is_secret else without_secrets(value)


def without_secrets(value: Any, level: int = 0) -> Any:
    """The value with a mask in the place of what plain dicts hold under the name of a secret."""
    if not isinstance(value, (dict, list)):
        return value
    if level > _DEEPEST:
        return ...
    if isinstance(value, list):
        return [without_secrets(item, level + 1) for item in value]
    return {
        key: _masked(item) if is_secret_key(str(key)) else without_secrets(item, level + 1)
        for key, item in value.items()
    }


def _masked(value: Any) -> Any:
    """A mask, or the value where there is nothing to hide: none, an empty one, a switch."""
    return value if isinstance(value, bool) or not value else MASK
