"""Fuzzing over real sockets: `python -m tests.fuzz.fuzz_wire --seconds N [--seed S] [--first N]`.

Each case is a whole answer, or a whole websocket conversation, given to one call or stream of a client. It
passes when the call ends in time, in a value or in a typed error, when that error can be shown, and when the
next call on the same client gets its own answer. The memory of the process may not grow with the cases.
"""

from __future__ import annotations

import asyncio
import gc
import pickle
import random
import sys
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import suppress
from itertools import chain, islice
from pathlib import Path
from typing import Any, TypeAlias

from matterapi.client.exceptions import MatterapiError
from matterapi.response import Response
from tests.support.faces import make_client
from tests.support.memory import peak
from tests.support.scripted import Connection, ScriptedServer, answer
from tests.support.websocket import ME, PING, WebSocket, handshake

from .answers import KEEP, RST, Answer, make_answer
from .conversations import Conversation, make_conversation
from .runner import Outcome, main

READ_LIMIT = 2.0
"""Seconds without a byte after which the client gives up."""

DEADLINE = 20.0
"""Seconds within which any call ends: a few time-outs in a row, and a busy machine."""

MOST_KEPT = 64 * 1024
"""KiB by which the resident memory may have grown after a round."""

MOST_PEAK = 512 * 1024
"""KiB by which the peak may grow: the largest answer of these cases, as models."""

CASES_PER_SERVER = 200

Call: TypeAlias = Callable[[Any], Awaitable[Any]]


async def _stream(client: Any) -> int:
    async with client.files.stream("hostile") as pieces:
        return sum([len(piece) async for piece in pieces])


CALLS: tuple[Call, ...] = (
    lambda client: client.users.get_user("hostile"),
    lambda client: client.users.get_user("hostile"),
    lambda client: client.teams.get_all_teams(),
    lambda client: client.posts.get_posts_for_channel("hostile"),
    lambda client: client.posts.create_post(json_body={"channel_id": "hostile", "message": "m"}),
    lambda client: client.users.get_users(),
    lambda client: client.system.get_config(),
    lambda client: client.preferences.get_preferences("hostile"),
    lambda client: client.files.get_file("hostile"),
    lambda client: client.files.download("hostile"),
    lambda client: client.files.upload("hostile", b"content"),
    _stream,
)


class Arrived(Exception):
    """The good event came: the handler ends the stream."""


class Server:
    """Gives what is hostile once, and then what is good, until the next case."""

    def __init__(self) -> None:
        self.hostile: Answer | Conversation | None = None
        self._scripted = ScriptedServer(self._serve)
        self._scripted.start()

    @property
    def url(self) -> str:
        return self._scripted.url

    def stop(self) -> None:
        self._scripted.stop()
        assert not self._scripted.failures, self._scripted.failures

    def _serve(self, connection: Connection) -> None:
        while (request := connection.read_request()) is not None:
            line, headers, _ = request
            path = line.split()[1]
            hostile = self.hostile
            if "upgrade" in headers:
                self.hostile = None
                return self._converse(connection, headers, hostile)
            if isinstance(hostile, Answer) and not path.startswith((ME, PING)) and "good-" not in path:
                if not self._send(connection, hostile):
                    return None
                continue
            connection.send(answer(b'{"id":"%s","status":"OK"}' % path.rpartition("/")[2].encode()))
        return None

    def _converse(self, connection: Connection, headers: dict[str, str], hostile: Any) -> None:
        if not isinstance(hostile, Conversation):
            connection.send(handshake(headers))
            ws = WebSocket(connection, headers)
            ws.hello()
            ws.event("arrived", 1)
            connection.wait_closed()
        elif hostile.refusal is not None:
            self._send(connection, hostile.refusal)
        else:
            connection.send(handshake(headers, hostile.fields, hostile.accept))
            self._send(connection, Answer(hostile.frames, hostile.end))

    @staticmethod
    def _send(connection: Connection, what: Answer) -> bool:
        """Whether the connection goes on."""
        for piece in what.pieces:
            connection.send(piece)
        if what.end == RST:
            connection.reset()
        return what.end == KEEP


async def run_case(rng: random.Random, server: Server, client: Any, number: int) -> Outcome:
    """One call or stream in front of something hostile, and a good call after it."""
    streaming = rng.random() < 0.3
    hostile = make_conversation(rng) if streaming else make_answer(rng)
    call = _listen if streaming else rng.choice(CALLS)
    server.hostile = hostile
    sort, finding = await _ended(call(client))
    if finding is None and not streaming:
        finding = await _own_answer(client, f"good-{number}")
    server.hostile = None
    if finding is not None:
        return Outcome(sort, f"{finding}\n  ends with {hostile.end}: {hostile!r:.1000}")
    return Outcome(sort)


