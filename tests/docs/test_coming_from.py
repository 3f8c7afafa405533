"""The pages for who comes from another client: names that are there, and programs that do the same."""

from __future__ import annotations

import importlib
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from matterapi import SyncClient, exceptions
from matterapi.options.client import ApiClientOptions, AuthLogin, AuthToken
from matterapi.options.http import HttpxClientOptions
from tests.docs.peer_names import LIBRARIES, is_ours, others, path, table, written
from tests.docs.peers import methods
from tests.docs.test_readme import prepared

if TYPE_CHECKING:
    from matterapi.testing import MattermostServer

# Theirs: a method that they call deprecated themselves.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

libraries = pytest.mark.parametrize("library", LIBRARIES)

OWN_LOOP = "import asyncio\nasyncio.set_event_loop(asyncio.new_event_loop())\n"
"""What `init_websocket` of the others needs on Python 3.14."""


def package(library: str) -> Any:
    return importlib.import_module(library)


@libraries
def test_the_table_of_names_is_what_would_be_written(library: str) -> None:
    assert written(library) == table(library), "run python -m tests.docs.peer_names"


@libraries
def test_both_sides_of_the_table_exist(library: str) -> None:
    for theirs, ours in others(library).items():
        assert theirs in methods(library)
        assert is_ours(ours), ours


@libraries
def test_the_options_of_both_sides_exist(library: str) -> None:
    peer = package(library)
    driver = getattr(peer, "TypedDriver", None) or peer.Driver
    rows = re.findall(
        r"^\| (`.*?`) \| (.*) \|$", path(library).read_text("utf-8").split("## Three")[0], re.MULTILINE
    )
    named = {name for left, _ in rows for name in re.findall(r"`(\w+)`", left)}
    assert named == set(driver.default_options)
    ours = {*ApiClientOptions.model_fields, *AuthLogin.model_fields, *AuthToken.model_fields}
    ours |= {f"httpx_client_options.{name}" for name in HttpxClientOptions.model_fields}
    for _, right in rows:
        for name in re.findall(r"`([\w.]+)=?`", right):
            assert name in ours, name


@libraries
def test_exceptions_have_the_same_names_but_those_that_are_told(library: str) -> None:
    theirs = {
        name
        for name, one in vars(importlib.import_module(f"{library}.exceptions")).items()
        if isinstance(one, type) and issubclass(one, Exception) and one.__module__.startswith(library)
    }
    told = set(re.findall(r"`(\w+Error)`", path(library).read_text("utf-8")))
    lacking = {name for name in theirs if not hasattr(exceptions, name)}
    assert lacking <= told, lacking


def programs(library: str) -> list[tuple[str, str]]:
    """The programs of a page, each with what it becomes."""
    blocks = re.findall(r"```python\n(.*?)```", path(library).read_text("utf-8"), re.DOTALL)
    return list(zip(blocks[::2], blocks[1::2], strict=True))


@pytest.mark.parametrize("number", range(3))
@libraries
def test_a_program_prints_the_same_before_and_after(
    server: MattermostServer, library: str, number: int
) -> None:
    assert len(programs(library)) == 3
    server.factory.team("core", members=[server.admin.id])
    server.factory.users(205)
    before, after = (adapted(code, server) for code in programs(library)[number])
    writes = "Posted" in after
    shown = [output(code, server, writes=writes) for code in (OWN_LOOP + before, after)]
    assert shown[0] == shown[1] != ""


def adapted(code: str, server: MattermostServer) -> str:
    """A program with the address of the server."""
    place = f'"url": "127.0.0.1", "port": {server.port}, "scheme": "http"'
    return prepared(code.replace('"url": "chat.example.com", "port": 443', place), server, "")


def output(code: str, server: MattermostServer, *, writes: bool) -> str:
    """What a program prints; with `writes` somebody writes posts until it has ended."""
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    client = SyncClient(server.url, token=server.admin.token)
    channel = server.factory.channel("town-hall")
    with process:
        try:
            for _ in range(300):
                if writes:
                    client.posts.create_post(json_body={"channel_id": channel["id"], "message": "ping"})
                try:
                    out, err = process.communicate(timeout=0.2)
                except subprocess.TimeoutExpired:
                    continue
                assert process.returncode == 0, err
                return out
        finally:
            process.kill()
    raise AssertionError("the program does not end")
