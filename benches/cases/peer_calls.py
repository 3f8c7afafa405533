"""Blocking calls by other libraries: `python -m benches.cases.peer_calls URL LIBRARY WORK AMOUNT`.

WORK is `user` (bytes of a user), `own4` or `shared4` (the same by so many threads, each with a client of its
own or all with one), `posts-dicts` or `posts-models` (a list of 200 posts as dicts or models of pydantic) or
`create` (a model of pydantic is made, dumped and sent). Every answer's status and length are checked.
"""

# The peers are in an environment of their own, not where the types are checked.
# mypy: disable-error-code="import-not-found,import-untyped"

from __future__ import annotations

import json
import socket
import ssl
import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from benches.cases.measure import (
    Amount,
    Sample,
    json_fingerprint,
    leave,
    measure_calls,
    measure_threads,
    print_sample,
    trusted,
    trusted_bytes,
)
from benches.cases.pages import CHANNEL, CREATE_PATH, CREATED, USER_PATH, created_fingerprint, posts_path

TOKEN = {"Authorization": "Bearer bench"}
JSON = {"Content-Type": "application/json"}

Content = Any
"""Bytes, or what the library has for them."""

Call = Callable[["bytes | None"], "tuple[int, Content]"]
"""GETs a URL, or POSTs to it if there is a body; status and content."""


def _pycurl(url: str, _closing: ExitStack) -> Call:
    import pycurl

    # A handle for each method: changing one back and forth would cost.
    def handle(*more: str) -> Any:
        made = pycurl.Curl()
        made.setopt(pycurl.URL, url)
        made.setopt(pycurl.HTTPHEADER, ["Authorization: Bearer bench", *more])
        if trusted():
            made.setopt(pycurl.CAINFO, trusted())
        return made

    getter, poster = handle(), handle("Content-Type: application/json", "Expect:")

    def call(body: bytes | None) -> tuple[int, Content]:
        used = getter
        if body is not None:
            used = poster
            used.setopt(pycurl.POSTFIELDS, body)
        content = used.perform_rb()
        return used.getinfo(pycurl.RESPONSE_CODE), content

    return call


def _httpr(url: str, _closing: ExitStack) -> Call:
    import httpr

    client = httpr.Client(headers=TOKEN, ca_cert_file=trusted(), http1_only=True)
    return _by_status_code(client, url)


def _primp(url: str, _closing: ExitStack) -> Call:
    import primp

    return _by_status_code(primp.Client(headers=TOKEN, ca_cert_file=trusted()), url)


def _httpx(url: str, closing: ExitStack) -> Call:
    import httpx

    verify = ssl.create_default_context(cafile=trusted()) if trusted() else True
    client = closing.enter_context(httpx.Client(headers=TOKEN, verify=verify))
    return _by_status_code(client, url)


def _by_status_code(client: Any, url: str) -> Call:
    def call(body: bytes | None) -> tuple[int, Content]:
        answer = client.get(url) if body is None else client.post(url, content=body, headers=JSON)
        return answer.status_code, answer.content

    return call


def _wreq(url: str, _closing: ExitStack) -> Call:
    import wreq.blocking

    verify = Path(path) if (path := trusted()) else True
    client = wreq.blocking.Client(http1_only=True, no_proxy=True, headers=TOKEN, tls_verify=verify)

    def call(body: bytes | None) -> tuple[int, Content]:
        answer = client.get(url) if body is None else client.post(url, body=body, headers=JSON)
        return answer.status.as_int(), answer.bytes()

    return call


def _pyreqwest(url: str, _closing: ExitStack) -> Call:
    from pyreqwest.client import SyncClientBuilder

    builder = SyncClientBuilder().http1_only().no_proxy().default_headers(TOKEN)
    if certificate := trusted_bytes():
        builder = builder.add_root_certificate_pem(certificate)
    client = builder.build()

    def call(body: bytes | None) -> tuple[int, Content]:
        request = client.get(url) if body is None else client.post(url).headers(JSON).body_bytes(body)
        answer = request.build().send()
        return answer.status, answer.bytes()

    return call


