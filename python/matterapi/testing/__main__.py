"""`python -m matterapi.testing`: a Mattermost server for a demo or for another program's tests."""

import argparse
import json
import signal
import sys
import threading

from .http.request_log import RecordedRequest
from .server.mattermost import MattermostServer


def main(arguments: list[str] | None = None) -> int:
    """Serve until SIGTERM or Ctrl-C; the first line on stdout is JSON and says that the server is ready."""
    parser = argparse.ArgumentParser(prog="python -m matterapi.testing", description=__doc__)
    parser.add_argument(
        "--port", type=int, default=0, help="port on 127.0.0.1; 0, the default, for a free one"
    )
    parser.add_argument(
        "--empty", action="store_true", help="no account; the first one created becomes admin"
    )
    parser.add_argument("--tls", action="store_true", help="speak https, with a certificate made at start")
    parser.add_argument("--seed", type=int, help="make ids and tokens repeatable")
    parser.add_argument("--version", help="server version to be, like 11.2; by default the newest known")
    parser.add_argument("--licensed", action="store_true", help="say that there is a licence")
    parser.add_argument("--log", action="store_true", help="write each request to stderr")
    options = parser.parse_args(arguments)
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    try:
        server = MattermostServer(
            port=options.port,
            empty=options.empty,
            tls=options.tls,
            seed=options.seed,
            version=options.version,
            licensed=options.licensed,
            on_request=_log if options.log else None,
        )
        server.start()
    except OSError as failed:
        parser.exit(1, f"cannot listen on port {options.port}: {failed.strerror}\n")
    try:
        sys.stdout.write(_ready_line(server, empty=options.empty))
        sys.stdout.flush()
        ended.wait()
    finally:
        server.stop()
    return 0


def _log(request: RecordedRequest) -> None:
    sys.stderr.write(f"{request.verb} {request.path} {request.status}\n")
    sys.stderr.flush()


def _ready_line(server: MattermostServer, *, empty: bool) -> str:
    admin = None
    if not empty:
        known = server.admin
        admin = {"username": known.username, "password": known.password, "token": known.token}
    return json.dumps({"url": server.url, "admin": admin}) + "\n"


if __name__ == "__main__":
    sys.exit(main())
