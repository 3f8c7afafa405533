"""Buttons, menus and dialogs: api4/integration_action.go, app/integration_action.go."""

from __future__ import annotations

import base64
import json
import re
from typing import TYPE_CHECKING

import pytest

from tests.conformance.http import Http
from tests.conformance.rest.wire import NOBODY
from tests.conformance.scene import fresh_name
from tests.conformance.websocket.peer import ready

if TYPE_CHECKING:
    from typing import Any

    from tests.conformance.http import Answer
    from tests.conformance.programs import Program
    from tests.conformance.scene import Scene

FAILED = (400, "api.post.do_action.action_integration.app_error")
TRIGGER = "interactive_message.decode_trigger_id"


@pytest.fixture
def post(scene: Scene, channel: Any, program: Program) -> Any:
    """A message with a button and a menu, whose program is `program`."""
    integration = {"url": program.url + "/act", "context": {"k": 1}}
    actions = [
        {"id": "press", "name": "Press", "type": "button", "integration": integration},
        {"id": "pick", "name": "Pick", "type": "select", "integration": integration},
        {"name": "Unnamed", "type": "button", "integration": integration},
        {"id": "dead", "name": "Dead", "type": "button"},
    ]
    return scene.post(channel, "choose", props={"attachments": [{"text": "x", "actions": actions}]})


def _act(user: Http, post: Any, action: str, body: Any = None) -> Answer:
    return user.post(f"/posts/{post['id']}/actions/{action}", body if body is not None else {})


def test_where_a_button_leads_is_not_shown(admin: Http, post: Any) -> None:
    """model/post.go, StripActionIntegrations; GenerateActionIds names what has no id."""
    for shown in (post, admin.get(f"/posts/{post['id']}").json):
        actions = shown["props"]["attachments"][0]["actions"]
        assert [one.get("integration") for one in actions] == [None] * 4
        assert (actions[0]["id"], len(actions[2]["id"])) == ("press", 26)


def test_a_button_asks_its_program(admin: Http, channel: Any, post: Any, program: Program) -> None:
    """app/integration_action.go, DoPostActionWithCookie."""
    answer = _act(admin, post, "press")
    assert (answer.status, answer.json["status"]) == (200, "OK")
    assert re.fullmatch("[a-z0-9]{26}", answer.json["trigger_id"])
    asked = program.next()
    assert (asked.verb, asked.path, asked.headers["content-type"]) == ("POST", "/act", "application/json")
    told = asked.json
    assert len(told.pop("trigger_id")) > 100
    assert told == {
        "user_id": admin.id,
        "user_name": admin.user["username"],
        "channel_id": channel["id"],
        "channel_name": channel["name"],
        "team_id": channel["team_id"],
        "team_domain": admin.get(f"/teams/{channel['team_id']}").json["name"],
        "post_id": post["id"],
        "type": "button",
        "data_source": "",
        "context": {"k": 1},
    }


def test_a_menu_tells_what_was_picked(admin: Http, post: Any, program: Program) -> None:
    """app/integration_action.go, DoPostActionWithCookie: selected_option in the context."""
    assert _act(admin, post, "pick", {"selected_option": "two"}).status == 200
    assert program.next().json["context"] == {"k": 1, "selected_option": "two"}


def test_the_program_may_change_the_message(admin: Http, post: Any, program: Program) -> None:
    """app/integration_action.go, DoPostActionWithCookie: update; without props the old ones stay."""
    program.answers({"update": {"message": "chosen"}})
    assert _act(admin, post, "press").status == 200
    shown = admin.get(f"/posts/{post['id']}").json
    assert (shown["message"], shown["props"]["attachments"][0]["text"]) == ("chosen", "x")
    program.answers({"update": {"message": "done", "props": {}}})
    assert _act(admin, post, "press").status == 200
    assert admin.get(f"/posts/{post['id']}").json["props"] == {}


def test_the_program_may_tell_the_user_something(admin: Http, post: Any, program: Program) -> None:
    """app/integration_action.go, DoPostActionWithCookie: ephemeral_text."""
    program.answers({"ephemeral_text": "see <http://x.example|this>"})
    with ready(admin.target, admin) as socket:
        assert _act(admin, post, "press").status == 200
        told = json.loads(socket.event("ephemeral_message")["data"]["post"])
    assert told["message"] == "see [this](http://x.example)"
    assert (told["root_id"], told["channel_id"]) == (post["id"], post["channel_id"])


@pytest.mark.parametrize("action", ["nosuch", "dead"])
def test_an_action_that_leads_nowhere_is_404(admin: Http, post: Any, action: str) -> None:
    """app/integration_action.go, DoPostActionWithCookie."""
    assert _act(admin, post, action).failure == (404, "api.post.do_action.action_id.app_error")


@pytest.mark.parametrize(("status", "body"), [(500, {}), (302, {}), (200, "no object")])
def test_a_program_that_fails_is_400(
    admin: Http, post: Any, program: Program, status: int, body: Any
) -> None:
    """app/integration_action.go, DoActionRequest."""
    program.answers(body, status)
    assert _act(admin, post, "press").failure == FAILED


def test_who_cannot_read_the_message_cannot_press(scene: Scene, post: Any) -> None:
    """api4/integration_action.go, doPostAction."""
    forbidden = (403, "api.context.permissions.app_error")
    assert _act(scene.user(), post, "press").failure == forbidden
    assert _act(scene.user(), {"id": NOBODY}, "press").failure == forbidden


