"""What is asked of the server over the connection of a stream comes back to who asked, or says why not."""

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from matterapi.client import exceptions as e
from matterapi.events import Pong, Posted, Typing
from matterapi.testing import MattermostServer
from matterapi.testing.faults import Status
from tests.support.chat import UPGRADE, Chat
from tests.support.faces import make_client
from tests.support.scripted import answer, scripted, serve
from tests.support.websocket import WebSocket, websocket_server

Connect = Callable[..., Any]
Request = dict[str, Any]
ID = "i" * 26


def requests(ws: WebSocket) -> Iterator[Request]:
    """What the client asks after the ping that it begins with."""
    ws.answer_ping()
    while (text := ws.read_text()) is not None:
        yield json.loads(text)


def reply(ws: WebSocket, request: Request, **more: Any) -> None:
    ws.send(json.dumps({"status": "OK", "seq_reply": request["seq"], **more}).encode())


def refuse(ws: WebSocket, request: Request, status: int, error_id: str, message: str) -> None:
    error = {"id": error_id, "message": message, "detailed_error": "", "status_code": status}
    ws.send(json.dumps({"status": "FAIL", "seq_reply": request["seq"], "error": error}).encode())


def answering(answer: Callable[[WebSocket, Request], Any]) -> Any:
    """A server that does this with every action, until it returns true: then the connection ends."""

    def session(ws: WebSocket) -> None:
        ws.hello()
        for request in requests(ws):
            if answer(ws, request):
                return

    return scripted(websocket_server(session))


async def test_typing_is_shown_to_others(chat: Chat) -> None:
    admin = make_client(chat.kind, chat.server.url, {"token": chat.server.admin.token})
    async with chat.listener().events(Posted) as stream, admin.events(Typing) as theirs:
        await theirs.ready(30)
        for given, shown in (((), ""), ((ID,), ID)):
            assert await stream.typing(chat.channel_id, *given) is None
            event = await theirs.wait(30)
            assert (event.user_id, event.parent_id) == (chat.user_id, shown)


async def test_statuses_are_those_of_the_server(chat: Chat) -> None:
    async with chat.listener().events(Posted) as stream:
        assert (await stream.statuses())[chat.user_id] == "online"
        assert await stream.statuses_of([chat.user_id, ID]) == {chat.user_id: "online", ID: "offline"}
        assert await stream.statuses_of([]) == {}


async def test_a_reply_without_statuses_has_none(connect: Connect) -> None:
    with answering(reply) as server:
        async with connect(server.url).events(Posted) as stream:
            assert await stream.statuses() == {}


async def test_many_statuses_are_asked_for_in_requests_that_the_server_takes(chat: Chat) -> None:
    wanted = {f"{number:026}" for number in range(601)}
    async with chat.listener().events(Posted) as stream:
        assert await stream.statuses_of(wanted) == dict.fromkeys(wanted, "offline")


async def test_a_ping_tells_the_servers_time_and_version(chat: Chat) -> None:
    async with chat.listener().events(Posted) as stream:
        pong = await stream.ping()
    assert type(pong) is Pong
    assert (pong.text, pong.node_id) == ("pong", "")
    assert pong.version.startswith("11.")
    assert abs(pong.server_time - chat.server.clock.now()) < 60_000


async def test_any_action_is_sent_as_it_was_given_and_brings_what_the_server_says(connect: Connect) -> None:
    def echo(ws: WebSocket, request: Request) -> None:
        reply(ws, request, data={"name": request["action"], "data": request["data"]})

    large = {"text": "ä" * 4000}
    with answering(echo) as server:
        async with connect(server.url).events(Posted) as stream:
            for data in (None, {}, {"a": [1, None, "x"]}, large):
                assert await stream.action("of_tomorrow", data) == {"name": "of_tomorrow", "data": data}


async def test_the_embedded_server_carries_out_actions_without_a_method(chat: Chat) -> None:
    async with chat.listener().events(Posted) as stream:
        assert (
            await stream.action("user_update_active_status", {"user_is_active": False, "manual": True})
            is None
        )
        assert (await stream.statuses_of([chat.user_id]))[chat.user_id] == "away"


async def test_actions_of_plugins_wait_for_no_reply(connect: Connect) -> None:
    seen: list[Request] = []
    came = threading.Event()

    def take(ws: WebSocket, request: Request) -> None:
        seen.append(request)
        if len(seen) == 2:
            came.set()

    with answering(take) as server:
        async with connect(server.url).events(Posted) as stream:
            assert await stream.plugin_action("custom_poll_vote", {"answer": 1}) is None
            assert await stream.action("custom_poll_end") is None
            assert await asyncio.to_thread(came.wait, 30)
    assert [(one["action"], one["data"]) for one in seen] == [
        ("custom_poll_vote", {"answer": 1}),
        ("custom_poll_end", None),
    ]


