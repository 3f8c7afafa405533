"""What the generated tables are made of: one `Operation` for each route of the server."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Generic, TypeVar, cast

from matterapi._core import Route

if TYPE_CHECKING:
    from pydantic import TypeAdapter

T = TypeVar("T")
U = TypeVar("U")


class Operation(Generic[T]):
    """One operation of the server: where a call goes and what a 2xx answer becomes.

    Args:
        route: Verb, path template and query names, e.g.
            `"GET /api/v4/channels/{channel_id}/posts{?page,per_page}"`. A name ending in `*` is sent
            once for each element of a list; other lists are joined with commas. `{user_id!known,stats}` is
            a path value that must not be one of these words, with which another route would be taken.
        returns: The type of a 2xx body. `Response` stands for "as it came": files, pages, answers
            without a documented body.
    """

    __slots__ = ("__dict__", "returns", "route")

    def __init__(self, route: str, returns: type[T]) -> None:
        self.route = route
        self.returns = returns

    @classmethod
    def maybe(cls, route: str, returns: type[T]) -> Operation[T | None]:
        """An operation whose 2xx answer may have no body; that answer is `None`."""
        return cast("Operation[T | None]", cls(route, cast("type[T]", returns | None)))

    @classmethod
    def either(cls, route: str, returns: type[T], other: type[U]) -> Operation[T | U]:
        """An operation whose 2xx answer has one of two types, depending on what was asked for."""
        return cast("Operation[T | U]", cls(route, cast("type[T]", returns | other)))

    @cached_property
    def core_route(self) -> Route:
        """The route compiled for the core, on first use."""
        return Route(self.route)

    @cached_property
    def adapter(self) -> TypeAdapter[T]:
        """The validator of the answer's type, built on first use."""
        from pydantic import TypeAdapter  # noqa: PLC0415 - tables are imported without need of it

        return TypeAdapter(self.returns)

    def __repr__(self) -> str:
        return f"<Operation {self.route}>"
