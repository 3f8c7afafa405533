"""The compiled core. Private: import `matterapi` instead.

Failures are the classes of `matterapi.exceptions`.
"""

import asyncio
from collections.abc import Awaitable, Callable, Generator, Iterator
from typing import Any, Final, final, overload

from matterapi.calls.body import Body
from matterapi.calls.transfer_step import TransferStep
from matterapi.options.core_options import CoreOptions

__all__ = [
    "VERSION",
    "AsyncEventIterator",
    "Bridge",
    "Decoder",
    "EventDecoder",
    "EventIterator",
    "EventQueue",
    "EventStream",
    "Feed",
    "Frames",
    "Handover",
    "JsonTooLargeError",
    "ModelSchema",
    "Needles",
    "OwnOptions",
    "PendingCall",
    "RawResponse",
    "Route",
    "Session",
    "Transfer",
    "UploadRetry",
    "after_fork_in_child",
    "check_room",
    "is_ambiguous",
    "is_retryable",
    "tokens_given",
]

VERSION: Final[str]
"""The version of the package, as Cargo writes it."""

def after_fork_in_child() -> None:
    """To be called in the child after a fork: what was made before belongs to the parent."""

class JsonTooLargeError(ValueError):
    """The values of a JSON text would take more memory than they may."""

def check_room(content: bytes | RawResponse, most: int | None, model: int | None = None) -> None:
    """Check a JSON text before somebody reads it: how much is made of it, by estimate.

    Args:
        content: The text, also one that is no JSON.
        most: Bytes of memory that its values may take; `None` for any number.
        model: Bytes of the largest model that pydantic may make of an object. Without it the text becomes
            plain values.

    Raises:
        JsonTooLargeError: They would take more than `most` bytes.
        MemoryError: There is not as much memory.
    """

@final
class Route:
    """A route such as `GET /api/v4/users/{user_id}{?page}`, compiled once.

    Args:
        text: Verb, path template and query names.
        raw: Whether its answers are kept as they come, and are not JSON.

    Raises:
        InvalidOptions: The text is not of that form.
    """

    def __new__(cls, text: str, *, raw: bool = False) -> Route: ...
    @property
    def label(self) -> str:
        """Verb and path template."""

    def fill(self, values: dict[str, Any]) -> str:
        """Path and query for `values`, percent-encoded.

        Raises:
            InvalidRequest: A path value is missing or would lead to another route, or a value is of a
                type that no URL can carry.
        """

@final
class ModelSchema:
    """A model class as the decoder knows it; filled after it is made, so that models can be recursive.

    Args:
        model: The class, whose instances are nothing but their fields.

    Raises:
        TypeError: It is no pydantic model, or makes its instances itself.
    """

    def __new__(cls, model: type) -> ModelSchema: ...
    def set_fields(
        self,
        fields: list[tuple[str, list[str], tuple[str, Any, bool], bool, bool]],
        extra: tuple[str, Any, bool],
        defaults: dict[str, Any],
        tell_missing: Callable[[type, list[str]], object],
    ) -> None:
        """Name, names in JSON (the server's first), description, "required" and "always sent" of each field,
        the description of fields that are not declared, and the defaults in the order of the fields.

        `tell_missing` is called with the class and the names of fields that are always sent and were not,
        once a field.
        """

    def template_names(self) -> frozenset[str] | None:
        """The names of the declared fields that were set in a decoded instance whose
        `__pydantic_fields_set__` is unset: those that came in the first one. None before the first."""

    def set_root(self, schema: tuple[str, Any, bool]) -> None:
        """The model is its `root`, of this description."""

@final
class Decoder:
    """Makes instances of a declared type from JSON in one pass.

    Args:
        description: See `matterapi.decoding.schema`.

    Raises:
        ValueError: There is no such kind, or the description has more than 64 levels.
    """

    def __new__(cls, description: tuple[str, Any, bool]) -> Decoder: ...
    def decode(self, content: bytes | RawResponse, most: int | None = None) -> Any:
        """The value of a body, or `NotImplemented` when something needs pydantic's judgement.

        Args:
            content: The body.
            most: Bytes of memory that the values may take, by estimate; `None` for any number.

        Raises:
            JsonTooLargeError: They would take more.
        """

