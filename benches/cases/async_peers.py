"""Async calls by other libraries, which return bytes.

`python -m benches.cases.async_peers` with the arguments of `flight.run`.
"""

# The peers are in an environment of their own, not where the types are checked.
# mypy: disable-error-code="import-not-found,import-untyped"

from __future__ import annotations

import json
import ssl
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

from benches.cases.flight import measure_flight, run
from benches.cases.measure import Amount, Sample, json_fingerprint, leave, trusted, trusted_bytes
from benches.cases.pages import USER_PATH
from benches.cases.raw_protocol import raw_connections

TOKEN = {"Authorization": "Bearer bench"}

Call = Callable[[], Awaitable["tuple[int, Any]"]]
"""Status and content."""


@asynccontextmanager
async def _wreq(url: str) -> AsyncIterator[Call]:
    import wreq

    verify = Path(path) if (path := trusted()) else True
    client = wreq.Client(http1_only=True, no_proxy=True, headers=TOKEN, tls_verify=verify)

    async def call() -> tuple[int, Any]:
        answer = await client.get(url)
        return answer.status.as_int(), await answer.bytes()

    yield call


@asynccontextmanager
async def _pyreqwest(url: str) -> AsyncIterator[Call]:
    from pyreqwest.client import ClientBuilder

    builder = ClientBuilder().http1_only().no_proxy().default_headers(TOKEN)
    if certificate := trusted_bytes():
        builder = builder.add_root_certificate_pem(certificate)
    async with builder.build() as client:

        async def call() -> tuple[int, Any]:
            answer = await client.get(url).build().send()
            return answer.status, await answer.bytes()

        yield call


@asynccontextmanager
async def _aiohttp(url: str) -> AsyncIterator[Call]:
    import aiohttp

    verify = ssl.create_default_context(cafile=trusted()) if trusted() else True
    connector = aiohttp.TCPConnector(limit=0, ssl=verify)
    async with aiohttp.ClientSession(headers=TOKEN, connector=connector) as session:

        async def call() -> tuple[int, Any]:
            async with session.get(url) as answer:
                return answer.status, await answer.read()

        yield call


LIBRARIES: dict[str, Callable[[str], AbstractAsyncContextManager[Call]]] = {
    "wreq": _wreq,
    "pyreqwest": _pyreqwest,
    "aiohttp": _aiohttp,
    "protocol": raw_connections,
}
"""For each library what opens a client for a URL; `protocol` is the floor, written for this."""


async def program(url: str, library: str, in_flight: int, how: str, amount: Amount) -> Sample:
    async with LIBRARIES[library](url + USER_PATH) as call:
        first = bytes((await call())[1])
        size = len(first)

        async def checked() -> None:
            status, content = await call()
            if status != 200 or len(content) != size:
                raise RuntimeError(f"an answer of status {status} and {len(content)} bytes, not {size}")

        outcome = json_fingerprint(json.loads(first))
        return await measure_flight(checked, in_flight, how, amount, outcome)


if __name__ == "__main__":
    run(program)
    if sys.argv[2] == "pyreqwest":
        leave()
