"""Incoming webhooks: api4/webhook.go, web/webhook.go, app/webhook.go."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.conformance.http import Http
from tests.conformance.rest.wire import NOBODY, form
from tests.conformance.settings import settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from tests.conformance.http import Answer
    from tests.conformance.scene import Scene
    from tests.conformance.target import Target

FORBIDDEN = (403, "api.context.permissions.app_error")
GENERAL = "web.incoming_webhook.general.app_error"
DECODE = "web.incoming_webhook.decode.app_error"
KEYS = [
    "id", "create_at", "update_at", "delete_at", "user_id", "channel_id", "team_id", "display_name",
    "description", "username", "icon_url", "channel_locked",
]  # fmt: skip


@pytest.fixture(autouse=True)
def overrides(admin: Http) -> Iterator[None]:
    """Webhooks may give themselves a name and a picture."""
    with settings(admin, "ServiceSettings", EnablePostUsernameOverride=True, EnablePostIconOverride=True):
        yield


@pytest.fixture
def hook(admin: Http, channel: Any) -> Any:
    return admin.made("/hooks/incoming", {"channel_id": channel["id"], "display_name": "facts"})


def _send(target: Target, hook: Any, body: Any, headers: dict[str, str] | None = None) -> Answer:
    return Http(target).call("POST", f"/hooks/{hook['id']}", body, headers)


def _newest(admin: Http, channel: Any) -> Any:
    listed = admin.get(f"/channels/{channel['id']}/posts?per_page=1").json
    return listed["posts"][listed["order"][0]]


def test_a_webhook_has_twelve_keys_and_belongs_to_who_made_it(admin: Http, channel: Any, hook: Any) -> None:
    """model/incoming_webhook.go."""
    assert sorted(hook) == sorted(KEYS)
    assert (hook["user_id"], hook["team_id"]) == (admin.id, channel["team_id"])
    assert hook["channel_locked"] is False
    assert admin.get(f"/hooks/incoming/{hook['id']}").json == hook


def test_what_is_posted_to_it_is_written_in_its_makers_name(
    target: Target, admin: Http, channel: Any, hook: Any
) -> None:
    """web/webhook.go, incomingWebhook: text `ok`; app/webhook.go, CreateWebhookPost."""
    answer = _send(target, hook, {"text": "hello"})
    assert (answer.status, answer.media_type, answer.body) == (200, "text/plain", b"ok")
    assert answer.header("X-Request-Id")
    post = _newest(admin, channel)
    assert (post["message"], post["user_id"], post["type"]) == ("hello", admin.id, "")
    assert post["props"] == {
        "from_webhook": "true",
        "override_username": "webhook",
        "webhook_display_name": "facts",
    }


def test_a_request_may_name_who_it_comes_from(target: Target, admin: Http, channel: Any, hook: Any) -> None:
    """app/webhook.go, HandleIncomingWebhook: over what the webhook itself says."""
    body = {"text": "x", "username": "robin", "icon_url": "http://x.example/i.png"}
    assert _send(target, hook, body).status == 200
    props = _newest(admin, channel)["props"]
    assert props["override_username"] == "robin"
    assert props["override_icon_url"] == body["icon_url"]


def test_without_the_settings_it_keeps_its_makers_name(
    target: Target, admin: Http, channel: Any, hook: Any
) -> None:
    """app/webhook.go, CreateWebhookPost: EnablePostUsernameOverride and EnablePostIconOverride."""
    off = {"EnablePostUsernameOverride": False, "EnablePostIconOverride": False}
    with settings(admin, "ServiceSettings", **off):
        assert (
            _send(
                target, hook, {"text": "x", "username": "robin", "icon_url": "http://x.example/i.png"}
            ).status
            == 200
        )
        made = admin.made("/hooks/incoming", {"channel_id": channel["id"], "username": "robin"})
    assert _newest(admin, channel)["props"] == {"from_webhook": "true", "webhook_display_name": "facts"}
    assert made["username"] == ""


@pytest.mark.parametrize(
    "kind", ["application/x-www-form-urlencoded", "application/x-www-form-urlencoded; x=y"]
)
def test_a_form_has_the_json_in_its_field_payload(
    target: Target, admin: Http, channel: Any, hook: Any, kind: str
) -> None:
    """web/webhook.go, incomingWebhook."""
    body = b"payload=" + json.dumps({"text": "from a form"}).replace(" ", "+").encode()
    assert _send(target, hook, body, {"Content-Type": kind}).status == 200
    assert _newest(admin, channel)["message"] == "from a form"


def test_a_multipart_form_has_the_fields_themselves(
    target: Target, admin: Http, channel: Any, hook: Any
) -> None:
    """web/webhook.go, incomingWebhook: gorilla/schema."""
    body, headers = form(("text", None, b"from parts"))
    assert _send(target, hook, body, headers).status == 200
    assert _newest(admin, channel)["message"] == "from parts"


@pytest.mark.parametrize("kind", ["text/plain", "application/json", "application/octet-stream"])
def test_any_other_type_is_read_as_json(target: Target, hook: Any, kind: str) -> None:
    """web/webhook.go, incomingWebhook."""
    assert _send(target, hook, b'{"text": "x"}', {"Content-Type": kind}).status == 200


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"x"', b'{"text": 1}'])
def test_what_is_no_payload_is_400(target: Target, hook: Any, body: bytes) -> None:
    """web/webhook.go, decodePayload."""
    assert _send(target, hook, body).failure == (400, DECODE)


@pytest.mark.parametrize("body", [{}, {"text": ""}, {"username": "robin"}, None])
def test_without_text_and_attachments_it_is_400(target: Target, hook: Any, body: Any) -> None:
    """app/webhook.go, HandleIncomingWebhook."""
    assert _send(target, hook, body if body is not None else b"null").failure == (400, GENERAL)


def test_line_breaks_within_texts_are_mended(target: Target, admin: Http, channel: Any, hook: Any) -> None:
    """model/incoming_webhook.go, escapeControlCharsFromPayload."""
    assert _send(target, hook, b'{"text": "one\ntwo\tthree"}').status == 200
    assert _newest(admin, channel)["message"] == "one\ntwo\tthree"


@pytest.mark.parametrize(
    ("sent", "written"),
    [
        ("<!channel> <!here> <!all>", "@channel @here @all"),
        ("see <http://x.example/a|this>", "see [this](http://x.example/a)"),
        ("<@nobody>", "<@nobody>"),
    ],
)
def test_forms_of_another_chat_are_translated(
    admin: Http, channel: Any, hook: Any, sent: str, written: str
) -> None:
    """app/slack.go, ProcessSlackText; app/webhook.go, linkWithTextRegex."""
    assert _send(admin.target, hook, {"text": sent}).status == 200
    assert _newest(admin, channel)["message"] == written


def test_a_mention_by_id_becomes_one_by_name(target: Target, admin: Http, channel: Any, hook: Any) -> None:
    """app/slack.go, replaceUserIds."""
    assert _send(target, hook, {"text": f"hi <@{admin.id}>"}).status == 200
    assert _newest(admin, channel)["message"] == f"hi @{admin.user['username']}"


def test_attachments_make_a_post_of_their_own_type(
    target: Target, admin: Http, channel: Any, hook: Any
) -> None:
    """app/webhook.go, HandleIncomingWebhook; model/slack_attachment.go."""
    field = {"title": "t", "value": 7, "short": True}
    given = {"text": "<!here>", "title": "a", "fields": [field]}
    assert _send(target, hook, {"attachments": [given]}).status == 200
    post = _newest(admin, channel)
    (attachment,) = post["props"]["attachments"]
    assert (post["type"], post["message"]) == ("slack_attachment", "")
    assert (attachment["text"], attachment["fallback"], attachment["ts"]) == ("@here", "", None)
    assert attachment["fields"] == [{"title": "t", "value": "7", "short": True}]


def test_a_long_text_becomes_several_posts(target: Target, admin: Http, channel: Any, hook: Any) -> None:
    """app/webhook.go, splitWebhookPost."""
    assert _send(target, hook, {"text": "x" * 20_000}).status == 200
    listed = admin.get(f"/channels/{channel['id']}/posts?per_page=2").json
    assert sorted(len(one["message"]) for one in listed["posts"].values()) == [20_000 - 16_383, 16_383]


@pytest.mark.parametrize("prefix", ["", "#"])
def test_a_request_may_name_another_channel(
    target: Target, scene: Scene, team: Any, hook: Any, prefix: str
) -> None:
    """app/webhook.go, HandleIncomingWebhook."""
    other = scene.channel(team)
    assert _send(target, hook, {"text": "there", "channel": prefix + other["name"]}).status == 200
    assert _newest(scene.admin, other)["message"] == "there"


def test_a_name_with_an_at_is_a_direct_channel(target: Target, scene: Scene, hook: Any) -> None:
    """app/webhook.go, HandleIncomingWebhook: GetOrCreateDirectChannel."""
    user = scene.user()
    assert _send(target, hook, {"text": "psst", "channel": "@" + user.user["username"]}).status == 200
    (direct,) = user.get("/users/me/channels").json
    assert direct["type"] == "D"
    assert _newest(user, direct)["message"] == "psst"


@pytest.mark.parametrize(("name", "status"), [("@no-such-user", 400), ("no-such-channel", 404)])
def test_a_place_that_is_not_there_is_refused(target: Target, hook: Any, name: str, status: int) -> None:
    """app/webhook.go, HandleIncomingWebhook; web/webhook.go gives all refusals one id."""
    assert _send(target, hook, {"text": "x", "channel": name}).failure == (status, GENERAL)


def test_a_locked_webhook_stays_in_its_channel(target: Target, scene: Scene, team: Any, channel: Any) -> None:
    """app/webhook.go, HandleIncomingWebhook: ChannelLocked."""
    locked = scene.admin.made("/hooks/incoming", {"channel_id": channel["id"], "channel_locked": True})
    other = scene.channel(team)
    answer = _send(target, locked, {"text": "x", "channel": other["name"]})
    assert answer.failure == (403, GENERAL)
    assert _send(target, locked, {"text": "x", "channel": channel["name"]}).status == 200


def test_a_system_message_cannot_be_sent(target: Target, hook: Any) -> None:
    """app/webhook.go, CreateWebhookPost."""
    assert _send(target, hook, {"text": "x", "type": "system_generic"}).failure == (400, GENERAL)


def test_an_unknown_webhook_is_400_and_a_deleted_one_too(target: Target, admin: Http, hook: Any) -> None:
    """app/webhook.go, HandleIncomingWebhook."""
    assert _send(target, {"id": NOBODY}, {"text": "x"}).failure == (400, GENERAL)
    assert admin.delete(f"/hooks/incoming/{hook['id']}").json == {"status": "OK"}
    assert _send(target, hook, {"text": "x"}).failure == (400, GENERAL)
    gone = admin.get(f"/hooks/incoming/{hook['id']}")
    assert gone.failure == (404, "app.webhooks.get_incoming.app_error")


def test_only_post_is_routed(admin: Http, hook: Any) -> None:
    """web/webhook.go, InitWebhooks."""
    assert admin.call("PUT", f"/hooks/{hook['id']}", {"text": "x"}).status == 404


def test_switched_off_they_are_501(target: Target, admin: Http, channel: Any, hook: Any) -> None:
    """app/webhook.go: EnableIncomingWebhooks."""
    disabled = (501, "api.incoming_webhook.disabled.app_error")
    with settings(admin, "ServiceSettings", EnableIncomingWebhooks=False):
        assert _send(target, hook, {"text": "x"}).failure == (501, GENERAL)
        assert admin.post("/hooks/incoming", {"channel_id": channel["id"]}).failure == disabled
        assert admin.get("/hooks/incoming").failure == disabled
        assert admin.get(f"/hooks/incoming/{hook['id']}").failure == disabled


def test_an_update_answers_201_and_keeps_maker_and_team(admin: Http, hook: Any) -> None:
    """api4/webhook.go, updateIncomingHook."""
    body = {"id": hook["id"], "channel_id": hook["channel_id"], "display_name": "new", "user_id": NOBODY}
    answer = admin.put(f"/hooks/incoming/{hook['id']}", body)
    assert answer.status == 201
    expected = {**hook, "display_name": "new", "update_at": answer.json["update_at"]}
    assert answer.json == expected


@pytest.mark.parametrize(
    ("change", "failure"),
    [
        ({"id": NOBODY}, (400, "api.context.invalid_body_param.app_error")),
        ({"team_id": NOBODY}, (400, "api.webhook.team_mismatch.app_error")),
        ({"channel_id": NOBODY}, (404, "app.channel.get.existing.app_error")),
        ({"username": "no good"}, (400, "api.incoming_webhook.invalid_username.app_error")),
    ],
)
def test_an_update_that_cannot_be_is_refused(
    admin: Http, hook: Any, change: Any, failure: tuple[int, str]
) -> None:
    """api4/webhook.go, updateIncomingHook; app/webhook.go, UpdateIncomingWebhook."""
    body = {"id": hook["id"], "channel_id": hook["channel_id"], **change}
    assert admin.put(f"/hooks/incoming/{hook['id']}", body).failure == failure


@pytest.mark.parametrize(
    ("fields", "failure"),
    [
        ({"display_name": "x" * 65}, (400, "model.incoming_hook.display_name.app_error")),
        ({"description": "x" * 501}, (400, "model.incoming_hook.description.app_error")),
        ({"username": "no good"}, (400, "api.incoming_webhook.invalid_username.app_error")),
        ({"channel_id": NOBODY}, (404, "app.channel.get.existing.app_error")),
        ({"user_id": NOBODY}, (404, "app.user.missing_account.const")),
    ],
)
def test_a_webhook_that_cannot_be_is_refused(
    admin: Http, channel: Any, fields: Any, failure: tuple[int, str]
) -> None:
    """model/incoming_webhook.go, IsValid; api4/webhook.go, createIncomingHook."""
    assert admin.post("/hooks/incoming", {"channel_id": channel["id"], **fields}).failure == failure


def test_an_ordinary_user_makes_none(scene: Scene, team: Any, channel: Any, hook: Any) -> None:
    """api4/webhook.go: manage_own_incoming_webhooks, which ordinary roles do not give."""
    user = scene.user(team)
    scene.admin.made(f"/channels/{channel['id']}/members", {"user_id": user.id})
    assert user.post("/hooks/incoming", {"channel_id": channel["id"]}).failure == FORBIDDEN
    assert user.get("/hooks/incoming").failure == FORBIDDEN
    assert user.get(f"/hooks/incoming/{hook['id']}").failure == FORBIDDEN
    assert user.delete(f"/hooks/incoming/{hook['id']}").failure == FORBIDDEN


def test_they_are_listed_by_team_and_counted(admin: Http, scene: Scene) -> None:
    """api4/webhook.go, getIncomingHooks."""
    team = scene.team()
    channel = scene.channel(team)
    ids = [admin.made("/hooks/incoming", {"channel_id": channel["id"]})["id"] for _ in range(3)]
    path = f"/hooks/incoming?team_id={team['id']}"
    assert sorted(one["id"] for one in admin.get(path).json) == sorted(ids)
    assert len(admin.get(path + "&per_page=2").json) == 2
    assert admin.get(path + "&page=1&per_page=3").json == []
    counted = admin.get(path + "&include_total_count=true&per_page=1").json
    assert (len(counted["incoming_webhooks"]), counted["total_count"]) == (1, 3)
