from __future__ import annotations

import gzip
import io
import json
import logging
import socket
import tarfile
from collections.abc import Iterator

import msgpack
import pytest

from matterapi.testing import MattermostServer
from matterapi.testing.catalogue.operations import Operation, bundled
from matterapi.testing.catalogue.web_routes import WEB_OPERATIONS
from matterapi.testing.http.encoding import MAX_DEPTH
from matterapi.testing.rest.registry import handlers
from tests.emulator.peer import Socket

from .odd import FEW, WHOLE, Client, bodies, furnish, nested, path_of

# These end the session, or give the server settings that the other requests do not get along with.
ENDING = {
    "Logout",
    "RevokeAllSessions",
    "RevokeSession",
    "RevokeSessionsFromAllUsers",
    "DeleteUser",
    "UpdateConfig",
    "UpdateUserActive",
    "UpdateUserAuth",
    "ConvertUserToBot",
}


@pytest.fixture(scope="module")
def worn() -> Iterator[tuple[Client, dict[str, str]]]:
    """A server for whatever odd requests do to it, with ids by parameter."""
    with MattermostServer() as server, Client(server) as client:
        yield client, furnish(client)


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    with MattermostServer() as server, Client(server) as client:
        yield client


@pytest.fixture(scope="module")
def ids(client: Client) -> dict[str, str]:
    return furnish(client)


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> Iterator[None]:
    """Nothing is said of what strangers send."""
    yield
    logged = [one.getMessage() for one in caplog.get_records("call") if one.levelno >= logging.ERROR]
    assert not logged, logged[:5]
    assert capfd.readouterr().err == ""


def _operations() -> list[Operation]:
    every = [*bundled().operations, *WEB_OPERATIONS]
    return sorted(
        (one for one in every if one.id not in ENDING), key=lambda one: (one.verb == "DELETE", one.id)
    )


def test_no_odd_body_ends_in_a_traceback(worn: tuple[Client, dict[str, str]]) -> None:
    client, ids = worn
    wrong = []
    for operation in _operations():
        path = path_of(operation, ids)
        handled = operation.id in handlers()
        whole = (WHOLE if handled else FEW) if operation.body else FEW[:1]
        sent = [*whole, *(bodies(operation, ids) if handled else ())]
        wrong += [client.fails(operation.verb, path, body) for body in sent]
    assert not [one for one in wrong if one][:10]


def test_what_odd_bodies_left_behind_can_be_shown(worn: tuple[Client, dict[str, str]]) -> None:
    client, ids = worn
    reading = [one for one in _operations() if one.verb == "GET" and one.body is None]
    wrong = [client.fails("GET", path_of(operation, ids)) for operation in reading]
    assert not [one for one in wrong if one][:10]


def test_no_odd_query_ends_in_a_traceback(worn: tuple[Client, dict[str, str]]) -> None:
    client, ids = worn
    wrong = []
    for operation in _operations():
        for param in operation.query if operation.id in handlers() else ():
            for value in ("--5", "9" * 5_000, "%D9%A3", "%ff", "%ED%A0%80", "%00"):
                path = f"{path_of(operation, ids)}?{param.name}={value}"
                wrong.append(client.fails(operation.verb, path))
    assert not [one for one in wrong if one][:10]


@pytest.mark.parametrize("extra", [b'{"attachments":%b}', b'{"attachments":[{"fields":%b,"actions":%b}]}'])
def test_no_odd_attachment_ends_in_a_traceback(client: Client, ids: dict[str, str], extra: bytes) -> None:
    wrong = []
    for odd in (b"true", b"5", b'"x"', b"{}", b"[5]", b"[null]", b"[[]]", b'["x"]', nested(300)):
        props = extra.replace(b"%b", odd)
        post = b'{"channel_id":"%b","message":"x","props":%b}' % (ids["channel_id"].encode(), props)
        wrong.append(client.fails("POST", "/api/v4/posts", post))
        hooked = props.replace(b"{", b'{"text":"x",', 1)
        wrong.append(client.fails("POST", f"/hooks/{ids['hook_id']}", hooked))
    wrong.append(client.fails("GET", f"/api/v4/channels/{ids['channel_id']}/posts"))
    assert not [one for one in wrong if one]