@final
class Handover:
    """How user code hands its results to the core; see `matterapi.calls.feeder`."""

    def give(self, result: bytes) -> bool:
        """Pass a result on, when the one before was taken; `False` when no more are wanted."""

    def fail(self, why: str) -> None:
        """Say why there are no more results."""

def tokens_given() -> int:
    """How many tokens the sessions of this process were given so far."""

@final
class Needles:
    """Texts that must not be shown.

    Args:
        texts: In UTF-8; those shorter than 6 bytes are left out.
    """

    def __new__(cls, texts: list[bytes]) -> Needles: ...
    def mask(self, text: bytes, mask: bytes) -> bytes:
        """`text` with `mask` where one of the texts was, in whatever case of ASCII.

        The same object if there is none. The time does not depend on the number of texts.
        """

@final
class PendingCall:
    """A call of an event loop, to be awaited once. Cancelled or closed, it ends its request."""

    def __await__(self) -> Generator[Any, None, Any]: ...
    def __iter__(self) -> Iterator[Any]: ...
    def __next__(self) -> Any: ...
    def throw(self, kind: Any, value: Any = None, _traceback: Any = None) -> Any: ...
    def close(self) -> None: ...

@final
class RawResponse:
    """A response as the core has it; `matterapi.Response` is made of it."""

    @property
    def status_code(self) -> int: ...
    @property
    def content(self) -> bytes:
        """The body, content coding undone; empty when it comes in pieces."""

    @property
    def headers(self) -> list[tuple[str, bytes]]:
        """In the server's order, names in lower case."""

    @property
    def request_headers(self) -> list[tuple[str, bytes]]:
        """The session's own headers; the Authorization header is not among them."""

    @property
    def url(self) -> str: ...
    @property
    def method(self) -> str: ...
    @property
    def http_version(self) -> str: ...
    @property
    def elapsed(self) -> float:
        """Seconds from the start of the request to the end of the body."""

    @property
    def received(self) -> int:
        """Bytes of the body so far."""

@final
class OwnOptions:
    """What sets some calls apart from the others of their session.

    Args:
        headers: Header fields; they win over the client's.
        anonymous: Whether they go out without the token and what else says who the user is.
        retry: How often a call is sent again, and the seconds for all attempts; by default as the client's.
        timeout: Seconds to connect, to read and to write; by default as the client's.
        idempotent: Whether sending it again does no harm, whatever its verb says.

    Raises:
        InvalidOptions: One of them cannot be used.
    """

    def __new__(
        cls,
        *,
        headers: list[tuple[str, str]] = ...,
        anonymous: bool = False,
        retry: tuple[int, float | None] | None = None,
        timeout: tuple[float | None, float | None, float | None] | None = None,
        idempotent: bool = False,
    ) -> OwnOptions: ...

