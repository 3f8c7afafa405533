"""What all faults have in common: typed fields, checked when a fault is made."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, ClassVar

from typing_extensions import Self

if TYPE_CHECKING:
    from .websocket_actors import Actor


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that goes wrong; `Faults.add` says where and how often.

    Raises:
        TypeError: A field is unknown; the message names the known ones.
        ValueError: A field has an impossible value; the message says what is possible.
    """

    happens_to: ClassVar[str] = "nothing"

    def __new__(cls, *_: object, **named: object) -> Self:
        """Refuse unknown fields by a message that names the known ones."""
        known = [wanted_known.name for wanted_known in fields(cls)]
        unknown = [name for name in named if name not in known]
        if unknown:
            takes = f"its fields are {', '.join(known)}" if known else "it has no fields"
            raise TypeError(f"{cls.__name__} has no field {unknown[0]!r}; {takes}")
        return object.__new__(cls)

    def require(self, condition: bool, field: str, possible: str) -> None:
        """Refuse an impossible value.

        Args:
            condition: Whether the value is possible.
            field: Name of the field.
            possible: What is possible.

        Raises:
            ValueError: It is not.
        """
        if not condition:
            value = getattr(self, field)
            raise ValueError(f"{type(self).__name__}.{field} cannot be {value!r}: it is {possible}")

    def require_count(self, field: str, *, least: int = 0) -> None:
        """Refuse a value that is no whole number of `least` or more.

        Raises:
            ValueError: It is not.
        """
        value = getattr(self, field)
        fits = isinstance(value, int) and not isinstance(value, bool) and value >= least
        self.require(fits, field, f"a whole number of {least} or more")

    def require_seconds(self, field: str, *, optional: bool = False) -> None:
        """Refuse a value that is no number of seconds above or equal 0.

        Args:
            field: Name of the field.
            optional: Whether None is possible, too.

        Raises:
            ValueError: It is not.
        """
        value = getattr(self, field)
        if optional and value is None:
            return
        fits = isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value < float("inf")
        self.require(fits, field, "a number of seconds of 0 or more" + (", or None" if optional else ""))

    def require_one_of(self, field: str, choices: tuple[str, ...]) -> None:
        """Refuse a value that is not among `choices`.

        Raises:
            ValueError: It is not.
        """
        self.require(getattr(self, field) in choices, field, f"one of {', '.join(choices)}")


class RequestFault(Fault):
    """A fault of one request; each request is an occasion."""

    __slots__ = ()
    happens_to = "requests"


class ConnectionFault(Fault):
    """A fault of a TCP connection before its first request; each accepted connection is an occasion."""

    __slots__ = ()
    happens_to = "connections"


class WebsocketFault(Fault, ABC):
    """A fault of a websocket; each websocket is an occasion, those that are open already too."""

    __slots__ = ()
    happens_to = "websockets"

    @abstractmethod
    def actor(self) -> Actor:
        """Return what carries it out on one socket."""
