"""Faults of TCP connections before their first request: refusal to speak, and wrong certificates."""

from __future__ import annotations

import asyncio
import socket
import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING

from matterapi.testing.http.tls import CertificateFlaw, make_certificate

from .fault import ConnectionFault
from .rules import Faults, Released, Rule
from .waiting import first
from .wire import make_reset

if TYPE_CHECKING:
    from trustme import CA

_READ = 65536


@dataclass(frozen=True, slots=True)
class Unserved(ConnectionFault):
    """A connection that is accepted and then not served, with TLS not even a handshake.

    Args:
        ending: `reset` (RST), `close` (FIN), or `stall` (open until the client or the fault goes).
        after: Bytes of the client that are read first; 1 for a handshake or request that has begun.
        sends: Bytes that are sent before the end, e.g. plain text on a TLS port.
    """

    ending: str = "reset"
    after: int = 0
    sends: bytes = b""

    def __post_init__(self) -> None:
        self.require_one_of("ending", ("reset", "close", "stall"))
        self.require_count("after")
        self.require(isinstance(self.sends, bytes), "sends", "bytes")


@dataclass(frozen=True, slots=True)
class BadCertificate(ConnectionFault):
    """A certificate that a client must refuse; only for a server with `tls=True`.

    Args:
        flaw: `expired`, `wrong-host`, or `unknown-authority`.
    """

    flaw: CertificateFlaw

    def __post_init__(self) -> None:
        self.require_one_of("flaw", ("expired", "wrong-host", "unknown-authority"))


class ConnectionFaults:
    """The faults of the connections of one running server: what stands at its door.

    Args:
        faults: The rules.
        released: Waits until all of some rules are removed.
        authority: What signs certificates that are to be trusted; None without TLS.
    """

    def __init__(self, faults: Faults, released: Released, authority: CA | None) -> None:
        self._faults = faults
        self._released = released
        self._authority = authority
        self._contexts: dict[CertificateFlaw, ssl.SSLContext] = {}

    async def stops(self, sock: socket.socket, number: int) -> bool:
        """Let a connection meet its faults; tells whether it is over."""
        if not len(self._faults):
            return False
        for rule in self._faults.applying(ConnectionFault, None, number):
            unserved = next((fault for fault in rule.faults if isinstance(fault, Unserved)), None)
            if unserved is not None and rule.draw():
                self._faults.note(rule, unserved, number)
                with sock:
                    await self._leave(sock, unserved, rule)
                return True
        return False

    async def _leave(self, sock: socket.socket, fault: Unserved, rule: Rule) -> None:
        loop = asyncio.get_running_loop()
        seen = 0
        try:
            while seen < fault.after:
                read = await loop.sock_recv(sock, _READ)
                if not read:
                    return
                seen += len(read)
            await loop.sock_sendall(sock, fault.sends)
            if fault.ending == "stall":
                await first(_drain(sock), self._released([rule]))
        except OSError:
            return
        if fault.ending == "reset":
            make_reset(sock)

    def certificate(self, number: int) -> ssl.SSLContext | None:
        """Return the certificate that a connection gets instead of the good one."""
        for rule in self._faults.applying(ConnectionFault, None, number):
            fault = next(
                (wanted_fault for wanted_fault in rule.faults if isinstance(wanted_fault, BadCertificate)),
                None,
            )
            if fault is not None and rule.draw():
                self._faults.note(rule, fault, number)
                if fault.flaw not in self._contexts:
                    self._contexts[fault.flaw] = make_certificate(self._authority, fault.flaw).context
                return self._contexts[fault.flaw]
        return None


async def _drain(sock: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    while await loop.sock_recv(sock, _READ):
        pass
