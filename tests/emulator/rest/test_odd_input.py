from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from matterapi.testing import MattermostServer
from matterapi.testing.catalogue.operations import Operation, bundled
from matterapi.testing.catalogue.web_routes import WEB_OPERATIONS
from matterapi.testing.rest.registry import handlers
from tests.emulator.peer import ID, Peer

if TYPE_CHECKING:
    from collections.abc import Iterator

BODIES = [b"{", b"null", b"[]", b"{}", b"5", b'"x"', b"[5]", b"[null]", b"[[]]", b'{"term":[],"terms":{}}']
# These end the session or the things that the other calls need.
ENDING = {"Logout", "RevokeAllSessions", "RevokeSessionsFromAllUsers", "DeleteUser", "UpdateUserActive"}


@pytest.fixture(scope="module")
def peer() -> Iterator[Peer]:
    with MattermostServer() as server:
        yield Peer(server, server.admin.token)


def _handled() -> list[Operation]:
    return [one for one in bundled().operations if one.id in handlers() and one.id not in ENDING]


def _group(operation: Operation) -> str:
    """What follows `/api/v4` in the path."""
    return operation.path.split("/")[3]


def test_every_handler_belongs_to_an_operation_of_the_catalogue() -> None:
    assert set(handlers()) <= {one.id for one in (*bundled().operations, *WEB_OPERATIONS)}


@pytest.mark.parametrize("group", sorted({_group(one) for one in _handled()}))
def test_no_body_and_no_query_breaks_a_handler(peer: Peer, group: str) -> None:
    for operation in _handled():
        if _group(operation) == group:
            assert_answered(peer, operation)


def assert_answered(peer: Peer, operation: Operation) -> None:
    path = operation.path
    for param in operation.path_params:
        own = {"user_id": "me", "timestamp": "1"}.get(param.name, ID)
        path = path.replace(f"{{{param.name}}}", own)
    query = "&".join(f"{param.name}=x" for param in operation.query)
    for body in [None, *(BODIES if operation.body else [])]:
        for suffix in ("", f"?{query}"):
            answer = peer.call(operation.verb, path + suffix, body)
            # An exception that nobody expected is answered with text; some of the server's errors are 5xx.
            assert answer.status < 500 or answer.json["status_code"] == answer.status, (path, body, suffix)
            assert peer.server.requests[-1].operation == operation.id
