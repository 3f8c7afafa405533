"""Slash commands of teams: api4/command.go, app/command.go."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.conformance.http import Http
from tests.conformance.rest.commands import EXECUTE, newest_post, run_command
from tests.conformance.rest.wire import NOBODY
from tests.conformance.scene import fresh_name
from tests.conformance.settings import settings
from tests.conformance.websocket.peer import names, ready

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from tests.conformance.programs import Program
    from tests.conformance.scene import Scene

FORBIDDEN = (403, "api.context.permissions.app_error")
UNKNOWN = (404, "store.sql_command.save.get.app_error")


@pytest.fixture(scope="module")
def user(scene: Scene, team: Any) -> Http:
    return scene.user(team)


@pytest.fixture
def room(scene: Scene, team: Any, user: Http) -> Any:
    """A channel with the admin and an ordinary user."""
    return scene.channel(team, user)


@pytest.fixture(autouse=True)
def overrides(admin: Http) -> Iterator[None]:
    """Commands may give themselves a name and a picture."""
    with settings(admin, "ServiceSettings", EnablePostUsernameOverride=True, EnablePostIconOverride=True):
        yield


@pytest.fixture
def command(admin: Http, team: Any, program: Program) -> Iterator[Any]:
    """A command of the team that the program answers."""
    body = {"team_id": team["id"], "trigger": fresh_name("cmd"), "method": "P", "url": program.url + "/cmd"}
    made = admin.made("/commands", body)
    yield made
    admin.delete(f"/commands/{made['id']}")


def test_a_teams_command_asks_its_program(
    user: Http, team: Any, room: Any, command: Any, program: Program
) -> None:
    """app/command.go, tryExecuteCustomCommand and DoCommandRequest."""
    program.answers({"text": "done"})
    answer = run_command(user, room, f"/{command['trigger']} one  two")
    assert (answer.json["text"], answer.json["response_type"]) == ("done", "")
    assert re.fullmatch("[a-z0-9]{26}", answer.json["trigger_id"])
    asked = program.next()
    form = {name: value for name, (value,) in asked.form.items()}
    assert (asked.verb, asked.path) == ("POST", "/cmd")
    assert asked.headers["authorization"] == f"Token {command['token']}"
    assert asked.headers["content-type"] == "application/x-www-form-urlencoded"
    assert len(form.pop("trigger_id")) > 100
    assert re.search(r"/hooks/commands/[a-z0-9]{26}$", form.pop("response_url"))
    assert form == {
        "token": command["token"],
        "team_id": team["id"],
        "team_domain": team["name"],
        "channel_id": room["id"],
        "channel_name": room["name"],
        "user_id": user.id,
        "user_name": user.user["username"],
        "command": f"/{command['trigger']}",
        "text": "one  two",
        "root_id": "",
    }


def test_mentions_come_with_their_ids(
    user: Http, admin: Http, room: Any, command: Any, program: Program
) -> None:
    """app/command.go, MentionsToTeamMembers and MentionsToPublicChannels."""
    program.answers({})
    line = f"/{command['trigger']} @{admin.user['username']} @nobody-known ~{room['name']}"
    assert run_command(user, room, line).status == 200
    form = program.next().form
    assert (form["user_mentions"], form["user_mentions_ids"]) == ([admin.user["username"]], [admin.id])
    assert (form["channel_mentions"], form["channel_mentions_ids"]) == ([room["name"]], [room["id"]])


def test_by_get_the_form_is_in_the_query(
    user: Http, admin: Http, team: Any, room: Any, program: Program
) -> None:
    """app/command.go, DoCommandRequest: method G."""
    body = {"team_id": team["id"], "trigger": fresh_name("cmd"), "method": "G", "url": program.url + "/g?a=1"}
    command = admin.made("/commands", body)
    program.answers({})
    assert run_command(user, room, f"/{command['trigger']} x").status == 200
    asked = program.next()
    assert (asked.verb, asked.body) == ("GET", b"")
    assert (asked.form["a"], asked.form["text"]) == (["1"], ["x"])


def test_its_answer_goes_to_the_channel_or_to_the_user(
    user: Http, room: Any, command: Any, program: Program
) -> None:
    """app/command.go, HandleCommandResponsePost and CreateCommandPost."""
    line = f"/{command['trigger']}"
    with ready(user.target, user) as socket:
        program.answers({"response_type": "in_channel", "text": "to all", "username": "robin"})
        run_command(user, room, line)
        assert socket.event("posted")["data"]["sender_name"] == "robin"
        program.answers({"response_type": "ephemeral", "text": "to you"})
        run_command(user, room, line)
        assert '"to you"' in socket.event("ephemeral_message")["data"]["post"]
    post = newest_post(user, room)
    assert (post["message"], post["user_id"]) == ("to all", user.id)
    assert (post["props"]["from_webhook"], post["props"]["override_username"]) == ("true", "robin")


def test_text_that_is_no_json_is_the_answer(user: Http, room: Any, command: Any, program: Program) -> None:
    """model/command_response.go, CommandResponseFromHTTPBody."""
    program.content_type, program.body = "text/plain", b'{"text": "x"}'
    assert run_command(user, room, f"/{command['trigger']}").json["text"] == '{"text": "x"}'


def test_further_answers_follow(user: Http, room: Any, command: Any, program: Program) -> None:
    """app/command.go, HandleCommandResponse: extra_responses."""
    more = [{"response_type": "in_channel", "text": text} for text in ("two", "three")]
    program.answers({"response_type": "in_channel", "text": "one", "extra_responses": more})
    with ready(user.target, user) as socket:
        assert run_command(user, room, f"/{command['trigger']}").status == 200
        assert names(socket.so_far()).count("posted") == 3


@pytest.mark.parametrize(
    "failure",
    [
        (404, {}, "failed_resp"),
        (500, {}, "failed_resp"),
        (200, "no object", "failed"),
        (200, {"text": 1}, "failed"),
    ],
)
def test_a_program_that_fails_is_500(
    user: Http, room: Any, command: Any, program: Program, failure: tuple[int, Any, str]
) -> None:
    """app/command.go, DoCommandRequest."""
    status, body, end = failure
    program.answers(body, status)
    answer = run_command(user, room, f"/{command['trigger']}")
    assert answer.failure == (500, f"{EXECUTE}.{end}.app_error")


def test_a_program_that_is_not_there_is_500(user: Http, admin: Http, team: Any, room: Any) -> None:
    """app/command.go, DoCommandRequest."""
    body = {"team_id": team["id"], "trigger": fresh_name("cmd"), "method": "P", "url": "http://127.0.0.1:1/"}
    command = admin.made("/commands", body)
    answer = run_command(user, room, f"/{command['trigger']}")
    assert answer.failure == (500, f"{EXECUTE}.failed.app_error")


def test_it_may_answer_later_five_times(user: Http, room: Any, command: Any, program: Program) -> None:
    """web/webhook.go, commandWebhook; app/webhook.go, HandleCommandWebhook."""
    program.answers({})
    assert run_command(user, room, f"/{command['trigger']}").status == 200
    path = re.sub("^.*(/hooks/commands/)", r"\1", program.next().form["response_url"][0])
    nobody = Http(user.target)
    said = {"response_type": "in_channel", "text": "later"}
    for _ in range(5):
        answer = nobody.call("POST", path, said, {"Content-Type": "application/json"})
        assert (answer.status, answer.body, answer.media_type) == (200, b"ok", "text/plain")
    assert newest_post(user, room)["message"] == "later"
    refused = nobody.call("POST", path, said, {"Content-Type": "application/json"})
    assert refused.failure == (400, "web.command_webhook.general.app_error")
    unknown = nobody.call("POST", f"/hooks/commands/{NOBODY}", said, {"Content-Type": "application/json"})
    assert unknown.failure == (404, "web.command_webhook.general.app_error")


@pytest.mark.parametrize(
    ("fields", "end"),
    [
        ({"trigger": ""}, "trigger"),
        ({"trigger": "/x"}, "trigger"),
        ({"trigger": "a b"}, "trigger"),
        ({"trigger": "x" * 129}, "trigger"),
        ({"url": ""}, "url"),
        ({"url": "nonsense"}, "url_http"),
        ({"method": ""}, "method"),
        ({"method": "POST"}, "method"),
        ({"display_name": "x" * 65}, "display_name"),
        ({"description": "x" * 129}, "description"),
    ],
)
def test_a_command_that_cannot_be_is_400(admin: Http, team: Any, fields: Any, end: str) -> None:
    """model/command.go, IsValid."""
    body = {"team_id": team["id"], "trigger": fresh_name("cmd"), "method": "P", "url": "http://x.example/"}
    answer = admin.post("/commands", {**body, **fields})
    assert answer.failure == (400, f"model.command.is_valid.{end}.app_error")


def test_a_name_is_taken_once_in_a_team_and_in_lower_case(admin: Http, scene: Scene, command: Any) -> None:
    """app/command.go, createCommand."""
    body = {"team_id": command["team_id"], "method": "P", "url": "http://x.example/"}
    taken = (400, "api.command.duplicate_trigger.app_error")
    assert admin.post("/commands", {**body, "trigger": command["trigger"].upper()}).failure == taken
    assert admin.post("/commands", {**body, "trigger": "me"}).failure == taken
    other = {**body, "team_id": scene.team()["id"], "trigger": command["trigger"].upper()}
    assert admin.made("/commands", other)["trigger"] == command["trigger"]


def test_a_command_is_hidden_from_who_may_not_manage_it(user: Http, command: Any) -> None:
    """api4/command.go, getCommand: 404 instead of 403."""
    path = f"/commands/{command['id']}"
    assert user.get(path).failure == UNKNOWN
    assert user.delete(path).failure == UNKNOWN
    assert user.put(path + "/regen_token").failure == UNKNOWN
    assert user.post("/commands", {"team_id": command["team_id"]}).failure == FORBIDDEN


def test_a_commands_token_can_be_made_anew(admin: Http, command: Any) -> None:
    """api4/command.go, regenCommandToken."""
    answer = admin.put(f"/commands/{command['id']}/regen_token").json
    assert list(answer) == ["token"]
    assert answer["token"] != command["token"]
    assert admin.get(f"/commands/{command['id']}").json["token"] == answer["token"]


def test_an_update_keeps_token_team_and_maker(admin: Http, command: Any) -> None:
    """app/command.go, UpdateCommand."""
    body = {**command, "token": "x", "creator_id": NOBODY, "display_name": "new"}
    answer = admin.put(f"/commands/{command['id']}", body)
    kept = {**command, "display_name": "new", "update_at": answer.json["update_at"]}
    assert answer.json == kept
    moved = admin.put(f"/commands/{command['id']}", {**body, "team_id": NOBODY})
    assert moved.failure == (400, "api.command.team_mismatch.app_error")


def test_a_command_can_be_moved_to_another_team(admin: Http, scene: Scene, command: Any) -> None:
    """api4/command.go, moveCommand."""
    team = scene.team()
    path = f"/commands/{command['id']}"
    assert admin.put(path + "/move", {"team_id": team["id"]}).json == {"status": "OK"}
    assert admin.get(path).json["team_id"] == team["id"]
    assert admin.put(path + "/move", {"team_id": NOBODY}).failure == (404, "app.team.get.find.app_error")


def test_a_list_has_the_servers_own_and_the_teams(admin: Http, user: Http, command: Any) -> None:
    """app/command.go, ListAllCommands: secrets are left out; custom_only has them."""
    path = f"/commands?team_id={command['team_id']}"
    everything = {one["trigger"]: one for one in admin.get(path).json}
    assert {"me", "shrug", "join", "msg", "away", "echo", "code", command["trigger"]} <= everything.keys()
    assert (everything[command["trigger"]]["token"], everything[command["trigger"]]["url"]) == ("", "")
    own = admin.get(path + "&custom_only=true").json
    assert command["token"] in [one["token"] for one in own]
    assert user.get(path + "&custom_only=true").failure == FORBIDDEN
    assert command["trigger"] not in [one["trigger"] for one in user.get(path).json]
    assert admin.get("/commands").failure == (400, "api.context.invalid_body_param.app_error")


def test_clients_are_offered_commands_by_their_beginning(user: Http, team: Any) -> None:
    """api4/command.go, listCommandAutocompleteSuggestions."""
    path = f"/teams/{team['id']}/commands"
    offered = user.get(path + "/autocomplete_suggestions?user_input=/shr").json
    assert [(one["Complete"], one["Suggestion"], one["Hint"]) for one in offered] == [
        ("shrug", "shrug", "[message]")
    ]
    assert list(offered[0]) == ["Complete", "Suggestion", "Hint", "Description", "IconData"]
    assert "shrug" in [one["trigger"] for one in user.get(path + "/autocomplete").json]


def test_switched_off_commands_are_501(admin: Http, user: Http, room: Any, command: Any) -> None:
    """app/command.go: EnableCommands."""
    disabled = (501, "api.command.disabled.app_error")
    with settings(admin, "ServiceSettings", EnableCommands=False):
        assert run_command(user, room, "/me x").failure == disabled
        body = {"team_id": command["team_id"], "trigger": "x", "method": "P", "url": "http://x.example/"}
        assert admin.post("/commands", body).failure == disabled
        assert admin.get(f"/commands/{command['id']}").failure == UNKNOWN
