"""The client for code without an event loop."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any

from typing_extensions import Self

from matterapi._core import RawResponse, Transfer
from matterapi.endpoints.body import Body, Progress
from matterapi.endpoints.operation import Operation
from matterapi.response import Response

from .base_client import BaseClient, answered
from .groups import SyncGroups
from .response_hooks import raise_sync as raise_on_4xx_5xx

__all__ = ["SyncClient", "raise_on_4xx_5xx"]


class SyncClient(SyncGroups, BaseClient):
    """A client whose calls block the calling thread.

    The request runs on that thread while other Python threads go on; Ctrl-C ends it.

        client = SyncClient(options={"url": "https://chat.example.com", "auth": {"token": "..."}})
        team = client.teams.get_team_by_name(name="core")
    """

    @contextmanager
    def session(self) -> Iterator[Self]:
        """Log in if there is a password, and give a client to make calls with.

        The client given shares the connections and the login of this one.

        Raises:
            ApiError: The server refused the login.
        """
        if self._has_password:
            self._core.login()
        yield self._copy()

    def _send(
        self,
        op: Operation[Any],
        values: dict[str, Any],
        body: Body | None,
        progress: Progress | None = None,
    ) -> Response:
        hooks = self._hooks
        if hooks is not None:
            hooks.run("request", self._announced(op, values))
        response = self._read(self._answer(op, values, body, progress), op)
        if hooks is not None and response.is_success:
            hooks.run("response", response)
        return response

    def _answer(
        self, op: Operation[Any], values: dict[str, Any], body: Body | None, progress: Progress | None
    ) -> RawResponse:
        if progress is None:
            return self._core.send(op.core_route, values, body)
        transfer = self._core.open(op.core_route, values, body)
        try:
            while isinstance(step := transfer.next(), int):
                progress(step, transfer.size)
            transfer.next()  # Its end: the connection is free again.
        finally:
            transfer.close()
        return answered(step)

    def _next(self, transfer: Transfer) -> int | bytes | RawResponse | None:
        return transfer.next()

    def close(self) -> None:
        """Close the connections that are not in use. The next call opens new ones."""
        self._core.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