async def _listen(client: Any) -> None:
    """A stream up to the good event; what comes before may be anything, as long as it is a dict."""

    def handler(event: Any) -> None:
        assert isinstance(event, dict), f"a handler was given {event!r:.100}"
        if event.get("event") == "arrived":
            raise Arrived

    with suppress(Arrived):
        start = client.start_ws_sync if hasattr(client, "start_ws_sync") else client.start_ws
        await start(handler)
        raise AssertionError("the stream ended by itself")


async def _ended(call: Awaitable[Any]) -> Outcome:
    """How a call ended: a value or a typed error, which can be shown, in time."""
    start = time.monotonic()
    try:
        value = await asyncio.wait_for(call, DEADLINE)
    except MatterapiError as error:
        return Outcome(f"{type(error).__name__}", _shows(error))
    except asyncio.TimeoutError:
        return Outcome("", f"no end after {DEADLINE:g} s")
    except BaseException as error:  # noqa: BLE001 - the finding
        return Outcome("", f"untyped {type(error).__module__}.{type(error).__qualname__}: {error!r:.300}")
    if time.monotonic() - start > DEADLINE:
        return Outcome("", f"ended after {DEADLINE:g} s only")
    return Outcome("value", _shows(value))


def _shows(value: Any) -> str | None:
    """What is wrong with showing a value or an error, if anything is."""
    try:
        text = str(value) if isinstance(value, BaseException) else ""
        if not text.isprintable():
            return f"an error's text is not one printable line: {text!r:.300}"
        pickle.loads(pickle.dumps(value)) if isinstance(value, BaseException) else None  # noqa: S301 - our own
        response = getattr(value, "response", value)
        if isinstance(response, Response):
            _ = (repr(response), response.text, response.links, response.cookies, response.encoding)
    except MatterapiError:
        return None
    except BaseException as error:  # noqa: BLE001 - the finding
        return f"cannot be shown: {type(error).__qualname__}: {error!r:.300}"
    return None


async def _own_answer(client: Any, name: str) -> str | None:
    try:
        user = await asyncio.wait_for(client.users.get_user(name), DEADLINE)
    except BaseException as error:  # noqa: BLE001 - the finding
        return f"the next call failed: {error!r:.300}"
    return None if user.id == name else f"the next call got the answer of {user.id!r:.100}"


def work(seed: int, numbers: Iterator[int]) -> Iterator[Outcome]:
    """Run the cases of a seed; see `runner.Work`."""
    loop = asyncio.new_event_loop()
    first = next(numbers, None)
    while first is not None:
        yield from _round(seed, first, numbers, loop.run_until_complete)
        first = next(numbers, None)
    loop.close()


def _round(
    seed: int, first: int, numbers: Iterator[int], drive: Callable[[Coroutine[Any, Any, Outcome]], Outcome]
) -> Iterator[Outcome]:
    """The cases of one server: what it keeps of its connections shall not count as the client's growth."""
    gc.collect()
    kept, highest = resident(), peak()
    server = Server()
    clients = [_client(kind, server.url, redirects) for kind in ("sync", "async") for redirects in (0, 1)]
    for number in islice(chain([first], numbers), CASES_PER_SERVER):
        rng = random.Random(f"{seed}:{number}")
        yield drive(run_case(rng, server, rng.choice(clients), number))
    server.stop()
    del clients
    gc.collect()
    if resident() - kept > MOST_KEPT and first > CASES_PER_SERVER:
        yield Outcome("", f"memory grew by {resident() - kept} KiB in {CASES_PER_SERVER} cases")
    if peak() - highest > MOST_PEAK:
        yield Outcome("", f"the peak of memory grew by {peak() - highest} KiB in {CASES_PER_SERVER} cases")


def _client(kind: str, url: str, redirects: int) -> Any:
    http = {"timeout": READ_LIMIT, "follow_redirects": bool(redirects)}
    return make_client(
        kind,
        url,
        {"token": "t" * 26},
        httpx_client_options=http,
        ws_concurrent=False,
        ws_reconnect_wait_time=0,
    )


def resident() -> int:
    """KiB of memory that this process has resident now."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0])


if __name__ == "__main__":
    sys.exit(main(work, "Fuzz the client with hostile answers and conversations."))
