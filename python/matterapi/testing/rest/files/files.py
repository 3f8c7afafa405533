"""Files (api4/file.go)."""

import hashlib
from email.utils import formatdate
from urllib.parse import quote

from matterapi.testing.catalogue.samples import PNG
from matterapi.testing.http.encoding import JsonObject
from matterapi.testing.http.errors import AppError, invalid_body, invalid_url, no_such_channel
from matterapi.testing.http.multipart import FormPart, base_name, is_multipart
from matterapi.testing.http.ranges import http_date
from matterapi.testing.http.response import Response, json_response
from matterapi.testing.rest.call import Call
from matterapi.testing.rest.posts.lists import MOST_FOUND, is_second_page
from matterapi.testing.rest.registry import operation
from matterapi.testing.state.clock import is_id
from matterapi.testing.state.files import new_file_info, render_file_info
from matterapi.testing.state.permissions import can_in_channel, can_in_team, require

# What a name in Content-Disposition keeps as it is, beside letters, digits and `-._~` (net/url, PathEscape).
_UNESCAPED = "$&+=:@"
# Bytes of a name that a file system takes.
_MOST_NAME_BYTES = 255
_INLINE = ("image/png", "image/jpeg", "image/gif", "image/webp", "audio/", "video/")
# Served as text, so that a browser does not run them.
_DISARMED = ("text/html", "text/javascript", "application/javascript")


def _unreadable() -> AppError:
    return AppError(400, "api.file.upload_file.read_request.app_error", "The request cannot be read.")


@operation("UploadFile")
def upload_file(call: Call) -> Response:
    """POST /files, in its three forms.

    A form whose plain fields come first (or whose `channel_id` is in the query) is streamed: any file field
    will do, any other plain field is refused. A form with files first is read whole: files are in the field
    `files`, other fields are accepted. Anything else is one file, named in the query.
    """
    if not call.body:
        raise _unreadable()
    content_type = call.headers.get("Content-Type", "")
    if not is_multipart(content_type):
        # Reading the query takes in the body of a form, too: nothing of it is left for the file.
        content = b"" if content_type.startswith("application/x-www-form-urlencoded") else call.body
        return _upload(
            call, call.query_id("channel_id"), [(call.text("filename"), content)], [call.text("client_id")]
        )
    parts = call.form(_unreadable())
    fields = [part for part in parts if part.filename is None]
    files = [part for part in parts if part.filename is not None]
    channel_id = call.query_id("channel_id")
    streamed = bool(channel_id) or _channel_comes_first(parts)
    if streamed:
        for part in fields:
            if part.name not in ("channel_id", "client_ids"):
                raise invalid_body(part.name)
    else:
        files = [part for part in files if part.name == "files"]
    named, clients = (
        [part.content.decode("utf-8", errors="replace") for part in fields if part.name == name]
        for name in ("channel_id", "client_ids")
    )
    contents = [(part.filename or "", part.content) for part in files]
    return _upload(call, channel_id or (named[0] if named else ""), contents, clients)


def _channel_comes_first(parts: list[FormPart]) -> bool:
    for part in parts:
        if part.filename is not None:
            return False
        if part.name == "channel_id":
            return True
    return False


def _upload(call: Call, channel_id: str, files: list[tuple[str, bytes]], clients: list[str]) -> Response:
    if not is_id(channel_id):
        raise invalid_url("channel_id")
    require(can_in_channel(call.world, call.user, channel_id, "upload_file"))
    clients = [client for client in clients if client]
    if clients and len(clients) < len(files):
        raise AppError(
            400, "api.file.upload_file.incorrect_number_of_client_ids.app_error", "Too few client ids."
        )
    infos = [store_file(call, channel_id, name, content) for name, content in files]
    return json_response({"file_infos": infos, "client_ids": clients}, 201)


def store_file(call: Call, channel_id: str, name: str, content: bytes) -> JsonObject:
    """Store a file of the caller and return its info as it is shown."""
    base = base_name(name)
    if base == ".." or len(base.encode()) > _MOST_NAME_BYTES:
        raise AppError(500, "api.file.write_file.app_error", "The file cannot be written.")
    info = new_file_info(
        call.world.ids.new(),
        call.now,
        user_id=call.user["id"],
        channel_id=channel_id,
        name=base,
        content=content,
    )
    call.world.files.add(info, content)
    return render_file_info(info)


def _info(call: Call) -> JsonObject:
    info = call.world.files.infos.get(call.params["file_id"])
    if info is None or info["delete_at"]:
        raise AppError(404, "app.file_info.get.app_error", "No such file.")
    return info


def _readable_info(call: Call) -> JsonObject:
    info = _info(call)
    if call.world.channels.get(info["channel_id"]) is None:
        raise no_such_channel(info["channel_id"])
    own = info["user_id"] == call.user["id"]
    require(own or can_in_channel(call.world, call.user, info["channel_id"], "read_channel"))
    return info


@operation("GetFileInfo")
def get_file_info(call: Call) -> Response:
    """GET /files/{file_id}/info."""
    info = render_file_info(_readable_info(call))
    return json_response(info, headers=[("Cache-Control", "max-age=2592000, private")])


