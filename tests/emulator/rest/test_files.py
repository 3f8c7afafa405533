from __future__ import annotations

import json
from typing import Any

import pytest

from matterapi.testing.catalogue.samples import PNG
from matterapi.testing.http.multipart import MultipartError, parse_multipart
from tests.emulator.peer import ID, Answer, Peer

BOUNDARY = "b0undary"
MIB5 = 5 * 1024 * 1024


def _form(*parts: tuple[str, str | None, bytes]) -> bytes:
    body = b""
    for name, filename, content in parts:
        file = f'; filename="{filename}"' if filename is not None else ""
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{file}\r\n\r\n'
        body += head.encode() + content + b"\r\n"
    return body + f"--{BOUNDARY}--\r\n".encode()


def _send(peer: Peer, path: str, *parts: tuple[str, str | None, bytes]) -> Answer:
    headers = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    return peer.call("POST", f"/api/v4{path}", _form(*parts), headers=headers)


def _names(answer: Answer) -> list[str]:
    assert answer.status == 201, answer.body
    return [info["name"] for info in answer.json["file_infos"]]


def test_a_form_with_the_channel_first_takes_any_file_field(member: Peer, channel: Any) -> None:
    answer = _send(
        member,
        "/files",
        ("channel_id", None, channel["id"].encode()),
        ("client_ids", None, b"c1"),
        ("client_ids", None, b"c2"),
        ("first", "a.txt", b"hello"),
        ("second", "b.png", PNG),
    )
    assert _names(answer) == ["a.txt", "b.png"]
    assert answer.json["client_ids"] == ["c1", "c2"]
    text, image = answer.json["file_infos"]
    assert (text["size"], text["mime_type"]) == (5, "text/plain; charset=utf-8")
    assert (image["width"], image["height"], image["has_preview_image"]) == (1, 1, True)
    assert "post_id" not in text


def test_with_the_channel_in_the_query_other_plain_fields_are_refused(member: Peer, channel: Any) -> None:
    path = f"/files?channel_id={channel['id']}"
    assert _names(_send(member, path, ("upload1.png", "upload1.png", PNG))) == ["upload1.png"]
    assert _send(member, path, ("x", None, b"y"), ("f", "a.txt", b"z")).status == 400


def test_a_form_with_files_first_takes_the_field_files_only(member: Peer, channel: Any) -> None:
    where = ("channel_id", None, channel["id"].encode())
    assert _names(_send(member, "/files", ("files", "a.txt", b"x"), where, ("more", None, b"y"))) == ["a.txt"]
    assert _names(_send(member, "/files", ("other", "a.txt", b"x"), where)) == []


def test_a_raw_body_is_one_file_named_in_the_query(member: Peer, channel: Any) -> None:
    path = f"/files?channel_id={channel['id']}&filename=a%20b.pdf&client_id=c"
    answer = member.post(path, b"%PDF-1.4")
    assert _names(answer) == ["a b.pdf"]
    assert answer.json["client_ids"] == ["c"]
    assert member.post(path, b"").error_id == "api.file.upload_file.read_request.app_error"
    assert member.post("/files?filename=x", b"x").error_id == "api.context.invalid_url_param.app_error"
    assert member.post(f"/files?channel_id={ID}&filename=x", b"x").status == 403


def test_a_file_comes_back_whole_in_part_or_not_at_all(member: Peer, channel: Any) -> None:
    path = f"/files?channel_id={channel['id']}&filename=a%20%22b%22.txt"
    info = member.post(path, b"0123456789").json["file_infos"][0]
    path = f"/files/{info['id']}"
    whole = member.get(path)
    assert whole.body == b"0123456789"
    assert whole.headers["Content-Disposition"] == (
        "attachment;filename=\"a%20%22b%22.txt\"; filename*=UTF-8''a%20%22b%22.txt"
    )
    part = member.get(path, Range="bytes=2-5")
    assert (part.status, part.body, part.headers["Content-Range"]) == (206, b"2345", "bytes 2-5/10")
    assert member.get(path, Range="bytes=-3").body == b"789"
    beyond = member.get(path, Range="bytes=99-")
    assert (beyond.status, beyond.headers["Content-Range"]) == (416, "bytes */10")
    modified = whole.headers["Last-Modified"]
    assert member.get(path, If_Modified_Since=modified).status == 304
    for kind in ("thumbnail", "preview"):
        assert member.get(f"{path}/{kind}").status == 400
    assert member.get(f"{path}/info").json["name"] == 'a "b".txt'


def test_a_public_link_works_without_a_session(member: Peer, channel: Any) -> None:
    path = f"/files?channel_id={channel['id']}&filename=a.txt"
    file_id = member.post(path, b"open").json["file_infos"][0]["id"]
    link = member.get(f"/files/{file_id}/link").json["link"]
    public = link.removeprefix(member.server.url)
    assert Peer(member.server).call("GET", public).body == b"open"
    wrong = Peer(member.server).call("GET", f"/files/{file_id}/public?h=wrong")
    assert (wrong.status, wrong.headers["Content-Type"]) == (400, "text/html")


