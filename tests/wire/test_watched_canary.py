"""No secret of the options reaches hooks, tracers, counters or the cache by any fault of a call."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from matterapi import otel
from matterapi.options.hooks import FailedAttempt, OutgoingRequest
from matterapi.response import Response
from tests.support.canary import Shown, is_shown
from tests.support.effort import checkered, usually
from tests.support.scripted import scripted

from .test_canary import FAULTS, OPTIONS, script

HOOK = "thehookisasecretinitself12"
"""What a webhook's URL ends in: who has it can write posts."""

CALLS: dict[str, Callable[[Any, Path], Any]] = {
    "read": lambda client, _: client.users.get_user("me"),
    "raw": lambda client, _: parsed(client),
    "write": lambda client, _: client.posts.create_post(json_body={"channel_id": "c", "message": "m"}),
    "upload": lambda client, folder: client.files.upload("c1", folder / "a.txt"),
    "download": lambda client, folder: client.files.download("f1", folder / "b.txt"),
    "hook": lambda client, _: client.webhooks.send(HOOK, text="hello"),
}


async def parsed(client: Any) -> Any:
    answer = await client.with_raw_response.users.get_user("me")
    assert not is_shown(repr(answer))
    return answer.parse()


@pytest.mark.parametrize(
    ("kind", "option", "fault"),
    checkered(("sync", "async"), usually(["token", "headers"], [*OPTIONS]), FAULTS),
)
async def test_no_fault_shows_a_secret_to_who_watches(
    connect: Any, shown: Shown, option: str, fault: str, tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_text("content")
    exporter, reader = InMemorySpanExporter(), InMemoryMetricReader()
    tracers = TracerProvider()
    tracers.add_span_processor(SimpleSpanProcessor(exporter))
    meters = MeterProvider([reader])
    seen: list[Any] = []
    hooks = {event: [seen.append] for event in ("request", "response", "error")}
    options = {**OPTIONS[option]}
    own = options.get("httpx_client_options", {})
    http = {"timeout": (5, 0.05 if fault == "silence" else 5, 5, 5), "event_hooks": hooks, **own}
    retries = usually(int(fault == "reset"), 1)
    options |= {"httpx_client_options": http, "etag_cache": True, "retries": retries}
    with scripted(script(fault)) as server:
        client = connect(server.url, debug=True, **options)
        target = getattr(client, "_target", client)
        otel.instrument(target, tracer_provider=tracers, meter_provider=meters)
        for call in CALLS.values():
            with shown.watching():
                shown.add(await call(client, tmp_path))
    shown.add(target.counters(), target.sender.cache, target.with_raw_response, *target.sender.tracers)
    requests = [one if isinstance(one, OutgoingRequest) else one.request for one in seen]
    texts = [
        text
        for one in requests
        for text in (str(one.url), repr(one), repr(one.headers), str(dict(one.headers)))
    ]
    failed = [one for one in seen if isinstance(one, FailedAttempt)]
    texts += [text for one in failed for text in (repr(one), one.reason)]
    shown.add(*(one.error for one in failed), *map(repr, seen))
    spans = exporter.get_finished_spans()
    assert len(spans) >= len(CALLS)
    telemetry = [span.to_json() for span in spans] + [str(reader.get_metrics_data())]
    assert [text for text in texts + telemetry if is_shown(text)] == []
    asked = [
        text for one in seen if not isinstance(one, Response) for text in (repr(one), repr(vars_of(one)))
    ]
    assert [text for text in asked + telemetry if HOOK in text] == []
    assert shown.leaks == []


def vars_of(seen: Any) -> Any:
    """A request, or the request of a failure, as its parts show themselves."""
    request = getattr(seen, "request", seen)
    return str(request.url), dict(request.headers)
