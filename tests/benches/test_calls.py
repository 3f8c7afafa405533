import asyncio
import http.server
import threading
from collections.abc import Iterator
from typing import ClassVar

import pytest

from benches.cases import async_peers, growth, peer_calls, sync_call
from benches.cases.flight import measure_flight
from benches.cases.measure import Amount
from benches.cases.pages import USER_PATH, user_page
from benches.cases.raw_protocol import read_answer
from benches.waste import FEW

FIVE = Amount(calls=5)


class Server(http.server.BaseHTTPRequestHandler):
    """The benchmarks' user, and whatever is posted."""

    protocol_version = "HTTP/1.1"
    pages: ClassVar[list[bytes]] = []

    def do_GET(self) -> None:
        # The last one again and again.
        self._answer(200, self.pages.pop(0) if len(self.pages) > 1 else self.pages[0])

    def do_POST(self) -> None:
        self._answer(201, self.rfile.read(int(self.headers["Content-Length"])))

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *_: object) -> None:  # noqa: A002 - the name is the parent's
        pass


@pytest.fixture
def url(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setattr(Server, "pages", [user_page()])
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize("work", ["user", "own2", "shared2"])
def test_a_peer_that_returns_bytes_has_the_outcome_of_our_models(url: str, work: str) -> None:
    # The socket cannot be shared by threads.
    library = "httpx" if work == "shared2" else "socket"

    theirs = peer_calls.measure(url, library, work, Amount(calls=4))
    ours = sync_call.measure(url, "user" if work == "user" else "threads2", Amount(calls=4))

    assert theirs.outcome == ours.outcome
    assert theirs.calls == ours.calls == 4


@pytest.mark.parametrize("work", ["model", "keywords"])
def test_what_is_sent_from_a_model_and_from_keywords_is_what_a_peer_sends(url: str, work: str) -> None:
    ours = sync_call.measure(url, work, FIVE)
    theirs = peer_calls.measure(url, "httpx", "create", FIVE)

    assert ours.outcome == theirs.outcome


def test_an_async_floor_has_the_outcome_of_our_models(url: str) -> None:
    theirs = asyncio.run(async_peers.program(url, "protocol", 3, "plain", Amount(calls=30)))

    assert theirs.calls == 30
    assert theirs.outcome == sync_call.measure(url, "user", FIVE).outcome


def test_an_answer_of_another_length_is_no_call(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Server, "pages", [user_page(), b"{}"])

    with pytest.raises(RuntimeError, match="status 200 and 2 bytes"):
        peer_calls.measure(url, "socket", "user", FIVE)


def test_an_answer_of_another_length_is_no_async_call(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Server, "pages", [user_page(), b"{}"])

    with pytest.raises(RuntimeError, match="status 200 and 2 bytes"):
        asyncio.run(async_peers.program(url, "protocol", 1, "plain", FIVE))


def test_memory_is_watched_from_the_end_of_the_warm_up(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = iter([1_000, 3_000, 2_000])
    monkeypatch.setattr(growth, "resident", lambda: next(sizes))
    monkeypatch.setattr(growth, "LOOK_EVERY", 10)

    watched = growth.Growth(after=5)
    for _ in range(25):
        watched.count()

    assert watched.bytes == 2_000, "at most, not at last"


def test_the_soak_makes_its_calls(url: str) -> None:
    sample = growth.sync_calls(url, Amount(calls=20))

    assert sample.calls == 20
    assert sample.memory >= 0


@pytest.mark.parametrize(
    ("data", "answer"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab", (200, b"ab")),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab", None),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n", None),
        (b"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n", (404, b"")),
    ],
)
def test_the_floor_waits_for_all_of_an_answer(data: bytes, answer: tuple[int, bytes] | None) -> None:
    assert read_answer(data) == answer


def test_so_many_calls_are_in_flight_and_no_more() -> None:
    now = most = 0

    async def call() -> None:
        nonlocal now, most
        now += 1
        most = max(most, now)
        await asyncio.sleep(0)
        now -= 1

    sample = asyncio.run(measure_flight(call, 7, "plain", Amount(calls=100), "same"))

    assert (most, sample.calls, sample.p50) == (7, 100, 0)


def test_calls_that_are_timed_have_a_middle_and_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter(range(10_000))
    monkeypatch.setattr("benches.cases.flight.time.perf_counter", lambda: next(times))

    async def call() -> None:
        await asyncio.sleep(0)

    sample = asyncio.run(measure_flight(call, 1, "timed", Amount(calls=FEW), "same"))

    assert (sample.p50, sample.p99) == (1, 1)


def test_the_path_of_the_user_is_the_server_s() -> None:
    assert USER_PATH == "/api/v4/users/me"
