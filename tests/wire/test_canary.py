"""No secret of the options is shown by any fault of a call: in errors, answers, logs, warnings or output."""

import base64
import contextlib
import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.canary import CANARY, EVERYWHERE, Shown
from tests.support.certificates import Authority
from tests.support.effort import checkered
from tests.support.proxies import http_proxy, socks_proxy
from tests.support.scripted import Connection, Script, answer, scripted, serve

PASSWORD = {"login_id": "ann", "password": CANARY, "mfa_token": CANARY}


OPTIONS: dict[str, dict[str, Any]] = {
    "token": {"auth": {"token": CANARY}, "httpx_client_options": EVERYWHERE},
    "password": {"auth": {**PASSWORD, "mfa_token": lambda: CANARY}},
    "basic": {"auth": {}, "httpx_client_options": {**EVERYWHERE, "auth": ("ann", CANARY)}},
    "headers": {
        "auth": {},
        "httpx_client_options": {
            "headers": [("Authorization", f"Bearer {CANARY}"), ("Cookie", f"MMAUTHTOKEN={CANARY}")],
            "params": f"access_token={CANARY}",
        },
    },
}


def error(status: str, message: str) -> bytes:
    body = {
        "id": "x.app_error",
        "message": message,
        "status_code": int(status[:3]),
        "detailed_error": message,
    }
    return answer(json.dumps(body).encode(), status)


EXPIRED = b'{"id":"api.context.session_expired.app_error","message":"m","status_code":401}'
ECHOES = [
    f"Invalid session token={CANARY}, err=sql: no rows",
    f"Authorization: Bearer {CANARY}",
    f"Basic {base64.b64encode(f'ann:{CANARY}'.encode()).decode()}",
    f"MMAUTHTOKEN={CANARY}; Path=/",
    f"GET /api/v4/users/me\r\nX-Api-Key: {CANARY}\r\nCookie: a=1; b={CANARY}\r\n",
    json.dumps({"login_id": "ann", "password": CANARY, "token": CANARY}),
    f"https://ann:{CANARY}@chat.example.com/api/v4",
    f"/api/v4/users/me?access_token={CANARY}&page=0",
]
FAULTS: dict[str, bytes | Callable[[Connection], Any]] = {
    "no answer": lambda c: c.read_request() and None,
    "reset": lambda c: c.read_request() and c.reset(),
    "silence": lambda c: c.read_request() and c.wait_closed(),
    "no HTTP": b"SSH-2.0-OpenSSH\r\n\r\n",
    "half a head": lambda c: c.read_request() and c.send(answer()[:20]),
    "half a body": lambda c: c.read_request() and c.send(answer()[:-5]),
    "two lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}",
    "broken gzip": answer(gzip.compress(b"{}")[:-6], Content_Encoding="gzip"),
    "an HTML page": answer(b"<html>", content_type="text/html"),
    "no JSON": answer(b'{"id":'),
    "nothing": answer(b""),
    "a list": answer(b"[]"),
    "a redirect": answer(b"", "302 Found", Location="/login"),
    "a redirect with a password": answer(
        b"", "302 Found", Location=f"https://ann:{CANARY}@h/?token={CANARY}"
    ),
    "expired": answer(EXPIRED, "401 Unauthorized"),
    "limited": answer(b"limit exceeded", "429 Too Many Requests", "text/plain", Retry_After="1"),
    "bad gateway": answer(b"<html>bad</html>", "502 Bad Gateway", "text/html"),
    "success": answer(),
    **{f"echo {n} as error": error("400 Bad Request", echo) for n, echo in enumerate(ECHOES)},
    **{
        f"echo {n} as text": answer(echo.encode(), "500 Error", "text/plain") for n, echo in enumerate(ECHOES)
    },
    **{
        f"echo {n} as page": answer(f"<p>{echo}".encode(), content_type="text/html")
        for n, echo in enumerate(ECHOES)
    },
}


def script(fault: str) -> Script:
    acting = FAULTS[fault]
    return serve(acting) if isinstance(acting, bytes) else acting


