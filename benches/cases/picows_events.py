"""Events by picows: `python -m benches.cases.picows_events URL EVENTS dicts`.

Or `URL POSTS typed [busy|delays]`. Frames are read by orjson, where they lie;
posts, of `typed`, by pydantic. What is no post is left out there.
"""

# picows is in the environment of the peers only, not where the types are checked.
# mypy: disable-error-code="import-not-found,misc"

from __future__ import annotations

import asyncio
import sys

import orjson
from picows import WSFrame, WSListener, WSMsgType, WSTransport, ws_connect

from benches.cases.event_work import Work, drive, measure
from benches.cases.measure import Sample, print_sample
from benches.cases.post_models import Post

ADDRESS = "/api/v4/websocket"


class Listener(WSListener):
    """Hands events to `work`: dicts, or posts."""

    def __init__(self, work: Work, typed: bool) -> None:
        self._work = work
        self._typed = typed

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type is not WSMsgType.TEXT:
            return
        event = orjson.loads(frame.get_payload_as_memoryview())
        if event.get("event") == "hello":
            return
        if not self._typed:
            self._work.take(event["seq"], event)
        elif event.get("event") == "posted":
            self._work.take(event["seq"], Post.model_validate_json(event["data"]["post"]))


async def listen(url: str, work: Work, typed: bool) -> None:
    transport, _ = await ws_connect(lambda: Listener(work, typed), url.replace("http", "ws", 1) + ADDRESS)
    await transport.wait_disconnected()


async def program(url: str, expected: int, kind: str, *how: str) -> Sample:
    if kind == "typed":
        return await measure(lambda work: listen(url, work, typed=True), expected, *how)
    work = Work(expected, dict)
    return await drive(listen(url, work, typed=False), work, expected)


if __name__ == "__main__":
    url, events, *rest = sys.argv[1:]
    print_sample(asyncio.run(program(url, int(events), *rest)))
