"""What can happen to a stream, for hypothesis to think up histories of it."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from tests.histories.driver import Driver, Step

LUCK = st.integers(0, 2**32 - 1)
CHANNEL = st.integers(0, 2)
LAG = st.integers(0, 4_499)
BUSY = st.integers(0, 9_499)
AWAY = st.integers(0, 200_000)
COMMIT = st.integers(1, 100)
WHILE = COMMIT | st.integers(1, 2_999)


class History(RuleBasedStateMachine):
    """A history: its steps are carried out at its end, all at once.

    The names are those of the steps in `history.rs`, which says what they do.
    """

    def __init__(self, driver: Driver, without: str | None = None) -> None:
        super().__init__()
        self.driver = driver
        self.without = without
        self.steps: list[Step] = []

    def teardown(self) -> None:
        wrong = self.driver.run(self.steps, self.without)
        assert wrong == "ok", wrong

    def take(self, step: str, luck: int, **details: Any) -> None:
        self.steps.append((luck, {step: details} if details else step))

    @initialize(
        lag=st.just(0) | LAG,
        busy=st.integers(0, 59) | BUSY,
        posts=st.integers(0, 3),
        ms=st.just(10_000) | AWAY,
    )
    def begin(self, lag: int, busy: int, posts: int, ms: int) -> None:
        self.take("lag", 0, ms=lag)
        self.take("busy", 0, ms=busy)
        for channel in range(posts):
            self.take("post", 0, channel=channel, thread=False)
        self.take("pass", 0, ms=ms)

    @rule(channel=CHANNEL, thread=st.booleans(), luck=LUCK)
    def post(self, channel: int, thread: bool, luck: int) -> None:
        self.take("post", luck, channel=channel, thread=thread)

    @rule(luck=LUCK)
    def edit(self, luck: int) -> None:
        self.take("edit", luck)

    @rule(luck=LUCK)
    def delete(self, luck: int) -> None:
        self.take("delete", luck)

    @rule(luck=LUCK)
    def react(self, luck: int) -> None:
        self.take("react", luck)

    @rule(luck=LUCK)
    def typing(self, luck: int) -> None:
        self.take("typing", luck)

    @rule(channel=CHANNEL, posts=st.integers(2, 59), luck=LUCK)
    def burst(self, channel: int, posts: int, luck: int) -> None:
        self.take("burst", luck, channel=channel, posts=posts)

    @rule(server=st.booleans(), client=st.booleans(), luck=LUCK)
    def cut(self, server: bool, client: bool, luck: int) -> None:
        self.take("cut", luck, server=server, client=client)

    @rule(away=st.integers(0, 19_999), luck=LUCK)
    def restart(self, away: int, luck: int) -> None:
        self.take("restart", luck, away=away)

    @rule(channel=CHANNEL, posts=st.integers(1, 20), ms=COMMIT, luck=LUCK)
    def posts_amid_reconnect(self, channel: int, posts: int, ms: int, luck: int) -> None:
        self.cut(True, True, luck)
        for number in range(posts):
            self.post(channel, False, luck + number)
            self.let_pass(ms, luck + number)

    @rule(channel=CHANNEL, posts=st.integers(2, 59), ms=COMMIT, away=st.integers(0, 19_999), luck=LUCK)
    def restart_amid_posts(self, channel: int, posts: int, ms: int, away: int, luck: int) -> None:
        self.burst(channel, posts, luck)
        self.let_pass(ms, luck)
        self.restart(away, luck)

    @rule(away=AWAY, luck=LUCK)
    def crash(self, away: int, luck: int) -> None:
        self.take("crash", luck, away=away)

    @rule(ms=AWAY, changes=st.integers(0, 59), luck=LUCK)
    def away(self, ms: int, changes: int, luck: int) -> None:
        self.take("away", luck, ms=ms, changes=changes)

    @rule(luck=LUCK)
    def encode_failure(self, luck: int) -> None:
        self.take("encode_failure", luck)

    @rule(channel=CHANNEL, ms=WHILE | st.just(31_000), luck=LUCK)
    def unwritten_post(self, channel: int, ms: int, luck: int) -> None:
        self.encode_failure(luck)
        self.post(channel, False, luck)
        self.let_pass(ms, luck)
        self.post(channel, False, luck)
        self.let_pass(100, luck)

    @rule(channel=CHANNEL, luck=LUCK)
    def join(self, channel: int, luck: int) -> None:
        self.take("join", luck, channel=channel)

    @rule(channel=CHANNEL, luck=LUCK)
    def leave(self, channel: int, luck: int) -> None:
        self.take("leave", luck, channel=channel)

    @rule(ms=LAG, luck=LUCK)
    def lag(self, ms: int, luck: int) -> None:
        self.take("lag", luck, ms=ms)

    @rule(ms=BUSY, luck=LUCK)
    def busy(self, ms: int, luck: int) -> None:
        self.take("busy", luck, ms=ms)

    @rule(ms=WHILE | st.just(31_000), luck=LUCK)
    def let_pass(self, ms: int, luck: int) -> None:
        self.take("pass", luck, ms=ms)

    @rule(ms=WHILE, luck=LUCK)
    def slow(self, ms: int, luck: int) -> None:
        self.take("slow", luck, ms=ms)
