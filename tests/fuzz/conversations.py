"""Whole websocket conversations as broken servers, proxies and attackers might hold them."""

from __future__ import annotations

import json
import random
import struct
from collections.abc import Callable
from typing import NamedTuple

from .answers import ENDS, FIN, KEEP, Answer, make_answer
from .bodies import recorded_bodies
from .mutations import ODD, mutate

_CLOSE_CODES = (0, 999, 1000, 1001, 1004, 1005, 1006, 1008, 1009, 1011, 1012, 1015, 1100, 3000, 4001, 65535)
_HANDSHAKE_FIELDS = (
    "Sec-WebSocket-Extensions: permessage-deflate",
    "Sec-WebSocket-Protocol: chat",
    "Sec-WebSocket-Version: 12",
    "Connection: close",
    "X-Long: " + "x" * 20000,
    "X-Bytes: \xff",
)
_HELLO = {
    "event": "hello",
    "data": {"server_version": "11.2.0", "connection_id": "c" * 26},
    "broadcast": {},
    "seq": 0,
}


class Conversation(NamedTuple):
    """What a server says to an upgrade and after it.

    Attributes:
        refusal: An answer instead of 101, if there is one.
        fields: Further fields of the 101.
        accept: Whether its key is right.
        frames: The bytes after it, piece by piece.
        end: How it ends, as an answer's.
    """

    refusal: Answer | None
    fields: tuple[str, ...]
    accept: bool
    frames: tuple[bytes, ...]
    end: str


def make_conversation(rng: random.Random) -> Conversation:
    """A conversation that is wrong in a few ways; sometimes in none."""
    refusal = make_answer(rng) if rng.random() < 0.1 else None
    fields = tuple(rng.sample(_HANDSHAKE_FIELDS, 1)) if rng.random() < 0.08 else ()
    frames = [_text(json.dumps(_HELLO).encode())] if rng.random() < 0.85 else []
    frames += [_frame(rng) for _ in range(rng.choice((0, 1, 2, 5, 20)))]
    end = rng.choice(ENDS)
    return Conversation(refusal, fields, rng.random() > 0.03, tuple(frames), FIN if end == KEEP else end)


def _frame(rng: random.Random) -> bytes:
    (make,) = rng.choices(list(_FRAMES), list(_FRAMES.values()))
    return make(rng)


def _event(rng: random.Random) -> bytes:
    post = rng.choice(recorded_bodies())[1].decode("utf-8", "replace")[:5000]
    shapes: tuple[object, ...] = (
        {
            "event": "posted",
            "data": {"post": post},
            "broadcast": {"channel_id": "c"},
            "seq": rng.randrange(9),
        },
        {"event": "typing", "data": {}, "broadcast": None, "seq": -1},
        {"event": "custom_x_y", "data": {"a": [1, None]}, "broadcast": {}, "seq": 2**70},
        {"event": "posted"},
        {"event": None, "data": None},
        {"event": 5, "seq": "x"},
        {"event": "posted", "data": []},
        {"status": "OK", "seq_reply": rng.randrange(9)},
        {"status": "FAIL", "error": {"id": "x", "message": "no\n\x1b", "status_code": 401}, "seq_reply": 1},
        {"status": "OK", "data": {"text": "pong"}},
        {"seq_reply": 1},
        _HELLO,
        {**_HELLO, "data": {"server_version": "v" * 50000, "connection_id": 7}},
        {"event": "hello", "data": "x"},
        [],
        [_HELLO],
        5,
        "posted",
        None,
        {},
    )
    return json.dumps(rng.choice(shapes), ensure_ascii=rng.random() < 0.5).encode()


def _text(payload: bytes) -> bytes:
    return frame(1, payload)


def frame(opcode: int, payload: bytes, first: int = 0x80, mask: bool = False) -> bytes:
    """A frame as a server sends it; `first`: the bits beside the opcode."""
    size = len(payload)
    bit = 0x80 if mask else 0
    if size < 126:
        length = bytes([bit | size])
    elif size < 65536:
        length = bytes([bit | 126]) + struct.pack(">H", size)
    else:
        length = bytes([bit | 127]) + struct.pack(">Q", size)
    return bytes([first | opcode]) + length + (bytes(4) if mask else b"") + payload


def _fragments(rng: random.Random, payload: bytes) -> bytes:
    size = rng.choice((1, 50, 1000))
    parts = [payload[at : at + size] for at in range(0, len(payload), size)][:300]
    sent = [frame(1 if n == 0 else 0, part, first=0) for n, part in enumerate(parts)]
    if rng.random() < 0.2:
        sent.insert(rng.randrange(len(sent) + 1), frame(9, b"in between"))
    return b"".join(sent) + (frame(0, b"") if rng.random() < 0.8 else b"")


def _broken(rng: random.Random) -> bytes:
    """What no peer may send (RFC 6455, sections 5.2, 5.4, 5.5)."""
    broken = (
        frame(1, b"\xff\xfe"),
        frame(1, b"{}", mask=True),
        frame(1, b"{}", first=0xC0),
        frame(1, b"{}", first=0xF0),
        frame(3, b"{}"),
        frame(11, b"{}"),
        frame(0, b"{}"),
        frame(9, b"x", first=0),
        b"\x81\x7f" + b"\xff" * 8,
        b"\x81\x7f" + struct.pack(">Q", 2**40),
        b"\x81\x7e\x00\x05hello",
        bytes(rng.randrange(256) for _ in range(rng.choice((1, 3, 40)))),
    )
    return rng.choice(broken)


def _control(rng: random.Random) -> bytes:
    return frame(rng.choice((9, 10)), bytes(rng.choice((0, 5, 125, 126)))) * rng.choice((1, 1, 500))


def _close(rng: random.Random) -> bytes:
    reason = rng.choice((b"", b"bye", b"\x1b[31m\xff", b"Bearer " + b"t" * 100))
    code = struct.pack(">H", rng.choice(_CLOSE_CODES))
    return frame(8, rng.choice((b"", b"\x03", code + reason)))


_FRAMES: dict[Callable[[random.Random], bytes], int] = {
    lambda rng: _text(_event(rng)): 40,
    lambda rng: _text(mutate(rng, _event(rng), rng.choice(recorded_bodies())[1])): 15,
    lambda rng: _text(rng.choice(ODD)): 10,
    lambda rng: frame(2, _event(rng)): 6,
    lambda rng: _fragments(rng, _event(rng)): 8,
    _control: 7,
    _close: 6,
    _broken: 8,
}
"""How frames are made, by how often."""
