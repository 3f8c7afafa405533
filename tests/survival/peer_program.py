"""A listener of another library: `python -I peer_program.py <library>`, the task as JSON on standard input.

It imports nothing of ours: matterapi 0.5.0, which has the same name, is run by an interpreter of its own.
Each library connects again by its own options.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import os
import sys
import time
from typing import Any
from urllib.parse import urlsplit

KINDS = {"posted": "Posted", "post_edited": "PostEdited", "post_deleted": "PostDeleted"}


class Log:
    """Records in the form of `records.py`."""

    def __init__(self, path: str, run: int) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self._run = run

    def write(self, event: dict[str, Any]) -> None:
        kind = KINDS.get(str(event.get("event")))
        record: dict[str, Any] = {"run": self._run, "at": time.time()}
        if event.get("event") == "hello":
            record["kind"] = "Connected"
        elif kind:
            post = json.loads(event["data"]["post"])
            record |= {"kind": kind, **{name: post[name] for name in ("id", "update_at", "message")}}
        else:
            return
        os.write(self._file, json.dumps(record).encode() + b"\n")


async def listen_by_driver(library: str, task: dict[str, Any], log: Log) -> None:
    """mattermostdriver and mattermostautodriver, whose websockets are used alike."""
    package = importlib.import_module(library)
    socket = importlib.import_module(f"{library}.websocket")
    url = urlsplit(task["url"])
    options = {
        "url": url.hostname,
        "port": url.port,
        "scheme": url.scheme,
        "token": task["token"],
        "keepalive": True,
    }
    driver = getattr(package, "TypedDriver", None) or package.Driver
    # Its own defaults, for what is not said.
    whole = driver(options).options

    async def handler(message: str) -> None:
        log.write(json.loads(message))

    await socket.Websocket(whole, task["token"]).connect(handler)


async def listen_by_old(task: dict[str, Any], log: Log) -> None:
    """matterapi 0.5.0."""
    package = importlib.import_module("matterapi")
    # Options given as a dict fail in 0.5.0.
    options = {"url": task["url"], "auth": {"token": task["token"]}, "ws_concurrent": False}
    client = package.AsyncClient(options=package.ApiClientOptions(**options))
    is_new = True

    def handler(event: dict[str, Any]) -> None:
        nonlocal is_new
        if is_new:
            # No handler is told of its hello: the first event, the own status, says that it is connected.
            log.write({"event": "hello"})
        is_new = False
        log.write(event)

    # Its websocket has a token only after the first call.
    await client.users.get_user("me")
    await client.start_ws(handler)


def main() -> None:
    task = json.load(sys.stdin)
    log = Log(task["log"], task["run"])
    if sys.argv[1] == "matterapi":
        asyncio.run(listen_by_old(task, log))
    else:
        asyncio.run(listen_by_driver(sys.argv[1], task, log))


if __name__ == "__main__":
    main()