async def test_what_the_server_refuses_is_an_error_of_its_status(chat: Chat) -> None:
    async with chat.listener().events(Posted) as stream:
        with pytest.raises(e.InvalidOrMissingParameters) as wrong:
            await stream.typing("nowhere")
        with pytest.raises(e.InternalServerError) as unknown:
            await stream.action("nothing_of_this_kind")
    assert wrong.value.error_id == "api.websocket_handler.invalid_param.app_error"
    assert (wrong.value.status_code, wrong.value.route) == (400, "websocket user_typing")
    assert "channel_id" in wrong.value.message
    assert not wrong.value.retryable
    assert unknown.value.error_id == "api.web_socket_router.bad_action.app_error"


async def test_a_busy_server_may_be_asked_again(connect: Connect) -> None:
    with answering(lambda ws, request: refuse(ws, request, 503, "busy", "Server is busy.")) as server:
        async with connect(server.url).events(Posted) as stream:
            with pytest.raises(
                e.ServiceUnavailable, match=r"Server is busy\. \[websocket user_typing"
            ) as busy:
                await stream.typing(ID)
    assert busy.value.retryable


@pytest.mark.parametrize(
    "error", [None, "broken", {"message": "no"}, {"id": 1, "message": 2, "status_code": "x"}]
)
async def test_a_refusal_that_says_nothing_is_an_error_all_the_same(connect: Connect, error: Any) -> None:
    def fail(ws: WebSocket, request: Request) -> None:
        ws.send(json.dumps({"status": "FAIL", "seq_reply": request["seq"], "error": error}).encode())

    with answering(fail) as server:
        async with connect(server.url).events(Posted) as stream:
            with pytest.raises(e.ApiError):
                await stream.statuses()


async def test_the_token_that_the_server_quotes_is_shown_nowhere(connect: Connect) -> None:
    token = "q7xw1rk8ybgd5pzmhaot3cnefs"
    message = f"Invalid session token={token}, err=gone"

    def fail(ws: WebSocket, request: Request) -> None:
        refuse(ws, request, 401, "api.context.invalid_token.error", message)

    with answering(fail) as server:
        async with connect(server.url, {"token": token}).events(Posted) as stream:
            with pytest.raises(e.NoAccessTokenProvided) as refused:
                await stream.ping()
    assert token not in f"{refused.value!r} {refused.value.args} {vars(refused.value)}"


async def test_replies_come_to_who_asked_in_whatever_order(connect: Connect) -> None:
    waiting: list[Request] = []

    def backwards(ws: WebSocket, request: Request) -> None:
        waiting.append(request)
        while len(waiting) >= 3:
            last = waiting.pop()
            reply(ws, last, data={"asked": last["data"]["number"]})
            if not waiting:
                return
            if len(waiting) < 3:
                for one in reversed(waiting):
                    reply(ws, one, data={"asked": one["data"]["number"]})
                waiting.clear()

    with answering(backwards) as server:
        async with connect(server.url).events(Posted) as stream:
            found = await asyncio.gather(*(stream.action("x", {"number": number}) for number in range(3)))
    assert found == [{"asked": number} for number in range(3)]


async def test_events_come_beside_replies_and_replies_are_no_events(chat: Chat) -> None:
    async with chat.listener().events() as stream:
        await stream.ready(30)
        before = stream.counters()
        for number in range(5):
            chat.write(str(number))
            await stream.ping()
        after = stream.counters()
        names = []
        while names.count("Posted") < 5:
            names.append(type(await stream.wait(30)).__name__)
    assert after.connections == before.connections == 1
    assert "UnknownEvent" not in names


async def test_a_cut_ends_what_waits_and_a_repeat_can_help(connect: Connect) -> None:
    cut = threading.Event()

    def once(ws: WebSocket, request: Request) -> bool:
        if cut.is_set():
            reply(ws, request)
            return False
        cut.set()
        return True

    with answering(once) as server:
        async with connect(server.url, ws_reconnect_wait_time=0).events(Posted, missed="skip") as stream:
            with pytest.raises(e.ConnectionClosed, match="before the reply came") as gone:
                await stream.typing(ID)
            assert (gone.value.retryable, gone.value.route) == (True, "websocket user_typing")
            await stream.typing(ID)


async def test_a_reply_of_before_a_cut_is_nobodys(connect: Connect) -> None:
    asked: list[int] = []

    def session(ws: WebSocket) -> None:
        ws.hello()
        for request in requests(ws):
            asked.append(request["seq"])
            if len(asked) == 1:
                return
            reply(ws, {"seq": asked[0]}, data={"text": "old"})
            reply(ws, request, data={"text": "new"})

    with scripted(websocket_server(session)) as server:
        async with connect(server.url, ws_reconnect_wait_time=0).events(missed="skip") as stream:
            with pytest.raises(e.ConnectionClosed):
                await stream.ping()
            assert (await stream.ping()).text == "new"
            assert stream.counters().received == 0
    assert asked[0] < asked[1]


