"""Typed views of plain JSON that the hand-written rooms add to models."""

from __future__ import annotations

from typing import NamedTuple


class View(NamedTuple):
    """One attribute of a model class.

    Attributes:
        line: Its definition.
        doc: What it says about itself.
        imported: What the module imports for it.
        named: What it imports for type checkers only.
    """

    line: str
    doc: str
    imported: str
    named: str = ""


VIEWS: dict[str, View] = {
    "Post": View(
        'attachments: ClassVar[ListIn["MessageAttachment"]] = '
        'ListIn("props", "attachments", "matterapi.models.commands", "MessageAttachment")',
        'What `props["attachments"]` lists, as models that are made for each reading.',
        "from ..decoding.views import ListIn",
        "from .commands import MessageAttachment",
    ),
    "User": View(
        "custom_status: ClassVar[CustomStatusOf] = CustomStatusOf()",
        'What `props["customStatus"]` says, as an object, or `None`.',
        "from ..bases.custom_status import CustomStatusOf",
    ),
}
"""By the model; a field of that name stops the generator."""
