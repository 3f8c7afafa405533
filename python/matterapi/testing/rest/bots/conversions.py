"""Turning users into bots and bots into users (api4/bot.go, user.go)."""

from matterapi.testing.effects.accounts import check_password, revoke_all, write_account
from matterapi.testing.http.errors import AppError, invalid_body
from matterapi.testing.http.response import Response, json_response
from matterapi.testing.rest.call import Call
from matterapi.testing.rest.registry import operation
from matterapi.testing.state.bots import new_bot, render_bot
from matterapi.testing.state.permissions import require


@operation("ConvertBotToUser")
def convert_bot_to_user(call: Call) -> Response:
    """POST /bots/{bot_user_id}/convert_to_user: shown once more as the bot that it was."""
    bot_id, fields = call.params["bot_user_id"], call.json_object("userPatch")
    if not fields.get("password"):
        raise invalid_body("userPatch")
    require(call.is_admin)
    user = call.world.users.get(bot_id)
    if bot_id not in call.world.bots or user is None:
        raise AppError(404, "store.sql_bot.get.missing.app_error", "No such bot.")
    check_password(call.world, fields["password"])
    write_account(call.world, user, fields)
    call.world.users.passwords[bot_id] = fields["password"]
    if call.flag("set_system_admin"):
        user["roles"] = "system_user system_admin"
    shown = call.world.show_user(user, "self")
    user["is_bot"], user["bot_description"] = False, ""
    del call.world.bots[bot_id]
    return json_response(shown)


@operation("ConvertUserToBot")
def convert_user_to_bot(call: Call) -> Response:
    """POST /users/{user_id}/convert_to_bot: the bot owns itself; the user's sessions end."""
    user = call.target_user()
    require(call.is_admin)
    fields = {"display_name": user["first_name"]}
    bot = new_bot(user["id"], user["username"], user["id"], call.now, fields)
    call.world.bots[user["id"]] = bot
    user["is_bot"] = True
    revoke_all(call.world, user["id"])
    return json_response(render_bot({**bot, "display_name": bot["display_name"] or bot["username"]}))
