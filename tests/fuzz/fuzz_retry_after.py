"""Fuzzing of when to come again: `python -m tests.fuzz.fuzz_retry_after --seconds N [--seed S] [--first N]`.

Each case is an answer with a status that may pass and any bytes in its fields about waiting. The client may
send the call again once, within a short deadline. A case passes when the call ends in time, in a value or a
typed error, whose `retry_after` is what the field says; when it was sent again only if the time to wait is
shorter than the deadline; when no further call would wait for more than a minute; and when the next one ends
as well, if it does not wait.
"""

from __future__ import annotations

import asyncio
import math
import random
import sys
import time
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from itertools import islice
from typing import NamedTuple

from matterapi import AsyncClient, exceptions
from tests.support.scripted import Connection, ScriptedServer, answer

from .mutations import ODD_NUMBERS
from .runner import Outcome, main

DEADLINE = 1.5
"""Seconds for a call with its repeat."""

LONGEST = 10.0
"""Seconds after which a call has certainly not kept to that, however busy the machine is."""

LONGEST_TURN = 60.0
"""Seconds that a client waits at most because of a server's rate limit (docs/reference/limits.md)."""

AT_ONCE = 20
"""Cases that wait beside each other."""

NOW = datetime(2026, 11, 30, 12, 0, 0, tzinfo=timezone.utc)
STATUSES = (
    *("429 Too Many Requests", "503 Service Unavailable", "502 Bad Gateway", "408 Request Timeout"),
    "200 OK",
)
FRAGMENTS = (
    *(
        b" ",
        b"\t",
        b"+",
        b"-",
        b".",
        b",",
        b";",
        b":",
        b"e",
        b"E9",
        b"_",
        b"0x",
        b"inf",
        b"nan",
        b"GMT",
        b"+0000",
    ),
    *(b"\xd9\xa3", b"\x80", b"\xff", b"Mon", b"30", b"Nov", b"2026", b"9" * 20, b"12:00:00", b"1e400", b"s"),
    *(bytes([byte]) for byte in range(33, 127, 7)),
)


class Fields(NamedTuple):
    """The fields of a case, and the seconds to wait that they certainly say, if it is certain."""

    lines: tuple[bytes, ...]
    seconds: float | None


def make_case(seed: int, number: int) -> tuple[str, Fields]:
    """The status and fields of a number: the same ones in every process and on every machine."""
    rng = random.Random(f"{seed}:{number}")
    return rng.choice(STATUSES), rng.choice((_number, _date, _reset, _anything, _anything))(rng)


def _number(rng: random.Random) -> Fields:
    seconds = rng.choice((0, 0, 2, 7, 59, 60, 61, 3600, 99999, 10**9, 10**12))
    written = rng.choice((f"{seconds}", f" {seconds} ", f"{seconds}.0", f"{seconds:e}"))
    return Fields((b"Retry-After: " + written.encode(),), seconds)


def _date(rng: random.Random) -> Fields:
    seconds = rng.choice((-3600, -1, 0, 2, 30, 3600, 10**6))
    then = format_datetime(NOW + timedelta(seconds=seconds), usegmt=True).encode()
    return Fields((b"Date: " + _formatted(NOW), b"Retry-After: " + then), max(0.0, seconds))


def _reset(rng: random.Random) -> Fields:
    reset = rng.choice(
        (b"0", b"3", b"86400", b"999999999", b"1441983590", b"%d" % (NOW.timestamp() + 5), _bytes(rng))
    )
    left = rng.choice((b"0", b"5", b"-1", _bytes(rng)))
    lines = (b"X-RateLimit-Limit: 101", b"X-RateLimit-Remaining: " + left, b"X-RateLimit-Reset: " + reset)
    return Fields((*lines, b"Date: " + _formatted(NOW)) if rng.random() < 0.5 else lines, None)


def _anything(rng: random.Random) -> Fields:
    lines = [rng.choice((b"Retry-After: ", b"retry-after:", b"X-RateLimit-Reset: ")) + _bytes(rng)]
    if rng.random() < 0.3:
        lines.append(b"Date: " + rng.choice((_formatted(NOW), _bytes(rng))))
    if rng.random() < 0.1:
        lines.append(b"Retry-After: " + _bytes(rng))
    return Fields(tuple(lines), None)


def _bytes(rng: random.Random) -> bytes:
    if rng.random() < 0.3:
        return rng.choice(ODD_NUMBERS)
    found = b"".join(rng.choices((*FRAGMENTS, _formatted(NOW)), k=rng.choice((0, 1, 2, 3, 6))))
    return found if rng.random() < 0.9 else found * 200


