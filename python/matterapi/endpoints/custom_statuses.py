"""What users say about themselves: what `client.status` offers beside the server's own operations."""

from __future__ import annotations

from matterapi.bases.custom_status import CustomStatus
from matterapi.calls import script
from matterapi.calls.script import Script

from .base import AsyncApi, SyncApi
from .operations import status as op
from .steps import call, refuse


def _get(user_id: str) -> Script[CustomStatus | None]:
    # Here and in the other files, because who uses one group shall not load the models of others.
    from .operations import users as users_op  # noqa: PLC0415

    return CustomStatus.of((yield from call(users_op.GET_USER, user_id=user_id)))


def _set(status: CustomStatus | str | None, user_id: str) -> Script[None]:
    if status is None:
        yield from call(op.UNSET_USER_CUSTOM_STATUS, user_id=user_id)
        return
    said = CustomStatus(status) if isinstance(status, str) else status
    try:
        body = said.to_json()
    except ValueError as error:
        raise refuse(str(error), op.UPDATE_USER_CUSTOM_STATUS) from error
    yield from call(op.UPDATE_USER_CUSTOM_STATUS, body, user_id=user_id)


class SyncCustomStatuses(SyncApi):
    """Custom statuses of the sync client."""

    def get_custom_status(self, user_id: str = "me") -> CustomStatus | None:
        """What a user says about himself; `None` for nothing. It may have expired: see `expires_at`.

        A `User` at hand has it as `user.custom_status`.

        Args:
            user_id: Id of the user (26 characters), or `me`.
        """
        return script.run(self.client.sender, _get(user_id))

    def set_custom_status(self, status: CustomStatus | str | None, user_id: str = "me") -> None:
        """Say something about a user, or take it back.

        Args:
            status: The status; a text alone stands for one without an emoji that does not end. `None` takes
                back what was said.
            user_id: Id of the user (26 characters), or `me`.

        Raises:
            InvalidRequest: There is neither text nor emoji, or a time without a zone.
            ApiError: The server refused: there is no such emoji, the time is past, or these statuses are
                switched off (EnableCustomUserStatuses).
        """
        script.run(self.client.sender, _set(status, user_id))


class AsyncCustomStatuses(AsyncApi):
    """Custom statuses of the async client."""

    async def get_custom_status(self, user_id: str = "me") -> CustomStatus | None:
        """As `SyncCustomStatuses.get_custom_status`."""
        return await script.wait(self.client.sender, _get(user_id))

    async def set_custom_status(self, status: CustomStatus | str | None, user_id: str = "me") -> None:
        """As `SyncCustomStatuses.set_custom_status`."""
        await script.wait(self.client.sender, _set(status, user_id))
