"""What goes wrong over HTTP, row by row: each ends in an answer or in a typed error, for both clients.

Where another file has the tests of a row, the table names them; what is here is what no other file has.

| row | what is wrong | what comes of it | tests, beside those here whose names begin with the row |
|---|---|---|---|
| H1 | connection refused | any method is tried again, then `ConnectError` | tests/wire/test_transport.py::test_nobody_listening_is_a_connect_error_that_a_retry_can_mend tests/wire/test_no_connection.py::test_a_refused_connection_names_host_and_port |
| H2 | no such host, or a resolver that hangs | `ConnectError`, `ConnectTimeout`; the program ends | tests/wire/test_transport.py::test_an_unknown_host_is_a_connect_error tests/wire/test_hanging_resolver.py::test_the_call_and_the_program_end_although_the_resolver_hangs |
| H3 | nobody answers a SYN | `ConnectTimeout` | tests/wire/test_transport.py::test_a_server_that_takes_no_connection_is_a_connect_timeout |
| H4 | TLS: certificate, reset, stall, plain text | `TLSError`, which is final for a certificate | tests/wire/test_tls.py::test_a_certificate_that_is_not_good_is_refused tests/wire/test_transport.py::test_a_tls_handshake_that_nobody_answers_is_a_connect_timeout tests/wire/test_no_connection.py::test_a_port_without_tls_is_told_from_a_certificate_that_is_not_good |
| H5 | reset before the first byte | what does nothing twice is sent again | tests/wire/test_retries.py::test_a_connection_that_is_reset_costs_a_get_nothing tests/wire/test_retries.py::test_answers_that_get_lost_make_no_post_twice |
| H6 | an answer ends or stalls at any byte | an error or the whole | tests/wire/test_torture.py::test_h6_no_part_of_an_answer_is_taken_for_the_whole tests/wire/test_torture.py::test_h6_silence_at_a_byte_is_a_read_timeout tests/wire/test_torture.py::test_h6_a_get_that_is_cut_anywhere_is_sent_again |
| H7 | wrong, conflicting lengths, bad chunks | an error; no byte becomes another answer | tests/wire/test_bodies.py::test_a_wrong_length_is_an_error_and_ends_the_connection tests/wire/test_bodies.py::test_bytes_behind_an_answer_never_become_the_next_one |
| H8 | a body that drips | `ReadTimeout` | tests/attacks/test_drip.py::test_a_drip_is_a_read_timeout_however_the_body_is_read |
| H9 | 429 with every hint | waits as it says, or fails and says how long | tests/wire/test_rate_limits.py::test_a_refusal_holds_every_call_as_long_as_the_server_asks tests/wire/test_retries.py::test_a_hint_that_is_too_long_is_left_to_the_caller |
| H10 | 5xx for a while | sent again, but hardly more than without | tests/wire/test_retries.py::test_a_server_that_stays_down_is_asked_hardly_more_than_before tests/wire/test_retries.py::test_a_fault_that_passes_is_not_noticed_by_default |
| H11 | pages, empty answers, odd statuses | a typed error that keeps the answer | tests/errors/test_advice.py::test_a_404_of_no_api_blames_the_url |
| H12 | JSON that is none, or odd | a value or `DecodeError` | tests/fuzz/test_fuzz_decoder.py::test_each_odd_token_in_each_place_is_read_or_refused_as_it_should_be |
| H13 | gzip that is broken, or a bomb | `DecodeError`, at the limit | tests/wire/test_bodies.py::test_a_broken_coding_is_a_decode_error_and_harms_no_other_call tests/wire/test_bodies.py::test_a_bomb_is_given_up_at_the_limit_of_its_unpacked_bytes |
| H14 | redirects anywhere | not followed, or at home only | tests/wire/test_transport.py::test_a_redirect_is_not_followed_and_names_its_target tests/wire/test_redirects.py::test_no_credential_goes_to_another_origin tests/wire/test_redirects.py::test_a_loop_ends_at_the_limit tests/wire/test_redirects.py::test_encryption_is_not_given_up |
| H15 | a kept connection that ends | no GET fails, no POST is made twice | tests/wire/test_transport.py::test_an_idempotent_call_on_a_dead_pooled_connection_is_sent_again tests/wire/test_transport.py::test_a_post_is_never_sent_twice tests/wire/test_pool.py::test_a_kept_connection_that_breaks_while_another_is_being_made_is_known_as_kept |
| H16 | half-open in a call | `ReadTimeout`; the connection is not used again | tests/wire/test_transport.py::test_a_silent_server_is_a_read_timeout |
| H17 | interim answers, odd heads | read or refused | tests/wire/test_bodies.py::test_odd_heads_are_read_or_refused_and_the_client_goes_on tests/wire/test_bodies.py::test_a_flood_of_interim_answers_ends_with_the_read_timeout |
| H18 | an upload that is refused early | the server's status | tests/wire/test_upload_faults.py::test_an_answer_in_the_middle_of_an_upload_is_what_the_caller_gets |
| H19 | more calls than connections | all end, who comes first goes first | tests/wire/test_pool.py::test_waiting_for_a_free_connection_ends_with_the_pool_timeout |
| H20 | cancellation, signals, fork, exit | see the tests | tests/process/test_threads.py::test_cancelled_calls_leave_a_whole_pool_and_no_descriptor tests/process/test_interrupts.py::test_ctrl_c_ends_every_blocked_call_and_closes_its_connection tests/process/test_fork_and_exit.py::test_parent_and_child_both_go_on_after_a_fork_and_share_no_connection tests/process/test_fork_and_exit.py::test_the_interpreter_ends_quietly_with_calls_in_flight |
"""  # noqa: E501 - a table

