"""Files in one call: what `client.files` offers beside the server's own operations."""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from typing import Any

from matterapi.models.uploads import FileInfo

from .base import AsyncApi, SyncApi
from .call import decode
from .operations import files as op


def _upload(channel_id: str, files: Sequence[Any]) -> dict[str, Any]:
    return {"channel_id": channel_id, "multipart_data": {"files": list(files)}}


class SyncFileTransfers(SyncApi):
    """Uploads and downloads of the sync client."""

    __slots__ = ()

    def upload(self, channel_id: str, *files: Any) -> list[FileInfo]:
        """Upload files to a channel, streamed in one request.

        Args:
            channel_id: Id of the channel whose posts will show them.
            files: Paths, binary file objects, bytes, or `(name, content)` tuples of these. The server
                attaches at most 10 to a post.

        Returns:
            What the server knows of each file, in the order given. Their ids go into a post's `file_ids`.
        """
        return self._call(op.UPLOAD_FILE, **_upload(channel_id, files)).file_infos or []

    def download(self, file_id: str, to: str | PathLike[str]) -> Path:
        """Download a file to a path, without holding it in memory.

        The file appears at `to` when it is complete; one that is there already is replaced.

        Args:
            file_id: Id of the file (26 characters).
            to: Where to write it.

        Returns:
            `to` as a `Path`.

        Raises:
            LocalFileError: The file cannot be written.
        """
        path = Path(to)
        response = self.client._send(op.GET_FILE, {"file_id": file_id}, None, path)
        decode(op.GET_FILE, response)
        return path


class AsyncFileTransfers(AsyncApi):
    """Uploads and downloads of the async client."""

    __slots__ = ()

    async def upload(self, channel_id: str, *files: Any) -> list[FileInfo]:
        """As `SyncFileTransfers.upload`."""
        return (await self._call(op.UPLOAD_FILE, **_upload(channel_id, files))).file_infos or []

    async def download(self, file_id: str, to: str | PathLike[str]) -> Path:
        """As `SyncFileTransfers.download`."""
        path = Path(to)
        response = await self.client._send(op.GET_FILE, {"file_id": file_id}, None, path)
        decode(op.GET_FILE, response)
        return path
