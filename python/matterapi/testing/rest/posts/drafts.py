"""Drafts (api4/drafts.go)."""

from matterapi.testing.http.encoding import JsonObject, dumps_text
from matterapi.testing.http.errors import invalid_body
from matterapi.testing.http.response import Response, json_response, ok
from matterapi.testing.rest.call import Call
from matterapi.testing.rest.registry import operation
from matterapi.testing.state.drafts import new_draft
from matterapi.testing.state.permissions import can_in_channel, can_in_team, require
from matterapi.testing.websocket.messages import Broadcast, Event

_KINDS: dict[str, type] = {"message": str, "root_id": str, "props": dict, "priority": dict, "file_ids": list}


def _publish(call: Call, event: str, draft: JsonObject) -> None:
    """Tell of a draft; the socket that the header Connection-Id names is spared."""
    where = Broadcast(
        user_id=draft["user_id"],
        channel_id=draft["channel_id"],
        omit_connection_id=call.headers.get("Connection-Id", ""),
    )
    call.hub.publish(Event(event, {"draft": dumps_text(draft)}, where))


@operation("UpsertDraft")
def upsert_draft(call: Call) -> Response:
    """POST /drafts: one without text and files is forgotten."""
    fields = call.json_object("draft")
    if any(not isinstance(fields.get(key, kind()) or kind(), kind) for key, kind in _KINDS.items()):
        raise invalid_body("draft")
    require(can_in_channel(call.world, call.user, str(fields.get("channel_id")), "create_post"))
    draft = new_draft(call.user["id"], call.now, fields)
    if draft["message"] or draft.get("file_ids"):
        draft = call.world.drafts.put(draft)
    else:
        call.world.drafts.pop(draft["user_id"], draft["channel_id"], draft["root_id"])
    _publish(call, "draft_created", draft)
    return json_response(draft, 201)


@operation("GetDrafts")
def get_drafts(call: Call) -> Response:
    """GET /users/{user_id}/teams/{team_id}/drafts: `null` when there are none; newest first."""
    user_id, team_id = call.user["id"], call.params["team_id"]
    require(can_in_team(call.world, call.user, team_id, "view_team"))
    channels = {channel["id"]: channel["team_id"] for channel in call.world.channels.of_user(user_id)}
    drafts = call.world.drafts.of_user(user_id)
    return json_response(
        [draft for draft in drafts if channels.get(draft["channel_id"]) in ("", team_id)] or None
    )


@operation("DeleteDraft", "DeleteDraftForThread")
def delete_draft(call: Call) -> Response:
    """DELETE of a draft of a channel, or of a thread there; 200 also when there is none."""
    root_id = call.params.get("thread_id", "")
    draft = call.world.drafts.pop(call.user["id"], call.params["channel_id"], root_id)
    if draft is not None:
        _publish(call, "draft_deleted", {key: value for key, value in draft.items() if key != "metadata"})
    return ok()
