"""OutgoingFrame webhooks: api4/webhook.go, app/webhook.go."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.conformance.rest.wire import NOBODY
from tests.conformance.settings import settings
from tests.conformance.websocket.peer import ready

if TYPE_CHECKING:
    from typing import Any

    from tests.conformance.http import Http
    from tests.conformance.programs import Program
    from tests.conformance.scene import Scene

FORBIDDEN = (403, "api.context.permissions.app_error")
INVALID = "model.outgoing_hook.is_valid"
URL = "http://127.0.0.1:9/nobody"


def _make(admin: Http, channel: Any, **fields: Any) -> Any:
    body = {"team_id": channel["team_id"], "channel_id": channel["id"], "callback_urls": [URL], **fields}
    return admin.made("/hooks/outgoing", body)


def test_a_webhook_has_a_token_and_sixteen_keys(admin: Http, channel: Any) -> None:
    """model/outgoing_webhook.go."""
    hook = _make(admin, channel)
    assert len(hook) == 16
    assert (len(hook["token"]), hook["creator_id"]) == (26, admin.id)
    assert (hook["trigger_words"], hook["trigger_when"], hook["content_type"]) in (([], 0, ""), (None, 0, ""))
    assert admin.get(f"/hooks/outgoing/{hook['id']}").json["token"] == hook["token"]


def test_every_post_of_its_channel_is_told_as_a_form(
    admin: Http, scene: Scene, channel: Any, program: Program
) -> None:
    """app/webhook.go, handleWebhookEvents and TriggerWebhook; model/outgoing_webhook.go, ToFormValues."""
    hook = _make(admin, channel, callback_urls=[program.url + "/told"])
    post = scene.post(channel, "hello there")
    asked = program.next()
    assert (asked.verb, asked.path) == ("POST", "/told")
    assert asked.headers["content-type"] == "application/x-www-form-urlencoded"
    assert asked.headers["accept"] == "application/json"
    assert {name: value for name, (value,) in asked.form.items()} == {
        "token": hook["token"],
        "team_id": channel["team_id"],
        "team_domain": admin.get(f"/teams/{channel['team_id']}").json["name"],
        "channel_id": channel["id"],
        "channel_name": channel["name"],
        "timestamp": str(post["create_at"] // 1000),
        "user_id": admin.id,
        "user_name": admin.user["username"],
        "post_id": post["id"],
        "text": "hello there",
        "trigger_word": "",
        "file_ids": "",
    }


def test_as_json_the_time_is_in_milliseconds(
    admin: Http, scene: Scene, channel: Any, program: Program
) -> None:
    """app/webhook.go, TriggerWebhook: content type application/json."""
    _make(admin, channel, callback_urls=[program.url], content_type="application/json")
    post = scene.post(channel, "x")
    asked = program.next()
    assert asked.headers["content-type"] == "application/json"
    assert (asked.json["timestamp"], asked.json["post_id"]) == (post["create_at"], post["id"])


@pytest.mark.parametrize(
    "case",
    [
        (0, "tell me", "tell"),
        (0, "telling me", None),
        (0, "please tell", None),
        (0, "Tell me", None),
        (1, "telling me", "tell"),
        (1, "tell", "tell"),
        (1, "a tell", None),
    ],
)
def test_words_set_it_off_at_the_beginning_only(
    admin: Http, channel: Any, program: Program, case: tuple[int, str, str | None]
) -> None:
    """app/webhook.go, handleWebhookEvents: trigger_when."""
    when, message, word = case
    _make(admin, channel, callback_urls=[program.url], trigger_words=["tell", "end"], trigger_when=when)
    for text in (message, "end"):
        admin.made("/posts", {"channel_id": channel["id"], "message": text})
    words = [program.next().form["trigger_word"][0]]
    if word is not None:
        words.append(program.next().form["trigger_word"][0])
    assert sorted(words) == sorted(one for one in (word, "end") if one)


def test_without_a_channel_words_set_it_off_in_every_open_one(
    admin: Http, scene: Scene, team: Any, program: Program
) -> None:
    """app/webhook.go, handleWebhookEvents: only open channels."""
    private = scene.channel(team, type="P")
    channels = [scene.channel(team), scene.channel(team)]
    body = {"team_id": team["id"], "trigger_words": ["go"], "callback_urls": [program.url]}
    hook = admin.made("/hooks/outgoing", body)
    try:
        for channel in (private, *channels):
            scene.post(channel, "go")
        told = {program.next().form["channel_id"][0] for _ in channels}
        assert told == {channel["id"] for channel in channels}
    finally:
        assert admin.delete(f"/hooks/outgoing/{hook['id']}").status == 200


def test_its_answer_becomes_a_post(admin: Http, scene: Scene, channel: Any, program: Program) -> None:
    """app/webhook.go, TriggerWebhook: CreateWebhookPost in the name of who made it."""
    _make(admin, channel, callback_urls=[program.url], display_name="facts", trigger_words=["ask"])
    program.answers({"text": "answer", "username": "robin"})
    named = settings(admin, "ServiceSettings", EnablePostUsernameOverride=True)
    with named, ready(admin.target, admin) as socket:
        scene.post(channel, "ask")
        socket.event("posted")
        assert socket.event("posted")["data"]["sender_name"] == "robin"
    listed = admin.get(f"/channels/{channel['id']}/posts?per_page=1").json
    post = listed["posts"][listed["order"][0]]
    assert (post["message"], post["root_id"], post["user_id"]) == ("answer", "", admin.id)
    assert post["props"] == {
        "from_webhook": "true",
        "override_username": "robin",
        "webhook_display_name": "facts",
    }


def test_its_answer_may_be_a_comment(admin: Http, scene: Scene, channel: Any, program: Program) -> None:
    """app/webhook.go, TriggerWebhook: response_type comment."""
    _make(admin, channel, callback_urls=[program.url], trigger_words=["ask"])
    program.answers({"text": "answer", "response_type": "comment"})
    with ready(admin.target, admin) as socket:
        post = scene.post(channel, "ask")
        socket.event("posted")
        socket.event("posted")
    thread = admin.get(f"/posts/{post['id']}/thread").json
    assert [thread["posts"][one]["message"] for one in thread["order"]] == ["ask", "answer"]


def test_what_a_webhook_posts_sets_no_webhook_off(
    admin: Http, scene: Scene, channel: Any, program: Program
) -> None:
    """app/webhook.go, CreateWebhookPost: without TriggerWebhooks."""
    _make(admin, channel, callback_urls=[program.url])
    incoming = admin.made("/hooks/incoming", {"channel_id": channel["id"]})
    answer = admin.call("POST", f"/hooks/{incoming['id']}", {"text": "from a webhook"})
    assert answer.status == 200
    scene.post(channel, "by hand")
    assert program.next().form["text"] == ["by hand"]


@pytest.mark.parametrize(
    ("fields", "failure"),
    [
        ({"callback_urls": []}, (400, f"{INVALID}.callback.app_error")),
        ({"callback_urls": ["nonsense"]}, (400, f"{INVALID}.url.app_error")),
        ({"trigger_words": [""]}, (400, f"{INVALID}.trigger_words.app_error")),
        ({"trigger_when": 2}, (400, f"{INVALID}.content_type.app_error")),
        ({"display_name": "x" * 65}, (400, f"{INVALID}.display_name.app_error")),
        ({"description": "x" * 501}, (400, f"{INVALID}.description.app_error")),
        ({"channel_id": NOBODY}, (404, "app.channel.get.existing.app_error")),
        ({"channel_id": ""}, (400, "api.webhook.create_outgoing.triggers.app_error")),
        ({"creator_id": NOBODY}, (404, "app.user.missing_account.const")),
    ],
)
def test_a_webhook_that_cannot_be_is_refused(
    admin: Http, channel: Any, fields: Any, failure: tuple[int, str]
) -> None:
    """app/webhook.go, CreateOutgoingWebhook; model/outgoing_webhook.go, IsValid."""
    body = {"team_id": channel["team_id"], "channel_id": channel["id"], "callback_urls": [URL], **fields}
    assert admin.post("/hooks/outgoing", body).failure == failure


def test_only_an_open_channel_can_have_one(admin: Http, scene: Scene, team: Any) -> None:
    """app/webhook.go, CreateOutgoingWebhook: the id says that they are disabled."""
    private = scene.channel(team, type="P")
    body = {"team_id": team["id"], "channel_id": private["id"], "callback_urls": [URL]}
    answer = admin.post("/hooks/outgoing", body)
    assert answer.failure == (403, "api.outgoing_webhook.disabled.app_error")


def test_the_same_word_for_the_same_address_is_500(admin: Http, channel: Any) -> None:
    """app/webhook.go, CreateOutgoingWebhook."""
    first = _make(admin, channel, trigger_words=["a", "b"])
    body = {
        "team_id": channel["team_id"],
        "channel_id": channel["id"],
        "callback_urls": [URL],
        "trigger_words": ["b"],
    }
    answer = admin.post("/hooks/outgoing", body)
    assert answer.failure == (500, "api.webhook.create_outgoing.intersect.app_error")
    assert _make(admin, channel, trigger_words=["c"])["id"] != first["id"]


def test_an_update_that_names_no_token_loses_it(admin: Http, channel: Any) -> None:
    """app/webhook.go, UpdateOutgoingWebhook: the token is taken from the body."""
    hook = _make(admin, channel)
    body = {"id": hook["id"], "channel_id": channel["id"], "callback_urls": [URL], "display_name": "new"}
    answer = admin.put(f"/hooks/outgoing/{hook['id']}", body)
    assert (answer.status, answer.json["token"], answer.json["display_name"]) == (200, "", "new")
    assert (answer.json["team_id"], answer.json["creator_id"]) == (channel["team_id"], admin.id)


def test_a_token_can_be_made_anew(admin: Http, channel: Any) -> None:
    """app/webhook.go, RegenOutgoingWebhookToken."""
    hook = _make(admin, channel)
    renewed = admin.post(f"/hooks/outgoing/{hook['id']}/regen_token").json
    assert renewed["id"] == hook["id"]
    assert len(renewed["token"]) == 26
    assert renewed["token"] != hook["token"]


def test_a_deleted_webhook_is_gone(admin: Http, channel: Any) -> None:
    """api4/webhook.go, deleteOutgoingHook."""
    hook = _make(admin, channel)
    path = f"/hooks/outgoing/{hook['id']}"
    assert admin.delete(path).json == {"status": "OK"}
    for answer in (admin.get(path), admin.delete(path), admin.post(path + "/regen_token")):
        assert answer.failure == (404, "app.webhooks.get_outgoing.app_error")


def test_an_ordinary_user_makes_none(scene: Scene, team: Any, channel: Any) -> None:
    """api4/webhook.go: manage_own_outgoing_webhooks, which ordinary roles do not give."""
    user = scene.user(team)
    body = {"team_id": team["id"], "channel_id": channel["id"], "callback_urls": [URL]}
    assert user.post("/hooks/outgoing", body).failure == FORBIDDEN
    assert user.get("/hooks/outgoing").failure == FORBIDDEN


def test_they_are_listed_by_channel_or_team(admin: Http, scene: Scene) -> None:
    """api4/webhook.go, getOutgoingHooks."""
    team = scene.team()
    channels = [scene.channel(team), scene.channel(team)]
    ids = [_make(admin, channel)["id"] for channel in channels]
    by_team = admin.get(f"/hooks/outgoing?team_id={team['id']}").json
    assert sorted(one["id"] for one in by_team) == sorted(ids)
    by_channel = admin.get(f"/hooks/outgoing?channel_id={channels[0]['id']}").json
    assert [one["id"] for one in by_channel] == ids[:1]


def test_switched_off_they_are_501_and_nobody_is_told(admin: Http, channel: Any) -> None:
    """app/webhook.go: EnableOutgoingWebhooks."""
    hook = _make(admin, channel)
    disabled = (501, "api.outgoing_webhook.disabled.app_error")
    with settings(admin, "ServiceSettings", EnableOutgoingWebhooks=False):
        assert admin.get(f"/hooks/outgoing/{hook['id']}").failure == disabled
        assert admin.get("/hooks/outgoing").failure == disabled
