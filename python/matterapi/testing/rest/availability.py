"""What a server refuses for want of a licence or by its settings, before a handler looks at the request.

licence_gates.json has, by status and error id, what an 11.2 server without a licence answers: to everybody,
or to those who would be permitted (the others get the 403 that they always get).
"""

from functools import cache
from importlib.resources import files

import orjson

from matterapi.testing.http.errors import AppError
from matterapi.testing.state.permissions import require

from .call import Call

# What a setting switches off: operation, setting, status and error id.
_SWITCHES = (
    ("CreateBot", "ServiceSettings.EnableBotAccountCreation", 403, "api.bot.create_disabled"),
    ("GetFileLink", "FileSettings.EnablePublicLink", 403, "api.file.get_public_link.disabled.app_error"),
    (
        "DownloadJob",
        "MessageExportSettings.DownloadExportResults",
        501,
        "app.job.download_export_results_not_enabled",
    ),
    ("MoveThread", "FeatureFlags.MoveThreadsEnabled", 501, "api.post.move_thread.disabled.app_error"),
    *(
        (name, "ServiceSettings.EnableCustomEmoji", 501, "api.emoji.disabled.app_error")
        for name in (
            "CreateEmoji",
            "GetEmojiList",
            "GetEmoji",
            "GetEmojiByName",
            "GetEmojisByNames",
            "GetEmojiImage",
        )
    ),
    *(
        (name, "FileSettings.EnableFileAttachments", status, "api.file.attachments.disabled.app_error")
        for name, status in (("UploadFile", 403), ("CreateUpload", 501), ("UploadData", 501))
    ),
    *(
        (
            name,
            "ServiceSettings.EnableOutgoingOAuthConnections",
            501,
            "api.context.outgoing_oauth_connection.not_available.configuration_disabled",
        )
        for name in (
            "ListOutgoingOAuthConnections",
            "CreateOutgoingOAuthConnection",
            "GetOutgoingOAuthConnection",
            "UpdateOutgoingOAuthConnection",
            "DeleteOutgoingOAuthConnection",
            "ValidateOutgoingOAuthConnection",
        )
    ),
)
_BY_SETTING = {name: (setting, status, error_id) for name, setting, status, error_id in _SWITCHES}
# Of those, what only admins learn to be switched off.
_ADMINS_FIRST = frozenset(
    name for name in _BY_SETTING if name.endswith(("OAuthConnection", "OAuthConnections"))
)


@cache
def _by_licence() -> dict[str, tuple[int, str, bool]]:
    """Return status, error id and whether everybody gets it, by operation."""
    facts = orjson.loads(files("matterapi.testing.rest").joinpath("licence_gates.json").read_bytes())
    found = dict[str, tuple[int, str, bool]]()
    for error, operations in facts.items():
        status, _, error_id = error.partition(" ")
        for whom, names in operations.items():
            found |= {name: (int(status), error_id, whom == "everybody") for name in names}
    return found


def check_availability(call: Call) -> None:
    """Refuse what the settings or the lack of a licence forbid.

    Raises:
        AppError: As the server refuses it.
    """
    name = call.operation.id
    switch = _BY_SETTING.get(name)
    if switch is not None and not call.world.config.flag(switch[0]):
        require(name not in _ADMINS_FIRST or call.is_admin)
        raise AppError(switch[1], switch[2])
    if call.world.licensed:
        return
    gate = _by_licence().get(name)
    if gate is None:
        return
    status, error_id, everybody = gate
    require(everybody or call.is_admin)
    raise AppError(status, error_id)
