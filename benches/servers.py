"""Starts the server that a case needs: the Rust one or nginx."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from benches import nginx_server, rust_server
from benches.cases.pages import pages
from benches.served import Address, Events, Pages, Served, SetupError

Kind = Literal["rust", "nginx"]


def write_pages(folder: Path) -> None:
    """Write what servers answer, and a certificate for 127.0.0.1 that only this run trusts.

    Raises:
        SetupError: There is nothing that makes certificates.
    """
    try:
        import trustme
    except ModuleNotFoundError as error:
        raise SetupError("The certificate needs trustme: run this by .venv/bin/python") from error
    for name, content in pages().items():
        (folder / name).write_bytes(content)
    authority = trustme.CA()
    certificate = authority.issue_cert("127.0.0.1")
    authority.cert_pem.write_to_path(str(trusted_in(folder)))
    certificate.private_key_pem.write_to_path(str(folder / "key.pem"))
    for number, link in enumerate(certificate.cert_chain_pems):
        link.write_to_path(str(folder / "chain.pem"), append=number > 0)


def trusted_in(folder: Path) -> Path:
    """The authority's certificate."""
    return folder / "authority.pem"


@contextmanager
def serving(kind: Kind, served: Served, folder: Path, root: Path) -> Iterator[Address]:
    """Run a server.

    Args:
        kind: Who answers calls, if it can.
        served: What.
        folder: Where `write_pages` wrote.
        root: The project.

    Raises:
        SetupError: The server cannot be had.
    """
    tls = isinstance(served, Pages) and served.tls
    if kind == "nginx" and isinstance(served, Pages) and not served.echo:
        name, running = "nginx", nginx_server.running(nginx_server.program(), folder, tls=tls)
    else:
        events = served if isinstance(served, Events) else Events()
        name, running = "rust", rust_server.running(rust_server.build(root), folder, events, tls=tls)
    with running as port:
        scheme = "https" if tls else "http"
        yield Address(f"{scheme}://127.0.0.1:{port}", name, trusted_in(folder) if tls else None)
