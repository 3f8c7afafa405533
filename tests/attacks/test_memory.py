"""A little gzip, more JSON, and a machine full of models: what is made of an answer is bounded."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from functools import cache

import pytest

from matterapi.decoding.plain_json import MAX_DECODED_SIZE
from tests.attacks.apart import End, run_apart
from tests.support.effort import usually
from tests.support.scripted import Connection, answer, scripted

MIB = 1024 * 1024
BOMB = 4 * MIB
LARGE_BOMB = 32 * MIB
"""For what becomes less."""
PART = usually(8, 1)
"""An eighth of the bound, met by an eighth of the bomb, takes an eighth of the time."""
BOUND = MAX_DECODED_SIZE // PART
MOST_MIB = (BOUND / MIB) + usually(32, 64)
"""What values may take, and what a body and its text take beside them."""

NDJSON = "application/x-ndjson"
JSON = "application/json"
OK = "200 OK"
FAILED = "500 Internal Server Error"


def items(item: bytes, join: bytes = b",") -> Callable[[int], bytes]:
    """A maker of repeated items, of as many bytes at least."""
    return lambda size: join.join([item] * (size // (len(item) + len(join)) + 1))


def members(value: bytes) -> Callable[[int], bytes]:
    """A maker of members of an object with keys of their own, likewise."""

    def make(size: int) -> bytes:
        return b",".join(b'"%d":%s' % (n, value) for n in range(size // (len(value) + 10) + 1))

    return make


def around(start: bytes, inner: Callable[[int], bytes], end: bytes) -> Callable[[int], bytes]:
    return lambda size: start + inner(size) + end


EMPTY = around(b"[", items(b"{}"), b"]")
ODD = around(b"[", items(b'{"x":0}'), b"]")
MISFITS = around(b"[", items(b"1"), b"]")

# The call, the status, the content type, the body, and what the call ends in.
BOMBS: dict[str, tuple[str, str, str, Callable[[int], bytes], str]] = {
    "users": ("users", OK, JSON, EMPTY, "DecodeError"),
    "users with unknown fields": ("users", OK, JSON, ODD, "DecodeError"),
    "users that are none": ("users", OK, JSON, MISFITS, "DecodeError"),
    "users of a wrong type": ("users", OK, JSON, around(b'[{"id":0},', items(b"{}"), b"]"), "DecodeError"),
    "posts": ("posts", OK, JSON, around(b'{"order":[],"posts":{', members(b"{}"), b"}}"), "DecodeError"),
    "teams, which pydantic reads": ("teams", OK, JSON, EMPTY, "DecodeError"),
    "members of a channel": ("members", OK, JSON, EMPTY, "DecodeError"),
    "a map": ("map", OK, JSON, around(b'{"c1":[', items(b"{}"), b"]}"), "DecodeError"),
    "free values of the configuration": (
        "configuration", OK, JSON,
        around(b'{"PluginSettings":{"Plugins":{', members(b"{}"), b"}}}"), "DecodeError",
    ),
    "free values in free values": (
        "configuration", OK, JSON,
        around(b'{"x":[', items(b"[[[[[[[[[[[]]]]]]]]]]]"), b"]}"), "DecodeError",
    ),
    "memberships, line by line": ("memberships", OK, NDJSON, items(b"{}", b"\n"), "DecodeError"),
    "memberships that are none": ("memberships", OK, NDJSON, items(b"1", b"\n"), "DecodeError"),
    "an error": ("users", FAILED, JSON, EMPTY, "InternalServerError"),
    "an error of deep lists": (
        "users", FAILED, JSON, around(b"[", items(b"[[[[[[[[[[[]]]]]]]]]]]"), b"]"), "InternalServerError",
    ),
}  # fmt: skip


FEW = ["an error", "memberships, line by line", "posts"]

WAYS = [
    "a map",
    "an error of deep lists",
    "memberships, line by line",
    "posts",
    "teams, which pydantic reads",
]
"""One of each way on which values are made."""

LESS = {"posts", "free values of the configuration", "free values in free values"}


@cache
def packed(name: str, size: int) -> bytes:
    """The whole answer with a bomb of `size` bytes, as it goes over the wire."""
    _, status, content_type, make, _ = BOMBS[name]
    return answer(gzip.compress(make(size)), status, content_type, Content_Encoding="gzip")


def meet(kind: str, name: str, *, most: int = 0, part: int = 1, space: int | None = None) -> End:
    """Let a process apart meet a small bomb, then a large one: `most` is its bound, 0 for none."""

    def script(connection: Connection) -> None:
        for size in (8, (LARGE_BOMB if name in LESS else BOMB) // part):
            if connection.read_request() is not None:
                connection.send(packed(name, size))
        connection.wait_closed()

    with scripted(script) as server:
        return run_apart(
            "tests.attacks.json_bomb", kind, server.url, BOMBS[name][0], str(most), address_space=space
        )


# Both clients decode by the same code: the async one meets every bomb only in the long run.
@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (kind, name)
        for kind in ("sync", "async")
        for name in usually({"sync": BOMBS, "async": FEW}[kind], BOMBS)
    ],
)
def test_a_small_answer_takes_a_bounded_part_of_the_machine(kind: str, name: str) -> None:
    end = meet(kind, name, most=BOUND, part=PART)

    assert end.code == 0, end.errors
    last = end.said.splitlines()[-1]
    assert last.startswith(BOMBS[name][4]), end
    assert end.growth < MOST_MIB, end
    if last.startswith("DecodeError"):
        assert f"{BOUND} bytes" in last, end
        assert "max_decoded_size" in last, end
        assert "/api/v4/" in last, end


@pytest.mark.parametrize("mib", usually([400], [400, 550, 700]))
@pytest.mark.parametrize("name", usually(WAYS, [*BOMBS]))
def test_where_memory_ends_the_call_ends_and_not_the_process(name: str, mib: int) -> None:
    """Without our bound, under one of the machine's, wherever in the work it is met."""
    end = meet("sync", name, space=mib * MIB)

    assert end.code == 0, end
    assert end.said.splitlines()[-1].split()[0] in {
        "MemoryError", "DecodeError", "InternalServerError", "values",
    }, end  # fmt: skip
