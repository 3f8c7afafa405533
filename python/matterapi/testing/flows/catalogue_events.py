"""Events of operations that are answered from the catalogue: nothing is kept, but listeners are told."""

from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

from matterapi.testing.call import Call
from matterapi.testing.encoding import JsonObject, dumps_text, loads
from matterapi.testing.events.frames import Broadcast, Event
from matterapi.testing.replies import Reply

from .accounts import user_events

_Events: TypeAlias = Callable[[Call, Any], Iterator[Event]]


def publish_answered(call: Call, reply: Reply) -> None:
    """Tell listeners what the real server would after this call; nothing for most operations."""
    events = _EVENTS.get(call.operation.id)
    if events is None or reply.status >= 300:
        return
    for event in events(call, loads(reply.body)):
        call.hub.publish(event)


def _draft_saved(call: Call, shown: JsonObject) -> Iterator[Event]:
    draft = {**shown, "props": {}, **call.json_object("draft"), "user_id": call.user["id"]}
    yield _draft("draft_created", call, {key: draft.get(key, "") for key in _DRAFT} | {"metadata": {}})


def _draft_deleted(call: Call, shown: JsonObject) -> Iterator[Event]:
    root_id = call.params.get("thread_id", "")
    draft: JsonObject = dict.fromkeys(_DRAFT, 0)
    draft |= {"user_id": call.user["id"], "channel_id": call.params["channel_id"], "root_id": root_id}
    yield _draft("draft_deleted", call, {**draft, "message": "", "props": {}})


_DRAFT = ("create_at", "update_at", "delete_at", "user_id", "channel_id", "root_id", "message", "props")


def _draft(name: str, call: Call, draft: JsonObject) -> Event:
    """Tell of a draft; the socket that the header Connection-Id names is spared (api4/drafts.go)."""
    where = Broadcast(
        user_id=call.user["id"],
        channel_id=draft["channel_id"],
        omit_connection_id=call.headers.get("Connection-Id", ""),
    )
    return Event(name, {"draft": dumps_text(draft)}, where)


def _mine(call: Call) -> Broadcast:
    return Broadcast(user_id=call.id("user_id"), team_id=call.params["team_id"])


def _category_created(call: Call, shown: JsonObject) -> Iterator[Event]:
    yield Event("sidebar_category_created", {"category_id": shown["id"]}, _mine(call))


def _category_deleted(call: Call, _shown: Any) -> Iterator[Event]:
    yield Event("sidebar_category_deleted", {"category_id": call.params["category_id"]}, _mine(call))


def _categories_ordered(call: Call, _shown: Any) -> Iterator[Event]:
    yield Event("sidebar_category_order_updated", {"order": call.json_list("order")}, _mine(call))


def _categories_updated(call: Call, _shown: Any) -> Iterator[Event]:
    sent = loads(call.body)
    categories = sent if isinstance(sent, list) else [sent]
    yield Event("sidebar_category_updated", {"updatedCategories": dumps_text(categories)}, _mine(call))


def _icon_changed(call: Call, _shown: Any) -> Iterator[Event]:
    team = call.world.teams.get(call.params["team_id"])
    if team is not None:
        shown = {**team, "email": ""}
        if call.operation.id == "SetTeamIcon":
            shown["last_team_icon_update"] = call.now
        yield Event("update_team", {"team": dumps_text(shown)}, Broadcast(team_id=team["id"]))


def _address_verified(call: Call, _shown: Any) -> Iterator[Event]:
    yield from user_events(call.target_user())


def _config_saved(_call: Call, shown: JsonObject) -> Iterator[Event]:
    """Every save tells everybody the client's configuration (platform/service.go)."""
    yield Event("plugin_statuses_changed", {"plugin_statuses": []}, Broadcast(sensitive=True))
    guests = (loads(_call.body) or {}).get("GuestAccountsSettings") or {}
    if guests.get("Enable") is False:
        yield Event("guests_deactivated", {})
    site = shown.get("TeamSettings") or {}
    yield Event("config_changed", {"config": {"SiteName": str(site.get("SiteName", ""))}})


def _marketplace_visited(_call: Call, _shown: Any) -> Iterator[Event]:
    data = {"firstAdminVisitMarketplaceStatus": "true"}
    yield Event("first_admin_visit_marketplace_status_received", data)


def _role_patched(call: Call, _shown: Any) -> Iterator[Event]:
    role = call.world.roles.by_id(call.params["role_id"])
    wanted = call.json_object("role").get("permissions")
    if role is not None and isinstance(wanted, list) and set(wanted) != set(role["permissions"]):
        yield Event("role_updated", {"role": dumps_text({**role, "permissions": wanted})})


_EVENTS: dict[str, _Events] = {
    "UpsertDraft": _draft_saved,
    "DeleteDraft": _draft_deleted,
    "DeleteDraftForThread": _draft_deleted,
    "CreateSidebarCategoryForTeamForUser": _category_created,
    "RemoveSidebarCategoryForTeamForUser": _category_deleted,
    "UpdateSidebarCategoryOrderForTeamForUser": _categories_ordered,
    "UpdateSidebarCategoryForTeamForUser": _categories_updated,
    "UpdateSidebarCategoriesForTeamForUser": _categories_updated,
    "SetTeamIcon": _icon_changed,
    "RemoveTeamIcon": _icon_changed,
    "VerifyUserEmailWithoutToken": _address_verified,
    "PatchConfig": _config_saved,
    "UpdateConfig": _config_saved,
    "UpdateMarketplaceVisitedByAdmin": _marketplace_visited,
    "PatchRole": _role_patched,
}
