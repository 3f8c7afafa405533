"""What posts and users hold besides text: builders that are checked, and messages cut to size.

from matterapi.content import Attachment, Button

approve = Button("Approve", url="https://bot.example.com/approve", id="approve")
props = {"attachments": [Attachment("Deploy?", actions=[approve])]}
client.posts.create_post(json_body={"channel_id": channel_id, "message": "", "props": props})
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matterapi.bases.custom_status import CustomStatus

    from .attachments import Attachment, AttachmentField, Button, Option, Select
    from .dialogs import BoolElement, DateElement, Dialog, RadioElement, SelectElement, TextElement
    from .split import MOST_CHARACTERS, split_message

__all__ = [
    "MOST_CHARACTERS",
    "Attachment",
    "AttachmentField",
    "BoolElement",
    "Button",
    "CustomStatus",
    "DateElement",
    "Dialog",
    "Option",
    "RadioElement",
    "Select",
    "SelectElement",
    "TextElement",
    "split_message",
]

_HOMES = {
    **dict.fromkeys(
        ("Attachment", "AttachmentField", "Button", "Option", "Select"), "matterapi.content.attachments"
    ),
    **dict.fromkeys(
        ("BoolElement", "DateElement", "Dialog", "RadioElement", "SelectElement", "TextElement"),
        "matterapi.content.dialogs",
    ),
    **dict.fromkeys(("MOST_CHARACTERS", "split_message"), "matterapi.content.split"),
    "CustomStatus": "matterapi.bases.custom_status",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
