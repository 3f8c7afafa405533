"""The parents and methods of the generated classes behind `client.with_raw_response`.

Such a class calls the methods of the class that it stands for, on itself: they are one call of `_call` each,
which gives the answer here. So nothing is written twice, and type checkers read parameters and types off the
methods themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from types import MethodType
from typing import TYPE_CHECKING, Any, Concatenate, Generic, ParamSpec, TypeVar

from matterapi.calls.codec import decode, encode
from matterapi.http.api_response import ApiResponse

from .base import ApiBaseClass, AsyncCaller, SyncCaller

if TYPE_CHECKING:
    from matterapi.calls.operation import Operation
    from matterapi.http.response import Response

P = ParamSpec("P")
T = TypeVar("T")


class RawMethod(Generic[P, T]):
    """A method of a sync endpoint class that returns the answer.

    Args:
        method: The method.
    """

    def __init__(self, method: Callable[Concatenate[Any, P], T]) -> None:
        self._method = method
        self.__doc__ = method.__doc__

    def __get__(self, group: object, owner: type | None = None) -> Callable[P, ApiResponse[T]]:
        return self._method if group is None else MethodType(self._method, group)  # type: ignore[return-value]


class AsyncRawMethod(Generic[P, T]):
    """As `RawMethod`, of an async endpoint class."""

    def __init__(self, method: Callable[Concatenate[Any, P], Coroutine[Any, Any, T]]) -> None:
        self._method = method
        self.__doc__ = method.__doc__

    def __get__(
        self, group: object, owner: type | None = None
    ) -> Callable[P, Coroutine[Any, Any, ApiResponse[T]]]:
        return self._method if group is None else MethodType(self._method, group)  # type: ignore[return-value]


class SyncRawApi(ApiBaseClass):
    """Parent of the sync classes."""

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
    ) -> ApiResponse[T]:
        body = encode(op, json_body, multipart_data, form_data)
        response = self.client.sender.send(op, values, body)
        return _answer(op, response, self.client.options.max_decoded_size)


class AsyncRawApi(ApiBaseClass):
    """Parent of the async classes."""

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
    ) -> ApiResponse[T]:
        body = encode(op, json_body, multipart_data, form_data)
        response = await self.client.sender.send(op, values, body)
        return _answer(op, response, self.client.options.max_decoded_size)


def _answer(op: Operation[T], response: Response, most: int | None) -> ApiResponse[T]:
    decode(op, response, skip=True)  # an error status is raised
    return ApiResponse.of(response, lambda answer: decode(op, answer, most=most))
