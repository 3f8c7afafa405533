"""The examples that listen until they are ended."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from matterapi import SyncClient
from matterapi.events import Posted, PostEdited, ReactionAdded
from tests.examples.programs import EXAMPLES, PATIENCE, start

if TYPE_CHECKING:
    from matterapi.models import Post
    from matterapi.testing import MattermostServer

SECRET = "s" * 26


class Room:
    """A channel with a user who writes and a bot who answers."""

    def __init__(self, server: MattermostServer) -> None:
        self.server = server
        self.admin = SyncClient(server.url, token=server.admin.token)
        team = server.factory.team("core", members=[server.admin.id])
        user, bot = (server.create_user(name)["id"] for name in ("ann", "bot"))
        for user_id in (user, bot):
            self.admin.teams.add_team_member(
                team["id"], json_body={"team_id": team["id"], "user_id": user_id}
            )
        body = {"team_id": team["id"], "name": "room", "display_name": "Room", "type": "O"}
        self.team_id, self.channel_id = team["id"], self.admin.channels.create_channel(json_body=body).id
        for user_id in (user, bot):
            self.admin.channels.add_channel_member(self.channel_id, json_body={"user_id": user_id})
        self.user = SyncClient(server.url, token=server.create_session(user))
        self.bot_token = server.create_session(bot)

    @contextmanager
    def asking(self, message: str, *kinds: Any) -> Iterator[Any]:
        """Write, and listen to what comes of it."""
        with self.user.events(*kinds, channels=[self.channel_id], own_posts=False) as stream:
            stream.ready(timeout=PATIENCE)
            post = self.user.posts.create_post(json_body={"channel_id": self.channel_id, "message": message})
            yield post, stream

    def ask(self, message: str) -> tuple[Post, Post]:
        """What is written, and what is answered."""
        with self.asking(message, Posted) as (post, stream):
            event = stream.wait(timeout=PATIENCE)
            assert event is not None
            return post, event.post


@pytest.fixture
def room(server: MattermostServer) -> Room:
    return Room(server)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def line_with(process: subprocess.Popen[str], stream: Any, text: str) -> None:
    while text not in (line := stream.readline()):
        assert line, f"it has ended: {process.wait(PATIENCE)}"


@pytest.fixture
def bot(room: Room) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The complete bot, and the URL of its app."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    body = {"team_id": room.team_id, "trigger": "bot", "method": "P", "url": f"{url}/command"}
    token = room.admin.commands.create_command(json_body=body).token
    assert token
    variables = {"BOT_COMMAND_TOKEN": token, "BOT_BUTTON_SECRET": SECRET, "BOT_URL": url}
    process = start(
        room.server, "bot/bot.py", MATTERMOST_TOKEN=room.bot_token, BOT_PORT=str(port), **variables
    )
    with process:
        try:
            line_with(process, process.stderr, "listening on port")
            yield process, url
        finally:
            process.kill()


def post_to(url: str, body: bytes) -> tuple[int, Any]:
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})  # noqa: S310 - of this test
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.loads(error.read() or b"null")


def test_the_bot_helps_in_the_thread(room: Room, bot: tuple[subprocess.Popen[str], str]) -> None:
    post, answer = room.ask("!help")
    assert answer.root_id == post.id
    assert "`!report`" in answer.message


def test_the_bot_answers_within_a_thread_and_after_a_cut(
    room: Room, bot: tuple[subprocess.Popen[str], str]
) -> None:
    root = room.user.posts.create_post(json_body={"channel_id": room.channel_id, "message": "hello"})
    room.server.restart_sockets()
    with room.user.events(Posted, channels=[room.channel_id], own_posts=False) as stream:
        stream.ready(timeout=PATIENCE)
        body = {"channel_id": room.channel_id, "root_id": root.id, "message": "!help"}
        room.user.posts.create_post(json_body=body)
        event = stream.wait(timeout=PATIENCE)
    assert event is not None
    assert event.post.root_id == root.id


def test_the_bot_sends_a_file(room: Room, bot: tuple[subprocess.Popen[str], str]) -> None:
    room.server.factory.posts(room.channel_id, count=250)
    _, answer = room.ask("!report")
    (file_id,) = answer.file_ids or []
    assert room.user.files.get_file_info(file_id).name == "report.csv"
    lines = room.user.files.get_file(file_id).content.decode().splitlines()
    assert lines[0] == "user,posts"
    assert "ann,1" in lines
    assert sum(int(line.split(",")[1]) for line in lines[1:]) > 250


def test_a_button_is_pressed_once(room: Room, bot: tuple[subprocess.Popen[str], str]) -> None:
    with room.asking("!deploy", Posted, PostEdited) as (_, stream):
        event = stream.wait(timeout=PATIENCE)
        shown = event.post.props["attachments"][0]["actions"]
        assert [action["name"] for action in shown] == ["Yes", "No"]
        assert SECRET not in str(event.post.props)
        room.user.posts.do_post_action(event.post.id, "yes", json_body={})
        edited = stream.wait(timeout=PATIENCE)
    assert isinstance(edited, PostEdited)
    assert (edited.post.message, "attachments" in edited.post.props) == ("@ann said yes.", False)


def test_a_slash_command_is_answered_to_who_gave_it(
    room: Room, bot: tuple[subprocess.Popen[str], str]
) -> None:
    run = {"channel_id": room.channel_id, "command": "/bot how are you"}
    answer = room.user.commands.execute_command(json_body=run)
    assert (answer.response_type, answer.text) == ("ephemeral", "@ann, you said: how are you")
    assert "`!report`" in str(room.user.commands.execute_command(json_body={**run, "command": "/bot"}).text)


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/command", b"token=wrong&text=x", 403),
        ("/command", b"text=x", 403),
        ("/command", b"token=\xff", 400),
        ("/button", b'{"user_name": "ann", "context": {"secret": "wrong", "choice": "yes"}}', 403),
        ("/button", b'{"user_name": "ann", "context": {}}', 400),
        ("/button", b"[]", 400),
        ("/button", b"{", 400),
        ("/elsewhere", b"{}", 404),
        ("/button", b"x" * 70_000, 413),
    ],
)
def test_who_does_not_know_the_secrets_is_refused(
    bot: tuple[subprocess.Popen[str], str], path: str, body: bytes, status: int
) -> None:
    assert post_to(bot[1] + path, body)[0] == status


def test_sigterm_ends_the_bot_cleanly(room: Room, bot: tuple[subprocess.Popen[str], str]) -> None:
    process, _ = bot
    room.ask("!help")
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0
    assert err.endswith("ended\n")
    assert "Traceback" not in out + err


def test_the_image_of_the_bot_has_all_its_files() -> None:
    (copied,) = re.findall(r"^COPY (.*) /bot/$", (EXAMPLES / "bot" / "Dockerfile").read_text(), re.MULTILINE)
    assert copied.split() == sorted(path.name for path in (EXAMPLES / "bot").glob("*.py"))


def test_a_reminder_comes_in_the_thread(room: Room) -> None:
    process = start(room.server, "reminder.py", MATTERMOST_TOKEN=room.bot_token)
    with process:
        try:
            line_with(process, process.stdout, "ready")
            with room.asking("!remind 1s tea is ready", Posted, ReactionAdded) as (post, stream):
                seen = stream.wait(timeout=PATIENCE)
                assert isinstance(seen, ReactionAdded)
                assert seen.reaction.emoji_name == "alarm_clock"
                reminder = stream.wait(timeout=PATIENCE)
            assert isinstance(reminder, Posted)
            assert (reminder.post.message, reminder.post.root_id) == ("tea is ready", post.id)
            process.send_signal(signal.SIGTERM)
            _, err = process.communicate(timeout=PATIENCE)
            assert (process.returncode, err) == (0, "")
        finally:
            process.kill()
