"""Spans and metrics of OpenTelemetry, as its SDK takes them down."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from matterapi import exceptions as e
from matterapi import otel
from tests.support.canary import CANARY, EVERYWHERE, is_shown
from tests.support.faces import AwaitableFace
from tests.support.scripted import Connection, answer, scripted, serve

Connect = Callable[..., Any]
BUSY = answer(b"busy", "503 Busy", "text/plain", Retry_After="0", Connection="close")
MISSING = answer(b'{"id":"x","message":"no","status_code":404}', "404 Not Found")
ROUTE = "/api/v4/users/{user_id}"


class Telemetry:
    """What came out, and the providers to hand in."""

    def __init__(self) -> None:
        self._exporter = InMemorySpanExporter()
        self._reader = InMemoryMetricReader()
        self.tracer_provider = TracerProvider()
        self.tracer_provider.add_span_processor(SimpleSpanProcessor(self._exporter))
        self.meter_provider = MeterProvider([self._reader])

    def watch(self, client: Any, **options: Any) -> Any:
        otel.instrument(
            getattr(client, "_target", client),
            tracer_provider=self.tracer_provider,
            meter_provider=self.meter_provider,
            **options,
        )
        return client

    @property
    def spans(self) -> list[ReadableSpan]:
        return list(self._exporter.get_finished_spans())

    def points(self) -> list[Any]:
        data = self._reader.get_metrics_data()
        if data is None:
            return []
        metrics = [
            metric
            for resource in data.resource_metrics
            for scope in resource.scope_metrics
            for metric in scope.metrics
        ]
        assert {(metric.name, metric.unit) for metric in metrics} <= {("http.client.request.duration", "s")}
        return [point for metric in metrics for point in metric.data.data_points]


@pytest.fixture
def telemetry() -> Telemetry:
    return Telemetry()


async def test_a_call_is_a_span_by_the_conventions(connect: Connect, telemetry: Telemetry) -> None:
    with scripted(serve(answer())) as server:
        client = telemetry.watch(connect(server.url))
        await client.users.get_user("me")
        (span,) = telemetry.spans
        assert (span.name, span.kind) == (f"GET {ROUTE}", SpanKind.CLIENT)
        assert dict(span.attributes or {}) == {
            "http.request.method": "GET",
            "url.template": ROUTE,
            "url.full": f"{server.url}/api/v4/users/me",
            "server.address": "127.0.0.1",
            "server.port": int(server.url.rpartition(":")[2]),
            "http.response.status_code": 200,
            "network.protocol.version": "1.1",
        }
        assert span.status.status_code is StatusCode.UNSET
        assert span.instrumentation_scope is not None
        assert span.instrumentation_scope.name == "matterapi"


async def test_a_call_is_timed_with_few_attributes(connect: Connect, telemetry: Telemetry) -> None:
    with scripted(serve(answer(), answer(), MISSING)) as server:
        client = telemetry.watch(connect(server.url))
        await client.users.get_user("a")
        await client.users.get_user("b")
        with pytest.raises(e.ResourceNotFound):
            await client.users.get_user("c")
    points = {point.attributes.get("error.type"): point for point in telemetry.points()}
    assert {error: point.count for error, point in points.items()} == {None: 2, "404": 1}
    assert set(points["404"].attributes) == {
        "http.request.method",
        "server.address",
        "server.port",
        "url.template",
        "http.response.status_code",
        "network.protocol.version",
        "error.type",
    }
    assert points[None].explicit_bounds[0] == 0.005


async def test_the_trace_goes_to_the_server_below_the_current_span(
    connect: Connect, telemetry: Telemetry
) -> None:
    came: list[str] = []

    def script(connection: Connection) -> None:
        while (request := connection.read_request()) is not None:
            came.append(request[1].get("traceparent", ""))
            connection.send(answer())

    tracer = telemetry.tracer_provider.get_tracer("program")
    with scripted(script) as server:
        client = telemetry.watch(connect(server.url))
        with tracer.start_as_current_span("mine") as mine:
            await client.users.get_user("me")
        await telemetry.watch(connect(server.url), propagate_context=False).users.get_user("me")
    span = telemetry.spans[0]
    assert span.parent is not None
    assert span.parent.span_id == mine.get_span_context().span_id
    assert span.context is not None
    first, second = came
    assert first.startswith(f"00-{span.context.trace_id:032x}-{span.context.span_id:016x}-")
    assert second == ""


async def test_a_call_that_is_sent_again_is_one_span(connect: Connect, telemetry: Telemetry) -> None:
    def script(connection: Connection) -> None:
        while connection.read_request() is not None:
            connection.send(BUSY if connection.number <= 2 else answer())

    with scripted(script) as server:
        await telemetry.watch(connect(server.url, retries=2)).users.get_user("me")
    (span,) = telemetry.spans
    attributes = span.attributes or {}
    assert (attributes["http.request.resend_count"], attributes["http.response.status_code"]) == (2, 200)
    assert "error.type" not in attributes
    events = [(event.name, dict(event.attributes or {})) for event in span.events]
    assert [name for name, _ in events] == ["retry", "retry"]
    assert [facts["http.request.resend_count"] for _, facts in events] == [1, 2]
    assert {facts["error.type"] for _, facts in events} == {"503"}


async def test_an_error_status_is_an_error_of_the_span(connect: Connect, telemetry: Telemetry) -> None:
    with scripted(serve(MISSING)) as server:
        with pytest.raises(e.ResourceNotFound):
            await telemetry.watch(connect(server.url)).users.get_user("me")
    (span,) = telemetry.spans
    assert span.status.status_code is StatusCode.ERROR
    assert (span.attributes or {})["error.type"] == "404"


async def test_a_call_without_an_answer_ends_its_span(connect: Connect, telemetry: Telemetry) -> None:
    with scripted(serve(answer())) as server:
        url = server.url
    with pytest.raises(e.ConnectError):
        await telemetry.watch(connect(url)).users.get_user("me")
    (span,) = telemetry.spans
    assert span.status.status_code is StatusCode.ERROR
    assert (span.attributes or {})["error.type"] == "matterapi.exceptions.ConnectError"
    assert "http.response.status_code" not in (span.attributes or {})


async def test_a_cancelled_call_ends_its_span(kind: str, connect: Connect, telemetry: Telemetry) -> None:
    if kind == "sync":
        pytest.skip("only awaited calls are cancelled")
    began = asyncio.Event()
    loop = asyncio.get_running_loop()

    def script(connection: Connection) -> None:
        connection.read_request()
        loop.call_soon_threadsafe(began.set)
        connection.wait_closed()

    with scripted(script) as server:
        client = telemetry.watch(connect(server.url))
        task = asyncio.create_task(client.users.get_user("me"))
        await began.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    (span,) = telemetry.spans
    assert (span.attributes or {})["error.type"] == "asyncio.exceptions.CancelledError"


async def test_views_files_and_pages_are_traced_too(
    kind: str, connect: Connect, telemetry: Telemetry, tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_text("content")

    def script(connection: Connection) -> None:
        while (request := connection.read_request()) is not None:
            if "/files" in request[0]:
                is_upload = request[0].startswith("POST")
                connection.send(answer(b'{"file_infos":[{"id":"f"}]}' if is_upload else b"content"))
            else:
                connection.send(answer(b"[]" if "users?" in request[0] else answer()[-28:]))

    with scripted(script) as server:
        client = connect(server.url)
        target = getattr(client, "_target", client)
        earlier = target.with_options(timeout=5)
        telemetry.watch(client)
        await (earlier if kind == "async" else AwaitableFace(earlier)).users.get_user("me")
        await client.files.upload("c1", tmp_path / "a.txt")
        await client.files.download("f1")
        assert [user async for user in client.users.iter_users()] == []
        await client.request("GET", "/plugins/x/api/v1/things/4711")
    names = [span.name for span in telemetry.spans]
    assert names == [
        f"GET {ROUTE}",
        "POST /api/v4/files",
        "GET /api/v4/files/{file_id}",
        "GET /api/v4/users",
        "GET",
    ]
    assert "url.template" not in (telemetry.spans[-1].attributes or {}), "nobody knows the route"


async def test_it_begins_once_and_ends(connect: Connect, telemetry: Telemetry) -> None:
    with scripted(serve(answer(), answer())) as server:
        client = telemetry.watch(telemetry.watch(connect(server.url)))
        await client.users.get_user("me")
        assert len(telemetry.spans) == 1
        otel.uninstrument(getattr(client, "_target", client))
        await client.users.get_user("me")
        assert len(telemetry.spans) == 1


ECHO = f'{{"id":"x","message":"token={CANARY}","detailed_error":"Bearer {CANARY}","status_code":503}}'


async def test_no_secret_is_in_spans_and_metrics(connect: Connect, telemetry: Telemetry) -> None:
    echo = answer(ECHO.encode(), "503 Busy", Retry_After="0", Connection="close")
    with scripted(serve(echo)) as server:
        client = connect(server.url, auth={"token": CANARY}, retries=1, httpx_client_options=EVERYWHERE)
        telemetry.watch(client)
        with pytest.raises(e.ServiceUnavailable):
            await client.users.get_user("me")
        with pytest.raises(e.ServiceUnavailable):
            await client.request("GET", "/x", params={"access_token": "a" * 26, "q": CANARY})
        with pytest.raises(e.MatterapiError):
            await client.webhooks.send(CANARY, text="hello")
        with pytest.raises(e.MatterapiError):
            await client.users.get_user_access_token(CANARY)
        url = server.url
    with pytest.raises(e.ConnectError):
        await telemetry.watch(connect(url, auth={"token": CANARY})).users.get_user(CANARY)
    shown = [span.to_json() for span in telemetry.spans] + [str(telemetry.points())]
    assert len(shown) == 6
    assert [text for text in shown if is_shown(text)] == []
    assert not any("a" * 26 in text for text in shown)


def test_nothing_else_imports_opentelemetry() -> None:
    program = (
        "import sys; from matterapi import SyncClient; "
        "c = SyncClient('http://127.0.0.1:9', token='t'); c.users; c.counters(); c.with_raw_response.users; "
        "print([m for m in sys.modules if m.startswith('opentelemetry')])"
    )
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert done.stdout == "[]\n"


def test_without_opentelemetry_the_import_says_what_to_install() -> None:
    program = "import sys; sys.modules['opentelemetry'] = None; import matterapi.otel"
    done = subprocess.run([sys.executable, "-c", program], check=False, capture_output=True, text=True)
    assert 'ImportError: matterapi.otel needs OpenTelemetry: pip install "matterapi[otel]"' in done.stderr
