"""The faults of a server that runs: one object for each place where they act."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matterapi.testing.catalogue.routing import RouteTable

from .requests import RequestFaults
from .rules import Faults
from .tcp import ConnectionFaults
from .websocket_hooks import FaultyHooks

if TYPE_CHECKING:
    from trustme import CA

    from matterapi.testing.http.listener import Listener


class FaultEngine:
    """Lets the faults of one server happen while it runs.

    Args:
        faults: The rules.
        routes: Finds operations.
        authority: What signed the server's certificate; None without TLS.
        subpath: Where the routes are.

    Attributes:
        requests: Answers requests.
        admission: Meets accepted connections.
        sockets: Changes what goes over websockets.
    """

    def __init__(self, faults: Faults, routes: RouteTable, authority: CA | None, subpath: str = "/") -> None:
        self._faults = faults
        self.requests: RequestFaults = RequestFaults(faults, routes, subpath)
        self.admission: ConnectionFaults = ConnectionFaults(faults, self.requests.released, authority)
        self.sockets: FaultyHooks = FaultyHooks(faults, self.requests.released)

    def start(self, listener: Listener) -> None:
        """Follow the rules from now on."""
        loop = listener.loop

        def wake() -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(self.requests.look_again)

        self._faults.attach(lambda: listener.run(self.sockets.consider_open), wake)

    def stop(self) -> None:
        """Follow the rules no more."""
        self._faults.detach()
