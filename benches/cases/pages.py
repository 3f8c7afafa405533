"""What the servers answer, and where: the same for the Rust server and for nginx."""

from __future__ import annotations

import json
from typing import Any

from benches.cases.measure import fingerprint
from benches.cases.post_bytes import post_list

USER_PATH = "/api/v4/users/me"
CREATE_PATH = "/api/v4/posts"
CHANNEL = "c" * 26
CREATED = "deploy of release café is done :rocket:\n> see `#1`"
"""The message of a post that is sent."""

_TIME = 1_767_225_600_000


def posts_path() -> str:
    """Path and query of the list of posts."""
    return f"/api/v4/channels/{CHANNEL}/posts?per_page=200"


def user_page() -> bytes:
    """A user as the server writes one, about 1 kB."""
    settings = {"channel": "true", "comments": "never", "desktop": "mention", "desktop_sound": "true"}
    user = {
        "id": "u" * 26,
        "create_at": _TIME,
        "update_at": _TIME,
        "delete_at": 0,
        "username": "bench",
        "auth_data": "",
        "auth_service": "",
        "email": "bench@example.com",
        "nickname": "Étalon",
        "first_name": "Bench",
        "last_name": "Mark",
        "position": "Measures & compares what a client takes of a machine",
        "roles": "system_user system_post_all team_user",
        "notify_props": settings
        | {"auto_responder_active": "false", "auto_responder_message": "", "desktop_threads": "all"}
        | {
            "email": "true",
            "email_threads": "all",
            "first_name": "false",
            "mention_keys": "bench,@bench,release",
        }
        | {"push": "mention", "push_status": "online", "push_threads": "all"},
        "last_password_update": _TIME,
        "last_picture_update": _TIME,
        "locale": "en",
        "timezone": {
            "automaticTimezone": "Europe/Paris",
            "manualTimezone": "",
            "useAutomaticTimezone": "true",
        },
        "failed_attempts": 0,
        "mfa_active": True,
        "terms_of_service_id": "t" * 26,
        "terms_of_service_create_at": _TIME,
        "remote_id": "",
        "disable_welcome_email": False,
    }
    text = json.dumps(user, ensure_ascii=False, separators=(",", ":"))
    return text.replace("&", "\\u0026").encode() + b"\n"


def pages() -> dict[str, bytes]:
    """The files that a server is given, by name."""
    return {"user.json": user_page(), "posts.json": post_list(0)}


def created_fingerprint(post: dict[str, Any]) -> str:
    """The fingerprint of a post that was sent and came back.

    Ours also sends a `pending_post_id`, so that a repetition is none; no other library does that.
    """
    return fingerprint([post["channel_id"], post["message"]])
