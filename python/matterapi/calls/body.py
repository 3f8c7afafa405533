"""What a call sends, in the form that the core takes."""

from __future__ import annotations

from collections.abc import AsyncIterable, Callable, Iterator
from inspect import Parameter
from pathlib import Path
from typing import Any, BinaryIO, Literal, NamedTuple, TypeAlias

from matterapi._core import Feed

Source: TypeAlias = bytes | Path | BinaryIO | Iterator[bytes] | AsyncIterable[bytes] | Feed
"""Where bytes come from. All but bytes are read while they are sent; iterators, once only."""

Progress: TypeAlias = Callable[[int, int | None], object]
"""Called with the bytes done and the bytes to do in all; the latter is `None` where nobody knows it."""


EITHER: Any = Parameter.empty
"""Default of a body that is needed unless `json_body` is given; signatures show it as required."""


class Part(NamedTuple):
    """One part of a multipart body.

    Attributes:
        name: Name of the form field.
        filename: Name of the file, or `None` for a plain field.
        content_type: Content type, or `None` for a plain field.
        source: The content.
    """

    name: str
    filename: str | None
    content_type: str | None
    source: Source


class Body(NamedTuple):
    """The body of a request.

    Attributes:
        kind: `json` and `raw` have `data`, `multipart` has `parts`.
        content_type: Content type; `None` for multipart, whose boundary the core chooses.
        data: The content.
        start: First byte of `data` to send; not 0 only for content that can be read from there.
        parts: Plain fields first, then files: only so does the server stream the files
            (uploadFileMultipart, api4/file.go).
        keyed: Whether it holds a key by which the server recognises it when it is sent again.
    """

    kind: Literal["json", "raw", "multipart"]
    content_type: str | None
    data: Source = b""
    parts: tuple[Part, ...] = ()
    start: int = 0
    keyed: bool = False
