"""An answer that knows what type it becomes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from typing_extensions import Self

from .response import Response

T_co = TypeVar("T_co", covariant=True)


class ApiResponse(Response, Generic[T_co]):
    """The answer to a call of `client.with_raw_response`, completely read.

    Status, header fields and request id are those of the server's answer, which was a success. A pickle of it
    is that of a plain `Response`.
    """

    _read: Callable[[Response], T_co]

    @classmethod
    def of(cls, response: Response, read: Callable[[Response], T_co]) -> Self:
        """An answer as it came.

        Args:
            response: The answer.
            read: Makes the value of it.
        """
        own = cls.__new__(cls)
        own.__dict__.update(response.__dict__, _read=read)
        return own

    def parse(self) -> T_co:
        """What the call returns without `with_raw_response`: made anew each time.

        Raises:
            ApiError: The body ends in the server's error object.
            DecodeError: The body is not one JSON document where the operation declares one, or its values
                would take more memory than `max_decoded_size`.
        """
        return self._read(self)

    def __reduce_ex__(self, _protocol: Any) -> Any:
        return _plain, (), self.__getstate__()


def _plain() -> Response:
    return Response.__new__(Response)
