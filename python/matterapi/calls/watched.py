"""A call that hooks, tracers and the cache see: written once for both clients."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from matterapi.errors.exceptions import MatterapiError
from matterapi.errors.from_response import api_error
from matterapi.http.response import Response

from .script import Next, Script, Tell
from .sender import raw_response
from .transfer_step import Retry

if TYPE_CHECKING:
    from matterapi._core import Transfer
    from matterapi.http.values import OutgoingRequest

    from .body import Body, Progress
    from .etag_cache import Lookup
    from .operation import Operation
    from .sender import Sender
    from .tracer import Trace


_NOT_MODIFIED = 304


def sent(
    sender: Sender, op: Operation[Any], values: dict[str, Any], body: Body | None, progress: Progress | None
) -> Script[Response]:
    """Send a call and return its answer, whatever the status. See `SyncSender.send`."""

    lookup: Lookup | None = None

    def open_call(added: Mapping[str, str]) -> Transfer:
        nonlocal lookup
        lookup = sender.lookup(op, values, added) if body is None else None
        own = sender.own_with({**added, **lookup.headers} if lookup else added)
        return sender.core.open(op.core_route, values, body, own, progress=progress is not None, retries=True)

    transfer, response = yield from opened(sender, op, values, open_call, progress)
    try:
        yield Next(transfer)  # Its end: the connection is free again.
    finally:
        transfer.close()
    return lookup.answer(response) if lookup else response


def opened(
    sender: Sender,
    op: Operation[Any],
    values: dict[str, Any],
    open_call: Callable[[Mapping[str, str]], Transfer],
    progress: Progress | None = None,
) -> Script[tuple[Transfer, Response]]:
    """A call as far as the answer, or as its head where the body comes in pieces.

    Args:
        sender: What carries it.
        op: The operation.
        values: Path and query values.
        open_call: Makes the transfer, with further header fields; it tells of further attempts.
        progress: Told of the bytes that were sent.

    Raises:
        MatterapiError: There is no answer.
    """
    request = sender.request(op, values)
    traces = [tracer.begin(op, request) for tracer in sender.tracers]
    response: Response | None = None
    failure: BaseException | None = None
    transfer: Transfer | None = None
    try:
        yield from _told(sender, "request", request)
        transfer = open_call(request.headers.added)
        attempts = 1
        while True:
            try:
                step = yield Next(transfer)
            except MatterapiError as error:
                yield from _failed(sender, op, request, attempts, error)
                raise
            if isinstance(step, tuple):
                attempts = step[0] + 1
                yield from _retried(sender, op, request, traces, step)
            elif not isinstance(step, int):
                break
            elif progress is not None:
                progress(step, transfer.size)
        response = sender.response(raw_response(step), op)
        yield from _told(sender, "response", response)
        # What the caller has already is no failure.
        if not response.is_success and response.status_code != _NOT_MODIFIED:
            yield from _failed(sender, op, request, attempts, api_error(response, op.route))
    except BaseException as error:
        failure = error
        if transfer is not None:
            transfer.close()
        raise
    else:
        return transfer, response
    finally:
        for trace in traces:
            trace.end(response, failure)


def _told(sender: Sender, event: str, seen: Any) -> Script[None]:
    if sender.hooks is not None:
        yield Tell(sender.hooks, event, seen)


def _retried(
    sender: Sender, op: Operation[Any], request: OutgoingRequest, traces: list[Trace], retry: Retry
) -> Script[None]:
    attempt, delay, outcome = retry
    error = outcome if isinstance(outcome, Exception) else api_error(sender.as_shown(outcome, op), op.route)
    for trace in traces:
        trace.retry(error, delay)
    if isinstance(error, MatterapiError):
        yield from _failed(sender, op, request, attempt, error, delay)


def _failed(  # noqa: PLR0917 - the parts of a `FailedAttempt`
    sender: Sender,
    op: Operation[Any],
    request: OutgoingRequest,
    attempt: int,
    error: MatterapiError,
    delay: float | None = None,
) -> Script[None]:
    if sender.hooks is not None and sender.hooks.error:
        from matterapi.http.values import Request  # noqa: PLC0415 - rare
        from matterapi.options.hooks import FailedAttempt  # noqa: PLC0415 - a client can be named without pydantic

        shown = Request(request.method, request.url, request.headers)
        yield Tell(sender.hooks, "error", FailedAttempt(shown, op.core_route.label, attempt, error, delay))