ODD_HEADERS = [
    ("Content_Type", "multipart/form-data; boundary=\xff"),
    ("Content_Type", 'multipart/form-data; boundary=""'),
    ("Range", f"bytes={'9' * 5_000}-"),
    ("Range", "bytes=--5"),
    ("If_Range", "Mon, 01 Jan 99999999999999 00:00:00 GMT"),
    ("If_Modified_Since", "Mon, 01 Jan 99999999999999 00:00:00 GMT"),
    ("If_Modified_Since", "Mon, 01 Jan 0001 00:00:00 GMT"),
    ("Origin", "\xff"),
    ("Authorization", "Bearer \xff"),
    ("Cookie", "MMAUTHTOKEN=\xff"),
    ("Accept_Encoding", "gzip;q=1e999"),
]


@pytest.mark.parametrize(("name", "value"), ODD_HEADERS)
def test_no_odd_header_ends_in_a_traceback(
    client: Client, ids: dict[str, str], name: str, value: str
) -> None:
    upload = f"/api/v4/files?filename=a.png&channel_id={ids['channel_id']}"
    file_id = json.loads(client.call("POST", upload, b"content")[1])["file_infos"][0]["id"]
    asked = [
        ("GET", f"/api/v4/files/{file_id}", None),
        ("GET", "/api/v4/websocket", None),
        ("POST", "/api/v4/files", b"x"),
        ("POST", f"/hooks/{ids['hook_id']}", b"x"),
    ]
    wrong = [client.fails(verb, path, body, **{name: value}) for verb, path, body in asked]
    assert not [one for one in wrong if one]


def _bundle(manifest: bytes, *, size: int = 0, kind: bytes = tarfile.REGTYPE) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz", compresslevel=1) as archive:
        for name, content in (("filler", bytes(size)), ("plugin.json", manifest)):
            member = tarfile.TarInfo(name)
            member.size, member.type = len(content), tarfile.REGTYPE if name == "filler" else kind
            member.linkname = "/etc/passwd" if kind == tarfile.SYMTYPE else ""
            archive.addfile(member, io.BytesIO(content))
    return packed.getvalue()


def _form(name: str, content: bytes, filename: str = '; filename="x"') -> bytes:
    head = f'--BB\r\nContent-Disposition: form-data; name="{name}"{filename}\r\n\r\n'.encode()
    return head + content + b"\r\n--BB--\r\n"


FORM = {"Content_Type": "multipart/form-data; boundary=BB"}
ODD_PARTS = [
    b"",
    b"\xff\xfe",
    nested(2_000),
    b"5",
    b'{"name":5}',
    gzip.compress(b"x"),
    _bundle(nested(2_000)),
    _bundle(b'{"id":"\\ud800"}'),
    _bundle(b'{"id":5,"name":[],"settings_schema":{"settings":5}}'),
    _bundle(b'{"id":"a","props":{"n":123456789012345678901234567890}}'),
    _bundle(b"", kind=tarfile.SYMTYPE),
]


def test_no_odd_form_ends_in_a_traceback(client: Client, ids: dict[str, str]) -> None:
    wrong = []
    for operation in bundled().operations:
        if operation.body is None or operation.body.kind != "multipart":
            continue
        path = path_of(operation, ids)
        for part in ODD_PARTS:
            for name in (*operation.body.files, "emoji", "channel_id", "client_ids"):
                wrong.append(client.fails(operation.verb, path, _form(name, part), **FORM))
                wrong.append(client.fails(operation.verb, path, _form(name, part, ""), **FORM))
    wrong += [client.fails("GET", f"/api/v4/plugins{end}") for end in ("", "/statuses", "/marketplace")]
    assert not [one for one in wrong if one][:10]


