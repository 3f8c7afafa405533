"""What the server makes of a post: attachments, links, mentioned channels, threads, versions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.conformance.rest.wire import NOBODY

if TYPE_CHECKING:
    from tests.conformance.http import Http
    from tests.conformance.scene import Scene


@pytest.fixture
def author(scene: Scene, team: Any, channel: Any) -> Http:
    """A user who is in the channel."""
    user = scene.user(team)
    user.made(f"/channels/{channel['id']}/members", {"user_id": user.id})
    return user


def test_an_attachment_gets_all_its_fields(scene: Scene, channel: Any) -> None:
    """model/slack_attachment.go: only `actions` is omitted when empty."""
    post = scene.post(channel, props={"attachments": [{"text": "t", "fields": [{"title": "k"}]}]})
    (shown,) = post["props"]["attachments"]
    assert set(shown) == {
        *("id", "fallback", "color", "pretext", "author_name", "author_link", "author_icon", "title"),
        *("title_link", "text", "fields", "image_url", "thumb_url", "footer", "footer_icon", "ts"),
    }
    assert shown["fields"] == [{"title": "k", "value": None, "short": False}]


def test_an_action_has_an_id_and_no_integration(scene: Scene, channel: Any) -> None:
    """model/integration_action.go, GenerateActionIds and StripActionIntegrations."""
    action = {"name": "Go", "type": "button", "integration": {"url": "http://127.0.0.1:1/x"}}
    post = scene.post(channel, props={"attachments": [{"actions": [action]}]})
    (shown,) = post["props"]["attachments"][0]["actions"]
    assert len(shown.pop("id")) == 26
    assert shown == {"name": "Go", "type": "button"}


def test_attachments_are_an_embed(scene: Scene, channel: Any) -> None:
    """app/post_metadata.go, getEmbedForPost: before any link."""
    post = scene.post(channel, "http://127.0.0.1:1/", props={"attachments": [{"text": "t"}]})
    assert post["metadata"]["embeds"] == [{"type": "message_attachment"}]


@pytest.mark.parametrize(
    ("message", "link"),
    [
        ("see http://127.0.0.1:1/a?b=1.", "http://127.0.0.1:1/a?b=1"),
        ("(http://127.0.0.1:1/a)", "http://127.0.0.1:1/a"),
        ("http://127.0.0.1:1/a http://127.0.0.1:1/b", "http://127.0.0.1:1/a"),
    ],
)
def test_the_first_bare_link_is_an_embed(scene: Scene, channel: Any, message: str, link: str) -> None:
    """app/post_metadata.go, getLinkMetadata: a page that cannot be had is a link, once it was tried."""
    post = scene.post(channel, message)
    shown = scene.admin.get(f"/posts/{post['id']}").json
    assert shown["metadata"]["embeds"] == [{"type": "link", "url": link}]


@pytest.mark.parametrize(
    "message",
    ["`http://127.0.0.1:1/a`", "```\nhttp://127.0.0.1:1/a\n```", "[x](http://127.0.0.1:1/a)", "none"],
)
def test_a_link_in_code_or_behind_a_text_is_none(scene: Scene, channel: Any, message: str) -> None:
    """app/post_metadata.go, getFirstLinkAndImages: markdown.Autolink alone."""
    post = scene.post(channel, message)
    assert "embeds" not in scene.admin.get(f"/posts/{post['id']}").json["metadata"]


def test_public_channels_in_a_message_are_named_in_its_props(scene: Scene, team: Any, channel: Any) -> None:
    """app/post.go, FillInPostProps: those of type O, by their names."""
    private = scene.channel(team, type="P")
    post = scene.post(channel, f"~{channel['name']} ~{private['name']} ~nowhere")
    named = {"display_name": channel["display_name"], "team_name": team["name"]}
    assert post["props"] == {"channel_mentions": {channel["name"]: named}}


def test_an_edit_that_takes_the_channel_away_takes_the_prop_away(scene: Scene, channel: Any) -> None:
    """app/post.go, UpdatePost: FillInPostProps once more."""
    post = scene.post(channel, f"~{channel['name']}")
    assert scene.admin.put(f"/posts/{post['id']}/patch", {"message": "none"}).json["props"] == {}


def test_files_of_nobody_leave_null(scene: Scene, channel: Any) -> None:
    """app/post.go, attachFilesToPost: a nil slice is left."""
    assert scene.post(channel, file_ids=[NOBODY])["file_ids"] is None


def test_a_repeated_pending_id_is_answered_without_metadata(author: Http, channel: Any) -> None:
    """app/post.go, deduplicateCreatePost: the post as it is stored."""
    body = {"channel_id": channel["id"], "message": "x", "pending_post_id": f"{author.id}:1"}
    first, second = author.made("/posts", body), author.made("/posts", body)
    assert (first["id"], first["pending_post_id"]) == (second["id"], f"{author.id}:1")
    assert second["pending_post_id"] == ""
    assert "metadata" not in second


def test_a_priority_names_its_post_when_it_is_read_again(scene: Scene, channel: Any) -> None:
    """model/post_metadata.go, PostPriority: PostId and ChannelId have no names of their own in JSON."""
    post = scene.post(channel, metadata={"priority": {"priority": "urgent"}})
    assert "PostId" not in post["metadata"]["priority"]
    again = scene.admin.get(f"/posts/{post['id']}").json
    assert again["metadata"]["priority"]["PostId"] == post["id"]


def test_a_custom_emoji_of_the_message_is_in_the_metadata(scene: Scene, channel: Any) -> None:
    """app/post_metadata.go, getEmojisAndReactionsForPost: built-in ones are not."""
    assert "emojis" not in scene.post(channel, ":smile: :nosuch:")["metadata"]


def test_a_thread_without_its_posts_has_no_has_next(author: Http, channel: Any) -> None:
    """post_store.go, Get: skipFetchThreads returns before the replies are looked for."""
    root = author.made("/posts", {"channel_id": channel["id"], "message": "x"})["id"]
    author.made("/posts", {"channel_id": channel["id"], "message": "re", "root_id": root})
    listed = author.get(f"/posts/{root}/thread?skipFetchThreads=true").json
    assert (listed["order"], "has_next" in listed) == ([root], False)
    assert author.get(f"/posts/{root}/thread").json["has_next"] is False


def test_a_thread_of_the_list_has_no_metadata(author: Http, team: Any, channel: Any) -> None:
    """thread_store.go: the post of a thread is not prepared."""
    root = author.made("/posts", {"channel_id": channel["id"], "message": "x"})["id"]
    author.made("/posts", {"channel_id": channel["id"], "message": "re", "root_id": root})
    listed = author.get(f"/users/me/teams/{team['id']}/threads").json["threads"]
    assert [("metadata" in one["post"], one["id"]) for one in listed] == [(False, root)]


def test_threads_are_listed_from_a_thread_on_by_the_time_of_the_last_reply(
    author: Http, team: Any, channel: Any
) -> None:
    """thread_store.go, GetThreadsForUser: earlier ones latest first, later ones earliest first."""
    roots = []
    for _ in range(3):
        roots.append(author.made("/posts", {"channel_id": channel["id"], "message": "x"})["id"])
        author.made("/posts", {"channel_id": channel["id"], "message": "re", "root_id": roots[-1]})
    threads = f"/users/me/teams/{team['id']}/threads"

    def listed(query: str) -> list[str]:
        return [one["id"] for one in author.get(f"{threads}?{query}").json["threads"]]

    assert listed("per_page=2") == roots[:0:-1]
    assert listed(f"before={roots[2]}") == roots[1::-1]
    assert listed(f"after={roots[0]}") == roots[1:]
    assert listed(f"before={'x' * 26}") == []


def test_since_lists_the_root_and_not_the_whole_thread(scene: Scene, channel: Any) -> None:
    """post_store.go, GetPostsSince: changed posts and their roots; an admin may set create_at."""
    root = scene.post(channel)
    times = [root["create_at"] + later for later in (1000, 2000)]
    before, after = (scene.post(channel, root_id=root["id"], create_at=time) for time in times)
    listed = scene.admin.get(f"/channels/{channel['id']}/posts?since={times[0]}").json["posts"]
    assert before["id"] not in listed
    assert {root["id"], after["id"]} <= set(listed)


def test_a_search_finds_words_and_not_their_parts(author: Http, team: Any, channel: Any) -> None:
    """post_store.go, search: to_tsvector."""
    found = author.made("/posts", {"channel_id": channel["id"], "message": "a harbourfact-1 there"})["id"]
    author.made("/posts", {"channel_id": channel["id"], "message": "about harbourfacts9 here"})
    answer = author.post(f"/teams/{team['id']}/posts/search", {"terms": "harbourfact", "is_or_search": False})
    assert answer.json["order"] == [found]
    part = author.post(f"/teams/{team['id']}/posts/search", {"terms": "rbourfac", "is_or_search": False})
    assert part.json["order"] == []


def test_a_version_of_a_post_is_restored_by_its_author_alone(
    scene: Scene, author: Http, channel: Any
) -> None:
    """api4/post.go, restorePostVersion: 403 for anybody else, and for an unknown version."""
    post = author.made("/posts", {"channel_id": channel["id"], "message": "first"})["id"]
    author.put(f"/posts/{post}/patch", {"message": "second"})
    (version,) = author.get(f"/posts/{post}/edit_history").json
    path = f"/posts/{post}/restore/{version['id']}"
    assert scene.admin.post(path).failure == (403, "api.context.permissions.app_error")
    assert author.post(f"/posts/{post}/restore/{NOBODY}").failure == (
        403,
        "api.context.permissions.app_error",
    )
    assert author.post(path).json["message"] == "first"


def test_writing_makes_online_unless_told_otherwise(author: Http, channel: Any) -> None:
    """api4/post.go, createPost: set_online."""
    body = {"channel_id": channel["id"], "message": "x"}
    author.made("/posts?set_online=false", body)
    assert author.get("/users/me/status").json["status"] == "offline"
    author.made("/posts", body)
    assert author.get("/users/me/status").json["status"] == "online"
