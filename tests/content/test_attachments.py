"""Attachments, buttons and menus: what they become on the wire, and what is refused before it is sent."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from queue import Queue
from typing import Any

import pytest

from matterapi.calls.json_body import dump_json
from matterapi.content import Attachment, AttachmentField, Button, Dialog, Option, Select, TextElement
from matterapi.exceptions import InvalidRequest
from matterapi.models import CreatePostJsonBody, MessageAttachment, PostAction
from matterapi.testing import MattermostServer
from tests.support.scripted import Connection, answer, scripted

URL = "https://bot.example.com/x"


def wire(value: Any) -> Any:
    return json.loads(dump_json(value))


def test_a_button_is_what_the_server_reads() -> None:
    button = Button(
        "OK", url=URL, id="ok", style="primary", context={"build": 7}, tooltip="Go", disabled=True
    )
    assert isinstance(button, PostAction)
    assert wire(button) == {
        "type": "button", "name": "OK", "id": "ok", "style": "primary", "tooltip": "Go", "disabled": True,
        "integration": {"url": URL, "context": {"build": 7}},
    }  # fmt: skip


def test_a_menu_is_what_the_server_reads() -> None:
    menu = Select("Where", url="/plugins/bot", options=["live", Option("Test", "t")], default_option="t")
    assert wire(menu) == {
        "type": "select", "name": "Where", "default_option": "t", "integration": {"url": "/plugins/bot"},
        "options": [{"text": "live", "value": "live"}, {"text": "Test", "value": "t"}],
    }  # fmt: skip
    assert wire(Select("Who", url=URL, data_source="users"))["data_source"] == "users"


def test_an_attachment_holds_what_was_said_only() -> None:
    assert wire(Attachment("Hi")) == {"text": "Hi"}
    fields = [AttachmentField("Build", 7, short=True)]
    found = Attachment(
        title="T", title_link=URL, color="#00FF7f", fields=fields, actions=[Button("OK", url=URL)]
    )
    assert isinstance(found, MessageAttachment)
    assert wire(found)["fields"] == [{"title": "Build", "value": 7, "short": True}]
    assert wire(found)["actions"][0]["name"] == "OK"
    assert pickle.loads(pickle.dumps(found)) == found  # noqa: S301 - our own


async def test_a_post_has_them_whether_the_body_is_a_dict_or_a_model(
    client: Any, server: MattermostServer
) -> None:
    channel_id = server.factory.channel()["id"]
    attachment = Attachment("Deploy?", actions=[Button("OK", url=URL, id="ok")])
    props = {"attachments": [attachment]}
    bodies = [
        {"channel_id": channel_id, "message": "", "props": props},
        CreatePostJsonBody.model_validate({"channel_id": channel_id, "message": "", "props": props}),
    ]
    for body in bodies:
        post = await client.posts.create_post(json_body=body)
        (found,) = post.attachments
        assert found.text == "Deploy?"
        assert found.actions is not None
        assert (found.actions[0].id, found.actions[0].name) == ("ok", "OK")
    sent = [request.json["props"] for request in server.requests.matching("POST /api/v4/posts")]
    assert sent == [{"attachments": [wire(attachment)]}] * 2


async def test_a_button_and_a_menu_reach_the_program_which_opens_a_dialog(
    client: Any, server: MattermostServer
) -> None:
    def program(connection: Connection) -> None:
        while (request := connection.read_request()) is not None:
            pressed.put(json.loads(request[2]))
            connection.send(answer(b"{}"))

    pressed: Queue[Any] = Queue()
    channel_id = server.factory.channel()["id"]
    with scripted(program) as bot:
        button = Button("OK", url=f"{bot.url}/press", id="ok", context={"build": 7})
        menu = Select("Where", url=f"{bot.url}/press", id="where", options=[Option("Live", "live")])
        props = {"attachments": [Attachment("Deploy?", actions=[button, menu])]}
        body = {"channel_id": channel_id, "message": "", "props": props}
        post = await client.posts.create_post(json_body=body)
        await client.posts.do_post_action(post.id, "ok", json_body={})
        await client.posts.do_post_action(post.id, "where", json_body={"selected_option": "live"})
    first, second = pressed.get(timeout=30), pressed.get(timeout=30)
    assert (first["type"], first["context"], first["post_id"]) == ("button", {"build": 7}, post.id)
    assert (second["type"], second["context"]["selected_option"]) == ("select", "live")
    dialog = Dialog("Deploy", [TextElement("Why", "why")])
    await client.integration_actions.open_interactive_dialog(
        json_body={"trigger_id": first["trigger_id"], "url": "http://127.0.0.1/dialog", "dialog": dialog}
    )


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Button("", url=URL), ["needs a name"]),
        (lambda: Button("OK", url="ftp://x"), ["url is 'ftp://x'"]),
        (lambda: Button("OK", url="https://"), ["url is 'https://'"]),
        (lambda: Button("OK", url=URL, id="a-b"), ["id is 'a-b'"]),
        (lambda: Button("OK", url=URL, id="é"), ["id is 'é'"]),
        (lambda: Button("OK", url=URL, style="pink"), ["style is 'pink'"]),
        (lambda: Button("", url="x", style="#12345"), ["name", "url", "style"]),
        (lambda: Select("S", url=URL), ["either options or a data_source"]),
        (lambda: Select("S", url=URL, options=["a"], data_source="users"), ["either options"]),
        (lambda: Select("S", url=URL, data_source="teams"), ["not users or channels"]),  # type: ignore[arg-type, unused-ignore]
        (lambda: Select("S", url=URL, options=["a"], default_option="b"), ["default_option is 'b'"]),
        (lambda: Option(""), ["a text and a value"]),
        (lambda: Option("a", ""), ["a text and a value"]),
        (lambda: Attachment(color="primary"), ["color is 'primary'"]),
        (lambda: Attachment(title_link=URL), ["title_link needs a title"]),
        (lambda: Attachment(author_link=URL), ["author_link needs an author_name"]),
        (lambda: Attachment(image_url="x", thumb_url="y", footer_icon="z"), ["image", "thumb", "footer"]),
        (lambda: Attachment(author_icon="http://a b/"), ["author_icon"]),
        (lambda: Attachment(actions=[Button("A", url=URL, id="a")] * 2), ["several actions have the id a"]),
    ],
)
def test_what_the_server_would_not_accept_is_refused(make: Callable[[], Any], words: list[str]) -> None:
    with pytest.raises(InvalidRequest) as caught:
        make()
    assert [word for word in words if word not in str(caught.value)] == []


@pytest.mark.parametrize("style", ["default", "primary", "success", "good", "warning", "danger", "#2389d7"])
def test_every_style_of_the_server_is_taken(style: str) -> None:
    assert Button("OK", url=URL, style=style).style == style
