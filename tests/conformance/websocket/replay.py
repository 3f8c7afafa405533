"""Plays the recorded session of an 11.2 server on another server, and tells what its listeners got."""

from __future__ import annotations

import json
import re
import uuid
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any

from matterapi.testing import MattermostServer
from tests.conformance.http import Http
from tests.conformance.scene import PASSWORD
from tests.conformance.target import VERSION, Target
from tests.conformance.websocket.peer import Socket
from tests.fixtures.import_recorded_events import FIXTURE, event_shape, unpack
from tests.fixtures.shapes import ID, keys, unlike

Json = dict[str, Any]
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c63f8cf"
    "c0f01f0005000 1ff89993d1d0000000049454e44ae426082".replace(" ", "")
)
# When they connected, and how: the label of a listener and the actor whose session it has.
LISTENERS = {
    "adm": "adm",
    "ann": "ann.rurrt",
    "ann2": "ann.rurrt",
    "bob": "bob.rurrt",
    "cat": "cat.rurrt",
    "bot": "bot.rurrt",
    "out": "out.rurrt",
}


def play_all(target: Target, steps: list[Json], left_out: set[str]) -> list[Outcome]:
    """Play all steps but those of the sections `left_out`."""
    player = Player(target)
    try:
        return [
            player.play(number, step) for number, step in enumerate(steps) if step["section"] not in left_out
        ]
    finally:
        player.end()


@dataclass
class Outcome:
    """What one step led to.

    Attributes:
        number: Number of the step.
        step: The recorded step.
        status: Status of the answer; 0 for a step without one.
        got: Shapes of the events by listener.
    """

    number: int
    step: Json
    status: int
    got: dict[str, list[Json]]

    def differences(self) -> list[str]:
        """Return what differs from the recording, a line each."""
        found = []
        if self.status and self.status != self.step["status"]:
            found.append(f"status {self.status}, recorded {self.step['status']}")
        for listener in sorted({*self.got, *self.step["got"]}):
            recorded, got = self.step["got"].get(listener, []), self.got.get(listener, [])
            if (before := [one["event"] for one in recorded]) != (now := [one["event"] for one in got]):
                found.append(f"{listener}: events {now}, recorded {before}")
                continue
            for one, other in zip(got, recorded, strict=True):
                found += [f"{listener}: {one['event']}: {line}" for line in unlike(keys(one), keys(other))]
        return found


