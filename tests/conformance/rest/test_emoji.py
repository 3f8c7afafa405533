"""Emoji that the server has built in, and reactions (model/emoji_data.go, api4/reaction.go)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.conformance.http import Answer, Http
    from tests.conformance.scene import Scene


def _react(user: Http, post: Any, name: str) -> Answer:
    return user.post("/reactions", {"user_id": user.id, "post_id": post["id"], "emoji_name": name})


@pytest.mark.parametrize(
    "name",
    [
        "two",
        "nine",
        "keycap_ten",
        "thinking_face",
        "+1",
        "+1_dark_skin_tone",
        "flag-de",
        "rolling_on_the_floor_laughing",
        "mattermost",
        "8ball",
        "handshake",
    ],
)
def test_a_reaction_may_be_any_built_in_emoji(admin: Http, scene: Scene, channel: Any, name: str) -> None:
    """app/emoji.go, confirmEmojiExists."""
    assert _react(admin, scene.post(channel), name).status == 200


@pytest.mark.parametrize("name", ["rofl_no", "smile_dark_skin_tone", "Smile", ":smile:"])
def test_a_reaction_by_another_name_is_none(admin: Http, scene: Scene, channel: Any, name: str) -> None:
    """app/emoji.go, confirmEmojiExists: neither built in nor somebody's."""
    assert _react(admin, scene.post(channel), name).status == 404


def test_reactions_of_a_deleted_post_stay_readable(admin: Http, scene: Scene, channel: Any) -> None:
    """api4/reaction.go, getReactions: who may read the channel may."""
    post = scene.post(channel)
    assert _react(admin, post, "smile").status == 200
    admin.delete(f"/posts/{post['id']}")
    answer = admin.get(f"/posts/{post['id']}/reactions")
    assert (answer.status, [one["emoji_name"] for one in answer.json]) == (200, ["smile"])
