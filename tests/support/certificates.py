"""Certificates for TLS servers of the tests, good and bad ones, all made on the spot."""

from __future__ import annotations

import ssl
from datetime import datetime, timedelta, timezone
from pathlib import Path

import trustme
from cryptography.hazmat.primitives import serialization


class Authority:
    """A certificate authority of a test's own, and what it has signed.

    Args:
        folder: Where its certificate and those of clients are written.
    """

    def __init__(self, folder: Path) -> None:
        self.ca = trustme.CA()
        self.folder = folder
        self.file = folder / "ca.pem"
        self.ca.cert_pem.write_to_path(str(self.file))

    def server(
        self, *names: str, not_before: int | None = None, not_after: int = 1, client: bool = False
    ) -> ssl.SSLContext:
        """The server's side.

        Args:
            *names: Who the certificate is for; 127.0.0.1 by default.
            not_before: First day of its validity, counted from today.
            not_after: Last day of its validity, counted from today.
            client: Whether clients need a certificate of this authority.
        """
        now = datetime.now(timezone.utc)
        certificate = self.ca.issue_cert(
            *(names or ("127.0.0.1",)),
            not_before=None if not_before is None else now + timedelta(days=not_before),
            not_after=now + timedelta(days=not_after),
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate.configure_cert(context)
        if client:
            context.verify_mode = ssl.CERT_REQUIRED
            self.ca.configure_trust(context)
        return context

    def client(self, password: str | None = None) -> tuple[Path, Path]:
        """Files of a client's certificate and of its key."""
        issued = self.ca.issue_cert("client@example.org")
        certificate, key = self.folder / "client.pem", self.folder / "client.key"
        certificate.write_bytes(b"".join(blob.bytes() for blob in issued.cert_chain_pems))
        key.write_bytes(issued.private_key_pem.bytes())
        if password is not None:
            plain = serialization.load_pem_private_key(key.read_bytes(), None)
            secured = serialization.BestAvailableEncryption(password.encode())
            key.write_bytes(
                plain.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, secured)
            )
        return certificate, key