@dataclass
class Player:
    """Plays the steps one after the other.

    Attributes:
        target: The server.
        ids: Recorded ids and what they are on this server.
    """

    target: Target
    ids: dict[str, str] = field(default_factory=dict)
    _actors: dict[str, Http] = field(default_factory=dict)
    _sockets: dict[str, Socket] = field(default_factory=dict)
    _tokens: dict[str, str] = field(default_factory=dict)
    # The recording does not say which ids bots and files got; a later step names them in their order.
    _unnamed: list[str] = field(default_factory=list)

    def play(self, number: int, step: Json) -> Outcome:
        """Do what was done and wait until every listener has got what came of it."""
        status = 0
        if "connect" in step:
            late = {step["connect"]: f"{step['connect']}.rurrt"}
            for label, actor in (LISTENERS if step["connect"] == "all" else late).items():
                self._connect(label, actor)
        elif "send" in step:
            self._sockets[step["on"]].send(self._named(step["send"]).encode())
        else:
            status = self._do(step)
        got = {label: list(map(event_shape, one.events_so_far())) for label, one in self._sockets.items()}
        got = {label: events for label, events in got.items() if events}
        for label, events in got.items():
            self._learn_events(step["got"].get(label, []), events)
        return Outcome(number, step, status, got)

    def end(self) -> None:
        """Close every socket."""
        for opened in self._sockets.values():
            opened.end()

    def _connect(self, label: str, actor: str) -> None:
        token = self._tokens.get(label) or self._actors[actor].token
        if label == "bob":
            opened = Listener(self.target)
            opened.send({"seq": 1, "action": "authentication_challenge", "data": {"token": token}})
        else:
            opened = Listener(self.target, token, "?posted_ack=true" if label == "ann2" else "")
        self._sockets[label] = opened

    def _do(self, step: Json) -> int:
        text = step["path"] + json.dumps((step.get("body") or {}).get("file_ids", "")) if _names(step) else ""
        for unknown in ID.findall(text):
            if unknown not in self.ids and self._unnamed:
                self.ids[unknown] = self._unnamed.pop(0)
        if text:
            self._unnamed.clear()
        path, by = self._named(step["path"]), step["by"]
        body = step.get("body")
        if path == "/users/login":
            return self._login(step)
        root = path.startswith("/hooks/") and "outside" in path
        actor = self._actors.get(by) or Http(self.target)
        sent, headers = self._body(path, body)
        where = path.split(" ")[0] if root else f"/api/v4{path}"
        answer = actor.call(step["m"], where, sent, headers)
        if answer.media_type == "application/json" and answer.body:
            self._learn(step, answer.json)
        return answer.status

    def _login(self, step: Json) -> int:
        name = step["body"]["login_id"]
        admin = name == "adm"
        peer = Http.login(
            self.target,
            self.target.admin if admin else name,
            self.target.password if admin else PASSWORD,
        )
        self._actors[step["by"]] = peer
        label = step["by"].split(".")[0]
        self._tokens[label + "2" if label in self._tokens else label] = str(peer.token)
        self.ids[step["id"]] = peer.id
        return 200

    def _body(self, path: str, body: Any) -> tuple[Any, dict[str, str]]:
        if path == "/files":
            return _multipart({"channel_id": self._named(body["channel_id"])}, "files", body["file"])
        if path == "/emoji":
            fields = json.dumps({"name": body["emoji"], "creator_id": self._actors["adm"].id})
            return _multipart({"emoji": fields}, "image", "e.png")
        if isinstance(body, str):
            return _multipart({}, "image", "p.png")
        if body is None:
            return None, {}
        return json.loads(self._named(json.dumps(body)).replace("<password>", PASSWORD)), {}

    def _named(self, text: str) -> str:
        text = text.replace("<hook>", self.ids.get("<hook>", "<hook>"))
        return ID.sub(lambda match: self.ids.get(match[0], match[0]), text)

    def _learn(self, step: Json, answer: Any) -> None:
        if isinstance(answer, dict):
            made = answer.get("id") or answer.get("user_id")
            if step.get("id") and made:
                self.ids.setdefault(step["id"], made)
            if re.fullmatch(r"/users/\w+/tokens", step["path"]) and "bot.rurrt" not in self._actors:
                self._actors["bot.rurrt"] = Http(self.target, answer["token"])
            if step["path"] == "/bots":
                self._unnamed.append(answer["user_id"])
            if step["path"] == "/files":
                self._unnamed.append(answer["file_infos"][0]["id"])

    def _learn_events(self, recorded: list[Json], got: list[Json]) -> None:
        before, now = ([one["event"] for one in events] for events in (recorded, got))
        for block in SequenceMatcher(None, before, now, autojunk=False).get_matching_blocks():
            for at in range(block.size):
                self._pair(recorded[block.a + at], got[block.b + at])

    def _pair(self, recorded: Any, got: Any) -> None:
        if isinstance(recorded, dict) and isinstance(got, dict):
            for key, value in recorded.items():
                self._pair(value, got.get(key))
        elif isinstance(recorded, list) and isinstance(got, list):
            for one, other in zip(recorded, got, strict=False):
                self._pair(one, other)
        elif (
            isinstance(recorded, str)
            and isinstance(got, str)
            and ID.fullmatch(recorded)
            and ID.fullmatch(got)
        ):
            self.ids.setdefault(recorded, got)


def _names(step: Json) -> bool:
    """Tell whether a step names what was made before: the tokens of a bot, the files of a post."""
    return step["path"].endswith("/tokens") or "file_ids" in (step.get("body") or {})


class Listener(Socket):
    """A socket that is asked for everything that has come."""

    def events_so_far(self) -> list[Json]:
        """Return every event up to the answer of a ping; replies to recorded requests are passed over."""
        number = next(self._numbers)
        self.send({"seq": number, "action": "ping"})
        found = []
        while (got := self.message(statuses=True)).get("seq_reply") != number:
            if "event" in got:
                found.append(got)
        return found


def _multipart(fields: dict[str, str], name: str, filename: str) -> tuple[bytes, dict[str, str]]:
    boundary = uuid.uuid4().hex
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
        for key, value in fields.items()
    ]
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"; filename="{filename}"\r\n\r\n'
    content = PIXEL if filename.endswith(".png") else b"no picture"
    body = b"".join([*parts, head.encode(), content, f"\r\n--{boundary}--\r\n".encode()])
    return body, {"Content-Type": f"multipart/form-data; boundary={boundary}"}


def main() -> None:
    """Print what differs between the recorded session and the emulator."""
    with MattermostServer(version=VERSION) as server:
        for outcome in play_all(Target.of(server), unpack(FIXTURE.read_bytes()), {"plugin"}):
            for line in outcome.differences():
                print(outcome.number, outcome.step.get("path", ""), line)  # noqa: T201


if __name__ == "__main__":
    main()
