"""Programs that tests run in interpreters of their own, and the server that answers them."""

from __future__ import annotations

import subprocess
import sys

from tests.support.scripted import Connection, answer

COMMON = """
import asyncio, os, sys, threading
from matterapi import AsyncClient, SyncClient
options = {"url": sys.argv[1], "auth": {"token": "t"}, "httpx_client_options": {"timeout": None}}
sync_client, async_client = SyncClient(options=options), AsyncClient(options=options)
async def ask(name): return (await async_client.users.get_user(name)).username
"""
"""How most programs begin: both clients, and an async call that returns the name it asked for."""


def asked_name(line: str) -> str:
    """The last segment of a request line's path."""
    return line.split()[1].rsplit("/", 1)[1]


def user(name: str) -> bytes:
    """The answer to a question for `name`."""
    return answer(f'{{"id":"x","username":"{name}"}}'.encode())


def echo(connection: Connection) -> None:
    """Answers with the user id of the route as user name; never answers for `slow`."""
    while (request := connection.read_request()) is not None:
        name = asked_name(request[0])
        if name == "slow":
            connection.wait_closed()
            return
        connection.send(user(name))


def python(code: str, *arguments: str) -> tuple[str, str, int]:
    """Output, errors and exit status of a program; warnings are errors in it.

    Args:
        code: Its text.
        *arguments: `sys.argv[1:]`: the URL of a server, mostly.
    """
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code, *arguments],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    return done.stdout, done.stderr, done.returncode
