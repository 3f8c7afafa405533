"""A bot that reminds: `!remind 10m tea is ready` brings "tea is ready" in ten minutes (s, m, h).

MATTERMOST_URL and MATTERMOST_TOKEN say where and as whom. It lives on one stream of events, whose `wait` ends
when the next reminder is due. Reminders are kept in memory.
"""

from __future__ import annotations

import heapq
import re
import signal
import threading
import time

from matterapi import SyncClient
from matterapi.events import Posted
from matterapi.models import Post

UNITS = {"s": 1, "m": 60, "h": 3600}
REQUEST = re.compile(r"!remind (\d{1,4})([smh]) (.+)", re.DOTALL)


class Reminders:
    """What is due, the next one first."""

    def __init__(self) -> None:
        self._due: list[tuple[float, str, str, str]] = []

    def add(self, post: Post, now: float) -> bool:
        """Take a request in; returns whether the post was one."""
        found = REQUEST.fullmatch(post.message)
        if found is None:
            return False
        at = now + int(found[1]) * UNITS[found[2]]
        heapq.heappush(self._due, (at, post.channel_id, post.root_id or post.id, found[3]))
        return True

    def wait(self, now: float) -> float | None:
        """Seconds until the next one; `None` if there is none."""
        return max(0.0, self._due[0][0] - now) if self._due else None

    def pop(self, now: float) -> dict[str, str] | None:
        """The post for one that is due."""
        if not self._due or self._due[0][0] > now:
            return None
        _, channel_id, root_id, message = heapq.heappop(self._due)
        return {"channel_id": channel_id, "root_id": root_id, "message": message}


def main() -> None:
    reminders, over = Reminders(), threading.Event()
    with SyncClient.from_env() as client, client.events(Posted, own_posts=False) as stream:

        def end(_number: int, _frame: object) -> None:
            over.set()
            stream.stop()

        signal.signal(signal.SIGTERM, end)
        me = client.users.get_user("me")
        stream.ready()
        print("ready", flush=True)
        while not over.is_set():
            # `None` is no event in this time, or the end of the stream.
            event = stream.wait(timeout=reminders.wait(time.monotonic()))
            if event is not None and reminders.add(event.post, time.monotonic()):
                client.reactions.save_reaction(user_id=me.id, post_id=event.post.id, emoji_name="alarm_clock")
            while body := reminders.pop(time.monotonic()):
                client.posts.create_post(json_body=body)


if __name__ == "__main__":
    main()