@operation("GetFile")
def get_file(call: Call) -> Response:
    """GET /files/{file_id}: with Range and If-Modified-Since."""
    return _content(call, _readable_info(call))


def _content(call: Call, info: JsonObject) -> Response:
    content, kind = call.world.files.contents[info["id"]], info["mime_type"]
    if kind.startswith(_DISARMED):
        kind = "text/plain"
    response = Response(200, content, kind, _headers(call, info), ranges=True)
    response.headers.append(("X-Uncompressed-Content-Length", str(len(content))))
    return _unless_unmodified(call, info, response)


def _headers(call: Call, info: JsonObject) -> list[tuple[str, str]]:
    inline = info["mime_type"].startswith(_INLINE) and not call.flag("download")
    name = quote(info["name"], safe=_UNESCAPED)
    kind = "inline" if inline else "attachment"
    return [
        ("Cache-Control", "private, max-age=86400"),
        ("Content-Disposition", f"{kind};filename=\"{name}\"; filename*=UTF-8''{name}"),
        ("Content-Security-Policy", "Frame-ancestors 'none'"),
        ("Last-Modified", formatdate(info["update_at"] / 1000, usegmt=True)),
        ("X-Frame-Options", "DENY"),
    ]


def _unless_unmodified(call: Call, info: JsonObject, response: Response) -> Response:
    since = http_date(call.headers.get("If-Modified-Since", ""))
    if since is None or info["update_at"] // 1000 > since:
        return response
    return Response(304, b"", None, response.headers)


def _picture(call: Call, error_id: str) -> Response:
    info = _readable_info(call)
    if not info.get("has_preview_image"):
        raise AppError(400, error_id, "The file has no such image.")
    return Response(200, PNG, "image/jpeg", _headers(call, info), ranges=True)


@operation("GetFileThumbnail")
def get_file_thumbnail(call: Call) -> Response:
    """GET /files/{file_id}/thumbnail: 400 for what is no image."""
    return _picture(call, "api.file.get_file_thumbnail.no_thumbnail.app_error")


@operation("GetFilePreview")
def get_file_preview(call: Call) -> Response:
    """GET /files/{file_id}/preview: 400 for what is no image."""
    return _picture(call, "api.file.get_file_preview.no_preview.app_error")


def _link_hash(file_id: str) -> str:
    return hashlib.sha256(file_id.encode()).hexdigest()[:43]


@operation("GetFileLink")
def get_file_link(call: Call) -> Response:
    """GET /files/{file_id}/link: a link that works without a session."""
    info = _readable_info(call)
    link = f"{call.world.site_url}/files/{info['id']}/public?h={_link_hash(info['id'])}"
    return json_response({"link": link})


@operation("GetFilePublic", "HeadFilePublic")
def get_file_public(call: Call) -> Response:
    """GET /files/{file_id}/public: HTML with 400 for a wrong hash."""
    info = _info(call)
    if call.text("h") != _link_hash(info["id"]):
        page = b"<!DOCTYPE html><html><head></head><body>The public link is not valid.</body></html>\n"
        return Response(400, page, "text/html")
    return _content(call, info)


def _fits(info: JsonObject, word: str) -> bool:
    """Whether a file is of the extension that `ext:` names, or has a word, `word*` or a part in its name."""
    extension = word.removeprefix("ext:")
    return extension == info["extension"] if extension != word else word.rstrip("*") in info["name"].lower()


def _is_findable(call: Call, info: JsonObject, channel_ids: set[str]) -> bool:
    """Whether a file is in one of the channels, at a post, and not deleted."""
    return info["channel_id"] in channel_ids and bool(info["post_id"]) and not info["delete_at"]


@operation("SearchFiles", "SearchFilesInAllTeams")
def search_files(call: Call) -> Response:
    """POST of a file search: by words of the name and `ext:`; the newest 100, whatever `per_page` says."""
    try:
        fields = call.json_object("post")
    except AppError:
        raise AppError(400, "api.post.search_files.invalid_body.app_error", "Not JSON.") from None
    terms = fields.get("terms")
    if not isinstance(terms, str) or not terms:
        raise AppError(400, "api.context.invalid_body_param.app_error", "Invalid or missing terms.")
    team_id = call.params.get("team_id", "")
    if team_id:
        require(can_in_team(call.world, call.user, team_id, "view_team"))
    channels = call.world.channels.of_user(call.user["id"])
    mine = {channel["id"] for channel in channels if not team_id or channel["team_id"] in ("", team_id)}
    words = terms.lower().split()
    found = [
        render_file_info(info)
        for info in reversed(call.world.files.infos.values())
        if _is_findable(call, info, mine) and all(_fits(info, word) for word in words)
    ]
    found = [] if is_second_page(fields) else found[:MOST_FOUND]
    return json_response(
        {
            "order": [info["id"] for info in found],
            "file_infos": {info["id"]: info for info in sorted(found, key=lambda info: str(info["id"]))},
            "next_file_info_id": "",
            "prev_file_info_id": "",
            "first_inaccessible_file_time": 0,
        },
        headers=[("Cache-Control", "no-cache, no-store, must-revalidate")],
    )
