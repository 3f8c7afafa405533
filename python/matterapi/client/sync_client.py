"""The client for code without an event loop."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from copy import copy
from types import TracebackType
from typing import TYPE_CHECKING, Any

from typing_extensions import Self

from matterapi.calls.sync_sender import SyncSender
from matterapi.errors.response_hooks import raise_sync as raise_on_4xx_5xx

from .groups import SyncGroups
from .lazy_group import LazyGroup
from .sync_event_streams import SyncEvents
from .sync_requests import SyncRequests

if TYPE_CHECKING:
    from matterapi.options.client import ApiClientOptions, MfaToken

    from .raw_groups import SyncRawGroups

__all__ = ["SyncClient", "raise_on_4xx_5xx"]


class SyncClient(SyncGroups, SyncEvents, SyncRequests):
    """A client whose calls block the calling thread.

    The request runs on that thread while other Python threads go on; Ctrl-C ends it.

        client = SyncClient("https://chat.example.com", token="...")
        team = client.teams.get_team_by_name(name="core")
    """

    _sender_class = SyncSender

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
    def with_raw_response(self) -> SyncRawGroups:
        """The same calls, which return the answer itself: status, header fields, request id, and the value.

            answer = client.with_raw_response.users.get_user("me")
            print(answer.status_code, answer.headers["x-version-id"], answer.request_id)
            user = answer.parse()  # a User, as type checkers know

        It shares login, connections and rate limit, and has the options of a view:
        `client.with_options(timeout=60).with_raw_response`. The answers are `matterapi.response.ApiResponse`.
        An error status is raised as ever, with the answer as the `response` of the exception. What takes more
        than one call, such as `iter_users` or `files.upload`, is not here.
        """
        from .raw_groups import SyncRawGroups  # noqa: PLC0415 - few programs need them

        return SyncRawGroups(self)

    @contextmanager
    def session(self) -> Iterator[Self]:
        """Log in if there is a password, and give a client to make calls with.

        The client given shares the connections and the login of this one.

        Raises:
            ApiError: The server refused the login.
        """
        if self.sender.has_password:
            self.sender.core.login()
        yield copy(self)

    def close(self) -> None:
        """Close the connections that are not in use, and end the streams. The next call opens new ones.

        Running `start_ws` and `start_ws_sync` return.
        """
        self._close_streams()
        self.sender.core.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
