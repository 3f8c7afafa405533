"""The certificate of a server that speaks https, made at start."""

import ssl
from dataclasses import dataclass

import trustme


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate for 127.0.0.1 and localhost, and the authority that signed it.

    Attributes:
        context: For the server's side.
        ca_pem: The authority, for clients that are to verify.
    """

    context: ssl.SSLContext
    ca_pem: bytes


def make_certificate() -> Certificate:
    """Make an authority and a certificate signed by it; takes some 10 ms."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_alpn_protocols(["http/1.1"])
    authority.issue_cert("127.0.0.1", "localhost").configure_cert(context)
    return Certificate(context, authority.cert_pem.bytes())
