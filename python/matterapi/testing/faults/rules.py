"""Where and how often faults happen: rules, and the list of what happened."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches
from types import TracebackType
from typing import Any, TypeAlias

from typing_extensions import Self

from matterapi.testing.http.request_log import RecordedRequest

from .fault import Fault

_MOST_FIRED = 10_000


@dataclass(frozen=True, slots=True)
class Fired:
    """One time that a fault happened.

    Attributes:
        fault: What happened.
        connection: Number of the TCP connection, or of the websocket for a fault of websockets.
        request: The request it happened to; None for faults of connections and websockets.
    """

    fault: Fault
    connection: int
    request: RecordedRequest | None = None


@dataclass(frozen=True, slots=True)
class Scope:
    """What a rule applies to.

    Attributes:
        route: Verb and path template of an operation; None for every request.
        connection: Number of a TCP connection or websocket, or the id of a websocket; None for all.
    """

    route: str | None = None
    connection: int | str | None = None


@dataclass(slots=True, eq=False)
class Rule:
    """Faults that were added together: a handle to watch and remove them, also at the end of a with block.

    Attributes:
        faults: What happens.
        scope: What it happens to.
        times: How often at most; None for no end.
        skip: How many occasions pass by first.
        probability: How likely it is on each further occasion.
        fired: What happened so far; the last 10,000 times are kept.
    """

    faults: tuple[Fault, ...]
    scope: Scope
    times: int | None
    skip: int
    probability: float
    _random: random.Random
    _owner: Faults
    fired: list[Fired] = field(default_factory=list)
    _occasions: int = 0
    _drawn: int = 0
    _happened: int = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.remove()

    @property
    def is_active(self) -> bool:
        """Whether it is still to happen: not removed, and not used up."""
        return self._owner.holds(self) and not self._is_used_up

    @property
    def _is_used_up(self) -> bool:
        return self.times is not None and self._drawn >= self.times

    def remove(self) -> None:
        """Let it happen no more, and let go of what it holds up; does nothing the second time."""
        self._owner.remove(self)

    def wait_fired(self, count: int = 1, *, timeout: float = 10.0) -> None:
        """Wait until it has happened `count` times.

        Args:
            count: How often.
            timeout: Seconds to wait at most.

        Raises:
            TimeoutError: It has not happened so often in time.
        """
        self._owner.wait(lambda: self._happened >= count, timeout, lambda: f"{self} of {count}")

    def note(self, happened: Fired) -> None:
        """Remember that it happened."""
        self._happened += 1
        self.fired.append(happened)
        del self.fired[:-_MOST_FIRED]

    def draw(self) -> bool:
        """Whether it happens on this occasion; the answers repeat with the seed."""
        self._occasions += 1
        if self._occasions <= self.skip or self._is_used_up:
            return False
        drawn = self.probability >= 1 or self._random.random() < self.probability
        self._drawn += drawn
        return drawn

    def __str__(self) -> str:
        names = ", ".join(map(repr, self.faults))
        where = self.scope.route or "everything"
        if self.scope.connection is not None:
            where += f" on connection {self.scope.connection}"
        return f"{names} on {where}: happened {self._happened} times"


# Waits until all of some rules are removed.
Released: TypeAlias = Callable[[list[Rule]], Coroutine[Any, Any, None]]


class Faults:
    """The faults of one server; they stay until removed, also when it is stopped and started again.

    The server reads the rules on its own thread; `add` and `remove` replace the tuple of rules as a whole.
    """

    def __init__(self, routes: Callable[[], Iterator[str]]) -> None:
        self._routes = routes
        self._changed = threading.Condition()
        self._rules: tuple[Rule, ...] = ()
        self._fired: list[Fired] = []
        self._on_add: Callable[[], None] = _nothing
        self._on_remove: Callable[[], None] = _nothing

    def add(
        self,
        *faults: Fault,
        route: str | None = None,
        connection: int | str | None = None,
        times: int | None = None,
        skip: int = 0,
        probability: float = 1.0,
        seed: int = 0,
    ) -> Rule:
        """Make faults happen from now on.

        Faults given together happen together, and must happen to the same thing: requests, connections,
        websockets or resumes. Of two rules that would both replace a response the older one does, and the
        newer one waits for its turn. A request that is being answered is left alone; a websocket that is
        open is an occasion at once.

        May be called from any thread but the server's own, which it waits for; before the server is
        started the rule is kept for then.

        Args:
            *faults: What happens, at least one, e.g. `Status(503)`.
            route: Verb and path template, e.g. `GET /api/v4/users/{user_id}`; None for every request.
                Faults of connections and websockets know no routes.
            connection: Number of the TCP connection (`RecordedRequest.connection`), from 1; for faults of
                websockets the number of the websocket, from 1, or its connection id. None for all.
            times: How often at most, from 1; None for no end.
            skip: How many occasions pass by first, from 0.
            probability: How likely it is on each further occasion, above 0 up to 1, which is always.
            seed: Makes the drawing with a probability repeatable: the same seed, the same occasions.

        Returns:
            The handle: it tells what has happened, waits for it, and ends it, also as a with block.

        Raises:
            ValueError: The route is unknown or the fault knows none, a number is impossible, or the faults
                happen to different things.
            TypeError: There is no fault, or something given is none.
        """
        _check_faults(faults)
        if route is not None:
            self._check_route(route, faults)
        _check_numbers(connection, times, skip, probability)
        rule = Rule(
            faults,
            Scope(route, connection),
            times,
            skip,
            probability,
            random.Random(seed),  # noqa: S311
            self,
        )
        with self._changed:
            self._rules = (*self._rules, rule)
        self._on_add()
        return rule

    def remove(self, rule: Rule) -> None:
        """Let the faults of a rule happen no more."""
        with self._changed:
            self._rules = tuple(wanted_rule for wanted_rule in self._rules if wanted_rule is not rule)
            self._changed.notify_all()
        self._on_remove()

    def clear(self) -> None:
        """Remove all rules."""
        for rule in self._rules:
            self.remove(rule)

    def __iter__(self) -> Iterator[Rule]:
        return iter(self._rules)

    def __len__(self) -> int:
        return len(self._rules)

    @property
    def fired(self) -> list[Fired]:
        """What has happened so far, oldest first, of removed rules too; the last 10,000 times are kept."""
        return list(self._fired)

    def holds(self, rule: Rule) -> bool:
        """Whether a rule has not been removed."""
        return rule in self._rules

    def wait(self, condition: Callable[[], bool], timeout: float, what: Callable[[], str]) -> None:
        """Wait until `condition` holds; it is looked at whenever a fault happens.

        Raises:
            TimeoutError: It does not within `timeout` seconds; the message has `what`.
        """
        with self._changed:
            if not self._changed.wait_for(condition, timeout):
                raise TimeoutError(f"waited {timeout} s: {what()}")

    # What follows is for the server.

    def attach(self, on_add: Callable[[], None], on_remove: Callable[[], None]) -> None:
        """Have a running server told of changes, on the thread that makes them."""
        self._on_add, self._on_remove = on_add, on_remove

    def detach(self) -> None:
        """Tell nobody of changes any more."""
        self._on_add = self._on_remove = _nothing

    def applying(self, kind: type[Fault], route: str | None, *connections: int | str) -> Iterator[Rule]:
        """Yield the rules of faults of a kind that cover an occasion, oldest first; they are yet to be drawn.

        Args:
            kind: Class of the faults.
            route: Route of the request, None for no known one.
            *connections: What the connection can be called.
        """
        for rule in self._rules:
            scope = rule.scope
            if (
                isinstance(rule.faults[0], kind)
                and scope.route in (None, route)
                and (scope.connection is None or scope.connection in connections)
            ):
                yield rule

    def note(self, rule: Rule, fault: Fault, connection: int, request: RecordedRequest | None = None) -> None:
        """Remember that a fault happened."""
        happened = Fired(fault, connection, request)
        with self._changed:
            rule.note(happened)
            self._fired.append(happened)
            del self._fired[:-_MOST_FIRED]
            self._changed.notify_all()

    def _check_route(self, route: str, faults: tuple[Fault, ...]) -> None:
        first = faults[0]
        if first.happens_to != "requests":
            raise ValueError(
                f"{type(first).__name__} happens to {first.happens_to}, not to routes: leave route= out"
            )
        known = list(self._routes())
        if route in known:
            return
        near = get_close_matches(route, known, n=3, cutoff=0.5)
        hint = f"; did you mean {' or '.join(map(repr, near))}?" if near else ""
        raise ValueError(
            f"no operation has the route {route!r}{hint} A route is a verb and a path template,"
            " like 'GET /api/v4/users/{user_id}'"
        )


def _nothing() -> None:
    """Stand for a server that does not run."""


def _check_faults(faults: tuple[object, ...]) -> None:
    if not faults:
        raise TypeError("add() needs a fault, for example Status(503)")
    for fault in faults:
        if not isinstance(fault, Fault):
            hint = f"; write {fault.__name__}(...)" if isinstance(fault, type) else ""
            raise TypeError(f"{fault!r} is not a fault{hint}")
    kinds = {fault.happens_to: type(fault).__name__ for fault in faults if isinstance(fault, Fault)}
    if len(kinds) > 1:
        conflict = " and ".join(f"{name} happens to {what}" for what, name in kinds.items())
        raise ValueError(f"{conflict}: add them one by one")


def _check_numbers(connection: object, times: object, skip: object, probability: object) -> None:
    if not (connection is None or isinstance(connection, str) or _is_count(connection, least=1)):
        raise ValueError(f"connection cannot be {connection!r}: it is a number from 1 or a connection id")
    if times is not None and not _is_count(times, least=1):
        raise ValueError(f"times cannot be {times!r}: it is a whole number from 1, or None for no end")
    if not _is_count(skip, least=0):
        raise ValueError(f"skip cannot be {skip!r}: it is a whole number from 0")
    if not isinstance(probability, (int, float)) or not 0 < probability <= 1:
        raise ValueError(f"probability cannot be {probability!r}: it is above 0 and at most 1")


def _is_count(value: object, *, least: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= least
