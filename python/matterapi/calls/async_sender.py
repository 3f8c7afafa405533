"""Sending from an event loop."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from matterapi._core import PendingCall, RawResponse, Transfer
from matterapi.http.response import Response

from . import script, watched
from .async_sources import fed, has_async_source
from .body import Body, Progress
from .loop_bridge import bridge_of, complete, running_loop
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
        most = self.options.max_decoded_size
        return self._submit(op.core_route, values, body, self.own, op.decoder, most, judge, op)

    def _submit(self, *arguments: Any) -> PendingCall:
        loop = running_loop()
        return self.core.submit(bridge_of(loop), loop.create_future(), *arguments)

    async def _exchange(
        self, op: Operation[Any], values: dict[str, Any], body: Body | None, progress: Progress | None
    ) -> RawResponse:
        if progress is None:
            raw: RawResponse = await self._submit(op.core_route, values, body, self.own)
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
