"""nginx with one worker, as a child of this process, its files in a folder of this run."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benches.served import SetupError

STARTS_WITHIN = 10.0
"""Seconds."""


def program() -> Path:
    """Where nginx is.

    Raises:
        SetupError: It is not installed.
    """
    # Debian puts it where a user's PATH does not lead.
    found = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
    if found is None:
        raise SetupError("nginx is not installed (Debian: nginx-light); `--server rust` goes without")
    return Path(found)


def configuration(folder: Path, port: int, *, tls: bool, root: bool) -> str:
    """Its configuration: the pages of the folder, read once and kept open.

    Args:
        folder: With the pages and the certificate.
        port: To listen on, on loopback.
        tls: Whether it speaks TLS.
        root: Whether it runs as root: its worker would give that up and could not read the folder.
    """
    places = " ".join(
        f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    secure = f"ssl_certificate {folder}/chain.pem; ssl_certificate_key {folder}/key.pem;" if tls else ""
    return f"""
{"user root root;" if root else ""}
worker_processes 1;
daemon off;
pid {folder}/nginx.pid;
error_log stderr error;
events {{ worker_connections 4096; }}
http {{
  access_log off;
  {places}
  default_type application/json;
  sendfile on;
  tcp_nodelay on;
  keepalive_requests 1000000000;
  keepalive_timeout 1h;
  open_file_cache max=16;
  server {{
    listen 127.0.0.1:{port}{" ssl" if tls else ""};
    {secure}
    location = /api/v4/users/me {{ alias {folder}/user.json; }}
    location ~ ^/api/v4/channels/[^/]+/posts$ {{ alias {folder}/posts.json; }}
  }}
}}
"""


@contextmanager
def running(nginx: Path, pages: Path, *, tls: bool) -> Iterator[int]:
    """Run it and give its port.

    Raises:
        SetupError: It did not start.
    """
    port = _free_port()
    file = pages / "nginx.conf"
    file.write_text(configuration(pages, port, tls=tls, root=os.geteuid() == 0))
    with subprocess.Popen([nginx, "-p", pages, "-c", file]) as server:
        try:
            _wait_for(server, port)
            yield port
        finally:
            server.terminate()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(server: subprocess.Popen[bytes], port: int) -> None:
    end = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < end and server.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.01)
    raise SetupError("nginx did not start")
