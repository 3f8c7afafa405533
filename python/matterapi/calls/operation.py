"""What the generated tables are made of: one `Operation` for each route of the server."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Generic, TypeVar, cast

from matterapi._core import Route
from matterapi.http.response import Response

if TYPE_CHECKING:
    from pydantic import TypeAdapter

    from matterapi._core import Decoder

T = TypeVar("T")
U = TypeVar("U")
V = TypeVar("V")


class Operation(Generic[T]):
    """One operation of the server: where a call goes and what a 2xx answer becomes.

    Args:
        route: Verb, path template and query names, e.g.
            `"GET /api/v4/channels/{channel_id}/posts{?page,per_page}"`. A name ending in `*` is sent
            once for each element of a list; other lists are joined with commas. `{user_id!known,stats}` is
            a path value that must not be one of these words, with which another route would be taken.
        returns: The type of a 2xx body. `Response` stands for "as it came": files, pages, answers
            without a documented body.
        keys: The keys that the JSON object of the body may have, or those of the objects that it lists,
            separated by spaces; empty where there is no such object or its keys are free.
        repeat_key: The key of the body by which the server recognises a call that is sent again, if it does.
        kept_key: The key of the body whose list comes back without what the server did not take.
        needed: The fields of the body without which there is none, where they can be keywords of the call.
        renamed: The keywords whose keys have other names, as `from_=from`, separated by spaces.
    """

    __slots__ = ("__dict__", "kept_key", "keys", "needed", "renamed", "repeat_key", "returns", "route")

    def __init__(
        self,
        route: str,
        returns: type[T],
        keys: str = "",
        repeat_key: str = "",
        kept_key: str = "",
        *,
        needed: str = "",
        renamed: str = "",
    ) -> None:
        self.route: str = route
        self.returns: type[T] = returns
        self.keys: str = keys
        self.repeat_key: str = repeat_key
        self.kept_key: str = kept_key
        self.needed: str = needed
        self.renamed: str = renamed

    # Type variables of their own: that of the class is open where `Operation.maybe` is read.
    @staticmethod
    def maybe(
        route: str, returns: type[U], keys: str = "", *, needed: str = "", renamed: str = ""
    ) -> Operation[U | None]:
        """An operation whose 2xx answer may have no body; that answer is `None`."""
        kind = cast("type[U | None]", returns | None)
        return Operation(route, kind, keys, needed=needed, renamed=renamed)

    @staticmethod
    def either(
        route: str, returns: type[U], other: type[V], keys: str = "", *, needed: str = "", renamed: str = ""
    ) -> Operation[U | V]:
        """An operation whose 2xx answer has one of two types, depending on what was asked for."""
        kind = cast("type[U | V]", returns | other)
        return Operation(route, kind, keys, needed=needed, renamed=renamed)

    @property
    def place(self) -> str:
        """Verb and path template, without the names of the query."""
        return self.route.partition("{?")[0]

    @cached_property
    def core_route(self) -> Route:
        """The route compiled for the core, on first use."""
        return Route(self.route, raw=self.returns is Response)

    @cached_property
    def known_keys(self) -> frozenset[str]:
        """`keys` as a set, which is empty where any key is as good as another."""
        return frozenset(self.keys.split())

    @cached_property
    def needed_keywords(self) -> tuple[str, ...]:
        """`needed` as names."""
        return tuple(self.needed.split())

    @cached_property
    def renamed_keywords(self) -> dict[str, str]:
        """`renamed` as keys of the server by keyword."""
        return dict(pair.split("=", 1) for pair in self.renamed.split())

    @cached_property
    def adapter(self) -> TypeAdapter[T]:
        """The validator of the answer's type, built on first use."""
        from pydantic import TypeAdapter  # noqa: PLC0415 - tables are imported without need of it

        return TypeAdapter(self.returns)

    @cached_property
    def largest_model(self) -> int:
        """Bytes of memory of the largest model that the answer may hold."""
        from matterapi.decoding.model_fields import largest_model  # noqa: PLC0415 - tables are imported without need of it

        return largest_model(self.returns)

    @cached_property
    def decoder(self) -> Decoder:
        """The core's decoder of the answer's type, built on first use."""
        from matterapi.decoding.schema import decoder_for  # noqa: PLC0415 - tables are imported without need of it

        return decoder_for(self.returns)

    def __repr__(self) -> str:
        return f"<Operation {self.route}>"
