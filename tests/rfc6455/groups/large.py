"""Large messages, and such as are larger than the client takes."""

from __future__ import annotations

from tests.rfc6455.case import BINARY, TEXT, AnyCase, LargeCase

KIB, MIB = 1024, 1024 * 1024
LIMIT = 8 * MIB
"""Bytes of the largest message and frame that the client takes (docs/reference/limits.md)."""

_SIZES = (64 * KIB, 256 * KIB, MIB, 4 * MIB, LIMIT)
_FRAMES = (64, 256, KIB, 4 * KIB, 16 * KIB, 64 * KIB, 256 * KIB, MIB, 4 * MIB)
_PIECES = (64, 128, 256, 512, 1024, 2048)

CASES: list[AnyCase] = [
    *(LargeCase(f"9.1.{n}", TEXT, size) for n, size in enumerate(_SIZES, 1)),
    *(LargeCase(f"9.2.{n}", BINARY, size) for n, size in enumerate(_SIZES, 1)),
    *(LargeCase(f"9.3.{n}", TEXT, 4 * MIB, in_frames_of=size) for n, size in enumerate(_FRAMES, 1)),
    *(LargeCase(f"9.4.{n}", BINARY, 4 * MIB, in_frames_of=size) for n, size in enumerate(_FRAMES, 1)),
    *(LargeCase(f"9.5.{n}", TEXT, MIB, in_pieces_of=size) for n, size in enumerate(_PIECES, 1)),
    *(LargeCase(f"9.6.{n}", BINARY, MIB, in_pieces_of=size) for n, size in enumerate(_PIECES, 1)),
    LargeCase("9.7.1", TEXT, LIMIT + 1, close=1009),
    LargeCase("9.7.2", TEXT, 16 * MIB, close=1009),
    LargeCase("9.7.3", BINARY, LIMIT + 1, close=1009),
    LargeCase("9.7.4", BINARY, 16 * MIB, close=1009),
    LargeCase("9.8.1", TEXT, LIMIT, in_frames_of=64 * KIB),
    LargeCase("9.8.2", TEXT, LIMIT + 1, in_frames_of=64 * KIB, close=1009),
    LargeCase("9.8.3", TEXT, 16 * MIB, in_frames_of=MIB, close=1009),
]
