"""Every cell of the README's table is so: found out from the installed packages, or measured."""

from __future__ import annotations

import inspect
import re
from importlib import metadata
from typing import TYPE_CHECKING, Any

import mattermostautodriver
import mattermostdriver
import pytest

import matterapi
from codegen.load import read_yaml
from matterapi import SyncClient
from matterapi.models import Post
from matterapi.testing.faults import Status
from tests.docs.peers import LIBRARIES, ROOT, call, interpreter, methods, reached

if TYPE_CHECKING:
    from matterapi.testing import MattermostServer

# Theirs: the old interfaces of the libraries that they use.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

COLUMNS = ("matterapi", *LIBRARIES)
README = (ROOT / "README.md").read_text("utf-8")
peers = pytest.mark.parametrize("library", LIBRARIES)


def rows(text: str, section: str) -> dict[str, list[str]]:
    """The rows of the first table of a section, by their first cell without its link."""
    table = re.search(r"(?:^\|.*\n)+", text.partition(f"## {section}\n")[2], re.MULTILINE)
    assert table
    lines = [[one.strip() for one in line[1:-1].split("|")] for line in table[0].splitlines()]
    return {re.sub(r" \(\[.*", "", cells[0]): cells[1:] for cells in lines if set(cells[0]) != set("-")}


TABLE = rows(README, "Why")


def cell(row: str, library: str) -> str:
    return TABLE[row][COLUMNS.index(library)]


def shown(number: int) -> str:
    return f"{number:,}"


def read_surface() -> dict[str, Any]:
    """The public names of 0.5.0."""
    return dict(read_yaml((ROOT / "tests" / "contract" / "surface_0_5_0.yaml").read_text("utf-8")))


def installed(library: str) -> None:
    if interpreter(library) is None:
        pytest.skip(f"{library} is not here: `python -m benches` makes an environment with it")


def call_once_refused(
    server: MattermostServer, library: str, route: str, name: str, arguments: Any
) -> tuple[dict[str, Any], int]:
    """What becomes of a call that is answered with 503 at first, and how often it was sent."""
    installed(library)
    before = len(server.requests.matching(route))
    with server.faults.add(Status(503), route=route, times=1):
        found = call(library, server.url, server.admin.token, name, arguments)
    return found, len(server.requests.matching(route)) - before


def test_the_columns_are_these_libraries() -> None:
    assert tuple(TABLE[""]) == COLUMNS
    for library in ("mattermostautodriver", "mattermostdriver"):
        assert f"{library} {metadata.version(library)}" in re.sub(r"\s+", " ", README)


@pytest.mark.parametrize("library", COLUMNS)
def test_operations_that_can_be_reached(library: str) -> None:
    row = "operations of server 11.11 that its methods reach"
    assert cell(row, library) == shown(len(reached(library)))


@peers
def test_what_create_post_gives(server: MattermostServer, library: str) -> None:
    installed(library)
    body = {"channel_id": server.factory.channel()["id"], "message": "hello"}
    found = call(library, server.url, server.admin.token, "create_post", body)
    assert found["type"] == ("Post" if library == "matterapi 0.5.0" else "dict")
    assert cell("what `create_post` gives", library).startswith(
        "`Post`" if found["type"] == "Post" else "a dict"
    )


def test_what_create_post_gives_here_and_gave_in_0_5_0() -> None:
    # `Always[str]` is `str` for type checkers (tests/typing).
    assert "    id: Always[str] =" in inspect.getsource(Post)
    # Without a mark that says it is required.
    assert "id" in read_surface()["models"]["Post"]
    assert cell("what `create_post` gives", "matterapi") == "`Post`, its `id` a `str`"
    assert cell("what `create_post` gives", "matterapi 0.5.0") == "`Post`, its `id` maybe `None`"


def test_asyncio() -> None:
    has = {
        "matterapi": hasattr(matterapi, "AsyncClient"),
        "mattermostautodriver": hasattr(mattermostautodriver, "AsyncTypedDriver"),
        "mattermostdriver": any("async" in name.lower() for name in dir(mattermostdriver)),
        "matterapi 0.5.0": "AsyncClient" in read_surface()["modules"]["matterapi"],
    }
    assert {library: cell("asyncio", library) for library in COLUMNS} == {
        library: "yes" if has[library] else "no" for library in COLUMNS
    }


