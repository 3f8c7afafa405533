"""Secrets that a server or proxy gives back, in whatever dress, get into nothing that is shown or kept."""

from __future__ import annotations

import base64
import gc
import html
import json
import logging
import pickle
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import quote, quote_plus

import pytest

from matterapi.client.exceptions import MatterapiError, NoAccessTokenProvided
from matterapi.redaction import known_secrets
from tests.support.canary import CANARY, Shown, is_shown
from tests.support.effort import checkered
from tests.support.scripted import Connection, answer, scripted, serve
from tests.support.websocket import WebSocket, websocket_server

from .conftest import Attack

ODD = 'Pä"ss<w>&o+r/d= 1\\'
"""A password that every encoding changes."""

Dress = Callable[[str], str]


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


DRESSES: dict[str, Dress] = {
    "bare": lambda s: f"you sent {s}",
    "words": lambda s: f"the token {s} is unknown",
    "percent": lambda s: f"Bearer%20{quote(s, safe='')}",
    "plus": lambda s: f"Bearer+{quote_plus(s)}",
    "percent, all": lambda s: "".join(f"%{byte:02X}" for byte in s.encode()),
    "entity": lambda s: f"Bearer&nbsp;{html.escape(s)}",
    "a key": lambda s: json.dumps({s: 1, "message": {s: [s]}}),
    "a key in ASCII": lambda s: json.dumps({"message": json.dumps({s: s})}),
    "YAML": lambda s: f"auth:\n  - {s}\n  mfa: >\n    {s}\n",
    "a Go struct": lambda s: f"&{{Id:x Token:{s} Props:map[{s}:{s}]}}",
    "Go's JSON": lambda s: (
        json.dumps(s, ensure_ascii=False)
        .replace("<", "\\u003c")
        .replace(">", "\\u003e")
        .replace("&", "\\u0026")
    ),
    "HTML": lambda s: f"<td>{html.escape(s)}</td>",
    "Go's HTML": lambda s: html.escape(s).replace("&quot;", "&#34;").replace("+", "&#43;"),
    "upper case": lambda s: s.upper(),
    "repr": repr,
    "repr of bytes": lambda s: repr(s.encode()),
    "base64": encoded,
    "base64 of a pair": lambda s: encoded(f"ann:{s}"),
    "base64 of a sentence": lambda s: encoded(f"you sent me {s} as your token"),
    "base64 without padding": lambda s: encoded(f"ann:{s}").rstrip("="),
    "base64 for URLs": lambda s: base64.urlsafe_b64encode(f"{s}?{s}".encode()).decode(),
    "beyond what is kept": lambda s: "x" * (64 * 1024 - len(s.encode()) // 2) + s,
    "beyond what is quoted": lambda s: "x" * (200 - len(s.encode()) // 2) + s,
}

FORMS: dict[str, Callable[[str], bytes]] = {
    "text": lambda text: answer(text.encode(), "500 Error", "text/plain"),
    "error": lambda text: answer(
        json.dumps(
            {"id": text, "message": text, "status_code": 400, "request_id": text, "detailed_error": text}
        ).encode(),
        "400 Bad Request",
    ),
    "JSON": lambda text: answer(json.dumps([{text: text}, text]).encode(), "400 Bad Request"),
    "header": lambda text: answer(b"", "404 Not Found", X_Request_Id=latin(text), X_Echo=latin(text)),
    "redirect": lambda text: answer(b"", "302 Found", Location="/login?from=" + latin(text)),
    "page": lambda text: answer(b"<p>" + text.encode(), content_type="text/html"),
    "broken JSON": lambda text: answer(b'{"id":' + text.encode()),
    "broken, odd": lambda text: answer(b'\xef\xbb\xbf["\\ud800\xff",' + text.encode()),
    "lines": lambda text: answer(text.encode() + b"\n{", content_type="application/x-ndjson"),
    "behind a list": lambda text: answer(
        b"[{}," + json.dumps({"id": "x", "message": text, "status_code": 404}, separators=(",", ":")).encode()
    ),
    "two documents": lambda text: answer(
        b"[{}]" + json.dumps({"id": "x", "message": text, "status_code": 404}, separators=(",", ":")).encode()
    ),
}


def latin(text: str) -> str:
    """As much of a text as a header field can carry."""
    return " ".join(text.split())[:60_000]


def options(secret: str) -> dict[str, dict[str, Any]]:
    """Every option that holds a secret, alone."""
    return {
        "password": {"auth": {"login_id": "ann", "password": secret}},
        "code": {"auth": {"login_id": "ann", "password": "sesame", "mfa_token": secret}},
        "basic": {"auth": None, "httpx_client_options": {"auth": ("ann", secret)}},
        "cookie": {"auth": None, "httpx_client_options": {"headers": {"Cookie": f"a=1; b={quote(secret)}"}}},
        "params": {"auth": None, "httpx_client_options": {"params": {"key": secret}}},
    }


def with_login(answers: Iterable[bytes]) -> Any:
    """The calls are answered in this order; a login works."""
    left = iter(answers)

    def script(connection: Connection) -> None:
        while (request := connection.read_request()) is not None:
            good = "/users/login" in request[0]
            connection.send(answer(Token="t" * 26) if good else next(left))

    return script


@pytest.mark.parametrize(("kind", "dress", "form"), checkered(("sync", "async"), DRESSES, FORMS))
async def test_no_dress_gets_a_token_into_what_is_shown_or_kept(
    connect: Any, shown: Shown, dress: str, form: str
) -> None:
    with scripted(serve(FORMS[form](DRESSES[dress](CANARY)))) as server:
        client = connect(server.url, {"token": CANARY}, debug=True)
        with shown.watching():
            await client.users.get_users()
        with shown.watching():
            async with client.files.stream("f1"):
                pass
    assert shown.leaks == []
    assert shown.seen


@pytest.mark.parametrize(
    ("kind", "option", "secret"), checkered(("sync", "async"), options(""), [CANARY, ODD])
)
async def test_no_dress_gets_another_secret_into_an_error(
    kind: str, attack: Attack, option: str, secret: str
) -> None:
    found = []
    dressed = [(name, form) for name in DRESSES for form in ("text", "error", "page", "broken JSON")]
    answers = (FORMS[form](DRESSES[name](secret)) for name, form in dressed)
    with attack(with_login(answers), **options(secret)[option]) as (_, client):
        for name, form in dressed:
            with pytest.raises(MatterapiError) as caught:
                await client.users.get_users()
            error = caught.value
            places = {
                "text": f"{error} {error!r} {error.args} {error.details} {error.request_id}",
                "body": error.response.content if error.response else b"",
                "cause": f"{error.__cause__!r} {vars(error.__cause__) if error.__cause__ else ''}",
                "context": vars(error.__context__) if error.__context__ else "",
                "pickle": pickle.dumps(error),
            }
            found += [(name, form, place) for place, text in places.items() if is_shown(text, secret)]
    assert found == []


@pytest.mark.parametrize("dress", DRESSES)
async def test_a_refused_login_does_not_show_its_password(connect: Any, shown: Shown, dress: str) -> None:
    refusal = FORMS["error"](DRESSES[dress](CANARY)).replace(b"400 Bad", b"401 Bad")
    with scripted(serve(refusal)) as server:
        client = connect(server.url, {"login_id": "ann", "password": CANARY}, debug=True)
        with shown.watching():
            async with client.session():
                pass
        with shown.watching():
            await client.users.get_user("me")
    assert shown.leaks == []
    assert shown.seen >= 2


@pytest.mark.parametrize("dress", DRESSES)
async def test_no_websocket_shows_a_secret_in_a_notice(
    kind: str, connect: Any, shown: Shown, caplog: pytest.LogCaptureFixture, dress: str
) -> None:
    text = " ".join(DRESSES[dress](CANARY).split())[-100:]

    class Enough(ValueError):
        pass

    sessions = []

    def session(ws: WebSocket) -> None:
        sessions.append(ws)
        ws.event("hello", 0, connection_id="c" * 26, server_version=text)
        if len(sessions) == 1:
            ws.send(b"\x0f\xa0" + text.encode()[:123], opcode=8)
        ws.event("posted", 1, post=text)
        ws.connection.wait_closed()

    def handler(event: dict[str, Any]) -> None:
        if event["event"] == "posted":
            raise Enough

    with scripted(websocket_server(session)) as server:
        client = connect(server.url, {"token": CANARY}, ws_concurrent=False, ws_reconnect_wait_time=0)
        with shown.watching():
            await (client.start_ws_sync(handler) if kind == "sync" else client.start_ws(handler))
    assert "Websocket connected" in caplog.text
    assert shown.leaks == []


async def test_the_failure_of_a_handler_is_logged_without_the_token(
    kind: str, connect: Any, shown: Shown, caplog: pytest.LogCaptureFixture
) -> None:
    def session(ws: WebSocket) -> None:
        if "Websocket task failed" in caplog.text:
            return
        ws.hello()
        ws.event("posted", 1)
        while "Websocket task failed" not in caplog.text:
            ws.send(b"", opcode=9)
            ws.read()
        ws.connection.reset()

    def rest(line: str, headers: dict[str, str]) -> bytes:
        refused = b'{"id":"x","message":"m","status_code":401}'
        return (
            answer(refused, "401 X")
            if "/users/me" in line
            else answer(b'{"status":"OK","database_status":"OK"}')
        )

    def handler(event: dict[str, Any]) -> None:
        raise RuntimeError(f"failed with {CANARY} and {encoded(CANARY)}")

    with scripted(websocket_server(session, rest)) as server:
        client = connect(server.url, {"token": CANARY}, ws_reconnect_wait_time=0)
        with shown.watching():
            await (client.start_ws_sync(handler) if kind == "sync" else client.start_ws(handler))
    assert "failed with [secure] and [secure]" in caplog.text
    assert shown.leaks == []


async def test_a_proxy_that_gives_its_password_back_is_masked(attack: Attack, kind: str) -> None:
    for dress in DRESSES.values():
        with scripted(serve(FORMS["text"](dress(ODD)))) as proxy:
            url = proxy.url.replace("://", f"://ann:{quote(ODD, safe='')}@")
            with attack(serve(answer()), auth=None, httpx_client_options={"proxy": url}) as (_, client):
                with pytest.raises(MatterapiError) as caught:
                    await client.users.get_user("me")
                assert not is_shown(f"{caught.value}{caught.value.args}", ODD)


EXPIRED = answer(b'{"id":"api.context.session_expired.app_error","message":"m","status_code":401}', "401 X")
FIRST = "first" + "f" * 21


async def test_the_token_of_every_login_is_masked_the_one_before_too(attack: Attack, kind: str) -> None:
    # Tokens of this test alone: the client of another may still be there.
    first, second = (f"{kind}{word}".ljust(26, "x") for word in ("first", "second"))
    tokens = iter((first, second))
    echo = answer(f"{first} {second}".encode(), "500 X", "text/plain")

    def script(connection: Connection) -> None:
        while (request := connection.read_request()) is not None:
            line, headers, _ = request
            if "/users/login" in line:
                connection.send(answer(Token=next(tokens)))
            elif headers["authorization"] == f"Bearer {first}" and "status" in line:
                connection.send(EXPIRED)
            else:
                connection.send(echo)

    with attack(script, auth={"login_id": "ann", "password": "sesame"}) as (_, client):
        with pytest.raises(MatterapiError) as caught:
            await client.users.get_user("me")
        assert caught.value.message == f"[secure] {second}"
        with pytest.raises(MatterapiError) as caught:
            await client.status.get_user_status("u")
        assert caught.value.message == "[secure] [secure]"


async def test_a_clients_secrets_are_forgotten_with_it(attack: Attack) -> None:
    with attack(serve(answer()), auth={"token": FIRST}) as (_, client):
        assert known_secrets.mask(f"a {FIRST}") == "a [secure]"
        del client
        gc.collect()
        assert known_secrets.mask(f"a {FIRST}") == f"a {FIRST}"
    assert not any(FIRST in str(vars(secrets)) for secrets in known_secrets._owners.values())


async def test_a_short_secret_ruins_no_text(attack: Attack) -> None:
    body = json.dumps({"id": "api.a.app_error", "message": "a pwned page", "status_code": 400}).encode()
    with attack(
        serve(answer(Token="a"), answer(body, "400 X")),
        auth={"login_id": "ann", "password": "pw", "mfa_token": "page"},
    ) as (_, client):
        with pytest.raises(MatterapiError) as caught:
            await client.users.get_user("me")
    assert (caught.value.error_id, caught.value.message) == ("api.a.app_error", "a pwned page")


@pytest.mark.parametrize("password", ["message", "status_code", "request_id", "detailed_error"])
async def test_a_password_that_is_a_word_of_the_server_breaks_no_error(attack: Attack, password: str) -> None:
    body = json.dumps({"id": "a.app_error", "message": "m", "status_code": 400, "request_id": "r"}).encode()
    auth = {"login_id": "ann", "password": password}
    with attack(serve(answer(Token="t" * 26), answer(body, "400 X")), auth=auth) as (_, client):
        with pytest.raises(MatterapiError) as caught:
            await client.users.get_user("me")
    assert (caught.value.error_id, caught.value.message, caught.value.request_id) == ("a.app_error", "m", "r")


async def test_a_code_that_comes_back_as_a_number_is_masked(attack: Attack) -> None:
    auth = {"login_id": "ann", "password": "sesame", "mfa_token": "271828"}
    body = b'{"message":"","n":[271828,314159]}'
    with attack(serve(answer(Token="t" * 26), answer(body, "400 X")), auth=auth) as (_, client):
        with pytest.raises(MatterapiError) as caught:
            await client.users.get_user("me")
    assert caught.value.args[0]["n"] == ["[secure]", 314159]


async def test_what_a_success_brings_is_left_alone(attack: Attack, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with attack(serve(answer(b'{"id":"%s"}' % FIRST.encode())), auth={"token": FIRST}) as (_, client):
        assert (await client.users.get_user("me")).id == FIRST


@pytest.mark.parametrize("token", ["", " ", "a b", "a\tb", "caf\xe9", "\x80", "a,\xff"])
async def test_a_login_without_a_real_token_is_refused(attack: Attack, token: str) -> None:
    asked = []

    def script(connection: Connection) -> None:
        while (request := connection.read_request()) is not None:
            asked.append(request[0])
            connection.send(
                answer(b'{"id":"u1"}').replace(
                    b"\r\n\r\n", b"\r\nToken: " + token.encode("latin-1") + b"\r\n\r\n", 1
                )
            )

    with attack(script, auth={"login_id": "ann", "password": "sesame"}) as (_, client):
        with pytest.raises(NoAccessTokenProvided, match="Token header") as caught:
            await client.users.get_user("me")
        assert client.active_token is None
    assert caught.value.route == "POST /api/v4/users/login"
    assert asked == ["POST /api/v4/users/login HTTP/1.1"]
