"""Who writes and who listens, where."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from .rest import Rest

PASSWORD = "Survival-Password-1"


@dataclass(frozen=True)
class Scene:
    """A public, a private and a direct channel of the writer and a listener.

    Attributes:
        channels: Their ids.
        listener: The listener's token.
    """

    channels: list[str]
    listener: str


def set_up(admin: Rest) -> Scene:
    """Make the channels and the listener, who is new; the writer is the admin himself.

    Raises:
        Refused: The token is not one of a system admin.
    """
    suffix = secrets.token_hex(6)
    writer = admin.call("GET", "/users/me")["id"]
    name = f"survivor-{suffix}"
    account = {"username": name, "email": f"{name}@example.org", "password": PASSWORD}
    user = admin.call("POST", "/users", account)["id"]
    team = admin.call(
        "POST", "/teams", {"name": f"survival-{suffix}", "display_name": "Survival", "type": "O"}
    )
    admin.call("POST", f"/teams/{team['id']}/members", {"team_id": team["id"], "user_id": user})
    channels = []
    for kind in "OP":
        wanted = {
            "team_id": team["id"],
            "name": f"{kind.lower()}-{suffix}",
            "display_name": kind,
            "type": kind,
        }
        channel = admin.call("POST", "/channels", wanted)["id"]
        admin.call("POST", f"/channels/{channel}/members", {"user_id": user})
        channels.append(channel)
    channels.append(admin.call("POST", "/channels/direct", [writer, user])["id"])
    listener = Rest(admin.url)
    listener.log_in(name, PASSWORD)
    listener.close()
    return Scene(channels, listener.token)