from __future__ import annotations

import asyncio
from collections.abc import Callable
from itertools import cycle
from typing import Any

import pytest

from matterapi import exceptions
from matterapi.client.base import Limits
from matterapi.testing import MattermostServer
from matterapi.testing.faults import CloseIdle, InvalidJson, Stall
from tests.support.effort import usually
from tests.support.faces import make_client
from tests.support.scripted import Connection, answer, scripted
from tests.wire.test_no_connection import closed_port

Connect = Callable[..., Any]

ME = "GET /api/v4/users/{user_id}"


async def test_h1_a_refused_call_of_any_method_has_done_nothing(connect: Connect) -> None:
    with closed_port() as port:
        client = connect(f"http://127.0.0.1:{port}", retries=1)
        for call in (
            client.users.get_user("me"),
            client.channels.create_direct_channel(json_body=["a" * 26, "b" * 26]),
            client.posts.delete_post("p"),
        ):
            with pytest.raises(exceptions.ConnectError) as caught:
                await call
            assert caught.value.retryable
            assert not caught.value.ambiguous


async def test_h1_a_server_that_comes_back_meanwhile_gets_the_call_once(connect: Connect) -> None:
    lines: list[str] = []

    def script(connection: Connection) -> None:
        while (request := connection.read_request()) is not None:
            lines.append(request[0])
            connection.send(answer(b'{"id":"c1"}', "201 Created"))

    with closed_port() as port:
        # Through a proxy that is there from the third attempt on: nothing else tells that one was refused.
        refusals = 0

        def proxy(connection: Connection) -> None:
            nonlocal refusals
            if refusals < 2:
                refusals += 1
                connection.read_request()
                connection.send(answer(b"", "502 Bad Gateway"))
                return
            script(connection)

        with scripted(proxy) as server:
            http = {"proxy": server.url}
            client = connect(f"http://127.0.0.1:{port}", retries=3, httpx_client_options=http)
            await client.users.get_user("me")
    assert refusals == 2
    assert len(lines) == 1


@pytest.mark.parametrize("ending", ["fin", "rst", "plain text"])
async def test_h4_a_handshake_that_breaks_off_is_an_error_of_tls_or_of_the_connection(
    connect: Connect, ending: str
) -> None:
    def script(connection: Connection) -> None:
        server.seen.put(connection.number)
        connection.socket.recv(65536)
        if ending == "rst":
            connection.reset()
        elif ending == "plain text":
            connection.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with scripted(script) as server:
        # No certificate is seen: nobody's authorities need be read.
        http = {"verify": False}
        client = connect(server.url.replace("http:", "https:"), retries=1, httpx_client_options=http)
        with pytest.raises((exceptions.TLSError, exceptions.ConnectError)) as caught:
            await client.users.get_user("me")
    assert not caught.value.ambiguous
    # What speaks no TLS will not learn it.
    assert server.seen.qsize() == (1 if isinstance(caught.value, exceptions.TLSError) else 2)