def test_posting_attaches_ones_own_free_files_and_drops_other_ids(
    admin: Peer, member: Peer, channel: Any
) -> None:
    path = f"/files?channel_id={channel['id']}&filename=a.txt"
    mine = member.post(path, b"x").json["file_infos"][0]["id"]
    other = admin.post(path, b"x").json["file_infos"][0]["id"]
    body = {"channel_id": channel["id"], "message": "", "file_ids": [mine, other, ID]}
    post = member.post("/posts", body).json
    assert post["file_ids"] == [mine]
    assert post["metadata"]["files"][0]["post_id"] == post["id"]
    assert member.get(f"/posts/{post['id']}/files/info").json[0]["id"] == mine
    again = member.post("/posts", {**body, "file_ids": [mine]}).json
    assert again["file_ids"] is None


def test_an_upload_in_parts_is_204_until_it_is_whole(member: Peer, admin: Peer, channel: Any) -> None:
    size = MIB5 + 700
    body = {"channel_id": channel["id"], "filename": "big.bin", "file_size": size}
    upload = member.post("/uploads", body)
    assert upload.status == 201
    path = f"/uploads/{upload.json['id']}"
    small = member.post(path, b"x" * (MIB5 - 1))
    assert (small.status, small.error_id) == (400, "app.upload.upload_data.first_part_too_small.app_error")
    first = member.post(path, b"x" * MIB5)
    assert (first.status, first.body) == (204, b"")
    assert member.get(path).json["file_offset"] == MIB5
    long = member.post(path, b"x" * 701)
    assert long.error_id == "api.upload.upload_data.invalid_content_length"
    rest = _send(member, path, ("data", "x.bin", b"y" * 700))
    assert (rest.status, rest.json["size"], rest.json["name"]) == (200, size, "big.bin")
    assert member.get(path).status == 404
    assert admin.get("/users/me/uploads").json == []


def test_an_upload_is_its_creators_and_below_the_limit(member: Peer, stranger: Peer, channel: Any) -> None:
    body = {"channel_id": channel["id"], "filename": "a", "file_size": 3}
    upload = member.post("/uploads", body).json
    assert stranger.get(f"/uploads/{upload['id']}").error_id == "api.upload.get_upload.forbidden.app_error"
    large = member.post("/uploads", {**body, "file_size": 10**12})
    assert (large.status, large.error_id) == (413, "api.upload.create.upload_too_large.app_error")
    assert member.post(f"/uploads/{upload['id']}", b"abc").json["size"] == 3


def _emoji(name: str, creator: Peer) -> bytes:
    return json.dumps({"name": name, "creator_id": creator.get("/users/me").json["id"]}).encode()


def test_an_emoji_of_another_or_without_an_image_is_refused(admin: Peer, member: Peer) -> None:
    foreign = _send(admin, "/emoji", ("image", "e.png", PNG), ("emoji", None, _emoji("party", member)))
    assert (foreign.status, foreign.error_id) == (403, "api.emoji.create.other_user.app_error")
    bare = _send(admin, "/emoji", ("emoji", None, _emoji("party", admin)))
    assert (bare.status, bare.error_id) == (400, "api.context.invalid_body_param.app_error")


def test_an_emoji_is_made_from_a_form_and_found_again(admin: Peer, stranger: Peer) -> None:
    made = _send(admin, "/emoji", ("image", "e.png", PNG), ("emoji", None, _emoji("party", admin)))
    assert made.status == 200
    assert stranger.get(f"/emoji/{made.json['id']}/image").body == PNG
    assert stranger.get("/emoji/name/party").json == made.json
    assert stranger.delete(f"/emoji/{made.json['id']}").status == 403
    twice = _send(admin, "/emoji", ("image", "e.png", PNG), ("emoji", None, _emoji("party", admin)))
    assert twice.error_id == "api.emoji.create.duplicate.app_error"
    builtin = _send(admin, "/emoji", ("image", "e.png", PNG), ("emoji", None, _emoji("smile", admin)))
    assert builtin.error_id == "model.emoji.system_emoji_name.app_error"


def test_a_form_is_split_at_its_boundary_only() -> None:
    tricky = b"--other\r\n\r\n--b0undary inside"
    content_type = f'multipart/form-data; boundary="{BOUNDARY}"'
    (part,) = parse_multipart(content_type, _form(("files", r"a\"\\\b%22.txt", tricky)))
    assert (part.name, part.filename, part.content) == ("files", r'a"\\b%22.txt', tricky)
    for wrong_type, body in (("multipart/form-data", b""), (content_type, b"nonsense")):
        with pytest.raises(MultipartError):
            parse_multipart(wrong_type, body)
