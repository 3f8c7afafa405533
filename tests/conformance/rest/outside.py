"""The programs outside the recorded server: what its commands, webhooks, buttons and dialogs called."""

from __future__ import annotations

import io
import json
import tarfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self

_ANSWERS: dict[str, Any] = {
    "/action": {"update": {"message": "updated by action", "props": {}}},
    "/cmd": {"response_type": "in_channel", "text": "sink answer", "username": "sinkbot"},
    "/dialog": {},
    "/dialogerr": {"error": "no", "errors": {"name": "too short"}},
    "/lookup": {"items": [{"text": "Alpha", "value": "a"}, {"text": "Beta", "value": "b"}]},
    "/out": {"text": "hook reply"},
}


class Programs:
    """Answers as those programs did, and remembers the last trigger id that it was told.

    Attributes:
        url: Base URL.
        trigger_id: With it a dialog can be opened.
    """

    def __init__(self) -> None:
        self.trigger_id = ""
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def plugin_bundle(plugin_id: str) -> bytes:
    """Return a bundle like the recorded ones: a plugin with a web part and one setting."""
    manifest = {
        "id": plugin_id,
        "name": f"Probe {plugin_id}",
        "description": "webapp only",
        "homepage_url": "https://example.org",
        "version": "0.1.0",
        "min_server_version": "6.0.0",
        "webapp": {"bundle_path": "webapp/main.js"},
        "settings_schema": {
            "header": "H",
            "footer": "F",
            "settings": [{"key": "A", "display_name": "A", "type": "bool", "default": True}],
        },
    }
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        content = json.dumps(manifest).encode()
        entry = tarfile.TarInfo(f"{plugin_id}/plugin.json")
        entry.size = len(content)
        archive.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


def _handler(programs: Programs) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(plugin_bundle("org.example.second"), "application/gzip")

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            if "json" not in self.headers.get("Content-Type", ""):
                programs.trigger_id = parse_qs(body).get("trigger_id", [programs.trigger_id])[0]
            self._answer(json.dumps(_ANSWERS[urlsplit(self.path).path]).encode(), "application/json")

        def _answer(self, answer: bytes, content_type: str) -> None:
            self.send_response(200)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Stay silent."""

    return Handler
