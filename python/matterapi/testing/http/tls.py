"""The certificate of a server that speaks https, made at start."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import trustme

CertificateFlaw = Literal["expired", "wrong-host", "unknown-authority"]


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate for 127.0.0.1 and localhost, and the authority that signed it.

    Attributes:
        context: For the server's side.
        authority: The authority.
        ca_pem: The authority's certificate, for clients that are to verify.
    """

    context: ssl.SSLContext
    authority: trustme.CA
    ca_pem: bytes


def make_certificate(authority: trustme.CA | None = None, flaw: CertificateFlaw | None = None) -> Certificate:
    """Make a certificate; takes some 10 ms.

    Args:
        authority: What signs it; None for a new one.
        flaw: What is wrong with it.
    """
    # Loading it takes longer than starting a server, and most servers do without TLS.
    import trustme  # noqa: PLC0415

    if authority is None or flaw == "unknown-authority":
        authority = trustme.CA()
    names = ("elsewhere.example.org",) if flaw == "wrong-host" else ("127.0.0.1", "localhost")
    over = datetime.now(timezone.utc) - timedelta(days=1) if flaw == "expired" else None
    begun = over - timedelta(days=30) if over is not None else None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_alpn_protocols(["http/1.1"])
    authority.issue_cert(*names, not_before=begun, not_after=over).configure_cert(context)
    return Certificate(context, authority, authority.cert_pem.bytes())
