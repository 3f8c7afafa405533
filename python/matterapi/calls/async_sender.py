"""Sending from an event loop."""

from __future__ import annotations

from typing import Any

from matterapi._core import RawResponse, Transfer
from matterapi.http.response import Response

from . import script, watched
from .async_sources import fed, has_async_source
from .body import Body, Progress
from .loop_bridge import complete
from .operation import Operation
from .sender import Sender, raw_response
from .transfer_step import TransferStep


class AsyncSender(Sender):
    """Sends calls that are awaited."""

    async def send(
        self,
        op: Operation[Any],
        values: dict[str, Any],
        body: Body | None,
        progress: Progress | None = None,
    ) -> Response:
        """As `SyncSender.send`; takes bodies with async iterators too."""
        if body is not None and has_async_source(body):
            async with fed(body) as ready:
                return await self.send(op, values, ready, progress)
        if self.watchers:
            return await script.wait(self, watched.sent(self, op, values, body, progress))
        return self.response(await self._exchange(op, values, body, progress), op)

    async def _exchange(
        self, op: Operation[Any], values: dict[str, Any], body: Body | None, progress: Progress | None
    ) -> RawResponse:
        core, route, own = self.core, op.core_route, self.own
        if progress is None:
            raw: RawResponse = await complete(
                lambda bridge, future: core.submit(bridge, future, route, values, body, own)
            )
            return raw
        transfer = core.open(route, values, body, own)
        try:
            while isinstance(step := await complete(transfer.submit_next), int):
                progress(step, transfer.size)
        finally:
            transfer.close()
        return raw_response(step)

    async def next(self, transfer: Transfer) -> TransferStep:
        """As `SyncSender.next`."""
        step: TransferStep = await complete(transfer.submit_next)
        return step
