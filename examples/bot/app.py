"""What Mattermost calls: the bot's slash command and its buttons, received by a small web server."""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol
from urllib.parse import parse_qsl

from pydantic import BaseModel

MOST = 64 * 1024
"""Bytes of a body; those of Mattermost have a few thousand."""


class _Context(BaseModel):
    """What the bot wrote into its button."""

    secret: str
    choice: str


class _Pressed(BaseModel):
    """What Mattermost says of a button that was pressed, as far as it matters here."""

    user_name: str
    context: _Context


class Answers(Protocol):
    """Who knows what to answer."""

    def to_command(self, user_name: str, text: str) -> str:
        """What the user sees who entered the slash command."""
        ...

    def to_button(self, user_name: str, choice: str) -> str:
        """What the post with the buttons becomes."""
        ...


class App(ThreadingHTTPServer):
    """Answers `POST /command` and `POST /button`, and refuses whoever does not know the secrets.

    Args:
        port: Where to listen; 0 for any free port.
        command_token: The token that Mattermost shows for the slash command.
        button_secret: What the bot writes into the context of its buttons, which no user gets to see.
        answers: Who answers.
    """

    daemon_threads = True

    def __init__(self, port: int, command_token: str, button_secret: str, answers: Answers) -> None:
        super().__init__(("", port), _Handler)
        self.command_token, self.button_secret, self.answers = command_token, button_secret, answers

    def answer(self, path: str, body: bytes) -> tuple[int, Mapping[str, Any]]:
        """The status and the JSON for a request."""
        if path == "/command":
            form = dict(parse_qsl(body.decode()))
            if not _is_same(form.get("token", ""), self.command_token):
                return 403, {}
            text = self.answers.to_command(form.get("user_name", ""), form.get("text", ""))
            return 200, {"response_type": "ephemeral", "text": text}
        if path == "/button":
            pressed = _Pressed.model_validate_json(body)
            if not _is_same(pressed.context.secret, self.button_secret):
                return 403, {}
            message = self.answers.to_button(pressed.user_name, pressed.context.choice)
            return 200, {"update": {"message": message, "props": {}}}
        return 404, {}


class _Handler(BaseHTTPRequestHandler):
    timeout = 10

    def __init__(self, request: Any, client_address: Any, server: App) -> None:
        self._app = server
        super().__init__(request, client_address, server)

    def do_POST(self) -> None:
        size = self.headers.get("Content-Length", "")
        if not size.isdecimal() or int(size) > MOST:
            self._reply(413, {})
            return
        try:
            self._reply(*self._app.answer(self.path, self.rfile.read(int(size))))
        except ValueError:
            self._reply(400, {})

    def _reply(self, status: int, answer: Mapping[str, Any]) -> None:
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as http.server wants it
        """Nothing: a line for each request would hold what users write."""


def _is_same(given: str, secret: str) -> bool:
    return hmac.compare_digest(given.encode(), secret.encode())
