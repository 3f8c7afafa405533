"""Posting through incoming webhooks: what `client.webhooks` offers beside the server's own operations."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from matterapi.calls.body import Body
from matterapi.calls.codec import decode, encode
from matterapi.calls.operation import Operation
from matterapi.errors.exceptions import DecodeError, InvalidRequest
from matterapi.http.response import Response
from matterapi.models.commands import MessageAttachment

from .base import AsyncApi, SyncApi

Attachments: TypeAlias = Sequence[MessageAttachment | Mapping[str, Any]]

_SEND = Operation("POST /hooks/{hook_id}", Response)
_ID = re.compile(r"[a-z0-9]{26}")


def _values(server: str, hook: str) -> dict[str, str]:
    if _ID.fullmatch(hook):
        return {"hook_id": hook}
    hook_id = hook.removeprefix(f"{server}/hooks/") if hook.startswith(f"{server}/hooks/") else ""
    if not _ID.fullmatch(hook_id):
        # The URL itself is a credential: who has it may post.
        raise InvalidRequest(
            "give the id of an incoming webhook (26 characters), or its URL on the server of this client, "
            f"which begins with {server}/hooks/",
            route=_SEND.route,
        )
    return {"hook_id": hook_id}


def _body(text: str | None, attachments: Attachments | None, others: dict[str, Any]) -> Body | None:
    if not text and not attachments:
        raise InvalidRequest("a webhook needs text or attachments", route=_SEND.route)
    message = {"text": text, "attachments": list(attachments) if attachments else None, **others}
    return encode(_SEND, {name: value for name, value in message.items() if value is not None}, None, None)


def _check(response: Response) -> None:
    answer = decode(_SEND, response)
    if answer.text.strip() != "ok":
        raise DecodeError(
            "the answer is not that of an incoming webhook: the URL of the client is not that of the server",
            response=response.for_error(1024),
            route=_SEND.route,
        )


class SyncIncomingWebhooks(SyncApi):
    """Incoming webhooks of the sync client."""

    def send(
        self,
        hook: str,
        *,
        text: str | None = None,
        attachments: Attachments | None = None,
        channel: str | None = None,
        username: str | None = None,
        icon_url: str | None = None,
        icon_emoji: str | None = None,
        props: Mapping[str, Any] | None = None,
        priority: Mapping[str, Any] | None = None,
    ) -> None:
        """Write a post through an incoming webhook.

        The hook's id is all that it takes: no token is sent. It is sent once; see `error.ambiguous`.

        Args:
            hook: Id of the webhook, or its URL.
            text: The message; needed unless there are attachments.
            attachments: Message attachments.
            channel: Name of another channel of the team, or `@` and a user's name, where the hook may.
            username: The name shown, where the server allows it (EnablePostUsernameOverride).
            icon_url: The picture shown, where the server allows it (EnablePostIconOverride).
            icon_emoji: An emoji in its place.
            props: Properties of the post.
            priority: Priority of the post, such as `{"priority": "urgent"}`.

        Raises:
            InvalidRequest: There is nothing to post, or `hook` is no webhook of this server.
            ApiError: The server refused: there is no such webhook, or it may not post there.
            DecodeError: The answer is not that of a webhook.
            TransportError: There is no answer.
        """
        others = {
            "channel": channel,
            "username": username,
            "icon_url": icon_url,
            "icon_emoji": icon_emoji,
            "props": props,
            "priority": priority,
        }
        values, body = _values(str(self.client.options.url), hook), _body(text, attachments, others)
        _check(self.client.sender.changed(anonymous=True).send(_SEND, values, body))


class AsyncIncomingWebhooks(AsyncApi):
    """Incoming webhooks of the async client."""

    async def send(
        self,
        hook: str,
        *,
        text: str | None = None,
        attachments: Attachments | None = None,
        channel: str | None = None,
        username: str | None = None,
        icon_url: str | None = None,
        icon_emoji: str | None = None,
        props: Mapping[str, Any] | None = None,
        priority: Mapping[str, Any] | None = None,
    ) -> None:
        """Write a post through an incoming webhook.

        The hook's id is all that it takes: no token is sent. It is sent once; see `error.ambiguous`.

        Args:
            hook: Id of the webhook, or its URL.
            text: The message; needed unless there are attachments.
            attachments: Message attachments.
            channel: Name of another channel of the team, or `@` and a user's name, where the hook may.
            username: The name shown, where the server allows it (EnablePostUsernameOverride).
            icon_url: The picture shown, where the server allows it (EnablePostIconOverride).
            icon_emoji: An emoji in its place.
            props: Properties of the post.
            priority: Priority of the post, such as `{"priority": "urgent"}`.

        Raises:
            InvalidRequest: There is nothing to post, or `hook` is no webhook of this server.
            ApiError: The server refused: there is no such webhook, or it may not post there.
            DecodeError: The answer is not that of a webhook.
            TransportError: There is no answer.
        """
        others = {
            "channel": channel,
            "username": username,
            "icon_url": icon_url,
            "icon_emoji": icon_emoji,
            "props": props,
            "priority": priority,
        }
        values, body = _values(str(self.client.options.url), hook), _body(text, attachments, others)
        _check(await self.client.sender.changed(anonymous=True).send(_SEND, values, body))
