"""Dialogs: what they become on the wire, and what is refused before it is sent."""
# ruff: noqa: E501 - a line for each case

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime, timezone
from typing import Any

import pytest

from matterapi.calls.json_body import dump_json
from matterapi.content import (
    BoolElement,
    DateElement,
    Dialog,
    Option,
    RadioElement,
    SelectElement,
    TextElement,
)
from matterapi.exceptions import InvalidOrMissingParameters, InvalidRequest
from matterapi.models import OpenInteractiveDialogJsonBody
from matterapi.testing import MattermostServer

URL = "https://bot.example.com/x"


def wire(value: Any) -> Any:
    return json.loads(dump_json(value))


@pytest.mark.parametrize(
    ("element", "content"),
    [
        (TextElement("N", "n"), {"type": "text"}),
        (TextElement("N", "n", multiline=True, min_length=2), {"type": "textarea", "min_length": 2, "max_length": 3000}),
        (TextElement("N", "n", subtype="email", optional=True), {"type": "text", "subtype": "email", "optional": True}),
        (SelectElement("N", "n", options=["a"], default="a"), {"type": "select", "options": [{"text": "a", "value": "a"}], "default": "a"}),
        (SelectElement("N", "n", data_source="dynamic", data_source_url="/plugins/x"), {"type": "select", "data_source": "dynamic", "data_source_url": "/plugins/x"}),
        (RadioElement("N", "n", options=[Option("A", "a")]), {"type": "radio", "options": [{"text": "A", "value": "a"}]}),
        (BoolElement("N", "n", default=False, placeholder="p"), {"type": "bool", "default": "false", "placeholder": "p"}),
        (DateElement("N", "n", default=date(2030, 1, 31), max_date="+2m"), {"type": "date", "default": "2030-01-31", "max_date": "+2m"}),
        (DateElement("N", "n", time=True, default=datetime(2030, 1, 31, 12, tzinfo=timezone.utc), time_interval=30),
         {"type": "datetime", "default": "2030-01-31T12:00:00+00:00", "time_interval": 30}),
    ],
)  # fmt: skip
def test_an_element_is_what_the_server_reads(element: Any, content: dict[str, Any]) -> None:
    assert wire(element) == {"display_name": "N", "name": "n", **content}


def test_a_dialog_goes_into_both_kinds_of_bodies() -> None:
    dialog = Dialog("Deploy", [TextElement("Why", "why")], callback_id="c", icon_url=URL, state="s")
    content = {"title": "Deploy", "callback_id": "c", "icon_url": URL, "state": "s",
               "elements": [{"type": "text", "display_name": "Why", "name": "why"}]}  # fmt: skip
    body = {"trigger_id": "t", "url": URL, "dialog": dialog}
    assert wire(body) == wire(OpenInteractiveDialogJsonBody(**body)) == {**body, "dialog": content}


async def test_a_dialog_is_taken_by_the_call(client: Any, server: MattermostServer) -> None:
    body = {"trigger_id": "unknown", "url": URL, "dialog": Dialog("Deploy", [TextElement("Why", "why")])}
    # Only the server can make a trigger: it has read the body and looked for it.
    with pytest.raises(InvalidOrMissingParameters, match="trigger"):
        await client.integration_actions.open_interactive_dialog(json_body=body)
    [request] = server.requests.matching("POST /api/v4/actions/dialogs/open")
    assert request.json == wire(body)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: TextElement("", "n"), ["display_name and a name"]),
        (lambda: TextElement("N", ""), ["display_name and a name"]),
        (lambda: TextElement("x" * 25, "n"), ["display_name has 25 bytes, of which 24"]),
        (lambda: TextElement("é" * 13, "n"), ["display_name has 26 bytes"]),
        (lambda: TextElement("N", "n" * 301), ["name has 301"]),
        (lambda: TextElement("N", "n", help_text="x" * 151), ["help_text has 151"]),
        (lambda: TextElement("N", "n", default="x" * 151), ["default has 151"]),
        (lambda: TextElement("N", "n", multiline=True, placeholder="x" * 3001), ["placeholder has 3001"]),
        (lambda: TextElement("N", "n", subtype="date"), ["subtype is 'date'"]),  # type: ignore[arg-type, unused-ignore]
        (lambda: TextElement("N", "n", min_length=5, max_length=4), ["min_length is 5 and max_length 4"]),
        (lambda: TextElement("N", "n", min_length=-1), ["min_length is -1"]),
        (lambda: SelectElement("N", "n", options=["a"], default="b"), ["default is b"]),
        (lambda: SelectElement("N", "n", options=["a"], multiselect=True, default="a, c"), ["default is c"]),
        (lambda: SelectElement("N", "n", data_source="teams"), ["data_source is 'teams'"]),  # type: ignore[arg-type, unused-ignore]
        (lambda: SelectElement("N", "n", data_source="dynamic"), ["needs a data_source_url"]),
        (lambda: SelectElement("N", "n", data_source="dynamic", data_source_url="/plugins/../x"), ["data_source_url"]),
        (lambda: SelectElement("N", "n", data_source="dynamic", data_source_url=URL, options=["a"]), ["has no options"]),
        (lambda: RadioElement("N", "n", options=["a"], default="b"), ["default is b"]),
        (lambda: BoolElement("N", "n", placeholder="x" * 151), ["placeholder has 151"]),
        (lambda: DateElement("N", "n", default="soon"), ["default is 'soon'"]),
        (lambda: DateElement("N", "n", default="2030-01-31T12:00"), ["default is '2030"]),
        (lambda: DateElement("N", "n", time=True, min_date="2030-01-31T12:00"), ["min_date"]),
        (lambda: DateElement("N", "n", time=True, time_interval=7), ["time_interval is 7"]),
        (lambda: Dialog(""), ["needs a title"]),
        (lambda: Dialog("x" * 25), ["title has 25 bytes"]),
        (lambda: Dialog("T", icon_url="x"), ["icon_url is 'x'"]),
        (lambda: Dialog("T", [TextElement("N", "n"), BoolElement("M", "n")]), ["several elements have the name n"]),
    ],
)  # fmt: skip
def test_what_the_server_would_not_accept_is_refused(make: Callable[[], Any], words: list[str]) -> None:
    with pytest.raises(InvalidRequest) as caught:
        make()
    assert [word for word in words if word not in str(caught.value)] == []


@pytest.mark.parametrize(
    "value", ["2030-01-31T12:00:00Z", "2030-01-31T12:00:00+02:00", "2030-01-31T12:00", "-1W"]
)
def test_every_form_of_a_time_that_the_server_knows_is_taken(value: str) -> None:
    assert DateElement("N", "n", time=True, default=value)["default"] == value
