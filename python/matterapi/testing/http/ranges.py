"""Parts of a file: Range and If-Range as net/http's ServeContent reads them."""

import secrets
from dataclasses import dataclass
from datetime import timezone
from email.utils import parsedate_to_datetime

from .numerals import parse_int


@dataclass(frozen=True, slots=True)
class ByteRange:
    """Bytes `start` to before `end` of a file of `size` bytes."""

    start: int
    end: int
    size: int

    @property
    def content_range(self) -> str:
        """Value of the header Content-Range."""
        return f"bytes {self.start}-{self.end - 1}/{self.size}"


class RangeError(ValueError):
    """The header cannot be met: 416.

    Attributes:
        beyond: Whether it is well formed and asks for nothing that the file has.
    """

    def __init__(self, text: str, *, beyond: bool = False) -> None:
        super().__init__(text)
        self.beyond = beyond


def parse_ranges(header: str, size: int) -> list[ByteRange]:
    """Return the parts that a Range header asks for; none where the whole file is to be sent.

    Raises:
        RangeError: The header is malformed, or all of its parts begin behind the end.
    """
    if not header:
        return []
    if not header.startswith("bytes="):
        raise RangeError("invalid range")
    parts, beyond = list[ByteRange](), False
    for range_text in header.removeprefix("bytes=").split(","):
        wanted = range_text.strip()
        if not wanted:
            continue
        part = _parse(wanted, size)
        if part is None:
            beyond = True
        else:
            parts.append(part)
    if beyond and not parts:
        if size == 0:
            return []
        raise RangeError("invalid range: failed to overlap", beyond=True)
    if sum(part.end - part.start for part in parts) > size:
        return []
    return parts


def _parse(text: str, size: int) -> ByteRange | None:
    """Read one range; None for one that begins behind the end."""
    first, dash, last = (piece.strip() for piece in text.partition("-"))
    if not dash or not (first or last):
        raise RangeError("invalid range")
    if not first:
        return ByteRange(max(size - _position(last), 0), size, size)
    start, end = _position(first), _position(last) if last else size
    if start >= size:
        return None
    if last and start > end:
        raise RangeError("invalid range")
    return ByteRange(start, min(end + 1, size), size)


def _position(text: str) -> int:
    position = parse_int(text)
    if position is None or position < 0:
        raise RangeError("invalid range")
    return position


def if_range_holds(header: str, last_modified: str) -> bool:
    """Whether the file is still the one that an If-Range header means; files have no ETag."""
    if not header:
        return True
    seconds = http_date(header)
    return seconds is not None and seconds == http_date(last_modified)


def http_date(text: str) -> float | None:
    """Return the seconds since the epoch that a header's date means; None for no date."""
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return moment.replace(tzinfo=moment.tzinfo or timezone.utc).timestamp()


def multipart(body: bytes, parts: list[ByteRange], content_type: str) -> tuple[bytes, str]:
    """Return several parts as one body, and its content type."""
    boundary = secrets.token_hex(30)
    kind = f"Content-Type: {content_type}"
    pieces = [
        f"--{boundary}\r\nContent-Range: {part.content_range}\r\n{kind}\r\n\r\n".encode()
        + body[part.start : part.end]
        for part in parts
    ]
    return b"\r\n".join(
        pieces
    ) + f"\r\n--{boundary}--\r\n".encode(), f"multipart/byteranges; boundary={boundary}"
