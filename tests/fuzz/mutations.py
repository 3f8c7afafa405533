"""Damage to a body: what broken servers, proxies and attackers might send."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from typing import TypeAlias

Mutation: TypeAlias = Callable[[random.Random, bytes, bytes], bytes]
"""Makes a body of a body; the second one is another body to take pieces from."""

ODD_NUMBERS = (
    b"NaN", b"Infinity", b"-Infinity", b"1e400", b"-1e400", b"1e-400", b"-0", b"-0.0", b"00", b"1.", b".5",
    b"1E+2", b"1" * 30, b"-" + b"9" * 400, b"1" * 5000, b"0.1234567890123456789012345",
    b"9223372036854775808",
)  # fmt: skip
ODD_TEXTS = (
    b'""', b'"\\ud800"', b'"\\udc00\\ud83d"', b'"\\ud83d\\ude00"', b'"\\u0000"', b'"\\u12"', b'"\\x"',
    b'"\\', b"\\ud800", b"\\udfff", b"\\/", b"\xef\xbb\xbf", b"\xff", b"\xc0\x80", b"\xed\xa0\x80",
    b"\xf4\x90\x80\x80", b"\x00", b"\n", b"\x1f", b"\x7f", b'"', b'"' + b"x" * 70000 + b'"',
)  # fmt: skip
ODD_SHAPES = (
    b"null", b"true", b"fals", b"{}", b"[]", b"[null]", b'{"a":1,"a":2}', b'"id":"x",', b",", b":", b"//",
    b" ", b"[" * 127, b"[" * 130 + b"]" * 130, b'{"a":' * 300, b"[" * 20000,
)  # fmt: skip
ODD = ODD_NUMBERS + ODD_TEXTS + ODD_SHAPES
"""Tokens that are no JSON, or JSON of which parsers disagree."""

_VALUE = re.compile(rb'(?<=[:,\[])("(?:[^"\\]|\\.)*"|[\w.+-]+|\{\}|\[\])')


def mutate(rng: random.Random, content: bytes, other: bytes) -> bytes:
    """`content` with a few pieces of damage; sometimes none."""
    for _ in range(rng.choice((0, 0, 1, 1, 1, 2, 4))):
        content = rng.choice(_MUTATIONS)(rng, content, other)
    return content


def _flip(rng: random.Random, content: bytes, other: bytes) -> bytes:
    at = rng.randrange(len(content) + 1)
    return content[:at] + bytes([rng.randrange(256)]) + content[at + 1 :]


def _truncate(rng: random.Random, content: bytes, other: bytes) -> bytes:
    return content[: rng.randrange(len(content) + 1)]


def _insert(rng: random.Random, content: bytes, other: bytes) -> bytes:
    at = rng.choice((0, len(content), rng.randrange(len(content) + 1)))
    return content[:at] + rng.choice(ODD) + content[at:]


def _remove(rng: random.Random, content: bytes, other: bytes) -> bytes:
    start = rng.randrange(len(content) + 1)
    return content[:start] + content[start + rng.randrange(1, 9) :]


def _splice(rng: random.Random, content: bytes, other: bytes) -> bytes:
    at, start = rng.randrange(len(content) + 1), rng.randrange(len(other) + 1)
    return content[:at] + other[start : start + rng.randrange(200)] + content[at:]


def _replace_value(rng: random.Random, content: bytes, other: bytes) -> bytes:
    """Another value in the place of one: the text mostly stays JSON."""
    found = _pick_value(rng, content)
    taken = _pick_value(rng, other)
    new = rng.choice(ODD) if taken is None or rng.random() < 0.5 else taken.group()
    return content if found is None else content[: found.start()] + new + content[found.end() :]


def _repeat_member(rng: random.Random, content: bytes, other: bytes) -> bytes:
    """A member twice: a duplicate key, if an object was hit."""
    commas = [at for at in range(len(content)) if content[at : at + 1] == b","]
    if len(commas) < 2:
        return content
    index = rng.randrange(len(commas) - 1)
    member = content[commas[index] : commas[index + 1]]
    return content[: commas[index]] + member + content[commas[index] :]


def _pick_value(rng: random.Random, content: bytes) -> re.Match[bytes] | None:
    # From a random place on, so that a long body costs no more than a short one.
    return _VALUE.search(content, rng.randrange(len(content) + 1)) or _VALUE.search(content)


_MUTATIONS: tuple[Mutation, ...] = (
    _flip,
    _truncate,
    _insert,
    _remove,
    _splice,
    _replace_value,
    _replace_value,
    _replace_value,
    _repeat_member,
)
