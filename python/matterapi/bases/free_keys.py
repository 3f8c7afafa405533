"""What the keys of a JSON object may do to the model that keeps them: be attributes, and nothing more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from .dumps import SilentDumps
from .secrets import HidesSecrets

_NOT_ANSWERED = frozenset({"keys"})
"""Names without an underscore by which Python finds out what an object can do: `dict(...)` and `**`."""


class FreeKeys(HidesSecrets, SilentDumps, BaseModel):
    """Parent of the models that keep what they do not declare.

    That may be anybody's: the props of a post are written by chat users. So such a field is an attribute
    only if its name neither begins with an underscore nor is `keys`; by those names Python and its libraries
    ask what an object can do (`__html__`, `__array_interface__`, `_repr_html_`). It is in `model_extra`
    in any case. Methods and properties of the class always come first.
    """

    if not TYPE_CHECKING:  # a checker would take any attribute for declared

        def __getattr__(self, name: str) -> Any:
            # Called for what is neither a field nor of the class.
            hidden = name.startswith("_") or name in _NOT_ANSWERED
            if hidden and name not in type(self).__private_attributes__:
                raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
            return super().__getattr__(name)
