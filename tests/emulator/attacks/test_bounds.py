from __future__ import annotations

import json

import pytest

from matterapi.testing import MattermostServer
from matterapi.testing.effects.triggers import new_trigger
from matterapi.testing.faults import Latency
from matterapi.testing.http.request_log import RequestLog
from matterapi.testing.state.second_factor import SecondFactor, code_at, new_secret
from matterapi.testing.state.world import World

from .odd import Client, nested


def test_the_log_of_requests_is_bound_by_the_bytes_of_bodies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("matterapi.testing.http.request_log.MOST_BODY_BYTES", 100_000)
    with MattermostServer() as server, Client(server) as client:
        for number in range(20):
            client.call("POST", "/api/v4/posts", json.dumps({"number": number, "fill": "x" * 9_000}).encode())
        log = server.requests
        assert 80_000 < sum(len(one.body) for one in log) <= 100_000
        assert len(log) == 20
        newest = log.assert_requested("POST /api/v4/posts", json={"number": 19})
        assert newest.dropped == 0
        oldest = log[0]
        assert (oldest.body, oldest.json, oldest.dropped) == (
            b"",
            None,
            9_000 + len('{"number": 0, "fill": ""}'),
        )
        log.assert_requested("POST /api/v4/posts", times=20)
        with pytest.raises(AssertionError, match="the log let its 9,025 bytes go"):
            RequestLog(log[:1]).assert_requested("POST /api/v4/posts", json={"number": 0})


def test_the_log_of_requests_is_bound_by_the_bytes_of_heads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("matterapi.testing.http.request_log.MOST_HEAD_BYTES", 50_000)
    with MattermostServer() as server, Client(server) as client:
        for number in range(20):
            client.call("GET", f"/api/v4/users/me?{number}", X_Filler="x" * 7_000)
        assert 4 <= len(server.requests) <= 7
        assert server.requests[-1].raw_path.endswith("?19")


def test_a_deep_body_in_the_log_is_no_json(server: MattermostServer) -> None:
    with Client(server) as client:
        client.call("POST", "/api/v4/posts", nested(2_000))
    assert server.requests[-1].json is None
    with pytest.raises(AssertionError, match="was not requested as expected"):
        server.requests.assert_requested("POST /api/v4/posts", json={"never": "sent"})


def test_the_list_of_faults_that_happened_is_bound(
    server: MattermostServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("matterapi.testing.faults.rules._MOST_FIRED", 5)
    rule = server.faults.add(Latency(0.001))
    with Client(server) as client:
        for _ in range(8):
            client.call("GET", "/api/v4/users/me")
    rule.wait_fired(8)
    assert (len(rule.fired), len(server.faults.fired)) == (5, 5)


def test_what_can_no_longer_be_used_is_forgotten() -> None:
    world = World(version="11.2", licensed=False, seed=1)
    world.clock.freeze(0)
    hour = 3_600_000
    for _ in range(3):
        now = world.now()
        new_trigger(world, "u" * 26)
        world.posts.remember_pending(world.ids.new(), "p" * 26, now)
        assert (len(world.integrations.triggers), len(world.posts._pending)) == (1, 1)
        world.clock.advance(hour)
    factor = SecondFactor(new_secret(world.ids.source))
    for at in range(hour, 10 * hour, hour):
        assert factor.accepts(code_at(factor.secret, at), at)
        assert not factor.accepts(code_at(factor.secret, at), at)
        assert len(factor.used) == 1
