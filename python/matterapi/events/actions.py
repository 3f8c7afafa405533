"""What can be asked of the server over the connection of a stream, and what its replies say.

Each action is a script: a generator that yields an `Ask`, is sent the data of the reply, and returns what the
caller gets. Only the two drivers know whether a wait blocks or is awaited.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Iterable, Mapping
from functools import partial
from typing import Any, NamedTuple, TypeAlias, TypeVar

from matterapi._core import EventStream as CoreStream
from matterapi._core import JsonTooLargeError
from matterapi.bases.models import BaseConfig
from matterapi.calls.json_body import dump_json
from matterapi.calls.loop_bridge import complete
from matterapi.decoding.lenient import salvage
from matterapi.errors.exceptions import DecodeError, InvalidRequest
from matterapi.errors.from_response import refused_action

from .filters import ids
from .frame_value import frame_value

ACTION_TIMEOUT = 10.0
"""Seconds that an action may take, with the wait for a connection if there is none."""

_IDS_AT_ONCE = 250
"""Ids in one question for statuses: the server ends the connection for a request of more than 8,192 bytes."""

_PLUGIN = "custom_"

R = TypeVar("R")


class Pong(BaseConfig):
    """The server's reply to a ping; what it leaves out is `None`.

    Attributes:
        text: `"pong"`.
        version: The server's version.
        server_time: The server's clock, in milliseconds since 1970.
        node_id: Which node of a cluster answered; empty without one.
    """

    text: str | None = None
    version: str | None = None
    server_time: int | None = None
    node_id: str | None = None


class Ask(NamedTuple):
    """A request to the server.

    Attributes:
        action: Its name.
        data: A JSON object, or `None`.
        timeout: Seconds.
    """

    action: str
    data: Mapping[str, Any] | None
    timeout: float

    @property
    def route(self) -> str:
        """What errors name it by."""
        return f"websocket {self.action}"

    def arguments(self) -> tuple[str, str, float]:
        """As the core takes it.

        Raises:
            InvalidRequest: It cannot be sent.
        """
        if not (isinstance(self.data, Mapping) or self.data is None):
            raise InvalidRequest("the data of an action is a dict", route=self.route)
        if not 0 < self.timeout < _LONGEST:
            raise InvalidRequest(f"timeout is a number of seconds, not {self.timeout!r}", route=self.route)
        try:
            return self.action, dump_json(self.data).decode(), float(self.timeout)
        except ValueError as error:
            raise InvalidRequest(str(error), route=self.route) from error

    def data_of(self, frame: bytes | None) -> Any:
        """What the reply brings; `None` if nothing, or if there is none.

        Raises:
            ApiError: The server refused it; the class goes by the status that it names.
            DecodeError: The reply is too large.
        """
        if frame is None:
            return None
        try:
            reply = frame_value(frame)
        except JsonTooLargeError as error:
            raise DecodeError(f"the reply is too large: {error}", route=self.route) from error
        if reply.get("status") != "OK":
            raise refused_action(reply.get("error"), self.route)
        return reply.get("data")


_LONGEST = 1e9

Script: TypeAlias = Generator[Ask, Any, R]


def run(core: CoreStream, script: Script[R]) -> R:
    """Carry out a script on the calling thread."""
    data = None
    try:
        while True:
            ask = script.send(data)
            data = ask.data_of(core.ask(*ask.arguments()))
    except StopIteration as end:
        value: R = end.value
        return value


async def wait(core: CoreStream, script: Script[R]) -> R:
    """Carry out a script on the running loop."""
    data = None
    try:
        while True:
            ask = script.send(data)
            action, text, timeout = ask.arguments()
            submit = partial(core.submit_ask, action=action, data=text, timeout=timeout)
            data = ask.data_of(await complete(submit))
    except StopIteration as end:
        value: R = end.value
        return value


def _action(name: str, data: Mapping[str, Any] | None, timeout: float) -> Script[Any]:
    return (yield Ask(name, data, timeout))


def _plugin_action(name: str, data: Mapping[str, Any] | None, timeout: float) -> Script[None]:
    if not name.startswith(_PLUGIN):
        raise InvalidRequest(f"the action of a plugin is named {_PLUGIN}<id of the plugin>_..., not {name!r}")
    yield Ask(name, data, timeout)


def _typing(channel_id: str, parent_id: str, timeout: float) -> Script[None]:
    yield Ask("user_typing", {"channel_id": channel_id, "parent_id": parent_id}, timeout)


def _statuses(timeout: float) -> Script[dict[str, str]]:
    return _as_statuses((yield Ask("get_statuses", None, timeout)))


def _statuses_of(user_ids: Iterable[str], timeout: float) -> Script[dict[str, str]]:
    wanted = sorted(ids("user_ids", user_ids))
    found: dict[str, str] = {}
    until = time.monotonic() + timeout
    for start in range(0, len(wanted), _IDS_AT_ONCE):
        data = {"user_ids": wanted[start : start + _IDS_AT_ONCE]}
        # Of the first question it is the whole time, whatever that is: a wrong one is to be refused.
        left = max(until - time.monotonic(), 0.001) if start else timeout
        found |= _as_statuses((yield Ask("get_statuses_by_ids", data, left)))
    return found


def _as_statuses(data: Any) -> dict[str, str]:
    return salvage(dict[str, str], data or {}, "websocket get_statuses")


def _ping(timeout: float) -> Script[Pong]:
    return salvage(Pong, (yield Ask("ping", None, timeout)) or {}, "websocket ping")


class SyncActions:
    """What `SyncEventStream` can ask of the server, over its own connection.

    Every action waits for its reply, and for a connection first where there is none. A reply comes after the
    events that were sent before it: while the stream's queue is full, none comes. Actions do not need an
    iteration, and do not disturb one; they may be called from any thread.

    All of them raise:

    * `ApiError`: the server refused it; the class goes by the status, as with calls, and `retryable` says
      whether a repeat can help.
    * `ConnectionClosed`: the connection ended before the reply; `retryable` is true.
    * `ReadTimeout`: no reply came within the time. `ConnectTimeout`: there was no connection to send it on.
    * `InvalidRequest`: it cannot be sent: the stream has ended, it is larger than 8,192 bytes, or 64 actions
      wait for their replies already.
    """

    _core: CoreStream

    def typing(self, channel_id: str, parent_id: str = "", timeout: float = ACTION_TIMEOUT) -> None:
        """Tell the other members of a channel that you are writing.

        Args:
            channel_id: The channel.
            parent_id: The root post of the thread, if it is a reply.
            timeout: Seconds.

        Raises:
            InvalidOrMissingParameters: There is no such channel, or you may not write in it.
            ServiceUnavailable: The server is marked as busy.
        """
        run(self._core, _typing(channel_id, parent_id, timeout))

    def statuses(self, timeout: float = ACTION_TIMEOUT) -> dict[str, str]:
        """The status of every user who is not offline, as far as the server has it at hand, by user id.

        Args:
            timeout: Seconds.
        """
        return run(self._core, _statuses(timeout))

    def statuses_of(self, user_ids: Iterable[str], timeout: float = ACTION_TIMEOUT) -> dict[str, str]:
        """The statuses of some users, by user id. Ids that nobody has are "offline", too.

        Args:
            user_ids: Any number of ids; 250 are asked for at once.
            timeout: Seconds for all of them.
        """
        return run(self._core, _statuses_of(user_ids, timeout))

    def ping(self, timeout: float = ACTION_TIMEOUT) -> Pong:
        """Ask for the server's time and version; this shows that the connection and its session are good.

        Args:
            timeout: Seconds.
        """
        return run(self._core, _ping(timeout))

    def plugin_action(
        self, name: str, data: Mapping[str, Any] | None = None, timeout: float = ACTION_TIMEOUT
    ) -> None:
        """Send something to a plugin. The server never answers; an event of the plugin may.

        Args:
            name: `custom_<id of the plugin>_<what>`.
            data: What the plugin expects.
            timeout: Seconds, for there to be a connection.
        """
        run(self._core, _plugin_action(name, data, timeout))

    def action(
        self, name: str, data: Mapping[str, Any] | None = None, timeout: float = ACTION_TIMEOUT
    ) -> Any:
        """Ask for any action by its name.

        `presence` is better left alone: from then on typing and reactions come for what it names only.

        Args:
            name: As the server knows it, such as `user_update_active_status`.
            data: What it expects.
            timeout: Seconds.

        Returns:
            The data of the reply as plain JSON; `None` if it has none, and for actions of plugins.
        """
        return run(self._core, _action(name, data, timeout))


class AsyncActions:
    """What `AsyncEventStream` can ask of the server: see `SyncActions`."""

    _core: CoreStream

    async def typing(self, channel_id: str, parent_id: str = "", timeout: float = ACTION_TIMEOUT) -> None:
        """See `SyncActions.typing`."""
        await wait(self._core, _typing(channel_id, parent_id, timeout))

    async def statuses(self, timeout: float = ACTION_TIMEOUT) -> dict[str, str]:
        """See `SyncActions.statuses`."""
        return await wait(self._core, _statuses(timeout))

    async def statuses_of(self, user_ids: Iterable[str], timeout: float = ACTION_TIMEOUT) -> dict[str, str]:
        """See `SyncActions.statuses_of`."""
        return await wait(self._core, _statuses_of(user_ids, timeout))

    async def ping(self, timeout: float = ACTION_TIMEOUT) -> Pong:
        """See `SyncActions.ping`."""
        return await wait(self._core, _ping(timeout))

    async def plugin_action(
        self, name: str, data: Mapping[str, Any] | None = None, timeout: float = ACTION_TIMEOUT
    ) -> None:
        """See `SyncActions.plugin_action`."""
        await wait(self._core, _plugin_action(name, data, timeout))

    async def action(
        self, name: str, data: Mapping[str, Any] | None = None, timeout: float = ACTION_TIMEOUT
    ) -> Any:
        """See `SyncActions.action`."""
        return await wait(self._core, _action(name, data, timeout))
