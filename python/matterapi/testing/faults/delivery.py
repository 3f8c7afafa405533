"""Faults in how a response is delivered: late, slowly, in part, or not at all."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar, Literal

from typing_extensions import override

from .fault import RequestFault

Ending = Literal["reset", "close", "stall"]


@dataclass(slots=True)
class Delivery:
    """How the bytes of one response go out; faults fill it in.

    Attributes:
        delay: Seconds before the first byte.
        rate: Bytes a second; None for no limit.
        stops_at: After how many bytes it stops; None for never.
        of_body: Whether these are bytes of the body.
        ending: What happens then.
        stall: Seconds of a stall; None for no end.
        idle: Seconds until the connection ends after the response; None for the server's own.
        idle_resets: Whether it is then reset.
        handles: Whether the request is carried out at all.
        continues: Whether `Expect: 100-continue` is answered.
    """

    delay: float = 0.0
    rate: float | None = None
    stops_at: int | None = None
    of_body: bool = False
    ending: Ending = "close"
    stall: float | None = None
    idle: float | None = None
    idle_resets: bool = False
    handles: bool = True
    continues: bool = True


class DeliveryFault(RequestFault, ABC):
    """Changes how a response is delivered, the server's own or another fault's."""

    __slots__ = ()

    @abstractmethod
    def shape(self, delivery: Delivery) -> None:
        """Fill in what this fault changes."""


@dataclass(frozen=True, slots=True)
class Latency(DeliveryFault):
    """A response that comes later; several add up.

    Args:
        seconds: How much later.
    """

    seconds: float

    def __post_init__(self) -> None:
        self.require_seconds("seconds")

    @override
    def shape(self, delivery: Delivery) -> None:
        delivery.delay += self.seconds


@dataclass(frozen=True, slots=True)
class Bandwidth(DeliveryFault):
    """A response whose bytes come slowly.

    Args:
        rate: Bytes a second; below 1 for one byte every some seconds.
    """

    rate: float

    def __post_init__(self) -> None:
        fits = isinstance(self.rate, (int, float)) and 0 < self.rate < float("inf")
        self.require(fits, "rate", "a number of bytes a second above 0")

    @override
    def shape(self, delivery: Delivery) -> None:
        delivery.rate = self.rate


@dataclass(frozen=True, slots=True)
class Cut(DeliveryFault):
    """The connection ends within the response.

    Args:
        at: Bytes of the response that go out before, its head counted.
        of_body: Whether `at` counts from the beginning of the body.
        handled: Whether the request is carried out before.
    """

    ending: ClassVar[Ending]

    at: int = 0
    of_body: bool = False
    handled: bool = True

    def __post_init__(self) -> None:
        self.require_count("at")

    @override
    def shape(self, delivery: Delivery) -> None:
        _stop(delivery, self, self.ending)


class Reset(Cut):
    """The connection is reset (RST) within the response; see `Cut` for the arguments."""

    __slots__ = ()
    ending: ClassVar[Ending] = "reset"


class Close(Cut):
    """The connection is closed (FIN) within the response; see `Cut` for the arguments."""

    __slots__ = ()
    ending: ClassVar[Ending] = "close"


@dataclass(frozen=True, slots=True)
class Stall(DeliveryFault):
    """The response stops within; the connection stays open.

    Args:
        at: Bytes of the response that go out before, its head counted.
        of_body: Whether `at` counts from the beginning of the body.
        seconds: When it goes on; None for when the fault is removed.
        handled: Whether the request is carried out before.
    """

    at: int = 0
    of_body: bool = False
    seconds: float | None = None
    handled: bool = True

    def __post_init__(self) -> None:
        self.require_count("at")
        self.require_seconds("seconds", optional=True)

    @override
    def shape(self, delivery: Delivery) -> None:
        _stop(delivery, self, "stall")
        delivery.stall = self.seconds


def _stop(delivery: Delivery, fault: Cut | Stall, ending: Ending) -> None:
    delivery.stops_at, delivery.of_body, delivery.ending = fault.at, fault.of_body, ending
    delivery.handles = fault.handled


@dataclass(frozen=True, slots=True)
class CloseIdle(DeliveryFault):
    """The connection ends some time after the response, without a word: the race of every kept connection.

    Args:
        seconds: After how long.
        resets: Whether by RST; otherwise by FIN.
    """

    seconds: float = 0.0
    resets: bool = False

    def __post_init__(self) -> None:
        self.require_seconds("seconds")

    @override
    def shape(self, delivery: Delivery) -> None:
        delivery.idle, delivery.idle_resets = self.seconds, self.resets


@dataclass(frozen=True, slots=True)
class NoContinue(DeliveryFault):
    """`Expect: 100-continue` is never answered; the server waits for the body all the same."""

    @override
    def shape(self, delivery: Delivery) -> None:
        delivery.continues = False