def _formatted(time_of_day: datetime) -> bytes:
    return format_datetime(time_of_day, usegmt=True).encode()


class Server:
    """Answers the first request of a case with its fields, and all further ones well."""

    def __init__(self) -> None:
        self.asked: dict[str, int] = {}
        self.cases: dict[str, bytes] = {}
        self._scripted = ScriptedServer(self._serve)
        self._scripted.start()

    @property
    def url(self) -> str:
        return self._scripted.url

    def stop(self) -> None:
        self._scripted.stop()

    def _serve(self, connection: Connection) -> None:
        while (request := connection.read_request()) is not None:
            name = request[0].split(" ")[1].rpartition("/")[2]
            self.asked[name] = self.asked.get(name, 0) + 1
            connection.send(self.cases.pop(name, b"") or answer())


async def run_case(server: Server, number: int, status: str, fields: Fields) -> Outcome:
    """One call in front of such an answer, and one after it."""
    name = f"case-{number}"
    head = answer(b"{}", status).partition(b"\r\n\r\n")[0]
    server.cases[name] = b"\r\n".join((head, *fields.lines, b"", b"{}"))
    async with AsyncClient(server.url, options={"retries": 1, "deadline": DEADLINE}) as client:
        sort, error, finding = await _ended(client, name)
        told = error.retry_after if isinstance(error, exceptions.ApiError) else None
        finding = finding or _wrong(told, fields, server.asked.pop(name, 0), error)
        wait = client.rate_limit.wait if client.rate_limit else 0.0
        if not 0 <= wait <= LONGEST_TURN:
            finding = finding or f"the next call would wait for {wait} s"
        next_sort, next_finding = "a turn to wait for", None
        if wait < DEADLINE:
            next_sort, _, next_finding = await _ended(client, f"next-{number}")
    server.asked.pop(f"next-{number}", None)
    server.cases.pop(name, None)
    finding = finding or (next_finding and f"the next call: {next_finding}")
    shown = f"number {number}: {finding}\n  {status} {fields.lines!r:.600}"
    return Outcome(f"{sort}, then {next_sort}", finding and shown)


async def _ended(client: AsyncClient, name: str) -> tuple[str, BaseException | None, str | None]:
    """How a call ended, with what error, and what is wrong with that."""
    start = time.monotonic()
    error: BaseException | None = None
    try:
        await asyncio.wait_for(client.users.get_user(name), 4 * LONGEST)
    except exceptions.MatterapiError as caught:
        error = caught
    except asyncio.TimeoutError:
        return "", None, "it does not end"
    except BaseException as caught:  # noqa: BLE001 - the finding
        return "", caught, f"untyped {caught!r:.300}"
    took = time.monotonic() - start
    return type(error).__name__ if error else "value", error, f"took {took:.1f} s" if took > LONGEST else None


def _wrong(told: float | None, fields: Fields, requests: int, error: BaseException | None) -> str | None:
    # On a busy machine the deadline is over before anything is sent.
    if requests not in {1, 2} and not (requests == 0 and isinstance(error, exceptions.TransportError)):
        return f"sent {requests} times, {error!r}"
    if told is not None and not (math.isfinite(told) and told >= 0):
        return f"retry_after is {told}"
    if isinstance(error, exceptions.ApiError) and fields.seconds is not None and told != fields.seconds:
        return f"retry_after is {told}, not {fields.seconds}"
    if told is not None and told > DEADLINE and requests > 1:
        return f"sent again, although retry_after is {told}"
    if fields.seconds is not None and fields.seconds > DEADLINE and requests > 1:
        return f"sent again, although it is to wait for {fields.seconds} s"
    return None


def work(seed: int, numbers: Iterator[int]) -> Iterator[Outcome]:
    """Make the calls of a seed, many at once; see `runner.Work`."""
    server = Server()
    loop = asyncio.new_event_loop()

    async def some(chosen: list[int]) -> list[Outcome]:
        return await asyncio.gather(*(run_case(server, n, *make_case(seed, n)) for n in chosen))

    try:
        while chosen := list(islice(numbers, AT_ONCE)):
            yield from loop.run_until_complete(some(chosen))
    finally:
        loop.close()
        server.stop()


if __name__ == "__main__":
    sys.exit(main(work, "Fuzz the fields that say when to come again."))
