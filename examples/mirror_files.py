"""Keeps a copy of the files of a channel in a folder: python mirror_files.py <team> <channel> <folder>.

What is there in full is not fetched again, so it may run as often as you like. MATTERMOST_URL and
MATTERMOST_TOKEN say where and as whom. Files are streamed to disk; a download that is cut goes on.
"""

from __future__ import annotations

import sys
from pathlib import Path

from matterapi import SyncClient
from matterapi.models import FileInfo


def target(folder: Path, file: FileInfo) -> Path:
    """Where a file is kept: below its id, as names repeat; without what would lead out of the folder."""
    name = Path((file.name or "file").replace("\\", "/")).name
    return folder / file.id / (name if name.strip(".") else "file")


def main(team_name: str, channel_name: str, folder: str) -> None:
    fetched = kept = 0
    with SyncClient.from_env() as client:
        channel = client.channels.get_channel_by_name_for_team_name(team_name, channel_name)
        for post in client.posts.iter_channel(channel.id):
            for file_id in post.file_ids or []:
                file = client.files.get_file_info(file_id)
                path = target(Path(folder), file)
                if path.exists() and path.stat().st_size == file.size:
                    kept += 1
                    continue
                path.parent.mkdir(parents=True, exist_ok=True)
                client.files.download(file_id, path)
                fetched += 1
    print(f"{fetched} fetched, {kept} there already")


if __name__ == "__main__":
    main(*sys.argv[1:])
