"""The client for asyncio."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from copy import copy
from types import TracebackType
from typing import TYPE_CHECKING, Any

from typing_extensions import Self

from matterapi.calls.async_sender import AsyncSender
from matterapi.calls.loop_bridge import complete, release_closed_loops
from matterapi.errors.response_hooks import raise_async as raise_on_4xx_5xx

from .async_event_streams import AsyncEvents
from .async_requests import AsyncRequests
from .groups import AsyncGroups
from .lazy_group import LazyGroup

if TYPE_CHECKING:
    from matterapi.options.client import ApiClientOptions, MfaToken

    from .raw_groups import AsyncRawGroups

__all__ = ["AsyncClient", "raise_on_4xx_5xx"]


class AsyncClient(AsyncGroups, AsyncEvents, AsyncRequests):
    """A client whose calls are coroutines.

    Several event loops may share one client: connections belong to no loop. Cancelling a call closes
    its connection.

        client = AsyncClient("https://chat.example.com", token="...")
        team = await client.teams.get_team_by_name(name="core")
    """

    _sender_class = AsyncSender

    # Here, so that Python's errors about arguments name this class.
    def __init__(
        self,
        url: str | None = None,
        *,
        token: str | None = None,
        login_id: str | None = None,
        password: str | None = None,
        mfa_token: MfaToken | None = None,
        options: ApiClientOptions | Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(
            url, token=token, login_id=login_id, password=password, mfa_token=mfa_token, options=options
        )

    @LazyGroup
    def with_raw_response(self) -> AsyncRawGroups:
        """The same calls, which return the answer itself: status, header fields, request id, and the value.

            answer = await client.with_raw_response.users.get_user("me")
            print(answer.status_code, answer.headers["x-version-id"], answer.request_id)
            user = answer.parse()  # a User, as type checkers know

        It shares login, connections and rate limit, and has the options of a view:
        `client.with_options(timeout=60).with_raw_response`. The answers are `matterapi.response.ApiResponse`.
        An error status is raised as ever, with the answer as the `response` of the exception. What takes more
        than one call, such as `iter_users` or `files.upload`, is not here.
        """
        from .raw_groups import AsyncRawGroups  # noqa: PLC0415 - few programs need them

        return AsyncRawGroups(self)

    @asynccontextmanager
    async def session(self) -> AsyncIterator[Self]:
        """Log in if there is a password, and give a client to make calls with.

        The client given shares the connections and the login of this one.

        Raises:
            ApiError: The server refused the login.
        """
        if self.sender.has_password:
            await complete(self.sender.core.submit_login)
        yield copy(self)

    async def aclose(self) -> None:
        """Close the connections that are not in use, and end the streams. The next call opens new ones.

        Running `start_ws` and `start_ws_sync` return.
        """
        self._close_streams()
        release_closed_loops()
        self.sender.core.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()
