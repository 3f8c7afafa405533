"""NUL and line breaks, wherever a caller can put them: they end up as data, or nothing is sent."""

from typing import Any
from urllib.parse import parse_qs

import pytest

from matterapi.client import exceptions as e
from tests.support.go_mime import read_part
from tests.support.scripted import Connection, answer, scripted
from tests.wire.test_files import Uploads

INJECTED = "X-Injected: 1"
BREAKS = {
    "CR LF": f"a\r\n{INJECTED}\r\n\r\nbody",
    "LF": f"a\n{INJECTED}",
    "CR": f"a\r{INJECTED}",
    "NUL": f"a\0{INJECTED}",
}
NOWHERE = "http://127.0.0.1:1"

every_break = pytest.mark.parametrize("text", BREAKS.values(), ids=BREAKS)


class Heads:
    """Answers every request, and keeps its line, header fields and body."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, dict[str, str], bytes]] = []

    def __call__(self, connection: Connection) -> None:
        while (request := connection.read_request()) is not None:
            self.requests.append(request)
            connection.send(answer(Token="made"))


@every_break
@pytest.mark.parametrize("option", ["headers", "cookies"])
def test_no_name_of_an_option_has_them(connect: Any, option: str, text: str) -> None:
    for given in ({text: "v"}, [(text, "v")], {text.encode(): "v"}):
        with pytest.raises(ValueError, match=option):
            connect(NOWHERE, httpx_client_options={option: given})


@every_break
@pytest.mark.parametrize("option", ["headers", "cookies"])
def test_no_value_of_an_option_has_them_and_the_error_does_not_show_it(
    connect: Any, option: str, text: str
) -> None:
    for given in ({"own": text}, [("own", text)], {b"own": text.encode()}):
        with pytest.raises(ValueError, match=f"{option}.*'own'") as caught:
            connect(NOWHERE, httpx_client_options={option: given})
        assert INJECTED not in str(caught.value)


@every_break
def test_no_text_of_parameters_has_them(connect: Any, text: str) -> None:
    with pytest.raises(ValueError, match=r"params.*percent-encoded"):
        connect(NOWHERE, httpx_client_options={"params": f"own={text}"})


@every_break
@pytest.mark.parametrize("option", ["url", "ws_url"])
@pytest.mark.parametrize(
    "url", ["{}", "http{}://h", "http://{}", "http://h/{}", "http://h:{}", "unix:///run/{}"]
)
def test_no_url_has_them(connect: Any, option: str, url: str, text: str) -> None:
    hostile = url.format(text.replace(" ", ""))  # a blank would be reason enough
    if option == "ws_url":
        hostile = hostile.replace("http", "ws")
    with pytest.raises(ValueError, match=option):
        connect(**{"url": NOWHERE, option: hostile})


@every_break
def test_no_token_has_them_and_the_error_does_not_show_it(connect: Any, text: str) -> None:
    with pytest.raises(ValueError, match=r"auth\['token'\]") as caught:
        connect(NOWHERE, {"token": text})
    assert INJECTED not in str(caught.value)


@every_break
async def test_path_query_and_params_carry_them_encoded(connect: Any, text: str) -> None:
    heads = Heads()
    http = {"params": {text: text}, "auth": (text.replace(":", ""), text)}
    with scripted(heads) as server:
        client = connect(server.url, {}, httpx_client_options=http)
        await client.users.get_user(text)
        await client.users.get_users(in_team=text, sort=text)
    assert len(heads.requests) == 2
    for line, headers, body in heads.requests:
        assert len(line.split(" ")) == 3
        assert line.isprintable()
        assert "x-injected" not in headers
        assert body == b""
        assert INJECTED not in str(headers)
        assert parse_qs(line.split(" ")[1].partition("?")[2])[text] == [text]


@every_break
async def test_a_login_carries_them_as_json(connect: Any, text: str) -> None:
    heads = Heads()
    with scripted(heads) as server:
        client = connect(server.url, {"login_id": text, "password": text, "mfa_token": lambda: text})
        await client.users.get_user("me")
    (line, headers, body), _ = heads.requests
    assert line == "POST /api/v4/users/login HTTP/1.1"
    assert "x-injected" not in headers
    assert body.isascii()
    assert body.decode().isprintable()


HOSTILE_NAMES = [
    *BREAKS.values(),
    'a"b.txt',
    "--boundary",
    "a; name=other",
    "\\",
    "😀.png",
]


@pytest.mark.parametrize("name", HOSTILE_NAMES)
@pytest.mark.parametrize("how", ["drop-in", "helper", "field"])
async def test_no_name_splits_a_part_or_adds_a_header(connect: Any, name: str, how: str) -> None:
    uploads = Uploads()
    with scripted(uploads) as server:
        files = connect(server.url).files
        if how == "drop-in":
            await files.upload_file(channel_id="c1", multipart_data={"files": {name: b"content"}})
        elif how == "helper":
            await files.upload("c1", (name, b"content"))
        else:
            await files.upload_file(channel_id="c1", multipart_data={name: ("a", b"content")})
    headers, body = uploads.requests[0]
    assert "x-injected" not in headers
    heads, rest = body.split(b"\r\n\r\n", 1)
    assert rest.startswith(b"content\r\n--")
    assert len(heads.split(b"\r\n")) == 3, heads
    assert not set(b"\r\n\0") & set(heads.replace(b"\r\n", b""))
    field, file_name = read_part(heads.partition(b"\r\n")[2])
    escaped = name.replace("\r", "%0D").replace("\n", "%0A").replace("\0", "%00")
    expected = {"drop-in": (escaped, escaped), "helper": ("files", escaped), "field": (escaped, "a")}
    assert (field, file_name) == expected[how]


@every_break
async def test_a_plain_field_carries_them_as_they_are(connect: Any, text: str) -> None:
    uploads = Uploads()
    with scripted(uploads) as server:
        await connect(server.url).files.upload_file(multipart_data={"files": b"x", text: text})
    (name, file_name, content), file = uploads.parts()
    assert name == text.replace("\r", "%0D").replace("\n", "%0A").replace("\0", "%00")
    assert (file_name, content) == (None, text.encode())
    assert file == ("files", "upload", b"x")


@pytest.mark.parametrize(
    "media_type", [*(f"text/plain{text}" for text in BREAKS.values()), "plain", "text/é"]
)
async def test_a_content_type_that_is_none_is_refused(connect: Any, media_type: str) -> None:
    heads = Heads()
    with scripted(heads) as server:
        files = connect(server.url).files
        with pytest.raises(e.InvalidRequest, match="content type"):
            await files.upload("c1", ("a", b"x", media_type))
        with pytest.raises(e.InvalidRequest, match="content type"):
            await files.upload_file(multipart_data={"files": ("a", b"x", media_type)})
    assert heads.requests == []


@pytest.mark.parametrize(
    "media_type", ["text/plain", "text/plain; charset=utf-8", "image/svg+xml", 'x/y ; a="b c"']
)
async def test_a_content_type_goes_out_as_it_is(connect: Any, media_type: str) -> None:
    uploads = Uploads()
    with scripted(uploads) as server:
        await connect(server.url).files.upload("c1", ("a", b"x", media_type))
    assert f"\r\nContent-Type: {media_type}\r\n\r\n".encode() in uploads.requests[0][1]
