"""Sending on the calling thread."""

from __future__ import annotations

from typing import Any

from matterapi._core import RawResponse, Transfer
from matterapi.http.response import Response

from . import script, watched
from .body import Body, Progress
from .operation import Operation
from .sender import Sender, raw_response
from .transfer_step import TransferStep


class SyncSender(Sender):
    """Sends calls and blocks until they are answered."""

    def send(
        self,
        op: Operation[Any],
        values: dict[str, Any],
        body: Body | None,
        progress: Progress | None = None,
    ) -> Response:
        """Send a call and return its answer, whatever the status.

        Args:
            op: The operation.
            values: Path and query values by name.
            body: The body.
            progress: Told of the bytes that were sent.

        Raises:
            MatterapiError: There is no answer.
        """
        if self.watchers:
            return script.run(self, watched.sent(self, op, values, body, progress))
        return self.response(self._exchange(op, values, body, progress), op)

    def fetch(self, op: Operation[Any], values: dict[str, Any], body: Body | None) -> Any:
        """Send a plain call and return the value of its answer, or the answer where `decode` has to judge.

        Args:
            op: The operation.
            values: Path and query values by name.
            body: The body.

        Returns:
            A `RawResponse` for any answer but a 2xx one whose body is what the operation declares.

        Raises:
            MatterapiError: There is no answer.
        """
        most = self.options.max_decoded_size
        return self.core.send(op.core_route, values, body, self.own, op.decoder, most)

    def _exchange(
        self, op: Operation[Any], values: dict[str, Any], body: Body | None, progress: Progress | None
    ) -> RawResponse:
        if progress is None:
            return self.core.send(op.core_route, values, body, self.own)
        transfer = self.core.open(op.core_route, values, body, self.own)
        try:
            while isinstance(step := transfer.next(), int):
                progress(step, transfer.size)
            transfer.next()  # Its end: the connection is free again.
        finally:
            transfer.close()
        return raw_response(step)

    def next(self, transfer: Transfer) -> TransferStep:
        """The next step of a transfer."""
        return transfer.next()
