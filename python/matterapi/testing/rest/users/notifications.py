"""Notifications (api4/notify_admin.go, system.go)."""

from matterapi.testing.effects.accounts import make_bot
from matterapi.testing.effects.channels import direct_channel
from matterapi.testing.effects.posting import create_post
from matterapi.testing.http.encoding import JsonObject
from matterapi.testing.http.errors import AppError, invalid_body
from matterapi.testing.http.response import Response, ok
from matterapi.testing.rest.call import Call
from matterapi.testing.rest.registry import operation

_SYSTEM_BOT = "system-bot"


@operation("TestNotification")
def send_test_notification(call: Call) -> Response:
    """POST /notifications/test: the system's bot writes to the caller, and is made if it is not there."""
    bot = system_bot(call)
    channel = direct_channel(call.world, call.hub, bot["id"], call.user["id"])
    message = "If you received this test notification, it worked!"
    create_post(call.world, call.hub, bot, {"channel_id": channel["id"], "message": message})
    return ok()


@operation("AcknowledgeNotification")
def acknowledge_notification(call: Call) -> Response:
    """POST /notifications/ack: a message by its id alone cannot be had (302, an error for all that)."""
    fields = call.json_object("ack")
    if not fields.get("id"):
        raise invalid_body("id")
    if fields.get("is_id_loaded") and fields.get("type") == "message":
        raise AppError(302, "api.system.id_loaded.not_available.app_error", "Not configured on this server.")
    return ok()


def system_bot(call: Call) -> JsonObject:
    """Return the account of the bot that speaks for the server (App.GetSystemBot)."""
    known = call.world.users.by_username(_SYSTEM_BOT)
    if known is not None:
        return known
    admins = [user for user in call.world.users if "system_admin" in user["roles"].split()]
    fields = {"username": _SYSTEM_BOT, "display_name": "System"}
    _, user = make_bot(call.world, admins[0]["id"], fields)
    return user
