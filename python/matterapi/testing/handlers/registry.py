"""The table of operations that have code of their own; all others are answered from the catalogue."""

from collections.abc import Awaitable, Callable
from typing import TypeAlias

from matterapi.testing.call import Call
from matterapi.testing.replies import Reply

# A handler that asks a program outside is a coroutine function.
Handler: TypeAlias = Callable[[Call], Reply | Awaitable[Reply]]

HANDLERS: dict[str, Handler] = {}


def operation(*operation_ids: str) -> Callable[[Handler], Handler]:
    """Register the decorated function as the handler of one or more operations."""

    def register(handler: Handler) -> Handler:
        for operation_id in operation_ids:
            if operation_id in HANDLERS:
                raise ValueError(f"two handlers for {operation_id}")
            HANDLERS[operation_id] = handler
        return handler

    return register
