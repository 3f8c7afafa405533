"""Bot accounts (api4/bot.go)."""

from matterapi.testing.effects.accounts import change_account, check_unused, make_bot, set_active
from matterapi.testing.effects.channels import direct_channel
from matterapi.testing.effects.posting import create_post
from matterapi.testing.http.encoding import JsonObject
from matterapi.testing.http.errors import AppError, invalid_body
from matterapi.testing.http.response import Response, json_response
from matterapi.testing.rest.call import Call
from matterapi.testing.rest.registry import operation
from matterapi.testing.state.bots import render_bot
from matterapi.testing.state.permissions import require
from matterapi.testing.state.users import valid_username


def _bot(call: Call, permission: str) -> JsonObject:
    bot = call.world.bots.get(call.params["bot_user_id"])
    own = bot is not None and bot["owner_id"] == call.user["id"]
    if bot is None or not (own or call.may(permission)):
        raise AppError(404, "store.sql_bot.get.missing.app_error", "No such bot.")
    return bot


@operation("CreateBot")
def create_bot(call: Call) -> Response:
    """POST /bots: the new bot greets its owner in a direct channel."""
    fields = call.json_object("bot")
    if not isinstance(fields.get("username"), str):
        raise invalid_body("bot")
    require(call.may("create_bot"))
    name = fields["username"].lower()
    if not valid_username(name):
        raise AppError(400, "model.user.is_valid.username.app_error", "The username is not valid.")
    address = f"{name}@localhost"
    check_unused(call.world, {"username": name, "email": address})
    bot, user = make_bot(call.world, call.user["id"], {**fields, "username": name})
    channel = direct_channel(call.world, call.hub, user["id"], call.user["id"])
    greeting = "Please add me to teams and channels you want me to interact in."
    post = {"channel_id": channel["id"], "message": greeting, "type": "add_bot_teams_channels"}
    create_post(call.world, call.hub, user, post)
    return json_response(render_bot(bot), 201)


@operation("GetBots")
def get_bots(call: Call) -> Response:
    """GET /bots, oldest first."""
    require(call.may("read_bots"))
    bots = [bot for bot in call.world.bots.values() if call.flag("include_deleted") or not bot["delete_at"]]
    return json_response([render_bot(bot) for bot in call.cut(bots)])


@operation("GetBot")
def get_bot(call: Call) -> Response:
    """GET /bots/{bot_user_id}: a disabled one with `include_deleted=true`."""
    bot = _bot(call, "read_others_bots")
    if bot["delete_at"] and not call.flag("include_deleted"):
        raise AppError(404, "store.sql_bot.get.missing.app_error", "No such bot.")
    return json_response(render_bot(bot))


@operation("PatchBot")
def patch_bot(call: Call) -> Response:
    """PUT /bots/{bot_user_id}."""
    fields = call.json_object("bot")
    bot = _bot(call, "manage_others_bots")
    user = call.world.users.get(bot["user_id"])
    wanted = {
        key: fields[key] for key in ("username", "display_name", "description") if fields.get(key) is not None
    }
    if user is not None:
        names = {"username": wanted.get("username"), "first_name": wanted.get("display_name")}
        change_account(call.world, call.hub, user, names)
        user["bot_description"] = wanted.get("description", user["bot_description"])
    bot.update(wanted)
    bot["update_at"] = call.now
    return json_response(render_bot(bot))


def _enable(call: Call, *, active: bool) -> Response:
    bot = _bot(call, "manage_others_bots")
    user = call.world.users.get(bot["user_id"])
    if user is not None:
        set_active(call.world, call.hub, user, active=active)
    bot["update_at"] = call.now
    bot["delete_at"] = 0 if active else bot["update_at"]
    return json_response(render_bot(bot))


@operation("DisableBot")
def disable_bot(call: Call) -> Response:
    """POST /bots/{bot_user_id}/disable."""
    return _enable(call, active=False)


@operation("EnableBot")
def enable_bot(call: Call) -> Response:
    """POST /bots/{bot_user_id}/enable."""
    return _enable(call, active=True)


@operation("AssignBot")
def assign_bot(call: Call) -> Response:
    """POST /bots/{bot_user_id}/assign/{user_id}: gives the bot another owner."""
    bot, owner = _bot(call, "manage_others_bots"), call.target_user()
    bot["owner_id"], bot["update_at"] = owner["id"], call.now
    return json_response(render_bot(bot))
