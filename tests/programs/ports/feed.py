"""As an RSS bot: what is new of a feed goes through an incoming webhook, as attachments."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass

from matterapi import SyncClient


@dataclass(frozen=True)
class Item:
    """An entry of a feed."""

    key: str
    title: str
    link: str


def items(feed: str) -> Iterator[Item]:
    """The entries of an RSS feed, oldest first."""
    for node in reversed(ET.fromstring(feed).findall("./channel/item")):  # noqa: S314 - of the test
        found = {name: node.findtext(name, "") for name in ("guid", "title", "link")}
        yield Item(found["guid"] or found["link"], found["title"], found["link"])


class Feed:
    """A feed that is shown in a channel."""

    def __init__(self, client: SyncClient, channel_id: str, name: str) -> None:
        self._client, self._name = client, name
        body = {"channel_id": channel_id, "display_name": name, "description": f"What is new on {name}"}
        self._hook = client.webhooks.create_incoming_webhook(json_body=body).id
        self._seen: set[str] = set()

    def show(self, feed: str) -> int:
        """Write what is new; returns how much."""
        new = [item for item in items(feed) if item.key not in self._seen]
        for item in new:
            attachment = {
                "fallback": item.title,
                "title": item.title,
                "title_link": item.link,
                "color": "#ee802f",
            }
            self._client.webhooks.send(self._hook, username=self._name, attachments=[attachment])
            self._seen.add(item.key)
        return len(new)

    def remove(self) -> None:
        self._client.webhooks.delete_incoming_webhook(self._hook)