@final
class Session:
    """One login and its connections. Usable from all threads, and after a fork on both sides.

    Args:
        options: Where it goes and how; an MFA callable of its login runs on a thread of its own.

    Raises:
        InvalidOptions: Something of this cannot be used.
    """

    def __new__(cls, options: CoreOptions) -> Session: ...
    @overload
    def send(
        self,
        route: Route,
        values: dict[str, Any],
        body: Body | None = None,
        own: OwnOptions | None = None,
    ) -> RawResponse: ...
    @overload
    def send(
        self,
        route: Route,
        values: dict[str, Any],
        body: Body | None,
        own: OwnOptions | None,
        decoder: Decoder | None,
        most: int | None,
    ) -> Any:
        """Send a request on the calling thread; other threads go on meanwhile.

        Args:
            route: The route.
            values: Path and query values by name; `None` is left out.
            body: The body.
            own: What sets this call apart.
            decoder: Makes the value of a 2xx answer.
            most: Bytes of memory that this may take, by estimate; `None` for any number.

        Returns:
            With a decoder the value; the answer itself without one, if it is not 2xx, if it has no body, and
            if the decoder would not make its value: it says so again, but does not try twice.
        """

    def submit(
        self,
        bridge: Bridge,
        future: asyncio.Future[Any],
        route: Route,
        values: dict[str, Any],
        body: Body | None = None,
        own: OwnOptions | None = None,
        decoder: Decoder | None = None,
        most: int | None = None,
        judge: Callable[[Any, RawResponse], Any] | None = None,
        operation: Any = None,
    ) -> PendingCall:
        """As `send`, without blocking: the call is on its way, and what is returned is to be awaited.

        Args:
            bridge: The bridge of the running loop.
            future: A future of that loop, which nobody else knows.
            route: The route.
            values: Path and query values by name; `None` is left out.
            body: The body.
            own: What sets this call apart.
            decoder: Makes the value of a 2xx answer.
            most: Bytes of memory that this may take, by estimate; `None` for any number.
            judge: Called with `operation` and an answer that the core did not decode; makes its value.
            operation: What `judge` is told.
        """

    def open(
        self,
        route: Route,
        values: dict[str, Any],
        body: Body | None = None,
        own: OwnOptions | None = None,
        *,
        in_pieces: bool = False,
        progress: bool = True,
        retries: bool = False,
    ) -> Transfer:
        """A call to be followed event by event; nothing is sent yet.

        Args:
            route: The route.
            values: As for `send`.
            body: The body.
            in_pieces: Do not collect the body of a 2xx answer: ask for it without content coding, hand it
                out piece by piece, and continue it by Range when the connection is cut.
            progress: Tell of the bytes of the body that have gone out; such a call has no deadline.
            retries: Tell of further attempts.
        """

    def login(self) -> None:
        """Log in on the calling thread, unless there is a token."""

    def submit_login(self, bridge: Bridge, future: asyncio.Future[Any]) -> int:
        """As `login`, on the I/O thread: resolves `future` with `None`."""

    @property
    def token(self) -> str | None:
        """The token in use; `None` before the first login."""

    @property
    def tokens(self) -> list[str]:
        """The token in use and the one before it; empty before the first login."""

    @property
    def rate_limit(self) -> tuple[int | None, int, float, float] | None:
        """What is known of the server's rate limit: see `matterapi.calls.rate_limit.RateLimit`."""

    def counters(self) -> dict[str, Any]:
        """What its calls have done so far: see `matterapi.calls.counters.CallCounters`. `failures` is a dict
        with keys for statuses (as numbers) and kinds of errors (as `core_error` gets them).
        """

    def close(self) -> None:
        """Close the connections that are not in use; the next call opens new ones."""

@final
class Transfer:
    """A call whose events are waited for one by one, either on threads or on event loops.

    An event is the number of bytes of the body that were handed to the connection (fewer than before when
    it is sent again), then the answer, then its pieces if it comes in pieces, and `None` at the end. Where
    further attempts are told of, one is a tuple: the number of the attempt that failed, from 1; the seconds
    before the next; and what came of it, an answer or an exception.
    Failures end it. Dropping it closes its connection.
    """

    @property
    def size(self) -> int | None:
        """Bytes of the request's body; `None` if that is not known."""

    def next(self) -> TransferStep:
        """Wait for the next event; other threads go on meanwhile."""

    def submit_next(self, bridge: Bridge, future: asyncio.Future[Any]) -> int:
        """As `next`, but resolves `future`."""

    def close(self) -> None:
        """Give up the call and close its connection, unless it has ended."""

@final
class UploadRetry:
    """Whether an upload session goes on after a failure, and when: the core's rules for all repeats.

    Every `jitter` is a random number below 1: its share of the longest pause is waited, so that clients that
    were cut together do not come back together.
    """

    def __new__(cls) -> UploadRetry: ...
    def after_failure(self, kind: str, jitter: float) -> float | None:
        """Seconds until the next try when there is no response; `None` for no more tries.

        Args:
            kind: What failed, as `matterapi.errors.from_core.kind_of` names it.
            jitter: See the class.
        """

    def after_error(
        self, status_code: int, error_id: str, retry_after: float | None, jitter: float
    ) -> float | None:
        """The same after an error of the server's, which may have said how many seconds to wait.

        It is not waited longer than a minute, whatever the server says.
        """

    def after_loss(self, jitter: float) -> float | None:
        """The same when the server took all of the content and does not have it."""

    def goes_on(self, offset: int) -> bool:
        """Whether it goes on from this byte, which the server asked for."""

def is_ambiguous(verb: str, status_code: int, error_id: str) -> bool:
    """Whether nobody can say if a call with this verb that got this error was done."""

def is_retryable(verb: str, status_code: int, error_id: str) -> bool:
    """Whether a call that got this error may succeed later without doing something twice."""

