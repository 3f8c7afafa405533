"""Spans and metrics of OpenTelemetry for the calls of a client; needs `pip install "matterapi[otel]"`.

    import matterapi.otel

    client = SyncClient("https://chat.example.com", token="...")
    matterapi.otel.instrument(client)

Names and attributes follow the semantic conventions for HTTP clients. Nothing else of the library imports
OpenTelemetry.
"""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING, Any

from matterapi.calls.any_route import AnyOperation
from matterapi.errors.exceptions import MatterapiError
from matterapi.redaction.patterns import redact

try:
    from opentelemetry import metrics, propagate, trace
except ImportError as _missing:
    raise ImportError('matterapi.otel needs OpenTelemetry: pip install "matterapi[otel]"') from _missing

if TYPE_CHECKING:
    from opentelemetry.metrics import MeterProvider
    from opentelemetry.trace import Span, TracerProvider

    from matterapi.calls.operation import Operation
    from matterapi.calls.tracer import Trace
    from matterapi.client.base import BaseClient
    from matterapi.http.response import Response
    from matterapi.http.values import OutgoingRequest

__all__ = ["instrument", "uninstrument"]

_SCOPE = "matterapi"
_SCHEMA = "https://opentelemetry.io/schemas/1.26.0"
_PORTS = {"http": 80, "https": 443}
# As the conventions advise for `http.client.request.duration`, in seconds.
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10)


def instrument(
    client: BaseClient[Any],
    *,
    tracer_provider: TracerProvider | None = None,
    meter_provider: MeterProvider | None = None,
    propagate_context: bool = True,
) -> None:
    """Trace the calls of a client and of all its views from now on. A second time changes nothing.

    Each call is a span of the kind CLIENT below the span that is current, named by its route such as
    `GET /api/v4/users/{user_id}`, with `http.request.method`, `url.template`, `url.full` (credentials
    masked), `server.address`, `server.port`, `http.response.status_code`, `network.protocol.version`,
    `error.type` and `http.request.resend_count`. A call that is sent again stays one span, with an event
    `retry` for each attempt that failed. The span of a download ends with the head of its answer. The metric
    `http.client.request.duration` has the seconds of each call, retries and waits included.

    Args:
        client: The client, sync or async.
        tracer_provider: Makes the spans; by default the global one.
        meter_provider: Takes the metric; by default the global one.
        propagate_context: Whether the trace's header fields (`traceparent`) are sent to the server.
    """
    if not any(isinstance(tracer, ClientTracer) for tracer in client.sender.tracers):
        client.sender.add_tracer(ClientTracer(tracer_provider, meter_provider, propagate_context))


def uninstrument(client: BaseClient[Any]) -> None:
    """Trace the calls of a client and of its views no longer."""
    for tracer in [one for one in client.sender.tracers if isinstance(one, ClientTracer)]:
        client.sender.remove_tracer(tracer)


class ClientTracer:
    """Makes a span of each call: see `instrument`, which makes one for a client."""

    def __init__(
        self,
        tracer_provider: TracerProvider | None,
        meter_provider: MeterProvider | None,
        propagate_context: bool,
    ) -> None:
        self._tracer = trace.get_tracer(_SCOPE, None, tracer_provider, _SCHEMA)
        meter = metrics.get_meter(_SCOPE, "", meter_provider, _SCHEMA)
        self._duration = meter.create_histogram(
            "http.client.request.duration",
            "s",
            "Duration of HTTP client requests.",
            explicit_bucket_boundaries_advisory=_BUCKETS,
        )
        self._propagates = propagate_context

    def begin(self, op: Operation[Any], request: OutgoingRequest) -> Trace:
        """A call is about to be sent: its span begins, and its context goes into the header fields."""
        url = request.url
        shared: dict[str, str | int] = {"http.request.method": request.method, "server.address": url.host}
        if (port := url.port or _PORTS.get(url.scheme)) is not None:
            shared["server.port"] = port
        name = request.method
        # The path of a route that nobody knows is as good as random, and names must be few.
        if not isinstance(op, AnyOperation):
            name = op.core_route.label
            shared["url.template"] = name.partition(" ")[2]
        span = self._tracer.start_span(
            name, kind=trace.SpanKind.CLIENT, attributes={**shared, "url.full": redact(url)}
        )
        if self._propagates:
            propagate.inject(request.headers, trace.set_span_in_context(span))
        return CallTrace(span, self._duration, shared)


class CallTrace:
    """The span of one call, until that ends."""

    def __init__(self, span: Span, duration: Any, shared: dict[str, str | int]) -> None:
        self._span = span
        self._duration = duration
        self._shared = shared
        self._resent = 0
        self._began = perf_counter()

    def retry(self, error: Exception, delay: float) -> None:
        """An attempt failed, and a further one follows."""
        self._resent += 1
        facts: dict[str, str | int | float] = {
            "http.request.resend_count": self._resent,
            "error.type": _error_type(error),
            "exception.message": redact(str(error)),
            "matterapi.retry.delay": delay,
        }
        self._span.add_event("retry", facts)

    def end(self, response: Response | None, error: BaseException | None) -> None:
        """The call is over."""
        own: dict[str, str | int] = {}
        if response is not None:
            own["http.response.status_code"] = response.status_code
            own["network.protocol.version"] = response.http_version.partition("/")[2]
        if error is not None:
            own["error.type"] = _error_type(error)
            self._span.set_status(trace.StatusCode.ERROR, redact(str(error)))
        elif response is not None and response.is_error:
            own["error.type"] = str(response.status_code)
            self._span.set_status(trace.StatusCode.ERROR)
        self._duration.record(perf_counter() - self._began, {**self._shared, **own})
        if self._resent:
            own["http.request.resend_count"] = self._resent
        self._span.set_attributes(own)
        self._span.end()


def _error_type(error: BaseException) -> str:
    if isinstance(error, MatterapiError) and error.response is not None:
        return str(error.response.status_code)
    return f"{type(error).__module__}.{type(error).__qualname__}"
