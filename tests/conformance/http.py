"""A REST peer that shares no code with our client: http.client, a new connection for each call."""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from tests.conformance.target import Target

API = "/api/v4"


@dataclass(frozen=True)
class Answer:
    """An answer as it came: a header may occur more than once."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def all(self, name: str) -> list[str]:
        """Return every value of a header."""
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def header(self, name: str) -> str | None:
        """Return the first value of a header; None when it is absent."""
        return next(iter(self.all(name)), None)

    @property
    def media_type(self) -> str | None:
        """The content type without its parameters."""
        value = self.header("Content-Type")
        return None if value is None else value.partition(";")[0].strip()

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def error_id(self) -> str:
        return str(self.json["id"])

    @property
    def failure(self) -> tuple[int, str]:
        """The status and the id of an error answer."""
        return self.status, self.error_id


@dataclass
class Http:
    """Talks to a server as one user, or as nobody without a token.

    Attributes:
        target: The server.
        token: Session token, sent as a Bearer header.
        user: The user's JSON as their login answered it; empty without one.
    """

    target: Target
    token: str | None = None
    user: dict[str, Any] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """The user's id."""
        return str(self.user["id"])

    def call(self, verb: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Answer:
        """Send one request; `path` is from the root, a `body` that is no bytes goes out as JSON."""
        sent = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        sent.update(headers or {})
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
        address = urlsplit(self.target.url)
        connection = http.client.HTTPConnection(str(address.hostname), address.port, timeout=60)
        try:
            connection.request(verb, path, body, sent)
            response = connection.getresponse()
            return Answer(response.status, response.getheaders(), response.read())
        finally:
            connection.close()

    def get(self, path: str, headers: dict[str, str] | None = None) -> Answer:
        return self.call("GET", API + path, None, headers)

    def post(self, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Answer:
        return self.call("POST", API + path, body, headers)

    def put(self, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Answer:
        return self.call("PUT", API + path, body, headers)

    def delete(self, path: str, headers: dict[str, str] | None = None) -> Answer:
        return self.call("DELETE", API + path, None, headers)

    def made(self, path: str, body: Any) -> Any:
        """Create something and return its JSON."""
        answer = self.post(path, body)
        assert answer.status in (200, 201), (path, answer.status, answer.body)
        return answer.json

    @classmethod
    def login(cls, target: Target, login_id: str, password: str) -> Http:
        """Return a peer with a session of its own."""
        answer = cls(target).post("/users/login", {"login_id": login_id, "password": password})
        assert answer.status == 200, (login_id, answer.status, answer.body)
        return cls(target, answer.header("Token"), answer.json)
