"""The parents of the generated endpoint classes: all the difference there is between sync and async."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from .body import EITHER
from .call import decode, encode
from .operation import Operation

if TYPE_CHECKING:
    from matterapi.client.async_client import AsyncClient
    from matterapi.client.sync_client import SyncClient

__all__ = ["EITHER", "ApiBaseClass", "AsyncApi", "JsonObject", "SyncApi"]

T = TypeVar("T")

JsonObject: TypeAlias = Mapping[str, Any]
"""A JSON object given as a dict: sent as it is, without validation."""


class ApiBaseClass:
    """One resource group of a client, such as `client.users`.

    Args:
        client: The client whose session carries the calls.
        skip_response_parsing: Return the raw `Response` of every 2xx answer.
    """

    __slots__ = ("client", "skip_response_parsing")

    def __init__(self, client: Any, skip_response_parsing: bool = False) -> None:
        self.client: Any = client
        self.skip_response_parsing: bool = skip_response_parsing


class SyncApi(ApiBaseClass):
    """Parent of the sync endpoint classes."""

    __slots__ = ()
    client: SyncClient

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
        response = self.client._send(op, values, body)
        return decode(op, response, self.skip_response_parsing, self.client.options.max_decoded_size)


class AsyncApi(ApiBaseClass):
    """Parent of the async endpoint classes."""

    __slots__ = ()
    client: AsyncClient

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
        response = await self.client._send(op, values, body)
        return decode(op, response, self.skip_response_parsing, self.client.options.max_decoded_size)