@final
class Feed:
    """Content that is given piece by piece while a request sends it."""

    def __new__(cls) -> Feed: ...
    def submit(self, bridge: Bridge, future: asyncio.Future[Any], piece: bytes) -> int:
        """Give a piece; resolves `future` with `None` when there is room for another.

        Raises:
            TypeError: It is not bytes.
        """

    def close(self, failure: str | None = None) -> None:
        """End the content; with a `failure`, the request fails for that reason."""

@final
class Bridge:
    """The jobs of one event loop: those that it drives itself, and completions from the I/O thread.

    Args:
        pollable: The loop can watch `fileno()`; otherwise a thread has to call `wait()`.
    """

    def __new__(cls, pollable: bool) -> Bridge: ...
    def fileno(self) -> int:
        """Readable when there is something to drain."""

    def wait(self) -> bool:
        """Block until there is something to drain; `False` when the bridge is closed."""

    def drain(self) -> float | None:
        """Go on with the loop's jobs and resolve the futures of those that are done. On the loop's thread.

        Returns:
            Seconds after which it has to be called again, unless there is a reason to before; `None` where
            an earlier call has asked for that.
        """

    def cancel(self, token: int) -> None:
        """Give up a job: its request ends and its connection is closed."""

    def close(self) -> None:
        """Give up all jobs and end `wait`."""

@final
class EventDecoder:
    """Makes events of frames, as far as they are what their classes say.

    Args:
        describe: Gives the schema of an event's data by its name; `None` leaves the event to Python.
        arrive: Called with an event and (seconds since 1970 when it came, its number in the stream or `None`,
            whether it came by REST, its frame).
        most: Bytes of memory that the values of a frame may take.
    """

    def __new__(
        cls,
        describe: Callable[[str], ModelSchema | None],
        arrive: Callable[[Any, tuple[float, int | None, bool, bytes]], object],
        most: int,
    ) -> EventDecoder: ...
    def decode(self, frame: bytes, received_at: float) -> Any:
        """The event of a frame, or `NotImplemented` when Python has to judge."""

    def prepare(self, name: str) -> None:
        """Ask now, not with its first frame, for the schema of an event of this name."""

@final
class Frames:
    """Frames that came one after the other.

    Args:
        frames: Each with when it came, in seconds since 1970.
    """

    def __new__(cls, frames: list[tuple[bytes, float]]) -> Frames: ...
    def __len__(self) -> int: ...

@final
class EventQueue:
    """What a typed stream has received and not yet handed out: frames become events when they are taken.

    From any thread.

    Args:
        decoder: Makes events of frames.
        judge: Gives the event of a frame that came at a time, or `None`, where the decoder leaves it to
            Python.
        wanted: Classes of the events that are handed out; empty for all.
    """

    def __new__(
        cls, decoder: EventDecoder, judge: Callable[[bytes, float], object], wanted: tuple[type[Any], ...]
    ) -> EventQueue: ...
    def add_frames(self, frames: Frames) -> None:
        """Take frames over; `frames` is empty afterwards."""

    def add_event(self, event: object, made_at: float) -> None:
        """Add an event that is not the server's, made at a time in seconds since 1970."""

    def add_position(self, position: int) -> bool:
        """Add a position; false if there is nothing before it: it is reached, and not added."""

    def take(self, progress: Any) -> Any:
        """The next event, or `None` when there is none now.

        Args:
            progress: Its `handed_out` is called with the event, and its `position` with the positions before;
                or `None`.

        Raises:
            BaseException: What `progress`, `judge` and signal handlers raise. A frame of which no event was
                made is still to be read.
        """

    def hold(self) -> None:
        """From now on iterators ask Python before each event."""

    def clear(self) -> None:
        """Drop what was not taken."""

    @property
    def delivered(self) -> int:
        """Events that were taken."""

    @property
    def waiting(self) -> int:
        """Events and frames that were not taken yet."""

    @property
    def next_received_at(self) -> float | None:
        """When the event came that is taken next, in seconds since 1970; `None` if there is none."""

