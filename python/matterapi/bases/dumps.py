"""Dumps without a warning about values that the server sent with another type than was declared."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel


class SilentDumps:
    """Part of the parents of the generated models: a value that did not fit is dumped as it came.

    It was logged when it came. `warnings=True` gives pydantic's own warnings back.
    """

    __slots__ = ()

    if not TYPE_CHECKING:  # a checker knows them from pydantic, which comes later among the parents

        @wraps(BaseModel.model_dump)
        def model_dump(self, *, warnings: Any = False, **options: Any) -> Any:  # noqa: D102 - pydantic's
            return super().model_dump(warnings=warnings, **options)

        @wraps(BaseModel.model_dump_json)
        def model_dump_json(self, *, warnings: Any = False, **options: Any) -> str:  # noqa: D102
            return super().model_dump_json(warnings=warnings, **options)
