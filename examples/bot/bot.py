"""A bot that answers `!help`, `!report` and `!deploy` in a thread, a slash command, and its own buttons.

From the environment: MATTERMOST_URL and MATTERMOST_TOKEN (the bot account's), BOT_COMMAND_TOKEN (that of the
slash command), BOT_BUTTON_SECRET (any text), BOT_URL (where Mattermost reaches this program), BOT_PORT.
"""

from __future__ import annotations

import logging
import os
import signal
import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

from app import App

from matterapi import SyncClient
from matterapi.events import Posted
from matterapi.exceptions import MatterapiError
from matterapi.models import Post

HELP = """I know:
* `!help`: this text
* `!report`: who wrote how much in this channel, as a file
* `!deploy`: asks before it does something
* `/bot <text>`: says it back, to you alone"""

log = logging.getLogger("bot")


class Bot:
    """What the bot does.

    Args:
        client: Its client.
        url: Where Mattermost reaches the app with the buttons.
        secret: What shows the app that a button is ours.
    """

    def __init__(self, client: SyncClient, url: str, secret: str) -> None:
        self._client, self._url, self._secret = client, url, secret
        self._commands: dict[str, Callable[[Post], None]] = {
            "!help": lambda post: self._reply(post, HELP),
            "!report": self._report,
            "!deploy": self._deploy,
        }

    def hear(self, post: Post) -> None:
        """Answer a post, if it is a command."""
        first, _, _ = post.message.partition(" ")
        command = self._commands.get(first)
        # Two bots that answer each other never stop.
        if command is None or "from_bot" in post.props:
            return
        try:
            command(post)
        except MatterapiError:
            log.exception("no answer to %s", post.id)

    def to_command(self, user_name: str, text: str) -> str:
        """See `app.Answers`."""
        return f"@{user_name}, you said: {text}" if text else HELP

    def to_button(self, user_name: str, choice: str) -> str:
        """See `app.Answers`."""
        return f"@{user_name} said {choice}."

    def _reply(self, post: Post, message: str, **fields: Any) -> None:
        thread = {"channel_id": post.channel_id, "root_id": post.root_id or post.id}
        self._client.posts.create_post(json_body={**thread, "message": message, **fields})

    def _report(self, post: Post) -> None:
        counts = Counter(one.user_id for one in self._client.posts.iter_channel(post.channel_id))
        users = self._client.users.get_users_by_ids(json_body=list(counts))
        lines = ["user,posts", *(f"{user.username},{counts[user.id]}" for user in users)]
        files = self._client.files.upload(post.channel_id, ("report.csv", "\n".join(lines).encode()))
        self._reply(post, "Here it is.", file_ids=[file.id for file in files])

    def _deploy(self, post: Post) -> None:
        actions = [self._button("yes", "primary"), self._button("no", "default")]
        attachment = {"text": "Shall I deploy to production?", "actions": actions}
        self._reply(post, "", props={"attachments": [attachment]})

    def _button(self, choice: str, style: str) -> dict[str, Any]:
        context = {"secret": self._secret, "choice": choice}
        integration = {"url": f"{self._url}/button", "context": context}
        return {
            "id": choice,
            "name": choice.title(),
            "type": "button",
            "style": style,
            "integration": integration,
        }


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    client = SyncClient.from_env()
    bot = Bot(client, os.environ["BOT_URL"], os.environ["BOT_BUTTON_SECRET"])
    port = int(os.environ.get("BOT_PORT", "8080"))
    app = App(port, os.environ["BOT_COMMAND_TOKEN"], os.environ["BOT_BUTTON_SECRET"], bot)
    with client, app, client.events(Posted, own_posts=False) as stream:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda _number, _frame: stream.stop(drain=10))
        threading.Thread(target=app.serve_forever, daemon=True).start()
        log.info("listening on port %d", app.server_port)
        for event in stream:
            bot.hear(event.post)
        app.shutdown()
    log.info("ended")


if __name__ == "__main__":
    main()
