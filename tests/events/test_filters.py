"""What a stream hands out: chosen by class, channel, team, user and own posts."""

from typing import Any

import pytest

from matterapi import SyncClient
from matterapi.client import exceptions as e
from matterapi.events import (
    CaughtUp,
    Connected,
    Event,
    PluginEvent,
    Posted,
    PostEdited,
    ReactionAdded,
    Typing,
    UnknownEvent,
)
from matterapi.events.filters import Choice, choice, events_by_class
from tests.support.chat import Chat


@pytest.mark.parametrize("parent", [Event, UnknownEvent, PluginEvent])
def test_every_name_is_asked_for_where_any_may_be_wanted(parent: type[Event]) -> None:
    assert events_by_class((Posted, parent), ()) == Choice()
    assert events_by_class((), ()) == Choice()


def test_classes_stand_for_the_servers_names() -> None:
    assert events_by_class((Posted, PostEdited), ()) == Choice(frozenset({"posted", "post_edited"}))
    assert events_by_class((), [Typing]) == Choice(None, frozenset({"typing"}))


def test_the_life_cycle_alone_asks_for_nothing_of_the_server() -> None:
    assert events_by_class((Connected, CaughtUp), ()) == Choice(frozenset())


@pytest.mark.parametrize("not_a_class", ["posted", Posted.NAME, int, None])
def test_what_is_no_class_of_an_event_is_refused(not_a_class: Any) -> None:
    with pytest.raises(e.InvalidRequest, match="chosen by their classes"):
        events_by_class((not_a_class,), ())
    with pytest.raises(e.InvalidRequest, match="chosen by their classes"):
        events_by_class((), [not_a_class])


def test_ids_may_come_from_any_iterable() -> None:
    assert choice("channels", iter("ab"), ["c", "c"]) == Choice(frozenset("ab"), frozenset("c"))
    assert choice("channels", None, ()) == Choice()
    assert choice("channels", [], ()) == Choice(frozenset()), "none of them, not all"


@pytest.mark.parametrize("bad", ["c1", [""], [None], [b"c1"], [7]])
def test_what_is_no_list_of_ids_is_refused_with_its_name(bad: Any) -> None:
    with pytest.raises(e.InvalidRequest, match=r"^users takes"):
        choice("users", bad, ())
    with pytest.raises(e.InvalidRequest, match=r"^not_users takes"):
        choice("users", None, bad)


def happen(chat: Chat) -> None:
    """In both channels: posts by both accounts, an edit of each by its author, the listener's reaction."""
    own = SyncClient(options={"url": chat.server.url, "auth": chat.auth})
    for number, channel_id in enumerate((chat.channel_id, chat.other_channel_id)):
        theirs = chat.write(f"their {number}", channel_id)
        mine = own.posts.create_post(json_body={"channel_id": channel_id, "message": f"my {number}"})
        own.posts.update_post(str(mine.id), json_body={"id": str(mine.id), "message": f"my {number}, edited"})
        chat.edit(theirs, f"their {number}, edited")
        body = {"user_id": chat.user_id, "post_id": theirs.id, "emoji_name": "wave"}
        own.reactions.save_reaction(json_body=body)


def described(event: Event) -> str:
    return str(event.post.message) if isinstance(event, Posted | PostEdited) else type(event).__name__


ALL = ["their 0", "my 0", "my 0, edited", "their 0, edited", "ReactionAdded"]
ALL += [each.replace("0", "1") for each in ALL]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (lambda chat: {}, ALL),
        (lambda chat: {"channels": [chat.channel_id]}, ALL[:5]),
        (lambda chat: {"not_channels": [chat.other_channel_id]}, ALL[:5]),
        (lambda chat: {"not_channels": ["c" * 26]}, ALL),
        (lambda chat: {"own_posts": False}, [each for each in ALL if not each.startswith("my")]),
        (
            lambda chat: {"users": [chat.user_id]},
            [each for each in ALL if not each.startswith("their")],
        ),
        (lambda chat: {"not_users": [chat.user_id]}, [each for each in ALL if each.startswith("their")]),
        (lambda chat: {"without": [PostEdited]}, [each for each in ALL if "edited" not in each]),
        (
            lambda chat: {
                "users": [chat.server.admin.id],
                "channels": [chat.channel_id],
                "without": [Posted],
            },
            ["their 0, edited"],
        ),
    ],
)
async def test_all_conditions_have_to_hold(chat: Chat, options: Any, expected: list[str]) -> None:
    chosen = options(chat)
    by_admin = "not_users" in chosen or chosen.get("users") == [chat.server.admin.id]
    actor = chat.server.admin.id if by_admin else chat.user_id
    async with chat.listener().events(Posted, PostEdited, ReactionAdded, PluginEvent, **chosen) as stream:
        await stream.ready(30)
        happen(chat)
        # Passes all of the choices, and comes after everything else.
        chat.server.emit("custom_test_end", {"user_id": actor}, channel_id=chat.channel_id)
        found = []
        while type(event := await stream.wait(30)) is not PluginEvent:
            found.append(described(event))
    assert found == expected


async def test_a_team_is_told_by_new_posts_alone(chat: Chat) -> None:
    team_id = chat.server.factory.team()["id"]
    async with chat.listener().events(Posted, PostEdited, teams=[team_id]) as stream:
        await stream.ready(30)
        chat.edit(chat.write("one"), "two")
        chat.write("three")
        found = [await stream.wait(30) for _ in range(2)]
    async with chat.listener().events(Posted, PostEdited, not_teams=[team_id]) as stream:
        await stream.ready(30)
        chat.edit(chat.write("one"), "two")
        found.append(await stream.wait(30))
    assert [described(event) for event in found] == ["one", "three", "two"]
