"""Typed calls of a sync session: `python -m benches.cases.sync_call URL WORK AMOUNT`.

WORK is `user`, `threads4` (the same by four threads with one client), `model` (a post is made as a model and
sent) or `keywords` (its fields are given to the call).
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from benches.cases.measure import (
    Amount,
    Sample,
    measure_calls,
    measure_threads,
    model_fingerprint,
    print_sample,
)
from benches.cases.options import options
from benches.cases.pages import CHANNEL, CREATED, created_fingerprint
from matterapi import SyncClient


def measure(url: str, work: str, amount: Amount) -> Sample:
    with SyncClient(options=options(url)).session() as session:
        creates = work in ("model", "keywords")
        call = _creating(session, work) if creates else _reading(session)
        first = call()
        outcome = created_fingerprint(first.model_dump()) if creates else model_fingerprint(first)
        if work.startswith("threads"):
            return measure_threads([call] * int(work.removeprefix("threads")), amount, outcome)
        return measure_calls(call, amount, outcome)


def _reading(session: SyncClient) -> Callable[[], Any]:
    from matterapi.models import User

    known = session.users.get_user("me")

    def read() -> User:
        user = session.users.get_user("me")
        if type(user) is not User or user.id != known.id:
            raise RuntimeError(f"not the user: {user!r}")
        return user

    return read


def _creating(session: SyncClient, work: str) -> Callable[[], Any]:
    from matterapi.models import CreatePostJsonBody

    def from_model() -> Any:
        body = CreatePostJsonBody(channel_id=CHANNEL, message=CREATED)
        return _created(session.posts.create_post(json_body=body))

    def from_keywords() -> Any:
        return _created(session.posts.create_post(channel_id=CHANNEL, message=CREATED))

    return from_model if work == "model" else from_keywords


def _created(post: Any) -> Any:
    if post.message != CREATED:
        raise RuntimeError(f"not the post: {post!r}")
    return post


if __name__ == "__main__":
    print_sample(measure(sys.argv[1], sys.argv[2], Amount.read(sys.argv[3])))
