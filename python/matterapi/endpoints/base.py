"""The parents of the generated endpoint classes: all the difference there is between sync and async."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, TypeVar

from matterapi.calls.body import EITHER
from matterapi.calls.codec import decode, encode
from matterapi.calls.operation import Operation

if TYPE_CHECKING:
    from matterapi.calls.async_sender import AsyncSender
    from matterapi.calls.sync_sender import SyncSender
    from matterapi.options.client import ApiClientOptions

__all__ = ["EITHER", "ApiBaseClass", "AsyncApi", "JsonObject", "SyncApi"]

T = TypeVar("T")

JsonObject: TypeAlias = Mapping[str, Any]
"""A JSON object given as a dict: sent as it is, without validation."""


class SyncCaller(Protocol):
    """What a sync endpoint class needs of its client."""

    options: ApiClientOptions
    sender: SyncSender


class AsyncCaller(Protocol):
    """What an async endpoint class needs of its client."""

    options: ApiClientOptions
    sender: AsyncSender


class ApiBaseClass:
    """One resource group of a client, such as `client.users`.

    Args:
        client: The client whose session carries the calls.
        skip_response_parsing: Return the raw `Response` of every 2xx answer.
    """

    def __init__(self, client: Any, skip_response_parsing: bool = False) -> None:
        self.client: Any = client
        self.skip_response_parsing: bool = skip_response_parsing


class SyncApi(ApiBaseClass):
    """Parent of the sync endpoint classes."""

    client: SyncCaller

    def _call(
        self,
        op: Operation[T],
        /,
        *,
        json_body: Any = None,
        multipart_data: Any = None,
        form_data: Any = None,
        **values: Any,
    ) -> T:
        body = encode(op, json_body, multipart_data, form_data)
        response = self.client.sender.send(op, values, body)
        return decode(op, response, self.skip_response_parsing, self.client.options.max_decoded_size)


class AsyncApi(ApiBaseClass):
    """Parent of the async endpoint classes."""

    client: AsyncCaller

    async def _call(
        self,
        op: Operation[T],
        /,
        *,
        json_body: Any = None,
        multipart_data: Any = None,
        form_data: Any = None,
        **values: Any,
    ) -> T:
        body = encode(op, json_body, multipart_data, form_data)
        response = await self.client.sender.send(op, values, body)
        return decode(op, response, self.skip_response_parsing, self.client.options.max_decoded_size)
