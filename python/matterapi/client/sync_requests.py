"""`request` of `SyncClient`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, overload

from matterapi.calls.sync_sender import SyncSender

from .base import BaseClient
from .requests import prepare

if TYPE_CHECKING:
    from matterapi.http.response import Response

T = TypeVar("T")


class SyncRequests(BaseClient[SyncSender]):
    """Calls of any route."""

    @overload
    def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        json: Any = None,
        files: Any = None,
        headers: Mapping[str, str] | None = None,
        into: None = None,
    ) -> Response: ...
    @overload
    def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        json: Any = None,
        files: Any = None,
        headers: Mapping[str, str] | None = None,
        into: type[T],
    ) -> T: ...
    def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        json: Any = None,
        files: Any = None,
        headers: Mapping[str, str] | None = None,
        into: type[T] | None = None,
    ) -> T | Response:
        """Call any route of the server, such as a plugin's.

        The call has this client's login, TLS, proxies, retries and errors.

        Args:
            method: The verb.
            path: The path below the URL of the server, such as `/plugins/jira/api/v2/userinfo`; or a whole
                URL on this server.
            params: Query parameters; a list is sent as one pair for each element, `None` not at all.
            json: A model, dict, list or other JSON value as the body.
            files: A dict of form fields and files (`matterapi.types.File`), or one file as the whole body.
            headers: Header fields of this call alone.
            into: The type that the JSON of the answer becomes, such as a model or `list[User]`; without it
                the `Response` is returned.

        Raises:
            InvalidRequest: The path leads to another server, climbs, or cannot be sent as it stands.
            ApiError: The answer is no success.
            DecodeError: The answer is not JSON where `into` is given.
            TransportError: There is no answer.
        """
        from matterapi.calls.codec import decode  # noqa: PLC0415 - a client can be made without pydantic

        call = prepare(self.options.url, method, path, params, json, files, into)
        sender = self.sender.changed(headers=headers) if headers else self.sender
        response = sender.send(*call)
        value: T | Response = decode(call.op, response, most=self.options.max_decoded_size)
        return value
