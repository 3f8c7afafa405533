"""What posts and users hold besides text: builders that are checked, and messages cut to size.

from matterapi.content import Attachment, Button

button = Button("Approve", url="https://bot.example.com/approve", id="approve")
post = {"channel_id": channel_id, "message": "", "props": {"attachments": [Attachment(actions=[button])]}}
"""

from matterapi.bases.custom_status import CustomStatus

from .split import MOST_CHARACTERS, split_message

__all__ = ["MOST_CHARACTERS", "CustomStatus", "split_message"]
