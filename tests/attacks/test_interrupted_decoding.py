"""What a signal handler raises while the core works on Python's objects comes out of the call, as it is."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, field_validator

from matterapi import AsyncClient, SyncClient
from matterapi._core import Bridge, Route
from matterapi.calls.codec import decode
from matterapi.calls.operation import Operation
from matterapi.client import exceptions as e
from matterapi.response import Response
from tests.support.scripted import GOOD_USER, answer, scripted, serve


class Alarm(Exception):
    """An exception of somebody else's."""


RAISED = [KeyboardInterrupt, SystemExit, MemoryError, RecursionError, TimeoutError, Alarm]


@contextmanager
def raising(error: type[BaseException]) -> Iterator[None]:
    """`signal.raise_signal(SIGUSR1)` raises `error`, once: what is tried again will not raise again."""

    def handler(*_: Any) -> None:
        signal.signal(signal.SIGUSR1, signal.SIG_IGN)
        raise error

    before = signal.signal(signal.SIGUSR1, handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGUSR1, before)


class Struck(BaseModel):
    """A model of which an instance is being made when the signal comes."""

    id: str

    @field_validator("id")
    @classmethod
    def strike(cls, value: str) -> str:
        if value == "struck":
            signal.raise_signal(signal.SIGUSR1)
        return value


@pytest.mark.parametrize("error", RAISED)
@pytest.mark.parametrize("declared", [list[Struck], Struck | list[Struck], dict[str, list[Struck]]])
def test_it_passes_the_decoder(declared: Any, error: type[BaseException]) -> None:
    inner = [{"id": "calm"}, {"id": "struck"}]
    value = {"a": inner} if declared == dict[str, list[Struck]] else inner
    response = Response(200, [("Content-Type", "application/json")], json.dumps(value).encode())
    op: Operation[Any] = Operation("GET /api/v4/x", declared)

    with raising(error):
        with pytest.raises(error):
            decode(op, response)
        assert decode(op, response)


@pytest.mark.parametrize("error", RAISED)
@pytest.mark.parametrize("in_loop", [False, True])
def test_it_passes_the_core_that_decodes_what_it_received(in_loop: bool, error: type[BaseException]) -> None:
    op: Operation[Any] = Operation("GET /api/v4/x", list[Struck])

    with scripted(serve(answer(b'[{"id":"calm"},{"id":"struck"}]'))) as server:
        options: Any = {"url": server.url, "auth": {"token": "t" * 26}}

        async def awaited() -> Any:
            return await AsyncClient(options=options).users._call(op)

        def call() -> Any:
            return asyncio.run(awaited()) if in_loop else SyncClient(options=options).users._call(op)

        with raising(error):
            with pytest.raises(error) as raised:
                call()
            assert call()

    assert type(raised.value) is error


def test_what_pydantic_refuses_is_still_kept_as_it_came() -> None:
    response = Response(200, [("Content-Type", "application/json")], b'[{"id":5},{"id":"calm"}]')

    kept, read = decode(Operation("GET /api/v4/x", list[Struck]), response)

    assert (kept.id, read.id) == (5, "calm")


def test_no_signal_is_lost_in_a_list_of_teams(kind: str) -> None:
    teams = json.dumps([{"id": f"{n:026}", "name": "n" * 20} for n in range(3000)]).encode()

    with scripted(serve(answer(teams))) as server:
        command = [sys.executable, "-m", "tests.attacks.interrupted_decoding", kind, server.url]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)

    assert (done.stdout, done.stderr, done.returncode) == ("20 of 20\n", "", 0)


class Values(list[str]):
    """A list that is read by code of the caller's."""

    def __iter__(self) -> Iterator[str]:
        signal.raise_signal(signal.SIGUSR1)
        return super().__iter__()


class Valued:
    """An object with a value, as enums have one."""

    @property
    def value(self) -> str:
        signal.raise_signal(signal.SIGUSR1)
        return "v"


class OwnPath(type(Path())):  # type: ignore[misc]
    """A path that is read by code of the caller's."""

    def __fspath__(self) -> str:
        signal.raise_signal(signal.SIGUSR1)
        return __file__


class File:
    """A file object that can seek."""

    def seek(self, *_: int) -> int:
        signal.raise_signal(signal.SIGUSR1)
        return 0

    def tell(self) -> int:
        return 0

    def read(self, _: int) -> bytes:
        return b""


@pytest.mark.parametrize("error", RAISED)
@pytest.mark.parametrize("value", [Values(["a"]), Valued()])
def test_it_passes_the_reading_of_values(value: Any, error: type[BaseException]) -> None:
    route = Route("GET /api/v4/x{?a}")

    with raising(error):
        with pytest.raises(error) as raised:
            route.fill({"a": value})
        assert route.fill({"a": value}).startswith("/api/v4/x?a=")

    assert type(raised.value) is error


@pytest.mark.parametrize("error", RAISED)
@pytest.mark.parametrize("content", [OwnPath("image.png"), File()])
def test_it_passes_the_reading_of_content(content: Any, error: type[BaseException]) -> None:
    with scripted(serve(answer())) as server:
        client = SyncClient(options={"url": server.url, "auth": {"token": "t" * 26}})
        with raising(error), pytest.raises(error) as raised:
            client.emoji.create_emoji(multipart_data={"image": content, "emoji": "{}"})

    assert type(raised.value) is error


def test_a_value_that_cannot_be_read_is_an_invalid_request() -> None:
    class Broken(list[str]):
        def __iter__(self) -> Iterator[str]:
            raise ValueError("no")

    with pytest.raises(e.InvalidRequest, match="cannot be read: ValueError: no"):
        Route("GET /api/v4/x{?a}").fill({"a": Broken(["a"])})


class Future:
    """A future of a loop that is interrupted while it takes a result."""

    def __init__(self, error: type[BaseException] | None = None) -> None:
        self.error = error
        self.result: Any = None

    def done(self) -> bool:
        return False

    def set_result(self, result: Any) -> None:
        self.result = result
        if self.error is not None:
            raise self.error

    set_exception = set_result


def test_it_passes_the_bridge_after_all_results_are_handed_over() -> None:
    with scripted(serve(answer())) as server:
        client = SyncClient(options={"url": server.url, "auth": {"token": "t" * 26}})
        bridge, route = Bridge(False), Route("GET /api/v4/users/{user_id}")
        futures: list[Any] = [Future(KeyboardInterrupt), Future()]
        raised = []
        for future in futures:
            client.sender.core.submit(bridge, future, route, {"user_id": "u1"})
        while any(future.result is None for future in futures):
            bridge.wait()
            try:
                bridge.drain()
            except KeyboardInterrupt as error:
                raised.append(error)

    assert len(raised) == 1
    assert [future.result.content for future in futures] == [GOOD_USER, GOOD_USER]
