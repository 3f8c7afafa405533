"""What the `request` methods of both clients share: a call of any route, made ready."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

if TYPE_CHECKING:
    from matterapi.calls.body import Body
    from matterapi.calls.operation import Operation

T = TypeVar("T")


class Prepared(NamedTuple):
    """The arguments of a sender's `send`, but for `progress`."""

    op: Operation[Any]
    values: dict[str, Any]
    body: Body | None


def prepare(  # noqa: PLR0917 - the arguments of `request`
    url: str,
    method: str,
    path: str,
    params: Mapping[str, Any] | None,
    json: Any,
    files: Any,
    into: type[Any] | None,
) -> Prepared:
    """A call of any route. See `SyncClient.request` for the arguments."""
    # Here, because a client can be made without pydantic.
    from matterapi.calls.any_route import any_operation  # noqa: PLC0415
    from matterapi.calls.codec import encode  # noqa: PLC0415
    from matterapi.http.response import Response  # noqa: PLC0415

    values = dict(params or {})
    op = any_operation(url, method, path, values, Response if into is None else into)
    return Prepared(op, values, encode(op, json, files, None))
