"""Sending from an event loop."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from matterapi._core import PendingCall, RawResponse, Transfer
from matterapi.http.response import Response

from . import script, watched
from .async_sources import fed, has_async_source
from .body import Body, Progress
from .loop_bridge import awaited_here, complete
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

    def fetch(
        self,
        op: Operation[Any],
        values: dict[str, Any],
        body: Body | None,
        judge: Callable[[Operation[Any], RawResponse], Any],
    ) -> PendingCall:
        """As `SyncSender.fetch`, to be awaited.

        Args:
            op: The operation.
            values: Path and query values by name.
            body: The body.
            judge: Makes the value of an answer that `SyncSender.fetch` would return as it is.
        """
        bridge, future = awaited_here()
        own, most = self.own, self.options.max_decoded_size
        return self.core.submit(bridge, future, op.core_route, values, body, own, op.decoder, most, judge, op)

    async def _exchange(
        self, op: Operation[Any], values: dict[str, Any], body: Body | None, progress: Progress | None
    ) -> RawResponse:
        if progress is None:
            call = self.core.submit(*awaited_here(), op.core_route, values, body, self.own)
            raw: RawResponse = await call
            return raw
        transfer = self.core.open(op.core_route, values, body, self.own)
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