def _socket(url: str, closing: ExitStack) -> Call:
    """The floor: a socket, ready-made bytes, no client."""
    address = urlsplit(url)
    assert address.hostname is not None
    connection = socket.create_connection((address.hostname, address.port or 443))
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if address.scheme == "https":
        context = ssl.create_default_context(cafile=trusted())
        connection = context.wrap_socket(connection, server_hostname=address.hostname)
    closing.callback(connection.close)
    target = f"{address.path}?{address.query}" if address.query else address.path
    request = f"GET {target} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer bench\r\n\r\n".encode()

    def call(body: bytes | None) -> tuple[int, Content]:
        assert body is None
        connection.sendall(request)
        data = connection.recv(65536)
        while (end := data.find(b"\r\n\r\n")) < 0:
            data += connection.recv(65536)
        at = data.index(b"Content-Length: ") + 16
        length = end + 4 + int(data[at : data.index(b"\r", at)])
        while len(data) < length:
            data += connection.recv(65536)
        return int(data[9:12]), data[end + 4 :]

    return call


LIBRARIES: dict[str, Callable[[str, ExitStack], Call]] = {
    "pycurl": _pycurl,
    "httpr": _httpr,
    "primp": _primp,
    "httpx": _httpx,
    "wreq": _wreq,
    "pyreqwest": _pyreqwest,
    "socket": _socket,
}
"""For each library what opens a client for a URL, until the stack is closed."""


def read(call: Call, size: int) -> Content:
    """The content of an answer.

    Raises:
        RuntimeError: It is none of status 200 and this many bytes.
    """
    status, content = call(None)
    if status != 200 or len(content) != size:
        raise RuntimeError(f"an answer of status {status} and {len(content)} bytes, not 200 and {size}")
    return content


def measure(url: str, library: str, work: str, amount: Amount) -> Sample:
    """Measure a library at some work.

    Args:
        url: The server's.
        library: Of `LIBRARIES`.
        work: See the module.
        amount: For how long, or how many.
    """
    with ExitStack() as closing:
        return _measure(lambda path: LIBRARIES[library](url + path, closing), work, amount)


def _measure(client: Callable[[str], Call], work: str, amount: Amount) -> Sample:
    if work == "create":
        return _creating(client(CREATE_PATH), amount)
    if work.startswith("posts"):
        return _reading_posts(client(posts_path()), work, amount)
    call = client(USER_PATH)
    first = bytes(call(None)[1])
    size, outcome = len(first), json_fingerprint(json.loads(first))
    if work == "user":
        return measure_calls(lambda: read(call, size), amount, outcome)
    kind = work.rstrip("0123456789")
    threads = int(work.removeprefix(kind))

    def own() -> Callable[[], object]:
        mine = call if kind == "shared" else client(USER_PATH)
        return lambda: read(mine, size)

    return measure_threads([own() for _ in range(threads)], amount, outcome)


def _reading_posts(call: Call, work: str, amount: Amount) -> Sample:
    import orjson
    from pydantic import TypeAdapter

    from benches.cases.post_models import PostList

    first = bytes(call(None)[1])
    validate = TypeAdapter(PostList).validate_json
    make: dict[str, Callable[[Content], object]] = {
        "posts-dicts": orjson.loads,
        "posts-models": validate,
    }
    made = make[work]
    posts = json.loads(first)
    if work == "posts-models":
        assert [post.id for post in validate(first).posts.values()] == list(posts["posts"])
    return measure_calls(lambda: made(read(call, len(first))), amount, json_fingerprint(posts))


def _creating(call: Call, amount: Amount) -> Sample:
    from benches.cases.post_models import NewPost

    def create() -> bytes:
        post = NewPost(channel_id=CHANNEL, message=CREATED)
        status, content = call(post.model_dump_json(exclude_unset=True).encode())
        if status != 201 or not content:
            raise RuntimeError(f"an answer of status {status} and {len(content)} bytes")
        return bytes(content)

    return measure_calls(create, amount, created_fingerprint(json.loads(create())))


if __name__ == "__main__":
    print_sample(measure(sys.argv[1], sys.argv[2], sys.argv[3], Amount.read(sys.argv[4])))
    if sys.argv[2] == "pyreqwest":
        leave()
