"""Upload sessions (api4/upload.go)."""

from matterapi.testing.http.encoding import JsonObject
from matterapi.testing.http.errors import AppError
from matterapi.testing.http.multipart import base_name, is_multipart
from matterapi.testing.http.response import Response, json_response
from matterapi.testing.rest.call import Call
from matterapi.testing.rest.registry import operation
from matterapi.testing.rest.users.users import require_self_or
from matterapi.testing.state.files import MIN_FIRST_PART, is_picture, mime_type, new_upload
from matterapi.testing.state.permissions import can_in_channel, require

from .files import store_file

# Characters of a name that the database has room for.
_MOST_NAME = 256


@operation("CreateUpload")
def create_upload(call: Call) -> Response:
    """POST /uploads."""
    fields = call.json_object("upload")
    is_import = fields.get("type") == "import"
    if is_import:
        require(call.is_admin)
    else:
        require(can_in_channel(call.world, call.user, str(fields.get("channel_id") or ""), "upload_file"))
    size = fields.get("file_size")
    if not isinstance(size, int) or size <= 0:
        raise AppError(400, "model.upload_session.is_valid.file_size.app_error", "The file size is missing.")
    if size > call.world.config.number("FileSettings.MaxFileSize"):
        raise AppError(413, "api.upload.create.upload_too_large.app_error", "The file is too large.")
    if len(base_name(str(fields.get("filename") or ""))) > _MOST_NAME:
        raise AppError(500, "app.upload.create.save.app_error", "The name is too long.")
    upload = new_upload(call.world.ids.new(), call.now, call.user["id"], fields)
    call.world.files.uploads[upload["id"]] = upload
    call.world.files.parts[upload["id"]] = bytearray()
    return json_response(upload, 201)


def _unknown() -> AppError:
    return AppError(404, "app.upload.get.app_error", "No such upload.")


def _own(call: Call) -> JsonObject:
    upload = call.world.files.uploads.get(call.params["upload_id"])
    if upload is None:
        raise _unknown()
    if upload["user_id"] != call.user["id"] and not call.is_admin:
        raise AppError(403, "api.upload.get_upload.forbidden.app_error", "Not your upload.")
    return upload


def _own_to_fill(call: Call) -> JsonObject:
    upload = call.world.files.uploads.get(call.params["upload_id"])
    if upload is None:
        raise _unknown()
    require(upload["user_id"] == call.user["id"] or call.is_admin)
    return upload


@operation("GetUpload")
def get_upload(call: Call) -> Response:
    """GET /uploads/{upload_id}: `file_offset` tells how much has arrived."""
    return json_response(_own(call))


@operation("GetUploadsForUser")
def get_uploads_for_user(call: Call) -> Response:
    """GET /users/{user_id}/uploads."""
    user_id = call.id("user_id")
    require_self_or(call, user_id)
    uploads = call.world.files.uploads.values()
    return json_response([upload for upload in uploads if upload["user_id"] == user_id])


@operation("UploadData")
def upload_data(call: Call) -> Response:
    """POST /uploads/{upload_id}: 204 while data is missing, 200 with the file's info at the end.

    The first part has 5 MiB or more, or the whole file.
    """
    upload = _own_to_fill(call)
    data, received = _data(call), call.world.files.parts[upload["id"]]
    if len(received) + len(data) > upload["file_size"]:
        raise AppError(
            400, "api.upload.upload_data.invalid_content_length", "More than the rest of the file."
        )
    if not received and len(data) < min(MIN_FIRST_PART, upload["file_size"]):
        raise AppError(
            400, "app.upload.upload_data.first_part_too_small.app_error", "The first part is too small."
        )
    received += data
    upload["file_offset"] = len(received)
    if upload["file_offset"] < upload["file_size"]:
        return Response(204, b"")
    content = bytes(received)
    if mime_type(upload["filename"]).startswith("image/") and not is_picture(content):
        raise AppError(500, "app.upload.upload_data.gen_info.app_error", "The image cannot be read.")
    del call.world.files.uploads[upload["id"]], call.world.files.parts[upload["id"]]
    if upload["type"] == "import":
        call.world.files.imports[f"{upload['id']}_{upload['filename']}"] = content
    return json_response(store_file(call, upload.get("channel_id", ""), upload["filename"], content))


def _data(call: Call) -> bytes:
    if not is_multipart(call.headers.get("Content-Type", "")):
        return call.body
    unreadable = AppError(400, "api.upload.upload_data.multipart_error", "The form cannot be read.")
    parts = call.form(unreadable)
    if not parts:
        raise unreadable
    return parts[0].content