DATE = "Mon, 30 Nov 2026 12:00:00 GMT"
HINTS: dict[str, tuple[dict[str, str], float | None, bool | None]] = {
    # Field, what the error says, and whether a deadline of 1.5 s leaves time for another attempt.
    "no field": ({}, None, None),
    "0": ({"Retry_After": "0"}, 0, True),
    "-1": ({"Retry_After": "-1"}, 0, True),
    "2": ({"Retry_After": "2"}, 2, False),
    "2.5": ({"Retry_After": "2.5"}, 2.5, False),
    "99999": ({"Retry_After": "99999"}, 99999, False),
    "no number": ({"Retry_After": "abc"}, None, None),
    "a date that has passed": ({"Retry_After": "Mon, 30 Nov 2026 11:00:00 GMT", "Date": DATE}, 0, True),
    "a date to come": ({"Retry_After": "Mon, 30 Nov 2026 12:00:02 GMT", "Date": DATE}, 2, False),
    "a date without a clock": ({"Retry_After": DATE}, None, None),
    "the reset, as a span": ({"X_RateLimit_Reset": "2"}, None, False),
    "the reset, as a time": ({"X_RateLimit_Reset": "1796040002", "Date": DATE}, None, False),
    "both": ({"Retry_After": "0", "X_RateLimit_Reset": "9"}, 0, True),
}


BODIES = (b"", b"limit exceeded", b'{"id":"x","message":"m","status_code":429}')


@pytest.mark.parametrize(("hint", "body"), list(zip(HINTS, cycle(BODIES), strict=False)), ids=list(HINTS))
async def test_h9_a_429_is_sent_again_if_its_hint_leaves_the_time(
    connect: Connect, hint: str, body: bytes
) -> None:
    fields, says, again = HINTS[hint]
    asked = 0

    def script(connection: Connection) -> None:
        nonlocal asked
        while connection.read_request() is not None:
            asked += 1
            connection.send(answer(body, "429 Too Many Requests", "text/plain", **fields))

    with scripted(script) as server:
        client = connect(server.url, retries=1 if again is not None else 0, deadline=1.5)
        with pytest.raises(exceptions.TooManyRequests) as caught:
            await client.users.get_user("me")
    assert caught.value.retry_after == says
    assert asked == (2 if again else 1)
    assert caught.value.retryable


PAGE = b"<html><head><title>nginx</title></head></html>"
ODD_ANSWERS: dict[str, tuple[bytes, type[exceptions.MatterapiError] | None]] = {
    "502 with a page": (answer(PAGE, "502 Bad Gateway", "text/html"), exceptions.BadGateway),
    "503 with a page": (answer(PAGE, "503 Service Unavailable", "text/html"), exceptions.ServiceUnavailable),
    "504 with a page": (answer(PAGE, "504 Gateway Timeout", "text/html"), exceptions.GatewayTimeout),
    "200 with a page": (answer(PAGE, "200 OK", "text/html"), exceptions.DecodeError),
    "200 without a body": (answer(b""), exceptions.DecodeError),
    "304": (b"HTTP/1.1 304 Not Modified\r\n\r\n", exceptions.ApiError),
    "101 that nobody asked for": (
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
        exceptions.MatterapiError,
    ),
}


@pytest.mark.parametrize("odd", ODD_ANSWERS)
async def test_h11_an_odd_answer_is_an_error_that_keeps_it(connect: Connect, odd: str) -> None:
    whole, error = ODD_ANSWERS[odd]
    whole = whole.replace(b"\r\n", b"\r\nX-Request-Id: r1\r\n", 1)

    def script(connection: Connection) -> None:
        while (request := connection.read_request()) is not None:
            connection.send(whole if "odd" in request[0] else answer())

    with scripted(script) as server:
        client = connect(server.url)
        with pytest.raises(error or ()) as caught:
            await client.users.get_user("odd")
        assert caught.value.route == ME
        if isinstance(caught.value, (exceptions.ApiError, exceptions.DecodeError)):
            assert caught.value.request_id == "r1"
            assert caught.value.response is not None
            assert caught.value.response.content in (whole.partition(b"\r\n\r\n")[2], b"")
        assert len(str(caught.value)) < 500
        assert (await client.users.get_user("me")).username == "ann"


