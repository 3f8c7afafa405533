"""Deactivates the users whose names stand in a file, one a line: python deactivate_users.py <file> [--do-it].

Without `--do-it` it only says what it would do. MATTERMOST_URL and MATTERMOST_TOKEN say where, and as which
system admin.
"""

from __future__ import annotations

import sys
from pathlib import Path

from matterapi import SyncClient
from matterapi.exceptions import ApiError, ResourceNotFound


def deactivate(client: SyncClient, name: str, do_it: bool) -> str:
    """Deactivate a user, and say what came of it."""
    try:
        user = client.users.get_user_by_username(name)
    except ResourceNotFound:
        return "unknown"
    if user.delete_at:
        return "inactive already"
    if not do_it:
        return "to be deactivated"
    try:
        client.users.update_user_active(user.id, active=False)
    except ApiError as error:
        return f"refused: {error.error_id}, request {error.request_id}"
    return "deactivated"


def main(path: str, *flags: str) -> None:
    names = [name.strip().removeprefix("@") for name in Path(path).read_text("utf-8").splitlines()]
    with SyncClient.from_env() as client:
        me = client.users.get_user("me")
        for name in filter(None, names):
            what = (
                "left alone: it is you"
                if name == me.username
                else deactivate(client, name, "--do-it" in flags)
            )
            print(f"{name}: {what}")


if __name__ == "__main__":
    main(*sys.argv[1:])
