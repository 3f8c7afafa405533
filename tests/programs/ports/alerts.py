"""As a forwarder of Alertmanager: an alert is a pinned post, edited when it is over, with a reply."""

from __future__ import annotations

from typing import Any, Literal

from typing_extensions import TypedDict

from matterapi import SyncClient
from matterapi.exceptions import ApiError, TransportError
from matterapi.models import Post


class Alert(TypedDict):
    """What Alertmanager sends, as far as it matters."""

    fingerprint: str
    status: Literal["firing", "resolved"]
    labels: dict[str, str]
    annotations: dict[str, str]


COLORS = {"firing": "#d24b4e", "resolved": "#3db887"}


def body_of(alert: Alert) -> dict[str, Any]:
    labels = [
        {"title": name, "value": value, "short": True} for name, value in sorted(alert["labels"].items())
    ]
    attachment = {
        "color": COLORS[alert["status"]],
        "title": alert["annotations"].get("summary", "alert"),
        "fields": labels,
    }
    return {"message": "", "props": {"attachments": [attachment], "fingerprint": alert["fingerprint"]}}


class Forwarder:
    """Alerts of one channel; those that are open are found again after a restart, by what is pinned."""

    def __init__(self, client: SyncClient, channel_id: str) -> None:
        self._client, self._channel_id = client, channel_id
        self.open: dict[str, str] = {}
        for post in client.channels.get_pinned_posts(channel_id):
            fingerprint = post.props.get("fingerprint")
            if isinstance(fingerprint, str):
                self.open[fingerprint] = post.id

    def forward(self, alert: Alert) -> bool:
        """Show an alert; returns whether it was."""
        try:
            post_id = self.open.get(alert["fingerprint"])
            if alert["status"] == "firing" and post_id is None:
                self.open[alert["fingerprint"]] = self._fire(alert).id
            elif alert["status"] == "resolved" and post_id is not None:
                self._resolve(alert, post_id)
                del self.open[alert["fingerprint"]]
        except TransportError:
            return False
        except ApiError as error:
            if not error.retryable:
                raise
            return False
        return True

    def _fire(self, alert: Alert) -> Post:
        priority = "urgent" if alert["labels"].get("severity") == "critical" else "important"
        body = {
            **body_of(alert),
            "channel_id": self._channel_id,
            "metadata": {"priority": {"priority": priority}},
        }
        post = self._client.posts.create_post(json_body=body)
        self._client.posts.pin_post(post.id)
        return post

    def _resolve(self, alert: Alert, post_id: str) -> None:
        self._client.posts.patch_post(post_id, json_body=body_of(alert))
        self._client.posts.unpin_post(post_id)
        reply = {"channel_id": self._channel_id, "root_id": post_id, "message": "It is over."}
        self._client.posts.create_post(json_body=reply)
