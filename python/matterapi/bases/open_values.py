"""Objects with free keys in bodies, for which a dict will do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

T = TypeVar("T")

if TYPE_CHECKING:
    OrDict: TypeAlias = T | Mapping[str, Any]
    """The type of a field of a body that holds an object with free keys: its model, or a dict.

    At run time it is the model: pydantic makes one of the dict.
    """
else:

    class OrDict:
        """See above."""

        def __class_getitem__(cls, kind: Any) -> Any:
            """What pydantic takes."""
            return kind
