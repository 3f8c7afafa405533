"""The client for asyncio."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Any

from typing_extensions import Self

from matterapi._core import RawResponse, Transfer
from matterapi.endpoints.body import Body, Progress
from matterapi.endpoints.operation import Operation
from matterapi.response import Response

from .base_client import BaseClient, answered
from .feeds import fed, has_async_source
from .groups import AsyncGroups
from .loop_bridge import complete, release_closed_loops
from .response_hooks import raise_async as raise_on_4xx_5xx

__all__ = ["AsyncClient", "raise_on_4xx_5xx"]


class AsyncClient(AsyncGroups, BaseClient):
    """A client whose calls are coroutines.

    Several event loops may share one client: connections belong to no loop. Cancelling a call closes
    its connection.

        client = AsyncClient(options={"url": "https://chat.example.com", "auth": {"token": "..."}})
        team = await client.teams.get_team_by_name(name="core")
    """

    @asynccontextmanager
    async def session(self) -> AsyncIterator[Self]:
        """Log in if there is a password, and give a client to make calls with.

        The client given shares the connections and the login of this one.

        Raises:
            ApiError: The server refused the login.
        """
        if self._has_password:
            await complete(self._core.submit_login)
        yield self._copy()

    async def _send(
        self,
        op: Operation[Any],
        values: dict[str, Any],
        body: Body | None,
        progress: Progress | None = None,
    ) -> Response:
        if body is not None and has_async_source(body):
            async with fed(body) as ready:
                return await self._send(op, values, ready, progress)
        hooks = self._hooks
        if hooks is not None:
            await hooks.run_async("request", self._announced(op, values))
        response = self._read(await self._answer(op, values, body, progress), op)
        if hooks is not None and response.is_success:
            await hooks.run_async("response", response)
        return response

    async def _answer(
        self, op: Operation[Any], values: dict[str, Any], body: Body | None, progress: Progress | None
    ) -> RawResponse:
        core, route = self._core, op.core_route
        if progress is None:
            raw: RawResponse = await complete(
                lambda bridge, future: core.submit(bridge, future, route, values, body)
            )
            return raw
        transfer = core.open(route, values, body)
        try:
            while isinstance(step := await complete(transfer.submit_next), int):
                progress(step, transfer.size)
        finally:
            transfer.close()
        return answered(step)

    async def _next(self, transfer: Transfer) -> int | bytes | RawResponse | None:
        step: int | bytes | RawResponse | None = await complete(transfer.submit_next)
        return step

    async def aclose(self) -> None:
        """Close the connections that are not in use. The next call opens new ones."""
        release_closed_loops()
        self._core.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()
