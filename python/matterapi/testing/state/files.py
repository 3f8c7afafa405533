"""Uploaded files and upload sessions."""

import mimetypes
import struct

from matterapi.testing.http.encoding import JsonObject

MIN_FIRST_PART = 5 * 1024 * 1024

_PNG = b"\x89PNG\r\n\x1a\n"
_GIF = (b"GIF87a", b"GIF89a")
_PICTURES = (_PNG, *_GIF, b"\xff\xd8\xff", b"BM", b"II*\x00", b"MM\x00*")


class Files:
    """File infos and contents by id, and upload sessions with what has arrived of them."""

    def __init__(self) -> None:
        self.infos: dict[str, JsonObject] = {}
        self.contents: dict[str, bytes] = {}
        self.uploads: dict[str, JsonObject] = {}
        self.imports: dict[str, bytes] = {}
        self.parts: dict[str, bytearray] = {}

    def add(self, info: JsonObject, content: bytes) -> None:
        """Store a file."""
        self.infos[info["id"]] = info
        self.contents[info["id"]] = content

    def remove_user(self, user_id: str) -> None:
        """Forget all files of a user, and his upload sessions."""
        for file_id in [info["id"] for info in self.infos.values() if info["user_id"] == user_id]:
            del self.infos[file_id], self.contents[file_id]
        for upload_id in [upload["id"] for upload in self.uploads.values() if upload["user_id"] == user_id]:
            del self.uploads[upload_id], self.parts[upload_id]

    def of_post(self, post: JsonObject) -> list[JsonObject]:
        """Return the infos of a post's files, in the post's order; deleted ones are left out."""
        infos = (self.infos.get(file_id) for file_id in post["file_ids"] or ())
        return [info for info in infos if info is not None and not info["delete_at"]]


def new_file_info(
    file_id: str, now: int, *, user_id: str, channel_id: str, name: str, content: bytes
) -> JsonObject:
    """Return the record of a new file; keys in the server's order, `post_id` and sizes only when known."""
    extension = name.rpartition(".")[2].lower() if "." in name else ""
    info: JsonObject = {
        "id": file_id,
        "user_id": user_id,
        "post_id": "",
        "channel_id": channel_id,
        "create_at": now,
        "update_at": now,
        "delete_at": 0,
        "name": name,
        "extension": extension,
        "size": len(content),
        "mime_type": mime_type(name),
    }
    size = image_size(content)
    if size:
        info["width"], info["height"] = size
        info["has_preview_image"] = True
    return {**info, "mini_preview": None, "remote_id": "", "archived": False}


def render_file_info(info: JsonObject) -> JsonObject:
    """Return a file info as the server shows it: without an empty `post_id`."""
    return info if info["post_id"] else {key: value for key, value in info.items() if key != "post_id"}


def mime_type(name: str) -> str:
    """Return the type the server gives a file: by its name alone."""
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return f"{kind}; charset=utf-8" if kind.startswith("text/") else kind


def is_picture(content: bytes) -> bool:
    """Whether a server can read the picture: an SVG, for one, it cannot (app/imaging)."""
    return content.startswith(_PICTURES) or (content[:4] == b"RIFF" and content[8:12] == b"WEBP")


def image_size(content: bytes) -> tuple[int, int] | None:
    """Return width and height in pixels of a PNG or GIF, None for anything else."""
    if content.startswith(_PNG) and len(content) >= 24:
        width, height = struct.unpack(">II", content[16:24])
        return width, height
    if content.startswith(_GIF) and len(content) >= 10:
        width, height = struct.unpack("<HH", content[6:10])
        return width, height
    return None


def new_upload(upload_id: str, now: int, user_id: str, fields: JsonObject) -> JsonObject:
    """Return the record of a new upload session; keys in the server's order.

    An import belongs to no channel; a name is that of a file without its folders, "." for an empty one.
    """
    is_import = fields.get("type") == "import"
    channel = {} if is_import else {"channel_id": fields["channel_id"]}
    name = str(fields.get("filename") or "").rstrip("/").rpartition("/")[2]
    return {
        "id": upload_id,
        "type": "import" if is_import else "attachment",
        "create_at": now,
        "user_id": user_id,
        **channel,
        "filename": name or ".",
        "file_size": fields["file_size"],
        "file_offset": 0,
        "remote_id": "",
        "req_file_id": "",
    }
