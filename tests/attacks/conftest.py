from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest

from tests.support.certificates import Authority
from tests.support.faces import make_client
from tests.support.scripted import Script, ScriptedServer, scripted

Attack = Callable[..., AbstractContextManager[tuple[ScriptedServer, Any]]]


@pytest.fixture
def wire() -> str:
    """`plain` or `tls`; tests whose attack depends on it parametrise `wire` with `WIRES`."""
    return "plain"


@pytest.fixture
def attack(kind: str, wire: str, tmp_path_factory: pytest.TempPathFactory) -> Attack:
    """A server that runs a script, and a client of it: `with attack(script, **options) as (server, client)`.

    The client has the face of the async one whatever `kind` is, so all its methods are awaited.
    """
    http: dict[str, Any] = {}
    context: ssl.SSLContext | None = None
    if wire == "tls":
        authority = Authority(tmp_path_factory.mktemp("authority"))
        http, context = {"verify": str(authority.file)}, authority.server()

    @contextmanager
    def run(script: Script, **options: Any) -> Iterator[tuple[ScriptedServer, Any]]:
        more = options.pop("httpx_client_options", {})
        auth = options.pop("auth", {"token": "t" * 26})
        with scripted(script, context) as server:
            yield server, make_client(kind, server.url, auth, httpx_client_options=http | more, **options)

    return run
