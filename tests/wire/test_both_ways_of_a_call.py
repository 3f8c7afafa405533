"""The core makes the value of a plain answer itself: the caller sees what the longer way would show."""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from pydantic import BaseModel

from matterapi import SyncClient
from matterapi.calls.operation import Operation
from matterapi.client import exceptions as e
from matterapi.decoding import lenient
from matterapi.decoding.schema import decoder_for
from matterapi.endpoints.operations.users import GET_USER
from matterapi.models import User
from matterapi.response import Response
from tests.support.recorded import recordings
from tests.support.scripted import Connection, answer, scripted, serve

USER = next(json.loads(one.body) for one in recordings() if one.operation == "GetUser")
REPLACEMENTS = [None, True, 7, 0.5, 2**70, "", "a word of the future", [], ["a"], {}, {"new": {"x": [1]}}]
ERROR = {"id": "app.user.missing.app_error", "message": "No.", "request_id": "r1", "status_code": 404}
SEEN = {"event_hooks": {"response": [lambda _response: None]}}
"""`httpx_client_options` of a client whose answers somebody sees: its calls go the longer way."""


def sent(value: Any) -> bytes:
    return value if isinstance(value, bytes) else json.dumps(value).encode()


def changed_users() -> Iterator[bytes]:
    for key in [*USER, "new"]:
        yield from (sent({**USER, key: new}) for new in REPLACEMENTS)
        yield sent({name: value for name, value in USER.items() if name != key})


BODIES = {
    "a user with one other value": list(changed_users()),
    "a user, cut off": [sent(USER)[:end] for end in range(0, len(sent(USER)), 97)],
    "something else": [sent(value) for value in (None, True, 7, "text", [], [USER], {}, ERROR, [ERROR])],
    "no JSON": [b"nope", b"\xff\xfe", b" ", b"<html><title>x</title></html>", b"[" * 400, b'{"id": NaN}'],
    "a user and more": [sent(USER) + more for more in (b" \n", b"x", sent(ERROR), b"\n" + sent(USER))],
    "a user with a key that came before": [sent(USER)[:-1] + b',"id":"other"}'],
}
ANSWERS = {name: [answer(body) for body in bodies] for name, bodies in BODIES.items()} | {
    "any status": [
        answer(body, f"{status} Some")
        for status in (200, 201, 204, 206, 299, 302, 304, 400, 401, 404, 413, 501, 503)
        for body in (b"",) * (status in {204, 304}) or (sent(USER), sent(ERROR), b"<html></html>", b"")
    ],
    "any content type": [
        answer(body, content_type=content_type)
        for content_type in ("application/x-ndjson", "text/html; charset=utf-8", "image/png", "")
        for body in (sent(USER), sent(USER) + b"\n" + sent(ERROR), b"<html></html>")
    ],
    "larger than may be": [answer(sent({**USER, "new": list(range(20_000))}))],
}


@contextmanager
def said() -> Iterator[list[str]]:
    """What the block logs, as in a process that has logged nothing yet."""
    messages: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: messages.append(record.getMessage())  # type: ignore[method-assign]
    logger = logging.getLogger("matterapi")
    logger.addHandler(handler)
    lenient._reported.clear()
    try:
        yield messages
    finally:
        logger.removeHandler(handler)
        lenient._reported.clear()


def shown(value: Any) -> Any:
    """All of a value, or of an error, that can be compared."""
    if isinstance(value, BaseModel):
        return type(value), value, value.model_fields_set, value.model_extra
    if isinstance(value, e.MatterapiError):
        response = value.response if isinstance(value, (e.ApiError, e.DecodeError)) else None
        came = response and (response.status_code, response.content, response.headers.multi_items())
        return type(value), str(value), value.route, value.retryable, came
    return type(value), value


async def seen_of(client: Any, op: Operation[Any]) -> tuple[Any, list[str]]:
    """What a call shows its caller, and what it logs."""
    with said() as messages:
        try:
            value = await client.users._call(op, user_id="me")
        except e.MatterapiError as error:
            value = error
    return shown(value), messages


@pytest.mark.parametrize("declared", [User, User | None, list[User]])
@pytest.mark.parametrize("case", ANSWERS)
async def test_both_ways_show_the_same(connect: Any, case: str, declared: Any) -> None:
    op: Operation[Any] = Operation(GET_USER.route, declared)
    reply = b""

    def script(connection: Connection) -> None:
        while connection.read_request() is not None:
            connection.send(reply)

    with scripted(script) as server:
        plain = connect(server.url, max_decoded_size=100_000)
        watched = connect(server.url, max_decoded_size=100_000, httpx_client_options=SEEN)
        for reply in ANSWERS[case]:
            assert await seen_of(plain, op) == await seen_of(watched, op), reply


async def test_a_plain_answer_is_never_made_an_object(connect: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_raw: object) -> Response:
        raise AssertionError

    monkeypatch.setattr(Response, "from_core", refuse)
    with scripted(serve(answer(sent(USER)))) as server:
        assert await connect(server.url).users.get_user("me") == User.model_validate(USER)


def test_what_one_decoder_gave_up_is_not_tried_again() -> None:
    strange = sent({**USER, "create_at": "a word of the future"})
    with (
        scripted(serve(answer(strange))) as server,
        SyncClient(server.url, token="t" * 26).session() as client,
    ):
        core, route, values = client.sender.core, GET_USER.core_route, {"user_id": "me"}
        given_up = core.send(route, values, None, None, GET_USER.decoder, None)
        as_it_came = core.send(route, values)
    anything = decoder_for(Any)
    assert anything.decode(as_it_came) == anything.decode(strange) == json.loads(strange)
    assert anything.decode(given_up) is NotImplemented


async def test_a_level_of_the_log_counts_from_the_next_call_on(
    connect: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with scripted(serve(answer(sent(USER)))) as server:
        client = connect(server.url)
        for level, lines in ((logging.INFO, 0), (logging.DEBUG, 1), (logging.INFO, 1)):
            caplog.set_level(level, "matterapi.client")
            await client.users.get_user("me")
            assert len(caplog.records) == lines
