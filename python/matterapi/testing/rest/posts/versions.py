"""What a post was before its edits (api4/post.go)."""

from matterapi.testing.effects.posting import edit_post
from matterapi.testing.effects.rendering import render_post
from matterapi.testing.http.errors import AppError, forbidden
from matterapi.testing.http.response import Response, json_response
from matterapi.testing.rest.call import Call
from matterapi.testing.rest.registry import operation
from matterapi.testing.state.permissions import can_in_channel, require

from .posts import readable_post


@operation("GetEditHistoryForPost")
def get_edit_history_for_post(call: Call) -> Response:
    """GET /posts/{post_id}/edit_history: for the author alone; 404 if it was never edited."""
    post = readable_post(call)
    require(post["user_id"] == call.user["id"])
    edits = call.world.posts.edits(post)
    if not edits:
        raise AppError(404, "app.post.get.app_error", "Unable to get the post.")
    shown = [{key: value for key, value in edit.items() if key != "has_reactions"} for edit in edits]
    return json_response([{**version, "metadata": {}} for version in shown])


@operation("RestorePostVersion")
def restore_post_version(call: Call) -> Response:
    """POST /posts/{post_id}/restore/{restore_version_id}: message and files become what they were."""
    version = call.world.posts.version(call.params["restore_version_id"])
    if version is None or version["user_id"] != call.user["id"]:
        raise forbidden()
    if version["original_id"] != call.params["post_id"]:
        raise AppError(
            400, "app.post.restore_post_version.not_an_history_item.app_error", "Not a version of the post."
        )
    post = readable_post(call)
    require(can_in_channel(call.world, call.user, post["channel_id"], "edit_post"))
    changes = {"message": version["message"], "file_ids": version["file_ids"]}
    edited = edit_post(call.world, call.hub, post, changes)
    return json_response(render_post(call.world, edited, call.user["id"]))
