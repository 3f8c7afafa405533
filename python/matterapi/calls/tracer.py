"""What may see every call of a client beside the user's hooks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from matterapi.http.response import Response
    from matterapi.http.values import OutgoingRequest

    from .operation import Operation


class Trace(Protocol):
    """One call under a tracer."""

    def retry(self, error: Exception, delay: float) -> None:
        """An attempt failed, and a further one follows."""

    def end(self, response: Response | None, error: BaseException | None) -> None:
        """The call has its answer, or has none: because of an exception, or because it was given up."""


class Tracer(Protocol):
    """What sees all calls of a client beside the user's hooks."""

    def begin(self, op: Operation[Any], request: OutgoingRequest) -> Trace:
        """A call is about to be sent; header fields may be set."""
        ...
