"""Attachments, dialogs, custom statuses, times, and the small things: built, sent and read without a cast."""
# pyright: strict

from __future__ import annotations

from datetime import datetime

from typing_extensions import assert_type

from matterapi import AsyncClient, SyncClient
from matterapi.content import (
    Attachment,
    AttachmentField,
    BoolElement,
    Button,
    CustomStatus,
    DateElement,
    Dialog,
    Option,
    RadioElement,
    Select,
    SelectElement,
    TextElement,
    split_message,
)
from matterapi.models import (
    Channel,
    CreatePostJsonBody,
    MessageAttachment,
    OpenInteractiveDialogJsonBody,
    PatchPostJsonBody,
    Post,
    PostAction,
    Team,
    User,
)


def built() -> Attachment:
    approve = Button("Approve", url="https://bot.example.com/x", style="primary", context={"build": 7})
    where = Select("Where", url="/plugins/bot/x", options=[Option("Live", "live"), "test"])
    buttons = [approve]
    assert_type(Attachment("Only buttons", actions=buttons), Attachment)
    return Attachment("Deploy?", actions=[approve, where], fields=[AttachmentField("Build", 7, short=True)])


def sent(client: SyncClient, channel_id: str) -> None:
    props = {"attachments": [built()]}
    client.posts.create_post(json_body={"channel_id": channel_id, "message": "", "props": props})
    client.posts.create_post(json_body=CreatePostJsonBody(channel_id=channel_id, message="", props=props))
    client.posts.patch_post("p", json_body=PatchPostJsonBody(props={"attachments": [built()]}))
    client.webhooks.send("h", attachments=[built()])


def dialogs(client: SyncClient, trigger_id: str) -> None:
    dialog = Dialog(
        "Deploy",
        [
            TextElement("Why", "why", multiline=True, optional=True),
            SelectElement("Where", "where", options=["live", Option("Test", "test")], default="test"),
            RadioElement("How", "how", options=["fast", "slow"]),
            BoolElement("Loud", "loud", default=True),
            DateElement("When", "when", time=True, min_date="today"),
        ],
    )
    url = "https://bot.example.com/x"
    body = OpenInteractiveDialogJsonBody(trigger_id=trigger_id, url=url, dialog=dialog)
    client.integration_actions.open_interactive_dialog(json_body=body)
    client.integration_actions.open_interactive_dialog(
        json_body={"trigger_id": trigger_id, "url": url, "dialog": dialog}
    )


def read(post: Post, user: User) -> None:
    assert_type(post.attachments, list[MessageAttachment])
    for attachment in post.attachments:
        assert_type(attachment.text, str)
        assert_type(attachment.actions, list[PostAction] | None)
    assert_type(user.custom_status, CustomStatus | None)
    assert_type(post.create_time, datetime | None)
    if (status := user.custom_status) is not None:
        assert_type(status.expires_at, datetime | None)
    if "from_bot" in post.props and post.props["from_bot"] == "true":
        return


def small_things(client: SyncClient, channel_id: str) -> None:
    assert_type(client.users.me(), User)
    assert_type(client.teams.resolve("core"), Team)
    assert_type(client.channels.resolve("~lunch", "core"), Channel)
    assert_type(client.channels.get_direct_channel("@ann"), Channel)
    assert_type(client.posts.get_by_link("https://chat.example.com/core/pl/x"), Post)
    assert_type(client.posts.permalink("x"), str)
    assert_type(client.posts.create_long_post(channel_id, "text"), list[Post])
    assert_type(client.status.get_custom_status(), CustomStatus | None)
    assert_type(split_message("text"), list[str])
    client.status.set_custom_status(CustomStatus("Away"))
    client.channels.mark_read(channel_id)
    with client.channels.typing(channel_id) as nothing:
        assert_type(nothing, None)


async def small_things_async(client: AsyncClient, channel_id: str) -> None:
    assert_type(await client.users.me(), User)
    assert_type(await client.teams.resolve("core"), Team)
    assert_type(await client.channels.resolve("~lunch", "core"), Channel)
    assert_type(await client.channels.get_direct_channel("@ann"), Channel)
    assert_type(await client.posts.get_by_link("https://chat.example.com/core/pl/x"), Post)
    assert_type(client.posts.permalink("x"), str)
    assert_type(await client.posts.create_long_post(channel_id, "text"), list[Post])
    assert_type(await client.status.get_custom_status(), CustomStatus | None)
    await client.status.set_custom_status(CustomStatus("Away"))
    await client.channels.mark_read(channel_id)
    async with client.channels.typing(channel_id):
        pass
