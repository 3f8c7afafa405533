"""The slash commands that every server has: api4/command.go, app/slashcommands."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.conformance.http import Http
from tests.conformance.rest.commands import EXECUTE, newest_post, run_command
from tests.conformance.rest.wire import NOBODY
from tests.conformance.websocket.peer import ready

if TYPE_CHECKING:
    from typing import Any

    from tests.conformance.scene import Scene

FORBIDDEN = (403, "api.context.permissions.app_error")
KEYS = [
    "response_type", "text", "username", "channel_id", "icon_url", "type", "props", "goto_location",
    "trigger_id", "skip_slack_parsing", "attachments", "extra_responses",
]  # fmt: skip


@pytest.fixture(scope="module")
def user(scene: Scene, team: Any) -> Http:
    return scene.user(team)


@pytest.fixture
def room(scene: Scene, team: Any, user: Http) -> Any:
    """A channel with the admin and an ordinary user."""
    return scene.channel(team, user)


def test_an_answer_has_twelve_keys(user: Http, room: Any) -> None:
    """model/command_response.go."""
    answer = run_command(user, room, "/shrug")
    assert (answer.status, list(answer.json)) == (200, KEYS)
    assert answer.json["text"] == r"¯\\\_(ツ)\_/¯"
    assert (answer.json["response_type"], answer.json["trigger_id"]) == ("in_channel", "")


@pytest.mark.parametrize(
    ("line", "message", "kind"),
    [
        ("/me waves", "*waves*", "me"),
        ("/shrug so", r"so ¯\\\_(ツ)\_/¯", ""),
        ("/code a\nb", "    a\n    b", ""),
        ("/echo hello", "hello", ""),
        ("/ME waves", "*waves*", "me"),
        ("/me  two", "* two*", "me"),
    ],
)
def test_a_command_that_says_something_writes_a_post(
    user: Http, room: Any, line: str, message: str, kind: str
) -> None:
    """app/slashcommands: me, shrug, code, echo; the name in any case, one space behind it."""
    with ready(user.target, user) as socket:
        assert run_command(user, room, line).status == 200
        socket.event("posted")
    post = newest_post(user, room)
    assert (post["message"], post["type"], post["user_id"]) == (message, kind, user.id)
    assert "from_webhook" not in post["props"]


def test_a_command_may_answer_a_thread(user: Http, scene: Scene, room: Any) -> None:
    """app/command.go, HandleCommandResponsePost: root_id."""
    root = scene.post(room)
    assert run_command(user, room, "/me agrees", root_id=root["id"]).status == 200
    thread = user.get(f"/posts/{root['id']}/thread").json
    assert [thread["posts"][one]["message"] for one in thread["order"]] == ["hello", "*agrees*"]


@pytest.mark.parametrize("status", ["away", "dnd", "offline", "online"])
def test_a_status_is_set_and_confirmed_to_the_user_alone(user: Http, room: Any, status: str) -> None:
    """app/slashcommands: away, dnd, offline, online."""
    with ready(user.target, user) as socket:
        answer = run_command(user, room, f"/{status}")
        ephemeral = socket.event("ephemeral_message")
    assert (answer.json["response_type"], answer.status) == ("ephemeral", 200)
    shown = json.loads(ephemeral["data"]["post"])
    assert shown["message"] == answer.json["text"]
    assert user.get(f"/posts/{shown['id']}").status == 404
    assert user.get("/users/me/status").json["status"] == status


@pytest.mark.parametrize(
    ("name", "key"), [("header", "header"), ("purpose", "purpose"), ("rename", "display_name")]
)
def test_a_channel_is_changed(user: Http, room: Any, name: str, key: str) -> None:
    """app/slashcommands: header, purpose, rename."""
    answer = run_command(user, room, f"/{name} one two")
    assert (answer.json["text"], answer.json["response_type"]) == ("", "")
    assert user.get(f"/channels/{room['id']}").json[key] == "one two"


@pytest.mark.parametrize("line", ["/header", "/purpose", "/rename", "/code", "/echo", "/remove", "/invite"])
def test_a_command_that_lacks_its_text_says_so(user: Http, room: Any, line: str) -> None:
    """app/slashcommands: an ephemeral answer, no error."""
    answer = run_command(user, room, line)
    assert (answer.status, answer.json["response_type"]) == (200, "ephemeral")
    assert answer.json["text"]


def test_a_channel_is_joined_and_left(user: Http, scene: Scene, team: Any, room: Any) -> None:
    """app/slashcommands: join, leave."""
    other = scene.channel(team)
    site = user.get("/config/client?format=old").json["SiteURL"]
    answer = run_command(user, room, f"/join ~{other['name']}")
    assert answer.json["goto_location"] == f"{site}/{team['name']}/channels/{other['name']}"
    assert user.get(f"/channels/{other['id']}/members/me").status == 200
    answer = run_command(user, other, "/leave")
    assert answer.json["goto_location"] == f"{site}/{team['name']}/channels/town-square"
    assert scene.admin.get(f"/channels/{other['id']}/members/{user.id}").status == 404


def test_a_channel_that_is_not_there_is_not_joined(user: Http, room: Any) -> None:
    """app/slashcommands/command_join.go."""
    answer = run_command(user, room, "/join nowhere")
    assert (answer.json["response_type"], answer.json["goto_location"]) == ("ephemeral", "")


def test_the_default_channel_is_not_left(user: Http, team: Any) -> None:
    """app/slashcommands/command_leave.go."""
    square = user.get(f"/teams/{team['id']}/channels/name/town-square").json
    assert run_command(user, square, "/leave").json["response_type"] == "ephemeral"
    assert user.get(f"/channels/{square['id']}/members/me").status == 200


def test_members_are_invited_and_removed(user: Http, scene: Scene, team: Any, room: Any) -> None:
    """app/slashcommands: invite, remove."""
    other = scene.user(team)
    name, path = other.user["username"], f"/channels/{room['id']}/members/{other.id}"
    assert run_command(user, room, f"/invite @{name}").json["text"] == ""
    assert user.get(path).status == 200
    assert run_command(user, room, f"/kick @{name}").json["text"] == ""
    assert user.get(path).status == 404


def test_a_message_goes_to_a_user(user: Http, scene: Scene, team: Any, room: Any) -> None:
    """app/slashcommands/command_msg.go: through a direct channel."""
    other = scene.user(team)
    answer = run_command(user, room, f"/msg @{other.user['username']} hi there")
    assert answer.json["goto_location"].endswith("/channels/" + "__".join(sorted((user.id, other.id))))
    direct = user.post("/channels/direct", [user.id, other.id]).json
    assert newest_post(other, direct)["message"] == "hi there"


def test_a_channel_is_muted_and_heard_again(user: Http, room: Any) -> None:
    """app/slashcommands/command_mute.go."""
    for value in ("mention", "all"):
        assert run_command(user, room, "/mute").json["response_type"] == "ephemeral"
        member = user.get(f"/channels/{room['id']}/members/me").json
        assert member["notify_props"]["mark_unread"] == value


@pytest.mark.parametrize("line", ["/search x", "/settings", "/shortcuts", "/help"])
def test_what_the_client_does_itself_is_answered_to_the_user_alone(user: Http, room: Any, line: str) -> None:
    """app/slashcommands: search, settings, shortcuts, help."""
    assert run_command(user, room, line).json["response_type"] == "ephemeral"


def test_logging_out_is_left_to_the_client(user: Http, room: Any) -> None:
    """app/slashcommands/command_logout.go."""
    assert run_command(user, room, "/logout").json["goto_location"] == "/login"
    assert user.get("/users/me").status == 200


def test_an_unknown_command_is_404(user: Http, room: Any) -> None:
    """app/command.go, ExecuteCommand."""
    assert run_command(user, room, "/nosuchcommand").failure == (404, f"{EXECUTE}.not_found.app_error")


@pytest.mark.parametrize("line", ["", "/", "x", "x /me", " /me x"])
def test_what_does_not_begin_with_a_slash_is_400(user: Http, room: Any, line: str) -> None:
    """api4/command.go, executeCommand."""
    assert run_command(user, room, line).failure == (400, f"{EXECUTE}.start.app_error")


def test_a_command_needs_a_channel_to_write_in(user: Http, scene: Scene, room: Any) -> None:
    """api4/command.go, executeCommand: create_post."""
    assert run_command(user, {"id": "short"}, "/me x").failure == (400, f"{EXECUTE}.start.app_error")
    for elsewhere in (scene.channel(scene.team()), {"id": NOBODY}):
        assert run_command(user, elsewhere, "/me x").failure == FORBIDDEN
    assert scene.admin.delete(f"/channels/{room['id']}").status == 200
    assert run_command(user, room, "/me x").failure == (400, f"{EXECUTE}.deleted.error")
