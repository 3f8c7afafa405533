"""Channel memberships one by one: what `client.users` offers beside the server's own operations."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

from matterapi.calls.codec import decode_exactly
from matterapi.calls.operation import Operation
from matterapi.calls.stream import AsyncFileStream, FileStream, Stream
from matterapi.decoding.plain_json import parse_json
from matterapi.errors.body import is_error_object
from matterapi.errors.exceptions import DecodeError
from matterapi.errors.from_response import api_error
from matterapi.http.response import Response
from matterapi.models.users import ChannelMemberWithTeamData

from .base import AsyncApi, SyncApi
from .operations import users as op

_ROUTE = op.GET_CHANNEL_MEMBERS_WITH_TEAM_DATA_FOR_USER
_MEMBER = Operation(_ROUTE.route, ChannelMemberWithTeamData)
_LONGEST_LINE = 1024 * 1024


def _values(user_id: str) -> dict[str, Any]:
    # The only page number that is answered with one line for each membership (api4/channel.go).
    return {"user_id": user_id, "page": -1}


class _Lines:
    """Cuts pieces into lines and reads each as a membership."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        # Of the line that has not ended; joined once, however small the pieces are.
        self._begun: list[bytes] = []
        self._length = 0
        self._blank = 0

    def of(self, piece: bytes) -> Iterator[ChannelMemberWithTeamData]:
        """The memberships whose lines end in this piece."""
        first, *others = piece.split(b"\n")
        lines: list[bytes] = []
        self._begun.append(first)
        self._length += len(first)
        if others:
            *whole, rest = others
            lines = [b"".join(self._begun), *whole]
            self._begun, self._length = [rest], len(rest)
        if self._length > _LONGEST_LINE:
            raise self._refusal(f"a line of more than {_LONGEST_LINE} bytes")
        full = [line for line in lines if line.strip()]
        self._blank = 0 if full else self._blank + len(piece)
        if self._blank > _LONGEST_LINE:
            # The caller would wait for a membership as long as they come.
            raise self._refusal(f"more than {_LONGEST_LINE} bytes without a membership")
        return map(self._read, full)

    def last(self) -> Iterator[ChannelMemberWithTeamData]:
        """The membership of a last line without an end."""
        return self.of(b"\n")

    def _refusal(self, what: str) -> DecodeError:
        return DecodeError(what, response=self._stream.response, route=_ROUTE.route)

    def _read(self, line: bytes) -> ChannelMemberWithTeamData:
        head = self._stream.response
        answer = Response(head.status_code, head.headers.multi_items(), line, url=str(head.url))
        if b'"status_code"' in line and _is_error(line):
            raise api_error(answer, _ROUTE.route)
        return decode_exactly(_MEMBER, answer)


def _is_error(line: bytes) -> bool:
    try:
        return is_error_object(parse_json(line))
    except ValueError:
        return False


class SyncMemberships(SyncApi):
    """Memberships of the sync client."""

    def iter_channel_members(self, user_id: str = "me") -> Iterator[ChannelMemberWithTeamData]:
        """All memberships of a user in channels of all teams, each as soon as it is here.

        Beside `get_channel_members_with_team_data_for_user`, which gives pages: this asks for page -1,
        which the server writes as it reads its database. Closing the iterator closes the connection.

        Args:
            user_id: Id of the user (26 characters), or `me`.

        Yields:
            The memberships, in the server's order.

        Raises:
            ApiError: The server refused or failed, also on the way; for a user without any channel it
                answers 404.
            DecodeError: A line is not a membership.
        """
        with FileStream(self.client.sender, _ROUTE, _values(user_id)) as stream:
            lines = _Lines(stream)
            for piece in stream:
                yield from lines.of(piece)
            yield from lines.last()


class AsyncMemberships(AsyncApi):
    """Memberships of the async client."""

    async def iter_channel_members(self, user_id: str = "me") -> AsyncIterator[ChannelMemberWithTeamData]:
        """As `SyncMemberships.iter_channel_members`, for `async for`."""
        async with AsyncFileStream(self.client.sender, _ROUTE, _values(user_id)) as stream:
            lines = _Lines(stream)
            async for piece in stream:
                for member in lines.of(piece):
                    yield member
            for member in lines.last():
                yield member
