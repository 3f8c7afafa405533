"""Plain calls to a server: what judges the client does not use it."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

TIMEOUT = 10.0
PAGE = 200


class Refused(Exception):
    """The server answered with a status that is no success."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(f"{status}: {text[:200]}")
        self.status = status


FAILURES = (OSError, http.client.HTTPException, Refused)
"""What a call raises that may or may not have reached the server."""


class Rest:
    """Calls on one connection, for one thread.

    Args:
        url: The server's.
        token: Of who calls.
    """

    def __init__(self, url: str, token: str = "") -> None:
        self.url = url
        self._parts = urlsplit(url)
        self._token = token
        self._connection: http.client.HTTPConnection | None = None

    def call(self, verb: str, path: str, body: Any = None) -> Any:
        """Make a call, once.

        Args:
            verb: Such as `GET`.
            path: Below `/api/v4`.
            body: To be sent as JSON.

        Raises:
            Refused: The answer is no success.
            OSError: There was no answer, or half of one.
            http.client.HTTPException: What came is none.
        """
        return self._exchange(verb, path, body)[1]

    def log_in(self, username: str, password: str) -> None:
        """Call as this user from now on.

        Raises:
            Refused: The server does not let him in.
        """
        headers, _ = self._exchange("POST", "/users/login", {"login_id": username, "password": password})
        self._token = headers["Token"]

    @property
    def token(self) -> str:
        return self._token

    def posts(self, channel_id: str) -> Iterator[dict[str, Any]]:
        """The posts of a channel, newest first, without deleted ones; nothing may be written meanwhile."""
        page = 0
        while True:
            found = self.call("GET", f"/channels/{channel_id}/posts?page={page}&per_page={PAGE}")
            for post_id in found["order"]:
                yield found["posts"][post_id]
            if len(found["order"]) < PAGE:
                return
            page += 1

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _exchange(self, verb: str, path: str, body: Any) -> tuple[Any, Any]:
        if self._connection is None:
            secure = self._parts.scheme == "https"
            kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
            self._connection = kind(self._parts.netloc, timeout=TIMEOUT)
        headers = {"Content-Type": "application/json"}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        try:
            data = None if body is None else json.dumps(body)
            self._connection.request(verb, f"{self._parts.path}/api/v4{path}", data, headers)
            answer = self._connection.getresponse()
            text = answer.read()
        except (OSError, http.client.HTTPException):
            self.close()
            raise
        if not 200 <= answer.status < 300:
            raise Refused(answer.status, text.decode(errors="replace"))
        return answer.headers, json.loads(text)