def _trigger(admin: Http, post: Any, program: Program) -> str:
    assert _act(admin, post, "press").status == 200
    return str(program.next().json["trigger_id"])


def test_a_trigger_opens_a_dialog_without_a_session(admin: Http, post: Any, program: Program) -> None:
    """app/integration_action.go, OpenInteractiveDialog: the user's clients are told."""
    trigger = _trigger(admin, post, program)
    dialog = {"callback_id": "cb", "title": "Title"}
    body = {"trigger_id": trigger, "url": program.url, "dialog": dialog}
    with ready(admin.target, admin) as socket:
        assert Http(admin.target).post("/actions/dialogs/open", body).json == {"status": "OK"}
        told = json.loads(socket.event("open_dialog")["data"]["dialog"])
    client_id = base64.b64decode(trigger).decode().partition(":")[0]
    assert (told["trigger_id"], told["url"]) == (client_id, program.url)
    assert (told["dialog"]["title"], told["dialog"]["elements"]) == ("Title", None)


@pytest.mark.parametrize(
    ("trigger", "end"),
    [
        ("bad", "base64_decode_failed"),
        ("", "missing_data"),
        (base64.b64encode(b"a:b").decode(), "missing_data"),
        (base64.b64encode(b"a:b:1:c").decode(), "expired"),
    ],
)
def test_a_trigger_that_is_none_is_400(admin: Http, trigger: str, end: str) -> None:
    """model/integration_action.go, DecodeAndVerifyTriggerId."""
    body = {"trigger_id": trigger, "url": "http://x.example", "dialog": {}}
    assert admin.post("/actions/dialogs/open", body).failure == (400, f"{TRIGGER}.{end}")


@pytest.mark.parametrize("deed", ["open", "submit", "lookup"])
def test_a_dialog_needs_an_address(admin: Http, deed: str) -> None:
    """api4/integration_action.go."""
    answer = admin.post(f"/actions/dialogs/{deed}", {"url": ""})
    assert answer.failure == (400, "api.context.invalid_body_param.app_error")


def test_a_dialog_is_sent_to_its_program(admin: Http, channel: Any, program: Program) -> None:
    """app/integration_action.go, SubmitInteractiveDialog."""
    program.answers({"errors": {"name": "too short"}, "other": 1})
    body = {
        "url": program.url + "/dialog",
        "callback_id": "cb",
        "state": "s",
        "channel_id": channel["id"],
        "team_id": channel["team_id"],
        "submission": {"name": "n"},
        "user_id": NOBODY,
    }
    answer = admin.post("/actions/dialogs/submit", body)
    assert (answer.status, answer.json) == (200, {"errors": {"name": "too short"}})
    told = program.next().json
    assert (told["type"], told["user_id"], told["submission"]) == (
        "dialog_submission",
        admin.id,
        {"name": "n"},
    )
    assert told.get("url", "") == ""


def test_a_field_may_ask_its_program_for_choices(admin: Http, channel: Any, program: Program) -> None:
    """app/integration_action.go, LookupInteractiveDialog."""
    items = [{"text": "Alpha", "value": "a"}]
    program.answers({"items": items})
    body = {"url": program.url, "channel_id": channel["id"], "team_id": channel["team_id"], "submission": {}}
    assert admin.post("/actions/dialogs/lookup", body).json == {"items": items}
    assert program.next().json["type"] == "dialog_lookup"
    refused = admin.post("/actions/dialogs/lookup", {**body, "url": "ftp://x.example"})
    assert refused.failure == (400, "api.context.invalid_body_param.app_error")


def test_a_dialog_belongs_to_a_channel_and_a_team(admin: Http, scene: Scene, channel: Any) -> None:
    """api4/integration_action.go, submitDialog."""
    body = {"url": "http://x.example", "channel_id": NOBODY, "team_id": channel["team_id"]}
    assert admin.post("/actions/dialogs/submit", body).failure == (404, "app.channel.get.existing.app_error")
    answer = scene.user().post("/actions/dialogs/submit", {**body, "channel_id": channel["id"]})
    assert answer.failure == (403, "api.context.permissions.app_error")


def test_a_command_opens_a_dialog_too(admin: Http, channel: Any, program: Program) -> None:
    """app/command.go, ExecuteCommand: GenerateTriggerId."""
    body = {"team_id": channel["team_id"], "trigger": fresh_name("cmd"), "method": "P", "url": program.url}
    command = admin.made("/commands", body)
    program.answers({})
    line = {"channel_id": channel["id"], "command": f"/{command['trigger']}"}
    shown = admin.post("/commands/execute", line).json["trigger_id"]
    trigger = program.next().form["trigger_id"][0]
    assert base64.b64decode(trigger).decode().startswith(f"{shown}:{admin.id}:")
    opened = {"trigger_id": trigger, "url": program.url, "dialog": {}}
    assert admin.post("/actions/dialogs/open", opened).json == {"status": "OK"}


def test_a_trigger_that_has_expired_says_how_long_it_lives(admin: Http) -> None:
    """model/integration_action.go, DecodeAndVerifyTriggerId: before anybody looks who made it."""
    text = f"{'a' * 26}:{admin.id}:1600000000000:signature"
    body = {
        "trigger_id": base64.b64encode(text.encode()).decode(),
        "url": "http://127.0.0.1:9/",
        "dialog": {},
    }
    answer = admin.post("/actions/dialogs/open", body)
    assert answer.failure == (400, "interactive_message.decode_trigger_id.expired")
    assert "maximum of 30s" in answer.json["message"]
