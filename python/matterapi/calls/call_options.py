"""What may be different for some calls of a client: the arguments of `with_options`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from typing_extensions import Self

from matterapi._core import OwnOptions
from matterapi.errors.exceptions import InvalidOptions

if TYPE_CHECKING:
    from matterapi.options.client import ApiClientOptions

AS_CLIENT: Final[Any] = ...
"""Stands for what the client's own options say; signatures show it as `...`."""

_MOST_RETRIES = 20


@dataclass(frozen=True)
class CallOptions:
    """What sets calls apart from the others of their client.

    Attributes:
        headers: Header fields; they win over the client's.
        anonymous: Whether they go out without the token and what else says who the user is.
        timeout: Seconds for each phase, in any form that `httpx_client_options['timeout']` takes.
        retries: How often a call is sent again.
        deadline: Seconds for all attempts of a call together; `None` for no limit.
        idempotent: Whether sending one again does no harm, whatever its verb says.
    """

    headers: tuple[tuple[str, str], ...] = ()
    anonymous: bool = False
    timeout: Any = AS_CLIENT
    retries: int = AS_CLIENT
    deadline: float | None = AS_CLIENT
    idempotent: bool = False

    def changed(self, headers: Mapping[str, str] | None = None, **changes: Any) -> Self:
        """The same with some changed; headers are added."""
        return replace(self, headers=(*self.headers, *(headers or {}).items()), **changes)

    def for_core(self, options: ApiClientOptions) -> OwnOptions:
        """The same as the core takes it.

        Args:
            options: The client's options, for what is not set here.

        Raises:
            InvalidOptions: One of them cannot be used.
        """
        from matterapi.options.timeouts import Timeout  # noqa: PLC0415 - few programs need it

        retries = options.retries if self.retries is AS_CLIENT else self.retries
        deadline = options.deadline if self.deadline is AS_CLIENT else self.deadline
        if isinstance(retries, bool) or not isinstance(retries, int) or not 0 <= retries <= _MOST_RETRIES:
            raise InvalidOptions(f"retries must be a number from 0 to {_MOST_RETRIES}")
        if deadline is not None and (
            isinstance(deadline, bool) or not isinstance(deadline, (int, float)) or deadline <= 0
        ):
            raise InvalidOptions("deadline must be a number of seconds above 0, or None")
        phases = None
        if self.timeout is not AS_CLIENT:
            try:
                limits = Timeout.of(self.timeout)
            except ValueError as error:
                raise InvalidOptions(
                    str(error).replace("httpx_client_options['timeout']", "timeout")
                ) from None
            phases = (limits.connect, limits.read, limits.write)
        headers = {name.lower(): (name, value) for name, value in self.headers}
        return OwnOptions(
            headers=list(headers.values()),
            anonymous=self.anonymous,
            retry=(retries, deadline),
            timeout=phases,
            idempotent=self.idempotent,
        )