CALLS: dict[str, Callable[[Any, Path], Any]] = {
    "read": lambda client, _: client.users.get_user("me"),
    "write": lambda client, _: client.posts.create_post(json_body={"channel_id": "c", "message": "m"}),
    "raw": lambda client, _: client.system.get_ping(),
    "upload": lambda client, folder: client.files.upload("c1", folder / "a.txt"),
    "download": lambda client, folder: client.files.download("f1", folder / "b.txt"),
    "session": lambda client, _: log_in(client),
}


async def log_in(client: Any) -> None:
    async with client.session() as session:
        await session.users.get_user("me")


@pytest.mark.parametrize(("kind", "option", "fault"), checkered(("sync", "async"), OPTIONS, FAULTS))
async def test_no_fault_of_a_server_shows_a_secret(
    connect: Any, shown: Shown, option: str, fault: str, tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_text("content")
    http = {"timeout": (5, 0.05 if fault == "silence" else 5, 5, 5)}
    options = {**OPTIONS[option]}
    options["httpx_client_options"] = http | options.get("httpx_client_options", {})
    with scripted(script(fault)) as server:
        for call in CALLS.values():
            with shown.watching():
                client = connect(server.url, debug=True, **options)
                shown.add(client, client.sender.core)
                shown.add(await call(client, tmp_path))
    assert shown.leaks == []
    assert shown.seen > len(CALLS)


@pytest.mark.parametrize("fault", ["refused", "wrong password", *FAULTS])
async def test_no_fault_shows_the_password_of_a_proxy(connect: Any, shown: Shown, fault: str) -> None:
    with contextlib.ExitStack() as stack:
        if fault == "refused":
            with http_proxy() as gone:
                bare = gone.bare
        elif fault == "wrong password":
            bare = stack.enter_context(http_proxy()).bare
        else:
            # Plain requests are sent to a proxy as to any server.
            bare = stack.enter_context(scripted(script(fault))).url
        proxy = bare.replace("://", f"://{CANARY}:{CANARY}@")
        for scheme in ("http", "https"):
            # What answers CONNECT as if it were a call leaves the client waiting for TLS.
            http = {"proxy": proxy, "timeout": (0.2, 0.2, 5, 5)}
            with shown.watching():
                client = connect(f"{scheme}://127.0.0.1:9", debug=True, httpx_client_options=http)
                shown.add(client, client.sender.core)
                shown.add(await client.users.get_user("me"))
    assert shown.leaks == []
    assert shown.seen >= 2


async def test_no_fault_shows_the_password_of_a_socks_proxy(connect: Any, shown: Shown) -> None:
    with socks_proxy() as proxy:
        for user, port in ((CANARY, None), (None, 9)):
            url = proxy.url if user is None else proxy.bare.replace("://", f"://{user}:{CANARY}@")
            with shown.watching():
                client = connect(f"http://127.0.0.1:{port or 9}", httpx_client_options={"proxy": url})
                shown.add(client, await client.users.get_user("me"))
    assert shown.leaks == []
    assert shown.seen == 2


async def test_no_fault_of_tls_shows_a_secret(connect: Any, shown: Shown, tmp_path: Path) -> None:
    authority, other = Authority(tmp_path), Authority(tmp_path / "..")
    certificate, key = authority.client(CANARY)
    wrong = {"verify": authority.file, "cert": (certificate, key, CANARY[1:])}
    right = {"verify": authority.file, "cert": (certificate, key, CANARY)}
    servers = [
        authority.server(client=True),
        authority.server("other.example"),
        authority.server(not_after=-1, not_before=-9),
        other.server(),
        None,
    ]
    for tls in servers:
        for http in (wrong, right):
            with scripted(serve(answer(EXPIRED, "401 Unauthorized")), tls) as server:
                url = f"https://{server.url.partition('://')[2]}"
                with shown.watching():
                    # A server without TLS is silent: it waits for the rest of a request.
                    quick = {**http, "timeout": (1, 5, 5, 5)}
                    client = connect(url, {"token": CANARY}, httpx_client_options=quick)
                    shown.add(client, client.sender.core)
                    await client.users.get_user("me")
    assert shown.leaks == []
    assert shown.seen >= 2 * len(servers)


WRONG: list[dict[str, Any]] = [
    {"auth": {"login_id": "", "password": CANARY}},
    {"auth": {"login_id": ["x"], "password": CANARY, "mfa_token": CANARY}},
    {"auth": {"token": f"{CANARY} {CANARY}"}},
    {"auth": {"token": f"{CANARY}\r\n{CANARY}"}},
    {"auth": {"token": [CANARY]}},
    {"auth": {"password": CANARY}},
    {"auth": CANARY},
    {"auth": {"token": CANARY}, "ws_reconnect_wait_time": "soon"},
    {"url": f"https://ann:{CANARY}@chat.example.com"},
    {"url": f"https://chat.example.com/?token={CANARY}"},
    {"url": f"https://ann:{CANARY}@[::1"},
    {"ws_url": f"wss://ann:{CANARY}@chat.example.com"},
    {"httpx_client_options": CANARY},
]
WRONG += [
    {"httpx_client_options": {**http, **broken}}
    for http in (EVERYWHERE, {"auth": ("ann", CANARY)}, {"proxy": f"http://ann:{CANARY}@127.0.0.1:9"})
    for broken in (
        {"timeout": "soon"},
        {"verify": "absent.pem"},
        {"cert": ("absent", "absent", CANARY)},
        {"x": 1},
    )
]
WRONG += [
    {"httpx_client_options": {name: value}}
    for name, values in {
        "headers": [
            CANARY,
            [CANARY],
            {"X-Own": f"{CANARY}\n"},
            {"X-Own": [CANARY]},
            {f"A {CANARY}"[:1]: f"\0{CANARY}"},
        ],
        "cookies": [CANARY, [CANARY], {"own": f"{CANARY};"}, {"own": {CANARY}}],
        "params": [f"token={CANARY} ", [CANARY], 7],
        "auth": [CANARY, (CANARY,), ("ann", [CANARY]), {"ann": CANARY}],
        "cert": [("absent.pem", "absent.key", CANARY), ("absent.pem", None, CANARY, CANARY)],
        "proxy": [
            f"ftp://ann:{CANARY}@h",
            f"http://ann:{CANARY}@",
            f"http://ann:{CANARY}@h:port",
            f"ann:{CANARY}@h",
        ],
        "proxies": [{"all://": f"ftp://ann:{CANARY}@h"}, {"nonsense": f"http://ann:{CANARY}@h"}],
        "mounts": [{"all://": f"ftp://ann:{CANARY}@h"}, {"all://": object()}],
        "transport": [CANARY],
    }.items()
    for value in values
]


@pytest.mark.parametrize("wrong", WRONG, ids=range(len(WRONG)))
def test_no_refusal_of_an_option_shows_a_secret(connect: Any, shown: Shown, wrong: dict[str, Any]) -> None:
    with shown.watching():
        connect(**{"url": "https://chat.example.com", **wrong})
    assert shown.leaks == []
    assert shown.seen == 1, "this option was taken"


@pytest.mark.parametrize("name", ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"])
@pytest.mark.parametrize("value", ["ftp://ann:{}@h", "http://ann:{}@h:port", "http://ann:{}@127.0.0.1:9"])
async def test_no_proxy_of_the_environment_shows_a_secret(
    connect: Any, shown: Shown, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value.format(CANARY))
    with shown.watching():
        client = connect(f"http{'s' if 'S_' in name else ''}://127.0.0.1:9")
        shown.add(client)
        await client.users.get_user("me")
    assert shown.leaks == []
    assert shown.seen


async def test_the_warning_of_an_exposed_token_does_not_show_it(connect: Any, shown: Shown) -> None:
    with shown.watching():
        connect("http://chat.example.invalid/sub", {"token": CANARY})
    assert shown.leaks == []
    assert shown.seen == 1
