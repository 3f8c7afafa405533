"""Requests that no client sends: what a server is to answer, and never with a traceback."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from typing import Any

from typing_extensions import Self

from matterapi.testing import MattermostServer
from matterapi.testing.catalogue.checks import object_fields
from matterapi.testing.catalogue.operations import Operation, bundled
from matterapi.testing.catalogue.samples import sample
from tests.support.effort import usually


def nested(levels: int, inner: bytes = b"1") -> bytes:
    return b"[" * levels + inner + b"]" * levels


WHOLE = [
    nested(2_000),
    b'{"a":' * 2_000 + b"1" + b"}" * 2_000,
    b"[" * 100_000,
    b"null",
    b"[]",
    b"{}",
    b"[null]",
    b"[[]]",
    b"5",
    b"9" * 5_000,
    b"[1e400]",
    b"NaN",
    b'"\\ud800"',
    b'{"a":"\xff"}',
    b"\x00",
]
FEW = [WHOLE[0], b"[[]]", b'"\\ud800"', b"[1e400]"]
FIELD = [
    nested(300),
    b"true",
    b"1.5",
    b"18446744073709551615",
    b'"\\udfff"',
    b"[5]",
    b'{"":[]}',
]


class Client:
    """One connection, kept alive: thousands of requests want no more."""

    def __init__(self, server: MattermostServer) -> None:
        self.server = server
        self._connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *ended: object) -> None:
        self._connection.close()

    def call(self, verb: str, path: str, body: bytes | None = None, **headers: str) -> tuple[int, bytes]:
        sent = {"Authorization": f"Bearer {self.server.admin.token}"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        self._connection.request(verb, path, body, sent)
        answer = self._connection.getresponse()
        return answer.status, answer.read()

    def make(self, path: str, **fields: object) -> str:
        """Post an object and return its id."""
        made = json.loads(self.call("POST", f"/api/v4{path}", json.dumps(fields).encode())[1])
        return str(made.get("id") or made.get("user_id"))

    def fails(self, verb: str, path: str, body: bytes | None = None, **headers: str) -> str:
        """What is wrong with the answer, "" for nothing: 5xx must be an error that the server knows."""
        status, answer = self.call(verb, path, body, **headers)
        if status < 500:
            return ""
        try:
            known = json.loads(answer)["status_code"] == status
        except (ValueError, TypeError, KeyError):
            known = False
        return "" if known else f"{status} {verb} {path} {(body or b'')[:80]!r} {headers}"


def furnish(client: Client) -> dict[str, str]:
    """Make one of everything, so that handlers have something to work on: ids by parameter."""
    team = client.make("/teams", name="team-a", display_name="A", type="O")
    channel = client.make("/channels", team_id=team, name="room", display_name="R", type="O")
    post = client.make("/posts", channel_id=channel, message="hello")
    upload = client.make("/uploads", channel_id=channel, filename="a", file_size=10)
    hook = client.make("/hooks/incoming", channel_id=channel, display_name="x")
    # Nobody listens on that port.
    url = "http://127.0.0.1:1/"
    app = client.make("/oauth/apps", name="n", description="d", callback_urls=[url], homepage=url)
    return {
        "app_id": app,
        "bot_user_id": client.make("/bots", username="some-bot"),
        "category_id": f"channels_{client.server.admin.id}_{team}",
        "channel_id": channel,
        "command_id": client.make("/commands", team_id=team, trigger="ask", method="P", url=url),
        "hook": hook,
        "hook_id": hook,
        "job_id": client.make("/jobs", type="migrations"),
        "post_id": post,
        "team_id": team,
        "thread_id": post,
        "timestamp": "1",
        "upload_id": upload,
        "user_id": client.server.admin.id,
    }


def path_of(operation: Operation, ids: dict[str, str]) -> str:
    path = operation.path
    for param in operation.path_params:
        path = path.replace(f"{{{param.name}}}", ids.get(param.name, "a" * 26))
    return path


def bodies(operation: Operation, ids: dict[str, str]) -> Iterator[bytes]:
    """Bodies of which one field is odd, the others as documented."""
    kind: Any = operation.body.type if operation.body else None
    listed = isinstance(kind, dict) and "list" in kind
    kind = kind["list"] if listed else kind
    schemas = bundled().schemas
    good = sample(kind, schemas, operation.id) if kind is not None else None
    for number, name in enumerate(object_fields(kind, schemas) if isinstance(good, dict) else ()):
        fields = {key: json.dumps(ids.get(key, one)).encode() for key, one in good.items()}
        # What is odd for one field is odd for the next: a usual run gives each a third of it.
        for odd in usually(FIELD[number % 3 :: 3], FIELD):
            shown = fields | {name: odd}
            body = b"{%b}" % b",".join(b'"%b":%b' % (key.encode(), one) for key, one in shown.items())
            yield b"[%b]" % body if listed else body
