"""`post.attachments`: what the props list, as models, whatever they hold."""

from __future__ import annotations

from typing import Any

import pytest

from matterapi.models import MessageAttachment, Post, PostAction

BUTTON = {"id": "ok", "type": "button", "name": "OK"}


def post(attachments: Any) -> Post:
    return Post.model_validate({"props": {"attachments": attachments}})


def test_attachments_are_models_down_to_their_actions() -> None:
    (only,) = post([{"text": "Hi", "actions": [BUTTON], "newer": 1}]).attachments
    assert isinstance(only, MessageAttachment)
    assert only.actions == [PostAction(**BUTTON)]
    assert only.model_dump(exclude_unset=True) == {"text": "Hi", "actions": [BUTTON], "newer": 1}


def test_the_props_stay_as_they_came() -> None:
    raw = [{"text": "Hi", "actions": [BUTTON]}]
    found = post(raw)
    found.attachments[0].text = "changed"
    assert found.props["attachments"] == raw


@pytest.mark.parametrize("attachments", [None, [], {}, "text", [5, "x", None]])
def test_what_is_no_attachment_gives_none(attachments: Any) -> None:
    assert post(attachments).attachments == []


def test_a_post_without_props_has_none() -> None:
    assert Post().attachments == []


def test_a_value_that_does_not_fit_is_kept(caplog: pytest.LogCaptureFixture) -> None:
    (only,) = post([{"title": 5, "text": "Hi"}]).attachments
    assert only.model_dump(exclude_unset=True) == {"title": 5, "text": "Hi"}
    assert "MessageAttachment.title" in caplog.text


def test_a_model_among_them_is_given_as_it_is() -> None:
    attachment = MessageAttachment(text="Hi")
    assert post([attachment]).attachments == [attachment]