def test_posts_lost_are_those_of_the_measurement() -> None:
    page = (ROOT / "docs" / "explanation" / "delivery.md").read_text("utf-8")
    measured = rows(page, "What others lose")
    lost = dict(zip(measured[""], measured["posts lost"], strict=True))
    assert TABLE["posts lost of 1,200, two minutes of cuts"] == [lost[library] for library in COLUMNS]
    assert set(measured["posts written"]) == {"1,200"}


@peers
@pytest.mark.parametrize(
    ("row", "route", "name"),
    [
        ("a read that is answered with 503", "GET /api/v4/users/{user_id}", "users.get_user"),
        ("a new post that is answered with 503", "POST /api/v4/posts", "create_post"),
    ],
)
def test_what_is_sent_again(server: MattermostServer, library: str, row: str, route: str, name: str) -> None:
    body = {"channel_id": server.factory.channel()["id"], "message": "hello"}
    arguments = body if name == "create_post" else ["me"]
    found, sent = call_once_refused(server, library, route, name, arguments)
    assert cell(row, library) == {1: "raises", 2: "sent again"}[sent]
    assert ("error" in found) == (sent == 1)


def test_what_is_sent_again_here(server: MattermostServer) -> None:
    client = SyncClient(server.url, token=server.admin.token)
    channel_id = server.factory.channel()["id"]
    with server.faults.add(Status(503), route="GET /api/v4/users/{user_id}", times=1) as rule:
        assert client.users.get_user("me").id == server.admin.id
        assert rule.fired
    with server.faults.add(Status(503), route="POST /api/v4/posts", times=1) as rule:
        client.posts.create_post(json_body={"channel_id": channel_id, "message": "once"})
        assert rule.fired
    messages = [post.message for post in client.posts.iter_channel(channel_id)]
    assert messages.count("once") == 1
    assert cell("a read that is answered with 503", "matterapi") == "sent again"
    assert cell("a new post that is answered with 503", "matterapi") == "sent again, made once"


USERS = 65
ROW = f"all of a list of {USERS} users"


def populate(server: MattermostServer) -> None:
    there = len(list(SyncClient(server.url, token=server.admin.token).users.iter_users()))
    server.factory.users(USERS - there)


@peers
def test_a_call_for_a_list_gives_a_page(server: MattermostServer, library: str) -> None:
    installed(library)
    populate(server)
    found = call(library, server.url, server.admin.token, "users.get_users", [])
    assert found == {"type": "list", "size": 60}
    assert cell(ROW, library) == "page by page"
    if library != "matterapi 0.5.0":
        assert [name for name in methods(library) if name.partition(".")[2].startswith("iter")] == []


def test_an_iterator_gives_the_whole_list(server: MattermostServer) -> None:
    populate(server)
    client = SyncClient(server.url, token=server.admin.token)
    assert len(client.users.get_users()) == 60
    assert len(list(client.users.iter_users())) == USERS
    assert cell(ROW, "matterapi") == "`iter_users()`"


@pytest.mark.parametrize(
    ("row", "case"),
    [
        ("calls a second, one after the other", "sync call in a session, typed User"),
        ("calls a second, 64 at a time", "64 async calls in flight, typed User"),
        ("lists of 200 posts a second", "sync list of 200 posts in a session, typed"),
    ],
)
def test_speed_is_that_of_the_benchmark(row: str, case: str) -> None:
    text = (ROOT / "benches" / "README.md").read_text("utf-8")
    _, _, after = text.partition(f"| {case} ")
    figures = re.findall(r"\| (matterapi(?: 0.5.0)?) +\| ([\d,]+) ", after)[:2]
    assert figures == [(library, cell(row, library)) for library in ("matterapi", "matterapi 0.5.0")]
    assert cell(row, "mattermostautodriver") == cell(row, "mattermostdriver") == "not measured"