def test_a_bundle_that_unpacks_to_too_much_is_refused(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("matterapi.testing.effects.plugin_bundles._MOST_UNPACKED", 1024 * 1024)
    small = _bundle(b'{"id":"small","version":"1"}', size=500_000)
    bomb = _bundle(b'{"id":"bomb","version":"1"}', size=5_000_000)
    statuses = [
        client.call("POST", "/api/v4/plugins", _form("plugin", one), **FORM)[0] for one in (small, bomb)
    ]
    assert statuses == [201, 400]


RAW = [
    b"GET /\xff HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET http://[ HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\nnothing\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 20_000 + b"\r\n\r\n",
    b"POST /api/v4/users/login HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    b"POST /api/v4/users/login HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n{",
    b"POST /api/v4/users/login HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
    b"POST /api/v4/users/login HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
]


@pytest.mark.parametrize("sent", RAW, ids=range(len(RAW)))
def test_broken_http_is_told_to_the_client_alone(client: Client, sent: bytes) -> None:
    with socket.create_connection(("127.0.0.1", client.server.port), timeout=20) as raw:
        raw.sendall(sent)
        raw.shutdown(socket.SHUT_WR)
        answer = b"".join(iter(lambda: raw.recv(65536), b""))
    assert answer == b"" or answer.startswith((b"HTTP/1.1 400", b"HTTP/1.0 400"))


def test_json_is_read_to_a_stated_depth(client: Client, ids: dict[str, str]) -> None:
    def post(levels: int) -> tuple[int, bytes]:
        # The body itself and its props are two of the levels.
        props = b'{"deep":%b}' % nested(levels - 2)
        body = b'{"channel_id":"%b","message":"x","props":%b}' % (ids["channel_id"].encode(), props)
        return client.call("POST", "/api/v4/posts", body)

    status, answer = post(MAX_DEPTH)
    assert status == 201
    assert client.call("GET", f"/api/v4/posts/{json.loads(answer)['id']}")[0] == 200
    status, answer = post(MAX_DEPTH + 1)
    assert (status, json.loads(answer)["id"]) == (400, "api.context.invalid_body_param.app_error")


def test_brackets_in_texts_and_behind_the_value_are_no_depth(client: Client, ids: dict[str, str]) -> None:
    message = ("[{" * 200 + '\\"' + "[" * 200 + "\\\\").encode()
    body = b'{"channel_id":"%b","message":"%b"}' % (ids["channel_id"].encode(), message)
    for behind in (b"", b"[" * 500):
        status, answer = client.call("POST", "/api/v4/posts", body + behind)
        assert (status, json.loads(answer)["message"]) == (201, json.loads(b'"%b"' % message))


FRAMES = [
    nested(2_000),
    nested(2_000, b"") + b"x",
    b'{"seq":1,"action":"ping","data":' + b'{"a":' * 500 + b"1" + b"}" * 500 + b"}",
    b"null",
    b"[]",
    b"5",
    b"NaN",
    b"9" * 5_000,
    b'{"seq":1e400}',
    b'{"seq":123456789012345678901234567890,"action":"ping"}',
    b'{"seq":1,"action":"\\ud800"}',
    b'{"seq":1,"action":"ping\xff"}',
    b'{"seq":1,"action":"get_statuses_by_ids","data":{"user_ids":[[],{},null,"\\ud800"]}}',
    b'{"seq":1,"action":"user_typing","data":{"channel_id":[],"parent_id":{}}}',
    b'{"seq":1,"action":"presence","data":{"channel_id":{},"is_thread_view":[]}}',
    b'{"seq":1,"action":"posted_notify_ack","data":{"status":[]}}',
    b'{"seq":1,"action":"authentication_challenge","data":{"token":{"\\ud800":[]}}}',
]


@pytest.mark.parametrize("opcode", [0x1, 0x2], ids=["text", "binary"])
def test_no_odd_frame_ends_in_a_traceback(client: Client, opcode: int) -> None:
    deep = b"\x91" * 2_000 + b"\xc0"
    packed = [msgpack.packb({"seq": 1, "action": "ping", "data": one}) for one in (None, 5, b"\xff", [])]
    frames = (
        FRAMES
        if opcode == 0x1
        else [*FRAMES, deep, b"\x81" * 2_000, b"\xc1", b"\xc7\x0c\xff" + b"\xff" * 12, *packed]
    )
    for frame in frames:
        with Socket(client.server.port, client.server.admin.token) as link:
            link.event("hello")
            link.send_frame(opcode, frame)
            link.send_frame(0x8, b"")
            while link.frame() is not None:
                pass
