"""What runs the client but cannot: it is told so."""

import sys
from typing import Any

import pytest

from matterapi import AsyncClient
from tests.process.programs import echo, python
from tests.support.scripted import scripted

SUBINTERPRETER = """
import sys
try:
    import _interpreters as interpreters
except ImportError:
    import _xxsubinterpreters as interpreters
code = '''
try:
    import matterapi
except ImportError as error:
    print(error, flush=True)
'''
interpreters.run_string(interpreters.create(), code)
from matterapi import SyncClient
options = {"url": sys.argv[1], "auth": {"token": "t"}}
print(SyncClient(options=options).users.get_user("main").username)
"""


@pytest.mark.skipif(
    not {"_interpreters", "_xxsubinterpreters"} & set(sys.builtin_module_names)
    and sys.implementation.name != "cpython",
    reason="this Python has no subinterpreters",
)
def test_a_subinterpreter_is_refused_and_the_main_one_works() -> None:
    with scripted(echo) as server:
        out, err, status = python(SUBINTERPRETER, server.url)
    assert (err, status) == ("", 0)
    refusal, main = out.splitlines()
    assert refusal.startswith("matterapi cannot be used in a subinterpreter")
    assert main == "main"


def calls() -> dict[str, Any]:
    client = AsyncClient(options={"url": "http://127.0.0.1:9", "auth": {"token": "t"}})
    login = {"url": "http://127.0.0.1:9", "auth": {"login_id": "ann", "password": "pw"}}

    async def log_in() -> None:
        async with AsyncClient(options=login).session():
            pass

    return {
        "a call": lambda: client.users.get_user("me"),
        "a login": log_in,
        "events, in order": lambda: AsyncClient(
            options={"url": "http://127.0.0.1:9", "auth": {"token": "t"}, "ws_concurrent": False}
        ).start_ws(print),
        "events": lambda: client.start_ws(print),
    }


@pytest.mark.parametrize("what", calls())
def test_trio_is_told_what_to_use_instead(what: str) -> None:
    trio = pytest.importorskip("trio")
    with pytest.raises(TypeError, match=r"needs an event loop of asyncio.*trio\.to_thread"):
        trio.run(calls()[what])