async def test_an_action_waits_for_a_connection(chat: Chat) -> None:
    async with chat.listener().events(Posted) as stream:
        await stream.ready(30)
        with chat.server.faults.add(Status(503), route=UPGRADE) as refused:
            chat.server.restart_sockets()
            await asyncio.to_thread(refused.wait_fired)
            asking = asyncio.ensure_future(stream.ping(timeout=30))
        assert (await asking).text == "pong"


async def test_without_a_connection_an_action_ends_with_its_time_and_may_be_repeated(
    connect: Connect,
) -> None:
    with scripted(lambda connection: connection.wait_closed()) as server:
        async with connect(server.url).events(Posted) as stream:
            with pytest.raises(e.ConnectTimeout, match=r"no connection to send it on within 0\.01 s") as late:
                await stream.ping(timeout=0.01)
    assert late.value.retryable


async def test_without_a_reply_an_action_ends_with_its_time(connect: Connect) -> None:
    with answering(lambda ws, request: None) as server:
        async with connect(server.url).events(Posted) as stream:
            await stream.plugin_action("custom_there_is_a_connection")
            with pytest.raises(e.ReadTimeout, match=r"no reply within 0\.2 s") as late:
                await stream.ping(timeout=0.2)
    assert late.value.retryable


async def test_the_end_of_the_stream_is_the_end_of_its_actions(connect: Connect) -> None:
    asked = threading.Event()
    with answering(lambda ws, request: asked.set()) as server:
        stream = connect(server.url).events(Posted)
        asking = asyncio.ensure_future(stream.ping(timeout=30))
        assert await asyncio.to_thread(asked.wait, 30)
        stream.stop()
        with pytest.raises(e.ConnectionClosed):
            await asking
        with pytest.raises(e.InvalidRequest, match="the event stream has ended"):
            await stream.ping()


async def test_what_ends_a_stream_ends_its_actions(connect: Connect) -> None:
    with scripted(serve(answer(b"404 page not found", "404 Not Found", "text/plain"))) as server:
        stream = connect(server.url).events(Posted)
        with pytest.raises((e.ConnectionClosed, e.InvalidRequest), match="the event stream"):
            await stream.ping(timeout=30)


async def test_no_more_actions_wait_than_may(connect: Connect) -> None:
    with (
        scripted(lambda connection: connection.wait_closed()) as server,
        ThreadPoolExecutor(80) as threads,
    ):
        asyncio.get_running_loop().set_default_executor(threads)
        async with connect(server.url).events(Posted) as stream:
            asking = [asyncio.ensure_future(stream.ping(timeout=30)) for _ in range(65)]
            done, waiting = await asyncio.wait(asking, return_when=asyncio.FIRST_COMPLETED)
            assert len(waiting) == 64
            with pytest.raises(e.InvalidRequest, match="64 actions wait"):
                await done.pop()
            stream.stop()
            for one in waiting:
                with pytest.raises(e.ConnectionClosed, match="before the action was sent"):
                    await one


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda stream: stream.action("big", {"text": "x" * 8192}), "larger than the 8192 bytes"),
        (lambda stream: stream.action("", {}), "'' is no action|no action"),
        (lambda stream: stream.action("authentication_challenge", {"token": "t"}), "no action"),
        (lambda stream: stream.action("x", [1]), "is a dict"),
        (lambda stream: stream.action("x", {"a": float("nan")}), "nan"),
        (lambda stream: stream.action("x", {"a": object()}), "no JSON form"),
        (lambda stream: stream.action("x", timeout=0), "timeout is a number of seconds, not 0"),
        (lambda stream: stream.action("x", timeout=float("inf")), "timeout is a number of seconds"),
        (lambda stream: stream.action("x", timeout=float("nan")), "timeout is a number of seconds"),
        (lambda stream: stream.plugin_action("poll_vote"), "is named custom_<id of the plugin>"),
        (lambda stream: stream.statuses_of("u" * 26), "user_ids takes a list of ids"),
        (lambda stream: stream.statuses_of([""]), "user_ids takes ids"),
        (lambda stream: stream.statuses_of([ID], timeout=-1), "timeout is a number of seconds"),
    ],
)
async def test_what_cannot_be_asked_is_refused_and_the_connection_lives_on(
    connect: Connect, call: Callable[[Any], Any], message: str
) -> None:
    seen: list[str] = []

    def take(ws: WebSocket, request: Request) -> None:
        seen.append(request["action"])
        reply(ws, request)

    with answering(take) as server:
        async with connect(server.url).events(Posted) as stream:
            with pytest.raises(e.InvalidRequest, match=message):
                await call(stream)
            await stream.statuses()
    assert seen == ["get_statuses"]


async def test_a_cancelled_action_leaves_its_place(server: MattermostServer) -> None:
    chat = Chat(server, "async")
    async with chat.listener().events(Posted) as stream:
        await stream.ready(30)
        for _ in range(100):
            asking = asyncio.ensure_future(stream.ping())
            await asyncio.sleep(0)
            asking.cancel()
            with pytest.raises(asyncio.CancelledError):
                await asking
        assert (await stream.ping()).text == "pong"
        assert stream.counters().connections == 1