async def test_h11_what_follows_a_204_is_no_answer(connect: Connect) -> None:
    def script(connection: Connection) -> None:
        while (request := connection.read_request()) is not None:
            odd = b"HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nstray"
            connection.send(odd if "odd" in request[0] else answer())

    with scripted(script) as server:
        client = connect(server.url)
        with pytest.raises(exceptions.DecodeError):
            await client.users.get_user("odd")
        assert (await client.users.get_user("me")).username == "ann"


JSON = {
    "text": False,
    "truncated": False,
    "utf8": None,
    "bom": True,
    "deep": False,
    "long-string": None,
    "duplicate-key": True,
    "nan": False,
    "infinity": False,
    "huge-float": None,
    "huge-integer": True,
}
"""Whether it is read; `None` where that is a matter of taste."""


async def test_h12_odd_json_is_read_or_a_decode_error(kind: str, server: MattermostServer) -> None:
    client = make_client(kind, server.url, {"token": server.admin.token})
    for what, is_read in JSON.items():
        with server.faults.add(InvalidJson(what), route=ME):
            try:
                came = await client.users.get_user("me")
            except exceptions.DecodeError as error:
                assert is_read is not True, what
                assert len(str(error)) < 500
            else:
                assert is_read is not False, what
                assert is_read is None or came.id == server.admin.id
        assert (await client.users.get_user("me")).id == server.admin.id


@pytest.mark.timeout(usually(120, 1200))
async def test_h15_no_call_fails_because_kept_connections_end(kind: str, server: MattermostServer) -> None:
    client = make_client(kind, server.url, {"token": server.admin.token}, retries=2)
    channel_id = server.factory.channel()["id"]
    calls = usually(20, 5_000)
    for resets in (False, True):
        with server.faults.add(CloseIdle(0.0005, resets=resets), times=None):
            for number in range(calls):
                assert (await client.users.get_user("me")).id == server.admin.id
                if number % 10 == 0:
                    body = {"channel_id": channel_id, "message": f"number {number} {resets}"}
                    await client.posts.create_post(json_body=body)
    posts = [post.message async for post in client.posts.iter_channel(channel_id)]
    wanted = [f"number {number} {resets}" for resets in (False, True) for number in range(0, calls, 10)]
    assert sorted(message for message in posts if "number" in message) == sorted(wanted)


async def test_h16_a_connection_that_went_silent_is_not_used_again(
    kind: str, server: MattermostServer
) -> None:
    http = {"timeout": (30, 2, 30, 30)}
    client = make_client(kind, server.url, {"token": server.admin.token}, httpx_client_options=http)
    await client.users.get_user("me")
    with server.faults.add(Stall(at=100), route=ME, times=1):
        with pytest.raises(exceptions.ReadTimeout):
            await client.users.get_user("me")
        assert (await client.users.get_user("me")).id == server.admin.id


class Numbered:
    """Answers `GET /users/<number>`, and notes the numbers as they come."""

    def __init__(self) -> None:
        self.came: list[int] = []

    def __call__(self, connection: Connection) -> None:
        while (request := connection.read_request()) is not None:
            name = request[0].split()[1].rpartition("/")[2]
            self.came.append(int(name))
            connection.send(answer(b'{"id":"%s"}' % name.encode()))


async def test_h19_of_more_calls_than_connections_none_fails(connect: Connect) -> None:
    calls, connections = usually(100, 10_000), usually(10, 100)
    script = Numbered()
    with scripted(script) as server:
        http = {"limits": Limits(max_connections=connections), "timeout": 300.0}
        client = connect(server.url, httpx_client_options=http)
        users = await asyncio.gather(*(client.users.get_user(str(number)) for number in range(calls)))
    assert [user.id for user in users] == [str(number) for number in range(calls)]
    assert sorted(script.came) == list(range(calls))


async def test_h19_the_call_that_came_first_goes_first() -> None:
    """Of calls of tasks: threads come in the order in which they run."""
    script = Numbered()
    with scripted(script) as server:
        http = {"limits": Limits(max_connections=1), "timeout": 300.0}
        client = make_client("async", server.url, {"token": "t" * 26}, httpx_client_options=http)
        await asyncio.gather(*(client.users.get_user(str(number)) for number in range(usually(100, 10_000))))
    assert script.came == sorted(script.came)
