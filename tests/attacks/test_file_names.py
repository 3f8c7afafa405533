"""Names of files and fields arrive as they are, by the rules of the server's own parser."""

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matterapi import SyncClient
from matterapi.client.exceptions import InvalidRequest
from matterapi.testing.http.multipart import parse_multipart
from tests.attacks.conftest import Attack
from tests.support.go_mime import read_part
from tests.support.scripted import scripted
from tests.wire.test_files import Uploads

UNCHANGED = [
    "a.txt",
    "end\\",
    "\\",
    "\\\\\\",
    'a"b',
    '"',
    '\\"',
    '"; filename="other',
    "C:\\folder\\file.txt",
    "a\tb",
    " a ",
    "a;b=c, (d) [e] <f>?",
    "a%22b%0Ac",
    "写真.png",
    "é\\",
    "😀",
    "a\u0085b\u2028c",
    "\\" * 999,
]
# The rest of ASCII's control characters no header can carry: they go out as browsers send a line's end.
CONTROLS = {chr(code): f"%{code:02X}" for code in [*range(1, 9), *range(10, 32), 0, 127]}


def heads(body: bytes) -> list[bytes]:
    """The head of each part of a form."""
    boundary = body.partition(b"\r\n")[0]
    parts = body.split(boundary + b"\r\n")[1:]
    return [part.partition(b"\r\n\r\n")[0] for part in parts]


async def sent(attack: Attack, data: dict[str, Any]) -> tuple[bytes, str]:
    uploads = Uploads()
    with attack(uploads) as (_, client):
        await client.files.upload_file(channel_id="c1", multipart_data=data)
    fields, body = uploads.requests[0]
    return body, fields["content-type"]


@pytest.mark.parametrize("name", UNCHANGED)
async def test_a_name_comes_out_of_gos_parser_as_it_is(attack: Attack, name: str) -> None:
    body, content_type = await sent(attack, {"files": (name, b"content"), name: b"field's file"})
    assert [read_part(head) for head in heads(body)] == [("files", name), (name, "upload")]
    parts = parse_multipart(content_type, body)
    assert [(part.name, part.filename) for part in parts] == [("files", name), (name, "upload")]


async def test_a_name_that_ends_in_a_backslash_keeps_its_quotes_closed(attack: Attack) -> None:
    body, _ = await sent(attack, {"files": ("end\\", b"content")})
    assert b'name="files"; filename="end\\\\"\r\n' in body


async def test_a_quote_is_escaped_and_not_percent_encoded(attack: Attack) -> None:
    body, _ = await sent(attack, {"files": ('a"b', b"content")})
    assert b'filename="a\\"b"\r\n' in body


@pytest.mark.parametrize("control", CONTROLS, ids=ascii)
async def test_a_control_character_never_makes_go_refuse_the_form(attack: Attack, control: str) -> None:
    name = f"a{control}\\{control}"
    shown = f"a{CONTROLS[control]}\\{CONTROLS[control]}"
    body, _ = await sent(attack, {"files": (name, b"content"), name: "plain"})
    assert [read_part(head) for head in heads(body)] == [(shown, None), ("files", shown)]


async def test_a_path_is_sent_under_its_own_name(attack: Attack, tmp_path: Path) -> None:
    path = tmp_path / 'say "hi"\\'
    path.write_bytes(b"content")
    uploads = Uploads()
    with attack(uploads) as (_, client):
        await client.files.upload("c1", path)
    assert [read_part(head) for head in heads(uploads.requests[0][1])] == [("files", path.name)]


@pytest.mark.parametrize("resumable", [False, True])
async def test_a_name_that_no_server_can_be_told_is_an_invalid_request(
    attack: Attack, resumable: bool
) -> None:
    with attack(Uploads()) as (_, client):
        with pytest.raises(InvalidRequest, match=r"filename|name|JSON"):
            await client.files.upload("c1", ("a\udcff.txt", b"content"), resumable=resumable)
        with pytest.raises(InvalidRequest, match=r"filename|name|JSON"):
            await client.files.upload_file(channel_id="c1", multipart_data={"a\udcff": b"content"})


def test_any_name_comes_out_of_gos_parser() -> None:
    uploads = Uploads()
    with scripted(uploads) as server:
        client = SyncClient(options={"url": server.url, "auth": {"token": "t" * 26}})

        @given(st.text(min_size=1))
        def check(name: str) -> None:
            client.files.upload_file(channel_id="c1", multipart_data={"files": b"", name: "plain"})
            ((found, file_name), file) = [read_part(head) for head in heads(uploads.requests.pop()[1])]
            assert found == re.sub(r"[\x00-\x08\x0a-\x1f\x7f]", lambda c: f"%{ord(c[0]):02X}", name)
            assert (file_name, file) == (None, ("files", "upload"))

        check()
