"""The parents of the generated endpoint classes: all the difference there is between sync and async."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from matterapi._core import RawResponse
from matterapi.bases.json_object import JsonObject
from matterapi.calls.body import EITHER, Body
from matterapi.calls.codec import decode, encode
from matterapi.calls.dropped_values import may_drop_values, warn_about_dropped_values
from matterapi.calls.keyword_body import KEYWORDS, keyword_body
from matterapi.calls.operation import Operation

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from matterapi.calls.async_sender import AsyncSender
    from matterapi.calls.page_plans import Listed
    from matterapi.calls.pages import AsyncPageIterator, PageIterator
    from matterapi.calls.paging import Ask, Walk
    from matterapi.calls.sync_sender import SyncSender
    from matterapi.http.response import Response
    from matterapi.options.client import ApiClientOptions

__all__ = ["EITHER", "KEYWORDS", "ApiBaseClass", "AsyncApi", "JsonObject", "SyncApi"]

T = TypeVar("T")


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

    def _body(self, op: Operation[Any], method: str, json_body: Any, fields: dict[str, Any]) -> Any:
        """The JSON body of a call, however it was given; see `keyword_body`."""
        if not fields and json_body is not KEYWORDS:
            return json_body
        return keyword_body(op, f"{type(self).__name__}.{method}", json_body, fields)

    def _decode(self, op: Operation[T], response: Response) -> T:
        return decode(op, response, self.skip_response_parsing, self.client.options.max_decoded_size)

    def _judge(self, op: Operation[T], raw: RawResponse) -> T:
        """The value of an answer that the core did not decode, or the error that it is."""
        return self._decode(op, self.client.sender.response(raw, op))


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
        sender, skip = self.client.sender, self.skip_response_parsing
        if skip or not sender.is_plain(op, body):
            value = self._decode(op, sender.send(op, values, body))
        elif isinstance(value := sender.fetch(op, values, body), RawResponse):
            value = self._judge(op, value)
        if op.kept_key:
            warn_about_dropped_values(op, json_body, value)
        return value

    def _pages(
        self,
        op: Operation[Any],
        limit: int | None,
        per_page: int | None,
        /,
        *,
        json_body: Any = None,
        **values: Any,
    ) -> PageIterator[Any]:
        # Here, because most programs call more than they iterate.
        from matterapi.calls.page_plans import Listed  # noqa: PLC0415

        from .page_plans import PLANS  # noqa: PLC0415

        listed = Listed(op, PLANS[op.place], limit, per_page, values, json_body)
        return self._walked(listed, listed.walk())

    def _walked(self, listed: Listed, walk: Walk) -> PageIterator[Any]:
        from matterapi.calls.pages import PageIterator  # noqa: PLC0415 - see `_pages`

        def fetch(ask: Ask) -> Any:
            response = self.client.sender.send(listed.op, *listed.call(ask))
            return decode(listed.op, response, most=self.client.options.max_decoded_size)

        return PageIterator(fetch, walk, listed.limit)


class AsyncApi(ApiBaseClass):
    """Parent of the async endpoint classes."""

    client: AsyncCaller

    def _call(
        self,
        op: Operation[T],
        /,
        *,
        json_body: Any = None,
        multipart_data: Any = None,
        form_data: Any = None,
        **values: Any,
    ) -> Awaitable[T]:
        # No coroutine: each is a step more that a task takes to its call and back.
        body = encode(op, json_body, multipart_data, form_data)
        sender = self.client.sender
        if self.skip_response_parsing or may_drop_values(op, json_body) or not sender.is_plain(op, body):
            return self._sent(op, values, body, json_body)
        return sender.fetch(op, values, body, self._judge)

    async def _sent(self, op: Operation[T], values: dict[str, Any], body: Body | None, json_body: Any) -> T:
        value = self._decode(op, await self.client.sender.send(op, values, body))
        if op.kept_key:
            warn_about_dropped_values(op, json_body, value)
        return value

    def _pages(
        self,
        op: Operation[Any],
        limit: int | None,
        per_page: int | None,
        /,
        *,
        json_body: Any = None,
        **values: Any,
    ) -> AsyncPageIterator[Any]:
        from matterapi.calls.page_plans import Listed  # noqa: PLC0415 - see `SyncApi._pages`

        from .page_plans import PLANS  # noqa: PLC0415 - see `SyncApi._pages`

        listed = Listed(op, PLANS[op.place], limit, per_page, values, json_body)
        return self._walked(listed, listed.walk())

    def _walked(self, listed: Listed, walk: Walk) -> AsyncPageIterator[Any]:
        from matterapi.calls.pages import AsyncPageIterator  # noqa: PLC0415 - see `SyncApi._pages`

        async def fetch(ask: Ask) -> Any:
            response = await self.client.sender.send(listed.op, *listed.call(ask))
            return decode(listed.op, response, most=self.client.options.max_decoded_size)

        return AsyncPageIterator(fetch, walk, listed.limit)
