"""Rate limits (app/ratelimit.go). A real server reads their settings at its start only."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.conformance.http import Http
from tests.conformance.target import Target

if TYPE_CHECKING:
    from matterapi.testing import MattermostServer
    from tests.conformance.http import Answer

pytestmark = pytest.mark.emulator_only(reason="a real server has to be started with limits")
HEADERS = ("X-Ratelimit-Limit", "X-Ratelimit-Remaining", "X-Ratelimit-Reset", "Retry-After")
BY_ADDRESS = {"RateLimitSettings": {"Enable": True, "PerSec": 2, "MaxBurst": 4}}
BY_USER = {"RateLimitSettings": {**BY_ADDRESS["RateLimitSettings"], "VaryByUser": True}}
BY_HEADER = {
    "RateLimitSettings": {
        **BY_ADDRESS["RateLimitSettings"],
        "VaryByRemoteAddr": False,
        "VaryByHeader": "X-Tenant",
    }
}


def _told(answer: Answer) -> list[list[str]]:
    return [answer.all(name) for name in HEADERS]


@pytest.fixture
def nobody(emulator: MattermostServer) -> Http:
    """Somebody without a session, of a server whose clock stands still."""
    emulator.clock.freeze()
    return Http(Target.of(emulator))


@pytest.mark.emulator_config(config=BY_ADDRESS)
def test_every_answer_tells_of_the_limit(nobody: Http) -> None:
    """app/ratelimit.go, setRateLimitHeaders: the limit is one more than the burst, times are seconds."""
    answers = [nobody.get("/system/ping") for _ in range(5)]
    assert [_told(one) for one in answers] == [
        [["5"], ["4"], ["1"], []],
        [["5"], ["3"], ["1"], []],
        [["5"], ["2"], ["2"], []],
        [["5"], ["1"], ["2"], []],
        [["5"], ["0"], ["3"], []],
    ]


@pytest.mark.emulator_config(config=BY_ADDRESS)
def test_beyond_it_is_429_in_text_with_a_time_to_wait(nobody: Http) -> None:
    """app/ratelimit.go, RateLimitWriter: http.Error before any handler."""
    for _ in range(5):
        nobody.get("/system/ping")
    answer = nobody.get("/system/ping")
    assert (answer.status, answer.media_type, answer.body) == (429, "text/plain", b"limit exceeded\n")
    assert _told(answer) == [["5"], ["0"], ["3"], ["1"]]
    assert answer.header("X-Request-Id") is None


@pytest.mark.emulator_config(config=BY_ADDRESS)
def test_waiting_that_time_is_enough(emulator: MattermostServer, nobody: Http) -> None:
    """throttled, GCRARateLimiter."""
    for _ in range(6):
        nobody.get("/system/ping")
    emulator.clock.advance(499)
    assert nobody.get("/system/ping").status == 429
    emulator.clock.advance(1)
    assert nobody.get("/system/ping").status == 200
    assert nobody.get("/system/ping").status == 429


@pytest.mark.emulator_config(config=BY_ADDRESS)
def test_pages_and_unknown_paths_count_too(nobody: Http) -> None:
    """app/server.go, Start: the limiter stands around the router."""
    for path in ("/api/v4/nope", "/some/where", "/api/v4//users", "/plugins/x"):
        assert nobody.call("GET", path).header("X-Ratelimit-Limit") == "5", path
    assert nobody.call("GET", "/").header("X-Ratelimit-Remaining") == "0"
    assert nobody.call("GET", "/api/v4/nope").status == 429
    assert nobody.get("/websocket").status == 429


@pytest.mark.emulator_config(config=BY_ADDRESS)
def test_a_refused_post_was_never_written(emulator: MattermostServer, nobody: Http) -> None:
    """app/server.go, Start: the limiter comes before every handler."""
    admin = Http(nobody.target, emulator.admin.token)
    teams = [admin.post("/teams", {"name": f"t-{n}", "display_name": "t", "type": "O"}) for n in range(7)]
    assert [one.status for one in teams] == [201] * 5 + [429] * 2
    emulator.clock.advance(10_000)
    assert [one["name"] for one in admin.get("/teams").json] == [f"t-{n}" for n in range(5)]


@pytest.mark.emulator_config(config=BY_USER)
def test_by_user_the_headers_come_twice(emulator: MattermostServer, nobody: Http) -> None:
    """web/handlers.go, ServeHTTP: UserIdRateLimit after the limiter of the token."""
    admin = Http(nobody.target, emulator.admin.token)
    assert _told(admin.get("/users/me")) == [["5", "5"], ["4", "4"], ["1", "1"], []]
    assert _told(nobody.get("/system/ping")) == [["5"], ["4"], ["1"], []]


@pytest.mark.emulator_config(config=BY_USER)
def test_by_user_each_token_and_each_user_has_a_limit(emulator: MattermostServer, nobody: Http) -> None:
    """app/ratelimit.go, GenerateKey and UserIdRateLimit."""
    tokens = [emulator.admin.token, emulator.create_session(emulator.admin.id)]
    first, second = (Http(nobody.target, token) for token in tokens)
    assert [first.get("/users/me").status for _ in range(6)] == [200] * 5 + [429]
    refused = second.get("/users/me")
    assert (refused.status, refused.body) == (429, b"limit exceeded\n")
    assert _told(refused) == [["5", "5"], ["4", "0"], ["1", "3"], ["1"]]
    assert nobody.get("/system/ping").status == 200


@pytest.mark.emulator_config(config=BY_USER)
def test_tokens_that_open_nothing_share_the_limit_of_nobody(nobody: Http) -> None:
    """web/handlers.go, ServeHTTP: the user id of no session is empty."""
    tokens = [str(number) * 26 for number in range(6)]
    answers = [Http(nobody.target, token).get("/users/me").status for token in tokens]
    assert answers == [401] * 5 + [429]


@pytest.mark.emulator_config(config=BY_HEADER)
def test_a_header_can_name_who_asks(nobody: Http) -> None:
    """app/ratelimit.go, GenerateKey: VaryByHeader in lower case."""
    for value in ("A", "a", "A", "a", "A"):
        assert nobody.get("/system/ping", {"X-Tenant": value}).status == 200
    assert nobody.get("/system/ping", {"X-Tenant": "a"}).status == 429
    assert nobody.get("/system/ping", {"X-Tenant": "b"}).status == 200


def test_without_the_setting_nothing_is_told(nobody: Http) -> None:
    """app/server.go, Start: RateLimitSettings.Enable."""
    assert _told(nobody.get("/system/ping")) == [[], [], [], []]


def test_the_emulators_limits_can_be_switched_while_it_runs(emulator: MattermostServer, nobody: Http) -> None:
    """app/server.go, Start: a real server has to be started anew."""
    admin = Http(nobody.target, emulator.admin.token)
    assert admin.put("/config/patch", BY_ADDRESS).status == 200
    assert _told(nobody.get("/system/ping")) == [["5"], ["4"], ["1"], []]
    assert admin.put("/config/patch", {"RateLimitSettings": {"Enable": False}}).status == 200
    assert _told(nobody.get("/system/ping")) == [[], [], [], []]
