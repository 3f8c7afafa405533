"""Categories of the sidebar, drafts, and what is unread in a team."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.conformance.rest.wire import NOBODY

if TYPE_CHECKING:
    from tests.conformance.http import Http
    from tests.conformance.scene import Scene


@pytest.fixture
def owner(scene: Scene, team: Any) -> Http:
    """A user in the team, whose sidebar nobody has touched."""
    return scene.user(team)


@pytest.fixture
def room(scene: Scene, team: Any, owner: Http) -> Any:
    """A channel that the owner has joined."""
    made = scene.channel(team)
    owner.made(f"/channels/{made['id']}/members", {"user_id": owner.id})
    return made


def _path(owner: Http, team: Any) -> str:
    return f"/users/{owner.id}/teams/{team['id']}/channels/categories"


def _made(owner: Http, team: Any, room: Any, name: str = "Work") -> Any:
    body = {"user_id": owner.id, "team_id": team["id"], "display_name": name, "channel_ids": [room["id"]]}
    return owner.made(_path(owner, team), body)


def test_three_categories_are_there_from_the_beginning(owner: Http, team: Any) -> None:
    """channel_store_categories.go, CreateInitialSidebarCategories: 0, 10 and 20."""
    categories = owner.get(_path(owner, team)).json["categories"]
    kinds = [(one["type"], one["sort_order"], one["sorting"]) for one in categories]
    assert kinds == [("favorites", 0, ""), ("channels", 10, ""), ("direct_messages", 20, "recent")]


def test_the_default_ids_are_made_of_user_and_team(owner: Http, team: Any) -> None:
    """channel_store_categories.go: type, user and team with underscores."""
    order = owner.get(_path(owner, team)).json["order"]
    assert order[0] == f"favorites_{owner.id}_{team['id']}"


def test_a_channel_without_a_place_is_in_the_default_category(owner: Http, team: Any, room: Any) -> None:
    """channel_store_categories.go, completePopulatingCategoriesT."""
    categories = owner.get(_path(owner, team)).json["categories"]
    places = {one["type"]: one["channel_ids"] for one in categories}
    assert room["id"] in places["channels"]


def test_a_new_category_comes_behind_the_favorites(owner: Http, team: Any, room: Any) -> None:
    """channel_store_categories.go, CreateSidebarCategory; the handler answers 200."""
    owner.get(_path(owner, team))
    made = _made(owner, team, room)
    assert (made["sort_order"], made["type"], made["channel_ids"]) == (10, "custom", [room["id"]])
    assert owner.get(_path(owner, team)).json["order"][1] == made["id"]


def test_a_category_of_another_team_or_user_is_400(owner: Http, team: Any) -> None:
    """api4/channel_category.go, createCategoryForTeamForUser: the body has to fit the path."""
    body = {"user_id": NOBODY, "team_id": team["id"], "display_name": "x"}
    answer = owner.post(_path(owner, team), body)
    assert answer.failure == (400, "api.context.invalid_body_param.app_error")


def test_a_foreign_sidebar_is_403(scene: Scene, owner: Http, team: Any) -> None:
    """api4/channel_category.go: SessionHasPermissionToUser."""
    answer = scene.user(team).get(_path(owner, team))
    assert answer.failure == (403, "api.context.permissions.app_error")


def test_an_id_that_is_none_of_a_category_is_400(owner: Http, team: Any) -> None:
    """web/context.go, RequireCategoryId: model.IsValidCategoryId."""
    assert owner.get(f"{_path(owner, team)}/bad").failure == (400, "api.context.invalid_url_param.app_error")


def test_an_order_with_an_unknown_category_is_400(owner: Http, team: Any) -> None:
    """api4/channel_category.go, updateCategoryOrderForTeamForUser: SetInvalidParam."""
    answer = owner.put(f"{_path(owner, team)}/order", [NOBODY])
    assert answer.failure == (400, "api.context.invalid_body_param.app_error")


def test_the_order_is_answered_and_kept(owner: Http, team: Any) -> None:
    """api4/channel_category.go, updateCategoryOrderForTeamForUser."""
    order = owner.get(_path(owner, team)).json["order"][::-1]
    assert owner.put(f"{_path(owner, team)}/order", order).json == order
    assert owner.get(f"{_path(owner, team)}/order").json == order


def test_a_muted_category_mutes_its_channels(owner: Http, team: Any, room: Any) -> None:
    """app/channel_category.go, muteChannelsForUpdatedCategories."""
    made = _made(owner, team, room)
    changed = owner.put(_path(owner, team), [{**made, "muted": True}])
    assert [one["muted"] for one in changed.json] == [True]
    member = owner.get(f"/channels/{room['id']}/members/me").json
    assert member["notify_props"]["mark_unread"] == "mention"


def test_a_default_category_stays(owner: Http, team: Any) -> None:
    """channel_store_categories.go, DeleteSidebarCategory: only custom ones go."""
    first = owner.get(_path(owner, team)).json["order"][0]
    answer = owner.delete(f"{_path(owner, team)}/{first}")
    assert answer.failure == (400, "app.channel.sidebar_categories.app_error")


def test_the_channels_of_a_removed_category_go_back(owner: Http, team: Any, room: Any) -> None:
    """channel_store_categories.go, DeleteSidebarCategory: its channels have no place any more."""
    made = _made(owner, team, room)
    assert owner.delete(f"{_path(owner, team)}/{made['id']}").json == {"status": "OK"}
    categories = owner.get(_path(owner, team)).json["categories"]
    assert room["id"] in next(one for one in categories if one["type"] == "channels")["channel_ids"]


def test_no_drafts_are_null(owner: Http, team: Any) -> None:
    """api4/drafts.go, getDrafts: a nil slice."""
    assert owner.get(f"/users/me/teams/{team['id']}/drafts").json is None


def test_a_draft_leaves_out_empty_files_and_priority(owner: Http, room: Any) -> None:
    """model/draft.go: omitempty."""
    answer = owner.post("/drafts", {"channel_id": room["id"], "message": "x", "file_ids": []})
    assert answer.status == 201
    assert {"file_ids", "priority"} & answer.json.keys() == set()
    assert answer.json["metadata"] == {}


def test_a_second_draft_takes_the_place_of_the_first(owner: Http, team: Any, room: Any) -> None:
    """draft_store.go, Upsert: by user, channel and root."""
    for message in ("one", "two"):
        owner.made("/drafts", {"channel_id": room["id"], "message": message})
    assert [one["message"] for one in owner.get(f"/users/me/teams/{team['id']}/drafts").json] == ["two"]


def test_a_draft_for_a_foreign_channel_is_403(scene: Scene, team: Any, owner: Http) -> None:
    """api4/drafts.go, upsertDraft: PermissionCreatePost."""
    foreign = scene.channel(team, type="P")
    answer = owner.post("/drafts", {"channel_id": foreign["id"], "message": "x"})
    assert answer.failure == (403, "api.context.permissions.app_error")


def test_a_draft_that_is_not_there_is_deleted_all_the_same(owner: Http, room: Any) -> None:
    """api4/drafts.go, deleteDraft: "we don't need to delete"."""
    assert owner.delete(f"/users/me/channels/{room['id']}/drafts").json == {"status": "OK"}


def test_what_is_unread_is_counted_by_team(scene: Scene, team: Any, owner: Http, room: Any) -> None:
    """app/team.go, GetTeamUnread: messages and mentions of all channels."""
    path = f"/users/me/teams/{team['id']}/unread"
    owner.post("/channels/members/me/view", {"channel_id": room["id"]})
    before = owner.get(path).json
    scene.post(room, f"hello @{owner.user['username']}")
    after = owner.get(path).json
    assert [after[key] - before[key] for key in ("msg_count", "mention_count")] == [1, 1]


def test_direct_channels_are_left_out_of_what_is_unread(admin: Http, owner: Http, team: Any) -> None:
    """team_store.go, GetChannelUnreadsForAllTeams: no team is excluded by default, which is theirs."""
    direct = admin.made("/channels/direct", [admin.id, owner.id])
    admin.made("/posts", {"channel_id": direct["id"], "message": "x"})
    assert [one["team_id"] for one in owner.get("/users/me/teams/unread").json] == [team["id"]]


def test_an_order_that_leaves_a_category_out_is_an_error(owner: Http, team: Any) -> None:
    """channel_store_categories.go, UpdateSidebarCategoryOrder: all of them, each once."""
    order = owner.get(_path(owner, team)).json["order"]
    path, failed = f"{_path(owner, team)}/order", "app.channel.sidebar_categories.app_error"
    assert owner.put(path, order[:-1]).failure == (500, failed)
    assert owner.put(path, []).failure == (500, failed)
    assert owner.put(path, [order[0], order[0], order[1]]).failure == (500, failed)
    assert owner.put(path, [*order, order[0]]).json == order
    assert owner.put(path, [5]).failure == (400, "api.payload.parse.error")
    assert owner.get(_path(owner, team)).json["order"] == order


@pytest.mark.parametrize(("length", "status"), [(64, 200), (65, 500)])
def test_the_name_of_a_category_has_64_characters(owner: Http, team: Any, length: int, status: int) -> None:
    """sidebarcategories.displayname: the database has no room for more."""
    body = {"user_id": owner.id, "team_id": team["id"], "display_name": "x" * length, "channel_ids": []}
    assert owner.post(_path(owner, team), body).status == status


def test_favourites_are_preferences_too(owner: Http, team: Any, room: Any) -> None:
    """channel_store_categories.go, UpdateSidebarCategories: for clients that know no categories."""
    favorites = next(
        one for one in owner.get(_path(owner, team)).json["categories"] if one["type"] == "favorites"
    )
    path = f"{_path(owner, team)}/{favorites['id']}"
    assert owner.put(path, {**favorites, "channel_ids": [room["id"]]}).status == 200
    kept = owner.get("/users/me/preferences/favorite_channel").json
    assert [(one["name"], one["value"]) for one in kept] == [(room["id"], "true")]
    assert owner.put(path, {**favorites, "channel_ids": []}).status == 200
    assert owner.get("/users/me/preferences/favorite_channel").status == 404


def test_a_preference_makes_a_favourite(owner: Http, team: Any, room: Any) -> None:
    """channel_store_categories.go, UpdateSidebarChannelsByPreferences."""
    preference = {"user_id": owner.id, "category": "favorite_channel", "name": room["id"], "value": "true"}

    def favorites() -> Any:
        categories = owner.get(_path(owner, team)).json["categories"]
        return next(one["channel_ids"] for one in categories if one["type"] == "favorites")

    owner.get(_path(owner, team))
    assert owner.put("/users/me/preferences", [preference]).status == 200
    assert favorites() == [room["id"]]
    assert owner.post("/users/me/preferences/delete", [preference]).status == 200
    assert favorites() == []
