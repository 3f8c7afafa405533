"""Long messages in parts that the server takes, with their code blocks whole."""

from __future__ import annotations

import re
from typing import NamedTuple

MOST_CHARACTERS = 16_383
"""Characters (code points) of a message that the server takes, unless its database is older.

PostMessageMaxRunesV2 in model/post.go; its client config says the number that holds, as `MaxPostSize`.
"""

_SMALLEST_LIMIT = 16
_FENCE = re.compile(r"(?P<indent>[ \t]*)(?P<mark>`{3,}|~{3,})(?P<info>.*)", re.DOTALL)


class _Fence(NamedTuple):
    """An open code block."""

    opening: str
    """The line that opens it again."""
    indent: str
    mark: str

    @property
    def closing(self) -> str:
        return f"{self.indent}{self.mark}"


def split_message(message: str, limit: int = MOST_CHARACTERS) -> list[str]:
    """Cut a message into parts of at most `limit` characters, at the ends of lines where that is possible.

    A code block that does not fit into a part is closed there and opened again in the next, with its
    language. But for these lines the parts joined are the message. A longer line is cut behind a space, or
    anywhere if it has none.

    Args:
        message: The text, in Mattermost's Markdown.
        limit: The most characters (code points) of a part, at least 16.

    Returns:
        The parts, in order; a message that fits comes back as the only one.

    Raises:
        ValueError: `limit` is too small.
    """
    if limit < _SMALLEST_LIMIT:
        raise ValueError(f"a part has at least {_SMALLEST_LIMIT} characters, not {limit}")
    if len(message) <= limit:
        return [message]
    splitter = _Splitter(limit)
    for line in re.findall(r"[^\n]*\n|[^\n]+", message):
        splitter.add(line)
    return splitter.finish()


class _Splitter:
    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.parts: list[str] = []
        self.lines: list[str] = []
        self.length = 0
        self.fence: _Fence | None = None
        self.begun = 0
        """Lines at the end of the part that only open a block: one or none. It is not left empty."""
        self.repeated = 0
        """Lines at the begin of the part that the message has not: one that opens a block again, or none."""

    def add(self, line: str) -> None:
        """Take a line of the message, with its end."""
        after = self._after(line)
        if self.length + len(line) > self._room(after) and len(self.lines) > self.begun + self.repeated:
            self._cut()
        while self.length + len(line) > self._room(after):
            head, line = _head(line, self._room(after) - self.length)
            self._take(head)
            self._cut()
        self._take(line)
        self.begun = 1 if after is not None and after is not self.fence else 0
        self.fence = after

    def finish(self) -> list[str]:
        """The parts."""
        self.parts.append("".join(self.lines))
        return self.parts

    def _room(self, fence: _Fence | None) -> int:
        """Characters of a part, without those that close its block."""
        return self.limit - (len(fence.closing) + 1 if fence else 0)

    def _take(self, line: str) -> None:
        self.lines.append(line)
        self.length += len(line)
        self.begun = 0

    def _after(self, line: str) -> _Fence | None:
        """The block that is open behind a line."""
        match = _FENCE.match(line)
        # A longer one is text: opened and closed again it would fill a part.
        if match is None or len(line) > self.limit // 4:
            return self.fence
        mark, info = match["mark"], match["info"].strip()
        if self.fence is not None:
            closes = mark.startswith(self.fence.mark) and not info
            return None if closes else self.fence
        if mark[0] == "`" and "`" in info:
            return None
        return _Fence(line.rstrip("\r\n") + "\n", match["indent"], mark)

    def _cut(self) -> None:
        """End the part, and its block with it, which the next begins with."""
        fence, begun = self.fence, self.begun
        following = self.lines[len(self.lines) - begun :]
        lines = self.lines[: len(self.lines) - begun]
        if fence is not None and not begun:
            lines.append(fence.closing if lines[-1].endswith("\n") else f"\n{fence.closing}")
            following = [fence.opening]
        self.parts.append("".join(lines))
        self.repeated = 1 if fence is not None and not begun else 0
        self.lines, self.length = following, sum(map(len, following))


def _head(line: str, room: int) -> tuple[str, str]:
    """The longest beginning of a line that fits, and the rest, which does not begin like a code block."""
    end = line.rfind(" ", room // 2, room) + 1 or room
    while end > 1 and _FENCE.match(line[end:]):
        end -= 1
    return line[:end], line[end:]