@final
class EventIterator:
    """The events of a queue, for a `for` loop.

    Args:
        queue: What waits.
        progress: As for `EventQueue.take`.
        begin: Called before each event; or `None`.
        rest: Gives the next event, or raises `StopIteration`, where none waits.
    """

    def __new__(
        cls, queue: EventQueue, progress: Any, begin: Callable[[], None] | None, rest: Callable[[], Any]
    ) -> EventIterator: ...
    def __iter__(self) -> EventIterator: ...
    def __next__(self) -> Any: ...

@final
class AsyncEventIterator:
    """The same for an `async for` loop. It is what its `__anext__` gives, too, to be awaited at once.

    Args:
        queue: What waits.
        progress: As for `EventQueue.take`.
        begin: Called before each event; or `None`.
        rest: Gives a coroutine for the next event, which may raise `StopAsyncIteration`.
    """

    def __new__(
        cls,
        queue: EventQueue,
        progress: Any,
        begin: Callable[[], None] | None,
        rest: Callable[[], Awaitable[Any]],
    ) -> AsyncEventIterator: ...
    def __aiter__(self) -> AsyncEventIterator: ...
    def __anext__(self) -> AsyncEventIterator: ...
    def __await__(self) -> Generator[Any, None, Any]: ...

@final
class EventStream:
    """A websocket that reconnects by itself, and the queue of what came from it.

    Args:
        session: Who listens.
        longest_wait: Ceiling in seconds of every wait before a reconnect.
        wait_for_server: Seconds in which the server may be starting, and a proxy answers in its place.
        overflow: `"pause"`, `"shed"` or `"raise"`: what happens when the queue is full.
        relogin: Log in again before every reconnect.
        catch_up: After every cut, fetch over REST what was missed.
        position: Where a stream of before ended, in ms by the server's clock; `None` for one that begins
            with its first connection.
        wanted: Which events are handed out, as `matterapi.events.filters.EventFilter`; `None` for all.
        stamped: Frames come with their time, as `Frames`.
    """

    def __new__(
        cls,
        session: Session,
        *,
        longest_wait: float | None,
        relogin: bool,
        catch_up: bool,
        wait_for_server: float = 0.0,
        overflow: str = "pause",
        position: int | None = None,
        wanted: tuple[Any, ...] | None = None,
        stamped: bool = False,
    ) -> EventStream: ...
    def next_batch(self, timeout: float | None = None) -> list[Any] | None:
        """Block until something came, or `timeout` seconds are over.

        Frames come as bytes, or, stamped, many as `Frames`, and notices as tuples:

        * `("connected", server version, whether the server's old stream goes on)`,
        * `("reconnecting", reason, seconds until the next try)`,
        * `("full", events that wait, their bytes)`: the socket is not read for a while, once a connection,
        * `("gap", channel id or "", since, until, kind)`: times in ms; kind is `changes`, `posts`, `left`
          or `unreadable`,
        * `("caught_up", posted, edited, deleted, gaps, channels, calls)`: counts,
        * `("position", ms)`: where to go on for whoever is done with all that came before.

        Returns:
            `None` after `close`.
        """

    def submit_wait(self, bridge: Bridge, future: asyncio.Future[Any]) -> int:
        """Resolve `future` when `next_batch` has something to return, or to raise, at once."""

    def submit_next_batch(self, bridge: Bridge, future: asyncio.Future[Any]) -> int:
        """As `next_batch`, but resolves `future`."""

    def ask(self, action: str, data: str, timeout: float) -> bytes | None:
        """Ask the server for an action over the socket, and block until its reply is there.

        Args:
            action: Its name.
            data: JSON.
            timeout: Seconds, those without a connection included.

        Returns:
            The frame of the reply, whatever it says; `None` for an action that is never answered, when it has
            gone out.

        Raises:
            InvalidRequest: Nothing was sent: it is too large, too many wait, or the stream has ended.
            TransportError: There is no reply.
        """

    def submit_ask(
        self, bridge: Bridge, future: asyncio.Future[Any], action: str, data: str, timeout: float
    ) -> int:
        """As `ask`, but resolves `future`."""

    def counters(self) -> dict[str, int]:
        """By name: events `received` over the socket, `recovered` over REST, `duplicates` and `filtered` of
        them, events of low value that were `shed`, `gaps`, `connections`, `resumed` ones among them, items
        `waiting` and their `waiting_bytes`.
        """

    def close(self) -> None:
        """Close the socket."""
