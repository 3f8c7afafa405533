"""Calls of a sync session, one after the other: `python -m benches.cases.sync_call URL SECONDS`."""

from __future__ import annotations

import sys
import time

from benches.cases.measure import WARM_UP, Clock, Sample, model_fingerprint, print_sample
from matterapi import ApiClientOptions, SyncClient
from matterapi.models import User


def measure(url: str, seconds: float) -> Sample:
    options = ApiClientOptions(url=url, auth={"token": "bench"})
    with SyncClient(options=options).session() as session:
        _call_for(session, WARM_UP)
        clock = Clock()
        calls = _call_for(session, seconds)
        sample = clock.sample(calls, "")
        user = session.users.get_user("me")
    assert isinstance(user, User)
    return Sample(sample.calls, sample.seconds, sample.cpu_seconds, model_fingerprint(user))


def _call_for(session: SyncClient, seconds: float) -> int:
    calls = 0
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        session.users.get_user("me")
        calls += 1
    return calls


if __name__ == "__main__":
    print_sample(measure(sys.argv[1], float(sys.argv[2])))
