"""Sends the recorded requests of an 11.2 server to another server, and tells what its answers lack.

`python -m tests.conformance.rest.replay` prints the differences between the recording and the emulator.
"""

from __future__ import annotations

import base64
import gzip
import http
import http.client
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from matterapi.testing import MattermostServer
from matterapi.testing.state.second_factor import code_at
from tests.conformance.rest.outside import Programs, plugin_bundle
from tests.conformance.target import VERSION
from tests.fixtures.import_recorded_exchanges import outline, read
from tests.fixtures.shapes import documents, unlike

Json = dict[str, Any]
_NUMBER = re.compile(r"<(\d+)(ms)?>")
_CODE = re.compile(r"<code(\d+)>")
_TIME = re.compile(r"<(t\d+)([+-]\d+)(ms|s)>")
_PAUSE_MS = 30
# 2026-11-24, 1:00 UTC: an hour before the end of a status that is set in the recording.
RECORDED_AT = 1_795_482_000_000
_BOUNDARY = "a-boundary-of-the-replay"
_PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@dataclass(frozen=True)
class Outcome:
    """How one request was answered.

    Attributes:
        exchange: The recorded exchange.
        got: What the answer is compared by (see `outline`).
    """

    exchange: Json
    got: Json

    @property
    def number(self) -> int | None:
        """Number in the recording; None for what the recording leaves out."""
        number: int | None = self.exchange["n"]
        return number

    def differences(self) -> list[str]:
        """Return what differs from the recorded answer, a line each."""
        recorded = self.exchange
        found = [
            f"{name} {self.got.get(name)}, recorded {recorded.get(name)}"
            for name in ("status", "type", "error")
            if self.got.get(name) != recorded.get(name)
        ]
        if not found and "keys" in recorded:
            found += unlike(self.got.get("keys"), recorded["keys"])
        return found


@dataclass
class Player:
    """Sends the requests one after the other.

    Attributes:
        server: The emulator; its clock stands still while it answers.
        programs: What the server calls.
        names: What the numbers in the requests stand for on this server.
    """

    server: MattermostServer
    programs: Programs
    names: dict[str, str] = field(default_factory=dict)
    _secret: str = ""

    def play(self, exchange: Json) -> Outcome:
        """Send a request, learn from its answer what it teaches, and let some time pass."""
        body, headers = self._body(exchange)
        headers |= {name: self._named(value) for name, value in exchange.get("headers", {}).items()}
        address = urlsplit(self.server.url)
        connection = http.client.HTTPConnection(str(address.hostname), address.port, timeout=60)
        try:
            connection.request(exchange["method"], self._named(exchange["path"]), body, headers)
            answer = connection.getresponse()
            content = answer.read() if answer.status != http.HTTPStatus.SWITCHING_PROTOCOLS else b""
        finally:
            connection.close()
        self.server.clock.advance(_PAUSE_MS)
        if answer.getheader("Content-Encoding") == "gzip":
            content = gzip.decompress(content)
        text = content.decode("utf-8", "replace")
        self._learn(exchange.get("teaches", {}), answer.headers, text)
        content_type = (answer.getheader("Content-Type") or "").partition(";")[0]
        return Outcome(exchange, outline(answer.status, content_type, text))

    def _body(self, exchange: Json) -> tuple[bytes | None, dict[str, str]]:
        if "text" in exchange:
            return self._named(exchange["text"]).encode(), {}
        if "latin-1" in exchange:
            return self._named(exchange["latin-1"]).encode("latin-1"), {}
        if "length" in exchange:
            return bytes(exchange["length"]), {}
        if "parts" in exchange:
            parts = [self._part(part) for part in exchange["parts"]]
            body = b"".join([*parts, f"--{_BOUNDARY}--\r\n".encode()])
            return body, {"Content-Type": f"multipart/form-data; boundary={_BOUNDARY}"}
        return None, {}

    def _part(self, part: Json) -> bytes:
        head = f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="{part["name"]}"'
        if "filename" in part:
            head += f'; filename="{part["filename"]}"\r\nContent-Type: {part["content_type"]}'
        return f"{head}\r\n\r\n".encode() + self._content(part) + b"\r\n"

    def _content(self, part: Json) -> bytes:
        if "text" in part:
            return self._named(part["text"]).encode()
        if "base64" in part:
            return base64.b64decode(part["base64"])
        if part["filename"].endswith(".tar.gz"):
            return plugin_bundle("org.example.probe")
        begin = _PIXEL if part["content_type"] == "image/png" else b""
        return begin.ljust(part["length"], b"\0")

    def _named(self, text: str) -> str:
        text = text.replace("<outside>", self.programs.url).replace("<trigger>", self.programs.trigger_id)
        return _CODE.sub(self._code, _TIME.sub(self._time, _NUMBER.sub(self._name, text)))

    def _code(self, match: re.Match[str]) -> str:
        return code_at(self._secret, self.server.clock.now() + int(match[1]) * 30_000)

    def _name(self, match: re.Match[str]) -> str:
        unlearned = str(self.server.clock.now()) if match[2] else f"unlearned{match[1]:0>17}"
        return self.names.get(match[1], unlearned)

    def _time(self, match: re.Match[str]) -> str:
        now = self.server.clock.now()
        value = (now if match[3] == "ms" else now // 1000) + int(match[2])
        return self.names.setdefault(match[1], str(value))

    def _learn(self, teaches: Json, headers: http.client.HTTPMessage, text: str) -> None:
        found = (documents(text) or [None])[0] if teaches or "qr_code" in text else None
        if isinstance(found, dict) and "qr_code" in found:
            self._secret = found["secret"]
        for number, (origin, *path, lead) in teaches.items():
            values = headers.get_all(path[0], []) if origin == "header" else [_at(found, path)]
            for value in values:
                match = re.search(rf"{re.escape(lead)}([\w+/=.-]+)", str(value)) if lead else None
                if match:
                    self.names.setdefault(number, match[1])
                elif value is not None and not lead:
                    self.names.setdefault(number, str(value).strip('"'))


def _at(value: Any, path: list[Any]) -> Any:
    for key in path:
        try:
            value = value[key]
        except (KeyError, IndexError, TypeError):
            return None
    return value


def play_all(exchanges: list[Json], left_out: set[str]) -> list[Outcome]:
    """Play all exchanges but those of the actors `left_out`; return the outcomes of those recorded.

    The server is an empty one whose ids are the same every time; its clock stands where the recording began.
    """
    with MattermostServer(version=VERSION, empty=True, seed=1) as server, Programs() as programs:
        server.clock.freeze(RECORDED_AT)
        return _play(Player(server, programs), exchanges, left_out)


def _play(player: Player, exchanges: list[Json], left_out: set[str]) -> list[Outcome]:
    outcomes = [player.play(exchange) for exchange in exchanges if exchange["by"] not in left_out]
    return [outcome for outcome in outcomes if outcome.number is not None]


def main() -> None:
    """Print what differs between the recording and the emulator."""
    for outcome in play_all(read(), {"local"}):
        for line in outcome.differences():
            print(outcome.number, outcome.exchange["method"], outcome.exchange["path"], line)  # noqa: T201


if __name__ == "__main__":
    main()
